"""The verbs of tapes at home: look into a folder, say what its tapes may be, and take a person's word for it.

Files are read in place and never renamed or changed. Nothing becomes a recording before a person accepts it.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.db import Database, Transaction
from segue.core.errors import SegueError
from segue.core.ids import format_id
from segue.core.pool import ProcessPool
from segue.core.text import sort_key
from segue.jobs import JobService
from segue.jobs.service import Ticket
from segue.library.deliveries import DeliveryService
from segue.live import repository as concerts
from segue.live import repository_writes as words
from segue.live.downloads import arriving_rows
from segue.live.errors import NoSuchConcert
from segue.live.facts.dates import when_of
from segue.live.ground import check_right
from segue.live.mirror.details import take_in_details
from segue.live.mirror.regrouping import regroup_now
from segue.live.mirror.taking_in import mark
from segue.live.ranking import USUAL, Weights
from segue.live.records import Item, ItemTrack
from segue.live.tapes import repository
from segue.live.tapes.asking import Asking
from segue.live.tapes.errors import AlreadyDecided, BadProposal, NoSuchTapeFolder, TapeNotFound
from segue.live.tapes.folders import Folder, printable, tapes_in
from segue.live.tapes.identifying import Identified, Identifier
from segue.live.tapes.items import ordered, tape_id
from segue.live.tapes.reading import TapeRead, read_tape

LOOK = "live.look_at_tapes"
DEADLINE_S = 900.0
"""For one tape: its three smallest files are read whole, perhaps from a slow disk."""
LIKELY = 2
"""Proposed concerts whose recordings' fingerprints are asked for."""
SAID = ("date", "artist", "with")
"""What a person's acceptance says of a recording."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A tape that was looked at: what was read and what it may be; `problem` where it could not be read."""

    folder: Folder
    read: TapeRead | None
    identified: Identified | None
    problem: str = ""


