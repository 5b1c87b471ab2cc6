"""Album and song lists: getAlbumList(2), getRandomSongs, getSongsByGenre, getStarred(2), getNowPlaying."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime

from segue.listening.service import ListeningService
from segue.listening.unwanted import NOT_HATED
from segue.query import EVERYTHING, NOTHING, Compare, Node, Range, both
from segue.subsonic import items, spelled
from segue.subsonic.call import Call, Method
from segue.subsonic.envelope import Reply
from segue.subsonic.faults import MissingParameter, WrongParameter
from segue.subsonic.people import names_of
from segue.subsonic.spelled import Spelled

MOST = 500
"""How many albums or songs one answer holds, as the specification says."""

_TYPES = (
    *("random", "newest", "highest", "frequent", "recent", "alphabeticalByName", "alphabeticalByArtist", "starred"),
    *("byYear", "byGenre"),
)


async def get_album_list(call: Call) -> Reply:
    """Albums in one of the protocol's orders, as folders."""
    return Reply("albumList", {"album": [spelled.album_as_child(album) for album in await _albums(call)]})


async def get_album_list2(call: Call) -> Reply:
    """Albums in one of the protocol's orders."""
    return Reply("albumList2", {"album": await _albums(call)})


async def get_random_songs(call: Call) -> Reply:
    """Songs drawn at random, of a genre and of some years if wanted; none that the caller does not want to hear."""
    size = call.parameters.integer("size", 10, most=MOST)
    where = await items.in_folder(call, _of_years(call))
    genre = call.parameters.optional("genre")
    if genre is not None:
        where = await _of_genre(call, genre, where)
    return Reply("randomSongs", {"song": await items.song_list(call, both(where, NOT_HATED), "random", size)})


async def get_songs_by_genre(call: Call) -> Reply:
    """Songs of a genre by title."""
    genre = call.parameters.required("genre")
    count = call.parameters.integer("count", 10, most=MOST)
    offset = call.parameters.integer("offset", 0)
    where = await _of_genre(call, genre, await items.in_folder(call))
    return Reply("songsByGenre", {"song": await items.song_list(call, where, "title", count, offset)})


async def get_starred(call: Call) -> Reply:
    """What the caller has starred, albums as folders."""
    starred = await items.starred(call)
    albums = [spelled.album_as_child(album) for album in starred["album"]]
    return Reply("starred", {**starred, "album": albums})


async def get_starred2(call: Call) -> Reply:
    """What the caller has starred."""
    return Reply("starred2", await items.starred(call))


async def get_now_playing(call: Call) -> Reply:
    """What is being played right now by anybody, of what the caller may see."""
    playing = await call.service(ListeningService).playing(call.actor)
    songs = await items.songs(call, [one.track_id for one in playing])
    names = await names_of(call, (one.user_id for one in playing))
    now = datetime.now(UTC)
    entries = [
        {
            **songs[one.track_id],
            "username": names[one.user_id],
            "minutesAgo": max(0, int((now - one.started_at).total_seconds() // 60)),
            "playerId": zlib.crc32(f"{one.user_id} {one.device}".encode()) & 0x7FFFFFFF,
            "playerName": one.client,
        }
        for one in playing
        if one.track_id in songs
    ]
    return Reply("nowPlaying", {"entry": entries})


async def _albums(call: Call) -> list[Spelled]:
    kind = call.parameters.required("type")
    if kind not in _TYPES:
        raise WrongParameter("type", kind, "one of " + ", ".join(_TYPES))
    size = call.parameters.integer("size", 10, most=MOST)
    from_year = to_year = genre_id = None
    if kind == "byYear":
        from_year, to_year = _required_year(call, "fromYear"), _required_year(call, "toYear")
    elif kind == "byGenre":
        genre_id = await items.genre_named(call, call.parameters.required("genre"))
        if genre_id is None:
            return []
    if size == 0:
        return []
    views = await items.library(call).album_list(
        call.actor,
        kind,
        size=size,
        offset=call.parameters.integer("offset", 0),
        from_year=from_year,
        to_year=to_year,
        genre_id=genre_id,
        library_id=await items.folder_asked(call),
    )
    return [spelled.album(view) for view in views]


async def _of_genre(call: Call, name: str, where: Node) -> Node:
    number = await items.genre_named(call, name)
    return NOTHING if number is None else both(where, Compare("genre", "=", number))


def _required_year(call: Call, name: str) -> int:
    year = call.parameters.integer_or_none(name, most=9999)
    if year is None:
        raise MissingParameter(name)
    return year


def _of_years(call: Call) -> Node:
    first = call.parameters.integer_or_none("fromYear", most=9999)
    last = call.parameters.integer_or_none("toYear", most=9999)
    return EVERYTHING if first is None and last is None else Range("year", first, last)


METHODS = {
    "getAlbumList": Method(get_album_list),
    "getAlbumList2": Method(get_album_list2),
    "getRandomSongs": Method(get_random_songs),
    "getSongsByGenre": Method(get_songs_by_genre),
    "getStarred": Method(get_starred),
    "getStarred2": Method(get_starred2),
    "getNowPlaying": Method(get_now_playing),
}
