"""Listening to one file: decoded once, handed block by block to every part, and what they found put together.

It runs in a child of the process pool (`ours.child`), never in a process that answers people.
"""

from __future__ import annotations

import math
import os
import time
import traceback
from collections.abc import Callable, Mapping
from typing import Any

import structlog

from segue.analysis.decode import Decoded, blocks
from segue.analysis.frames import Frames
from segue.analysis.key.part import KeyPart
from segue.analysis.loudness.part import LoudnessPart
from segue.analysis.ours import NAME, VERSION
from segue.analysis.parts import Block
from segue.analysis.quality import conclude as weigh
from segue.analysis.quality import lossless
from segue.analysis.quality.part import QualityPart
from segue.analysis.records import Energy, Finding, Heard, Key, Knowledge, Loudness, Quality, Shape, Tempo, Waveform
from segue.analysis.shape.part import ShapePart
from segue.analysis.tempo import Pulse, conclude
from segue.analysis.tempo.part import TempoPart
from segue.analysis.timbre.energy import danceability, energy
from segue.analysis.timbre.part import TimbrePart
from segue.analysis.timbre.records import Timbre
from segue.analysis.waveform.part import WaveformPart
from segue.core import heap

BLOCK_S = 5.0
"""Longer blocks are no quicker and take more memory."""
LONGEST_S: Mapping[str, float] = {"tempo": 3600.0, "key": 7200.0}
"""Tempo and beats are those of the first hour, the key is that of the first two: what finds them looks at all of it at once."""
GIVE_BACK_S = 300.0

log = structlog.get_logger("segue.analysis")


def listen(
    path: str | os.PathLike[str] | bytes,
    *,
    start_ms: int | None = None,
    end_ms: int | None = None,
    knowledge: Knowledge | None = None,
) -> Heard:
    """Everything that can be heard in a file, or in a slice of it.

    A part that fails is None, with a doubt `part_failed`; the others are not touched by it. Raises `errors.Unheard` where
    there is nothing to hear.
    """
    began = time.process_time()
    with blocks(path, start_ms=start_ms, end_ms=end_ms, block_s=BLOCK_S) as decoded:
        parts = _Parts()
        for block in decoded:
            parts.hear(block)
        del block
        found = parts.found(knowledge or Knowledge(), decoded)
        return Heard(
            engine=NAME,
            version=VERSION,
            duration_ms=decoded.duration_ms,
            sample_rate=decoded.rate,
            channels=decoded.channels,
            **found,
            doubts=(*decoded.doubts, *parts.doubts),
            seconds=round(time.process_time() - began, 4),
        )


KINDS: Mapping[str, Callable[[], Any]] = {
    "frames": Frames,
    "loudness": LoudnessPart,
    "tempo": TempoPart,
    "key": KeyPart,
    "timbre": TimbrePart,
    "waveform": WaveformPart,
    "shape": ShapePart,
    "quality": QualityPart,
}
HEAR_BLOCKS = ("loudness", "tempo", "key", "waveform", "shape", "quality")
HEAR_FRAMES = ("tempo", "timbre")


class _Parts:
    """All parts of one listening; one that fails is given up, with those that heard through it."""

    def __init__(self) -> None:
        self.doubts: list[Finding] = []
        self._heard_s = 0.0
        self._parts: dict[str, Any] = {}
        for name, kind in KINDS.items():
            self._parts.setdefault(name, self._safely(name, kind))

    def hear(self, block: Block) -> None:
        for name in HEAR_BLOCKS:
            if self._still(name):
                self._ask(name, "hear", block)
        self._hear_frames(self._ask("frames", "of", block))
        before, self._heard_s = self._heard_s, self._heard_s + block.samples.shape[1] / block.rate
        if before // GIVE_BACK_S != self._heard_s // GIVE_BACK_S:
            heap.give_back()

    def found(self, knowledge: Knowledge, decoded: Decoded) -> dict[str, Any]:
        """What stands in records.Heard of them, by its name there."""
        self._hear_frames(self._ask("frames", "last"))
        loudness: Loudness | None = self._concluded("loudness")
        if loudness is not None and _is_noise_of_damage(loudness, decoded):
            self.doubts.append(Finding("loudness_unsure", {"true_peak": loudness.true_peak}))
            loudness = None
        quality: Quality | None = self._concluded("quality")
        waveform: Waveform | None = self._concluded("waveform")
        shape: Shape | None = self._concluded("shape")
        timbre: Timbre | None = self._concluded("timbre")
        key: Key | None = self._concluded("key")
        pulse: Pulse | None = self._concluded("tempo")
        tempo: Tempo | None = self._safely("tempo", conclude, pulse, knowledge) if pulse else None
        for name, heard in (("tempo", tempo), ("key", key)):
            if heard is not None and not self._still(name):
                self.doubts.append(Finding(f"{name}_in_part", {"heard_ms": round(LONGEST_S[name] * 1000)}))
        if quality is not None:
            quality = self._safely("quality", _weighed, quality, decoded)
        lively: Energy | None = self._safely("energy", energy, timbre, loudness) if timbre else None
        return {
            "tempo": tempo,
            "key": key,
            "loudness": loudness,
            "energy": lively,
            "waveform": waveform,
            "shape": shape,
            "quality": quality,
            "danceability": danceability(timbre, tempo.steadiness) if timbre and tempo else None,
            "embedding": timbre.embedding if timbre else None,
            "embedding_version": timbre.version if timbre else 0,
        }

    def _hear_frames(self, power: Any) -> None:
        if power is not None and len(power):
            for name in HEAR_FRAMES:
                if self._still(name):
                    self._ask(name, "hear_frames", power)

    def _still(self, name: str) -> bool:
        """Whether a part hears what comes now, too."""
        return self._heard_s < LONGEST_S.get(name, math.inf)

    def _concluded(self, name: str) -> Any:
        """What a part found; it is not needed any more, nor what it holds."""
        if self._heard_s > GIVE_BACK_S:
            heap.give_back()
        found = self._ask(name, "found")
        self._parts[name] = None
        return found

    def _ask(self, name: str, verb: str, *args: Any) -> Any:
        part = self._parts.get(name)
        return None if part is None else self._safely(name, getattr(part, verb), *args)

    def _safely(self, name: str, do: Callable[..., Any], *args: Any) -> Any:
        """What `do` gives; None where it fails, which is noted and logged, and the part is asked no more."""
        try:
            return do(*args)
        except MemoryError:
            raise
        except Exception as error:
            for lost in (name, *HEAR_FRAMES) if name == "frames" else (name,):
                self._parts[lost] = None
            log.error("a part of the analysis failed", part=name, error=repr(error), trace=traceback.format_exc())
            self.doubts.append(Finding("part_failed", {"part": name, "error": type(error).__name__}))
            return None


LOUDEST_DBTP = 12.0
"""A damaged file whose peak is above this was not decoded but guessed: no gain may follow from it."""


def _is_noise_of_damage(loudness: Loudness, decoded: Decoded) -> bool:
    damaged = any(doubt.code == "damaged" for doubt in decoded.doubts)
    return damaged and loudness.true_peak is not None and loudness.true_peak > LOUDEST_DBTP


def _weighed(quality: Quality, decoded: Decoded) -> Quality:
    return weigh(quality, lossless=lossless(decoded.codec), sample_rate=decoded.rate, doubts=decoded.doubts)
