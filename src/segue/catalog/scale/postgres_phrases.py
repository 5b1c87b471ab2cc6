"""Words in quotes, for a catalogue in PostgreSQL: rows that have the words are read, and their names looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct

from segue.catalog.documents import ArtistDocument, read_album, read_artist, read_track
from segue.catalog.records import Kind
from segue.catalog.search.asking import Asked, Phrase
from segue.catalog.search.scopes import holds
from segue.catalog.search.words import key
from segue.catalog.store import Backend


class _Texts(Struct):
    """What a phrase may stand in."""

    name: str
    artists: Sequence[ArtistDocument] = ()
    album: str = ""
    label: str = ""
    genres: Sequence[str] = ()


class Phrases:
    """Those of one query; false where it has none."""

    def __init__(self, backend: Backend, query: Asked) -> None:
        self._backend = backend
        self._kind: Kind = query.kind
        self._wanted = query.phrases
        self._unwanted = query.without_phrases

    def __bool__(self) -> bool:
        return bool(self._wanted or self._unwanted)

    async def passing(self, ranks: Sequence[int]) -> list[int]:
        """Those that have all phrases which are wanted, and none of the others."""
        if not ranks:
            return []
        found = await self._texts(ranks)
        return [
            rank
            for rank in ranks
            if all(self._has(phrase, found[rank]) for phrase in self._wanted)
            and not any(self._has(phrase, found[rank]) for phrase in self._unwanted)
        ]

    async def names(self, ranks: Sequence[int]) -> dict[int, str]:
        return {rank: texts.name for rank, texts in (await self._texts(ranks)).items()}

    def _has(self, phrase: Phrase, texts: _Texts) -> bool:
        column = phrase.column
        some: list[str] = []
        if column in ("any", "name"):
            some.append(texts.name)
        if column == "album_name":
            some.append(texts.album)
        if column in ("label", "album_label"):
            some.append(texts.label)
        if column == "genre":
            some += [*texts.genres, *(genre for artist in texts.artists for genre in artist.genres)]
        if column in ("any", "artist") and self._kind != "artist":
            some += [artist.name for artist in texts.artists]
        return any(holds(phrase, key(text)) for text in some)

    async def _texts(self, ranks: Sequence[int]) -> dict[int, _Texts]:
        genres: list[dict[str, Any]] = [{}] * len(ranks)
        if self._kind == "album" and any(phrase.column == "genre" for phrase in self._wanted):
            genres = await self._backend.more("album", ranks)
        reading: dict[Kind, Callable[[bytes, dict[str, Any]], _Texts]] = {
            "track": _of_track,
            "album": _of_album,
            "artist": _of_artist,
        }
        match self._kind:
            case "track":
                documents = await self._backend.tracks(ranks)
            case "album":
                documents = await self._backend.albums(ranks)
            case _:
                documents = await self._backend.artists(ranks)
        read = reading[self._kind]
        return {rank: read(body, more) for rank, body, more in zip(ranks, documents, genres, strict=True)}


def _of_track(document: bytes, _: dict[str, Any]) -> _Texts:
    track = read_track(document)
    album, label = (track.album.name, track.album.label) if track.album is not None else ("", "")
    return _Texts(track.name, track.artists, album, label)


def _of_album(document: bytes, more: dict[str, Any]) -> _Texts:
    album = read_album(document)
    return _Texts(album.name, album.artists, album.name, album.label, more.get("genres", ()))


def _of_artist(document: bytes, _: dict[str, Any]) -> _Texts:
    artist = read_artist(document)
    return _Texts(artist.name, genres=artist.genres)