class TapeService:
    """The door to tapes at home. `deliveries` says which tracks of the library their files are."""

    def __init__(self, db: Database, jobs: JobService, deliveries: DeliveryService | None = None) -> None:
        self._db = db
        self._jobs = jobs
        self._deliveries = deliveries
        self.pool: Callable[[], ProcessPool] = lambda: ProcessPool(2)
        """Where files are opened: child processes, at a distance from whoever answers people."""
        self.ask: Callable[[], Asking] | None = None
        """Who asks the archive for fingerprints; None: nobody is asked."""
        self.weights: Callable[[], Weights] = lambda: USUAL
        """What counts how much when recordings are put in order."""

    # --- looking ------------------------------------------------------------------------------------------------------

    async def request(self, actor: Actor, folder: str) -> Ticket:
        """Have a job look into a folder of this server. Raises MayNotDecide, NoSuchTapeFolder."""
        check_right(actor)
        path = await asyncio.to_thread(checked_folder, folder)
        return await self._jobs.enqueue_now(
            LOOK, {"folder": path.hex(), "by": actor.user_id}, dedup_key=f"{LOOK}.{path.hex()[-200:]}", created_by=actor.user_id
        )  # fmt: skip

    async def look(self, path: bytes, *, ask: bool = True) -> AsyncIterator[Looked]:
        """The tapes in and below a folder with what each may be; nothing is kept but what the archive says of its recordings,
        which is asked unless `ask` is false."""
        folders = await asyncio.to_thread(lambda: list(tapes_in(path)))
        identifier = Identifier()
        asking = self.ask() if ask and self.ask is not None else None
        async with self.pool() as pool:
            async for outcome in pool.map_chunks(read_tape, folders, chunk=1, deadline_s=DEADLINE_S):
                read = outcome.value
                if read is None:
                    code = outcome.error.code if isinstance(outcome.error, SegueError) else "unreadable"
                    yield Looked(outcome.item, None, None, code)
                elif read.problem or not read.files:
                    yield Looked(outcome.item, read, None, read.problem or "unreadable")
                else:
                    yield Looked(outcome.item, read, await self._identified(identifier, read, asking))

    async def _identified(self, identifier: Identifier, read: TapeRead, asking: Asking | None) -> Identified:
        """What a tape may be. Where it is a concert and no recording is known to have its audio, the archive is asked for the
        fingerprints of those that there are."""
        async with self._db.read() as conn:
            found = await identifier.identify(conn, read)
        if asking is None or any(one.kind == "recording" for one in found.proposals):
            return found
        likely = [one.concert for one in found.proposals if one.concert is not None][:LIKELY]
        if likely and await asking.learn(likely):
            async with self._db.read() as conn:
                found = await identifier.identify(conn, read)
        return found

    async def keep(self, tx: Transaction, found: Looked, by: int | None) -> int | None:
        """Keep what a tape may be, for a person to decide; its number. None for one that could not be read."""
        if found.read is None or found.identified is None:
            return None
        return await repository.put(tx, _row(found.read, found.identified, by))

    # --- deciding -----------------------------------------------------------------------------------------------------

    async def page(
        self, actor: Actor, states: Sequence[str], *, after: tuple[str, int] | None = None, limit: int = 50
    ) -> tuple[Sequence[Any], tuple[str, int] | None, dict[str, int]]:
        """Tapes in these states by folder, where to go on, and how many there are by state. Raises MayNotDecide: folders of the
        server are told to editors alone."""
        check_right(actor)
        async with self._db.read() as conn:
            rows = await repository.page(conn, states, after, limit + 1)
            counts = await repository.counts(conn)
        some = rows[:limit]
        return some, (some[-1].sort_path, some[-1].id) if len(rows) > limit else None, counts

    async def tape(self, actor: Actor, number: int) -> Any:
        """One tape. Raises MayNotDecide, TapeNotFound."""
        check_right(actor)
        return await self.get(number)

    async def get(self, number: int) -> Any:
        """The row of a tape. Raises TapeNotFound."""
        async with self._db.read() as conn:
            row = await repository.get(conn, number)
        if row is None:
            raise TapeNotFound(number)
        return row

    async def accept(
        self,
        actor: Actor,
        number: int,
        *,
        proposal: int | None = None,
        concert: int | None = None,
        artist: str | None = None,
        date: str | None = None,
    ) -> Any:
        """Make a tape a recording: of a proposal by its place (0 the surest), of another concert, or of an artist and a date.

        Raises MayNotDecide, TapeNotFound, AlreadyDecided, BadProposal, NoSuchConcert.
        """
        check_right(actor)
        row = await self.get(number)
        if row.state == "accepted":
            raise AlreadyDecided(number, row.state)
        chosen = await self._chosen(row, proposal, concert, artist, date)
        item = msgspec.convert(row.item, Item)
        async with self._db.read() as conn:
            beside = await self._beside(conn, chosen)
            if chosen.get("recording"):
                item = _titled(item, await repository.titles_of(conn, chosen["recording"]))
        item = replace(item, identifier=row.identifier, creators=(chosen["artist"],), date=chosen["date"])
        said = {"date": chosen["date"], "artist": chosen["artist"]} | ({"with": beside} if beside else {})
        now = utc_now()
        async with self._db.write() as tx:
            for field, value in said.items():
                await words.say(tx, "recording", row.identifier, field, value, actor.user_id)
            recording, _ = await take_in_details(tx, item, now)
            await repository.decide(
                tx, number,
                {"state": "accepted", "recording_id": recording, "decided_at": now, "decided_by": actor.user_id,
                 "artist": chosen["artist"], "date": chosen["date"]},
            )  # fmt: skip
        await self._group(recording)
        await self.link([await self.get(number)])
        return await self.get(number)

    async def refuse(self, actor: Actor, number: int) -> Any:
        """Say that a tape is to be left alone. Raises MayNotDecide, TapeNotFound, AlreadyDecided."""
        check_right(actor)
        row = await self.get(number)
        if row.state == "accepted":
            raise AlreadyDecided(number, row.state)
        async with self._db.write() as tx:
            values = {"state": "refused", "decided_at": utc_now(), "decided_by": actor.user_id}
            await repository.decide(tx, number, values)
        return await self.get(number)

    async def take_back(self, actor: Actor, number: int) -> Any:
        """Undo what was decided: the recording goes, the files stay as they always were. Raises MayNotDecide, TapeNotFound."""
        check_right(actor)
        row = await self.get(number)
        marks: list[tuple[int, str]] = []
        async with self._db.write() as tx:
            if row.recording_id is not None:
                marks = await repository.drop_recording(tx, row.recording_id)
                await mark(tx, marks)
                for field in SAID:
                    await words.unsay(tx, "recording", row.identifier, field)
            values = {"state": "proposed", "recording_id": None, "decided_at": None, "decided_by": None}
            await repository.decide(tx, number, values)
        await regroup_now(self._db, marks, weights=self.weights())
        return await self.get(number)

    # --- the library --------------------------------------------------------------------------------------------------

    async def arrive(self) -> None:
        """Link accepted tapes with tracks that a scan found since."""
        async with self._db.read() as conn:
            waiting = await repository.unlinked(conn)
        await self.link(waiting)

    async def link(self, rows: Sequence[Any]) -> int:
        """Say which library tracks the tracks of accepted tapes are; how many of them are linked."""
        linked = 0
        if self._deliveries is None:
            return 0
        roots = await self._deliveries.roots()
        for row in rows:
            folder = bytes(row.folder)
            place = await self._deliveries.place_of(folder)
            if place is None or row.recording_id is None:
                continue
            root = roots[place.library]
            paths = {
                number: (folder + b"/" + bytes.fromhex(file["path"]))[len(root) + 1 :]
                for number, file in enumerate(row.files, 1)
            }
            there = await self._deliveries.tracks_at(place.library, list(paths.values()))
            tracks = {number: there[path].track for number, path in paths.items() if path in there}
            if not tracks:
                continue
            async with self._db.write() as tx:
                await arriving_rows.link(tx, row.recording_id, tracks)
                await arriving_rows.count_kept(tx, row.recording_id)
                tx.changed("tape", row.id)
            linked += len(tracks)
        return linked

    # --- parts --------------------------------------------------------------------------------------------------------

    async def _chosen(
        self, row: Any, proposal: int | None, concert: int | None, artist: str | None, date: str | None
    ) -> dict[str, Any]:
        """Artist, date, and the concert and recording where they are known."""
        if concert is not None:
            async with self._db.read() as conn:
                found = await concerts.concerts(conn, [concert])
            if concert not in found:
                raise NoSuchConcert(format_id("co", concert))
            view = found[concert]
            return {"artist": view.artist, "date": view.date, "concert": concert}
        if artist is not None or date is not None:
            when = when_of(date or "")
            if not (artist or "").strip() or not when.text or when.text != (date or "").strip():
                raise BadProposal("An artist and a date (1977-05-08, 1977-05 or 1977) are said together.")
            return {"artist": (artist or "").strip()[:500], "date": when.text}
        place = 0 if proposal is None else proposal
        if not 0 <= place < len(row.proposals):
            raise BadProposal(
                f"There are {len(row.proposals)} proposals; say which concert it is, or an artist and a date."
            )
        chosen = dict(row.proposals[place])
        if not chosen["artist"] or not chosen["date"]:
            raise BadProposal("That proposal has no artist or no date; say which concert it is.")
        return chosen

    async def _beside(self, conn: Any, chosen: dict[str, Any]) -> str | None:
        """A recording of the chosen concert, where that day had several of the band."""
        number = chosen.get("concert")
        if number is None:
            return None
        view = (await concerts.concerts(conn, [number])).get(number)
        if view is None:
            return None
        same_day = await repository.concerts_on(conn, [view.artist_id], view.date)
        held = await concerts.held(conn, number, 0)
        others = [one.recording.identifier for one in held if one.recording.provider == "archive"]
        return others[0] if len(same_day) > 1 and others else None

    async def _group(self, recording: int) -> None:
        async with self._db.read() as conn:
            view = (await concerts.recordings(conn, [recording]))[recording]
        if view.artist_id is not None:
            await regroup_now(self._db, [(view.artist_id, view.date)], weights=self.weights())


