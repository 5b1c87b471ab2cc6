"""Which clips there are: `seeds.json`, spelled out. Fixed before anything was tuned, and the same on every machine.

Every kind has a fixed number of clips; the instrument sets take turns within it, and in each set its styles; keys are dealt
from shuffled decks of all 24 in each half. Of each pair of neighbours one goes to the half to build on and one to the half
that is only reported.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bench.analysis.styles import KINDS, STYLES

SEEDS = Path(__file__).with_name("seeds.json")

Part = Literal["build", "report", "calibrate"]


@dataclass(frozen=True)
class Clip:
    """One clip to be written: everything else about it follows from its seed."""

    name: str
    kind: str
    style: str
    set: str
    part: Part
    seed: int
    bpm: float
    tonic: int
    mode: Literal["major", "minor"]
    seconds: float
    detune_cents: float


def clips() -> list[Clip]:
    """All clips of the evaluation in the order of their names."""
    return _dealt("seed", ("build", "report"))


def held_back() -> list[Clip]:
    """As many again from another seed, on which nothing is built or reported: confidence is calibrated on them."""
    return _dealt("calibration_seed", ("calibrate", "calibrate"))


def _dealt(seed: str, halves: tuple[Part, Part]) -> list[Clip]:
    plan = json.loads(SEEDS.read_text("utf-8"))
    rng = random.Random(plan[seed])
    decks: dict[str, list[tuple[int, str]]] = {half: [] for half in halves}
    turns: dict[tuple[str, str], list[str]] = {}
    found: list[Clip] = []
    for kind, count in plan["kinds"].items():
        sets = list(plan["sets"])
        first = rng.randrange(len(sets))
        parts: list[Part] = []
        for _ in range(count // 2):
            parts += rng.sample(halves, 2)
        spread = [(at + rng.random()) / count for at in range(count)]
        rng.shuffle(spread)
        for at in range(count):
            part = parts[at]
            of_set = sets[(first + at) % len(sets)]
            styles = turns.setdefault((kind, of_set), [])
            if not styles:
                styles += [name for name in KINDS[kind] if of_set in STYLES[name].sets]
                rng.shuffle(styles)
            style = styles.pop()
            low, high = STYLES[style].bpm
            deck = decks[part]
            if not deck:
                deck += [(tonic, mode) for tonic in range(12) for mode in ("major", "minor")]
                rng.shuffle(deck)
            tonic, mode = deck.pop()
            bpm = low * (high / low) ** spread[at]
            found.append(
                Clip(
                    name=f"{kind}-{at:02d}-{of_set}",
                    kind=kind,
                    style=style,
                    set=of_set,
                    part=part,
                    seed=rng.randrange(2**31),
                    bpm=round(bpm, rng.choice([0, 0, 1, 2])),
                    tonic=tonic,
                    mode="major" if mode == "major" else "minor",
                    seconds=round(rng.uniform(*plan["seconds"]), 1),
                    detune_cents=round(rng.uniform(-50, 50), 1) if kind == "detuned" else 0.0,
                )
            )
    return found
