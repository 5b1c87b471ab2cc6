"""Silence, fades, intro and outro of what goes by in blocks."""

from __future__ import annotations

from segue.analysis.parts import MONO_RATE, Block
from segue.analysis.records import Shape
from segue.analysis.shape.borders import intro_and_outro
from segue.analysis.shape.fades import fade_in, fade_out
from segue.analysis.shape.levels import BASS_MEAN_OF, BASS_SAMPLES, LevelMeter
from segue.analysis.shape.silence import FRAME_MS, silences, sounding

BASS_STEP_MS = BASS_MEAN_OF * BASS_SAMPLES * 1000 / MONO_RATE


class ShapePart:
    """Keeps two bytes for every 10 ms."""

    def __init__(self) -> None:
        self._meter = LevelMeter()

    def hear(self, block: Block) -> None:
        self._meter.hear(block)

    def found(self) -> Shape:
        """A sound that never rises above -60 dBFS begins and ends at 0."""
        levels = self._meter.levels()
        stretches = sounding(levels)
        if not len(stretches):
            return Shape()
        first, last = int(stretches[0, 0]), int(stretches[-1, 1])
        sound = levels[first:last]
        start_ms, end_ms = first * FRAME_MS, min(last * FRAME_MS, self._meter.duration_ms)
        bass = self._meter.bass()[round(start_ms / BASS_STEP_MS) : round(end_ms / BASS_STEP_MS)]
        intro, outro = intro_and_outro(sound, bass)
        faded_in, fading_out = fade_in(sound), fade_out(sound)
        if outro is not None and fading_out is not None:
            outro = min(outro, fading_out * FRAME_MS / 1000)
        return Shape(
            sound_start_ms=start_ms,
            sound_end_ms=end_ms,
            fade_in_end_ms=None if faded_in is None else start_ms + faded_in * FRAME_MS,
            fade_out_start_ms=None if fading_out is None else start_ms + fading_out * FRAME_MS,
            intro_end_ms=None if intro is None else start_ms + round(intro * 1000),
            outro_start_ms=None if outro is None else start_ms + round(outro * 1000),
            silences=silences(stretches),
        )
