"""What rows of setlists say of songs, as pure functions of them (`reading.evenings`, `reading.performances`)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from segue.live.songs.sets import is_encore
from segue.live.songs.views import (
    Companion,
    Evening,
    Longest,
    Neighbour,
    PerformanceView,
    Playable,
    SongDetails,
    SongView,
    YearOfSong,
)


def whole_evenings(rows: Sequence[Any]) -> list[PerformanceView]:
    """Every performance of whole setlists, with what came before and after it in its set."""
    found: list[PerformanceView] = []
    for _, evening in groupby(rows, key=lambda row: row.concert_id):
        whole = list(evening)
        shown = [row.position for row in whole if row.set_number]
        ends = (shown[0], shown[-1]) if shown else (None, None)
        for at, row in enumerate(whole):
            before = whole[at - 1] if at else None
            after = whole[at + 1] if at + 1 < len(whole) else None
            found.append(_view(row, ends, _beside(before, row), _beside(after, row)))
    return found


def of_song(rows: Iterable[Any]) -> list[PerformanceView]:
    """The performances of one song."""
    return [
        _view(
            row,
            (row.begins, row.ends),
            None if row.before_id is None else (row.before_id, row.before_name),
            None if row.after_id is None else (row.after_id, row.after_name),
        )
        for row in rows
    ]


def details(
    song: SongView,
    rows: Sequence[Any],
    concerts: Mapping[str, int],
    since_first: int,
    together: Sequence[Companion],
    titles: Sequence[str],
) -> SongDetails:
    """What `rows` (all performances of the song) say of it. `concerts` is how many there were each year."""
    rows = [row for row in rows if row.kind == "concert" and row.set_number]
    played = of_song(rows)
    nights = {one.evening.id: one.evening for one in played}.values()
    years = Counter(evening.date[:4] for evening in nights)
    longest = max((one for one in played if one.gap is not None), key=lambda one: one.gap or 0, default=None)
    within = [one.within for one in played if one.within is not None]
    before: dict[tuple[int, str], list[bool]] = defaultdict(list)
    after: dict[tuple[int, str], list[bool]] = defaultdict(list)
    for row, one in zip(rows, played, strict=True):
        if one.before is not None:
            before[one.before].append(bool(row.before_runs))
        if one.after is not None:
            after[one.after].append(one.segue or one.segue_heard)
    return SongDetails(
        song=song,
        concerts=sum(concerts.values()),
        since_first=since_first,
        first=played[0] if played else None,
        last=played[-1] if played else None,
        longest=None if longest is None else Longest(song.id, song.name, longest.gap or 0, longest.evening),
        years=[YearOfSong(year, years[year], many) for year, many in concerts.items()],
        sets=dict(Counter(one.set_name for one in played).most_common()),
        opened=sum(1 for one in played if one.place in ("opener", "both") and not is_encore(one.set_name)),
        closed=sum(1 for one in played if one.place in ("closer", "both") and not is_encore(one.set_name)),
        encores=sum(1 for one in played if is_encore(one.set_name)),
        mean_position=sum(within) / len(within) if within else None,
        segue_share=sum(1 for one in played if one.segue or one.segue_heard) / len(played) if played else None,
        before=_ranked(before),
        after=_ranked(after),
        together=list(together),
        titles=list(titles),
    )


def with_plays(
    views: Sequence[PerformanceView], tracks: Mapping[int, Mapping[int, Sequence[Playable]]]
) -> list[PerformanceView]:
    """The same, each with the track that plays it; a song that was played twice takes its tracks in order."""
    seen: Counter[tuple[int, int]] = Counter()
    for view in sorted(views, key=lambda one: one.position):
        nth = seen[view.evening.id, view.song_id]
        seen[view.evening.id, view.song_id] += 1
        having = tracks.get(view.evening.id, {}).get(view.song_id, ())
        view.play = having[min(nth, len(having) - 1)] if having else None
    return list(views)


def _view(
    row: Any, ends: tuple[int | None, int | None], before: tuple[int, str] | None, after: tuple[int, str] | None
) -> PerformanceView:
    begins, last = ends
    within = None
    if row.set_number and begins is not None and last is not None and last > begins:
        within = (row.position - begins) / (last - begins)
    return PerformanceView(
        row.song_id, row.name, Evening(row.concert_id, row.date, row.venue or "", row.city or ""), row.position, within,
        row.set_number, row.set_name, row.place, row.segue, row.segue_heard, row.note, row.gap, before, after,
    )  # fmt: skip


def _beside(other: Any | None, row: Any) -> tuple[int, str] | None:
    return (other.song_id, other.name) if other is not None and other.set_number == row.set_number else None


def _ranked(found: Mapping[tuple[int, str], Sequence[bool]]) -> list[Neighbour]:
    every = [Neighbour(number, name, len(said), sum(said)) for (number, name), said in found.items()]
    return sorted(every, key=lambda one: (-one.times, -one.segues, one.name))
