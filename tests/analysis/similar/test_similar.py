"""What sounds alike is found, for whoever may see it, on both databases."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import delete, insert, update

from segue.analysis.models import Sound, SoundOfTrack, SoundVector
from segue.analysis.similar.errors import NoProfile, NotHeard, NothingGiven, NothingHeard, TwoEndsNeeded
from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.db import Database
from segue.core.ids import TypedId
from segue.library.models import Track
from segue.library.service import NotInLibrary
from segue.query import Compare
from tests.analysis.similar.ground import ANN, VERSION, embeddings, planted, similar_in

pytestmark = pytest.mark.anyio


async def test_neighbours_of_a_track_are_of_its_kind(db: Database, tmp_path: Path) -> None:
    music = await planted(db)
    similar = similar_in(db, tmp_path)
    seed = music.tracks["jazz"][0]
    found = await similar.tracks(ANN, seed, 11, per_artist=0)
    assert {one.track_id for one in found} == set(music.tracks["jazz"]) - {seed}
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert set(found[0].groups) == {"timbre", "rhythm", "harmony", "level"}
    assert found == await similar.tracks(ANN, seed, 11, per_artist=0)

    of_two = await similar.tracks(ANN, seed, 6, per_artist=2)
    assert len({one.track_id for one in of_two} & set(music.tracks["jazz"][:4])) <= 2

    only = await similar.tracks(ANN, seed, 5, where=Compare("genre", "=", music.genres["choir"]), per_artist=0)
    assert {music.kind_of(one.track_id) for one in only} == {"choir"}

    albums = await similar.albums(ANN, music.albums["jazz"][0], 2)
    assert {one.id for one in albums} == set(music.albums["jazz"][1:])
    assert albums[0].pairs
    artists = await similar.artists(ANN, music.artists["techno"][1], 2)
    assert {one.id for one in artists} == {music.artists["techno"][0], music.artists["techno"][2]}

    votes = await similar.votes(ANN, seed)
    assert [(vote.kind, vote.label, vote.said) for vote in votes] == [("genre", "Jazz", True)]
    assert votes[0].voters
    assert all(track not in music.tracks["jazz"][:4] for track, _ in votes[0].voters)


async def test_nobody_is_shown_what_is_not_theirs_missing_or_hated(db: Database, tmp_path: Path) -> None:
    music = await planted(db, per_kind=8)
    similar = similar_in(db, tmp_path)
    seed, gone, hated, *rest = music.tracks["jazz"]
    async with db.write() as tx:
        await tx.execute(update(Track).where(Track.id == gone).values(missing_since=utc_now()))
    similar.passed_over = Compare("id", "=", rest[0])
    found = await similar.tracks(ANN, seed, 20, per_artist=0)
    assert [one.track_id for one in found] == [rest[0]]
    similar.passed_over = None
    found = await similar.tracks(ANN, seed, 6, per_artist=0)
    assert {one.track_id for one in found} == {hated, *rest}

    stranger = Actor(2, "ben", libraries=frozenset())
    with pytest.raises(NotInLibrary):
        await similar.tracks(stranger, seed)
    with pytest.raises(NotInLibrary):
        await similar.path(stranger, seed, hated)
    with pytest.raises(NotInLibrary):
        await similar.albums(stranger, music.albums["jazz"][0])
    with pytest.raises(NotInLibrary):
        await similar.artists(stranger, music.artists["jazz"][0])


async def test_a_copy_of_what_is_there_is_not_shown_beside_it(db: Database, tmp_path: Path) -> None:
    music = await planted(db, per_kind=8)
    similar = similar_in(db, tmp_path)
    seed, *rest = music.tracks["jazz"]
    async with db.write() as tx:
        # the same sound on two tracks, and another sound that is nearly the same under the same title
        await tx.execute(
            update(SoundOfTrack).where(SoundOfTrack.track_id == rest[0]).values(sound_id=music.sounds["jazz"][2])
        )
        near = embeddings(0, 8)[3] + 0.001
        await tx.execute(
            update(SoundVector)
            .where(SoundVector.sound_id == music.sounds["jazz"][4])
            .values(vector=near.astype("<f4").tobytes())
        )
        await tx.execute(update(Track).where(Track.id.in_((rest[2], rest[3]))).values(sort_key="one song"))
    found = {one.track_id for one in await similar.tracks(ANN, seed, 7, per_artist=0)}
    assert len(found & {rest[0], rest[1]}) == 1
    assert len(found & {rest[2], rest[3]}) == 1
    twin = await similar.tracks(ANN, rest[2], 7, per_artist=0)
    assert rest[3] not in {one.track_id for one in twin}


async def test_without_anything_heard_nothing_is_claimed(db: Database, tmp_path: Path) -> None:
    music = await planted(db, per_kind=4, vectors=False)
    similar = similar_in(db, tmp_path)
    seed = music.tracks["jazz"][0]
    with pytest.raises(NothingHeard):
        await similar.tracks(ANN, seed)
    async with db.write() as tx:
        await tx.execute(
            insert(SoundVector).values(
                sound_id=music.sounds["techno"][0], version=VERSION, vector=embeddings(1, 1)[0].tobytes()
            )
        )
    with pytest.raises(NotHeard):
        await similar.tracks(ANN, seed)
    assert await similar.tracks(ANN, music.tracks["techno"][0]) == []
    async with db.write() as tx:
        await tx.execute(delete(SoundOfTrack).where(SoundOfTrack.track_id == seed))
    with pytest.raises(NotHeard):
        await similar.tracks(ANN, seed)
    with pytest.raises(NotHeard):
        await similar.blend(ANN, [TypedId("al", music.albums["jazz"][0])])
    with pytest.raises(NothingGiven):
        await similar.blend(ANN, [])


async def test_a_path_goes_from_one_to_the_other_and_never_back(db: Database, tmp_path: Path) -> None:
    music = await planted(db, per_kind=8)
    async with db.write() as tx:  # jazz that turns to techno, step by step
        here, there = embeddings(0, 1)[0], embeddings(1, 1)[0]
        for step, (track, sound) in enumerate(zip(music.tracks["choir"], music.sounds["choir"], strict=True)):
            await tx.execute(update(Track).where(Track.id == track).values(artist_sort_key=f"singer {step}"))
            between = here + (there - here) * (step + 1) / 9
            await tx.execute(
                update(SoundVector).where(SoundVector.sound_id == sound).values(vector=between.astype("<f4").tobytes())
            )
    similar = similar_in(db, tmp_path)
    first, last = music.tracks["jazz"][0], music.tracks["techno"][0]
    path = await similar.path(ANN, first, last, 6, per_artist=2)
    ids = [one.track_id for one in path]
    assert ids[0] == first
    assert ids[-1] == last
    assert len(ids) == len(set(ids)) == 6
    between = [music.tracks["choir"].index(one) for one in ids[1:-1]]
    assert between == sorted(between)
    assert path[0].score == 1
    assert path == await similar.path(ANN, first, last, 6, per_artist=2)
    assert [one.track_id for one in await similar.path(ANN, first, last, 2)] == [first, last]
    with pytest.raises(TwoEndsNeeded):
        await similar.path(ANN, first, first)


async def test_more_of_this_and_less_of_that(db: Database, tmp_path: Path) -> None:
    music = await planted(db)
    similar = similar_in(db, tmp_path)
    jazz, techno = TypedId("al", music.albums["jazz"][0]), TypedId("ar", music.artists["techno"][0])
    both = await similar.blend(ANN, [jazz, techno], n=12)
    assert {music.kind_of(one.track_id) for one in both} >= {"jazz", "techno"}
    less = await similar.blend(ANN, [jazz, techno], [TypedId("tr", music.tracks["techno"][5])], n=6, amount=0.9)
    assert {music.kind_of(one.track_id) for one in less} == {"jazz"}
    drawn = [
        [one.track_id for one in await similar.blend(ANN, [jazz], n=4, variety=1, seed=seed)] for seed in (1, 1, 2)
    ]
    assert drawn[0] == drawn[1]
    assert drawn[0] != drawn[2]


async def test_a_profile_is_what_was_played_and_stays_so_for_a_while(db: Database, tmp_path: Path) -> None:
    music = await planted(db)
    similar = similar_in(db, tmp_path)
    with pytest.raises(NoProfile):
        await similar.profile(ANN)
    now = utc_now()

    async def plays(_actor: Actor, _since: object) -> list[tuple[int, object]]:
        lately = [(track, now) for track in music.tracks["choir"][:4]]
        return lately + [(track, now - timedelta(days=300)) for track in music.tracks["jazz"][:4] * 3]

    similar.plays = plays  # type: ignore[assignment]
    found = [one.track_id for one in await similar.profile(ANN, 6)]
    assert {music.kind_of(track) for track in found} == {"choir"}
    assert not set(found) & set(music.tracks["choir"][:4])


async def test_the_files_are_made_again_and_follow_the_database(db: Database, tmp_path: Path) -> None:
    music = await planted(db)
    similar = similar_in(db, tmp_path)
    seed = music.tracks["jazz"][0]
    before = await similar.tracks(ANN, seed, 5)
    for path in [*tmp_path.rglob("vectors"), *tmp_path.rglob("sounds")]:
        path.write_bytes(path.read_bytes()[:-3])  # killed between two bytes
    assert await similar.tracks(ANN, seed, 5) == before
    async with db.write() as tx:
        await tx.execute(delete(SoundVector).where(SoundVector.sound_id == music.sounds["jazz"][1]))
        extra = await tx.scalar(
            insert(Sound).values(key=b"extra", state="done", asked_at=utc_now()).returning(Sound.id)
        )
        await tx.execute(
            insert(SoundVector).values(sound_id=extra, version=VERSION, vector=embeddings(0, 1)[0].tobytes())
        )
        await tx.execute(
            update(SoundOfTrack).where(SoundOfTrack.track_id == music.tracks["choir"][0]).values(sound_id=extra)
        )
    after = [one.track_id for one in await similar.tracks(ANN, seed, 12, per_artist=0)]
    assert after[0] == music.tracks["choir"][0]
    assert music.tracks["jazz"][1] not in after

    other = similar_in(db, tmp_path)  # a second process over the same files
    assert [one.track_id for one in await other.tracks(ANN, seed, 12, per_artist=0)] == after


async def test_a_space_is_learnt_anew_when_the_library_grew(db: Database, tmp_path: Path) -> None:
    music = await planted(db, per_kind=4)
    similar = similar_in(db, tmp_path)
    await similar.tracks(ANN, music.tracks["jazz"][0])
    first = await similar.keeper.space()
    async with db.write() as tx:
        for number, vector in enumerate(embeddings(4, 20)):
            sound = await tx.scalar(
                insert(Sound).values(key=f"more{number}".encode(), state="done", asked_at=utc_now()).returning(Sound.id)
            )
            await tx.execute(insert(SoundVector).values(sound_id=sound, version=VERSION, vector=vector.tobytes()))
    second = await similar.keeper.space()
    assert first is not None
    assert second is not None
    assert second.id > first.id
    assert len(second.rows) == len(first.rows) + 20
    assert np.allclose(np.linalg.norm(second.rows.vectors, axis=1), 1, atol=1e-5)
    assert len(list(tmp_path.glob("space-*"))) == 1
