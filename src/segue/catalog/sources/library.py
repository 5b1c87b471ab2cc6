"""Your own library as a source: rows that the library hands over, as records. (The catalogue imports nothing of the library.)"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from segue.catalog.records import Album, Artist, Counts, Damage, Track
from segue.catalog.sources.dates import partial_date
from segue.catalog.sources.tally import popularity

NAMESPACE = "segue"
PLAYS = 10.0
"""Doublings of plays from the least to the most popular: what was played 1,023 times or more has 100."""


class Credit(NamedTuple):
    """Who is credited: the key of the artist, the name as it is written, and what stands between it and the next."""

    artist: int
    name: str
    join: str = ""


class ArtistRow(NamedTuple):
    key: int
    name: str
    sort_name: str = ""
    aliases: tuple[str, ...] = ()
    genres: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    plays: int = 0


class AlbumRow(NamedTuple):
    """`date` is partial; `appears` are the keys of artists on it who are not credited for it."""

    key: int
    title: str
    credits: tuple[Credit, ...] = ()
    appears: tuple[int, ...] = ()
    type: str = ""
    labels: tuple[str, ...] = ()
    date: str = ""
    tracks: int = 0
    upc: str | None = None
    genres: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    plays: int = 0


class TrackRow(NamedTuple):
    key: int
    title: str
    album: int
    credits: tuple[Credit, ...] = ()
    number: int = 0
    disc: int = 1
    duration_ms: int = 0
    isrcs: tuple[str, ...] = ()
    genres: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    plays: int = 0


class LibrarySource:
    """What is in the library, for the first time or behind a key: each of the three gives its rows by rising key.

    `state` changes with the library (its change feed's cursor); `totals` are how many tracks, albums and artists there are.
    """

    name = "library"
    namespace = NAMESPACE
    licence = ""

    def __init__(
        self,
        state: str,
        totals: Counts,
        artists: Callable[[int], Iterable[ArtistRow]],
        albums: Callable[[int], Iterable[AlbumRow]],
        tracks: Callable[[int], Iterable[TrackRow]],
    ) -> None:
        self.damage: list[Damage] = []
        self.position = ""
        self._state = state
        self._totals = totals
        self._artists, self._albums, self._tracks = artists, albums, tracks

    def identity(self) -> str:
        """See records.Source."""
        return f"library:{self._state}"

    def counts(self) -> Counts:
        """See records.Source."""
        return self._totals

    def artists(self, after: str = "") -> Iterator[Artist]:
        """See records.Source."""
        for row in self._artists(int(after or 0)):
            self.position = str(row.key)
            yield Artist(
                key=row.key,
                id=f"ar-{row.key}",
                name=row.name,
                popularity=popularity(row.plays + 1, PLAYS),
                genres=row.genres,
                aliases=row.aliases,
                ids=row.ids,
                more={"sort_name": row.sort_name} if row.sort_name and row.sort_name != row.name else None,
            )

    def albums(self, after: str = "") -> Iterator[Album]:
        """See records.Source."""
        for row in self._albums(int(after or 0)):
            self.position = str(row.key)
            date, precision = partial_date(row.date)
            yield Album(
                key=row.key,
                id=f"al-{row.key}",
                name=row.title,
                type=row.type,
                label=" / ".join(row.labels),
                release_date=date,
                precision=precision,
                total_tracks=row.tracks,
                popularity=popularity(row.plays + 1, PLAYS),
                upc=row.upc,
                artists=_keys(row.credits),
                appears=row.appears,
                genres=row.genres,
                ids=row.ids,
                more=_more(row.credits),
            )

    def tracks(self, after: str = "") -> Iterator[Track]:
        """See records.Source."""
        for row in self._tracks(int(after or 0)):
            self.position = str(row.key)
            more = _more(row.credits) or {}
            if row.genres:
                more["genres"] = list(row.genres)
            yield Track(
                key=row.key,
                id=f"tr-{row.key}",
                name=row.title,
                album=row.album,
                duration_ms=row.duration_ms,
                track_number=row.number,
                disc_number=row.disc,
                popularity=popularity(row.plays + 1, PLAYS),
                isrcs=row.isrcs,
                artists=_keys(row.credits),
                ids=row.ids,
                more=more or None,
            )


def _keys(credits: Iterable[Credit]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(credit.artist for credit in credits))


def _more(credits: tuple[Credit, ...]) -> dict[str, Any] | None:
    """The credit as it is written, where that is more than one name."""
    if len(credits) < 2:
        return None
    return {
        "credits": [
            {"name": credit.name, "artist": f"ar-{credit.artist}"} | ({"join": credit.join} if credit.join else {})
            for credit in credits
        ]
    }
