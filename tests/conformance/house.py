"""A whole Segue over a small library of real files, for tests that speak the protocol to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
from starlette.types import ASGIApp

from segue.core.rest import Services
from tests.library.media import jpeg, make_audio, png

USERNAME, PASSWORD, APP_PASSWORD = "ann", "correct horse battery", "listen to this"

LYRICS = "[00:00.05]First line\n[00:00.20]Second line"

SONGS: list[tuple[str, dict[str, Any]]] = [
    *(
        (
            f"The Fixtures/First Light/{at:02} Song {at}.flac",
            {
                "title": f"Song {at}", "artist": "The Fixtures", "albumartist": "The Fixtures", "album": "First Light",
                "tracknumber": str(at), "tracktotal": "3", "date": "1999-05-08", "originaldate": "1998",
                "genre": ["Rock", "Live"],
                "label": "Own Label", "catalognumber": "OWN 1", "isrc": f"GBAYE990000{at}", "releasetype": ["album", "live"],
                "musicbrainz_albumid": "11111111-1111-4111-8111-111111111111",
                "musicbrainz_artistid": "22222222-2222-4222-8222-222222222222", "bpm": "121",
                "replaygain_track_gain": "-6.5 dB", "replaygain_track_peak": "0.98", "mood": "Bright",
                "comment": "from the <tape> & \"desk\"", "lyrics": LYRICS,
            },
        )
        for at in (1, 2, 3)
    ),
    *(
        (
            f"Two Discs/CD{disc}/{at}.mp3",
            {
                "title": f"Disc {disc} Track {at}", "artist": "Second Hand", "album": "Two Discs", "discnumber": str(disc),
                "tracknumber": str(at), "discsubtitle": f"Part {disc}", "date": "2001", "genre": "Jazz",
            },
        )
        for disc in (1, 2)
        for at in (1, 2)
    ),
    *(
        (
            f"Various/{name}.opus",
            {
                "title": f"By {name}", "artist": name, "albumartist": "Various Artists", "album": "All of Us",
                "compilation": "1", "date": "2010-03", "genre": "Pop",
            },
        )
        for name in ("The Fixtures", "Second Hand", "Кино")
    ),
    (
        "Classics/Symphony.m4a",
        {
            "title": "I. Allegro", "artist": "City Orchestra", "album": "Symphony", "composer": "Clara Composer",
            "tracknumber": "1", "genre": "Classical", "date": "1977",
        },
    ),
    ("東京/!!!/音.wav", {"title": "音楽", "artist": "東京事変", "album": "!!!"}),
    ("untagged & odd.flac", {}),
]  # fmt: skip


def fill(music: Path) -> None:
    """Write the files."""
    for at, (name, tags) in enumerate(SONGS):
        cover = png(64, 64) if "First Light" in name else jpeg(48, 48) if "CD" in name else None
        make_audio(music / name, tags=tags, cover=cover, seed=at, seconds=0.5)


@dataclass
class Face:
    """A client that is signed in, and the ids of what is in the library, by the names that requests use."""

    client: httpx2.AsyncClient
    services: Services
    app: ASGIApp
    music: Path
    rescan: Callable[[], Awaitable[object]]
    ids: dict[str, str] = field(default_factory=dict)

    async def get(self, method: str, query: str = "", *, form: str = "json", **more: str) -> httpx2.Response:
        """Ask as a test says it: `{album}` and the like in the query become ids."""
        written = query.format_map({name: quote(value) for name, value in self.ids.items()})
        signed = "".join(f"&{name}={quote(value)}" for name, value in more.items())
        return await self.client.get(
            f"/{method}?u={USERNAME}&p={quote(APP_PASSWORD)}&v=1.16.1&c=test&f={form}&{written}{signed}"
        )

    async def ok(self, method: str, query: str = "") -> dict[str, Any]:
        """The body of an answer that must be ok."""
        body: dict[str, Any] = (await self.get(method, query)).json()["subsonic-response"]
        assert body["status"] == "ok", (method, query, body)
        return body


@dataclass(frozen=True)
class Server:
    """A server that runs: where, and who may sign in."""

    host: str
    port: int
    username: str = USERNAME
    password: str = PASSWORD
    app_password: str = APP_PASSWORD


async def remember_ids(face: Face) -> None:
    """Look up, through the protocol itself, the ids that requests name; ids of nothing where there is no music."""
    face.ids |= {
        "user": USERNAME, "folder": "1", "genre": "Rock", "artist_name": "The Fixtures", "word": "song",
        "artist": "ar-9999", "composer": "ar-9999", "album": "al-9999", "two_discs": "al-9999", "playlist": "pl-9999",
        "song": "tr-9999", "classical": "tr-9999", "with_lyrics": "tr-9999",
    }  # fmt: skip
    everything = (await face.ok("search3", "query=&songCount=500&albumCount=500&artistCount=500"))["searchResult3"]
    artists = {artist["name"]: artist["id"] for artist in everything["artist"]}
    albums = {album["name"]: album["id"] for album in everything["album"]}
    songs = {song["title"]: song["id"] for song in everything["song"]}
    if not songs:
        return
    face.ids |= {
        "artist": artists["The Fixtures"], "composer": artists["Clara Composer"], "album": albums["First Light"],
        "two_discs": albums["Two Discs"], "song": songs["Song 1"], "classical": songs["I. Allegro"],
        "with_lyrics": songs["Song 2"],
    }  # fmt: skip
    made = await face.ok("createPlaylist", "name=Mine&songId={song}&songId={classical}")
    face.ids["playlist"] = made["playlist"]["id"]
