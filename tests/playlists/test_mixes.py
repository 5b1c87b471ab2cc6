"""Mixes: made from what one plays, the same all day, each track with the reason why it is in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import insert, update

from segue.core.access import Actor
from segue.core.changes import ChangeFeed
from segue.core.db import Database
from segue.core.ids import TypedId
from segue.core.text import sort_key
from segue.library.fields import ENTITIES
from segue.library.models import Album, Genre, Track, TrackGenre
from segue.library.service import LibraryService
from segue.listening.fields import FIELDS as LISTENING_FIELDS
from segue.listening.service import ListeningService
from segue.listening.statistics.service import StatisticsService
from segue.playlists.generators.kinds import KINDS, SENTENCES, TITLES, sentence
from segue.playlists.generators.service import MixEmpty, MixNotFound, MixService
from segue.query import Entities
from tests.playlists.ground import playlists_of
from tests.rows import Rows, some_music

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 5, 8, 20, 0, tzinfo=UTC)
TOMORROW = NOW + timedelta(hours=12)


@pytest.fixture(autouse=True)
def _at_eight_in_the_evening() -> Any:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
async def music(db: Database) -> Rows:
    rows = await some_music(db)
    long_ago = NOW - timedelta(days=400)
    async with db.write() as tx:
        for number, name in enumerate(("Folk", "Polka"), 1):
            await tx.execute(insert(Genre).values(id=number, name=name, name_key=name.lower(), sort_key=sort_key(name)))
        genres = [(rows.tracks[0][0], 1), *((track, 1) for track in rows.tracks[0]), *((t, 2) for t in rows.tracks[1])]
        await tx.execute(insert(TrackGenre), [{"track_id": t, "genre_id": g} for t, g in dict.fromkeys(genres)])
        await tx.execute(update(Track).values(added_at=long_ago))
        await tx.execute(update(Album).values(added_at=long_ago))
    return rows


@pytest.fixture
def anna(music: Rows) -> Actor:
    return Actor(1, "anna", libraries=frozenset(music.libraries), time_zone="Europe/Berlin")


@pytest.fixture
def library(db: Database) -> LibraryService:
    return LibraryService(db, Entities(ENTITIES).extended(LISTENING_FIELDS))


@pytest.fixture
def listening(db: Database, library: LibraryService) -> ListeningService:
    return ListeningService(db, library)


@pytest.fixture
def mixes(db: Database, library: LibraryService, anna: Actor) -> MixService:
    return MixService(db, library, StatisticsService(db, library), playlists_of(db, anna))


async def play(listening: ListeningService, actor: Actor, track: int, *days_ago: float) -> None:
    for days in days_ago:
        await listening.play(actor, track, played_at=NOW - timedelta(days=days), client="test")


async def reasons(mixes: MixService, actor: Actor, kind: str) -> dict[int, tuple[str, dict[str, Any]]]:
    return {row.track.id: row.reason for row in (await mixes.mix(actor, kind))[1]}


async def test_there_are_no_mixes_of_a_person_who_played_nothing_and_they_say_so(
    mixes: MixService, anna: Actor
) -> None:
    found = await mixes.mixes(anna)
    assert {view.kind: view.reason[0] for view in found} == {
        "daily-1": "nothing_played_yet",
        "on-this-day": "nothing_found",
        "forgotten-favourites": "nothing_found",
        "most-played-lately": "nothing_found",
        "new-unheard": "nothing_found",
        "rediscover-album": "nothing_found",
        "similar": "analysis_missing",
        "sonic-path": "analysis_missing",
    }
    with pytest.raises(MixNotFound):
        await mixes.mix(anna, "daily-7")
    with pytest.raises(MixEmpty):
        await mixes.save(anna, "similar")


async def test_a_daily_mix_is_of_artists_one_plays_and_of_their_genre(
    db: Database, mixes: MixService, listening: ListeningService, music: Rows, anna: Actor
) -> None:
    async with db.write() as tx:  # a track of the other artist is folk as well
        await tx.execute(insert(TrackGenre).values(track_id=music.tracks[1][3], genre_id=1))
    for track in music.tracks[0][:2]:
        await play(listening, anna, track, 3, 4, 5)
    found = await reasons(mixes, anna, "daily-1")
    assert set(found) == {*music.tracks[0], music.tracks[1][3]}
    assert found[music.tracks[0][3]] == ("often_played_artist", {"artist": "Harbour Band", "count": 6})
    assert found[music.tracks[1][3]] == ("same_genre", {"genre": "Folk", "artist": "Harbour Band"})
    view, _ = await mixes.mix(anna, "daily-1")
    assert (view.title, sentence(*view.reason)) == ("Harbour Band", "Artists you play and others of Folk.")


async def test_a_mix_stays_the_same_all_day_and_is_another_tomorrow(
    db: Database, mixes: MixService, listening: ListeningService, music: Rows, anna: Actor
) -> None:
    for track in (*music.tracks[0][:2], music.tracks[1][0]):
        await play(listening, anna, track, 3, 4)
    first = [row.track.id for row in (await mixes.mix(anna, "daily-1"))[1]]
    await play(listening, anna, music.tracks[0][2], 0.01)
    again = MixService(db, mixes._library, mixes._statistics, mixes._playlists)
    assert [row.track.id for row in (await again.mix(anna, "daily-1"))[1]] == first
    with time_machine.travel(TOMORROW, tick=False):
        view, rows = await mixes.mix(anna, "daily-1")
        assert view.day.isoformat() == "2026-05-09"
        assert music.tracks[0][2] not in [row.track.id for row in rows], "it was played yesterday"


async def test_a_mix_without_tracks_is_made_again_a_little_later_and_the_others_stay(
    mixes: MixService, listening: ListeningService, music: Rows, anna: Actor
) -> None:
    await play(listening, anna, music.tracks[0][0], 9)
    lately = await reasons(mixes, anna, "most-played-lately")
    assert (await mixes.mix(anna, "forgotten-favourites"))[1] == []
    with time_machine.travel(NOW - timedelta(days=300), tick=False):
        await listening.rate(anna, TypedId("tr", music.tracks[0][3]), 5)
    await play(listening, anna, music.tracks[0][1], 1)
    assert (await mixes.mix(anna, "forgotten-favourites"))[1] == []
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        assert list(await reasons(mixes, anna, "forgotten-favourites")) == [music.tracks[0][3]]
        assert await reasons(mixes, anna, "most-played-lately") == lately


async def test_what_was_played_on_this_day_in_earlier_years_comes_back_with_albums_of_the_day(
    db: Database, mixes: MixService, listening: ListeningService, music: Rows, anna: Actor
) -> None:
    for year in (2021, 2024):
        await listening.play(anna, music.tracks[0][0], played_at=datetime(year, 5, 8, 12, tzinfo=UTC), client="test")
    await listening.play(anna, music.tracks[0][1], played_at=datetime(2024, 5, 9, 12, tzinfo=UTC), client="test")
    async with db.write() as tx:
        values = {"original_date": "1977-05-08", "original_date_key": 19770508}
        await tx.execute(update(Album).where(Album.id == music.albums[1]).values(values))
    found = await reasons(mixes, anna, "on-this-day")
    assert found[music.tracks[0][0]] == ("played_on_day", {"years": [2021, 2024]})
    assert music.tracks[0][1] not in found
    assert found[music.tracks[1][0]] == ("released_on_day", {"album": "Orchard Songs", "year": 1977})
    assert len(found) == 4


async def test_a_favourite_is_forgotten_after_half_a_year_and_never_when_hated(
    db: Database, mixes: MixService, listening: ListeningService, music: Rows, anna: Actor
) -> None:
    one, two, three, four = music.tracks[0]
    with time_machine.travel(NOW - timedelta(days=300), tick=False):
        await listening.star(anna, [TypedId("tr", number) for number in (one, two, four)])
        await listening.rate(anna, TypedId("tr", three), 5)
        await listening.hate(anna, [TypedId("tr", four)])
    await listening.star(anna, [TypedId("tr", music.tracks[1][0])])
    await play(listening, anna, one, 250)
    await play(listening, anna, two, 20)
    assert await reasons(mixes, anna, "forgotten-favourites") == {
        one: ("favourite_last_played", {"date": (NOW - timedelta(days=250)).date().isoformat()}),
        three: ("favourite_never_played", {}),
    }


@pytest.mark.parametrize("kind", ["al", "ar"])
async def test_a_track_is_left_out_with_its_album_and_with_its_artist(
    mixes: MixService, listening: ListeningService, music: Rows, anna: Actor, kind: str
) -> None:
    first, second = music.tracks[0][0], music.tracks[1][0]
    with time_machine.travel(NOW - timedelta(days=300), tick=False):
        await listening.star(anna, [TypedId("tr", first), TypedId("tr", second)])
        await listening.hate(anna, [TypedId(kind, (music.albums if kind == "al" else music.artists)[0])])
    assert set(await reasons(mixes, anna, "forgotten-favourites")) == {second}


async def test_what_was_played_lately_and_what_is_new_and_unheard(
    db: Database, mixes: MixService, listening: ListeningService, music: Rows, anna: Actor
) -> None:
    one, two, three, _ = music.tracks[0]
    async with db.write() as tx:
        await tx.execute(update(Track).where(Track.id.in_([two, three])).values(added_at=NOW - timedelta(days=5)))
    await play(listening, anna, one, 1, 2, 3, 300)
    await play(listening, anna, two, 9)
    lately = await reasons(mixes, anna, "most-played-lately")
    assert list(lately.items()) == [(one, ("played_lately", {"count": 3})), (two, ("played_lately", {"count": 1}))]
    assert await reasons(mixes, anna, "new-unheard") == {three: ("added_unheard", {"date": "2026-05-03"})}


async def test_an_album_that_was_played_often_and_not_for_long_is_found_again(
    mixes: MixService, listening: ListeningService, music: Rows, anna: Actor
) -> None:
    for track in music.tracks[0]:
        await play(listening, anna, track, 400, 399)
    view, rows = await mixes.mix(anna, "rediscover-album")
    assert [row.track.id for row in rows] == music.tracks[0]
    assert view.title == "An album again: Harbour Songs"
    assert sentence(*view.reason).startswith("Harbour Songs by Harbour Band: played 8 times, last on 2025-04-")


@pytest.mark.parametrize("artist_too", [False, True])
async def test_an_album_comes_again_without_what_one_hates_and_never_by_a_hated_artist(
    mixes: MixService, listening: ListeningService, music: Rows, anna: Actor, artist_too: bool
) -> None:
    for track in music.tracks[0]:
        await play(listening, anna, track, 400, 399)
    await listening.hate(anna, [TypedId("tr", music.tracks[0][1])])
    if artist_too:
        await listening.hate(anna, [TypedId("ar", music.artists[0])])
    found = await reasons(mixes, anna, "rediscover-album")
    assert list(found) == ([] if artist_too else [music.tracks[0][0], *music.tracks[0][2:]])


async def test_a_mix_is_kept_as_a_playlist_of_ones_own(
    db: Database, mixes: MixService, listening: ListeningService, music: Rows, anna: Actor
) -> None:
    await play(listening, anna, music.tracks[0][0], 1, 2)
    start = (await ChangeFeed(db).head(anna)).cursor
    number = await mixes.save(anna, "most-played-lately", "May")
    view, rows = await mixes._playlists.playlist(anna, number)
    assert (view.name, view.kind, [row.track_id for row in rows]) == ("May", "manual", [music.tracks[0][0]])
    assert view.comment == "What you played most in the last 30 days. 2026-05-08"
    assert {item.kind for item in (await ChangeFeed(db).since(start, anna)).items} == {"mix", "playlist"}


async def test_nobody_sees_tracks_of_a_library_that_was_closed_to_them_since_the_mix_was_made(
    mixes: MixService, listening: ListeningService, music: Rows, anna: Actor
) -> None:
    await play(listening, anna, music.tracks[0][0], 1, 2)
    await play(listening, anna, music.tracks[1][0], 1, 2)
    assert len(await reasons(mixes, anna, "most-played-lately")) == 2
    closed = Actor(1, "anna", libraries=frozenset(music.libraries[1:]), time_zone="Europe/Berlin")
    assert list(await reasons(mixes, closed, "most-played-lately")) == [music.tracks[1][0]]


def test_every_kind_has_a_title_and_every_reason_a_sentence() -> None:
    assert {"daily" if kind.startswith("daily-") else kind for kind in KINDS} == set(TITLES)
    assert all(text.endswith(".") for text in SENTENCES.values())
