"""Engines that hear nothing, quickly: for tests in which it is the work around listening that counts."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from segue.analysis.errors import CannotOpen, Encrypted, NoSuchFile
from segue.analysis.records import (
    Energy,
    Finding,
    Grid,
    Heard,
    Key,
    Knowledge,
    Loudness,
    Quality,
    Shape,
    Tempo,
    TempoCandidate,
    Waveform,
)

QUICK = "tests.analysis.store.engines:quick"
VERSION = 3


def quick(
    path: bytes, *, start_ms: int | None = None, end_ms: int | None = None, knowledge: Knowledge | None = None,
    log: str = "", plan: str = "", speed: str = "",
) -> Heard:  # fmt: skip
    """What a file of that size might sound like. Every listening is a line in `log`; `plan` (JSON, by file name) says what
    goes wrong with a file: refuse, locked, crash, hang, wait, silent, mistake."""
    name = os.fsdecode(path).rpartition("/")[2]
    with open(log, "a") as file:
        file.write(f"{name} {start_ms or 0} {'' if knowledge is None else knowledge.tag_bpm}\n")
    try:
        size = Path(os.fsdecode(path)).stat().st_size
    except FileNotFoundError:
        raise NoSuchFile from None
    todo = json.loads(Path(plan).read_text()).get(name, "") if plan and Path(plan).exists() else ""
    match todo:
        case "refuse":
            raise Encrypted("drms")
        case "locked":
            raise CannotOpen("Permission denied")
        case "crash":
            os.abort()
        case "hang":
            time.sleep(600)
        case "mistake":
            raise ZeroDivisionError("a mistake of the engine")
        case "wait":
            while json.loads(Path(plan).read_text()).get(name) == "wait":
                time.sleep(0.02)
    bpm = 100.0 + (size + (start_ms or 0)) % 60
    if knowledge is not None and knowledge.tag_bpm and abs(knowledge.tag_bpm / bpm - 2) < 0.1:
        bpm *= 2
    return heard(bpm, float(speed or 0.01))


def heard(bpm: float = 120.0, seconds: float = 0.01, **more: Any) -> Heard:
    step = 60_000 / bpm
    beats = tuple(round(100 + step * number) for number in range(16))
    levels = {f"heard {value:.3f}": weight for value, weight in ((bpm, 0.0), (bpm / 2, -1.0), (bpm * 2, -1.5))}
    values: dict[str, Any] = {
        "tempo": Tempo(
            bpm, 0.8, (TempoCandidate(bpm, 0.7), TempoCandidate(bpm / 2, 0.2)), beats, (0, 4, 8, 12),
            Grid(100.0, bpm, 4), (), 0.9, {**levels, "agreement": 0.9, "bar": 4.0, "bar_ms": 100.0, "bar_bpm": bpm},
        ),
        "key": Key(9, "minor", 0.7, 3.0, (), ()),
        "loudness": Loudness(-9.5, 6.0, -0.5, -0.6, ((-95, 40), (-101, 5))),
        "energy": Energy(0.7, {"loudness": 0.5}, 1),
        "danceability": 0.6,
        "shape": Shape(0, 9_000, None, None, 2_000, 8_000),
        "quality": Quality(1, 0.2, 0.0, 16_000, (Finding("lossy_source", {"hz": 16_000}),)),
        "waveform": Waveform(44_100, 256, bytes(range(200)) * 2, bytes(range(150)) * 4),
        "embedding": (0.5, -1.25, 3.0),
        "embedding_version": 1,
    }  # fmt: skip
    return Heard("quick", VERSION, 10_000, 44_100, 2, **{**values, **more}, seconds=seconds)


def refusing(path: bytes, **_: Any) -> Heard:
    raise Encrypted("drms")
