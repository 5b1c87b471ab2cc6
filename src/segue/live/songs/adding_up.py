"""What whole evenings say of one song, as pure functions of their rows (`reading.evenings`)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
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

MOST = 25
"""Neighbours and companions of one song that are told."""


def performances(rows: Sequence[Any], song_id: int | None = None) -> list[PerformanceView]:
    """The performances of one song, or (None) all of them, with what came before and after each in its set."""
    found: list[PerformanceView] = []
    for _, evening in groupby(rows, key=lambda row: row.concert_id):
        whole = list(evening)
        nth = {row.position: at for at, row in enumerate(row for row in whole if row.set_number)}
        for at, row in enumerate(whole):
            if song_id is not None and row.song_id != song_id:
                continue
            before = whole[at - 1] if at else None
            after = whole[at + 1] if at + 1 < len(whole) else None
            found.append(
                PerformanceView(
                    row.song_id, row.name, Evening(row.concert_id, row.date, row.venue or "", row.city or ""), row.position,
                    nth[row.position] / (len(nth) - 1) if row.position in nth and len(nth) > 1 else None, row.set_number,
                    row.set_name, row.place, row.segue, row.segue_heard, row.note, row.gap, _beside(before, row),
                    _beside(after, row),
                )
            )  # fmt: skip
    return found


def details(
    song: SongView, rows: Sequence[Any], concerts: Mapping[str, int], since_first: int, titles: Sequence[str]
) -> SongDetails:
    """What `rows` (all evenings of the song) say of it. `concerts` is how many there were each year."""
    rows = [row for row in rows if row.kind == "concert"]
    played = [one for one in performances(rows, song.id) if one.set_number]
    nights = list({one.evening.id: one.evening for one in played}.values())
    years = Counter(evening.date[:4] for evening in nights)
    gaps = [one for one in played if one.gap is not None]
    longest = max(gaps, key=lambda one: one.gap or 0, default=None)
    within = [one.within for one in played if one.within is not None]
    before, after = _neighbours(played, rows)
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
        before=before,
        after=after,
        together=_together(rows, song.id),
        titles=list(titles),
    )


def with_plays(
    views: Sequence[PerformanceView], tracks: Mapping[int, Mapping[int, Sequence[Playable]]]
) -> list[PerformanceView]:
    """The same, each with the track that plays it; a song that was played twice takes its tracks in order."""
    seen: Counter[tuple[int, int]] = Counter()
    for view in views:
        nth = seen[view.evening.id, view.song_id]
        seen[view.evening.id, view.song_id] += 1
        having = tracks.get(view.evening.id, {}).get(view.song_id, ())
        view.play = having[min(nth, len(having) - 1)] if having else None
    return list(views)


def _beside(other: Any | None, row: Any) -> tuple[int, str] | None:
    return (other.song_id, other.name) if other is not None and other.set_number == row.set_number else None


def _neighbours(played: Sequence[PerformanceView], rows: Sequence[Any]) -> tuple[list[Neighbour], list[Neighbour]]:
    runs = {(row.concert_id, row.position): row.segue or row.segue_heard for row in rows}
    before: dict[tuple[int, str], list[bool]] = defaultdict(list)
    after: dict[tuple[int, str], list[bool]] = defaultdict(list)
    for one in played:
        if one.before is not None:
            before[one.before].append(runs[one.evening.id, one.position - 1])
        if one.after is not None:
            after[one.after].append(one.segue or one.segue_heard)
    return _ranked(before), _ranked(after)


def _ranked(found: Mapping[tuple[int, str], Sequence[bool]]) -> list[Neighbour]:
    every = [Neighbour(number, name, len(said), sum(said)) for (number, name), said in found.items()]
    return sorted(every, key=lambda one: (-one.times, -one.segues, one.name))


def _together(rows: Sequence[Any], song_id: int) -> list[Companion]:
    names = {row.song_id: row.name for row in rows}
    pairs = {(row.concert_id, row.song_id) for row in rows if row.set_number}
    nights = {concert for concert, song in pairs if song == song_id}
    times = Counter(song for concert, song in pairs if song != song_id and concert in nights)
    ranked = sorted(times.items(), key=lambda item: (-item[1], names[item[0]]))
    return [Companion(number, names[number], many) for number, many in ranked[:MOST]]
