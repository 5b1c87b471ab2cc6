"""What a person says about a track's beats, laid over what was heard: pure functions.

The tempo itself, and the key, are edits of the library. What is here moves the beats to where they are heard: which of them
begins the bar, a few milliseconds to and fro, a grid that stands as it is; and where a mix may come in and go out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from segue.analysis.records import Grid, Knowledge, Shape, Tempo
from segue.analysis.tempo import again

Factor = Literal["halve", "double", "third", "triple", "two_thirds", "three_halves"]
FACTORS: Mapping[str, float] = {
    "halve": 1 / 2,
    "double": 2.0,
    "third": 1 / 3,
    "triple": 3.0,
    "two_thirds": 2 / 3,
    "three_halves": 3 / 2,
}
GRID, INTRO, OUTRO, LOCKED = "grid", "intro_end", "outro_start", "locked"
FIELDS = (GRID, INTRO, OUTRO, LOCKED)
MOST_BEATS = 200_000


def tempo_by(heard: Tempo, said: float | None, words: Mapping[str, Any], duration_ms: int) -> Tempo:
    """The tempo and beats of a track as it is shown: `said` is the tempo that a person gave it, `words` what they say of its
    beats."""
    tempo = heard if said is None else again(heard, Knowledge(said=said))
    if said is not None and not tempo.beats_ms:
        tempo = on_grid(replace(tempo, bpm=said, confidence=1.0), Grid(0.0, said), duration_ms)
    grid = words.get(GRID)
    if not grid:
        return tempo
    if (fixed := grid.get("fixed")) is not None:
        tempo = on_grid(tempo, Grid(fixed["first_ms"], fixed["bpm"], fixed.get("beats_a_bar")), duration_ms)
    return _downbeat(_moved(tempo, float(grid.get("offset_ms", 0.0))), int(grid.get("downbeat", 0)))


def on_grid(tempo: Tempo, grid: Grid, duration_ms: int) -> Tempo:
    """`tempo` with beats at equal distances through the whole track, the first of them at `grid.first_ms` or earlier."""
    step = 60_000 / grid.bpm
    before = int(grid.first_ms // step)
    first = grid.first_ms - before * step
    count = min(MOST_BEATS, max(1, int((max(duration_ms, grid.first_ms) - first) / step) + 1))
    bar = grid.beats_a_bar
    downbeats = tuple(range(before % bar, count, bar)) if bar else ()
    beats = tuple(round(first + number * step) for number in range(count))
    return replace(tempo, bpm=grid.bpm, beats_ms=beats, downbeats=downbeats, grid=grid, curve=())


def _moved(tempo: Tempo, offset_ms: float) -> Tempo:
    """All beats so much later; those that would be before the beginning are left out."""
    if not offset_ms:
        return tempo
    moved = [round(beat + offset_ms) for beat in tempo.beats_ms]
    lost = sum(beat < 0 for beat in moved)
    return replace(
        tempo,
        beats_ms=tuple(moved[lost:]),
        downbeats=tuple(number - lost for number in tempo.downbeats if number >= lost),
        grid=tempo.grid and replace(tempo.grid, first_ms=round(tempo.grid.first_ms + offset_ms, 3)),
        curve=tuple((max(0, round(at + offset_ms)), bpm) for at, bpm in tempo.curve),
    )


def _downbeat(tempo: Tempo, later: int) -> Tempo:
    """The bar begins so many beats later, beat by beat; around again where that is a whole bar."""
    bar = bar_of(tempo)
    if not later or not bar or not tempo.beats_ms:
        return tempo
    first = ((tempo.downbeats[0] if tempo.downbeats else 0) + later) % bar
    grid = tempo.grid
    if grid is not None:
        grid = replace(grid, first_ms=round(grid.first_ms + (later % bar) * 60_000 / grid.bpm, 3), beats_a_bar=bar)
    return replace(tempo, downbeats=tuple(range(first, len(tempo.beats_ms), bar)), grid=grid)


def bar_of(tempo: Tempo) -> int | None:
    """Beats a bar, where that is known; four where only the beats are."""
    if tempo.grid is not None and tempo.grid.beats_a_bar:
        return tempo.grid.beats_a_bar
    if len(tempo.downbeats) > 1:
        return tempo.downbeats[1] - tempo.downbeats[0] or None
    return 4 if tempo.beats_ms else None


def shape_by(heard: Shape | None, words: Mapping[str, Any]) -> Shape | None:
    """Where intro and outro meet the body as a person says, else as they were heard."""
    if heard is None and not {INTRO, OUTRO} & words.keys():
        return None
    shape = heard or Shape()
    return replace(
        shape,
        intro_end_ms=words.get(INTRO, shape.intro_end_ms),
        outro_start_ms=words.get(OUTRO, shape.outro_start_ms),
    )
