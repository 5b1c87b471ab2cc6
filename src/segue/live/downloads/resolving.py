"""From what somebody wants to a plan: the archive says what the recording is, and every file gets its place.

Nothing is fetched that may not be, that the disk has no room for, or that is more than its person may have.
"""

from __future__ import annotations

import asyncio
import os
from typing import Any

from segue.core.outside import Fault
from segue.core.path_templates import PathTooLong, Value
from segue.jobs import JobContext
from segue.live.downloads import places, repository, states
from segue.live.downloads.errors import BLOCKING, FolderUnusable, NoSuchTarget, Trouble
from segue.live.downloads.ground import GIB, Ground
from segue.live.downloads.known import Known, known_recording
from segue.live.downloads.limits import room
from segue.live.downloads.plan import Plan, plan_of
from segue.live.downloads.transfer import trouble_of
from segue.live.records import Item

FROM = (states.RESOLVING,)


class Resolver:
    """Plans downloads for one start of the job `job`."""

    def __init__(self, ground: Ground, job: JobContext) -> None:
        self._ground = ground
        self._db = ground.db
        self._job = job

    async def resolve(self, download: Any) -> None:
        """Plan one download, or write down why that cannot be. Raises LeaseLost."""
        if download.file_count:  # it was planned before it was paused or taken up again
            async with self._db.write() as tx:
                await self._job.guard(tx)
                await repository.move(tx, download, FROM, states.DOWNLOADING)
            return
        try:
            item = await self._ground.source.item(download.identifier)
            if item is None:
                raise Trouble("no_such_item", lasting=True, identifier=download.identifier)
            formats = tuple(download.formats or self._ground.chosen.formats)
            plan = plan_of(item, formats, download.wanted)
            library, root = await self._ground.shelf.place_for(download.target)
            if self._ground.know is not None:
                await self._ground.know(download.identifier)
        except Fault as fault:
            await self._later(download, trouble_of(fault))
            return
        except Trouble as trouble:
            await self._end(download, trouble)
            return
        except (FolderUnusable, NoSuchTarget) as error:
            await self._later(download, Trouble("folder_unusable", reason=error.message))
            return
        await self._plan(download, item, plan, library, root)

    async def _plan(self, download: Any, item: Item, plan: Plan, library: int | None, root: bytes) -> None:
        async with self._db.read() as conn:
            known = await known_recording(conn, download.identifier) or Known.of(item)
        template = places.folder_template(self._ground.chosen.template)
        try:
            folder = places.folder_of(template, _values(known, item, plan))
        except PathTooLong as error:
            await self._end(download, Trouble("folder_unusable", lasting=True, reason=error.message))
            return
        names = places.file_names([file.name for file in plan.files])
        rows = [
            {
                "download_id": download.id, "number": number, "name": file.name, "kind": file.kind,
                "format": file.format, "source": file.source, "track": file.track, "title": file.title,
                "size": file.size, "md5": file.md5, "sha1": file.sha1,
                "path": folder + b"/" + os.fsencode(names[file.name]), "state": states.QUEUED,
            }
            for number, file in enumerate(plan.files, 1)
        ]  # fmt: skip
        free = await asyncio.to_thread(room, root) - self._ground.chosen.free_gb * GIB
        quota = self._ground.chosen.quota_gb * GIB
        async with self._db.write() as tx:
            await self._job.guard(tx)
            used = await repository.used_bytes(tx.conn, download.user_id, without=download.id) if quota else 0
            reserved = await repository.still_to_come(tx.conn, without=download.id)
            trouble = None
            if quota and used + plan.size > quota:
                trouble = Trouble("over_quota", lasting=True, needed=plan.size, used=used, quota=int(quota))
            elif plan.size > free - reserved:
                trouble = Trouble("no_space", needed=plan.size, free=max(0, int(free - reserved)))
            else:
                moved = await repository.move(
                    tx, download, FROM, states.DOWNLOADING,
                    recording_id=known.recording_id, title=known.title, artist=known.artist, date=known.date,
                    venue=known.venue, format=plan.format, library_id=library, root=root, folder=folder,
                    size_bytes=plan.size, file_count=len(rows), started_at=self._ground.now(), waiting=None, error=None,
                    not_before=None, tries=0,
                )  # fmt: skip
                if moved:
                    await repository.add_files(tx, rows)
        if trouble is not None:
            await (self._end if trouble.lasting else self._later)(download, trouble)

    async def _later(self, download: Any, trouble: Trouble) -> None:
        """Wait: for the archive as long as it takes, for anything else so often."""
        if trouble.lasting or (not trouble.everywhere and download.tries + 1 >= self._ground.pace.resolve_tries):
            await self._end(download, trouble)
            return
        pace = self._ground.pace
        again = pace.again_at(self._ground.now(), download.tries + 1, self._ground.rng, trouble.at)
        waiting = {**trouble.kept(), "until": again.isoformat()}
        async with self._db.write() as tx:
            await self._job.guard(tx)
            await repository.move(
                tx, download, FROM, states.QUEUED, not_before=again, waiting=waiting, tries=download.tries + 1
            )

    async def _end(self, download: Any, trouble: Trouble) -> None:
        to = states.BLOCKED if trouble.code in BLOCKING else states.FAILED
        async with self._db.write() as tx:
            await self._job.guard(tx)
            await repository.move(
                tx, download, FROM, to, error=trouble.kept(), ended_at=self._ground.now(), waiting=None
            )


def _values(known: Known, item: Item, plan: Plan) -> dict[str, Value]:
    return {
        "artist": known.artist, "date": known.date, "year": known.date[:4], "venue": known.venue,
        "location": known.location, "identifier": item.identifier, "title": item.title, "source": known.source_type,
        "format": plan.format, "taper": item.taper,
    }  # fmt: skip