def checked_folder(text: str) -> bytes:
    """The whole path of a folder that can be read. Raises NoSuchTapeFolder."""
    path = Path(text).expanduser()
    if "\0" in text or not path.is_absolute():
        raise NoSuchTapeFolder(text, "is no whole path")
    if not path.is_dir():
        raise NoSuchTapeFolder(text, "is no folder")
    if not os.access(path, os.R_OK | os.X_OK):
        raise NoSuchTapeFolder(text, "cannot be read")
    return os.fsencode(path.resolve())


def _titled(item: Item, titles: Sequence[str]) -> Item:
    """The item with the titles of the recording that has the same audio, where it has as many tracks."""
    if len(titles) != len(item.tracks):
        return item
    tracks = [
        track
        if not title or title == track.title
        else ItemTrack(track.number, title, track.duration_ms, (track.title, *track.other_titles), track.files)
        for track, title in zip(item.tracks, titles, strict=True)
    ]
    return replace(item, tracks=tuple(tracks))


def _row(read: TapeRead, found: Identified, by: int | None) -> dict[str, Any]:
    files = ordered(read.files)
    shown = printable(read.folder)
    first = found.proposals[0] if found.proposals else None
    problems: list[list[Any]] = []
    if read.differing:
        problems.append(["audio_differs_from_ffp", {"files": read.differing[:20]}])
    if read.unreadable:
        problems.append(["unreadable", {"files": read.unreadable[:20]}])
    return {
        "identifier": tape_id(read), "folder": read.folder, "display_path": shown,
        "sort_path": sort_key(shown), "state": "proposed",
        "artist": first.artist if first else next((name for name in found.facts.artist_names if name), ""),
        "date": first.date if first else found.facts.date, "source_type": found.facts.source_type,
        "file_count": len(files), "size_bytes": sum(file.size for file in files),
        "duration_ms": sum(file.duration_ms or 0 for file in files) or None,
        "files": [
            {
                "name": file.name, "path": file.path.hex(), "size": file.size, "format": file.format, "title": track.title,
                "duration_ms": file.duration_ms, "audio_md5": file.audio_md5, "md5": file.md5,
            }
            for file, track in zip(files, found.item.tracks, strict=True)
        ],
        "item": msgspec.to_builtins(found.item), "proposals": [one.as_json() for one in found.proposals],
        "problems": problems or None, "looked_at": utc_now(), "looked_by": by,
    }  # fmt: skip


__all__ = ["LOOK", "Looked", "TapeService", "checked_folder"]
