"""Plays of music that is not here find their track when it arrives; plays from before there were rollups are counted."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from segue.core.access import Actor
from segue.core.db import Database, Transaction
from segue.jobs import JobService, Registry
from segue.library.finding.service import FindingService
from segue.library.models import Track, TrackCredit
from segue.library.search import index
from segue.listening import tasks
from segue.listening.matching import Matcher
from segue.listening.models import Annotation, HeardName, Play, PlayHour, PlayRollup
from segue.listening.plays import Listen
from segue.listening.service import ListeningService
from tests.listening import recount
from tests.rows import LibraryMemory, Rows, some_music

pytestmark = pytest.mark.anyio
MOMENT = datetime(2025, 3, 29, 0, 30, tzinfo=UTC)
ANNA = Actor(1, "anna", libraries=None)


class Stopped(Exception):
    pass


class OneJob:
    """As much of a job's context as these jobs use; stops after `steps` checkpoints."""

    def __init__(self, checkpoint: dict[str, Any] | None = None, steps: int = 1_000_000) -> None:
        self.checkpoint = checkpoint or {}
        self.steps = steps

    def check(self) -> None:
        if self.steps <= 0:
            raise Stopped

    async def guard(self, tx: Transaction) -> None:
        return

    async def save(self, checkpoint: dict[str, Any], *, tx: Transaction) -> None:
        self.steps -= 1
        self.checkpoint = checkpoint

    def progress(self, *args: Any, **options: Any) -> None:
        return


class Everybody:
    """All people there are, and what they may see."""

    def __init__(self, *actors: Actor) -> None:
        self.there = {actor.person: actor for actor in actors}

    async def actors(self, user_ids: Collection[int]) -> dict[int, Actor]:
        return {number: self.there[number] for number in user_ids if number in self.there}


@pytest.fixture
async def music(db: Database) -> Rows:
    rows = await some_music(db)
    async with db.write() as tx:
        for kind, ids in (("track", rows.tracks[0] + rows.tracks[1]), ("artist", rows.artists)):
            await index(tx, kind, ids)  # type: ignore[arg-type]
    return rows


@pytest.fixture
async def listening(db: Database) -> ListeningService:
    jobs = JobService(db, Registry().add(tasks))
    await jobs.declare()
    listening = ListeningService(db, LibraryMemory(), jobs)
    listening.matcher = Matcher(db, listening, FindingService(db), Everybody(ANNA))
    return listening


async def heard(db: Database, listening: ListeningService, *listens: Listen, user: int = 1) -> None:
    async with db.write() as tx:
        await listening.import_plays(tx, user, listens)


async def arrive(db: Database, *tracks: int) -> None:
    async with db.write() as tx:
        tx.all_changed("track", tracks)


async def matched(listening: ListeningService) -> Any:
    assert listening.matcher is not None
    if not await listening.matcher.anything_arrived():
        return None
    return await listening.match_plays(OneJob())  # type: ignore[arg-type]


async def test_plays_find_their_track_when_it_arrives(db: Database, listening: ListeningService, music: Rows) -> None:
    song = [
        Listen(MOMENT + timedelta(days=n), "Song 3 (Remastered)", "Harbour Band", "Gold", source="x") for n in range(3)
    ]
    other = Listen(MOMENT, "Song 3", "Somebody Else", source="x")
    await heard(db, listening, *song, other)
    assert await matched(listening) is None
    await arrive(db, music.tracks[0][2])
    assert (await matched(listening))["plays"] == 3
    plays = [play for play in await recount.plays_of(db, 1) if play.track_id == music.tracks[0][2]]
    assert [play.title for play in plays] == ["Song 3 (Remastered)"] * 3 and {play.album for play in plays} == {"Gold"}
    await recount.check(db, 1)
    async with db.read() as conn:
        names = (await conn.execute(select(HeardName.kind, HeardName.title).order_by(HeardName.id))).all()
        count = await conn.scalar(
            select(Annotation.play_count).where(Annotation.kind == "artist", Annotation.entity_id == music.artists[0])
        )
    assert [tuple(name) for name in names] == [("track", "Song 3"), ("artist", "Somebody Else")]
    assert count == 3
    assert await matched(listening) == {"tracks": 0, "plays": 0}


