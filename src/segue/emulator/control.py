"""How the emulator is steered: `/_control/…`, JSON in and out."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from segue.emulator.world import EmulatedService, SpoilingService, World


class Control:
    """Faults, the clock, recorded requests, and what each service knows."""

    def __init__(self, world: World, services: Mapping[str, EmulatedService]) -> None:
        self._world = world
        self._services = services
        self._verbs: dict[tuple[str, str], Callable[[dict[str, Any]], Awaitable[Any]]] = {
            ("GET", "faults"): self._faults,
            ("POST", "faults"): self._add_fault,
            ("DELETE", "faults"): self._clear_faults,
            ("GET", "requests"): self._requests,
            ("DELETE", "requests"): self._clear_requests,
            ("GET", "clock"): self._now,
            ("POST", "clock"): self._move_clock,
            ("GET", "state"): self._state,
            ("POST", "reset"): self._reset,
        }

    async def answer(self, request: Request, path: str) -> Response:
        verb = self._verbs.get((request.method, path.strip("/"))) or self._verb_of_service(request.method, path)
        if verb is None:
            known = sorted(f"{method} /_control/{name}" for method, name in self._verbs)
            return JSONResponse({"error": "There is no such thing.", "known": known}, 404)
        try:
            body = await request.body()
            given = {**dict(request.query_params), **(json.loads(body) if body else {})}
            return JSONResponse(await verb(given))
        except (KeyError, TypeError, ValueError) as error:
            return JSONResponse({"error": str(error)}, 422)

    def _verb_of_service(self, method: str, path: str) -> Callable[[dict[str, Any]], Awaitable[Any]] | None:
        """What a service itself can have done: `POST archive/vanish`."""
        name, _, what = path.strip("/").partition("/")
        service = self._services.get(name)
        if method != "POST" or not isinstance(service, SpoilingService) or what not in service.verbs:
            return None
        do = service.verbs[what]

        async def run(given: dict[str, Any]) -> Any:
            return {"done": do(given)}

        return run

    async def _faults(self, given: dict[str, Any]) -> Any:
        return {
            "items": [{name: value for name, value in vars(f).items() if name[0] != "_"} for f in self._world.faults]
        }

    async def _add_fault(self, given: dict[str, Any]) -> Any:
        """`for_s` is how long from now by the emulator's clock."""
        for_s = given.pop("for_s", None)
        if for_s is not None:
            given["until"] = self._world.clock() + float(for_s)
        given.pop("id", None)
        return {"id": self._world.faults.add(given.pop("kind", ""), **given).id}

    async def _clear_faults(self, given: dict[str, Any]) -> Any:
        self._world.faults.clear()
        return {}

    async def _requests(self, given: dict[str, Any]) -> Any:
        found = self._world.calls.of(given.get("service", ""), given.get("route", ""))
        return {"counts": dict(self._world.calls.counts), "items": [call.as_json() for call in found]}

    async def _clear_requests(self, given: dict[str, Any]) -> Any:
        self._world.calls.clear()
        return {}

    async def _now(self, given: dict[str, Any]) -> Any:
        return {"now": self._world.clock()}

    async def _move_clock(self, given: dict[str, Any]) -> Any:
        if "set" in given:
            self._world.clock.set(float(given["set"]))
        self._world.clock.advance(float(given.get("advance_s", 0)))
        return {"now": self._world.clock()}

    async def _state(self, given: dict[str, Any]) -> Any:
        return {name: service.state() for name, service in self._services.items()}

    async def _reset(self, given: dict[str, Any]) -> Any:
        self._world.faults.clear()
        self._world.calls.clear()
        self._world.clock.reset()
        for service in self._services.values():
            service.reset()
        return {}
