"""Progress of one's own downloads over a WebSocket: at most twice a second, only what changed, and every end.

The first message is {type: downloads, items, bytes_per_second} with everything; then come {type: progress, …} with what is
different, and {type: ended, item} once for each that ended. Who has no right to be here is told by the close code: 4401 not
signed in, 4403 another person's.
"""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import suppress
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from segue.core.access import Actor
from segue.core.errors import SegueError
from segue.core.ids import format_id
from segue.core.rest import Access, NotSignedIn, Services, declares
from segue.live.downloads import states
from segue.live.downloads.service import DownloadService

EVERY_S = 0.5
AGAIN_S = 60.0
"""How often it is asked anew who listens: a session may be revoked."""
NOT_SIGNED_IN, NOT_YOURS, AWAY = 4401, 4403, 1013


@declares(Access.checked_inside)
async def downloads_socket(socket: WebSocket) -> None:
    """`/ws/downloads`, and `/compat/live/ws/downloads/{user_id}` for that person alone."""
    services: Services = socket.app.state.segue
    try:
        actor = await _listener(services, socket)
    except SegueError as error:
        await _refuse(
            socket, NOT_SIGNED_IN if error.status == 401 else AWAY if error.status == 503 else NOT_YOURS, error
        )
        return
    wanted = socket.path_params.get("user_id")
    if wanted is not None and wanted not in (str(actor.person), format_id("us", actor.person)):
        await _refuse(socket, NOT_YOURS, None)
        return
    await socket.accept()
    told = asyncio.create_task(_tell(services, socket, actor))
    try:
        while not told.done():  # what a client says is not listened to, only that it goes
            hearing = asyncio.create_task(socket.receive())
            await asyncio.wait({told, hearing}, return_when=asyncio.FIRST_COMPLETED)
            if not hearing.done():
                hearing.cancel()
            elif hearing.result()["type"] == "websocket.disconnect":
                break
    finally:
        told.cancel()
        with suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError):
            await told


async def _tell(services: Services, socket: WebSocket, actor: Actor) -> None:
    service = services.get(DownloadService)
    known: dict[str, str] = {}
    ended: set[str] = set()
    asked_at, first = time.monotonic(), True
    while True:
        if time.monotonic() - asked_at > AGAIN_S:
            try:
                actor = await _listener(services, socket)
            except SegueError:
                await socket.close(NOT_SIGNED_IN)
                return
            asked_at = time.monotonic()
        now = await service.progress(actor)
        said = {item["id"]: json.dumps(item, sort_keys=True) for item in now["items"]}
        changed = [item for item in now["items"] if known.get(item["id"]) != said[item["id"]]]
        if first:
            await socket.send_json({"type": "downloads", **now})
            ended = {item["id"] for item in now["items"] if item["state"] in states.ENDED}
        elif going := [item for item in changed if item["state"] not in states.ENDED]:
            await socket.send_json({"type": "progress", "items": going, "bytes_per_second": now["bytes_per_second"]})
        for item in changed:
            over = item["state"] in states.ENDED
            if over and item["id"] not in ended:
                await socket.send_json({"type": "ended", "item": item})
                ended.add(item["id"])
            elif not over:
                ended.discard(item["id"])
        known, first = said, False
        await asyncio.sleep(EVERY_S)


async def _listener(services: Services, socket: WebSocket) -> Actor:
    """Who listens. Raises NotSignedIn, and what signing in raises."""
    authenticate: Any = services.authenticate
    actor: Actor | None = await authenticate(socket)
    Access.signed_in.check(actor)
    if actor is None:
        raise NotSignedIn
    return actor


async def _refuse(socket: WebSocket, code: int, error: SegueError | None) -> None:
    """Let it in only to say why it may not stay: a browser is told nothing of a handshake that fails."""
    await socket.accept()
    await socket.close(code, (error.code if error else "not_yours")[:120])
