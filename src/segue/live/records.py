"""What grouping, titles and ranking speak of: plain records, the same whoever brought them.

`Item` and `Setlist` are what somebody said, unchanged; everything else is concluded from them by pure functions
(`facts`, `titles`, `grouping`, `ranking`) without a database and without a network. A conclusion keeps its evidence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Precision = Literal["day", "month", "year", "unknown"]
Kind = Literal["concert", "soundcheck", "rehearsal", "studio", "interview", "compilation"]
SourceType = Literal["SBD", "MTX", "FM", "AUD", "UNKNOWN"]
"""Soundboard, matrix (audience and soundboard mixed), broadcast, audience, or not known."""
ShowTime = Literal["early", "late"]
TitleKind = Literal["song", "nonsong", "unknown"]


@dataclass(frozen=True, slots=True)
class ItemFile:
    """One file of an item. `length_ms` is what the archive says, which is wrong for Shorten."""

    name: str
    format: str = ""
    source: str = ""
    """original, derivative or metadata."""
    original: str = ""
    """Of a derivative: the name of the file it was made from."""
    size: int | None = None
    md5: str = ""
    sha1: str = ""
    crc32: str = ""
    length_ms: int | None = None
    title: str = ""
    track: str = ""
    bitrate: str = ""
    private: bool = False


@dataclass(frozen=True, slots=True)
class ItemTrack:
    """One piece of a recording in order: its titles as written (the chosen one first), and the files that hold it."""

    number: int
    title: str
    duration_ms: int | None = None
    other_titles: tuple[str, ...] = ()
    """What a derivative's tag or the info file calls it, where that differs."""
    files: tuple[ItemFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """A recording as its uploader describes it. Empty text: not said. Nothing here is cleaned but that scalars are scalars."""

    identifier: str
    provider: str = "archive"
    title: str = ""
    creators: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    date: str = ""
    venue: str = ""
    location: str = ""
    """The archive's `coverage`."""
    source: str = ""
    lineage: str = ""
    taper: str = ""
    transferrer: str = ""
    notes: str = ""
    description: str = ""
    info_text: str = ""
    """The text of the info file, where it was read."""
    subjects: tuple[str, ...] = ()
    runtime: str = ""
    rating: float | None = None
    """Mean of stars, 1 to 5."""
    review_count: int = 0
    downloads: int = 0
    added_at: str = ""
    updated_at: str = ""
    size_bytes: int | None = None
    stream_only: bool = False
    dark: bool = False
    tracks: tuple[ItemTrack, ...] = ()
    sidecars: tuple[ItemFile, ...] = ()
    """Text, checksums, fingerprints and the like."""
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SetlistSong:
    name: str
    segue: bool = False
    """It runs into the next one."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class SetlistSet:
    """`name` as written: Set 1, Encore, Soundcheck."""

    name: str
    songs: tuple[SetlistSong, ...]


@dataclass(frozen=True, slots=True)
class Setlist:
    """A show somebody keeps a list of. `sets` empty: the show is known, its songs are not."""

    artist: str
    date: str
    show_id: str = ""
    show_time: ShowTime | None = None
    venue: str = ""
    city: str = ""
    state: str = ""
    country: str = ""
    sets: tuple[SetlistSet, ...] = ()
    source: str = ""

    @property
    def songs(self) -> tuple[SetlistSong, ...]:
        """Every song of every set in order."""
        return tuple(song for one in self.sets for song in one.songs)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why something is believed: `code` names the witness (date.identifier), `value` what it says."""

    code: str
    value: str = ""
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that does not fit, for a person to decide. `proposal` is what would fit, `score` 0 to 1 how well.

    Kinds: date_suspect, date_conflict, artist_uncertain, show_time_uncertain, venue_conflict, setlist_conflict.
    """

    kind: str
    proposal: str
    score: float
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Facts:
    """What an item is, with evidence. `artist_keys` are normalised names, the first the main one."""

    identifier: str
    artist_keys: tuple[str, ...]
    artist_names: tuple[str, ...]
    date: str
    """`1977-05-08`, `1977-05`, `1977` or empty."""
    precision: Precision
    show_time: ShowTime | None = None
    kind: Kind = "concert"
    source_type: SourceType = "UNKNOWN"
    taper: str = ""
    transferrer: str = ""
    lineage: tuple[str, ...] = ()
    """Each step from microphone or board to file."""
    equipment: tuple[str, ...] = ()
    shnid: str = ""
    supersedes: tuple[str, ...] = ()
    """shnids or identifiers that this transfer says it replaces or repairs."""
    partial: bool = False
    """Says itself that it is not the whole show: one set, fragment, incomplete."""
    formats: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class Heard:
    """What a track's title says was played. A medley gives several.

    `song` is the vocabulary's name, or None; `set_name` where a header or mark said it.
    """

    raw: str
    song: str | None
    kind: TitleKind
    segue: bool = False
    encore: bool = False
    cut: bool = False
    set_name: str = ""
    note: str = ""
    how: str = ""
    """alias (people said so), exact, loose, learnt, longer, short, near, nonsong, empty or nothing: see `live.titles`."""
    track: int = 0
    """Number of the track it is in."""


@dataclass(frozen=True, slots=True)
class Concert:
    """One evening's show, or one of two: `key` is `artist|date|sequence`."""

    key: str
    artist_key: str
    artist: str
    date: str
    precision: Precision
    sequence: int
    show_time: ShowTime | None
    kind: Kind
    recordings: tuple[str, ...]
    """Identifiers, best first."""
    setlist: Setlist | None = None
    venue: str = ""
    location: str = ""


@dataclass(frozen=True, slots=True)
class Term:
    """One reason of a rank: `value` 0 to 1, times `weight` is its share of the score; a demotion has a negative weight."""

    code: str
    value: float
    weight: float
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A recording's place among those of one concert, 1 the best, with its terms."""

    identifier: str
    rank: int
    score: float
    completeness: float | None
    """Share of the setlist's songs that it holds, 0 to 1; None where no setlist is known."""
    terms: tuple[Term, ...]
    missing: tuple[str, ...] = ()
    """Songs of the setlist that it lacks."""
