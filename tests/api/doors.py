"""Every way into an ASGI application, and who may use it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI

from segue.core.rest import Access, Guard


@dataclass(frozen=True)
class Door:
    """One route. `access` is None where nothing says who may call it."""

    path: str
    methods: frozenset[str]
    access: Access | None


def doors(app: Any) -> list[Door]:
    """Every route of `app`, also of what is mounted or included in it; middleware around it is passed through."""
    while not isinstance(app, FastAPI):
        app = getattr(app, "app", None) or app._app
    return list(_doors(app.routes))


def _doors(routes: Iterable[Any]) -> Iterator[Door]:
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is not None:
            yield from _doors(included.routes)
        else:
            yield Door(route.path, frozenset(getattr(route, "methods", None) or ()), _access(route))


def _access(route: Any) -> Access | None:
    for dependency in getattr(route, "dependencies", ()):
        if isinstance(dependency.dependency, Guard):
            return dependency.dependency.access
    behind = getattr(route, "endpoint", None) or getattr(route, "app", None)
    declared = getattr(behind, "access", None)
    return declared if isinstance(declared, Access) else None