async def test_a_track_that_is_not_here_counts_for_its_artist_who_is(
    db: Database, listening: ListeningService, music: Rows
) -> None:
    await heard(db, listening, Listen(MOMENT, "Unheard of", "HARBOUR  Band"), Listen(MOMENT, "Other", "Nobody"))
    await listening.play(ANNA, music.tracks[0][0], played_at=MOMENT)
    async with db.read() as conn:
        count = select(Annotation.play_count).where(Annotation.kind == "artist")
        assert (await conn.scalars(count.where(Annotation.entity_id == music.artists[0]))).all() == [2]
        names = await conn.scalars(select(HeardName.title).where(HeardName.kind == "artist"))
        assert names.all() == ["Nobody"]
    await recount.check(db, 1)


async def test_only_names_that_share_a_word_with_what_arrived_are_looked_at(
    db: Database, listening: ListeningService, music: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    await heard(db, listening, *(Listen(MOMENT + timedelta(hours=n), f"Far {n}", "Away") for n in range(20)))
    await heard(db, listening, Listen(MOMENT, "Song 1", "Orchard Band"))
    await matched(listening)
    asked: list[str] = []
    find = FindingService.find_for

    async def watched(self: FindingService, actor: Actor, wanted: Any) -> Any:
        asked.extend(one.title for one in wanted)
        return await find(self, actor, wanted)

    monkeypatch.setattr(FindingService, "find_for", watched)
    await arrive(db, *music.tracks[1])
    assert (await matched(listening))["plays"] == 1
    assert asked == ["Song 1"]


async def test_a_person_gets_no_track_of_a_library_they_may_not_see(
    db: Database, listening: ListeningService, music: Rows
) -> None:
    ben = Actor(2, "ben", libraries=frozenset(music.libraries[:1]))
    listening.matcher = Matcher(db, listening, FindingService(db), Everybody(ANNA, ben))
    for user in (1, 2, 3):
        await heard(db, listening, Listen(MOMENT, "Song 1", "Orchard Band"), user=user)
    await matched(listening)
    await arrive(db, music.tracks[1][0])
    assert (await matched(listening))["plays"] == 1
    assert [(await recount.plays_of(db, user))[0].track_id for user in (1, 2, 3)] == [music.tracks[1][0], None, None]


async def test_plays_from_before_there_were_rollups_are_counted_once_whatever_stops_it(
    db: Database, listening: ListeningService, music: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segue.listening.matching.COUNTED_AT_ONCE", 4)
    tracks = [*music.tracks[0], *music.tracks[1]]
    for number in range(20):
        await listening.play(ANNA, tracks[number % 8], played_at=MOMENT + timedelta(days=number * 20))
    async with db.write() as tx:
        await tx.execute(delete(PlayRollup))
        await tx.execute(delete(PlayHour))
        await tx.execute(update(Play).values(counted=None, local_hour=0))
        await tx.execute(update(Annotation).values(heard_ms=0, first_played_at=None))
        await tx.execute(delete(Track).where(Track.id == tracks[7]))
    await listening.check()
    job = OneJob(steps=2)
    with pytest.raises(Stopped):
        await listening.count_old_plays(job)  # type: ignore[arg-type]
    result = await listening.count_old_plays(OneJob(job.checkpoint))  # type: ignore[arg-type]
    assert result == {"plays": 20}
    there, wanted = await recount.kept(db, 1), await recount.afresh(db, 1)
    assert (there.hours, there.rollups) == (wanted.hours, wanted.rollups)
    for key, sums in wanted.things.items():
        if key != ("track", tracks[7]):
            assert there.things[key][2] == sums[2]


async def test_after_an_import_the_search_is_told_once_how_often_things_were_played(
    db: Database, listening: ListeningService, music: Rows
) -> None:
    told: dict[tuple[str, int], int] = {}

    async def tell(tx: Transaction, kind: str, plays: Any) -> None:
        told.update({(kind, number): count for number, count in plays.items()})

    listening.tell_plays = tell
    listens = [Listen(MOMENT + timedelta(days=n), track_id=music.tracks[0][n % 2]) for n in range(10)]
    await heard(db, listening, *listens)
    await heard(db, listening, *listens, user=2)
    assert told == {}
    await listening.tell_search(OneJob(), 1)  # type: ignore[arg-type]
    one, two, *_ = music.tracks[0]
    assert told == {
        ("track", one): 10,
        ("track", two): 10,
        ("album", music.albums[0]): 20,
        ("artist", music.artists[0]): 20,
    }


async def as_it_is(db: Database, track: int) -> tuple[Any, list[Any]]:
    async with db.read() as conn:
        row = (await conn.execute(select(Track.__table__).where(Track.id == track))).one()
        credits = (await conn.execute(select(TrackCredit.__table__).where(TrackCredit.track_id == track))).all()
    return row, list(credits)


async def put_back(db: Database, was: tuple[Any, list[Any]]) -> int:
    """What was there as a track of another number."""
    row, credits = was
    number = int(row.id) + 1_000
    async with db.write() as tx:
        await tx.execute(insert(Track).values({**row._mapping, "id": number, "position": 99}))
        for credit in credits:
            await tx.execute(insert(TrackCredit).values({**credit._mapping, "track_id": number}))
        await index(tx, "track", [number])
        tx.changed("track", number)
    return number


async def purge(db: Database, track: int) -> None:
    async with db.write() as tx:
        await tx.execute(delete(TrackCredit).where(TrackCredit.track_id == track))
        await tx.execute(delete(Track).where(Track.id == track))
        tx.changed("track", track, "delete")


@pytest.mark.parametrize("in_between", [True, False])
async def test_plays_of_forgotten_music_go_on_under_its_name_and_find_it_when_it_is_back(
    db: Database, listening: ListeningService, music: Rows, in_between: bool
) -> None:
    track = music.tracks[0][0]
    for days in range(3):
        await listening.play(ANNA, track, played_at=MOMENT + timedelta(days=days))
    before = await recount.plays_of(db, 1)
    await matched(listening)
    was = await as_it_is(db, track)
    if in_between:
        await purge(db, track)
        assert (await matched(listening))["plays"] == 0
        assert [play.track_id for play in await recount.plays_of(db, 1)] == [None] * 3
        async with db.read() as conn:
            names = (await conn.execute(select(HeardName.title, HeardName.play_count))).all()
        assert (before[0].title, 3) in [tuple(name) for name in names]
        await recount.check(db, 1)
        back = await put_back(db, was)
    else:
        back = await put_back(db, was)
        await purge(db, track)
    assert (await matched(listening))["plays"] == 3
    plays = await recount.plays_of(db, 1)
    assert [play.track_id for play in plays] == [back] * 3
    assert [(play.title, play.album) for play in plays] == [(play.title, play.album) for play in before]
    await recount.check(db, 1)
    assert await matched(listening) == {"tracks": 0, "plays": 0}


async def test_what_was_taken_away_stays_away_when_its_music_is_forgotten(
    db: Database, listening: ListeningService, music: Rows
) -> None:
    track = music.tracks[0][0]
    await listening.play(ANNA, track, played_at=MOMENT)
    await listening.play(ANNA, track, played_at=MOMENT + timedelta(days=1))
    one = (await recount.plays_of(db, 1))[0]
    (change,) = await listening.delete_plays(ANNA, [one.id])
    await matched(listening)
    await purge(db, track)
    await matched(listening)
    await heard(db, listening, Listen(one.played_at, one.title, one.artist, one.album))
    assert len(await recount.plays_of(db, 1)) == 1
    await listening.undo_play_change(ANNA, change)
    assert [play.track_id for play in await recount.plays_of(db, 1)] == [None, None]
    await recount.check(db, 1)
