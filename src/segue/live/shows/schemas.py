"""What attended concerts look like over REST."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from segue.core.ids import format_id, format_id_or_none
from segue.core.rest import Body
from segue.live import spelling
from segue.live.schemas import ConcertItem
from segue.live.shows.service import Attended, ImportedLine, SeenSong, Statistics
from segue.live.songs import schemas as songs
from segue.live.songs.schemas import LiveSongItem

Json = dict[str, Any]


class AttendedItem(BaseModel):
    """A concert you were at."""

    uid: str = Field(description="The concert's name for ever.")
    artist: str
    date: str
    note: str
    at: datetime = Field(description="When you said so.")
    concert: ConcertItem | None = Field(description="Null where nothing is known of it here.")


class AttendBody(Body):
    note: str | None = Field(None, max_length=1_000, description="Without it, a note that is there stays.")


class SeenSongItem(BaseModel):
    """A song, and how often you heard it."""

    song: LiveSongItem
    times: int
    first: str | None
    last: str | None
    gap: int | None = Field(description="Your shows of the band since, as far as their setlists are known.")


class ShowArtistItem(BaseModel):
    id: str | None
    name: str
    shows: int


class ShowYearItem(BaseModel):
    year: str
    shows: int


class ShowVenueItem(BaseModel):
    id: str
    name: str
    city: str
    shows: int
    latitude: float | None
    longitude: float | None


class ShowCountryItem(BaseModel):
    country: str
    shows: int


class ShowsStatistics(BaseModel):
    """What your shows add up to."""

    shows: int
    known: int = Field(description="Those of them that are known here.")
    with_setlist: int
    songs: int = Field(description="Different songs you heard.")
    performances: int
    first: str | None
    last: str | None
    artists: list[ShowArtistItem]
    years: list[ShowYearItem]
    venues: list[ShowVenueItem]
    countries: list[ShowCountryItem]
    most_heard: list[SeenSongItem]


class ShowsBody(Body):
    text: str = Field(
        min_length=1,
        max_length=1_000_000,
        description="A date and an artist a line; or CSV with a head.",
        examples=["Paper Lanterns, 1999-05-08"],
    )
    artist: str = Field("", max_length=300, description="Who is meant where a line names nobody.")
    dry_run: bool = Field(False, description="Only tell what would be.")


class ShowLineItem(BaseModel):
    """What became of a line."""

    line: int
    text: str
    artist: str
    date: str
    state: Literal["found", "several", "new", "kept", "bad"] = Field(
        description="One concert found; several, of which you choose; new: kept though not known here; kept before; bad."
    )
    concerts: list[ConcertItem]
    problem: str = Field(description="no_date, bad_date, no_artist or empty.")


class ShowsImportedAnswer(BaseModel):
    items: list[ShowLineItem]
    added: int = Field(description="How many shows are new in your list; with dry_run, how many would be.")


class TodayAnswer(BaseModel):
    """Concerts of this day in any year."""

    mine: list[AttendedItem] = Field(description="Those you were at.")
    favourites: list[ConcertItem] = Field(description="Those of bands that you starred in the library, or have seen.")


def attended(view: Attended) -> Json:
    return {
        "uid": view.uid,
        "artist": view.artist,
        "date": view.date,
        "note": view.note,
        "at": view.at,
        "concert": None if view.concert is None else spelling.concert(view.concert),
    }


def seen(view: SeenSong) -> Json:
    return {
        "song": songs.song(view.song),
        "times": view.times,
        "first": view.first,
        "last": view.last,
        "gap": view.gap,
    }


def statistics(found: Statistics) -> Json:
    return {
        "shows": found.shows,
        "known": found.known,
        "with_setlist": found.with_setlist,
        "songs": found.songs,
        "performances": found.performances,
        "first": found.first,
        "last": found.last,
        "artists": [
            {"id": format_id_or_none("ba", number), "name": name, "shows": many} for number, name, many in found.artists
        ],
        "years": [{"year": year, "shows": many} for year, many in found.years],
        "venues": [
            {
                "id": format_id("ve", number),
                "name": name,
                "city": city,
                "shows": many,
                "latitude": latitude,
                "longitude": longitude,
            }
            for number, name, city, many, latitude, longitude in found.venues
        ],
        "countries": [{"country": country, "shows": many} for country, many in found.countries],
        "most_heard": [seen(one) for one in found.most_heard],
    }


def imported(one: ImportedLine) -> Json:
    return {
        "line": one.line.number,
        "text": one.line.text,
        "artist": one.line.artist,
        "date": one.line.date,
        "state": one.state,
        "concerts": [spelling.concert(view) for view in one.concerts],
        "problem": one.problem,
    }
