"""What a query says of other rows than those it looks for: of a track's album, of the genres of its artists, a code.

Where few rows meet such a condition they are gathered, and only they are looked at. Where many do, rows are looked for
as if nothing had been said, and each is asked whether it meets the condition: the more do, the sooner enough are found.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable

from msgspec import Struct

from segue.catalog.records import Kind
from segue.catalog.search.asking import Asked, Column, Phrase
from segue.catalog.search.links import Links
from segue.catalog.search.words import key

FEW = 1_000
"""Albums whose tracks are gathered."""
FEW_ARTISTS = 200
"""Artists whose albums are gathered."""
LISTED = {500: 5_000, 2_500: 50_000}
"""After so many rows of another kind were asked for one by one, all that there are are read to be looked up in memory, if
they are no more than this: it costs as much as what was asked for already. Where there are more, each is asked for."""

Check = Callable[[int], bool]


class Scope(Struct):
    """Only `ranks` (rising; None: any), and of these only what passes all `checks`."""

    ranks: list[int] | None = None
    checks: list[Check] = []

    def only(self, ranks: Iterable[int]) -> None:
        found = set(ranks)
        self.ranks = sorted(found if self.ranks is None else found.intersection(self.ranks))


class Matching:
    """The rows of a kind that an expression finds and a check passes."""

    def __init__(self, db: sqlite3.Connection, kind: Kind, match: str, check: Check | None = None) -> None:
        self._ask = db.cursor().execute
        self._match = match
        self._check = check
        table = f"{kind}_words"
        self._sql = f"SELECT 1 FROM {table} WHERE {table} MATCH ? AND rowid = ?"
        self._listing = f"SELECT rowid FROM {table} WHERE {table} MATCH ? LIMIT ?"
        self._known: dict[int, bool] = {}
        self._listed: set[int] | None = None

    def few(self, most: int) -> list[int] | None:
        """All of them; None where they are more than `most`."""
        rows = self._rows(most)
        return None if rows is None else [rank for rank in rows if self._check is None or self._check(rank)]

    def __contains__(self, rank: int) -> bool:
        if not self._match:
            return False
        known = self._known.get(rank)
        if known is None:
            if self._listed is None and (most := LISTED.get(len(self._known))) is not None:
                listed = self._rows(most)
                self._listed = None if listed is None else set(listed)
            if self._listed is None:
                known = self._ask(self._sql, (self._match, rank)).fetchone() is not None
            else:
                known = rank in self._listed
            known = self._known[rank] = known and (self._check is None or self._check(rank))
        return known

    def _rows(self, most: int) -> list[int] | None:
        if not self._match:
            return []
        rows = [row[0] for row in self._ask(self._listing, (self._match, most + 1))]
        return rows if len(rows) <= most else None


def scope_of(
    asked: Asked, links: Links, matching: Callable[[Kind, Column], str | None], db: sqlite3.Connection
) -> Scope:
    """`matching` gives the expression for what a query says of rows of another kind, by the column that says so."""
    scope = Scope(checks=[])
    kind = asked.kind
    for code in asked.isrcs:
        tracks = links.isrc(code)
        match kind:
            case "track":
                scope.only(tracks)
            case "album":
                scope.only(filter(None, map(links.album, tracks)))
            case _:
                scope.only(artist for track in tracks for artist in links.artists("track", track))
    for code in asked.upcs:
        albums = links.upc(code)
        match kind:
            case "track":
                scope.only(track for album in albums for track in links.tracks(album))
            case "album":
                scope.only(albums)
            case _:
                scope.only(artist for album in albums for artist in links.artists("album", album))
    if kind == "track" and (match_albums := matching("album", "album_name")) is not None:
        _by_album(scope, links, Matching(db, "album", match_albums, _album_check(asked, links)))
    if kind != "artist" and (match_artists := matching("artist", "genre")) is not None:
        by = Matching(db, "artist", match_artists, _genre_check(asked, links, "artist"))
        own = Matching(db, "album", matching("album", "genre") or "", _genre_check(asked, links, "album"))
        _by_genre(scope, links, kind, by, own)
    return scope


def holds(phrase: Phrase, text: str) -> bool:
    """Whether a `key` has the words of the phrase in this order, whole; scripts without blanks have no whole words."""
    if any(char >= "\u0e00" for char in phrase.key):
        return phrase.key in text
    return f" {phrase.key}" + ("" if phrase.begun else " ") in f" {text} "


def phrase_check(phrase: Phrase, kind: Kind, links: Links) -> Check:
    """Of a row of that kind, by its own columns."""
    column: Column = phrase.column

    def check(rank: int) -> bool:
        texts: Collection[str] = ()
        if column in ("any", "name", "album_name"):
            texts = (links.name(kind, rank),)
        if column in ("label", "album_label"):
            texts = (links.label(rank),)
        if column == "genre":
            texts = links.genres(kind, rank)
        if any(holds(phrase, key(text)) for text in texts):
            return True
        if kind == "artist" or column not in ("any", "artist"):
            return False
        return any(holds(phrase, key(name)) for name in links.artist_names(kind, rank))

    return check


def _album_check(asked: Asked, links: Links) -> Check | None:
    said = [phrase for phrase in asked.phrases if phrase.column in ("album_name", "album_label")]
    checks = [phrase_check(phrase, "album", links) for phrase in said]
    return (lambda rank: all(check(rank) for check in checks)) if checks else None


def _genre_check(asked: Asked, links: Links, kind: Kind) -> Check | None:
    checks = [phrase_check(phrase, kind, links) for phrase in asked.phrases if phrase.column == "genre"]
    return (lambda rank: all(check(rank) for check in checks)) if checks else None


def _by_album(scope: Scope, links: Links, albums: Matching) -> None:
    few = albums.few(FEW)
    if few is not None:
        scope.only(track for album in few for track in links.tracks(album))
    else:
        scope.checks.append(lambda track: links.album(track) in albums)


def _by_genre(scope: Scope, links: Links, kind: Kind, artists: Matching, albums: Matching) -> None:
    by = artists.few(FEW_ARTISTS)
    own = None if by is None else albums.few(FEW)
    those: Matching | set[int] = artists
    these: Matching | set[int] = albums
    if by is not None and own is not None:
        theirs = {album for artist in by for album in links.albums(artist)} | set(own)
        scope.only(theirs if kind == "album" else (track for album in theirs for track in links.tracks(album)))
        those, these = set(by), set(own)

    def check(rank: int) -> bool:
        album, credited = links.album_and_artists(rank) if kind == "track" else (rank, links.artists(kind, rank))
        return any(artist in those for artist in credited) or album in these

    scope.checks.append(check)
