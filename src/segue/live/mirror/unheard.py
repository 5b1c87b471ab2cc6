"""Concerts that are only known by their setlist: nobody's recording of them is here, yet they were played and attended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from segue.live import grouping
from segue.live.facts import artist_key
from segue.live.mirror.loading import Wanted
from segue.live.records import Concert, Setlist


def unheard(
    setlists: Sequence[Setlist], concerts: Sequence[Concert], by_key: dict[str, int], wanted: Wanted
) -> Iterator[Concert]:
    """A concert for each show of a wanted date that no recorded concert is. Where several sources tell of a day, the one that
    knows most shows counts; a day with as many recorded concerts as shows has none left."""
    heard: dict[tuple[str, str], list[Concert]] = defaultdict(list)
    sequences: dict[tuple[str, str], set[int]] = defaultdict(set)
    for concert in concerts:
        sequences[concert.artist_key, concert.date].add(concert.sequence)
        if concert.kind == "concert":
            heard[concert.artist_key, concert.date].append(concert)
    told: dict[tuple[str, str], dict[str, list[Setlist]]] = defaultdict(lambda: defaultdict(list))
    for setlist in setlists:
        key = artist_key(setlist.artist)
        number = by_key.get(key)
        if number is None or number not in wanted or len(setlist.date) != 10:
            continue
        dates = wanted[number]
        if dates is None or setlist.date in dates:
            told[key, setlist.date][setlist.source].append(setlist)
    for (key, date), by_source in sorted(told.items()):
        shows = max(by_source.values(), key=len)
        there = heard.get((key, date), [])
        matched = [concert.setlist for concert in there if concert.setlist is not None]
        left = [show for show in shows if not any(_same(show, other) for other in matched)]
        times = {concert.show_time for concert in there if concert.show_time}
        left = [show for show in left if show.show_time is None or show.show_time not in times]
        taken = sequences[key, date]
        for show in left[: max(0, len(shows) - len(there))]:
            sequence = next(number for number in range(1, 100) if number not in taken)
            taken.add(sequence)
            place = ", ".join(part for part in (show.city, show.state or show.country) if part)
            yield Concert(
                key=grouping.concert_key(key, date, sequence), artist_key=key, artist=show.artist, date=date, precision="day",
                sequence=sequence, show_time=show.show_time, kind="concert", recordings=(), setlist=show, venue=show.venue,
                location=place,
            )  # fmt: skip


def _same(one: Setlist, other: Setlist) -> bool:
    return (one.source, one.show_id, one.show_time) == (other.source, other.show_id, other.show_time)
