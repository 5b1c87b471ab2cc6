"""What live music looks like over REST."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from segue.core.rest import Body

Precision = Literal["day", "month", "year", "unknown"]
Kind = Literal["concert", "soundcheck", "rehearsal", "studio", "interview", "compilation"]
Source = Literal["SBD", "MTX", "FM", "AUD", "UNKNOWN"]


class LiveNamedItem(BaseModel):
    """Something by its id and name."""

    id: str
    name: str


class VenueItem(BaseModel):
    """A venue. Its position is null where nobody knows it."""

    id: str = Field(examples=["ve-7"])
    name: str
    city: str
    region: str
    country: str
    latitude: float | None
    longitude: float | None
    concerts: int = Field(description="Concerts here of all bands.")


class ConcertItem(BaseModel):
    """A concert as lists show it."""

    id: str = Field(examples=["co-12"])
    uid: str = Field(description="Its name for ever, also in another house.")
    artist: LiveNamedItem
    date: str = Field(description="1977-05-08, 1977-05, 1977 or empty.")
    precision: Precision
    sequence: int = Field(description="1, or 2 and more where there were several shows on a date.")
    show_time: Literal["early", "late"] | None
    kind: Kind
    title: str = Field(description="What the evening is called, where it has a name.")
    tour: str
    venue: VenueItem | None
    recordings: int = Field(description="How many recordings there are.")
    songs: int = Field(description="How many songs were played, where a setlist is known; else 0.")
    setlist: str = Field(
        description="Whose setlist is known: reference, person, consensus (of its recordings) or empty."
    )
    sources: list[Source]
    best: str | None = Field(description="The recording to hear first.", examples=["rec-81"])
    score: float | None = Field(description="What the best recording's rank rests on, 0 to 1.")
    completeness: float | None = Field(description="The share of the setlist that the best recording holds.")
    rating: float | None = Field(description="1 to 5, drawn to the artist's mean where few people rated.")
    added_at: str
    kept: int = Field(description="How many of its recordings are on this server.")
    changed_at: datetime


class EvidenceItem(BaseModel):
    """A witness: who says it (`date.identifier`), what, and how much that counts."""

    code: str
    value: str
    weight: float


class TermItem(BaseModel):
    """One reason of a rank: `value` (0 to 1) times `weight` is its share of the score."""

    code: str
    value: float
    weight: float
    params: dict[str, Any]


class RecordingItem(BaseModel):
    """A recording as lists show it."""

    id: str = Field(examples=["rec-81"])
    provider: Literal["archive", "tape"]
    identifier: str
    url: str | None = Field(description="Its page in the archive.")
    artist: LiveNamedItem | None
    title: str
    date: str
    precision: Precision
    show_time: Literal["early", "late"] | None
    kind: Kind
    source_type: Source
    venue: str
    location: str
    taper: str
    transferrer: str
    source: str = Field(description="As written.")
    lineage: list[str]
    equipment: list[str]
    shnid: str
    formats: list[str]
    rating: float | None
    reviews: int
    downloads: int
    size_bytes: int | None
    tracks: int | None
    duration_ms: int | None
    stream_only: bool = Field(description="It may be heard but not fetched.")
    status: Literal["there", "gone", "dark"]
    partial: bool
    family: str = Field(description="The same for all transfers of one tape; empty for a tape of one.")
    added_at: str
    updated_at: str
    details_at: datetime | None = Field(description="When its tracks and files were fetched; null: never.")
    kept: bool


class HeldItem(RecordingItem):
    """A recording among those of a concert: its place, and why it is there."""

    rank: int
    score: float
    completeness: float | None
    role: Literal["whole", "part", "also"]
    terms: list[TermItem]
    missing: list[str] = Field(description="Songs of the setlist that it lacks.")
    because: list[EvidenceItem] = Field(description="Why it belongs to this concert.")
    evidence: list[EvidenceItem] = Field(description="Why its facts are believed.")
    pinned: Literal["you", "house"] | None


class HeardItem(BaseModel):
    """What a title says was played; a medley gives several."""

    song: LiveNamedItem | None
    name: str
    kind: Literal["song", "nonsong", "unknown"]
    segue: bool
    encore: bool
    cut: bool


class LivePlayItem(BaseModel):
    """Where a song can be heard."""

    track: str = Field(examples=["lt-5"])
    library_track: str | None = Field(description="The track in the library, once it is on this server.")
    recording: str
    number: int
    title: str
    duration_ms: int | None


class SetSongItem(BaseModel):
    """A song as it was played that evening."""

    position: int
    song: LiveNamedItem
    segue: bool = Field(description="It ran into the next one.")
    note: str
    place: str = Field(description="opener, closer, both or empty: of its set.")
    gap: int | None = Field(description="How many concerts later it came back; null the first time.")
    play: LivePlayItem | None
    recordings: list[str] = Field(description="Recordings that have it, best first.")


class SetItem(BaseModel):
    number: int
    name: str
    songs: list[SetSongItem]


class TapeFamilyItem(BaseModel):
    """Transfers of one tape, best first."""

    id: str
    recordings: list[str]


class LiveDoubtItem(BaseModel):
    """Something that does not fit. `proposal` is what would, `score` how well, 0 to 1."""

    id: str = Field(examples=["ld-3"])
    recording: str
    identifier: str
    title: str
    artist: str
    date: str
    kind: str = Field(examples=["date_suspect"])
    proposal: str
    score: float
    params: dict[str, Any]
    state: Literal["open", "accepted", "refused"]
    decided_by: str | None
    decided_at: datetime | None


class LiveWordItem(BaseModel):
    """What a person said, which wins over everything."""

    id: str = Field(examples=["lo-4"])
    scope: Literal["recording", "concert", "artist", "venue"]
    subject: str
    field: str
    value: Any
    by: str | None
    at: datetime


class MirroredItem(BaseModel):
    """How old this is: when lists of the archive were last read to their end."""

    listed_at: datetime | None
    age_s: int | None


class ConcertAnswer(ConcertItem):
    """All of one concert."""

    sets: list[SetItem]
    sources_held: list[HeldItem] = Field(description="Its recordings, best first; your own choice before all.")
    families: list[TapeFamilyItem]
    doubts: list[LiveDoubtItem]
    words: list[LiveWordItem]
    previous: ConcertItem | None
    next: ConcertItem | None
    beside: list[ConcertItem] = Field(description="Other concerts of its day: early and late, the rest of the bill.")
    mirrored: MirroredItem


class LiveFileItem(BaseModel):
    """A file as the archive lists it."""

    id: str
    number: int | None
    name: str
    format: str
    source: str
    original: str
    size: int | None
    md5: str
    sha1: str
    duration_ms: int | None
    private: bool = Field(description="It can neither be heard nor fetched.")


class LiveTrackItem(BaseModel):
    """A track of a recording."""

    id: str = Field(examples=["lt-5"])
    number: int
    title: str
    title_source: str
    other_titles: list[str]
    duration_ms: int | None
    duration_source: str
    set: str
    heard: list[HeardItem]
    library_track: str | None
    files: list[LiveFileItem]


class HoldsItem(ConcertItem):
    """A concert that a recording holds."""

    role: Literal["whole", "part", "also"]


class RecordingAnswer(RecordingItem):
    """All of one recording. `details` says how its tracks were come by: fresh (fetched just now), kept, stale (the archive is
    away, so older than they should be) or none."""

    evidence: list[EvidenceItem]
    concerts: list[HoldsItem]
    track_list: list[LiveTrackItem]
    sidecars: list[LiveFileItem] = Field(description="Files that are no tracks: texts, checksums, fingerprints.")
    doubts: list[LiveDoubtItem]
    words: list[LiveWordItem]
    relatives: list[RecordingItem] = Field(description="Other transfers of the same tape.")
    supersedes: list[str]
    details: Literal["fresh", "kept", "stale", "none"]
    away: str | None = Field(description="Why the archive could not be asked.")


class LiveArtistItem(BaseModel):
    """A band."""

    id: str = Field(examples=["ba-1"])
    name: str
    sort_name: str
    collection: str | None = Field(description="The archive's collection of this band alone.")
    concerts: int
    recordings: int
    first: str | None
    last: str | None
    rating: float | None = Field(description="The mean of all stars.")


class LiveYearItem(BaseModel):
    year: str
    concerts: int
    recordings: int
    kept: int = 0


class TourItem(BaseModel):
    name: str
    concerts: int
    first: str
    last: str


class LiveArtistAnswer(LiveArtistItem):
    """A band with its years and tours."""

    years: list[LiveYearItem]
    tours: list[TourItem]
    aliases: list[str]
    words: list[LiveWordItem]
    mirrored: MirroredItem


class DayItem(BaseModel):
    """A day of a year, or a month or year where no more is known."""

    date: str
    concerts: int
    recordings: int
    kept: int
    rating: float | None


class TaperItem(BaseModel):
    """Somebody who records. `key` names them in addresses."""

    key: str
    name: str
    recordings: int
    first: str | None
    last: str | None
    artists: int


class CountItem(BaseModel):
    name: str
    count: int


class TaperArtistItem(BaseModel):
    artist: LiveNamedItem
    count: int


class TaperAnswer(BaseModel):
    """A taper: whom they recorded, when, from where, with what."""

    key: str
    name: str
    recordings: int
    first: str | None
    last: str | None
    artists: list[TaperArtistItem]
    sources: list[CountItem]
    years: list[CountItem]
    equipment: list[CountItem]


class FoundSongItem(BaseModel):
    """A song as one band plays it."""

    id: str = Field(examples=["so-9"])
    name: str
    artist: LiveNamedItem
    plays: int
    first: str | None
    last: str | None


class LiveFoundAnswer(BaseModel):
    """What was found by words."""

    artists: list[LiveArtistItem]
    concerts: list[ConcertItem]
    venues: list[VenueItem]
    songs: list[FoundSongItem]


class MirrorItem(BaseModel):
    """A list of the archive that is kept here. `state`: new, running, whole, failed or blocked."""

    id: str = Field(examples=["lm-1"])
    collection: str
    title: str
    wanted: bool
    state: str
    items: int
    listed_at: datetime | None
    newest: str
    error: dict[str, Any] | None


class MirrorBody(Body):
    """A collection of the archive to keep a list of."""

    collection: str = Field(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9._-]+$", examples=["GratefulDead"])


class StartBody(Body):
    """How to read a list: `whole` from the beginning; `anyway` also where many items are missing from it."""

    whole: bool = False
    anyway: bool = False


class StartedAnswer(BaseModel):
    job: str


class WordBody(Body):
    """What a person says. The value's form depends on the field: see the manual."""

    value: Any


class SaidAnswer(BaseModel):
    """What a person's word changed: concerts now, and what is no longer said."""

    word: LiveWordItem | None
    concerts: list[ConcertItem]


class DecisionBody(Body):
    """Yes or no to what a doubt proposes."""

    accept: bool


class DecisionAnswer(BaseModel):
    doubt: LiveDoubtItem
    concerts: list[ConcertItem]


class PinBody(Body):
    recording: str = Field(examples=["rec-81"])
    house: bool = Field(False, description="For everybody here; for editors.")


class LiveStatusAnswer(BaseModel):
    """What there is, and how old it is."""

    artists: int
    concerts: int
    recordings: int
    venues: int
    kept: int
    doubts: dict[str, int]
    waiting: int = Field(description="Dates that are yet to be put into concerts.")
    mirrors: list[MirrorItem]
    mirrored: MirroredItem
    job: str | None = Field(description="The job that reads a list or groups, where one runs.")
    archive: dict[str, Any] = Field(description="Whether the archive answers: state and until when it is left alone.")
