"""What analysis looks like over REST."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from segue.core.rest import Body

State = Literal["none", "off", "pending", "running", "done", "failed"]
Source = Literal["edit", "tag", "analysis"]
Ms = int
STATE = (
    "none: not looked at yet; off: nobody listens here; pending: it waits; running; done; failed. What an older analysis "
    "heard is shown until a newer one is done."
)


class AnalysisReasonItem(BaseModel):
    """Why something failed or waits: a stable code with its facts, and a sentence."""

    code: str = Field(examples=["encrypted"])
    params: dict[str, Any]
    message: str


class AnalysisFindingItem(BaseModel):
    """Something about the sound or its decoding: a code with its facts, and a sentence."""

    code: str = Field(examples=["lossy_source"])
    params: dict[str, Any]
    message: str


class AnalysisCandidateItem(BaseModel):
    """A tempo that fits, and how well, 0 to 1."""

    bpm: float
    score: float


class AnalysisGridItem(BaseModel):
    """Beats at equal distances."""

    first_ms: float = Field(description="The first beat: a downbeat where one is known.")
    bpm: float
    beats_a_bar: int | None


class AnalysisTempoItem(BaseModel):
    """The tempo as it is shown, who says so, and what was heard."""

    bpm: float | None = Field(description="As it is shown.")
    source: Source | None = Field(description="Who says so: a person's edit, a tag of the file, or analysis.")
    measured: float | None = Field(description="As it was heard, with what was known besides.")
    confidence: float = Field(description="The calibrated probability that `measured` is within 4 %.")
    candidates: list[AnalysisCandidateItem]
    steadiness: float = Field(description="0 to 1: how evenly the beats lie, and how strong the pulse is.")
    grid: AnalysisGridItem | None = Field(description="Where the beat is steady enough for one.")
    curve: list[tuple[int, float]] = Field(
        description="(ms, BPM) where the tempo moves; empty where the grid says all."
    )
    beats: int = Field(description="How many beats there are; they are at /beats.")
    evidence: dict[str, float] = Field(description="What the choice rests on, by name.")
    locked: bool = Field(description="A person said that tempo, key and grid stay as they are.")


class AnalysisKeyNames(BaseModel):
    """A key in every notation."""

    tonic: int = Field(description="0 to 11, C = 0.")
    mode: Literal["major", "minor"]
    camelot: str = Field(examples=["8A"])
    open_key: str = Field(examples=["1m"])
    name: str = Field(description="As it is usually spelled.", examples=["Am"])
    flat: str
    sharp: str


class AnalysisKeySegmentItem(AnalysisKeyNames):
    """A stretch in one key."""

    start_ms: int
    end_ms: int
    confidence: float


class AnalysisKeyItem(BaseModel):
    """The key as it is shown, who says so, and what was heard."""

    value: str | None = Field(description="As it is shown.", examples=["Am"])
    source: Source | None
    measured: AnalysisKeyNames | None
    confidence: float | None = Field(description="The calibrated probability that `measured` is right.")
    tuning_cents: float | None = Field(description="How far the instruments are from A = 440 Hz, -50 to 50.")
    segments: list[AnalysisKeySegmentItem] = Field(description="Stretches in order; more than one where it modulates.")
    scores: list[float] = Field(description="How well C major to B major, then C minor to B minor, fit; or empty.")


class AnalysisLoudnessItem(BaseModel):
    """EBU R 128. Null: nothing is above the absolute gate of -70 LUFS, or it is digital silence."""

    integrated_lufs: float | None
    range_lu: float | None
    true_peak_dbtp: float | None
    sample_peak_dbfs: float | None
    gain_db: float | None = Field(description="ReplayGain 2.0's gain of the track: -18 LUFS less its loudness.")
    r128_gain: int | None = Field(description="The same for Opus: 256ths of a dB towards -23 LUFS.")


class AnalysisEnergyItem(BaseModel):
    value: float = Field(description="0 to 1.")
    level: int = Field(description="1 to 10, as DJs write it.")
    parts: dict[str, float] = Field(
        description="What it is made of, by name: docs/analysis.md says of each what it is."
    )
    version: int


class AnalysisShapeItem(BaseModel):
    """Where the music is. Null: there is none."""

    sound_start_ms: Ms
    sound_end_ms: Ms
    fade_in_end_ms: Ms | None
    fade_out_start_ms: Ms | None
    intro_end_ms: Ms | None = Field(description="As a person says, else as heard.")
    outro_start_ms: Ms | None = Field(description="As a person says, else as heard.")
    silences: list[tuple[int, int]] = Field(description="Silent stretches within the music, at least two seconds long.")


class AnalysisQualityItem(BaseModel):
    """What was measured of the recording itself."""

    clipped_runs: int
    clipped_ms: float
    dc_offset: float
    cutoff_hz: int | None = Field(
        description="Above this nothing is in the spectrum; null where it reaches to its end."
    )
    findings: list[AnalysisFindingItem]


class AnalysisWordItem(BaseModel):
    """What a person said of the beats or the points of a mix."""

    value: Any
    said_at: datetime


class TrackAnalysisAnswer(BaseModel):
    """All that is known of a track by listening, and who says what is shown."""

    track: str = Field(examples=["tr-81"])
    state: State = Field(description=STATE)
    reason: AnalysisReasonItem | None = Field(description="Why it failed, or what it waits for.")
    analyzed_at: datetime | None
    engine: str | None = Field(examples=["ours"])
    version: int | None
    seconds: float | None = Field(description="Processor time that listening took.")
    duration_ms: Ms | None = Field(description="As it was decoded.")
    sample_rate: int | None
    channels: int | None
    tempo: AnalysisTempoItem
    key: AnalysisKeyItem
    loudness: AnalysisLoudnessItem | None
    energy: AnalysisEnergyItem | None
    danceability: float | None = Field(description="0 to 1: how steady the beat and how regular its low end is.")
    shape: AnalysisShapeItem | None
    quality: AnalysisQualityItem | None
    doubts: list[AnalysisFindingItem] = Field(description="What went wrong in decoding and was passed over.")
    waveform: str | None = Field(
        description="Changes with what is drawn: the `v` of /waveform. Null where there is none."
    )
    words: dict[str, AnalysisWordItem] = Field(description="By field: grid, intro_end, outro_start, locked.")
    edit: str | None = Field(
        None, description="After a correction: the edit that tempo or key became.", examples=["ed-7"]
    )


class AnalysisSummaryItem(BaseModel):
    """What a list shows of a track; measured values are null until it was heard."""

    track: str = Field(examples=["tr-81"])
    state: State = Field(description=STATE)
    reason: AnalysisReasonItem | None
    bpm: float | None = Field(description="As it is shown.")
    bpm_source: Source | None
    key: str | None = Field(description="As it is shown.")
    key_source: Source | None
    measured_bpm: float | None
    bpm_confidence: float | None
    measured_key: AnalysisKeyNames | None
    key_confidence: float | None
    energy: float | None
    danceability: float | None
    integrated_lufs: float | None
    range_lu: float | None
    true_peak_dbtp: float | None
    findings: list[str] = Field(description="Codes of what was found of its quality and its decoding.")
    analyzed_at: datetime | None


class AnalysisBeatsAnswer(BaseModel):
    """The beats of a track as they are shown."""

    track: str
    bpm: float | None
    beats_ms: list[int]
    downbeats: list[int] = Field(description="Indices into `beats_ms`.")
    grid: AnalysisGridItem | None
    curve: list[tuple[int, float]]
    beats_a_bar: int | None


class AnalysisWaveformAnswer(BaseModel):
    """Peaks as audiowaveform's JSON has them, with the strength of three bands beside them."""

    version: int = Field(description="Of the format: 2.")
    channels: int
    sample_rate: int
    samples_per_pixel: int
    bits: int
    length: int = Field(description="Pixels.")
    data: list[int] = Field(description="Minimum and maximum of every pixel, -128 to 127.")
    bands: list[int] | None = Field(None, description="Low, mid and high of every pixel, 0 to 255.")


