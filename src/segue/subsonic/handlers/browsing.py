"""Browsing: music folders, artists, albums, songs, genres, and what is known about them.

Two trees, as the protocol has them: by tags (getArtists, getArtist, getAlbum), and the folders on disk (getIndexes,
getMusicDirectory). Ids of either can be opened by the methods of the other.
"""

from __future__ import annotations

from typing import Any

from segue.core import articles
from segue.core.ids import TypedId
from segue.subsonic import items, spelled
from segue.subsonic.call import Call, Method
from segue.subsonic.envelope import Reply
from segue.subsonic.faults import NotHere


async def get_music_folders(call: Call) -> Reply:
    """The libraries that the caller may see, by number."""
    folders = [{"id": library.id, "name": library.name} for library in await items.libraries(call)]
    return Reply("musicFolders", {"musicFolder": folders})


async def get_indexes(call: Call) -> Reply:
    """The folders directly inside the music folders by letter, and the songs there; nothing but the time where nothing
    changed since `ifModifiedSince`."""
    since = call.parameters.moment("ifModifiedSince")
    changed = await items.last_changed(call)
    value: dict[str, Any] = {
        "lastModified": int(changed.timestamp() * 1000) if changed else 0,
        "ignoredArticles": _ignored_articles(),
    }
    if since is None or changed is None or value["lastModified"] > int(since.timestamp() * 1000):
        value["index"], value["child"] = await items.folder_index(call)
    return Reply("indexes", value)


async def get_artists(call: Call) -> Reply:
    """Artists that albums are credited to, by letter."""
    index = await items.artist_index(call)
    return Reply("artists", {"ignoredArticles": _ignored_articles(), "index": index})


async def get_music_directory(call: Call) -> Reply:
    """What is inside an artist (albums), an album (songs), a library or a folder on disk."""
    thing = call.parameters.id("id", "directory", "ar", "al", "li", "fo")
    if thing.prefix == "ar":
        artist = await items.artist(call, thing.number)
        return Reply("directory", {**artist, "child": [spelled.album_as_child(album) for album in artist["album"]]})
    if thing.prefix == "al":
        album = await items.album(call, thing.number)
        return Reply("directory", {**album, "parent": album["artistId"], "child": album["song"]})
    return Reply("directory", await items.directory(call, thing))


async def get_genres(call: Call) -> Reply:
    """Every genre with its counts."""
    return Reply("genres", {"genre": await items.genres(call)})


async def get_artist(call: Call) -> Reply:
    """An artist and every album that they take part in."""
    return Reply("artist", await items.artist(call, call.parameters.id("id", "artist", "ar").number))


async def get_album(call: Call) -> Reply:
    """An album and its songs in the order of its discs."""
    return Reply("album", await items.album(call, call.parameters.id("id", "album", "al").number))


async def get_song(call: Call) -> Reply:
    """One song."""
    return Reply("song", await items.song(call, call.parameters.id("id", "song", "tr").number))


async def get_artist_info(call: Call) -> Reply:
    """What is known about an artist beside their music: the MusicBrainz id, where the files say it."""
    return Reply("artistInfo", await _artist_info(call))


async def get_artist_info2(call: Call) -> Reply:
    """Like getArtistInfo."""
    return Reply("artistInfo2", await _artist_info(call))


async def get_album_info(call: Call) -> Reply:
    """What is known about an album beside its music: the MusicBrainz id, where the files say it."""
    thing = await items.meant(call, call.parameters.id("id", "album", "al", "tr", "fo"))
    if thing.prefix == "ar":
        raise NotHere("album", str(thing))
    if thing.prefix == "tr":
        thing = TypedId.parse((await items.song(call, thing.number))["albumId"])
    album = await items.album(call, thing.number)
    return Reply("albumInfo", {"musicBrainzId": album["musicBrainzId"]})


async def _artist_info(call: Call) -> dict[str, Any]:
    thing = await items.meant(call, call.parameters.id("id", "artist", "ar", "al", "tr", "fo"))
    if thing.prefix != "ar":
        inside = await (items.song if thing.prefix == "tr" else items.album)(call, thing.number)
        if inside["artistId"] is None:
            raise NotHere("artist", str(thing))
        thing = TypedId.parse(inside["artistId"])
    artist = await items.artist(call, thing.number)
    return {"musicBrainzId": artist["musicBrainzId"], "similarArtist": []}


def _ignored_articles() -> str:
    """What does not count when sorting names, as the protocol spells it."""
    return " ".join(article.title() for article in articles.in_use())


METHODS = {
    "getMusicFolders": Method(get_music_folders),
    "getIndexes": Method(get_indexes),
    "getMusicDirectory": Method(get_music_directory),
    "getGenres": Method(get_genres),
    "getArtists": Method(get_artists),
    "getArtist": Method(get_artist),
    "getAlbum": Method(get_album),
    "getSong": Method(get_song),
    "getArtistInfo": Method(get_artist_info),
    "getArtistInfo2": Method(get_artist_info2),
    "getAlbumInfo": Method(get_album_info),
    "getAlbumInfo2": Method(get_album_info),
}
