"""What is known of a track that is to be mixed, how somebody wants to mix, and what a plan for two tracks says.

Times are milliseconds in the track's own time, at its own speed, unless it says otherwise. Reasons are codes with parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from segue.analysis.records import Mode

Profile = Literal["strict", "standard", "adventurous"]
PROFILES: tuple[Profile, ...] = ("strict", "standard", "adventurous")
Relation = Literal[
    "same",
    "fifth_up",
    "fifth_down",
    "relative",
    "diagonal",
    "two_fifths_up",
    "semitone_up",
    "parallel",
    "apart",
    "unknown",
]
Kind = Literal["beats", "crossfade", "gap"]
"""Along the beats of both; faded without them; one after the other."""


@dataclass(frozen=True, slots=True)
class Key:
    tonic: int
    mode: Mode


@dataclass(frozen=True, slots=True)
class Mixable:
    """A track, as far as mixing looks at it. None is what nobody knows."""

    id: int
    duration_ms: int
    bpm: float | None = None
    key: Key | None = None
    energy: float | None = None
    """0 to 1."""
    artists: frozenset[int] = frozenset()
    beats_ms: tuple[int, ...] = ()
    downbeats: tuple[int, ...] = ()
    """Indices into `beats_ms`."""
    sound_start_ms: int = 0
    sound_end_ms: int | None = None
    intro_end_ms: int | None = None
    outro_start_ms: int | None = None
    fade_out_start_ms: int | None = None

    @property
    def end_ms(self) -> int:
        """Where its sound ends."""
        return self.sound_end_ms or self.duration_ms


@dataclass(frozen=True, slots=True)
class Manner:
    """How somebody mixes. `pitch_limit` is how far a track may be sped up or slowed down, 0.06 for 6 %; with `key_lock` that
    does not change its key."""

    profile: Profile = "standard"
    pitch_limit: float = 0.06
    key_lock: bool = True
    longest_beats: int = 64
    """Of an overlap."""


@dataclass(frozen=True, slots=True)
class Reason:
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a transition's score is made of, each 0 to 1."""

    key: float
    tempo: float
    energy: float
    room: float


@dataclass(frozen=True, slots=True)
class Transition:
    """How to go from one track to the next.

    At `out_ms` of the first, the second begins at its `in_ms`; both play for `length_ms` of the first one's time. The second
    plays at `rate` (1.02 is 2 % faster) until the overlap is over, and comes back to its own speed over `settle_ms` after it;
    then it is at `in_ms + length_ms · rate`. The basses change over `bass_swap_ms` after `out_ms`.
    """

    from_id: int
    to_id: int
    kind: Kind
    out_ms: int
    in_ms: int
    length_ms: int
    beats: int
    """Beats of the first that it lasts; 0 where it is not along the beats."""
    rate: float
    settle_ms: int
    bass_swap_ms: int | None
    tempo_factor: float
    """So many beats of the second go on one of the first: 2 for a track of half the tempo that is counted double."""
    key_relation: Relation
    key_cents: float
    """How far the second one's key is off by its speed, where the key is not locked; hundredths of a semitone."""
    score: float
    terms: Terms
    reasons: tuple[Reason, ...]
