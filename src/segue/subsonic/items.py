"""Fetching music for an answer: what the library's service says, spelled as the protocol has it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from segue.core.ids import TypedId, format_id
from segue.library.artist_index import Spelling
from segue.library.folder_index import FolderSpelling
from segue.library.service import LibraryService
from segue.library.views import FolderView, LibraryView, TrackView
from segue.query import EVERYTHING, Compare, Node, Text, Window, both
from segue.subsonic import spelled
from segue.subsonic.call import Call
from segue.subsonic.encode import Dialect, json_writer, xml_writer
from segue.subsonic.faults import NotHere
from segue.subsonic.schema import ROOTS
from segue.subsonic.spelled import Spelled

MOST_STARRED = 100_000
"""Stars are asked for all at once; nobody has set more by hand."""
SPELLED_AT_ONCE = 500
"""Songs of a folder that are spelled before others have their turn."""
MOST_LOOKED_AT = 1_000
"""Songs of a folder that are looked at to say which album it is."""


def library(call: Call) -> LibraryService:
    """The library's service."""
    return call.service(LibraryService)


async def libraries(call: Call) -> list[LibraryView]:
    """The libraries that the caller may see, by number."""
    return sorted(await library(call).libraries(call.actor), key=lambda each: each.id)


async def folder_asked(call: Call) -> int | None:
    """The library that `musicFolderId` names, None for all. Raises NotHere where the caller may not see it."""
    text = call.parameters.optional("musicFolderId")
    if text is None:
        return None
    digits = text.removeprefix("li-")
    seen = {each.id for each in await libraries(call)}
    if not digits.isascii() or not digits.isdigit() or len(digits) > 18 or int(digits) not in seen:
        raise NotHere("music folder", text)
    return int(digits)


async def in_folder(call: Call, where: Node = EVERYTHING) -> Node:
    """`where`, and in the library that `musicFolderId` names."""
    folder_id = await folder_asked(call)
    return where if folder_id is None else both(where, Compare("library", "=", folder_id))


async def last_changed(call: Call) -> datetime | None:
    """When the libraries asked for were last scanned to the end; None where none was yet."""
    folder_id = await folder_asked(call)
    scanned = [each.scan_finished_at for each in await libraries(call) if folder_id in (None, each.id)]
    return max((moment for moment in scanned if moment is not None), default=None)


async def songs(call: Call, ids: Sequence[int]) -> dict[int, Spelled]:
    """The songs of these ids, also those whose file is missing; what is gone or may not be seen is left out."""
    views = await library(call).tracks_of(list(dict.fromkeys(ids)), call.actor)
    return {view.id: spelled.song(view) for view in views}


async def song(call: Call, number: int) -> Spelled:
    """One song. Raises NotFound."""
    return spelled.song(await library(call).track(number, call.actor))


async def song_list(call: Call, where: Node, sort: str, count: int, offset: int = 0) -> list[Spelled]:
    """Songs that are there, in an order that the library knows."""
    if count == 0:
        return []
    page = await library(call).list_tracks(call.actor, where, sort=sort, window=Window(count, offset=offset))
    return [spelled.song(view) for view in page.items]


async def starred(call: Call) -> dict[str, list[Spelled]]:
    """What the caller has starred, the last starred first."""
    where = await in_folder(call, Compare("starred", "=", True))
    options: dict[str, Any] = {"sort": "-starred_at", "window": Window(MOST_STARRED)}
    service = library(call)
    return {
        "artist": [spelled.artist(view) for view in (await service.list_artists(call.actor, where, **options)).items],
        "album": [spelled.album(view) for view in (await service.list_albums(call.actor, where, **options)).items],
        "song": [spelled.song(view) for view in (await service.list_tracks(call.actor, where, **options)).items],
    }


async def search(call: Call, query: str, artists: Window, albums: Window, tracks: Window) -> dict[str, list[Spelled]]:
    """What has the words of the query, everything in a stable order where it has none."""
    folder_id = await folder_asked(call)
    found = await library(call).search(
        query, call.actor, artists=artists, albums=albums, tracks=tracks, library_id=folder_id
    )
    return {
        "artist": [spelled.artist(view) for view in found.artists],
        "album": [spelled.album(view) for view in found.albums],
        "song": [spelled.song(view) for view in found.tracks],
    }


async def album(call: Call, number: int) -> Spelled:
    """An album with its songs (those that are there), labels and disc titles. Raises NotFound."""
    page = await library(call).album(number, call.actor)
    tracks = [track for disc in page.discs for track in disc.tracks if track.missing_since is None]
    return {
        **spelled.album(page.album),
        "recordLabels": [{"name": label.name} for label in page.labels],
        "discTitles": [
            {
                "disc": disc.number,
                "title": disc.subtitle or "",
                "coverArt": format_id("aw", disc.artwork.id) if disc.artwork else None,
            }
            for disc in page.discs
            if disc.subtitle or disc.artwork
        ],
        "song": [spelled.song(track) for track in tracks],
    }


async def artist(call: Call, number: int) -> Spelled:
    """An artist with every album they take part in, their own first. Raises NotFound."""
    page = await library(call).artist(number, call.actor)
    albums = {view.id: view for _role, views in page.albums for view in views}
    return {**spelled.artist(page.artist), "album": [spelled.album(view) for view in albums.values()]}


