"""What REST says about mixing."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from segue.analysis.mixing.records import Kind, Profile, Relation
from segue.core.rest import Body
from segue.library.schemas import TrackItem


class MixReason(BaseModel):
    """Why, as a code with its parameters; words are the reader's."""

    code: str = Field(examples=["key_fifth_up"])
    params: dict[str, Any] = Field({}, examples=[{"from": 124.0, "to": 126.0, "rate": 0.9841}])


class MixTerms(BaseModel):
    """What the score is made of, each 0 to 1."""

    key: float
    tempo: float
    energy: float
    room: float = Field(description="How much of 32 beats outro and intro have for each other.")


class TransitionAnswer(BaseModel):
    """How to go from one track to the next. At `out_ms` of the first the second begins at its `in_ms`, and both play for
    `length_ms`; times are each track's own."""

    first: str = Field(alias="from", examples=["tr-81"])
    to: str = Field(examples=["tr-345"])
    kind: Kind = Field(
        description="beats: along the beats of both; crossfade: faded without them; gap: one after the other."
    )
    out_ms: int
    in_ms: int
    length_ms: int = Field(description="Of the first track's time; 0 for a gap.")
    beats: int = Field(description="Beats of the first that the overlap lasts; 0 where it is not along the beats.")
    rate_from: float = Field(description="Speed of the first track during the overlap: its own.")
    rate_to: float = Field(description="Speed of the second during the overlap, 1.02 for 2 % faster.")
    settle_ms: int = Field(description="In this time after the overlap the second comes back to its own speed.")
    bass_swap_at_ms: int | None = Field(
        description="After `out_ms`: where the first one's bass goes and the second's comes."
    )
    tempo_factor: float = Field(
        description="Beats of the second on one of the first: 1, 2, 0.5; 1.5 or 0.667 if adventurous."
    )
    key_relation: Relation
    key_cents: float = Field(description="How far out of tune the second is by its speed, where keys are not locked.")
    score: float = Field(description="0 to 1.")
    terms: MixTerms
    reasons: list[MixReason]


class MixCue(BaseModel):
    name: Literal["mix_in", "intro_end", "outro_start", "mix_out", "phrase"]
    at_ms: int
    beat: int | None = Field(description="Which of the track's beats it is on, from 0; null where it is on none.")


class CuesAnswer(BaseModel):
    """The points of a track that a mix can use, in order."""

    track: str = Field(examples=["tr-81"])
    items: list[MixCue]


class MixCandidate(BaseModel):
    track: TrackItem
    transition: TransitionAnswer


class MixesWithAnswer(BaseModel):
    """What goes well after a track, the best first."""

    items: list[MixCandidate]


class MixSetPool(Body):
    """What a set is made of: everything that any of these names, up to 1,000 tracks; of more, so many by chance."""

    q: str | None = Field(
        None, max_length=4_000, description="A query for tracks.", examples=["genre:house energy:>0.4"]
    )
    playlist: str | None = Field(None, examples=["pl-7"])
    tracks: list[str] = Field([], max_length=1_000, examples=[["tr-81", "tr-345"]])


class LockedPlace(Body):
    position: int = Field(ge=0, lt=200, description="From 0.")
    track: str = Field(examples=["tr-81"])


class MixSetBody(Body):
    """What somebody wants of a set. Say how long by `length` or by `minutes`."""

    pool: MixSetPool
    length: int | None = Field(None, ge=1, le=200, description="Tracks.", examples=[20])
    minutes: float | None = Field(None, gt=0, le=1440)
    curve: Literal["flat", "build", "peak", "wave", "cool_down"] = Field(
        "build", description="How lively from beginning to end, between the calmest and the liveliest of the pool."
    )
    points: list[tuple[float, float]] | None = Field(
        None,
        max_length=50,
        description="A curve of one's own: [place, how lively], both 0 to 1.",
        examples=[[[0, 0.2], [1, 0.9]]],
    )
    start: str | None = Field(None, examples=["tr-81"])
    end: str | None = None
    locked: list[LockedPlace] = Field([], max_length=200)
    exclude: list[str] = Field([], max_length=1_000)
    artist_apart: int = Field(3, ge=0, le=50, description="No artist twice within so many tracks.")
    seed: int = Field(0, ge=0, lt=2**31, description="Another seed gives another set as good; the same gives the same.")
    profile: Profile = Field("standard", description="Which keys go together.")
    pitch_limit: float = Field(0.06, ge=0, le=0.5, description="How far a track may be sped up or slowed down.")
    key_lock: bool = Field(True, description="Whether speed leaves the key as it is.")


class MixSetItem(BaseModel):
    track: TrackItem
    transition: TransitionAnswer | None = Field(description="The way to the next track; null for the last.")
    too_soon: bool = Field(description="Its artist was on shortly before, since nobody else was left.")


class MixSetAnswer(BaseModel):
    """A set in order. Nothing is stored: `POST /api/v1/playlists` keeps it."""

    items: list[MixSetItem]
    score: float = Field(description="The mean of its transitions, 0 to 1.")
    duration_ms: int = Field(description="How long it plays when it is mixed so.")
    pool: int = Field(description="Tracks that it was chosen from.")
