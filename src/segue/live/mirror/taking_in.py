"""Taking items in: what the archive said is kept raw, what follows from it becomes a row, and the dates that it touches are
marked to be put into concerts anew.

An item that is as it was last time costs a comparison and nothing else, so that reading a whole list again is cheap.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, cast

import msgspec
import zstandard
from sqlalchemy import Table, select

from segue.core.clock import utc_now
from segue.core.db import Transaction
from segue.live import bulk
from segue.live.facts import Bands, artist_key, facts_of
from segue.live.mirror import known, rows
from segue.live.mirror.known import KnownArtists
from segue.live.models import LiveArtist, LiveBill, LiveRaw, LiveRecording, LiveRegroup
from segue.live.records import Facts, Item

Part = Literal["listed", "details"]
RECORDINGS = cast(Table, LiveRecording.__table__)
RAW = cast(Table, LiveRaw.__table__)
BILLS = cast(Table, LiveBill.__table__)
REGROUPS = cast(Table, LiveRegroup.__table__)
BATCH = 500
"""Items written in one statement."""
FLEETING = frozenset({"downloads", "week", "month", "indexdate", "num_favorites", "files_count"})
"""Members of what the archive says that change without anything else having changed."""

_encoder = msgspec.json.Encoder(order="sorted")
_pack = zstandard.ZstdCompressor(level=3)


@dataclass(slots=True)
class TakenIn:
    """What a batch did: items that were new, those that were changed, those that were as before."""

    new: int = 0
    changed: int = 0
    same: int = 0
    dates: int = 0
    """Dates of artists that are to be grouped anew."""

    def add(self, other: TakenIn) -> None:
        self.new += other.new
        self.changed += other.changed
        self.same += other.same
        self.dates += other.dates


class Intake:
    """Takes items in; one for a run, since it remembers the bands it met."""

    def __init__(self, bands: Bands | None = None) -> None:
        self._bands = bands
        self._artists = KnownArtists()

    async def take_in(
        self, tx: Transaction, items: Sequence[Item], part: Part = "listed", *, at: datetime | None = None
    ) -> TakenIn:
        """Write items that are new or changed; `at` is when the archive said so (now by default)."""
        if self._bands is None:
            self._bands = await known.bands(tx.conn)
        moment = at or utc_now()
        done = TakenIn()
        for start in range(0, len(items), BATCH):
            try:
                done.add(await self._batch(tx, items[start : start + BATCH], part, moment))
            except BaseException:
                self._artists.forget()
                raise
        return done

    async def _batch(self, tx: Transaction, items: Sequence[Item], part: Part, at: datetime) -> TakenIn:
        by_name = {item.identifier: item for item in items}
        there = await _there(tx, list(by_name), part)
        fresh: list[tuple[Item, bytes, str]] = []
        for item in by_name.values():
            body, digest = _said(item)
            row = there.get(item.identifier)
            if row is None or row.etag != digest or row.status != ("dark" if item.dark else "there"):
                fresh.append((item, body, digest))
        done = TakenIn(same=len(by_name) - len(fresh))
        if not fresh:
            return done
        words = await known.words_about(tx.conn, [item.identifier for item, _, _ in fresh])
        concluded = [
            (item, self._facts(item, words.get(item.identifier)), body, digest) for item, body, digest in fresh
        ]
        if part == "listed":
            concluded = [await self._with_details(tx, one, there, words) for one in concluded]
        named = {
            key: name
            for _, facts, _, _ in concluded
            for key, name in zip(facts.artist_keys, facts.artist_names, strict=True)
        }
        artists = await self._artists.ids(tx, named)
        values = [rows.values_of(item, facts, _artist(facts, artists), at) for item, facts, _, _ in concluded]
        await bulk.put(tx, RECORDINGS, rows.COLUMNS, values, key=("provider", "identifier"))
        numbers = {
            row.identifier: row.id
            for row in (await _there(tx, [one[0].identifier for one in concluded], part)).values()
        }
        raws = [(numbers[item.identifier], part, body, at, digest) for item, _, body, digest in concluded]
        await bulk.put(
            tx, RAW, ("recording_id", "part", "body", "fetched_at", "etag"), raws, key=("recording_id", "part")
        )
        await self._bill(tx, concluded, numbers, artists, there)
        done.new = sum(1 for item, _, _, _ in concluded if item.identifier not in there)
        done.changed = len(concluded) - done.new
        done.dates = await _mark(tx, concluded, artists, there)
        tx.all_changed("recording", numbers.values())
        return done

    def _facts(self, item: Item, words: dict[str, Any] | None) -> Facts:
        facts = facts_of(item, bands=self._bands)
        return rows.overridden(facts, words, artist_key) if words else facts

    async def _with_details(
        self,
        tx: Transaction,
        one: tuple[Item, Facts, bytes, str],
        there: dict[str, Any],
        words: dict[str, dict[str, Any]],
    ) -> tuple[Item, Facts, bytes, str]:
        """Where an item's details were fetched, they know more than a list does: only what lists count is taken over."""
        listed, _, body, digest = one
        row = there.get(listed.identifier)
        if row is None or row.details_at is None:
            return one
        details = await details_of(tx.conn, row.id)
        if details is None:
            return one
        item = replace(
            details, rating=listed.rating, review_count=listed.review_count, downloads=listed.downloads,
            updated_at=listed.updated_at or details.updated_at, dark=listed.dark,
        )  # fmt: skip
        return item, self._facts(item, words.get(item.identifier)), body, digest

    async def _bill(
        self,
        tx: Transaction,
        concluded: Sequence[tuple[Item, Facts, bytes, str]],
        numbers: dict[str, int],
        artists: dict[str, int],
        there: dict[str, Any],
    ) -> None:
        """Keep who else stands on the bill."""
        await bulk.drop(
            tx, BILLS, [numbers[i.identifier] for i, _, _, _ in concluded if i.identifier in there], key="recording_id"
        )
        shared = [
            (numbers[item.identifier], artists[key])
            for item, facts, _, _ in concluded
            for key in dict.fromkeys(facts.artist_keys[1:])
            if key in artists and key != facts.artist_keys[0]
        ]
        await bulk.put(tx, BILLS, ("recording_id", "artist_id"), shared)


