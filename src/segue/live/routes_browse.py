"""REST of looking around live music: bands, concerts, recordings, venues, tapers, years, search."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Query, Response

from segue.core.ids import format_id, parse_id
from segue.core.rest import Access, CurrentActor, Cursor, Limit, Page, Router, json_response, problems, service
from segue.live import schemas as s
from segue.live import spelling
from segue.live.errors import BadWord
from segue.live.service import Listing, LiveService
from segue.query import EVERYTHING, Node, Window

router = Router(prefix="/live", tags=["live"])
Live = Annotated[LiveService, service(LiveService)]
_MISSING = problems(404, 422)

Artist = Annotated[str | None, Query(description="Only this band's.", examples=["ba-1"])]
Text = Annotated[str | None, Query(max_length=200)]
Q = Annotated[str | None, Query(max_length=4_000, description="A query in the query language; see its manual.")]


class ConcertFilters:
    """The filters that every list of concerts takes; made of its parameters."""

    def __init__(
        self,
        artist: Annotated[
            str | None, Query(description="Only of these bands, between commas.", examples=["ba-1"])
        ] = None,
        year: Annotated[str | None, Query(description="A year, or from..to.", examples=["1977", "1970..1974"])] = None,
        month: Annotated[str | None, Query(description="1 to 12.")] = None,
        venue: Annotated[str | None, Query(description="Only at these venues.", examples=["ve-7"])] = None,
        city: Text = None,
        country: Text = None,
        tour: Text = None,
        source: Annotated[str | None, Query(description="Any recording is of this kind.", examples=["SBD,MTX"])] = None,
        taper: Text = None,
        min_rating: Annotated[float | None, Query(ge=0, le=5, description="Rated so or better.")] = None,
        kept: Annotated[bool | None, Query(description="A recording is on this server, or none.")] = None,
        kind: Annotated[
            str | None, Query(description="concert without it; soundcheck, rehearsal, studio, interview, compilation.")
        ] = None,
        song: Annotated[str | None, Query(max_length=200, description="Was played.")] = None,
        date: Annotated[str | None, Query(description="A date or a part of one, or from..to.")] = None,
    ) -> None:
        given: dict[str, Any] = {
            "artist": artist, "year": year, "month": month, "venue": venue, "city": city, "country": country, "tour": tour,
            "source": source, "taper": taper, "kind": kind, "date": date,
        }  # fmt: skip
        self.parameters = [
            _named(name, str(value)) for name, value in given.items() if value is not None and value != ""
        ]
        if song:
            self.parameters.append(("song", f'"{song}"' if not song.startswith('"') else song))
        if min_rating is not None:
            self.parameters.append(("rating", f">={min_rating}"))
        if kept is not None:
            self.parameters.append(("kept", "true" if kept else "false"))

    def of(self, live: LiveService) -> Node:
        """The tree for the filters. Raises BadQuery."""
        return live.filters("concerts", self.parameters) if self.parameters else EVERYTHING


def _named(name: str, value: str) -> tuple[str, str]:
    """A filter that takes an id asks for the name where it is given none; a taper is meant by the whole name."""
    if name == "taper" and not value.startswith('"'):
        return name, f'"{value}"'
    prefix = {"artist": "ba", "venue": "ve"}.get(name)
    if prefix is None or all(part.strip().lstrip("-").startswith(f"{prefix}-") for part in value.split(",")):
        return name, value
    return f"{name}.name", value


def concert_filters() -> Any:
    from fastapi import Depends

    return Depends(ConcertFilters)


Filters = Annotated[ConcertFilters, concert_filters()]


def _page(found: Listing[Any], spell: Any) -> Response:
    return json_response({"items": [spell(one) for one in found.items], "next": found.next, "total": found.total})


# --- concerts ---------------------------------------------------------------------------------------------------------


@router.get(
    "/concerts",
    access=Access.signed_in,
    response_model=Page[s.ConcertItem],
    operation_id="live_concerts_list",
    summary="Concerts by filter, query and order",
)
async def list_concerts(
    actor: CurrentActor,
    live: Live,
    filters: Filters,
    q: Q = None,
    sort: Annotated[
        str | None,
        Query(max_length=200, description="date, rating, added, recordings, random; a minus turns it round."),
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    found = await live.page("concerts", actor, filters.of(live), q=q, sort=sort, window=Window(limit, cursor))
    return _page(found, spelling.concert)


@router.get(
    "/concerts/recent",
    access=Access.signed_in,
    response_model=Page[s.ConcertItem],
    operation_id="live_concerts_recent_list",
    summary="Concerts whose newest recording came last to the archive",
)
async def recent_concerts(actor: CurrentActor, live: Live, limit: Limit = 50, cursor: Cursor = None) -> Response:
    return _page(await live.recent(actor, Window(limit, cursor)), spelling.concert)


@router.get(
    "/concerts/on-this-day",
    access=Access.signed_in,
    response_model=Page[s.ConcertItem],
    operation_id="live_anniversaries_list",
    summary="Concerts of a day of any year",
)
async def concerts_on_this_day(
    actor: CurrentActor,
    live: Live,
    filters: Filters,
    on: Annotated[
        str | None, Query(max_length=10, description="05-08 or 1977-05-08; today in your zone without it.")
    ] = None,
    sort: Annotated[str | None, Query(max_length=200)] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    parameters = [one for one in filters.parameters if one[0] != "date"]
    day = on or next((value for name, value in filters.parameters if name == "date"), None)
    where = live.filters("concerts", parameters) if parameters else EVERYTHING
    return _page(await live.on_this_day(actor, day, where, Window(limit, cursor), sort), spelling.concert)


@router.get(
    "/concerts/random",
    access=Access.signed_in,
    response_model=Page[s.ConcertItem],
    operation_id="live_concerts_random_list",
    summary="Concerts drawn at random, anew at every call",
)
async def random_concerts(
    actor: CurrentActor,
    live: Live,
    filters: Filters,
    limit: Annotated[int, Query(ge=1, le=100, description="How many at most.")] = 1,
) -> Response:
    found = await live.random(actor, filters.of(live), limit)
    return _page(Listing(found), spelling.concert)


@router.get(
    "/concerts/{id}",
    access=Access.signed_in,
    response_model=s.ConcertAnswer,
    responses=_MISSING,
    operation_id="live_concerts_get",
    summary="One concert: what was played, its recordings in order and why",
)
async def one_concert(
    id: str,
    actor: CurrentActor,
    live: Live,
    fetch: Annotated[
        bool, Query(description="Ask the archive for the tracks of its best recordings where they are not known.")
    ] = False,
) -> Response:
    """`id` may be the concert's uid as well. One that became a part of another is answered by that."""
    number = await live.by_uid(actor, id) if len(id) == 36 else parse_id(id, "co")
    if number is None:
        raise BadWord("id", "There is no concert of that uid.")
    if fetch:
        await live.fetch_concert(number)
    return json_response(spelling.whole_concert(await live.concert(actor, number)))


