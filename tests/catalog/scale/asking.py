"""What two catalogues are asked to see whether they answer alike."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import msgspec

from segue.catalog.records import Kind
from segue.catalog.search.errors import BadQuery
from segue.catalog.snapshot.layout import KINDS
from segue.catalog.store import Backend, Found, Match, Store

PAGE = 7
MATCHES: tuple[Match, ...] = ("words", "substring")


def ids_of(store: Store, kind: Kind) -> list[str]:
    """All of them, by rank."""
    counts = store.counts()
    most = {"track": counts.tracks, "album": counts.albums, "artist": counts.artists}[kind]
    read = {"track": store.tracks, "album": store.albums, "artist": store.artists}[kind]
    return [msgspec.json.decode(one)["id"] for one in read(range(1, most + 1))]


def queries(store: Store) -> list[str]:
    """Words of names, begun words, phrases, fields, mistakes, what there is not."""
    chance = random.Random(7)
    counts = store.counts()
    texts: list[str] = ["", "zzzzzzqq", "a", "s", "th", "-love", "year:1990-2005", "genre:pop"]
    tracks = [msgspec.json.decode(one) for one in store.tracks(chance.sample(range(1, counts.tracks + 1), 12))]
    for track in tracks:
        name: str = track["name"]
        artist: str = track["artists"][0]["name"] if track.get("artists") else "nobody"
        album: str = track["album"]["name"]
        word = name.split()[0]
        texts += [name, word, word[:3], f"{artist} {name}", f"artist:{artist.split()[0]} {word}", f'"{name}"']
        texts += [f"{word} -{artist.split()[0]}", f"album:{album.split()[0]} {word[:1]}", name.upper()[:-1]]
        if len(word) > 4:
            texts += [word[:2] + word[3:], f"{word[1]}{word[0]}{word[2:]} {artist}"]
        if track.get("isrc"):
            texts += [f"isrc:{track['isrc']}", f"isrc:{track['isrc']} {word}"]
        if track["album"].get("upc"):
            texts += [f"upc:{track['album']['upc']}"]
        texts += [
            f"year:{track['album']['release_date'][:4]}",
            f"title:{word}",
            f'label:"{track["album"]["label"]}" {word}',
        ]
    return list(dict.fromkeys(texts))


async def pages(backend: Backend, kind: Kind, text: str, match: Match, most: int = 4) -> list[Found | str]:
    """Every page as far as `most`, or why it cannot be asked."""
    found: list[Found | str] = []
    after: str | None = None
    while len(found) < most:
        try:
            page = await backend.search(kind, text, limit=PAGE, after=after, match=match, count=True)
        except BadQuery as error:
            return [*found, f"{type(error).__name__}: {error}"]
        found.append(page)
        after = page.next
        if after is None:
            break
    return found


async def everything(backend: Backend, store: Store, texts: list[str]) -> Iterator[tuple[str, Any]]:
    """What was asked, and what came back; `store` says what there is."""
    said: list[tuple[str, Any]] = [("counts", await backend.counts())]
    documents = {"track": backend.tracks, "album": backend.albums, "artist": backend.artists}
    for kind in KINDS:
        ids = ids_of(store, kind)
        ranks = list(range(1, len(ids) + 1))
        said.append((f"ranks of {kind}", await backend.ranks(kind, [*ids, "none", "", "ü"])))
        said.append((f"{kind} after its id", await documents[kind](ranks)))
        said.append((f"{kind} backwards", await documents[kind](ranks[::-1])))
        said.append((f"more of {kind}", await backend.more(kind, ranks)))
        external = [f"{backend.namespace}:{kind}:{id}" for id in ids]
        said.append((f"external {kind}", await backend.external([*external, "other:track:x", "nothing"])))
        for text in texts:
            for match in MATCHES:
                said.append((f"{kind}: {text} ({match})", await pages(backend, kind, text, match)))
    tracks = [msgspec.json.decode(one) for one in store.tracks(range(1, store.counts().tracks + 1))]
    codes = sorted({track["isrc"] for track in tracks if "isrc" in track})
    said.append(("isrcs", await backend.isrcs([*codes, codes[0].lower(), "none"])))
    upcs = sorted({track["album"]["upc"] for track in tracks if "upc" in track["album"]})
    said.append(("upcs", await backend.upcs([*upcs, "0" + upcs[0], "none"])))
    said.append(("tracks without album", await backend.tracks(range(1, 60), album=False)))
    for rank in range(1, store.counts().albums + 1, 9):
        said.append((f"tracks of album {rank}", await backend.album_tracks(rank)))
    for rank in range(1, store.counts().artists + 1, 9):
        said.append((f"albums of artist {rank}", await backend.artist_albums(rank)))
    return iter(said)
