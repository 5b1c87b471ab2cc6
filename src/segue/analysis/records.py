"""What listening to a file brings: plain records, the same whichever engine listened.

Nothing here needs a database, numpy or a network. Times are milliseconds from the beginning of what was decoded, levels
are in LUFS, LU, dBTP or dBFS, tonics are 0 to 11 with C = 0. `to_json` and `from_json` of `segue.analysis.documents` keep
all of it; `segue analyze --json` prints a part.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Mode = Literal["major", "minor"]
KnowledgeSource = Literal["tag", "genre", "album", "person", "range"]


@dataclass(frozen=True, slots=True)
class TempoCandidate:
    """A tempo that fits, and how well: scores are 0 to 1, the best first; they need not add up to 1."""

    bpm: float
    score: float


@dataclass(frozen=True, slots=True)
class Grid:
    """Beats at equal distances: the first at `first_ms` (a downbeat where one is known), then every 60,000 / `bpm`."""

    first_ms: float
    bpm: float
    beats_a_bar: int | None = None


@dataclass(frozen=True, slots=True)
class Tempo:
    """`bpm` is None where no pulse was heard. `confidence` is the calibrated probability that it is within 4 %."""

    bpm: float | None
    confidence: float
    candidates: tuple[TempoCandidate, ...] = ()
    beats_ms: tuple[int, ...] = ()
    downbeats: tuple[int, ...] = ()
    """Indices into `beats_ms`."""
    grid: Grid | None = None
    """Only where the beat is steady enough for one."""
    curve: tuple[tuple[int, float], ...] = ()
    """(ms, BPM) where the tempo moves; empty where the grid says all."""
    steadiness: float = 0.0
    """0 to 1: how evenly the beats lie and how strong the pulse is."""
    evidence: Mapping[str, float] = field(default_factory=dict)
    """What the choice of the octave and the confidence rest on, by name; kept so that both can be concluded again."""


@dataclass(frozen=True, slots=True)
class KeySegment:
    start_ms: int
    end_ms: int
    tonic: int
    mode: Mode
    confidence: float


@dataclass(frozen=True, slots=True)
class Key:
    tonic: int
    mode: Mode
    confidence: float
    """Calibrated probability that tonic and mode are right."""
    tuning_cents: float = 0.0
    """How far the instruments are from A = 440 Hz, -50 to 50."""
    segments: tuple[KeySegment, ...] = ()
    """Stretches in order; more than one where it modulates."""
    scores: tuple[float, ...] = ()
    """24 numbers: C major to B major, then C minor to B minor; how well each fits."""


@dataclass(frozen=True, slots=True)
class Loudness:
    """EBU R 128 (ITU-R BS.1770-4): None where nothing is above the absolute gate of -70 LUFS."""

    integrated: float | None
    """LUFS."""
    range: float | None
    """LU (EBU Tech 3342)."""
    true_peak: float | None
    """dBTP; None for digital silence."""
    sample_peak: float | None
    """dBFS; None for digital silence."""
    histogram: tuple[tuple[int, int], ...] = ()
    """(tenths of a LUFS, gating blocks at that loudness): from these the loudness of an album is gated as one."""


@dataclass(frozen=True, slots=True)
class Energy:
    """`value` is 0 to 1; `parts` are the z-scored components by name, and `version` the definition's number."""

    value: float
    parts: Mapping[str, float]
    version: int


@dataclass(frozen=True, slots=True)
class Shape:
    """Where the music is: silence at the ends, fades, and where intro and outro meet the body. None: there is none."""

    sound_start_ms: int = 0
    sound_end_ms: int = 0
    fade_in_end_ms: int | None = None
    fade_out_start_ms: int | None = None
    intro_end_ms: int | None = None
    outro_start_ms: int | None = None
    silences: tuple[tuple[int, int], ...] = ()
    """Stretches within the music, at least two seconds long."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about the quality of the sound: a code and its parameters, never a sentence."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Quality:
    """What was measured of the recording itself."""

    clipped_runs: int = 0
    """Stretches of at least three full-scale samples in a row."""
    clipped_ms: float = 0.0
    dc_offset: float = 0.0
    """The mean of all samples, of full scale."""
    cutoff_hz: int | None = None
    """Above this nothing is in the spectrum; None where it reaches up to its end."""
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Waveform:
    """Peaks for drawing, as in audiowaveform's format 2: 8-bit pairs of minimum and maximum, and the strength of three bands.

    `peaks` is interleaved min, max (int8) of the mono mix; `bands` low, mid, high (uint8) a pixel, for colour. Both are
    bytes so that nothing here needs numpy.
    """

    sample_rate: int
    samples_per_pixel: int
    peaks: bytes
    bands: bytes


@dataclass(frozen=True, slots=True)
class Heard:
    """All that one engine found out about one piece of audio. A part is None where it could not be said."""

    engine: str
    version: int
    duration_ms: int
    sample_rate: int
    channels: int
    tempo: Tempo | None = None
    key: Key | None = None
    loudness: Loudness | None = None
    energy: Energy | None = None
    danceability: float | None = None
    """0 to 1: how steady the beat is and how regular its low end; nothing is said of whether anybody would dance."""
    shape: Shape | None = None
    quality: Quality | None = None
    waveform: Waveform | None = None
    embedding: tuple[float, ...] | None = None
    """What `segue.analysis.similar` compares: raw features, not yet scaled."""
    embedding_version: int = 0
    doubts: tuple[Finding, ...] = ()
    """What went wrong on the way and was passed over: a cut end, frames that could not be decoded."""
    seconds: float = 0.0
    """Processor time it took."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What else is known about a track when its octave is chosen; nothing of it is heard.

    `low` and `high` are the range that a person wants tempos in. `album` are the tempos of the tracks beside it.
    """

    tag_bpm: float | None = None
    genres: tuple[str, ...] = ()
    album: tuple[float, ...] = ()
    low: float | None = None
    high: float | None = None
    said: float | None = None
    """What a person says it is: taken as it is."""
