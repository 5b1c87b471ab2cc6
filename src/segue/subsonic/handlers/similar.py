"""Songs that go with something: getSimilarSongs(2), getTopSongs. Made from one's own files and plays; nobody else is asked."""

from __future__ import annotations

from segue.analysis.similar.errors import NotHeard, NothingHeard
from segue.analysis.similar.service import SimilarService
from segue.core.ids import TypedId
from segue.listening.unwanted import NOT_HATED
from segue.query import Compare, In, Node, Not, both
from segue.subsonic import items
from segue.subsonic.call import Call, Method
from segue.subsonic.envelope import Reply
from segue.subsonic.faults import MissingParameter
from segue.subsonic.spelled import Spelled

MOST = 500


async def get_similar_songs(call: Call) -> Reply:
    """Songs that sound like a song, an album or an artist, the most alike first; where that is not known, or not of enough
    songs, such as share a genre with it, in random order; without a genre, of the same artist. What the caller does not
    want to hear is left out."""
    return Reply("similarSongs", {"song": await _similar(call)})


async def get_similar_songs2(call: Call) -> Reply:
    """Like getSimilarSongs."""
    return Reply("similarSongs2", {"song": await _similar(call)})


async def get_top_songs(call: Call) -> Reply:
    """An artist's songs, those first that the caller played most. `id` counts before `artist`, which is a name."""
    count = call.parameters.integer("count", 50, most=MOST)
    if call.parameters.optional("id") is not None:
        artist_id: int | None = call.parameters.id("id", "artist", "ar").number
        await items.artist(call, artist_id or 0)
    else:
        name = call.parameters.optional("artist")
        if name is None:
            raise MissingParameter("artist")
        artist_id = await items.artist_named(call, name)
    if artist_id is None:
        return Reply("topSongs")
    where = Compare("artist", "=", artist_id)
    return Reply("topSongs", {"song": await items.song_list(call, where, "-plays,-rating,title", count)})


async def _similar(call: Call) -> list[Spelled]:
    thing = await items.meant(call, call.parameters.id("id", "song, album or artist", "tr", "al", "ar", "fo"))
    count = call.parameters.integer("count", 50, most=MOST)
    alike = await _alike(call, thing, count)
    if len(alike) >= count:
        return alike
    seen = {song["id"] for song in alike}
    others = await _of_its_kind(call, thing, count)
    return [*alike, *(song for song in others if song["id"] not in seen)][:count]


async def _alike(call: Call, thing: TypedId, count: int) -> list[Spelled]:
    """Songs that sound like the thing; none where it has not been analysed."""
    similar = call.service(SimilarService)
    if count == 0:
        return []
    try:
        if thing.prefix == "tr":
            found = await similar.tracks(call.actor, thing.number, count)
        else:
            found = await similar.blend(call.actor, [thing], n=count)
    except (NotHeard, NothingHeard):
        return []
    songs = await items.songs(call, [one.track_id for one in found])
    return [songs[one.track_id] for one in found if one.track_id in songs]


async def _of_its_kind(call: Call, thing: TypedId, count: int) -> list[Spelled]:
    genre_ids, artist_id = await _traits(call, thing)
    where: Node
    if genre_ids:
        where = In("genre", tuple(genre_ids))
    elif artist_id is not None:
        where = Compare("artist", "=", artist_id)
    else:
        return []
    if thing.prefix == "tr":
        where = both(where, Not(Compare("id", "=", thing.number)))
    return await items.song_list(call, both(where, NOT_HATED), "random", count)


async def _traits(call: Call, thing: TypedId) -> tuple[list[int], int | None]:
    """The genres of a thing, and the artist it is by."""
    library = items.library(call)
    if thing.prefix == "ar":
        page = await library.artist(thing.number, call.actor)
        albums = [album for _role, views in page.albums for album in views]
        return list({genre.id for album in albums for genre in album.genres}), thing.number
    view = await library.track(thing.number, call.actor) if thing.prefix == "tr" else None
    shown = view or (await library.album(thing.number, call.actor)).album
    artist_id = shown.artists[0].artist_id if shown.artists else None
    return [genre.id for genre in shown.genres], artist_id


METHODS = {
    "getSimilarSongs": Method(get_similar_songs),
    "getSimilarSongs2": Method(get_similar_songs2),
    "getTopSongs": Method(get_top_songs),
}
