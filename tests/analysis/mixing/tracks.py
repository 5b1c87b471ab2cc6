"""Made-up tracks to be mixed."""

from __future__ import annotations

import random
from typing import Any

from segue.analysis.mixing.records import Key, Mixable
from segue.analysis.records import Mode

MODES: tuple[Mode, Mode] = ("major", "minor")


def track(id: int = 1, bpm: float | None = 120.0, *, minutes: float = 4, first_ms: int = 500, **more: Any) -> Mixable:
    """A track with a steady beat, four to the bar, from `first_ms` to its end."""
    duration = round(minutes * 60_000)
    beats: tuple[int, ...] = ()
    if bpm is not None:
        step = 60_000 / bpm
        beats = tuple(round(first_ms + number * step) for number in range(int((duration - first_ms) / step) + 1))
    values: dict[str, Any] = {
        "key": Key(9, "minor"),
        "energy": 0.5,
        "beats_ms": beats,
        "downbeats": tuple(range(0, len(beats), 4)),
    }
    return Mixable(id, duration, bpm, **{**values, **more})


def pool(count: int, seed: int = 1) -> list[Mixable]:
    """Tracks of all sorts; some lack what one would like to know."""
    rng = random.Random(seed)
    made = []
    for id in range(1, count + 1):
        bpm = rng.choice([rng.uniform(118, 132), rng.uniform(118, 132), rng.uniform(70, 180), None])
        made.append(
            track(
                id,
                bpm,
                key=Key(rng.randrange(12), rng.choice(MODES)) if rng.random() < 0.9 else None,
                energy=rng.random() if rng.random() < 0.9 else None,
                artists=frozenset({rng.randrange(1, max(3, count // 3))}),
                intro_end_ms=rng.choice([None, 16_500, 32_500]),
                outro_start_ms=rng.choice([None, 200_000, 224_000]),
                fade_out_start_ms=rng.choice([None, None, 230_000]),
            )
        )
    return made
