"""The routes of the archive and of playing tracks over a real socket, with nothing else of Segue around them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx2
import uvicorn
from fastapi import FastAPI, Request, Response
from sqlalchemy import insert

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.db import Database
from segue.core.ids import TypedId
from segue.core.rest import Services, install_problem_handlers
from segue.live.archive.client import ArchiveClient
from segue.live.archive.service import ArchiveService
from segue.live.archive.streaming import TrackStreaming
from segue.live.models import LiveFile, LiveRecording, LiveTrack
from segue.live.records import Item
from segue.live.routes_archive import router as archive_router
from segue.live.routes_compat import router as compat_router
from segue.live.routes_stream import LocalPlaying
from segue.live.routes_stream import router as stream_router
from tests.live.archive.ground import a_client


@dataclass
class Faces:
    """`person` and `admin` are signed in; `nobody` is not."""

    person: httpx2.AsyncClient
    admin: httpx2.AsyncClient
    nobody: httpx2.AsyncClient
    tracks: TrackStreaming
    archive: ArchiveClient
    here: dict[int, bytes]
    """Tracks that are on this server, by number."""


@asynccontextmanager
async def faces(db: Database, emulated: str, **live: object) -> AsyncIterator[Faces]:
    async def authenticate(request: Request) -> Actor | None:
        who = request.headers.get("authorization", "").removeprefix("Bearer ")
        roles = frozenset({"admin"}) if who == "admin" else frozenset()
        return Actor(1 if who == "admin" else 2, who, roles) if who else None

    here: dict[int, bytes] = {}

    async def play(actor: Actor, typed: TypedId) -> Response | None:
        found = here.get(typed.number)
        return None if found is None else Response(found, media_type="audio/flac")

    app = FastAPI()
    install_problem_handlers(app)
    for router in (archive_router, stream_router):
        app.include_router(router, prefix="/api/v1")
    app.include_router(compat_router, prefix="/compat/live")
    app.state.segue = services = Services(authenticate)
    async with a_client(db, emulated, **live) as client:
        services.add(ArchiveService(db, client, client._settings))
        tracks = services.add(TrackStreaming(db, client))
        services.add(LocalPlaying(play))
        server = uvicorn.Server(uvicorn.Config(app, "127.0.0.1", 0, log_level="critical", lifespan="off"))
        serving = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.005)
        base = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        clients = [
            httpx2.AsyncClient(base_url=base, timeout=120, headers={"Authorization": f"Bearer {who}"} if who else {})
            for who in ("anna", "admin", "")
        ]
        try:
            yield Faces(*clients, tracks, client, here)
        finally:
            for one in clients:
                await one.aclose()
            server.should_exit = True
            await serving


async def kept_item(db: Database, item: Item) -> dict[int, int]:
    """Have an item's recording, tracks and files as rows; the ids of its tracks by number."""
    async with db.write() as tx:
        values = {"identifier": item.identifier, "precision": "day", "kind": "concert", "source_type": "AUD"}
        row = {**values, "stream_only": item.stream_only, "seen_at": utc_now()}
        recording = (await tx.execute(insert(LiveRecording).values(row).returning(LiveRecording.id))).scalar_one()
        ids = {}
        for track in item.tracks:
            named = {"recording_id": recording, "number": track.number, "title": track.title}
            ids[track.number] = (await tx.execute(insert(LiveTrack).values(named).returning(LiveTrack.id))).scalar_one()
            for file in track.files:
                told = {"name": file.name, "format": file.format, "size": file.size, "md5": file.md5}
                more = {"recording_id": recording, "number": track.number, "private": file.private}
                await tx.execute(insert(LiveFile).values(told | more))
    return ids
