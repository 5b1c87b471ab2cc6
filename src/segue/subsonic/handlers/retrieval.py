"""Media retrieval: stream, download, getCoverArt, getLyrics, getLyricsBySongId, getAvatar."""

from __future__ import annotations

from starlette.responses import Response

from segue.core.ids import TypedId
from segue.streaming.send import play
from segue.streaming.service import StreamingService
from segue.subsonic import items
from segue.subsonic.call import Call, Method
from segue.subsonic.envelope import Reply
from segue.subsonic.faults import NotHere
from segue.subsonic.words import structured


async def stream(call: Call) -> Response:
    """The file's own bytes, whole or in ranges. Segue does not transcode: `format` and `maxBitRate` change nothing.

    Playing counts no play; that is what scrobble is for.
    """
    playable = await call.service(StreamingService).playable(call.actor, _song(call))
    return await play(playable)


async def download(call: Call) -> Response:
    """The file's own bytes, to be saved under its own name."""
    playable = await call.service(StreamingService).playable(call.actor, _song(call))
    return await play(playable, download=True)


async def get_lyrics(call: Call) -> Reply:
    """The words of the song with this title by this artist, without times; empty where nobody knows them."""
    artist, title = call.parameters.optional("artist"), call.parameters.optional("title")
    if artist is None or title is None:
        return Reply("lyrics", {"value": ""})
    library = items.library(call)
    track_id = await library.track_with_words(artist, title, call.actor)
    words = await library.words(track_id, call.actor) if track_id is not None else []
    words = [one for one in words if one.kind == "main"]
    if track_id is None or not words:
        return Reply("lyrics", {"value": ""})
    track = await library.track(track_id, call.actor)
    return Reply("lyrics", {"artist": track.artist_display, "title": track.title, "value": words[0].plain})


async def get_lyrics_by_song_id(call: Call) -> Reply:
    """Every set of words of a song, with the times it has; with `enhanced` also times of words, voices, translations."""
    number = call.parameters.id("id", "song", "tr").number
    enhanced = call.parameters.boolean("enhanced", False)
    library = items.library(call)
    track = await library.track(number, call.actor)
    about = {"displayArtist": track.artist_display, "displayTitle": track.title}
    found = await library.words(track.id, call.actor)
    shown = [words for words in found if enhanced or words.kind == "main"]
    return Reply("lyricsList", {"structuredLyrics": [{**about, **structured(words, enhanced)} for words in shown]})


async def get_avatar(call: Call) -> Reply:
    """There are no pictures of people in Segue."""
    raise NotHere("picture of a person", call.parameters.required("username"))


def _song(call: Call) -> TypedId:
    return call.parameters.id("id", "song", "tr")


METHODS = {
    "stream": Method(stream),
    "download": Method(download),
    "getLyrics": Method(get_lyrics),
    "getLyricsBySongId": Method(get_lyrics_by_song_id),
    "getAvatar": Method(get_avatar),
}