# --- recordings -------------------------------------------------------------------------------------------------------


@router.get(
    "/recordings",
    access=Access.signed_in,
    response_model=Page[s.RecordingItem],
    operation_id="live_recordings_list",
    summary="Recordings by filter, query and order",
)
async def list_recordings(
    actor: CurrentActor,
    live: Live,
    artist: Artist = None,
    source: Text = None,
    taper: Text = None,
    shnid: Text = None,
    concert: Annotated[str | None, Query(examples=["co-12"])] = None,
    q: Q = None,
    sort: Annotated[
        str | None, Query(max_length=200, description="date, rating, reviews, downloads, added, taper, random.")
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    given = {"artist": artist, "source": source, "taper": taper, "shnid": shnid, "concert": concert}
    parameters = [_named(name, value) for name, value in given.items() if value]
    where = live.filters("recordings", parameters) if parameters else EVERYTHING
    found = await live.page("recordings", actor, where, q=q, sort=sort, window=Window(limit, cursor))
    return _page(found, spelling.recording)


@router.get(
    "/recordings/{id}",
    access=Access.signed_in,
    response_model=s.RecordingAnswer,
    responses=_MISSING,
    operation_id="live_recordings_get",
    summary="One recording: what it is and why, its tracks and files",
)
async def one_recording(
    id: str,
    actor: CurrentActor,
    live: Live,
    fresh: Annotated[bool, Query(description="Ask the archive again, whatever is known.")] = False,
    fetch: Annotated[bool, Query(description="Ask the archive where its tracks are not known.")] = True,
) -> Response:
    """Its tracks are asked of the archive where they are not known. The archive being away is no error: `details` says so."""
    found = await live.recording(actor, parse_id(id, "rec"), fetch=fetch, fresh=fresh)
    return json_response(spelling.whole_recording(found))


# --- bands ------------------------------------------------------------------------------------------------------------


@router.get(
    "/artists",
    access=Access.signed_in,
    response_model=Page[s.LiveArtistItem],
    operation_id="live_artists_list",
    summary="Bands with concerts",
)
async def list_artists(
    actor: CurrentActor,
    live: Live,
    sort: Annotated[
        Literal["name", "concerts"], Query(description="By name, or those with most concerts first.")
    ] = "name",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    return _page(await live.artists(actor, order=sort, cursor=cursor, limit=limit), spelling.artist)


@router.get(
    "/artists/{id}",
    access=Access.signed_in,
    response_model=s.LiveArtistAnswer,
    responses=_MISSING,
    operation_id="live_artists_get",
    summary="A band with its years and tours",
)
async def one_artist(id: str, actor: CurrentActor, live: Live) -> Response:
    found = await live.artist(actor, parse_id(id, "ba"))
    return json_response(
        {
            **spelling.artist(found.artist),
            "years": [_year(row) for row in found.years],
            "tours": [
                {"name": row.tour, "concerts": row.concerts, "first": row.first, "last": row.last}
                for row in found.tours
            ],
            "aliases": found.aliases,
            "words": [spelling.word(row) for row in found.words],
            "mirrored": spelling.mirrored(found.listed_at),
        }
    )


def _year(row: Any) -> dict[str, Any]:
    return {
        "year": str(row.year),
        "concerts": row.concerts,
        "recordings": int(row.recordings or 0),
        "kept": getattr(row, "kept", 0),
    }


@router.get(
    "/years",
    access=Access.signed_in,
    response_model=Page[s.LiveYearItem],
    operation_id="live_years_list",
    summary="Years with concerts, over all bands",
)
async def list_years(actor: CurrentActor, live: Live) -> Response:
    return _page(Listing(await live.years(actor)), _year)


@router.get(
    "/years/{year}",
    access=Access.signed_in,
    response_model=Page[s.DayItem],
    operation_id="live_years_days_list",
    summary="The days of a year on which there were concerts",
)
async def list_days(year: int, actor: CurrentActor, live: Live, artist: Artist = None) -> Response:
    """For a calendar. A month or a year stands for concerts of which no more is known."""
    if not 1000 <= year <= 9998:
        raise BadWord("year", "A year has four digits.")
    rows = await live.days(actor, year, parse_id(artist, "ba") if artist else None)
    return _page(
        Listing(rows),
        lambda row: {
            "date": row.date,
            "concerts": row.concerts,
            "recordings": int(row.recordings or 0),
            "kept": row.kept,
            "rating": round(row.rating, 2) if row.rating else None,
        },
    )


# --- places and people ------------------------------------------------------------------------------------------------


@router.get(
    "/venues",
    access=Access.signed_in,
    response_model=Page[s.VenueItem],
    operation_id="live_venues_list",
    summary="Venues, by name or on a part of the map",
)
async def list_venues(
    actor: CurrentActor,
    live: Live,
    artist: Artist = None,
    box: Annotated[
        str | None, Query(max_length=100, description="south,west,north,east in degrees.", examples=["37,-123,38,-122"])
    ] = None,
    placed: Annotated[bool, Query(description="Only those whose position is known.")] = False,
    sort: Annotated[
        Literal["name", "concerts"], Query(description="By name, or those with most concerts first.")
    ] = "name",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    found = await live.venues(
        actor, order=sort, artist=parse_id(artist, "ba") if artist else None, box=_box(box), placed=placed, cursor=cursor,
        limit=limit,
    )  # fmt: skip
    return _page(found, spelling.venue)


def _box(text: str | None) -> tuple[float, float, float, float] | None:
    if text is None:
        return None
    try:
        south, west, north, east = (float(part) for part in text.split(","))
    except ValueError:
        raise BadWord("box", "box is south,west,north,east in degrees.") from None
    if not (-90 <= south <= north <= 90 and -180 <= west <= 180 and -180 <= east <= 180):
        raise BadWord("box", "box is south,west,north,east in degrees, south below north.")
    return south, west, north, east


@router.get(
    "/venues/{id}",
    access=Access.signed_in,
    response_model=s.VenueItem,
    responses=_MISSING,
    operation_id="live_venues_get",
    summary="A venue",
)
async def one_venue(id: str, actor: CurrentActor, live: Live) -> Response:
    """Its concerts are `/live/concerts?venue=`."""
    return json_response(spelling.venue(await live.venue(actor, parse_id(id, "ve"))))


@router.get(
    "/tapers",
    access=Access.signed_in,
    response_model=Page[s.TaperItem],
    operation_id="live_tapers_list",
    summary="People who record, those with most recordings first",
)
async def list_tapers(
    actor: CurrentActor, live: Live, artist: Artist = None, name: Text = None, limit: Limit = 50, cursor: Cursor = None
) -> Response:
    found = await live.tapers(
        actor, artist=parse_id(artist, "ba") if artist else None, typed=name or "", cursor=cursor, limit=limit
    )
    return _page(
        found,
        lambda row: {name: getattr(row, name) for name in ("key", "name", "recordings", "first", "last", "artists")},
    )


@router.get(
    "/tapers/{key}",
    access=Access.signed_in,
    response_model=s.TaperAnswer,
    responses=_MISSING,
    operation_id="live_tapers_get",
    summary="Somebody who records: whom, when, and with what",
)
async def one_taper(key: str, actor: CurrentActor, live: Live) -> Response:
    """Their recordings are `/live/recordings?taper=`."""
    found = await live.taper(actor, key)
    artists = [
        {"artist": spelling.named("ba", number, name), "count": count} for number, name, count in found["artists"]
    ]
    counted = {
        name: [{"name": label, "count": count} for label, count in found[name]]
        for name in ("sources", "years", "equipment")
    }
    return json_response({**found, "artists": artists, **counted})


# --- words ------------------------------------------------------------------------------------------------------------


@router.get(
    "/search",
    access=Access.signed_in,
    response_model=s.LiveFoundAnswer,
    operation_id="live_search",
    summary="Bands, concerts, venues and songs by words, as they are typed",
)
async def search(
    actor: CurrentActor,
    live: Live,
    q: Annotated[str, Query(max_length=200, description="What was typed; the last word perhaps only begun.")],
    kinds: Annotated[
        list[Literal["artists", "concerts", "venues", "songs"]] | None, Query(description="Only these; all without it.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="How many of each kind at most.")] = 10,
) -> Response:
    found = await live.search(actor, q, kinds or ("artists", "concerts", "venues", "songs"), limit)
    return json_response(
        {
            "artists": [spelling.artist(one) for one in found.artists],
            "concerts": [spelling.concert(one) for one in found.concerts],
            "venues": [spelling.venue(one) for one in found.venues],
            "songs": [
                {
                    "id": format_id("so", row.id),
                    "name": row.name,
                    "artist": spelling.named("ba", row.artist_id, row.artist),
                    "plays": row.play_count,
                    "first": row.first_date,
                    "last": row.last_date,
                }
                for row in found.songs
            ],
        }
    )
