"""Searching: search (of old apps), search2, search3. An empty query pages through everything in a stable order."""

from __future__ import annotations

from segue.query import Window
from segue.subsonic import items, spelled
from segue.subsonic.call import Call, Method
from segue.subsonic.envelope import Reply
from segue.subsonic.faults import MissingParameter
from segue.subsonic.spelled import Spelled

MOST = 10_000
"""How many rows of a kind one answer holds; apps that copy the library ask for hundreds or thousands at a time."""


async def search(call: Call) -> Reply:
    """The search of Subsonic 1.3 and before: songs that have the words of artist, album, title or any of them."""
    words = [call.parameters.optional(name) for name in ("any", "artist", "album", "title")]
    window = _window(call, "count", "offset")
    found = await items.search(call, " ".join(word for word in words if word), Window(0), Window(0), window)
    songs = found["song"]
    total = window.offset + len(songs) + (1 if songs and len(songs) == window.limit else 0)
    return Reply("searchResult", {"offset": window.offset, "totalHits": total, "match": songs})


async def search2(call: Call) -> Reply:
    """Artists, albums (as folders) and songs that have the words of the query, the last one perhaps only begun."""
    found = await _found(call)
    albums = [spelled.album_as_child(album) for album in found["album"]]
    return Reply("searchResult2", {**found, "album": albums})


async def search3(call: Call) -> Reply:
    """Artists, albums and songs that have the words of the query, the last one perhaps only begun."""
    return Reply("searchResult3", await _found(call))


async def _found(call: Call) -> dict[str, list[Spelled]]:
    sent = call.parameters.raw("query")
    if sent is None:
        raise MissingParameter("query")
    query = "" if sent.strip() in ('""', "''", "*") else sent
    windows = [_window(call, f"{name}Count", f"{name}Offset") for name in ("artist", "album", "song")]
    return await items.search(call, query, *windows)


def _window(call: Call, count: str, offset: str) -> Window:
    return Window(call.parameters.integer(count, 20, most=MOST), offset=call.parameters.integer(offset, 0))


METHODS = {
    "search": Method(search),
    "search2": Method(search2),
    "search3": Method(search3),
}
