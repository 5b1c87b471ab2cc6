"""Setlists become performances: which song stood where, how long it had not been played, how often it was.

What hangs on other evenings (gaps, counts, first and last) is settled in the same transaction, so that it is right whenever
somebody looks. Names that a person called no song, or another song, are taken as that person said.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from segue.core.db import Transaction
from segue.live.records import SetlistSet
from segue.live.songs import rows, settling
from segue.live.songs.sets import Placed, placed
from segue.live.titles import song_key


@dataclass(frozen=True, slots=True)
class NewSetlist:
    """The songs of a concert, and whose word they are: reference, person, consensus; empty sets for none."""

    concert_id: int
    sets: tuple[SetlistSet, ...]
    source: str


async def write_setlist(
    tx: Transaction, concert_id: int, artist_id: int, sets: Sequence[SetlistSet], source: str
) -> bool:
    """Make `sets` the setlist of a concert of this artist; whether anything is different now.

    Songs that are new are made, gaps and counts of all it touches are right afterwards. `source` is empty where `sets` is.
    """
    return bool(await write_setlists(tx, artist_id, [NewSetlist(concert_id, tuple(sets), source)]))


async def write_setlists(tx: Transaction, artist_id: int, setlists: Sequence[NewSetlist]) -> set[int]:
    """`write_setlist` for many concerts of one artist, settled once; the ids of the concerts that are different now."""
    wanted = {one.concert_id: list(placed(one.sets)) for one in setlists}
    songs = await _songs(tx, artist_id, [song.name for songs in wanted.values() for song in songs])
    there = await rows.performances_of(tx, list(wanted))
    known = await rows.known_setlists(tx, list(wanted))
    changed: dict[int, list[rows.PerformanceRow] | None] = {}
    marks: list[tuple[int, str, int]] = []
    touched: set[int] = set()
    whole = False
    for one in setlists:
        fresh = _performances(wanted[one.concert_id], songs)
        old = there.get(one.concert_id, [])
        mark = (one.source if fresh else "", len({row.song_id for row in fresh if row.set_number}))
        before = known.get(one.concert_id, ("", 0))
        same = [row.kept for row in fresh] == [row.kept for row in old]
        if same and mark == before:
            continue
        changed[one.concert_id] = None if same else fresh
        marks.append((one.concert_id, *mark))
        if not same:
            touched |= {row.song_id for row in (*fresh, *old)}
        whole = whole or bool(mark[1]) != bool(before[1])
    await rows.replace_performances(tx, {number: fresh for number, fresh in changed.items() if fresh is not None})
    await rows.mark_setlists(tx, marks)
    tx.all_changed("concert", changed)
    if touched or whole:
        await settling.settle(tx, artist_id, None if whole else touched)
    return set(changed)


async def settle(tx: Transaction, artist_id: int, songs: Collection[int] | None = None) -> None:
    """Make gaps and counts right again, of these songs or (None) all of the artist: for whoever moved, joined or removed
    concerts, or changed their kind, without changing what was played at them."""
    await settling.settle(tx, artist_id, songs)


async def _songs(tx: Transaction, artist_id: int, names: Sequence[str]) -> dict[str, int | None]:
    """The song of each name, made where there is none; None for what is no song."""
    keys = {name: song_key(name) for name in dict.fromkeys(names)}
    found = await rows.songs_by_key(tx, artist_id, {key for key in keys.values() if key})
    new: dict[str, str] = {}
    for name, key in keys.items():
        if key and key not in found:
            new.setdefault(key, name.strip())
    found |= await rows.make_songs(tx, artist_id, new)
    return {name: found.get(key) for name, key in keys.items()}


def _performances(songs: Sequence[Placed], ids: dict[str, int | None]) -> list[rows.PerformanceRow]:
    """Rows for the songs; what is no song is left out, and the next one of its set opens it."""
    kept = [(song, number) for song in songs if (number := ids.get(song.name)) is not None]
    fresh = []
    for at, (song, number) in enumerate(kept):
        first = at == 0 or kept[at - 1][0].set_number != song.set_number
        last = at == len(kept) - 1 or kept[at + 1][0].set_number != song.set_number
        place = "both" if first and last else "opener" if first else "closer" if last else ""
        place = place if song.set_number else ""
        fresh.append(rows.PerformanceRow(at + 1, song.set_number, song.set_name, place, number, song.segue, song.note))
    return fresh
