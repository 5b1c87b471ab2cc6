"""The same search, done plainly: every row is looked at, by rules that could be read out to anybody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from segue.catalog.records import Album, Artist, Kind, Track
from segue.catalog.search.asking import Asked, Phrase, Word
from segue.catalog.search.words import artist_key, indexed, key
from segue.catalog.snapshot.layout import gtin, isrc_code
from segue.core.text import fold

BEST = 100
"""Of rows with the same name, those that come before all others."""


class Catalogue(Struct):
    """Rows by rank: the first of each list has rank 1."""

    artists: list[Artist]
    albums: list[Album]
    tracks: list[Track]

    def rows(self, kind: Kind) -> Sequence[Any]:
        return {"artist": self.artists, "album": self.albums, "track": self.tracks}[kind]


def said(*texts: str) -> set[str]:
    return {word for text in texts for word in indexed(text).lower().split()}


def search(catalogue: Catalogue, asked: Asked) -> list[int]:
    """All ranks, in their order."""
    return [rank for part in _Plainly(catalogue, asked).parts() for rank in part]


def substring(catalogue: Catalogue, kind: Kind, text: str) -> list[int]:
    needle = " ".join(fold(text).split())
    return [rank for rank, row in enumerate(catalogue.rows(kind), 1) if needle in " ".join(fold(row.name).split())]


class _Plainly:
    def __init__(self, catalogue: Catalogue, asked: Asked) -> None:
        self.asked = asked
        self.artists = {one.key: one for one in catalogue.artists}
        self.albums = {one.key: one for one in catalogue.albums}
        self.tracks = catalogue.tracks
        self.rows = catalogue.rows(asked.kind)

    def parts(self) -> tuple[list[int], list[int], list[int]]:
        numbered = list(enumerate(self.rows, 1))
        named = [rank for rank, row in numbered if self.is_called(row)][:BEST]
        exact = [rank for rank, row in numbered if self.is_called(row) and rank in named and self.allowed(row)]
        worded = [rank for rank, row in numbered if rank not in exact and self.worded(row) and self.allowed(row)]
        begun = [rank for rank, row in numbered if rank not in exact and self.begun(row) and self.allowed(row)]
        return exact, worded, begun

    def is_called(self, row: Any) -> bool:
        wanted = self.asked.exact
        if wanted is None:
            return False
        if isinstance(row, Artist):
            genres = [word for word in self.asked.words if word.column == "genre"]
            called = artist_key(wanted) in map(artist_key, (row.name, *row.aliases))
            return called and all(self.has(row, word) for word in genres)
        return key(row.name) == wanted and (
            not any(word.column in ("artist", "label") for word in self.asked.words) or self.worded(row)
        )

    def own(self) -> list[Word]:
        others = (
            ("album_name", "album_label")
            if isinstance(self.rows[0], Artist)
            else ("album_name", "album_label", "genre")
        )
        return [word for word in self.asked.words if word.column not in others]

    def worded(self, row: Any) -> bool:
        return all(self.has(row, word) for word in self.own())

    def begun(self, row: Any) -> bool:
        own = self.own()
        if not own or not own[-1].prefix or self.has(row, own[-1]):
            return False
        return all(self.has(row, word) for word in own[:-1]) and self.has(row, own[-1], begun=True)

    def has(self, row: Any, word: Word, *, begun: bool = False) -> bool:
        return _has(self.texts(row, word.column), word, begun=begun)

    def texts(self, row: Any, column: str) -> set[str]:
        by = [] if isinstance(row, Artist) else [self.artists[number].name for number in row.artists]
        match column:
            case "any":
                return said(*self.names(row), *by)
            case "name":
                return said(*self.names(row))
            case "artist":
                return said(*by)
            case "label":
                return said(row.label)
            case "genre":
                return said(*row.genres)
        raise AssertionError(column)

    def names(self, row: Any) -> list[str]:
        return [row.name, *row.aliases] if isinstance(row, Artist) else [row.name]

    def allowed(self, row: Any) -> bool:
        asked = self.asked
        if any(self.has(row, word) for word in asked.without):
            return False
        if any(self.phrased(row, phrase) for phrase in asked.without_phrases):
            return False
        own = [phrase for phrase in asked.phrases if not phrase.column.startswith("album")]
        if not isinstance(row, Artist):
            own = [phrase for phrase in own if phrase.column != "genre"]
        if not all(self.phrased(row, phrase) for phrase in own):
            return False
        return self.coded(row) and self.of_album(row) and self.of_genre(row)

    def phrased(self, row: Any, phrase: Phrase) -> bool:
        texts: list[str] = []
        if phrase.column in ("any", "name"):
            texts.append(row.name)
        if phrase.column in ("any", "artist") and not isinstance(row, Artist):
            texts += [self.artists[number].name for number in row.artists]
        if phrase.column == "label":
            texts.append(row.label)
        if phrase.column == "genre":
            texts += row.genres
        return any(_in_order(phrase, text) for text in texts)

    def coded(self, row: Any) -> bool:
        tracks = [track for track in self.tracks if self.belongs(track, row)]
        albums = [self.albums[track.album] for track in tracks] if isinstance(row, Track) else []
        if isinstance(row, Album):
            albums = [row]
        if isinstance(row, Artist):
            albums = [album for album in self.albums.values() if row.key in album.artists]
        return all(any(code in map(isrc_code, track.isrcs) for track in tracks) for code in self.asked.isrcs) and all(
            any(album.upc and gtin(album.upc) == code for album in albums) for code in self.asked.upcs
        )

    def belongs(self, track: Track, row: Any) -> bool:
        if isinstance(row, Track):
            return track is row
        return track.album == row.key if isinstance(row, Album) else row.key in track.artists

    def of_album(self, row: Any) -> bool:
        if isinstance(row, Artist):
            return True
        album = self.albums[row.album] if isinstance(row, Track) else row
        year = int(album.release_date[:4] or 0)
        if not all(first <= year <= last for first, last in self.asked.years):
            return False
        if not isinstance(row, Track):
            return True
        texts = {"album_name": album.name, "album_label": album.label}
        words = [word for word in self.asked.words if word.column in texts]
        phrases = [phrase for phrase in self.asked.phrases if phrase.column in texts]
        return all(
            _has(said(texts[word.column]), word) or (word.prefix and _has(said(texts[word.column]), word, begun=True))
            for word in words
        ) and all(_in_order(phrase, texts[phrase.column]) for phrase in phrases)

    def of_genre(self, row: Any) -> bool:
        words = [word for word in self.asked.words if word.column == "genre"]
        phrases = [phrase for phrase in self.asked.phrases if phrase.column == "genre"]
        if isinstance(row, Artist) or not words:
            return True
        album = self.albums[row.album] if isinstance(row, Track) else row
        lists = [album.genres, *(self.artists[number].genres for number in row.artists)]
        return any(
            all(_has(said(*genres), word) or (word.prefix and _has(said(*genres), word, begun=True)) for word in words)
            and all(any(_in_order(phrase, genre) for genre in genres) for phrase in phrases)
            for genres in lists
        )


def _has(words: set[str], word: Word, *, begun: bool = False) -> bool:
    def last(token: str) -> bool:
        return any(one.startswith(token) and one != token for one in words) if begun else token in words

    return any(all(token in words for token in way[:-1]) and last(way[-1]) for way in word.ways)


def _in_order(phrase: Phrase, text: str) -> bool:
    if any(char >= "\u0e00" for char in phrase.key):  # scripts without blanks
        return phrase.key in key(text)
    wanted, there = phrase.key.split(), key(text).split()
    for start in range(len(there) - len(wanted) + 1):
        some = there[start : start + len(wanted)]
        if some[:-1] == wanted[:-1] and (some[-1] == wanted[-1] or (phrase.begun and some[-1].startswith(wanted[-1]))):
            return True
    return False
