"""What an engine is: it has a name, says whether it can listen here, and listens to one file at a time.

The work is done by a function in a child of the process pool, whichever engine it is: what an engine's code does to its
process (Essentia's loader ends with SIGSEGV on some files) befalls one file. `function` is `module:function` with the
signature `(path, *, start_ms, end_ms, knowledge, **options) -> Heard`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Protocol

from segue.analysis.ours.child import deadline_s
from segue.analysis.records import Heard, Knowledge
from segue.core.pool import ProcessPool


class Engine(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def version(self) -> int: ...

    def missing(self) -> str | None:
        """Why it cannot listen here, as a sentence; None where it can. Asks the machine, not the network."""
        ...

    async def listen(
        self,
        path: bytes,
        size: int,
        *,
        start_ms: int | None = None,
        end_ms: int | None = None,
        knowledge: Knowledge | None = None,
    ) -> Heard:
        """What it heard. `size` of the file in bytes: how long it may take follows from it.

        Raises `analysis.errors` (Unheard: the file; EngineAbsent, EngineFailed: the engine) and `core.pool.PoolError`.
        """
        ...


@dataclass(frozen=True)
class InChildren:
    """An engine that works in the children of a pool."""

    name: str
    version: int
    function: str
    pool: ProcessPool
    options: Mapping[str, str] = field(default_factory=dict)
    lacks: Callable[[], str | None] = lambda: None

    def missing(self) -> str | None:
        return self.lacks()

    async def listen(
        self,
        path: bytes,
        size: int,
        *,
        start_ms: int | None = None,
        end_ms: int | None = None,
        knowledge: Knowledge | None = None,
    ) -> Heard:
        return await self.pool.run(
            listen_by_name,
            self.function,
            path,
            start_ms,
            end_ms,
            knowledge,
            dict(self.options),
            deadline_s=deadline_s(size),
        )


def listen_by_name(
    function: str,
    path: bytes,
    start_ms: int | None,
    end_ms: int | None,
    knowledge: Knowledge | None,
    options: dict[str, str],
) -> Heard:
    """What a child is asked to do: find the engine's function by its name, and listen."""
    module, _, name = function.partition(":")
    listen: Callable[..., Heard] = getattr(import_module(module), name)
    return listen(path, start_ms=start_ms, end_ms=end_ms, knowledge=knowledge, **options)
