"""What songs and setlists look like over REST."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from segue.core.ids import format_id, format_id_or_none
from segue.core.rest import Body
from segue.live.schemas import ConcertItem, LiveNamedItem, LivePlayItem
from segue.live.songs.views import (
    ArtistSongs,
    Companion,
    Evening,
    Longest,
    Match,
    Neighbour,
    PerformanceView,
    Playable,
    SongDetails,
    SongView,
)

Json = dict[str, Any]


class LiveSongItem(BaseModel):
    """A song as one artist plays it."""

    id: str = Field(examples=["so-5"])
    name: str
    artist: LiveNamedItem
    times: int = Field(description="Concerts it was played at.")
    first: str | None
    last: str | None
    gap: int | None = Field(description="Concerts with a known setlist since the last day it was played.")
    learnt: str = Field(description="Where its name is from: setlist, recordings or person.")


class EveningItem(BaseModel):
    """A concert by its date and place."""

    id: str = Field(examples=["co-12"])
    date: str
    venue: str
    city: str


class HeardAt(LivePlayItem):
    """The track that plays a song, of the best recording that has it."""

    shared: bool = Field(description="The track holds other songs as well, so its duration is not the song's.")
    rank: int = Field(description="The recording's place among those of its concert.")
    completeness: float | None
    rating: float | None
    source_type: str


class PerformanceItem(BaseModel):
    """A song at a concert."""

    song: LiveNamedItem
    concert: EveningItem
    position: int = Field(description="From 1, through all sets.")
    within: float | None = Field(description="Where in the show: 0 at its beginning, 1 at its end.")
    set: str
    set_number: int = Field(description="1, 2, 3 …, encores go on counting; 0 in a soundcheck.")
    place: str = Field(description="opener, closer, both or empty: of its set.")
    segue: bool = Field(description="It ran into the next one, says the setlist.")
    segue_heard: bool = Field(description="It ran into the next one, says a recording.")
    note: str
    gap: int | None = Field(description="How many concerts later it came back; null the first time.")
    before: LiveNamedItem | None
    after: LiveNamedItem | None
    play: HeardAt | None


class YearOfSongItem(BaseModel):
    year: str
    times: int
    concerts: int = Field(description="Concerts of that year with a known setlist.")


class NeighbourItem(BaseModel):
    """A song right beside another in a set."""

    song: LiveNamedItem
    times: int
    segues: int
    query: str = Field(description="Finds these evenings, in the query language.")


class CompanionItem(BaseModel):
    song: LiveNamedItem
    times: int


class LongestItem(BaseModel):
    """A song that came back after `gap` concerts."""

    song: LiveNamedItem
    gap: int
    concert: EveningItem


class SongAnswer(LiveSongItem):
    """All that setlists say of a song."""

    concerts: int = Field(description="Concerts of the artist with a known setlist.")
    since_first: int = Field(description="Those of them from the first time on.")
    share: float | None = Field(description="At which share of those it was played.")
    first_performance: PerformanceItem | None
    last_performance: PerformanceItem | None
    longest_gap: LongestItem | None
    years: list[YearOfSongItem]
    sets: dict[str, int] = Field(description="How often it was played in each set.")
    opened: int
    closed: int
    encores: int
    mean_position: float | None = Field(description="0 at the beginning of the show, 1 at its end.")
    segue_share: float | None
    before: list[NeighbourItem]
    after: list[NeighbourItem]
    together: list[CompanionItem] = Field(description="Songs that were most often played on the same evening.")
    titles: list[str] = Field(description="What else it is called.")


class TransitionsAnswer(BaseModel):
    """What came right before and after a song."""

    song: LiveNamedItem
    before: list[NeighbourItem]
    after: list[NeighbourItem]


class TransitionItem(BaseModel):
    first: LiveNamedItem
    second: LiveNamedItem
    times: int
    segues: int
    query: str


class DebutItem(BaseModel):
    song: LiveSongItem
    concert: EveningItem


class YearOfDebuts(BaseModel):
    year: str
    songs: list[DebutItem]


class YearOfReturns(BaseModel):
    year: str
    songs: list[LongestItem]


class ArtistSongsAnswer(BaseModel):
    """What the setlists of an artist add up to."""

    artist: LiveNamedItem
    concerts: int
    songs: int
    performances: int
    segue_share: float | None
    rarities: list[LiveSongItem]
    debuts: list[YearOfDebuts] = Field(description="Songs played for the first time, newest year first.")
    bust_outs: list[YearOfReturns] = Field(description="Songs that came back after long, newest year first.")
    openers: list[CompanionItem]
    closers: list[CompanionItem]
    encores: list[CompanionItem]
    transitions: list[TransitionItem]


class SetlistMatchItem(BaseModel):
    """Why a concert was found: the songs that meet a condition."""

    condition: str = Field(description="The condition, as it is written.")
    songs: list[PerformanceItem]
    links: list[Literal["setlist", "recording", "next", "later"]] = Field(
        description="How each follows the one before: a segue by the word of the setlist or of a recording, next, or later."
    )
    play: HeardAt | None = Field(description="Where to begin.")


class FoundConcertItem(ConcertItem):
    """A concert that a question on setlists found."""

    matches: list[SetlistMatchItem]


class SongTitleItem(BaseModel):
    """What a title means for an artist."""

    title: str
    song: LiveNamedItem | None = Field(description="Null: it is no song.")
    by: str | None = Field(description="Who said so; null: learnt from the data.")


class SongTitlesAnswer(BaseModel):
    items: list[SongTitleItem]


class SongNameBody(Body):
    name: str = Field(min_length=1, max_length=500)


class SongMergeBody(Body):
    into: str = Field(examples=["so-5"], description="The song that it is; that one's id stays.")


class SongTitleBody(Body):
    title: str = Field(min_length=1, max_length=500, examples=["FOTM"])
    song: str | None = Field(examples=["so-5"], description="Null: it is no song.")


class SongIdAnswer(BaseModel):
    id: str = Field(examples=["so-5"])


def named(prefix: str, number: int, name: str) -> Json:
    return {"id": format_id(prefix, number), "name": name}


def song(view: SongView) -> Json:
    return {
        "id": format_id("so", view.id),
        "name": view.name,
        "artist": named("ba", view.artist_id, view.artist),
        "times": view.times,
        "first": view.first,
        "last": view.last,
        "gap": view.gap,
        "learnt": view.learnt,
    }


def evening(view: Evening) -> Json:
    return {"id": format_id("co", view.id), "date": view.date, "venue": view.venue, "city": view.city}


def play(view: Playable | None) -> Json | None:
    if view is None:
        return None
    return {
        "track": format_id("lt", view.track_id),
        "library_track": format_id_or_none("tr", view.library_track_id),
        "recording": format_id("rec", view.recording_id),
        "number": view.number,
        "title": view.title,
        "duration_ms": view.duration_ms,
        "shared": view.shared,
        "rank": view.rank,
        "completeness": view.completeness,
        "rating": view.rating,
        "source_type": view.source_type,
    }


def performance(view: PerformanceView) -> Json:
    return {
        "song": named("so", view.song_id, view.name),
        "concert": evening(view.evening),
        "position": view.position,
        "within": None if view.within is None else round(view.within, 4),
        "set": view.set_name,
        "set_number": view.set_number,
        "place": view.place,
        "segue": view.segue,
        "segue_heard": view.segue_heard,
        "note": view.note,
        "gap": view.gap,
        "before": None if view.before is None else named("so", *view.before),
        "after": None if view.after is None else named("so", *view.after),
        "play": play(view.play),
    }


def neighbour(view: Neighbour, query: str) -> Json:
    return {"song": named("so", view.song_id, view.name), "times": view.times, "segues": view.segues, "query": query}


def companion(view: Companion) -> Json:
    return {"song": named("so", view.song_id, view.name), "times": view.times}


def longest(view: Longest) -> Json:
    return {"song": named("so", view.song_id, view.name), "gap": view.gap, "concert": evening(view.evening)}


def transitions(found: SongDetails) -> Json:
    own, artist = found.song.name, found.song.artist_id
    return {
        "song": named("so", found.song.id, own),
        "before": [neighbour(one, followed(one.name, own, artist)) for one in found.before],
        "after": [neighbour(one, followed(own, one.name, artist)) for one in found.after],
    }


def details(found: SongDetails, most: int) -> Json:
    beside = transitions(found)
    times = found.song.times
    return {
        **song(found.song),
        "concerts": found.concerts,
        "since_first": found.since_first,
        "share": round(times / found.since_first, 4) if found.since_first else None,
        "first_performance": None if found.first is None else performance(found.first),
        "last_performance": None if found.last is None else performance(found.last),
        "longest_gap": None if found.longest is None else longest(found.longest),
        "years": [{"year": one.year, "times": one.times, "concerts": one.concerts} for one in found.years],
        "sets": found.sets,
        "opened": found.opened,
        "closed": found.closed,
        "encores": found.encores,
        "mean_position": None if found.mean_position is None else round(found.mean_position, 4),
        "segue_share": None if found.segue_share is None else round(found.segue_share, 4),
        "before": beside["before"][:most],
        "after": beside["after"][:most],
        "together": [companion(one) for one in found.together],
        "titles": found.titles,
    }


def artist_songs(found: ArtistSongs) -> Json:
    return {
        "artist": named("ba", found.artist_id, found.artist),
        "concerts": found.concerts,
        "songs": found.songs,
        "performances": found.performances,
        "segue_share": None if found.segue_share is None else round(found.segue_share, 4),
        "rarities": [song(one) for one in found.rarities],
        "debuts": [
            {"year": year, "songs": [{"song": song(one), "concert": evening(night)} for one, night in played]}
            for year, played in found.debuts
        ],
        "bust_outs": [{"year": year, "songs": [longest(one) for one in back]} for year, back in found.bust_outs],
        "openers": [companion(one) for one in found.openers],
        "closers": [companion(one) for one in found.closers],
        "encores": [companion(one) for one in found.encores],
        "transitions": [
            {
                "first": named("so", first.song_id, first.name),
                "second": named("so", second.song_id, second.name),
                "times": times,
                "segues": segues,
                "query": followed(first.name, second.name, found.artist_id),
            }
            for first, second, times, segues in found.transitions
        ],
    }


def match(found: Match) -> Json:
    first = found.songs[0].play if found.songs else None
    return {
        "condition": found.condition,
        "songs": [performance(one) for one in found.songs],
        "links": found.links,
        "play": play(first),
    }


def followed(first: str, second: str, artist: int) -> str:
    """The question that finds the evenings of an artist when one song came right after another."""
    return f"artist:{format_id('ba', artist)} {_quoted(first)} >> {_quoted(second)}"


def _quoted(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
