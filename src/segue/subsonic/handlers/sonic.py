"""Songs that sound alike: getSonicSimilarTracks, findSonicPath (the extension `sonicSimilarity`)."""

from __future__ import annotations

from collections.abc import Sequence

from segue.analysis.similar.errors import NotHeard, NothingHeard, TwoEndsNeeded
from segue.analysis.similar.service import Like, SimilarService
from segue.subsonic import items
from segue.subsonic.call import Call, Method
from segue.subsonic.envelope import Reply
from segue.subsonic.spelled import Spelled

MOST = 500
UNKNOWN = -1.0
"""The protocol's word for a similarity that nobody knows."""


async def get_sonic_similar_tracks(call: Call) -> Reply:
    """The songs that sound most like a song; none where it has not been analysed."""
    song = await _song(call, "id")
    count = call.parameters.integer("count", 10, most=MOST)
    if count == 0:
        return Reply("sonicMatch", [])
    try:
        found = await call.service(SimilarService).tracks(call.actor, song, count)
    except (NotHeard, NothingHeard):
        found = []
    return Reply("sonicMatch", await _matches(call, found))


async def find_sonic_path(call: Call) -> Reply:
    """A way from one song to another, both included. Where one of them has not been analysed, only these two, and nothing is
    said of how alike they are."""
    first, last = await _song(call, "startSongId"), await _song(call, "endSongId")
    count = call.parameters.integer("count", 25, most=MOST)
    if first == last or count < 2:
        return Reply("sonicMatch", await _matches(call, [Like(first, 1.0)]))
    try:
        found = await call.service(SimilarService).path(call.actor, first, last, count)
    except (NotHeard, NothingHeard):
        found = [Like(first, 1.0), Like(last, UNKNOWN)]
    except TwoEndsNeeded:
        found = [Like(first, 1.0), Like(last, 1.0)]
    return Reply("sonicMatch", await _matches(call, found))


async def _song(call: Call, parameter: str) -> int:
    """The number of the song that a parameter names. Raises NotHere."""
    thing = await items.meant(call, call.parameters.id(parameter, "song", "tr"))
    return (await items.library(call).track(thing.number, call.actor)).id


async def _matches(call: Call, found: Sequence[Like]) -> list[Spelled]:
    songs = await items.songs(call, [one.track_id for one in found])
    return [{"entry": songs[one.track_id], "similarity": one.score} for one in found if one.track_id in songs]


METHODS = {
    "getSonicSimilarTracks": Method(get_sonic_similar_tracks),
    "findSonicPath": Method(find_sonic_path),
}
