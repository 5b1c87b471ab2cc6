"""A catalogue of a few records, laid out as a snapshot by hand: what the readers are tested against, without any build."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from segue.catalog.records import Album, Artist, Counts, Image, Kind, Track
from segue.catalog.search.writing import SearchWriter
from segue.catalog.snapshot import layout, maps
from segue.catalog.snapshot.bodies import FILES, BodyWriter
from segue.catalog.snapshot.manifest import Manifest, Part, write_manifest


def base62(number: int) -> str:
    """A made-up id of 22 characters."""
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    text = ""
    number = number * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 62**22
    while number:
        number, digit = divmod(number, 62)
        text = digits[digit] + text
    return text.rjust(22, "0")


ARTISTS = [
    Artist(
        key=1,
        id=base62(1),
        name="Björk",
        followers=5_000_000,
        popularity=77,
        genres=("art pop", "icelandic"),
        images=(Image("https://i.example/a1", 640, 640), Image("https://i.example/a1s", 64, 64)),
        ids=("musicbrainz:artist:87c5dedd-371d-4a53-9f7f-80522fb7f3cb",),
    ),
    Artist(key=2, id=base62(2), name="椎名林檎", followers=900_000, popularity=70, genres=("j-pop",)),
    Artist(key=3, id=base62(3), name='The "Quoted" \\ Band', followers=12, popularity=0),
]
ALBUMS = [
    Album(
        key=1,
        id=base62(11),
        name="Homogenic",
        type="album",
        label="One Little Independent",
        release_date="1997-09-22",
        precision="day",
        total_tracks=3,
        popularity=60,
        upc="0016861402327",
        copyright="1997 OLI",
        copyright_p="1997 OLI",
        images=tuple(Image(f"https://i.example/b{size}", size, size) for size in (640, 300, 64)),
        artists=(1,),
    ),
    Album(
        key=2,
        id=base62(12),
        name="無罪モラトリアム",
        type="album",
        label="EMI",
        release_date="1999",
        precision="year",
        total_tracks=1,
        popularity=40,
        artists=(2, 3),
        appears=(1,),
        genres=("rock",),
        ids=("musicbrainz:release:0f1a8ed4-8f7b-4c73-9ca0-3b1c2e3a6f5a",),
    ),
    Album(key=3, id=base62(13), name="", type="single", release_date="2001-02", precision="month", total_tracks=1),
]
TRACKS = [
    Track(
        key=1,
        id=base62(21),
        name="Jóga",
        album=1,
        duration_ms=305_000,
        track_number=2,
        popularity=66,
        isrcs=("GBAYE9700001", "GBAYE9700099"),
        preview_url="https://p.example/1",
        artists=(1,),
        has_lyrics=True,
        languages=("en",),
        artist_roles=("main_artist",),
        ids=("musicbrainz:recording:1b7e0b04-5b5b-4c3b-8a3a-3b2d8e5f9a10",),
        more={"features": {"tempo": 92.5}},
    ),
    Track(
        key=2,
        id=base62(22),
        name="Hunter",
        album=1,
        duration_ms=255_000,
        track_number=1,
        explicit=True,
        popularity=60,
        isrcs=("GBAYE9700002",),
        artists=(1,),
        has_lyrics=False,
        original_title="Hunter",
        version_title="Live",
    ),
    Track(
        key=3,
        id=base62(23),
        name="Jóga (Remastered)",
        album=1,
        duration_ms=305_500,
        track_number=1,
        disc_number=2,
        popularity=30,
        isrcs=("GBAYE9700001",),
        artists=(1, 3),
        artist_roles=("main_artist", "composer"),
    ),
    Track(key=4, id=base62(24), name="丸の内サディスティック", album=2, duration_ms=235_000, track_number=1, popularity=55,
          artists=(2,)),
    Track(key=5, id=base62(25), name="Nobody's", album=3, duration_ms=1_000, track_number=1),
]  # fmt: skip


def track_document(track: Track) -> dict[str, Any]:
    """As the drop-in shows it, without album and artists."""
    document: dict[str, Any] = {"id": track.id, "name": track.name}
    if track.isrcs:
        document["isrc"] = track.isrcs[0]
    document |= {
        "duration_ms": track.duration_ms,
        "explicit": track.explicit,
        "track_number": track.track_number,
        "disc_number": track.disc_number,
        "popularity": track.popularity,
    }
    for name in ("preview_url", "original_title", "version_title", "has_lyrics"):
        if getattr(track, name) not in (None, ""):
            document[name] = getattr(track, name)
    for name in ("languages", "artist_roles"):
        if getattr(track, name):
            document[name] = list(getattr(track, name))
    return document


def album_document(album: Album) -> dict[str, Any]:
    """As the drop-in shows it, without artists."""
    document: dict[str, Any] = {
        "id": album.id,
        "name": album.name,
        "type": album.type,
        "label": album.label,
        "release_date": album.release_date,
        "release_date_precision": album.precision,
    }
    if album.upc:
        document["upc"] = album.upc
    document["total_tracks"] = album.total_tracks
    for name in ("copyright", "copyright_p"):
        if getattr(album, name):
            document[name] = getattr(album, name)
    if album.images:
        document["images"] = _images(album.images)
    return document


def artist_document(artist: Artist) -> dict[str, Any]:
    document: dict[str, Any] = {
        "id": artist.id,
        "name": artist.name,
        "followers": artist.followers,
        "popularity": artist.popularity,
    }
    if artist.genres:
        document["genres"] = list(artist.genres)
    if artist.images:
        document["images"] = _images(artist.images)
    return document


def _images(images: Iterable[Image]) -> list[dict[str, Any]]:
    return [{"url": image.url, "width": image.width, "height": image.height} for image in images]


def write_snapshot(
    folder: Path,
    *,
    artists: Sequence[Artist] = ARTISTS,
    albums: Sequence[Album] = ALBUMS,
    tracks: Sequence[Track] = TRACKS,
    id: str = "tiny-1",
    trigram: bool = True,
) -> Path:
    """`folder`, with a whole snapshot in it."""
    folder.mkdir(parents=True)
    artists = sorted(artists, key=lambda one: (-one.followers, -one.popularity, one.key))
    albums = sorted(albums, key=lambda one: (-one.popularity, one.key))
    tracks = sorted(tracks, key=lambda one: (-one.popularity, one.key))
    artist_rank = {one.key: rank for rank, one in enumerate(artists, 1)}
    album_rank = {one.key: rank for rank, one in enumerate(albums, 1)}
    dictionary = b'","name":","popularity":0,"duration_ms":,"explicit":false,"track_number":1,"disc_number":1{"id":"'
    squeeze = layout.compressor(dictionary).compress

    def body(document: dict[str, Any]) -> bytes:
        return squeeze(msgspec.json.encode(document))

    def more(one: Artist | Album | Track, **besides: Any) -> bytes | None:
        found = {"ids": list(one.ids), **besides, **(one.more or {})}
        found = {name: value for name, value in found.items() if value}
        return body(found) if found else None

    db = sqlite3.connect(folder / layout.CATALOG, isolation_level=None)
    db.execute(f"PRAGMA page_size = {layout.PAGE_SIZE}")
    db.executescript(layout.TABLES + maps.TABLES)
    db.execute("BEGIN")
    db.executemany(
        "INSERT INTO meta VALUES (?, ?)",
        [("format", layout.FORMAT), *((f"zstd.{name}", dictionary) for name in (*layout.KINDS, "more"))],
    )
    keyed: dict[str, list[tuple[int, int]]] = {name: [] for name in maps.MARK_BYTES}

    def named(kind: Kind, rank: int, one: Artist | Album | Track) -> None:
        keyed[f"{kind}_id"].append((layout.hash_of(one.id), rank))
        keyed["external_id"].extend((layout.hash_of(id), maps.with_kind(kind, rank)) for id in one.ids)

    def documents(kind: Kind, frames: list[bytes], by: list[bytes | None], on: list[int] | None = None) -> None:
        with BodyWriter(folder, kind) as writer:
            of = None if on is None else np.array(on, np.uint32)
            writer.add(np.arange(1, len(frames) + 1), frames, by, of)

    documents("artist", [body(artist_document(one)) for one in artists], [None] * len(artists))
    documents(
        "album",
        [body(album_document(one)) for one in albums],
        [layout.packed([artist_rank[key] for key in one.artists]) for one in albums],
    )
    documents(
        "track",
        [body(track_document(one)) for one in tracks],
        [layout.packed([artist_rank[key] for key in one.artists]) for one in tracks],
        [album_rank.get(one.album, 0) for one in tracks],
    )
    for rank, artist in enumerate(artists, 1):
        own = sorted((one for one in albums if artist.key in one.artists), key=lambda one: one.release_date)
        guest = sorted((one for one in albums if artist.key in one.appears), key=lambda one: one.release_date)
        on = [album_rank[one.key] for one in (*reversed(own), *reversed(guest))]
        db.execute("INSERT INTO artist VALUES (?, ?, ?)", (rank, more(artist), layout.packed(on)))
        named("artist", rank, artist)
    for rank, album in enumerate(albums, 1):
        holds = sorted(
            (one.disc_number, one.track_number, number)
            for number, one in enumerate(tracks, 1)
            if one.album == album.key
        )
        db.execute(
            "INSERT INTO album VALUES (?, ?, ?)",
            (rank, more(album, genres=list(album.genres)), layout.packed([number for _, _, number in holds])),
        )
        named("album", rank, album)
        if album.upc:
            keyed["upc"].append((maps.spread(layout.gtin(album.upc) or 0), rank))
    for rank, track in enumerate(tracks, 1):
        besides = more(track, isrcs=list(track.isrcs[1:]))
        if besides:
            db.execute("INSERT INTO track VALUES (?, ?)", (rank, besides))
        named("track", rank, track)
        for code in track.isrcs:
            keyed["isrc"].append((maps.spread(layout.isrc_code(code) or 0), rank))
    for name, pairs in keyed.items():
        numbers = np.array(sorted(pairs), np.uint64).reshape(-1, 2)
        maps.write(db, name, len(pairs), [(numbers[:, 0], numbers[:, 1])])
    db.execute("COMMIT")
    db.close()

    names = {one.key: one.name for one in artists}
    writer = SearchWriter(folder, trigram=trigram)
    writer.artists([(rank, one.name, one.aliases, one.genres) for rank, one in enumerate(artists, 1)])
    writer.albums(
        [
            (rank, one.name, [names[key] for key in one.artists], one.label, int(one.release_date[:4] or 0), one.genres)
            for rank, one in enumerate(albums, 1)
        ]
    )
    writer.tracks([(rank, one.name, [names[key] for key in one.artists]) for rank, one in enumerate(tracks, 1)])
    writer.finish()
    write_manifest(
        folder,
        Manifest(
            format=layout.FORMAT,
            id=id,
            made="2026-01-02T03:04:05Z",
            source="two-file",
            namespace="spotify",
            licence="CC0-1.0",
            identity="tiny",
            counts=Counts(len(tracks), len(albums), len(artists)),
            parts={
                path.name: Part(path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest())
                for path in sorted([*folder.glob("*.db"), *(folder / name for name in FILES)])
            },
        ),
    )
    return folder
