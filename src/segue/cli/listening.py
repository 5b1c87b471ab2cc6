"""`segue listening …`: what one person played, for whoever has the server's own shell."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from segue.cli.given import DataDir, Json, emit, opened, read_settings, run, say

if TYPE_CHECKING:
    from segue.app import Segue
    from segue.core.access import Actor
    from segue.listening.statistics.ranges import Range

app = typer.Typer(no_args_is_help=True, help="What one person played: tops, history, totals, export.")
Who = Annotated[
    str, typer.Option("--user", "-u", help="Whose plays: a username or an e-mail address.", show_default=False)
]
For = Annotated[
    str | None,
    typer.Option(
        "--period", help="day, week, month, year, all, last_7_days, last_30_days, last_90_days, last_365_days."
    ),
]
At = Annotated[datetime | None, typer.Option("--at", formats=["%Y-%m-%d"], help="A day in the period; today.")]
From = Annotated[
    datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="In place of a period: its first day.")
]
To = Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="In place of a period: its last day.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=1000, help="How many lines.")]
Work = Callable[["Segue", "Actor"], Awaitable[int]]
KINDS = ("tracks", "albums", "artists", "genres", "decades")


@app.command()
def top(
    user: Who,
    kind: Annotated[str, typer.Argument(help="tracks, albums, artists, genres or decades.")] = "artists",
    period: For = None,
    at: At = None,
    first: From = None,
    last: To = None,
    by_time: Annotated[bool, typer.Option("--by-time", help="By how long instead of how often.")] = False,
    limit: Limit = 20,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """List what somebody played most."""
    if kind not in KINDS:
        raise typer.BadParameter(f"{kind!r} is not one of {', '.join(KINDS)}.", param_hint="KIND")

    async def work(segue: Segue, actor: Actor) -> int:
        from segue.listening.statistics.schemas import PlacedItem
        from segue.listening.statistics.service import StatisticsService

        statistics = segue.services.get(StatisticsService)
        stretch = _stretch(statistics.today(actor), period, at, first, last)
        by = "time" if by_time else "plays"
        for placed in await statistics.top(actor, kind.removesuffix("s"), stretch, by=by, limit=limit):
            if json:
                emit(PlacedItem.at(placed).model_dump(exclude={"plays_before"}))
            else:
                thing = placed.thing
                name = f"{thing.artist} – {thing.title}" if thing.artist else thing.title
                print(f"{placed.place}\t{_plays(placed.plays)}\t{_hours(placed.heard_ms)}\t{name}")
        return 0

    _with(user, data_dir, work)


@app.command()
def history(
    user: Who,
    words: Annotated[str, typer.Argument(help="Words in title, artist or album.")] = "",
    first: From = None,
    last: To = None,
    limit: Limit = 50,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """List what somebody played, newest first."""

    async def work(segue: Segue, actor: Actor) -> int:
        from segue.core.clock import rfc3339
        from segue.listening.service import ListeningService, Sought
        from segue.listening.statistics.schemas import PlayItem

        listening = segue.services.get(ListeningService)
        sought, left = Sought(words, _day(first), _day(last)), limit
        before = None
        while left > 0:
            page = await listening.history(actor, before=before, limit=left, sought=sought)
            for play in page.plays:
                if json:
                    emit(PlayItem.of(play).model_dump())
                else:
                    print(f"{rfc3339(play.played_at)}\t{play.artist} – {play.title}\t{play.album}\t{play.client}")
            before, left = page.next, left - len(page.plays)
            if before is None:
                break
        return 0

    _with(user, data_dir, work)


@app.command()
def stats(
    user: Who,
    period: For = None,
    at: At = None,
    first: From = None,
    last: To = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Say how much somebody played, and their days in a row with music."""

    async def work(segue: Segue, actor: Actor) -> int:
        from segue.listening.statistics.schemas import RangeItem, StreakItem, TotalsItem
        from segue.listening.statistics.service import StatisticsService

        statistics = segue.services.get(StatisticsService)
        stretch = _stretch(statistics.today(actor), period, at, first, last)
        totals = await statistics.totals(actor, stretch)
        current, longest = await statistics.streaks(actor)
        if json:
            runs = {"current": StreakItem.of(current), "longest": StreakItem.of(longest)}
            said = {name: streak.model_dump(mode="json") if streak else None for name, streak in runs.items()}
            about = {"range": RangeItem.of(stretch).model_dump(mode="json"), "streaks": said}
            emit(about | TotalsItem.of(totals).model_dump())
            return 0
        print(f"{_plays(totals.plays)}, {_hours(totals.heard_ms)}, on {totals.days:,} days")
        for name, count, new in (
            ("tracks", totals.tracks, totals.new_tracks),
            ("albums", totals.albums, totals.new_albums),
            ("artists", totals.artists, totals.new_artists),
        ):
            print(f"{count:,} {name}, {new:,} of them for the first time")
        print(
            f"Days in a row with music: {current.days if current else 0} now, {longest.days if longest else 0} at most"
        )
        return 0

    _with(user, data_dir, work)


@app.command()
def export(
    user: Who,
    file: Annotated[
        Path | None, typer.Argument(help="Where to; stdout where it is left out.", show_default=False)
    ] = None,
    format: Annotated[
        str, typer.Option("--format", help="jsonl (everything), csv (plays) or listenbrainz (plays).")
    ] = "jsonl",
    data_dir: DataDir = None,
) -> None:
    """Write out everything that is somebody's own: plays, stars, ratings, tags, bookmarks, searches."""

    async def work(segue: Segue, actor: Actor) -> int:
        from segue.listening.service import Form, ListeningService

        if format not in list(Form):
            say(f"{format!r} is not one of {', '.join(Form)}.")
            return 2
        pieces = segue.services.get(ListeningService).export(actor, Form(format))
        if file is None:
            async for piece in pieces:
                sys.stdout.write(piece)
            return 0
        with file.open("w", encoding="utf-8", newline="") as out:
            async for piece in pieces:
                out.write(piece)
        say(f"Written to {file}.")
        return 0

    _with(user, data_dir, work)


def _with(user: str, data_dir: Path | None, work: Work) -> None:
    """Do something as somebody."""
    settings = read_settings(data_dir=data_dir)

    async def whole() -> int:
        from segue.accounts.service import AccountService

        async with opened(settings) as segue:
            return await work(segue, await segue.services.get(AccountService).actor_for(user))

    raise typer.Exit(run(whole))


def _stretch(
    today: date, period: str | None, at: datetime | None, first: datetime | None, last: datetime | None
) -> Range:
    from segue.listening.statistics.ranges import Period, asked_range

    if period is not None and period not in list(Period):
        raise typer.BadParameter(f"{period!r} is not one of {', '.join(Period)}.", param_hint="--period")
    return asked_range(Period(period) if period else None, _day(at), _day(first), _day(last), today)


def _day(given: datetime | None) -> date | None:
    return given.date() if given is not None else None


def _plays(count: int) -> str:
    return "1 play" if count == 1 else f"{count:,} plays"


def _hours(milliseconds: int) -> str:
    minutes = milliseconds // 60_000
    return f"{minutes // 60:,} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