class AnalysisLoudnessAnswer(AnalysisLoudnessItem):
    """The loudness of a track."""

    track: str
    histogram: list[tuple[int, int]] = Field(
        description="(tenths of a LUFS, gating blocks that loud): albums are gated from these."
    )


class AnalysisSayBody(Body):
    """What a person says of a track. What is left out stays; null takes a person's word back."""

    tempo: Literal["halve", "double", "third", "triple", "two_thirds", "three_halves"] | None = Field(
        None, description="Count the beat another way than it is shown."
    )
    bpm: float | None = Field(None, ge=20, le=400, description="The tempo, as tapped or known.")
    key: str | None = Field(None, max_length=40, description="The key, in any notation.", examples=["8A", "Am"])
    locked: bool | None = Field(None, description="Tempo, key and grid stay as they are shown now.")
    downbeat_shift: int | None = Field(None, ge=-16, le=16, description="The bar begins so many beats later.")
    grid_offset_ms: float | None = Field(None, ge=-5_000, le=5_000, description="All beats so much later than heard.")
    intro_end_ms: int | None = Field(None, ge=0, le=172_800_000, description="Where the intro meets the body.")
    outro_start_ms: int | None = Field(None, ge=0, le=172_800_000, description="Where the outro begins.")


class AnalysisJobAnswer(BaseModel):
    """The job that does what was asked for."""

    job: str = Field(examples=["jo-12"])


