"""When a play counts, and when two reports are one play."""

from __future__ import annotations

import asyncio
import contextvars
from datetime import UTC, datetime, timedelta

import pytest

from segue.core.access import Actor
from segue.core.db import Database, Transaction
from segue.core.remembered import Remembered
from segue.listening.counting import counts, counts_after_ms
from segue.listening.plays import Listen, PlayRow
from segue.listening.service import ListeningService
from tests.listening import recount
from tests.rows import LibraryMemory, Rows, some_music

pytestmark = pytest.mark.anyio
MOMENT = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
ANNA = Actor(1, "anna", libraries=None, time_zone="Europe/Berlin")


@pytest.fixture
async def music(db: Database) -> Rows:
    return await some_music(db)


@pytest.fixture
def listening(db: Database) -> ListeningService:
    return ListeningService(db, LibraryMemory())


def test_half_of_a_track_or_four_minutes_count_and_nothing_under_thirty_seconds_does() -> None:
    assert counts_after_ms(30_000) is None
    assert counts_after_ms(30_001) == 15_000
    assert counts_after_ms(200_000) == 100_000
    assert counts_after_ms(480_000) == counts_after_ms(3_600_000) == 240_000
    assert counts_after_ms(None) == counts_after_ms(0) == 240_000
    assert counts(100_000, 50_000) and not counts(100_000, 49_999)
    assert not counts(29_000, 29_000)
    assert counts(None, 240_000) and not counts(None, 239_999)


@pytest.mark.parametrize(("apart", "plays"), [(0, 1), (29.999, 1), (30, 1), (30.001, 2), (-30, 1), (-31, 2)])
async def test_reports_within_thirty_seconds_are_one_play(
    db: Database, listening: ListeningService, music: Rows, apart: float, plays: int
) -> None:
    track = music.tracks[0][0]
    assert await listening.play(ANNA, track, played_at=MOMENT, client="phone")
    again = await listening.play(ANNA, track, played_at=MOMENT + timedelta(seconds=apart), client="phone")
    assert again is (plays == 2)
    assert len(await recount.plays_of(db, 1)) == plays
    await recount.check(db, 1)


async def test_another_device_another_track_and_another_person_are_other_plays(
    db: Database, listening: ListeningService, music: Rows
) -> None:
    one, two, *_ = music.tracks[0]
    assert await listening.play(ANNA, one, played_at=MOMENT, client="web", device="desk")
    assert await listening.play(ANNA, one, played_at=MOMENT, client="web", device="sofa")
    assert await listening.play(ANNA, two, played_at=MOMENT, client="web", device="desk")
    assert await listening.play(Actor(2, "ben", libraries=None), one, played_at=MOMENT, client="web", device="desk")
    assert not await listening.play(ANNA, one, played_at=MOMENT, client="other", device="desk")
    assert len(await recount.plays_of(db, 1)) == 3


async def test_twenty_reports_at_once_are_one_play(db: Database, listening: ListeningService, music: Rows) -> None:
    async def report(number: int) -> bool:
        return await listening.play(ANNA, music.tracks[0][0], played_at=MOMENT + timedelta(seconds=number % 3))

    answers = await asyncio.gather(
        *(asyncio.create_task(report(number), context=contextvars.copy_context()) for number in range(20))
    )
    assert sum(answers) == 1
    assert len(await recount.plays_of(db, 1)) == 1
    await recount.check(db, 1)


async def test_a_later_report_of_a_play_may_know_that_more_was_heard(
    db: Database, listening: ListeningService, music: Rows
) -> None:
    track = music.tracks[0][3]
    for heard in (2_000, 3_500, 1_000):
        await listening.play(ANNA, track, played_at=MOMENT, duration_played_ms=heard)
    (play,) = await recount.plays_of(db, 1)
    assert play.duration_played_ms == 3_500
    await recount.check(db, 1)


async def test_a_play_from_the_future_is_one_from_now(db: Database, listening: ListeningService, music: Rows) -> None:
    await listening.play(ANNA, music.tracks[0][0], played_at=datetime.now(UTC) + timedelta(days=400))
    (play,) = await recount.plays_of(db, 1)
    assert abs(play.played_at - datetime.now(UTC)) < timedelta(minutes=5)


