"""Playlists: getPlaylists, getPlaylist, createPlaylist, updatePlaylist, deletePlaylist.

A row whose track is gone keeps its words in Segue but cannot be told here, so places are counted over what is told. A
smart list is told like any other, with what it holds at that moment and as `readonly`; of one that holds more than 10,000
songs the first 10,000 are told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from segue.core.clock import utc_now
from segue.core.ids import format_id
from segue.playlists.service import PlaylistService, PlaylistView, RowView, Visibility
from segue.subsonic import items
from segue.subsonic.call import Call, Method
from segue.subsonic.envelope import Reply
from segue.subsonic.faults import MissingParameter, WrongParameter
from segue.subsonic.people import names_of


async def get_playlists(call: Call) -> Reply:
    """What the caller may see; with `username`, of those the ones that this person owns."""
    listed = [view for _key, view in await call.service(PlaylistService).playlists(call.actor)]
    owners = await names_of(call, (view.owner_id for view in listed))
    wanted = call.parameters.optional("username")
    if wanted is not None:
        listed = [view for view in listed if owners[view.owner_id].casefold() == wanted.casefold()]
    allowed = await _allowed(call, listed)
    return Reply("playlists", {"playlist": [_playlist(view, owners, allowed) for view in listed]})


async def get_playlist(call: Call) -> Reply:
    """One playlist with its songs."""
    return await _whole(call, call.parameters.id("id", "playlist", "pl").number)


async def create_playlist(call: Call) -> Reply:
    """A new playlist with a `name`, or other songs for the one that `playlistId` names."""
    playlists = call.service(PlaylistService)
    songs = [song.number for song in call.parameters.ids("songId", "song", "tr")]
    name = call.parameters.optional("name")
    if call.parameters.optional("playlistId") is not None:
        number = call.parameters.id("playlistId", "playlist", "pl").number
        await playlists.replace_tracks(call.actor, number, songs)
        if name is not None:
            await playlists.change(call.actor, number, name=name)
    elif name is None:
        raise MissingParameter("name")
    else:
        number = await playlists.create(call.actor, name, songs)
    return await _whole(call, number)


async def update_playlist(call: Call) -> Reply:
    """Rename, describe, publish, append songs, remove the songs at some places (counted before anything is appended)."""
    playlists = call.service(PlaylistService)
    number = call.parameters.id("playlistId", "playlist", "pl").number
    added = [song.number for song in call.parameters.ids("songIdToAdd", "song", "tr")]
    places = _places(call)
    name, comment = call.parameters.optional("name"), call.parameters.raw("comment")
    public = call.parameters.boolean_or_none("public")
    view, rows = await playlists.playlist(call.actor, number)
    doomed: list[int] = []
    if places and view.kind == "manual":
        songs = await items.songs(call, _track_ids(rows))
        told = [row for row in rows if row.track_id in songs]
        doomed = [told[place].id or 0 for place in sorted(places) if place < len(told)]
    if added:
        await playlists.add_tracks(call.actor, number, added)
    if doomed:
        await playlists.remove_rows(call.actor, number, doomed)
    visibility = _visibility(view, public)
    if name is not None or comment is not None or visibility is not None:
        await playlists.change(call.actor, number, name=name, comment=comment, visibility=visibility)
    return Reply()


async def delete_playlist(call: Call) -> Reply:
    """Delete a playlist of one's own."""
    await call.service(PlaylistService).delete(call.actor, call.parameters.id("id", "playlist", "pl").number)
    return Reply()


async def _whole(call: Call, number: int) -> Reply:
    view, rows = await call.service(PlaylistService).playlist(call.actor, number)
    songs = await items.songs(call, _track_ids(rows))
    entries = [songs[row.track_id] for row in rows if row.track_id in songs]
    owners = await names_of(call, [view.owner_id])
    value = {
        **_playlist(view, owners, await _allowed(call, [view])),
        "entry": entries,
        "songCount": len(entries),
        "duration": sum(entry.get("duration") or 0 for entry in entries),
    }
    return Reply("playlist", value)


async def _allowed(call: Call, listed: Sequence[PlaylistView]) -> dict[int, list[str]]:
    """The usernames with whom the caller shares lists of their own, by list."""
    playlists = call.service(PlaylistService)
    shares = {
        view.id: await playlists.shares(call.actor, view.id)
        for view in listed
        if view.role == "owner" and view.visibility == "shared"
    }
    names = await names_of(call, {number for people in shares.values() for number in people})
    return {view: sorted(name for number in people if (name := names[number])) for view, people in shares.items()}


def _playlist(view: PlaylistView, owners: dict[int, str], allowed: dict[int, list[str]]) -> dict[str, Any]:
    return {
        "id": format_id("pl", view.id),
        "name": view.name,
        "comment": view.comment,
        "owner": owners[view.owner_id],
        "public": view.visibility == "public",
        "readonly": not view.editable,
        "songCount": view.track_count,
        "duration": view.duration_ms // 1000,
        "created": view.created_at,
        "changed": view.changed_at,
        "coverArt": format_id("pl", view.id) if view.track_count else None,
        "validUntil": utc_now() if view.kind == "smart" else None,
        "allowedUser": allowed.get(view.id, []),
    }


def _visibility(view: PlaylistView, public: bool | None) -> Visibility | None:
    """What to change a playlist's visibility to. Not public is what a shared one is already."""
    if public is None or public == (view.visibility == "public"):
        return None
    return "public" if public else "private"


def _track_ids(rows: Iterable[RowView]) -> list[int]:
    return [row.track_id for row in rows if row.track_id is not None]


def _places(call: Call) -> set[int]:
    places = set()
    for sent in call.parameters.many("songIndexToRemove"):
        if not sent.isascii() or not sent.isdigit() or len(sent) > 9:
            raise WrongParameter("songIndexToRemove", sent, "a place counted from 0")
        places.add(int(sent))
    return places


METHODS = {
    "getPlaylists": Method(get_playlists),
    "getPlaylist": Method(get_playlist),
    "createPlaylist": Method(create_playlist),
    "updatePlaylist": Method(update_playlist),
    "deletePlaylist": Method(delete_playlist),
}