async def artist_index(call: Call) -> list[str]:
    """The artists that albums are credited to, letter by letter, as `artists` has them written."""
    folder_id = await folder_asked(call)
    spelling = index_spelling("json" if call.format.kind == "jsonp" else call.format.kind, call.format.dialect)
    folders = None if folder_id is None else [folder_id]
    return (await library(call).written_index(call.actor, spelling, library_ids=folders))[0]


@cache
def index_spelling(kind: str, dialect: Dialect) -> Spelling:
    """How the index of artists is written."""
    letter_shape = ROOTS["artists"].shape.inside("index")
    artist_shape = letter_shape.inside("artist")
    if kind == "xml":
        artist, letter = xml_writer(artist_shape, dialect), xml_writer(letter_shape, dialect)
        return Spelling(
            f"xml {dialect}",
            lambda view: artist("artist", spelled.artist(view)),
            lambda text, artists: letter("index", {"name": text, "artist": artists}),
        )
    write, write_letter = json_writer(artist_shape, dialect), json_writer(letter_shape, dialect)
    return Spelling(
        f"json {dialect}",
        lambda view: write(spelled.artist(view)),
        lambda text, artists: write_letter({"name": text, "artist": artists}),
    )


async def folder_index(call: Call) -> tuple[list[str], list[Spelled]]:
    """What lies directly in the music folders asked for: the folders letter by letter, as `indexes` has them written, and
    the songs."""
    spelling = folder_spelling("json" if call.format.kind == "jsonp" else call.format.kind, call.format.dialect)
    letters, tracks = await library(call).written_folder_index(
        call.actor, spelling, library_id=await folder_asked(call)
    )
    return letters, [song_in_folder(track) for track in tracks]


def song_in_folder(view: TrackView) -> Spelled:
    """A song as it stands in its folder."""
    return spelled.song(view) | {"parent": format_id("fo", view.file.folder_id)}


@cache
def folder_spelling(kind: str, dialect: Dialect) -> FolderSpelling:
    """How folders stand in an index, where the protocol calls them artists."""
    letter_shape = ROOTS["indexes"].shape.inside("index")
    folder_shape = letter_shape.inside("artist")
    if kind == "xml":
        folder, letter = xml_writer(folder_shape, dialect), xml_writer(letter_shape, dialect)
        return FolderSpelling(
            f"xml {dialect}",
            lambda number, name: folder("artist", {"id": format_id("fo", number), "name": name}),
            lambda text, inside: letter("index", {"name": text, "artist": inside}),
        )
    write, write_letter = json_writer(folder_shape, dialect), json_writer(letter_shape, dialect)
    return FolderSpelling(
        f"json {dialect}",
        lambda number, name: write({"id": format_id("fo", number), "name": name}),
        lambda text, inside: write_letter({"name": text, "artist": inside}),
    )


async def meant(call: Call, thing: TypedId) -> TypedId:
    """The album or the artist that a folder stands for; any other thing is itself.

    A folder with songs of one album is that album; one without songs is the artist of its name. Raises NotHere.
    """
    if thing.prefix != "fo":
        return thing
    service = library(call)
    inside = await service.list_tracks(call.actor, Compare("folder", "=", thing.number), window=Window(MOST_LOOKED_AT))
    albums = {track.album.id for track in inside.items}
    if len(albums) == 1:
        return TypedId("al", albums.pop())
    if not albums:
        found = await service.folders_of([thing.number], call.actor)
        artist = await artist_named(call, found[0].name) if found else None
        if artist is not None:
            return TypedId("ar", artist)
    raise NotHere("album or artist", str(thing))


async def artist_named(call: Call, name: str) -> int | None:
    """The artist of that name, the one with most tracks where there are several; None where there is none."""
    page = await library(call).list_artists(call.actor, Text("name", "is", name), sort="-tracks", window=Window(1))
    return page.items[0].id if page.items else None


async def genres(call: Call) -> list[Spelled]:
    """Every genre that the caller can find something under, by name."""
    page = await library(call).list_genres(call.actor, sort="name", window=Window(MOST_STARRED))
    return [spelled.genre(view) for view in page.items]


async def genre_named(call: Call, name: str) -> int | None:
    """The genre of that name; None where there is none."""
    page = await library(call).list_genres(call.actor, Text("name", "is", name), window=Window(1))
    return page.items[0].id if page.items else None


async def directory(call: Call, thing: TypedId) -> Spelled:
    """A library or a folder on disk, with the folders and songs directly inside. Raises NotFound."""
    service = library(call)
    number = thing.number
    if thing.prefix == "li":
        roots = [root for root in await service.root_folders(call.actor) if root.library_id == number]
        if not roots:
            raise NotHere("music folder", str(thing))
        number = roots[0].id
    page = await service.folder(number, call.actor)
    children = [_folder_as_child(folder) for folder in page.folders]
    for place, track in enumerate(page.tracks):
        children.append(song_in_folder(track))
        if place % SPELLED_AT_ONCE == SPELLED_AT_ONCE - 1:
            await asyncio.sleep(0)  # somebody else's turn: a folder may hold 50,000 files
    return {
        "id": format_id("fo", page.folder.id),
        "parent": None if page.folder.parent_id is None else format_id("fo", page.folder.parent_id),
        "name": page.folder.name,
        "child": children,
    }


def _folder_as_child(view: FolderView) -> Spelled:
    return {
        "id": format_id("fo", view.id),
        "parent": None if view.parent_id is None else format_id("fo", view.parent_id),
        "isDir": True,
        "title": view.name,
        "path": view.path,
        "coverArt": None if view.artwork is None else format_id("aw", view.artwork.id),
    }
