"""Reading a file into an import: every row is kept as it was read, with the track it may mean. Nothing of a person's lists
is touched before they have seen it and said go.

A step reads some hundred rows, looks for their tracks, and writes them with the checkpoint in one transaction; a killed job
reads the file again up to there, without looking for anything, and goes on.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, BinaryIO

from segue.core.access import Actor
from segue.core.db import Database, Transaction
from segue.library.finding import FindingService, Found
from segue.playlists.exchange import rows
from segue.playlists.exchange.events import Doubt, Entry, Event, ListHead
from segue.playlists.exchange.formats import Format, read
from segue.playlists.exchange.wanting import entry_as_json, others_of, reasons_of, state_of, wanted_of
from segue.playlists.ground import MAX_ROWS

STEP = 400
MOST_LISTS = 5_000
MOST_DOUBTS = 200
Saved = Callable[[Transaction, int], Awaitable[None]]
"""Called in each step's transaction with how many events have been taken."""
Smart = Callable[[ListHead], tuple[str | None, list[list[Any]]]]
"""From a smart list's document to its query, and what is to be told of it as [[code, params], …]."""


@dataclass(slots=True)
class Reading:
    """One file being read for `actor` into the import `import_id`."""

    db: Database
    finding: FindingService
    smart: Smart
    actor: Actor
    import_id: int
    file: BinaryIO
    name: str
    format: Format | None = None
    encoding: str | None = None

    async def run(self, taken: int = 0, saved: Saved | None = None, told: Callable[[int], None] | None = None) -> None:
        """Read the whole file from event `taken` on."""
        events = read(self.file, self.name, self.format, self.encoding)
        if taken:
            await asyncio.to_thread(_pass_over, events, taken)
        async with self.db.read() as conn:
            places: dict[int, int] = defaultdict(int, await rows.rows_so_far(conn, self.import_id))
            one = await rows.an_import(conn, self.import_id)
        doubts: list[Any] = list(one.doubts) if one is not None else []
        cut: set[int] = set()
        while step := await asyncio.to_thread(_some, events, STEP):
            taken += len(step)
            heads = [event for event in step if isinstance(event, ListHead)]
            for event in step:
                if isinstance(event, Doubt):
                    doubts.append([event.code, dict(event.params)])
            kept: list[Entry] = []
            for event in step:
                if not isinstance(event, Entry) or event.list_number >= MOST_LISTS:
                    continue
                if places[event.list_number] + sum(e.list_number == event.list_number for e in kept) >= MAX_ROWS:
                    cut.add(event.list_number)
                    continue
                kept.append(event)
            async with self.db.read() as conn:
                found = await self.finding.find(conn, [wanted_of(entry) for entry in kept], self.actor.libraries)
            async with self.db.write() as tx:
                await self._write(tx, heads, kept, found, places, doubts)
                if saved is not None:
                    await saved(tx, taken)
            if told is not None:
                told(taken)
        await self._end(doubts, cut, places)

    async def _write(
        self,
        tx: Transaction,
        heads: Sequence[ListHead],
        kept: Sequence[Entry],
        found: Sequence[Found | None],
        places: dict[int, int],
        doubts: list[Any],
    ) -> None:
        for head in heads:
            if head.number >= MOST_LISTS:
                continue
            query = None
            if head.kind == "smart":
                query, said = await asyncio.to_thread(self.smart, head)
                doubts += said
            await rows.put_list(
                tx,
                {
                    "import_id": self.import_id,
                    "number": head.number,
                    "name": head.name,
                    "comment": head.comment,
                    "kind": "smart" if query is not None else "manual",
                    "query": query,
                    "folder": list(head.folder),
                    "source_key": source_key(self.name, head),
                },
            )
        written: list[dict[str, Any]] = []
        counts: dict[int, Counter[str]] = defaultdict(Counter)
        for entry, one in zip(kept, found, strict=True):
            state = state_of(one)
            counts[entry.list_number][state] += 1
            if entry.problem is not None and one is None:
                counts[entry.list_number]["bad"] += 1
            written.append(
                {
                    "import_id": self.import_id,
                    "list_number": entry.list_number,
                    "place": places[entry.list_number],
                    "entry": entry_as_json(entry),
                    "state": state,
                    "track_id": one.track_id if one else None,
                    "score": one.score if one else None,
                    "method": one.method if one else None,
                    "reasons": reasons_of(entry, one) or None,
                    "others": others_of(one) or None,
                }
            )
            places[entry.list_number] += 1
        await rows.add_import_rows(tx, written)
        for number, more in counts.items():
            await rows.count_list(tx, self.import_id, number, dict(more))
        await rows.change_import(tx, self.import_id, {"doubts": doubts[:MOST_DOUBTS]})

    async def _end(self, doubts: list[Any], cut: set[int], places: dict[int, int]) -> None:
        async with self.db.write() as tx:
            names = {one.number: one.name for one in await rows.lists_of(tx.conn, self.import_id)}
            for number in sorted(cut):
                doubts.append(["list_too_long", {"name": names.get(number, ""), "most": MAX_ROWS}])
            if len(names) >= MOST_LISTS:
                doubts.append(["too_many_lists", {"most": MOST_LISTS}])
            state = "ready" if names else "failed"
            await rows.change_import(tx, self.import_id, {"doubts": doubts[:MOST_DOUBTS], "state": state})
            tx.changed("playlist_import", self.import_id, user_id=self.actor.person)


def source_key(file_name: str, head: ListHead) -> str:
    """What names a list wherever it is read from: what its program calls it, or its file and its name there."""
    if ":" in head.source:
        return head.source[:500]
    return f"{file_name}|{head.source or head.name}"[:500]


def _some(events: Iterator[Event], count: int) -> list[Event]:
    return list(islice(events, count))


def _pass_over(events: Iterator[Event], count: int) -> None:
    for _ in islice(events, count):
        pass
