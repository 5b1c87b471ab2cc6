"""The emulator as one ASGI application: finds the service, records the request, and lets go wrong what should."""

from __future__ import annotations

import asyncio
import socket
import struct
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from segue.emulator.archive import Archive
from segue.emulator.calls import Call
from segue.emulator.control import Control
from segue.emulator.faults import Fault
from segue.emulator.lastfm import Lastfm
from segue.emulator.listenbrainz import ListenBrainz
from segue.emulator.world import Asked, EmulatedService, SpoilingService, World

TRANSPORT = "segue.transport"
"""Where the server puts a request's connection (`serving`), so that it can be reset."""
PORTAL = (
    "<!DOCTYPE html><html><head><title>Welcome</title></head><body><h1>Please sign in to the network</h1></body></html>"
)
HUGE_BYTES = 32 * 2**20


class Emulator:
    """Every emulated service over one World."""

    def __init__(self, tapes: Path | None = None) -> None:
        """`tapes` is the folder in which the archive's recordings are made; none: the usual one."""
        self.world = World()
        self.lastfm = Lastfm(self.world)
        self.listenbrainz = ListenBrainz(self.world)
        self.archive = Archive(self.world, tapes)
        services: tuple[EmulatedService, ...] = (self.lastfm, self.listenbrainz, self.archive)
        self.services: dict[str, EmulatedService] = {one.name: one for one in services}
        self._control = Control(self.world, self.services)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        first, _, rest = scope["path"].lstrip("/").partition("/")
        if first == "_control":
            await (await self._control.answer(request, rest))(scope, receive, send)
        elif first in self.services:
            await self._serve(self.services[first], rest, request, send)
        else:
            here = {"services": sorted(self.services), "control": "/_control/"}
            await JSONResponse(here, 200 if not first else 404)(scope, receive, send)

    async def _serve(self, service: EmulatedService, path: str, request: Request, send: Send) -> None:
        scope, receive = request.scope, request.receive
        now = self.world.clock()
        asked = await service.understand(request, path)
        fault = self.world.faults.find(service.name, asked.route, now, asked.about)
        call = Call(
            service.name,
            asked.route,
            request.method,
            now,
            asked.params,
            request.headers.get("authorization", ""),
            fault=fault.kind if fault else "",
        )
        self.world.calls.add(call)
        if fault is None:
            response = await asked.answer()
            call.status = response.status_code
            await response(scope, receive, send)
            return
        replaced = await self._go_wrong(service, request, asked, fault, send)
        if replaced is not None:
            call.status = replaced.status_code
            await replaced(scope, receive, send)

    async def _go_wrong(
        self, service: EmulatedService, request: Request, asked: Asked, fault: Fault, send: Send
    ) -> Response | None:
        """The answer instead of the right one; None where the connection is gone or was answered by half."""
        match fault.kind:
            case "status":
                told = {} if fault.retry_after_s is None else {"Retry-After": f"{fault.retry_after_s:g}"}
                return Response(status_code=fault.status or 503, headers=told)
            case "error":
                return service.error(request, fault.code, fault.status)
            case "timeout":
                await asyncio.sleep(fault.delay_s or 3600)
                return Response(status_code=504)
            case "slow":
                await asyncio.sleep(fault.delay_s or 1)
                return await asked.answer()
            case "reset":
                _reset(request.scope)
                return None
            case "lost":
                await asked.answer()
                _reset(request.scope)
                return None
            case "truncated":
                await _half(await asked.answer(), send)
                _close(request.scope)
                return None
            case "html":
                return HTMLResponse(PORTAL)
            case "nonsense":
                return JSONResponse([{"what": 42}, "ever"])
            case "huge":
                return StreamingResponse(_zeros(), media_type="application/json")
            case "empty":
                return Response(b"", 200, media_type="application/json")
            case _ if isinstance(service, SpoilingService):
                return await service.spoiled(request, asked, fault)
            case _:
                return await asked.answer()


async def _half(response: Response, send: Send) -> None:
    body = bytes(response.body)
    start: dict[str, Any] = {"type": "http.response.start", "status": response.status_code}
    await send({**start, "headers": response.raw_headers})
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})


async def _zeros() -> Any:
    for _ in range(HUGE_BYTES // 65_536):
        yield b"0" * 65_536


def _reset(scope: Scope) -> None:
    """Break the connection with a TCP reset, as a crashed server or a rude router does."""
    transport = scope.get(TRANSPORT)
    if transport is None:
        raise ConnectionResetError("reset on demand")
    raw = transport.get_extra_info("socket")
    if raw is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def _close(scope: Scope) -> None:
    transport = scope.get(TRANSPORT)
    if transport is not None:
        transport.close()
