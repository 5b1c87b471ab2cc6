"""How far downloads are, for an open page: what is in memory where they run in this process, else what the porter tells."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from segue.core.access import SYSTEM, Actor
from segue.core.clock import rfc3339
from segue.core.ids import format_id
from segue.jobs import JobService
from segue.live.downloads import repository
from segue.live.downloads.arriving import Arriving
from segue.live.downloads.errors import FolderUnusable, NoSuchTarget
from segue.live.downloads.ground import GIB, PORTER, Ground
from segue.live.downloads.limits import room

SHOWN_AFTER = timedelta(seconds=30)
"""How long a download that has ended is still told of, so that nobody misses its end."""


class Watching(Arriving):
    """Progress of one person's downloads."""

    def __init__(self, ground: Ground) -> None:
        super().__init__(ground)

    async def progress(self, actor: Actor) -> dict[str, Any]:
        """{items, bytes_per_second}: every download of one's own that has not ended or just did, with the files that are
        being fetched. For the event stream and the WebSocket."""
        async with self._ground.db.read() as conn:
            active = await repository.queue(conn, actor.person)
            ended = await repository.recently_ended(conn, actor.person, self._ground.now() - SHOWN_AFTER)
            if not active and not ended:
                return {"items": [], "bytes_per_second": None}
            flows, rate = await self._flows()
            mine = {row.id for row in active}
            names = await repository.files_named(conn, [file for file, flow in flows.items() if flow[0] in mine])
        items = []
        for place, row in enumerate(active):
            inside = {file: flow for file, flow in flows.items() if flow[0] == row.id and file in names}
            came = row.done_bytes + sum(max(0, flow[1] - names[file].done_bytes) for file, flow in inside.items())
            items.append(_told(row, came, place) | {
                "files": [
                    {
                        "id": format_id("df", file), "name": names[file].name, "done_bytes": flow[1],
                        "size_bytes": names[file].size,
                    }
                    for file, flow in sorted(inside.items())
                ],
            })  # fmt: skip
        items += [_told(row, row.done_bytes, None) | {"files": []} for row in ended]
        return {"items": items, "bytes_per_second": rate}

    async def _flows(self) -> tuple[dict[int, tuple[int, int]], float | None]:
        """By file, its download and the bytes that are there; and how fast it goes."""
        jobs: JobService = self._ground.jobs
        page = await jobs.page(SYSTEM, states=["running"], kinds=[PORTER], limit=1)
        progress = (page.items[0].progress if page.items else None) or {}
        told = ((progress.get("message") or {}).get("params") or {}).get("files") or []
        flows = {file: (download, came) for download, file, came, _ in told}
        flows |= {flow.file: (flow.download, flow.came) for flow in self._ground.under_way.flows.values()}
        return flows, progress.get("rate") if flows else None

    async def _free(self) -> int | None:
        """Bytes that downloads may still take up on the disk; None where the folder cannot be used."""
        try:
            _, root = await self._ground.shelf.place_for(None)
            free = await asyncio.to_thread(room, root)
        except (FolderUnusable, NoSuchTarget, OSError):
            return None
        return max(0, int(free - self._ground.chosen.free_gb * GIB))


def _told(row: Any, came: int, place: int | None) -> dict[str, Any]:
    return {
        "id": format_id("dl", row.id), "identifier": row.identifier, "title": row.title, "state": row.state,
        "done_bytes": came, "size_bytes": row.size_bytes, "done_count": row.done_count, "file_count": row.file_count,
        "place": place, "error": row.error, "waiting": row.waiting, "ended_at": rfc3339(row.ended_at),
        "in_library": row.entered_at is not None,
    }  # fmt: skip