async def test_a_player_that_does_not_judge_has_it_judged(
    db: Database, listening: ListeningService, music: Rows
) -> None:
    track = music.tracks[0][0]  # of one second
    assert not await listening.play(ANNA, track, duration_played_ms=1_000, by_rule=True)
    assert await recount.plays_of(db, 1) == []
    assert await listening.play(ANNA, track, duration_played_ms=1_000)


async def test_importing_twice_adds_nothing(db: Database, listening: ListeningService, music: Rows) -> None:
    listens = [
        Listen(MOMENT + timedelta(minutes=number), track_id=music.tracks[0][number % 4], source="import:test")
        for number in range(40)
    ]
    listens += [Listen(MOMENT + timedelta(minutes=n), "Far song", "Far band", source="import:test") for n in range(9)]
    await listening.play(ANNA, music.tracks[0][0], played_at=MOMENT + timedelta(seconds=20), client="phone")
    async with db.write() as tx:
        first = await listening.import_plays(tx, 1, listens, time_zone="Europe/Berlin")
    async with db.write() as tx:
        second = await listening.import_plays(tx, 1, listens[::-1], time_zone="Europe/Berlin")
    assert (first.added, first.folded, first.unmatched) == (48, 1, 9)
    assert (second.added, second.folded, second.unmatched) == (0, 49, 0)
    assert len(await recount.plays_of(db, 1)) == 49
    await recount.check(db, 1)


async def test_a_play_keeps_the_words_it_came_with(db: Database, listening: ListeningService, music: Rows) -> None:
    listen = Listen(
        MOMENT,
        "Song One (Live)",
        "The Harbour Band",
        "Live!",
        "Various",
        99_000,
        50_000,
        {"isrc": "GBAYE0601498"},
        music.tracks[0][0],
        "lastfm",
        "Foo",
        "tv",
        -300,
    )
    async with db.write() as tx:
        await listening.import_plays(tx, 1, [listen])
    (play,) = await recount.plays_of(db, 1)
    assert (play.title, play.artist, play.album, play.album_artist) == (
        "Song One (Live)",
        "The Harbour Band",
        "Live!",
        "Various",
    )
    assert (play.duration_ms, play.duration_played_ms, play.zone_offset_minutes) == (99_000, 50_000, -300)
    assert (play.source, play.client, play.device) == ("lastfm", "Foo", "tv")
    assert play.external_ids == {"isrc": "GBAYE0601498", "musicbrainz:recording": "Harbour-1"}


async def test_hooks_hear_of_what_happens_now_and_not_of_a_past_that_is_imported(
    db: Database, listening: ListeningService, music: Rows
) -> None:
    heard: list[PlayRow] = []
    began: list[str] = []

    async def counted(tx: Transaction, user: int, play: PlayRow) -> None:
        heard.append(play)

    async def on(tx: Transaction, user: int, track: Remembered, client: str) -> None:
        began.append(track.title)

    listening.on_counted.append(counted)
    listening.on_now_playing.append(on)
    track = music.tracks[0][0]
    await listening.play(ANNA, track, played_at=MOMENT, client="phone", source="web")
    await listening.play(ANNA, track, played_at=MOMENT, client="phone", source="web")
    async with db.write() as tx:
        await listening.import_plays(tx, 1, [Listen(MOMENT - timedelta(days=3), track_id=track)])
    async with db.write() as tx:
        live = [Listen(MOMENT + timedelta(days=1), "Far", "Away", source="listenbrainz")]
        await listening.import_plays(tx, 1, live, live=True)
    assert [(play.track_id, play.source, play.title) for play in heard] == [
        (track, "web", "Song 1"),
        (None, "listenbrainz", "Far"),
    ]
    for position in (0, 300):
        await listening.now_playing(ANNA, track, client="phone", position_ms=position)
    assert began == ["Song 1"]
    await listening.now_playing(ANNA, track, client="phone", position_ms=400, paused=True)
    await listening.now_playing(ANNA, track, client="phone", position_ms=400)
    assert began == ["Song 1", "Song 1"]
