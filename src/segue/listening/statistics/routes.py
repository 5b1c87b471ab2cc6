"""REST of statistics: tops, charts, streaks, a year in music. Everybody asks about their own plays alone."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import Depends, Path, Query

from segue.core.ids import TypedId
from segue.core.rest import Access, BadCursor, CurrentActor, Cursor, Limit, Router, problems, service
from segue.listening.statistics.charts import Bucket
from segue.listening.statistics.ranges import Period, Range, asked_range
from segue.listening.statistics.schemas import (
    BarItem,
    BarsAnswer,
    By,
    ClockAnswer,
    DiscoveryItem,
    DiscoveryPage,
    NewKind,
    PlacedItem,
    RangeItem,
    StreakItem,
    StreaksAnswer,
    ThingAnswer,
    TopKind,
    TopPage,
    TotalsAnswer,
    TotalsItem,
    YearAnswer,
    YearItem,
    YearsAnswer,
)
from segue.listening.statistics.service import StatisticsService

router = Router(prefix="/listening", tags=["statistics"])
Statistics = Annotated[StatisticsService, service(StatisticsService)]


async def _asked(
    actor: CurrentActor,
    statistics: Statistics,
    period: Annotated[
        Period | None,
        Query(description="How long: the day, week, month or year of `at`, so many days up to it, or all."),
    ] = None,
    at: Annotated[date | None, Query(description="A day in the period; today where it is left out.")] = None,
    first: Annotated[date | None, Query(alias="from", description="In place of a period: the first day.")] = None,
    last: Annotated[date | None, Query(alias="to", description="In place of a period: the last day.")] = None,
) -> Range:
    return asked_range(period, at, first, last, statistics.today(actor))


Stretch = Annotated[Range, Depends(_asked)]


@router.get("/top", access=Access.signed_in, operation_id="listening_top", summary="What you played most")
async def top(
    actor: CurrentActor,
    statistics: Statistics,
    stretch: Stretch,
    kind: Annotated[TopKind, Query(description="Of what.")] = "artists",
    by: Annotated[By, Query(description="By how often, or by how long.")] = "plays",
    compare: Annotated[bool, Query(description="Say how often each was played in the stretch before.")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> TopPage:
    offset = _offset(cursor)
    found = await statistics.top(
        actor, kind.removesuffix("s"), stretch, by=by, limit=limit + 1, offset=offset, compared=compare
    )
    before = stretch.before() if compare else None
    return TopPage(
        range=RangeItem.of(stretch),
        before=RangeItem.of(before) if before is not None else None,
        items=[PlacedItem.at(placed) for placed in found[:limit]],
        next=str(offset + limit) if len(found) > limit else None,
    )


@router.get("/totals", access=Access.signed_in, summary="How much you played, and how much before")
async def totals(actor: CurrentActor, statistics: Statistics, stretch: Stretch) -> TotalsAnswer:
    before = stretch.before()
    return TotalsAnswer(
        range=RangeItem.of(stretch),
        totals=TotalsItem.of(await statistics.totals(actor, stretch)),
        before_range=RangeItem.of(before) if before is not None else None,
        before=TotalsItem.of(await statistics.totals(actor, before)) if before is not None else None,
    )


@router.get(
    "/over-time",
    access=Access.signed_in,
    operation_id="listening_over_time",
    summary="Your plays by day, week, month …",
)
async def over_time(
    actor: CurrentActor,
    statistics: Statistics,
    stretch: Stretch,
    bucket: Annotated[Bucket, Query(description="How wide a bar is; `day` makes a calendar.")] = Bucket.day,
) -> BarsAnswer:
    bars = await statistics.over_time(actor, bucket, stretch)
    return BarsAnswer(
        range=RangeItem.of(stretch),
        bucket=bucket.value,
        items=[BarItem.of(bar, hours=bucket is Bucket.hour) for bar in bars],
    )


@router.get("/clock", access=Access.signed_in, summary="When you listen: weekday by hour")
async def clock(actor: CurrentActor, statistics: Statistics, stretch: Stretch) -> ClockAnswer:
    week = await statistics.clock(actor, stretch)
    return ClockAnswer(
        range=RangeItem.of(stretch),
        plays=[[plays for plays, _ in day] for day in week],
        heard_ms=[[heard for _, heard in day] for day in week],
    )


@router.get(
    "/streaks", access=Access.signed_in, operation_id="listening_streaks", summary="Your days in a row with music"
)
async def streaks(actor: CurrentActor, statistics: Statistics) -> StreaksAnswer:
    current, longest = await statistics.streaks(actor)
    return StreaksAnswer(current=StreakItem.of(current), longest=StreakItem.of(longest))


@router.get("/discoveries", access=Access.signed_in, summary="What you heard for the first time, the latest first")
async def discoveries(
    actor: CurrentActor,
    statistics: Statistics,
    stretch: Stretch,
    kind: Annotated[NewKind, Query(description="Of what.")] = "artists",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> DiscoveryPage:
    offset = _offset(cursor)
    found, total = await statistics.discoveries(actor, kind.removesuffix("s"), stretch, limit=limit, offset=offset)
    return DiscoveryPage(
        range=RangeItem.of(stretch),
        items=[DiscoveryItem.at(one) for one in found],
        next=str(offset + limit) if offset + limit < total else None,
        total=total,
    )


@router.get("/years", access=Access.signed_in, summary="The years in which you played something")
async def years(actor: CurrentActor, statistics: Statistics) -> YearsAnswer:
    found = await statistics.years(actor)
    return YearsAnswer(items=[YearItem(year=year, plays=plays, heard_ms=heard) for year, plays, heard in found])


@router.get("/years/{year}", access=Access.signed_in, summary="A year in music")
async def year_in_music(
    actor: CurrentActor, statistics: Statistics, year: Annotated[int, Path(ge=1970, le=9000)]
) -> YearAnswer:
    return YearAnswer.of(await statistics.year_in_music(actor, year))


@router.get(
    "/of/{id}",
    access=Access.signed_in,
    responses=problems(404),
    summary="What you did with one track, album, artist or genre over the years",
)
async def of_thing(id: str, actor: CurrentActor, statistics: Statistics) -> ThingAnswer:
    return ThingAnswer.of(await statistics.of_thing(actor, TypedId.parse(id)))


def _offset(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 9:
        raise BadCursor
    return int(cursor)