async def take_in(tx: Transaction, items: Sequence[Item], part: Part = "listed") -> TakenIn:
    """Take in a few items, as `Intake.take_in` does."""
    return await Intake().take_in(tx, items, part)


async def details_of(conn: Any, recording_id: int) -> Item | None:
    """The item as its details said it when they were last fetched; None where they never were."""
    from segue.live.mirror.kept import kept_item

    return await kept_item(conn, recording_id, "details")


async def mark(tx: Transaction, marks: Sequence[tuple[int, str]]) -> None:
    """Have these (artist, date) put into concerts anew; an empty date stands for all of an artist's."""
    wanted = [(artist, date, 1) for artist, date in sorted(set(marks))]
    again = "version = live_regroups.version + 1"
    await bulk.put(tx, REGROUPS, ("artist_id", "date", "version"), wanted, key=("artist_id", "date"), raw_changes=again)


async def mark_all(tx: Transaction) -> None:
    """Have everything put into concerts anew."""
    await mark(tx, [(number, "") for number in (await tx.execute(select(LiveArtist.id))).scalars()])


async def _mark(
    tx: Transaction, concluded: Sequence[tuple[Item, Facts, bytes, str]], artists: dict[str, int], there: dict[str, Any]
) -> int:
    marks: set[tuple[int, str]] = set()
    for item, facts, _, _ in concluded:
        marks.update((artists[key], facts.date) for key in facts.artist_keys if key in artists)
        before = there.get(item.identifier)
        if before is not None and before.artist_id is not None:
            marks.add((before.artist_id, before.date))
    await mark(tx, list(marks))
    return len(marks)


def _artist(facts: Facts, artists: dict[str, int]) -> int | None:
    return artists.get(facts.artist_keys[0]) if facts.artist_keys else None


def _said(item: Item) -> tuple[bytes, str]:
    """What the archive said, packed, and its digest without what is fleeting."""
    said = item.raw or plain(item)
    body = _encoder.encode(said)
    lasting = said if FLEETING.isdisjoint(said) else {name: said[name] for name in said if name not in FLEETING}
    digest = hashlib.blake2b(body if lasting is said else _encoder.encode(lasting), digest_size=8).hexdigest()
    return _pack.compress(body), digest


def plain(item: Item) -> dict[str, Any]:
    """An item that came without raw words, as JSON; `records.Item` again by `kept.kept_item`."""
    return {"item": msgspec.to_builtins(item)}


async def _there(tx: Transaction, identifiers: list[str], part: Part) -> dict[str, Any]:
    """What is known of these recordings: id, artist, date, status, details and the digest of what was last said."""
    raw = bulk.name_of(RAW, tx.dialect)
    found = await bulk.rows_of(
        tx.conn,
        "SELECT r.identifier, r.id, r.artist_id, r.date, r.status, r.details_at, w.etag FROM live_recordings r "
        f"LEFT JOIN {raw} w ON w.recording_id = r.id AND w.part = :part "
        f"WHERE r.provider IN ('archive', 'tape') AND {bulk.listed('r.identifier', tx.dialect, texts=True)}",
        identifiers,
        part=part,
    )
    return {row.identifier: row for row in found}
