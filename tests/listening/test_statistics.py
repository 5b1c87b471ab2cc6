"""What plays add up to, held against a count in plain Python over random plays; days are those of the person's clock."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from segue.core.access import Actor
from segue.core.db import Database
from segue.core.ids import TypedId
from segue.core.text import sort_key
from segue.library.models import Genre, Track, TrackGenre
from segue.listening.plays import Listen
from segue.listening.service import ListeningService, ThingNotFound
from segue.listening.statistics.charts import Bucket, TooManyBuckets
from segue.listening.statistics.ranges import BadRange, Period, Range, asked_range, pieces, range_of
from segue.listening.statistics.service import StatisticsService
from tests.listening import recount
from tests.rows import LibraryMemory, Rows, some_music

pytestmark = pytest.mark.anyio
ANNA = Actor(1, "anna", libraries=None, time_zone="Asia/Kolkata")
BEN = Actor(2, "ben", libraries=None)
RANGES = [
    Range(Period.all),
    range_of(Period.year, date(2024, 6, 1)),
    range_of(Period.month, date(2025, 2, 14)),
    range_of(Period.week, date(2025, 1, 1)),
    range_of(Period.day, date(2024, 2, 29)),
    Range(Period.free, date(2023, 11, 5), date(2025, 3, 17)),
    Range(Period.free, date(2024, 1, 31), date(2024, 2, 2)),
    range_of(Period.last_365_days, date(2025, 5, 5)),
]


@pytest.fixture
async def music(db: Database) -> Rows:
    rows = await some_music(db)
    async with db.write() as tx:
        for number, name in enumerate(("Folk", "Polka"), 1):
            await tx.execute(insert(Genre).values(id=number, name=name, name_key=name.lower(), sort_key=sort_key(name)))
            await tx.execute(
                insert(TrackGenre), [{"track_id": track, "genre_id": number} for track in rows.tracks[number - 1]]
            )
        await tx.execute(update(Track).where(Track.id == rows.tracks[0][0]).values(year=1977))
        await tx.execute(update(Track).where(Track.id == rows.tracks[1][0]).values(year=2003))
    return rows


@pytest.fixture
def listening(db: Database) -> ListeningService:
    return ListeningService(db, LibraryMemory())


@pytest.fixture
def statistics(db: Database) -> StatisticsService:
    return StatisticsService(db, LibraryMemory())


async def random_plays(db: Database, listening: ListeningService, music: Rows, seed: int, count: int = 300) -> None:
    """Plays over three years: of tracks that are here, and of a few that are not."""
    chance = random.Random(seed)
    tracks = [*music.tracks[0], *music.tracks[1]]
    listens = []
    for _ in range(count):
        at = datetime(2023, 6, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(2 * 365 * 24 * 60))
        if chance.random() < 0.7:
            listens.append(Listen(at, track_id=chance.choice(tracks), source="import:test"))
        else:
            name = chance.choice("ABC")
            listens.append(
                Listen(at, f"Song {name}", f"Band {name}", chance.choice(["", f"Album {name}"]), duration_ms=61_000)
            )
    for start in range(0, count, 50):
        async with db.write() as tx:
            await listening.import_plays(tx, 1, listens[start : start + 50], time_zone=ANNA.time_zone)


async def in_range(db: Database, stretch: Range) -> list[Any]:
    return [
        play
        for play in await recount.plays_of(db, 1)
        if stretch.first is None or stretch.last is None or stretch.first <= recount.local_day(play) <= stretch.last
    ]


async def test_tops_of_any_range_are_what_a_count_by_hand_gives(
    db: Database, listening: ListeningService, statistics: StatisticsService, music: Rows
) -> None:
    await random_plays(db, listening, music, 1)
    what = await recount.counted(db, 1)
    for stretch in RANGES:
        plays = await in_range(db, stretch)
        for kind in ("track", "album", "artist", "genre", "decade"):
            times: Counter[int] = Counter()
            heard: Counter[int] = Counter()
            for play in plays:
                for its, number in what[play.id]:
                    if its == kind:
                        times[number] += 1
                        heard[number] += recount.heard(play)
            for by, by_hand in (("plays", times), ("time", heard)):
                told = await statistics.top(ANNA, kind, stretch, by=by, limit=1000)
                assert {one.thing.number: (one.plays, one.heard_ms) for one in told} == {
                    number: (times[number], heard[number]) for number in times
                }, (kind, stretch)
                keys = [by_hand[one.thing.number] for one in told]
                assert keys == sorted(keys, reverse=True)
                assert [one.place for one in told] == list(range(1, len(told) + 1))
                some = await statistics.top(ANNA, kind, stretch, by=by, limit=2, offset=1)
                assert [one.thing for one in some] == [one.thing for one in told[1:3]]
    assert await statistics.top(BEN, "track", Range(Period.all)) == []


async def test_totals_charts_and_the_clock_are_what_a_count_by_hand_gives(
    db: Database, listening: ListeningService, statistics: StatisticsService, music: Rows
) -> None:
    await random_plays(db, listening, music, 2)
    what = await recount.counted(db, 1)
    for stretch in RANGES:
        plays = await in_range(db, stretch)
        totals = await statistics.totals(ANNA, stretch)
        assert (totals.plays, totals.heard_ms) == (len(plays), sum(recount.heard(play) for play in plays))
        assert totals.days == len({recount.local_day(play) for play in plays})
        for kind, told in (("track", totals.tracks), ("album", totals.albums), ("artist", totals.artists)):
            assert told == len({key for play in plays for key in what[play.id] if key[0] == kind})
        for bucket in (Bucket.day, Bucket.week, Bucket.month, Bucket.year):
            bars = await statistics.over_time(ANNA, bucket, stretch)
            assert sum(bar.plays for bar in bars) == len(plays)
            if bucket is Bucket.day and bars:
                by_day = Counter(recount.local_day(play) for play in plays)
                assert {bar.at.date(): bar.plays for bar in bars if bar.plays} == by_day
                assert len(bars) == (bars[-1].at.date() - bars[0].at.date()).days + 1
        week = await statistics.clock(ANNA, stretch)
        by_hand: dict[tuple[int, int], int] = defaultdict(int)
        for play in plays:
            local = play.played_at + timedelta(minutes=play.zone_offset_minutes)
            by_hand[local.weekday(), local.hour] += 1
        assert {
            (day, hour): week[day][hour][0] for day in range(7) for hour in range(24) if week[day][hour][0]
        } == by_hand
    with pytest.raises(TooManyBuckets):
        await statistics.over_time(ANNA, Bucket.hour, Range(Period.free, date(1990, 1, 1), date(2025, 1, 1)))


async def test_what_is_new_is_what_was_never_heard_before(
    db: Database, listening: ListeningService, statistics: StatisticsService, music: Rows
) -> None:
    await random_plays(db, listening, music, 3, 60)
    stretch = range_of(Period.year, date(2024, 1, 1))
    first: dict[tuple[str, int], Any] = {}
    what = await recount.counted(db, 1)
    for play in await recount.plays_of(db, 1):
        for key in what[play.id]:
            first.setdefault(key, play)
    for kind in ("track", "album", "artist"):
        new = {key[1] for key, play in first.items() if key[0] == kind and recount.local_day(play).year == 2024}
        found, total = await statistics.discoveries(ANNA, kind, stretch, limit=100)
        assert {one.thing.number for one in found} == new and total == len(new)
        moments = [one.first_played_at for one in found]
        assert moments == sorted(moments, reverse=True)


async def test_a_year_in_music_tells_everything_at_once(
    db: Database, listening: ListeningService, statistics: StatisticsService, music: Rows
) -> None:
    await random_plays(db, listening, music, 4)
    plays = await in_range(db, range_of(Period.year, date(2024, 1, 1)))
    year = await statistics.year_in_music(ANNA, 2024)
    assert (
        year.totals.plays == len(plays) == sum(bar.plays for bar in year.months) == sum(bar.plays for bar in year.days)
    )
    assert len(year.months) == 12 and len(year.days) == 366
    assert year.first_play and year.last_play
    assert (year.first_play.id, year.last_play.id) == (plays[0].id, plays[-1].id)
    assert {placed.thing.title for placed in year.decades} == {"1970s", "2000s"}
    assert {placed.thing.title for placed in year.genres} == {"Folk", "Polka"}
    by_day = Counter(recount.local_day(play) for play in plays)
    assert year.busiest_day and year.busiest_day.plays == max(by_day.values())
    assert year.new_share is not None and 0 <= year.new_share <= 1
    assert year.longest_streak and year.longest_streak.days >= 1
    empty = await statistics.year_in_music(BEN, 2024)
    assert empty.totals.plays == 0 and empty.first_play is None and empty.new_share is None


async def test_one_artist_over_the_years(
    db: Database, listening: ListeningService, statistics: StatisticsService, music: Rows
) -> None:
    await random_plays(db, listening, music, 5)
    what = await recount.counted(db, 1)
    plays = await recount.plays_of(db, 1)
    asked = [("ar", music.artists[0]), ("al", music.albums[1]), ("tr", music.tracks[0][1]), ("ge", 1)]
    for prefix, number in asked:
        typed = TypedId(prefix, number)
        mine = [play for play in plays if (typed.kind, number) in what[play.id]]
        told = await statistics.of_thing(ANNA, typed)
        assert (told.plays, told.heard_ms) == (len(mine), sum(recount.heard(play) for play in mine))
        if prefix != "ge":
            assert (told.first_played_at, told.last_played_at) == (mine[0].played_at, mine[-1].played_at)
        by_month = Counter(recount.local_day(play).replace(day=1) for play in mine)
        assert {first: count for first, count, _ in told.months} == by_month
    with pytest.raises(ThingNotFound):
        await statistics.of_thing(ANNA, TypedId("ar", 9999))


async def test_streaks_end_with_a_day_without_music(
    db: Database, listening: ListeningService, statistics: StatisticsService, music: Rows
) -> None:
    track = music.tracks[0][0]
    today = datetime.now(UTC)
    days = [20, 19, 18, 17, 2, 1]
    async with db.write() as tx:
        await listening.import_plays(tx, 2, [Listen(today - timedelta(days=back), track_id=track) for back in days])
    current, longest = await statistics.streaks(BEN)
    assert current and longest
    assert (current.days, longest.days) == (2, 4)
    async with db.write() as tx:
        await listening.import_plays(tx, 3, [Listen(today - timedelta(days=3), track_id=track)])
    current, longest = await statistics.streaks(Actor(3, "carl", libraries=None))
    assert current is None and longest and longest.days == 1


async def test_a_play_belongs_to_the_day_it_was_where_the_person_was(
    db: Database, listening: ListeningService, statistics: StatisticsService, music: Rows
) -> None:
    late = datetime(2024, 12, 31, 20, 0, tzinfo=UTC)
    await listening.play(ANNA, music.tracks[0][0], played_at=late)
    assert (await statistics.totals(ANNA, range_of(Period.year, date(2025, 1, 1)))).plays == 1
    await listening.play(BEN, music.tracks[0][0], played_at=late)
    assert (await statistics.totals(BEN, range_of(Period.year, date(2024, 1, 1)))).plays == 1


async def test_what_is_gone_keeps_its_name_in_a_top_list(
    db: Database, listening: ListeningService, statistics: StatisticsService, music: Rows
) -> None:
    await listening.play(ANNA, music.tracks[1][0])
    nobody = Actor(1, "anna", libraries=frozenset())
    (track,) = await statistics.top(nobody, "track", Range(Period.all))
    assert (track.thing.title, track.thing.artist, track.thing.is_here) == ("Song 1", "Orchard Band", False)
    (album,) = await statistics.top(nobody, "album", Range(Period.all))
    assert (album.thing.title, album.thing.artist) == ("Orchard Songs", "Orchard Band")


def test_a_range_is_put_together_without_gap_or_overlap() -> None:
    chance = random.Random(6)
    for _ in range(300):
        first = date(2020, 1, 1) + timedelta(days=chance.randrange(1500))
        stretch = Range(Period.free, first, first + timedelta(days=chance.randrange(900)))
        for months in (False, True):
            cut = pieces(stretch, months=months)
            days = []
            for year in cut.years:
                days += [
                    date(year, 1, 1) + timedelta(days=n)
                    for n in range(366)
                    if (date(year, 1, 1) + timedelta(n)).year == year
                ]
            for month in cut.months:
                begin = date(month // 100, month % 100, 1)
                days += [begin + timedelta(days=n) for n in range(31) if (begin + timedelta(n)).month == begin.month]
            for start, end in cut.hours:
                days += [date(1970, 1, 1) + timedelta(days=hour // 24) for hour in range(start, end, 24)]
            assert sorted(days) == [first + timedelta(days=n) for n in range(stretch.days)]


def test_a_range_that_makes_no_sense_is_refused() -> None:
    today = date(2026, 3, 29)
    for given in (
        (Period.free, None, None, None),
        (Period.week, None, today, None),
        (None, None, today, today - timedelta(days=1)),
        (None, today, today, None),
        (None, None, date(1, 1, 1), None),
    ):
        with pytest.raises(BadRange):
            asked_range(*given, today)
    assert asked_range(None, None, None, None, today).is_all
    assert asked_range(None, None, date(2026, 1, 1), None, today).last == today
    before = range_of(Period.month, today).before()
    assert before and (before.first, before.last) == (date(2026, 2, 1), date(2026, 2, 28))
    before = range_of(Period.last_7_days, today).before()
    assert before and (before.first, before.last) == (date(2026, 3, 16), date(2026, 3, 22))
