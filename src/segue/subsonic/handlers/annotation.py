"""Media annotation: star, unstar, setRating, scrobble."""

from __future__ import annotations

from segue.core.ids import TypedId
from segue.listening.service import ListeningService
from segue.subsonic import items
from segue.subsonic.call import Call, Method
from segue.subsonic.envelope import Reply
from segue.subsonic.faults import MissingParameter


async def star(call: Call) -> Reply:
    """Star songs, albums and artists. `id` may be of any of the three, or of the folder of one, as file-browsing apps send
    it."""
    await call.service(ListeningService).star(call.actor, await _things(call))
    return Reply()


async def unstar(call: Call) -> Reply:
    """Take stars away."""
    await call.service(ListeningService).unstar(call.actor, await _things(call))
    return Reply()


async def set_rating(call: Call) -> Reply:
    """Rate a song, an album or an artist 1 to 5; 0 takes the rating away."""
    thing = await items.meant(call, call.parameters.id("id", "song, album or artist", "tr", "al", "ar", "fo"))
    call.parameters.required("rating")
    rating = call.parameters.integer("rating", 0)
    await call.service(ListeningService).rate(call.actor, thing, rating)
    return Reply()


async def scrobble(call: Call) -> Reply:
    """Count plays (`submission`, the default), or say what is on right now. Several ids go with as many times."""
    listening = call.service(ListeningService)
    call.parameters.required("id")
    songs = call.parameters.ids("id", "song", "tr")
    times = call.parameters.moments("time")
    if not call.parameters.boolean("submission", True):
        await listening.now_playing(call.actor, songs[-1].number, client=call.client)
        return Reply()
    for at, song in enumerate(songs):
        played_at = times[at] if at < len(times) else None
        await listening.play(call.actor, song.number, played_at=played_at, client=call.client, source="subsonic")
    return Reply()


async def _things(call: Call) -> list[TypedId]:
    given = call.parameters.ids("id", "song, album or artist", "tr", "al", "ar", "fo")
    things = [
        *[await items.meant(call, thing) for thing in given],
        *call.parameters.ids("albumId", "album", "al"),
        *call.parameters.ids("artistId", "artist", "ar"),
    ]
    if not things:
        raise MissingParameter("id")
    return things


METHODS = {
    "star": Method(star),
    "unstar": Method(unstar),
    "setRating": Method(set_rating),
    "scrobble": Method(scrobble),
}
