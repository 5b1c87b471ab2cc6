"""Concerts as rows: what is new or different is written, what ended leads on to where its recordings went."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Table, delete, exists, select, update

from segue.core.clock import utc_now
from segue.core.db import Transaction
from segue.live import bulk, grouping
from segue.live.bulk import among
from segue.live.mirror import counting, places, rows, standing
from segue.live.mirror.concluding import Concluded, Conclusion
from segue.live.mirror.details import write_heard
from segue.live.mirror.loading import Loaded, Wanted
from segue.live.mirror.same import Slot, match
from segue.live.models import LiveConcert, LiveConcertRecording, LivePin, LiveRecording, LiveRedirect, LiveTrack
from segue.live.search import index as search_index
from segue.live.songs.heard import mark_segues
from segue.live.songs.writing import NewSetlist, settle, write_setlists

CONCERTS = cast(Table, LiveConcert.__table__)
HELD = cast(Table, LiveConcertRecording.__table__)
RECORDINGS = cast(Table, LiveRecording.__table__)
REDIRECTS = cast(Table, LiveRedirect.__table__)
COLUMNS = (
    "artist_id", "date", "date_sort", "date_number", "day_of_year", "precision", "sequence", "show_time", "kind", "tour",
    "venue_id", "recording_count", "best_recording_id", "best_score", "best_completeness", "source_types", "rating",
    "added_at", "kept",
)  # fmt: skip
"""What grouping says of a concert; its songs are written by `songs`, its title by people."""
HELD_COLUMNS = ("role", "rank", "score", "completeness", "terms", "missing", "evidence")


@dataclass(slots=True)
class Written:
    new: int = 0
    changed: int = 0
    ended: int = 0


async def write(tx: Transaction, loaded: Loaded, conclusion: Conclusion, wanted: Wanted) -> Written:
    """Bring the rows to what was concluded."""
    now = utc_now()
    done = Written()
    concerts = conclusion.concerts
    numbers = {identifier: row.id for identifier, row in loaded.recordings.items()}
    members = [[numbers[name] for name in one.roles] for one in concerts]
    before: dict[int, tuple[Slot, Collection[int]]] = {
        number: ((row.artist_id, row.date, row.sequence), loaded.held[number])
        for number, row in loaded.concerts.items()
    }
    slots: list[Slot] = [(one.artist_id, one.concert.date, one.concert.sequence) for one in concerts]
    matched = match(list(zip(slots, members, strict=True)), before)
    venues = await places.venues_of(tx, [one.concert for one in concerts])
    kept = await _kept(tx, loaded)
    values = [_values(one, loaded, numbers, venue, kept) for one, venue in zip(concerts, venues, strict=True)]
    fresh = [place for place, number in enumerate(matched.ids) if number is None]
    uids = await _uids(tx, [concerts[place].concert.key for place in fresh])
    new_rows = [(uid, *values[place], now) for uid, place in zip(uids, fresh, strict=True)]
    await bulk.put(tx, CONCERTS, ("uid", *COLUMNS, "changed_at"), new_rows)
    if fresh:
        made = dict(
            (
                await tx.execute(select(CONCERTS.c.uid, CONCERTS.c.id).where(among(CONCERTS.c.uid, uids, tx.dialect)))
            ).all()  # type: ignore[arg-type]
        )
        for uid, place in zip(uids, fresh, strict=True):
            matched.ids[place] = made[uid]
    ids = [cast(int, number) for number in matched.ids]
    different = {ids[place] for place in fresh}
    changed_rows = []
    for place, number in enumerate(ids):
        old = loaded.concerts.get(number)
        if old is not None and tuple(getattr(old, name) for name in COLUMNS) != values[place]:
            changed_rows.append((number, *values[place], now))
            different.add(number)
    await bulk.change(tx, CONCERTS, (*COLUMNS, "changed_at"), changed_rows)
    different |= await _write_held(tx, loaded, concerts, ids, numbers)
    await _end(tx, loaded, matched.ended, ids, done)
    whole = {artist for artist, dates in wanted.items() if dates is None}
    await _write_setlists(tx, loaded, concerts, ids, whole)
    await standing.write_standing(tx, loaded, conclusion, numbers)
    artists = {row.id: row.artist_id for row in loaded.recordings.values() if row.artist_id is not None}
    await write_heard(tx, artists, {numbers[name]: heard for name, heard in conclusion.heard.items()})
    spoken = [
        number for one, number in zip(concerts, ids, strict=True) if not conclusion.heard.keys().isdisjoint(one.roles)
    ]
    await mark_segues(tx, spoken)
    await search_index.index_concerts(tx, sorted(different))
    old_venues = {row.venue_id for row in loaded.concerts.values() if row.venue_id is not None}
    await counting.count_venues(tx, old_venues | {venue for venue in venues if venue is not None})
    await counting.count_artists(tx, wanted)
    tx.all_changed("concert", different)
    done.new = len(fresh)
    done.changed = len(different) - len(fresh)
    done.ended = len(matched.ended)
    return done


def _values(
    one: Concluded, loaded: Loaded, numbers: dict[str, int], venue: int | None, kept: set[int]
) -> tuple[Any, ...]:
    concert = one.concert
    best = one.ranked[0] if one.ranked else None
    held = [loaded.recordings[name] for name in one.roles]
    types = sorted({row.source_type for row in held})
    return (
        one.artist_id, concert.date, rows.date_sort(concert.date), rows.date_number(concert.date),
        rows.day_of_year(concert.date), concert.precision,
        concert.sequence, concert.show_time, concert.kind, one.tour, venue, len(held),
        numbers[best.identifier] if best else None, best.score if best else None, best.completeness if best else None,
        f" {' '.join(types)} " if types else "", one.rating, max((row.added_at for row in held), default=""),
        sum(1 for row in held if row.id in kept),
    )  # fmt: skip


async def _kept(tx: Transaction, loaded: Loaded) -> set[int]:
    """Those of the recordings that are on this server."""
    detailed = [row.id for row in loaded.recordings.values() if row.details_at is not None]
    if not detailed:
        return set()
    t = LiveTrack
    here = select(t.recording_id).where(among(t.recording_id, detailed, tx.dialect), t.track_id.is_not(None)).distinct()  # type: ignore[arg-type]
    return set((await tx.conn.scalars(here)).all())


async def _uids(tx: Transaction, keys: list[str]) -> list[str]:
    """A uid of its own for each new concert: that of its key, or of its key and a number where another concert has that."""
    taken: set[str] = set()
    wanted = [grouping.concert_uid(key) for key in keys]
    if wanted:
        known = select(CONCERTS.c.uid).where(among(CONCERTS.c.uid, wanted, tx.dialect))
        taken = set((await tx.conn.scalars(known)).all())
    uids = []
    for key, uid in zip(keys, wanted, strict=True):
        number = 2
        while uid in taken:
            uid = grouping.concert_uid(f"{key}#{number}")
            number += 1
            if await tx.scalar(select(exists().where(CONCERTS.c.uid == uid))):
                taken.add(uid)
        taken.add(uid)
        uids.append(uid)
    return uids


async def _write_held(
    tx: Transaction, loaded: Loaded, concerts: list[Concluded], ids: list[int], numbers: dict[str, int]
) -> set[int]:
    """Keep which recordings are of which concert, and why in this order; the concerts where that is different."""
    put: list[tuple[Any, ...]] = []
    gone: list[tuple[int, int]] = []
    different: set[int] = set()
    for one, number in zip(concerts, ids, strict=True):
        there = loaded.held.get(number, {})
        ranks = {each.identifier: each for each in one.ranked}
        for identifier, (role, evidence) in one.roles.items():
            ranked = ranks[identifier]
            terms = [
                [term.code, round(term.value, 4), round(term.weight, 4), dict(term.params)] for term in ranked.terms
            ] or None
            values = (
                role,
                ranked.rank,
                ranked.score,
                ranked.completeness,
                terms,
                list(ranked.missing) or None,
                evidence or None,
            )
            old = there.get(numbers[identifier])
            if old is None or tuple(getattr(old, name) for name in HELD_COLUMNS) != values:
                put.append((number, numbers[identifier], *values))
                different.add(number)
        mine = {numbers[name] for name in one.roles}
        left = [recording for recording in there if recording not in mine]
        gone += [(number, recording) for recording in left]
        if left:
            different.add(number)
    await bulk.drop_rows(tx, HELD, ("concert_id", "recording_id"), gone)
    await bulk.put(tx, HELD, ("concert_id", "recording_id", *HELD_COLUMNS), put, key=("concert_id", "recording_id"))
    return different


async def _end(tx: Transaction, loaded: Loaded, ended: dict[int, int | None], ids: list[int], done: Written) -> None:
    """Take away concerts that are none any more; what people hold of them goes to where their recordings are."""
    lost: list[int] = []
    for number, place in ended.items():
        if place is not None:
            await _lead_on(tx, number, loaded.concerts[number].uid, ids[place])
        lost.append(number)
        tx.changed("concert", number, "delete")
    if lost:
        await search_index.forget(tx, "concert", lost)
        await tx.execute(delete(CONCERTS).where(among(CONCERTS.c.id, lost, tx.dialect)))


async def _lead_on(tx: Transaction, ended: int, uid: str, kept: int) -> None:
    p = LivePin
    there = select(p.user_id).where(p.concert_id == kept)
    await tx.execute(update(p).where(p.concert_id == ended, p.user_id.not_in(there)).values(concert_id=kept))
    await tx.ended_in("concert", ended, kept)
    await tx.execute(update(LiveRedirect).where(LiveRedirect.concert_id == ended).values(concert_id=kept))
    await bulk.put(tx, REDIRECTS, ("ended_id", "uid", "concert_id"), [(ended, uid, kept)], key=("ended_id",))


async def _write_setlists(
    tx: Transaction, loaded: Loaded, concerts: list[Concluded], ids: list[int], whole: Collection[int]
) -> None:
    by_artist: dict[int, list[NewSetlist]] = defaultdict(list)
    moved: set[int] = set()
    for one, number in zip(concerts, ids, strict=True):
        old = loaded.concerts.get(number)
        if one.sets or (old is not None and old.setlist_source):
            by_artist[one.artist_id].append(NewSetlist(number, one.sets, one.setlist_source))
            if old is not None and (old.kind, old.date_sort) != (one.concert.kind, rows.date_sort(one.concert.date)):
                moved.add(one.artist_id)
    for artist, setlists in by_artist.items():
        await write_setlists(tx, artist, setlists)
        await search_index.index_songs(tx, artist, only_new=artist not in whole)
        if artist in moved:
            await settle(tx, artist)