class AnalysisStatusAnswer(BaseModel):
    """How far listening is, over all libraries."""

    enabled: bool
    engine: str = Field(examples=["ours"])
    version: int
    missing: str | None = Field(description="Why the engine cannot listen here.")
    states: dict[str, int] = Field(description="Pieces of audio by state: pending, running, done, failed.")
    waiting_for_files: int = Field(description="Of those that are pending: their files are away.")
    outdated: int = Field(description="Heard by another engine or version; `again` has them heard anew.")
    failed: dict[str, int] = Field(description="Those that failed, by code.")
    seconds: float = Field(description="Processor time spent on what is done.")
    audio_s: float = Field(description="How long what is done plays, in seconds.")
    real_time_factor: float | None = Field(description="Seconds of music in a second of one core.")
    job: str | None = Field(description="The job that listens now.", examples=["jo-12"])
    rate: float | None = Field(description="Pieces a minute, now.")
    eta_s: float | None = Field(description="Seconds until nothing waits any more.")
    quiet_until: datetime | None = Field(description="Until then only what people ask for is listened to.")


class AnalysisFailureItem(BaseModel):
    """A track that could not be heard."""

    track: str = Field(examples=["tr-81"])
    title: str
    artist: str
    album: str
    path: str
    reason: AnalysisReasonItem
    asked_at: datetime


class AnalysisAgainBody(Body):
    """What to listen to again: what failed, what another version heard, or everything."""

    which: Literal["failed", "outdated", "all"] = "outdated"
    code: str | None = Field(None, max_length=60, description="Of what failed, only what failed for this reason.")


class AnalysisAskBody(Body):
    """A track of the library, or the address of a file: one of the two."""

    track: str | None = Field(None, examples=["tr-81"])
    url: str | None = Field(None, max_length=2_000, examples=["https://music.example/song.flac"])


class AnalysisHeardItem(BaseModel):
    """What was heard of something that is in no library, or of a track's audio alone."""

    engine: str
    version: int
    seconds: float
    duration_ms: Ms
    sample_rate: int
    channels: int
    tempo: AnalysisTempoItem
    key: AnalysisKeyItem
    loudness: AnalysisLoudnessItem | None
    energy: AnalysisEnergyItem | None
    danceability: float | None
    shape: AnalysisShapeItem | None
    quality: AnalysisQualityItem | None
    doubts: list[AnalysisFindingItem]
    beats_ms: list[int]
    downbeats: list[int]


class AnalysisRequestAnswer(BaseModel):
    """Something that was asked for, as it stands."""

    id: str = Field(examples=["an-7"])
    kind: Literal["track", "url", "upload"]
    name: str
    state: Literal["pending", "running", "done", "failed"]
    reason: AnalysisReasonItem | None
    track: str | None
    asked_at: datetime
    ended_at: datetime | None
    job: str | None = Field(description="The job that works on it.", examples=["jo-12"])
    heard: AnalysisHeardItem | None = Field(description="What came of it; in lists null.")
