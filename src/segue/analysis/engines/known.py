"""The engines there are, and which one a setting means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from segue.analysis.engines import essentia_child, service
from segue.analysis.engines.interface import InChildren
from segue.analysis.errors import EngineAbsent
from segue.analysis.ours import NAME, VERSION
from segue.core.pool import ProcessPool


@dataclass(frozen=True, slots=True)
class Places:
    """Where the engines are that are not ours: an interpreter that has Essentia, the address of a service."""

    essentia_python: Path | None = None
    service_url: str | None = None


def _ours(pool: ProcessPool, _: Places) -> InChildren:
    return InChildren(NAME, VERSION, "segue.analysis.ours.engine:listen", pool)


def _essentia(pool: ProcessPool, places: Places) -> InChildren:
    python = essentia_child.interpreter(places.essentia_python)
    return InChildren(
        essentia_child.NAME,
        essentia_child.VERSION,
        "segue.analysis.engines.essentia_child:listen",
        pool,
        {"python": python},
        lambda: essentia_child.missing(python),
    )


def _service(pool: ProcessPool, places: Places) -> InChildren:
    url = places.service_url or ""
    return InChildren(
        service.NAME,
        service.VERSION,
        "segue.analysis.engines.service:listen",
        pool,
        {"url": url},
        lambda: service.missing(url),
    )


ENGINES: Mapping[str, Callable[[ProcessPool, Places], InChildren]] = {
    "ours": _ours,
    "essentia": _essentia,
    "service": _service,
}
"""By the name that the setting `analysis.engine` and `segue analyze --engine` use."""


def engine_named(name: str, pool: ProcessPool, places: Places | None = None) -> InChildren:
    """The engine of that name, which may still be missing. Raises EngineAbsent for a name that is none."""
    made = ENGINES.get(name)
    if made is None:
        raise EngineAbsent(name, f"there are {', '.join(ENGINES)}.")
    return made(pool, places or Places())
