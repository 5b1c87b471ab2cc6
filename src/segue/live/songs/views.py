"""What the service of songs gives back."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class SongView:
    """A song of an artist. `gap` is how many concerts there were since the last day it was played."""

    id: int
    artist_id: int
    artist: str
    name: str
    times: int
    first: str | None
    last: str | None
    gap: int | None
    learnt: str


@dataclass(slots=True)
class Evening:
    """A concert as statistics name it."""

    id: int
    date: str
    venue: str = ""
    city: str = ""


@dataclass(slots=True)
class Longest:
    """A song that came back after `gap` concerts."""

    song_id: int
    name: str
    gap: int
    evening: Evening


@dataclass(slots=True)
class YearOfSong:
    """How often a song was played in a year, and at how many concerts it could have been."""

    year: str
    times: int
    concerts: int


@dataclass(slots=True)
class Neighbour:
    """A song beside another: how often it came right before or after, and how often with a segue."""

    song_id: int
    name: str
    times: int
    segues: int


@dataclass(slots=True)
class Companion:
    """A song of the same evenings."""

    song_id: int
    name: str
    times: int


@dataclass(slots=True)
class Playable:
    """Where a performance can be heard: a track of the best recording that has it."""

    track_id: int
    library_track_id: int | None
    recording_id: int
    number: int
    title: str
    duration_ms: int | None
    shared: bool
    """The track holds other songs as well, so its duration is not the song's."""
    rank: int
    completeness: float | None
    rating: float | None
    source_type: str


@dataclass(slots=True)
class PerformanceView:
    """A song at a concert, with what came before and after it in its set."""

    song_id: int
    name: str
    evening: Evening
    position: int
    within: float | None
    """Where in the show: 0 at its beginning, 1 at its end; None in a soundcheck, and where it was the only song."""
    set_number: int
    set_name: str
    place: str
    segue: bool
    segue_heard: bool
    note: str
    gap: int | None
    before: tuple[int, str] | None = None
    after: tuple[int, str] | None = None
    play: Playable | None = None


@dataclass(slots=True)
class SongDetails:
    """All that setlists say of a song."""

    song: SongView
    concerts: int
    """Concerts of the artist with a known setlist."""
    since_first: int
    """Those of them from its first time on."""
    first: PerformanceView | None
    last: PerformanceView | None
    longest: Longest | None
    years: list[YearOfSong]
    sets: dict[str, int]
    """How often it was played in each set, by its name."""
    opened: int
    closed: int
    encores: int
    mean_position: float | None
    """0 at the beginning of the show, 1 at its end."""
    segue_share: float | None
    before: list[Neighbour]
    after: list[Neighbour]
    together: list[Companion]
    titles: list[str] = field(default_factory=list)
    """What else it is called."""


@dataclass(slots=True)
class ArtistSongs:
    """What the setlists of an artist add up to."""

    artist_id: int
    artist: str
    concerts: int
    songs: int
    performances: int
    segue_share: float | None
    rarities: list[SongView]
    debuts: list[tuple[str, list[tuple[SongView, Evening]]]]
    """By year, newest first."""
    bust_outs: list[tuple[str, list[Longest]]]
    """By year, newest first; in a year, the longest gap first."""
    openers: list[Companion]
    closers: list[Companion]
    encores: list[Companion]
    transitions: list[tuple[Companion, Companion, int, int]]
    """Songs that followed one another: first, second, how often, and how often with a segue."""


@dataclass(slots=True)
class Match:
    """Why a concert was found: the songs that meet one condition, in order, and the track to begin with."""

    condition: str
    songs: list[PerformanceView]
    links: list[str]
    """How each follows the one before: `setlist` or `recording` where that marks a segue, else next or later."""
