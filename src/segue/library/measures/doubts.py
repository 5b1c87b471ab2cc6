"""Where what a tag says and what was measured do not fit: told as a code with parameters, never changed."""

from __future__ import annotations

from typing import Any, NamedTuple

from segue.library.measures.records import Measure

BPM_OCTAVE = "bpm_octave"
SURE = 0.8
"""The confidence from which a measured tempo casts doubt on a tag."""
NEAR = 0.04
"""How close a tempo must be to a multiple of another: the 4 % within which evaluations of tempo count it as found."""
_MULTIPLES = (0.25, 1 / 3, 0.5, 2 / 3, 1.5, 2.0, 3.0, 4.0)
"""Levels of the beat that are taken for one another (MIREX' Accuracy 2 counts 1/3, 1/2, 2 and 3)."""


class Doubt(NamedTuple):
    code: str
    params: dict[str, Any]

    @property
    def sentence(self) -> str:
        """In plain English."""
        return "The tag says {said:g} BPM, while {heard:g} were heard: one is at another level of the beat.".format(
            **self.params
        )


def doubts_of(tagged_bpm: float | None, measure: Measure | None) -> list[Doubt]:
    """What is doubtful about a tag's tempo: that it is another level of the beat than a confident measure."""
    if not tagged_bpm or measure is None or not measure.bpm or (measure.bpm_confidence or 0.0) < SURE:
        return []
    ratio = tagged_bpm / measure.bpm
    if not any(abs(ratio / multiple - 1) <= NEAR for multiple in _MULTIPLES):
        return []
    params = {"said": round(tagged_bpm, 2), "heard": round(measure.bpm, 2), "confidence": measure.bpm_confidence}
    return [Doubt(BPM_OCTAVE, params)]
