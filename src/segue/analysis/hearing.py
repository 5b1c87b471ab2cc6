"""What a child of the process pool does: listen to one sound, and give back what is kept of it.

Everything heavy is imported here and nowhere above: the child that is given an `Ask` finds its engine by name.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module

from segue.analysis.records import Heard, Knowledge
from segue.analysis.sounds import Packed, packed

Listen = Callable[..., Heard]
OURS = "segue.analysis.ours.engine:listen"
"""The engine that is always here, as `module:function`."""
SHORTEST_S = 60.0


@dataclass(frozen=True, slots=True)
class Ask:
    """One sound to listen to. `engine` is the `module:function` that listens, with its `options`: see
    `segue.analysis.engines.interface`."""

    path: bytes
    start_ms: int | None = None
    end_ms: int | None = None
    knowledge: Knowledge = field(default_factory=Knowledge)
    engine: str = OURS
    options: Mapping[str, str] = field(default_factory=dict)


def hear(ask: Ask) -> Packed:
    """Listen, and make ready what is kept. Raises the errors of `segue.analysis.errors`, and what the engine trips over."""
    from segue.analysis import drawings

    began = time.process_time()
    listen = engine(ask.engine)
    heard = listen(ask.path, start_ms=ask.start_ms, end_ms=ask.end_ms, knowledge=ask.knowledge, **ask.options)
    if not heard.seconds:
        heard = replace(heard, seconds=round(time.process_time() - began, 3))
    return packed(finite(heard), None if heard.waveform is None else drawings.kept(heard.waveform))


def engine(name: str) -> Listen:
    """The function that `module:function` names."""
    module, _, function = name.partition(":")
    found: Listen = getattr(import_module(module), function)
    return found


def finite(heard: Heard) -> Heard:
    """`heard` without an embedding that has a number which is none: the rest is of use nevertheless."""
    if heard.embedding is not None and not all(map(math.isfinite, heard.embedding)):
        return replace(heard, embedding=None)
    return heard


def deadline_s(duration_ms: int | None, size_bytes: int | None, least_speed: float) -> float:
    """How long listening may take: a minute, and besides as long as the sound takes at that many times real time. Of
    unknown length, the size counts as if it were coded as thinly as speech (32 kbit/s)."""
    seconds = (size_bytes or 0) / 4000 if duration_ms is None else duration_ms / 1000
    return SHORTEST_S + seconds / least_speed
