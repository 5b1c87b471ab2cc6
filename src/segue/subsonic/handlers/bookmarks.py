"""Bookmarks and the play queue, which both remember where one stopped. Positions are milliseconds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from segue.listening.service import ListeningService, Queue
from segue.subsonic import items
from segue.subsonic.call import Call, Method
from segue.subsonic.envelope import Reply
from segue.subsonic.faults import Code, Fault, MissingParameter

NEVER = datetime(1970, 1, 1, tzinfo=UTC)


async def get_bookmarks(call: Call) -> Reply:
    """The caller's bookmarks, each with its song."""
    marks = await call.service(ListeningService).bookmarks(call.actor)
    songs = await items.songs(call, [mark.track_id for mark in marks])
    listed = [
        {
            "position": mark.position_ms,
            "username": call.actor.name,
            "comment": mark.comment,
            "created": mark.created_at,
            "changed": mark.changed_at,
            "entry": {**songs[mark.track_id], "bookmarkPosition": mark.position_ms},
        }
        for mark in marks
        if mark.track_id in songs
    ]
    return Reply("bookmarks", {"bookmark": listed})


async def create_bookmark(call: Call) -> Reply:
    """Remember a place in a song; there is one a song."""
    song = call.parameters.id("id", "song", "tr")
    call.parameters.required("position")
    position = call.parameters.integer("position", 0)
    comment = call.parameters.optional("comment") or ""
    await call.service(ListeningService).set_bookmark(call.actor, song.number, position, comment)
    return Reply()


async def delete_bookmark(call: Call) -> Reply:
    """Forget the place in a song."""
    song = call.parameters.id("id", "song", "tr")
    await call.service(ListeningService).delete_bookmark(call.actor, song.number)
    return Reply()


async def get_play_queue(call: Call) -> Reply:
    """The caller's queue, its current song named by id."""
    value, current = await _queue(call)
    return Reply("playQueue", {**value, "current": None if current is None else value["entry"][current]["id"]})


async def get_play_queue_by_index(call: Call) -> Reply:
    """The caller's queue, its current song named by place, so that a song may stand in it twice."""
    value, current = await _queue(call)
    return Reply("playQueueByIndex", {**value, "currentIndex": current})


async def save_play_queue(call: Call) -> Reply:
    """Replace the caller's queue; without songs it is cleared. `current` must be one of the songs."""
    songs = [song.number for song in call.parameters.ids("id", "song", "tr")]
    current = call.parameters.id("current", "song", "tr").number if call.parameters.optional("current") else None
    if current is not None and songs and current not in songs:
        raise Fault(Code.GENERIC, "Parameter 'current' names a song that is not in the queue.")
    await _save(call, songs, songs.index(current) if current is not None and songs else None)
    return Reply()


async def save_play_queue_by_index(call: Call) -> Reply:
    """Replace the caller's queue; without songs it is cleared. `currentIndex` counts from 0."""
    songs = [song.number for song in call.parameters.ids("id", "song", "tr")]
    current = call.parameters.integer_or_none("currentIndex", least=-(2**31))
    if songs and current is None:
        raise MissingParameter("currentIndex")
    if songs and current is not None and not 0 <= current < len(songs):
        raise Fault(Code.MISSING_PARAMETER, f"Parameter 'currentIndex' must be 0 to {len(songs) - 1}.")
    await _save(call, songs, current if songs else None)
    return Reply()


async def _save(call: Call, songs: list[int], current: int | None) -> None:
    position = call.parameters.integer("position", 0)
    await call.service(ListeningService).save_queue(
        call.actor, songs, current=current, position_ms=position, client=call.client
    )


async def _queue(call: Call) -> tuple[dict[str, Any], int | None]:
    """The queue without its current song, and the place of that: the first one where it is not known.

    A queue that was never saved is an empty one from long ago, so that any queue an app has is newer.
    """
    queue = await call.service(ListeningService).queue(call.actor) or Queue([], None, 0, NEVER, "")
    songs = await items.songs(call, queue.track_ids)
    told = [place for place, number in enumerate(queue.track_ids) if number in songs]
    current = told.index(queue.current) if queue.current in told else 0 if told else None
    value = {
        "position": queue.position_ms if queue.current in told else 0,
        "username": call.actor.name,
        "changed": queue.changed_at,
        "changedBy": queue.changed_by,
        "entry": [songs[queue.track_ids[place]] for place in told],
    }
    return value, current


METHODS = {
    "getBookmarks": Method(get_bookmarks),
    "createBookmark": Method(create_bookmark),
    "deleteBookmark": Method(delete_bookmark),
    "getPlayQueue": Method(get_play_queue),
    "getPlayQueueByIndex": Method(get_play_queue_by_index),
    "savePlayQueue": Method(save_play_queue),
    "savePlayQueueByIndex": Method(save_play_queue_by_index),
}
