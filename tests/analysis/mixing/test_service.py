"""What goes with a track of the library, and sets made of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from segue.analysis.mixing.errors import EmptyPool, NoKeyNoTempo, PlaceTaken, SameTrackTwice
from segue.analysis.mixing.records import Manner
from segue.analysis.mixing.service import MixingService, Pool, SetWish
from segue.analysis.saying import Words
from segue.core.access import Actor
from segue.core.db import Database
from segue.library.service import NotInLibrary
from tests.analysis.store.ground import Studio, studio

pytestmark = pytest.mark.anyio
ANN = Actor(7, "ann", frozenset({"editor"}), libraries=None)
NOBODY = Actor(8, "bob", frozenset(), libraries=frozenset())
WIDE = Manner("standard", 0.5)


@pytest.fixture
async def here(db: Database, tmp_path: Path) -> AsyncIterator[Studio]:
    async with studio(db, tmp_path) as made:
        for number in range(6):
            made.home.song(
                f"{number}.flac", title=f"Song {number}", artist=f"Band {number % 4}", album="First", seed=number
            )
        await made.scan()
        await made.listen()
        yield made


async def numbers(here: Studio) -> list[int]:
    return [await here.track(f"Song {number}") for number in range(6)]


async def test_tracks_are_mixed_as_they_are_shown(here: Studio):
    mixing = MixingService(here.analysis)
    one, two, *_ = await numbers(here)
    way = await mixing.transition(ANN, one, two, WIDE)
    assert (way.from_id, way.to_id, way.kind, way.key_relation) == (one, two, "beats", "same")
    assert way.out_ms in (await here.analysis.of_track(ANN, one)).tempo.beats_ms
    heard = await here.analysis.of_track(ANN, two)
    assert way.in_ms in heard.tempo.beats_ms
    await here.analysis.say(ANN, two, Words(key="F#", given=frozenset({"key"})))
    again = await mixing.transition(ANN, one, two, WIDE)
    assert again.key_relation == "apart" and again.score < way.score
    points = await mixing.cues(ANN, two)
    assert points[0].name == "mix_in" and points[-1].name == "mix_out"


async def test_what_goes_with_a_track_comes_in_order(here: Studio):
    mixing = MixingService(here.analysis)
    first, *others = await numbers(here)
    found = await mixing.mixes_with(ANN, first, WIDE, 3)
    assert len(found) == 3 and {track.id for track, _ in found} <= set(others)
    assert [way.score for _, way in found] == sorted((way.score for _, way in found), reverse=True)
    assert all(way.from_id == first and way.to_id == track.id for track, way in found)
    only = await mixing.mixes_with(ANN, first, WIDE, 10, where='title:"Song 3"')
    assert [track.title for track, _ in only] == ["Song 3"]


async def test_a_set_is_made_of_what_is_named_found_or_listed(here: Studio):
    mixing = MixingService(here.analysis)
    ids = await numbers(here)

    async def listed(_actor: Actor, playlist: int) -> list[int]:
        return ids[:3] if playlist == 5 else []

    mixing.tracks_of_playlist = listed
    wish = SetWish(Pool(tracks=tuple(ids)), tracks=4, start=ids[5], locked={2: ids[1]}, manner=WIDE, apart=1)
    made = await mixing.make(ANN, wish)
    order = [one.track.id for one in made.items]
    assert len(order) == 4 and order[0] == ids[5] and order[2] == ids[1] and made.pool == 6
    assert [one.transition is None for one in made.items] == [False, False, False, True]
    assert all(one.transition.to_id == after for one, after in zip(made.items, order[1:], strict=False))
    assert 0 < made.score <= 1 and 0 < made.duration_ms <= 40_000
    assert await mixing.make(ANN, wish) == made
    by_query = await mixing.make(ANN, SetWish(Pool(query="title:song"), tracks=9, manner=WIDE))
    assert sorted(one.track.id for one in by_query.items) == sorted(ids)
    by_list = await mixing.make(ANN, SetWish(Pool(playlist=5), tracks=9, exclude=frozenset({ids[0]})))
    assert {one.track.id for one in by_list.items} == set(ids[1:3])


async def test_what_cannot_be_is_refused(here: Studio):
    mixing = MixingService(here.analysis)
    ids = await numbers(here)
    with pytest.raises(SameTrackTwice):
        await mixing.transition(ANN, ids[0], ids[0], WIDE)
    with pytest.raises(NotInLibrary):
        await mixing.transition(NOBODY, ids[0], ids[1], WIDE)
    with pytest.raises(NotInLibrary):
        await mixing.mixes_with(NOBODY, ids[0], WIDE, 3)
    with pytest.raises(EmptyPool):
        await mixing.make(ANN, SetWish(Pool(), tracks=3))
    with pytest.raises(EmptyPool):
        await mixing.make(NOBODY, SetWish(Pool(tracks=tuple(ids)), tracks=3))
    pool = Pool(tracks=tuple(ids))
    for wish in (
        SetWish(pool, tracks=3, start=ids[0], locked={0: ids[1]}),
        SetWish(pool, tracks=3, locked={0: ids[1], 1: ids[1]}),
        SetWish(pool, tracks=3, start=ids[0], end=ids[0]),
        SetWish(pool, tracks=3, start=ids[0], exclude=frozenset({ids[0]})),
    ):
        with pytest.raises(PlaceTaken):
            await mixing.make(ANN, wish)


async def test_a_track_nobody_listened_to_is_mixed_by_its_tags(db: Database, tmp_path: Path):
    async with studio(db, tmp_path) as here:
        here.home.song("a.flac", title="One", album="A", seed=1, bpm="120", initialkey="Am")
        here.home.song("b.flac", title="Two", album="A", seed=2, bpm="122", initialkey="Em")
        here.home.song("c.flac", title="Three", album="A", seed=3)
        await here.scan()
        mixing = MixingService(here.analysis)
        one, two, three = [await here.track(title) for title in ("One", "Two", "Three")]
        way = await mixing.transition(ANN, one, two, Manner())
        assert (way.beats, way.key_relation) == (0, "fifth_up")
        assert [track.id for track, _ in await mixing.mixes_with(ANN, one, Manner(), 5)] == [two]
        with pytest.raises(NoKeyNoTempo):
            await mixing.mixes_with(ANN, three, Manner(), 5)
