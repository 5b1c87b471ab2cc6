"""getCoverArt: the picture of a song, an album, an artist, a playlist, or a picture by its own id."""

from __future__ import annotations

from starlette.responses import Response

from segue.core.ids import TypedId
from segue.core.rest import matches
from segue.library.artwork import Format, writes_avif
from segue.library.scan.service import ScanService
from segue.library.views import Picture
from segue.playlists.service import PlaylistService
from segue.subsonic import items
from segue.subsonic.call import Call, Method
from segue.subsonic.faults import NotHere

LARGEST = 2000
"""Pixels of the longer side; nobody is served more than that by resizing."""

_FOREVER = "private, max-age=31536000, immutable"
_ASK_AGAIN = "private, no-cache"


async def get_cover_art(call: Call) -> Response:
    """The picture, its longer side at most `size` pixels where that is given. AVIF or WebP for those who take it.

    A picture's own id never comes to mean another one, so it may be kept for ever; any other id is asked again.
    """
    thing = call.parameters.id("id", "picture", "aw", "tr", "al", "ar", "pl", "fo")
    size = call.parameters.integer_or_none("size", most=LARGEST) or None
    accept = call.request.headers.get("accept", "")
    form: Format = "webp" if "image/webp" in accept.lower() else "jpeg"
    if "image/avif" in accept.lower() and writes_avif():
        form = "avif"
    if thing.prefix == "pl":
        picture = await call.service(PlaylistService).drawn(call.actor, thing.number, size, form)
    else:
        number = thing.number if thing.prefix == "aw" else await _artwork_of(call, thing)
        picture = await call.service(ScanService).open_artwork(call.actor, number, size, form)
    etag = f'"{picture.etag}"'
    headers = {
        "ETag": etag,
        "Cache-Control": _FOREVER if thing.prefix == "aw" else _ASK_AGAIN,
        "Vary": "Accept",
        "X-Content-Type-Options": "nosniff",
    }
    if matches(call.request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    return Response(picture.data, media_type=picture.media_type, headers=headers)


async def _artwork_of(call: Call, thing: TypedId) -> int:
    """The number of the picture that stands for a thing. Raises NotHere where it has none."""
    number = await _of_music(call, thing)
    if number is None:
        raise NotHere("picture", str(thing))
    return number


async def _of_music(call: Call, thing: TypedId) -> int | None:
    library = items.library(call)
    picture: Picture | None
    if thing.prefix == "fo":
        folders = await library.folders_of([thing.number], call.actor)
        if folders and folders[0].artwork is not None:
            return folders[0].artwork.id
        thing = await items.meant(call, thing)
    if thing.prefix == "tr":
        picture = (await library.track(thing.number, call.actor)).artwork
    elif thing.prefix == "al":
        albums = await library.albums_of([thing.number], call.actor)
        picture = albums[0].artwork if albums else None
    else:
        page = await library.artist(thing.number, call.actor)
        pictures = [page.artist.artwork, *(album.artwork for _role, albums in page.albums for album in albums)]
        picture = next((each for each in pictures if each is not None), None)
    return picture.id if picture else None


METHODS = {"getCoverArt": Method(get_cover_art)}
