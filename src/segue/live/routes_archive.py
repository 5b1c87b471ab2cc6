"""REST of looking into the archive: its state, searches, items, their files, its bands, and what is kept of its answers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Path, Query, Response

from segue.core.rest import Access, CurrentActor, Router, json_response, problems, service
from segue.live.archive.queries import Wanted
from segue.live.archive.schemas import (
    ArchiveItemView,
    ArchiveView,
    BandsView,
    CacheView,
    ClearedView,
    DirectoryView,
    FoundView,
    archive_view,
    band_view,
    cache_view,
    directory_view,
    found_view,
    item_view,
)
from segue.live.archive.service import ArchiveService, From

router = Router(prefix="/live/archive", tags=["live"])
Archive = Annotated[ArchiveService, service(ArchiveService)]
AWAY = problems(409, 502, 503)
Identifier = Annotated[
    str,
    Path(description="The item's name in the archive.", max_length=200, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$"),
]
Words = Annotated[str, Query(description="Words of the band, the place, the date.", max_length=300)]
Artist = Annotated[str, Query(description="A band's name.", max_length=200)]
Collection = Annotated[str, Query(description="The archive's collection of a band.", max_length=200)]
Year = Annotated[int | None, Query(ge=1900, le=2100)]
Date = Annotated[
    str, Query(description="A day or its beginning: 1977-05-08, 1977-05.", pattern=r"^(\d{4}(-\d{2}(-\d{2})?)?)?$")
]
Venue = Annotated[str, Query(max_length=200)]
Sort = Annotated[Literal["date", "-date", "rating", "downloads", "added", "title"], Query()]
PageNumber = Annotated[int, Query(ge=1, le=10_000)]
Most = Annotated[int, Query(ge=1, le=200, description="How many items at most.")]
Where = Annotated[
    From, Query(alias="source", description="`auto`: what is mirrored, where that covers it; else the archive itself.")
]
Fresh = Annotated[bool, Query(description="Ask the archive even where an answer is kept.")]


@router.get(
    "",
    access=Access.signed_in,
    response_model=ArchiveView,
    operation_id="live_archive_get",
    summary="How things stand with the archive",
)
async def standing(actor: CurrentActor, archive: Archive) -> Response:
    """Whether it may be asked, how often just now, until when it is left in peace, and what went wrong last."""
    return json_response(archive_view(await archive.standing(), archive.collections))


@router.get(
    "/search",
    access=Access.signed_in,
    response_model=FoundView,
    responses=AWAY,
    operation_id="live_archive_search",
    summary="Search recordings in the archive",
)
async def search(
    actor: CurrentActor,
    archive: Archive,
    q: Words = "",
    artist: Artist = "",
    collection: Collection = "",
    year: Year = None,
    date: Date = "",
    venue: Venue = "",
    sort: Sort = "date",
    page: PageNumber = 1,
    limit: Most = 50,
    source: Where = "auto",
) -> Response:
    """What is mirrored answers where it covers what is looked for, else the archive itself: `source` says which, `age_s` how old
    that is. A sorted search of the archive reaches no further than 10,000 recordings."""
    wanted = Wanted(q, artist, collection, year, date, venue, sort, page, limit)
    return json_response(found_view(await archive.search(wanted, source), page, limit))


@router.get(
    "/bands",
    access=Access.signed_in,
    response_model=BandsView,
    responses=AWAY,
    operation_id="live_archive_bands_list",
    summary="Bands with a collection of their own in the archive",
)
async def bands(actor: CurrentActor, archive: Archive) -> Response:
    """Those under the collections of the settings, by title. The list is kept for a day."""
    found = await archive.bands()
    return json_response({"items": [band_view(one) for one in found], "total": len(found)})


@router.get(
    "/items/{identifier}",
    access=Access.signed_in,
    response_model=ArchiveItemView,
    responses=AWAY,
    operation_id="live_archive_items_get",
    summary="An item of the archive",
)
async def item(identifier: Identifier, actor: CurrentActor, archive: Archive, fresh: Fresh = False) -> Response:
    """Its own description, its tracks in order with the files that hold them, and reviews. A kept answer says how old it is."""
    return json_response(item_view(await archive.item(identifier, fresh=fresh)))


@router.get(
    "/items/{identifier}/files",
    access=Access.signed_in,
    response_model=DirectoryView,
    responses=AWAY,
    operation_id="live_archive_files_list",
    summary="The files of an item by what they are for",
)
async def directory(identifier: Identifier, actor: CurrentActor, archive: Archive, fresh: Fresh = False) -> Response:
    return json_response(directory_view(await archive.item(identifier, fresh=fresh)))


@router.get(
    "/cache",
    access=Access.signed_in,
    response_model=CacheView,
    operation_id="live_archive_cache_get",
    summary="What is kept of the archive's answers",
)
async def cache(actor: CurrentActor, archive: Archive) -> Response:
    return json_response(cache_view(await archive.cache_figures()))


@router.delete(
    "/cache",
    access=Access.admin,
    response_model=ClearedView,
    operation_id="live_archive_cache_clear",
    summary="Forget what is kept of the archive's answers",
)
async def clear(actor: CurrentActor, archive: Archive) -> Any:
    """What was mirrored stays; only answers to searches and questions for single items go."""
    return ClearedView(forgotten=await archive.clear_cache())
