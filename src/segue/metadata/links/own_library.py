"""The library as a source of a catalogue: read in the thread that builds, through a connection of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.catalog.records import Counts
from segue.catalog.sources.library import AlbumRow, ArtistRow, Credit, LibrarySource, TrackRow
from segue.core.changes import ChangeFeed
from segue.core.db import Database
from segue.library import whole
from segue.library.whole import Row

T = TypeVar("T")
AT_ONCE = 1_000
Plays = Callable[[AsyncConnection, str, Sequence[int]], Awaitable[dict[int, int]]]
"""Called as (conn, kind, ids): how often these were played by anybody."""
Page = Callable[[AsyncConnection, int, int], Awaitable[list[Row]]]


class OwnLibrary:
    """Makes the source; `plays` say what is popular here."""

    def __init__(self, db: Database, plays: Plays) -> None:
        self._db = db
        self._plays = plays

    def __call__(self) -> LibrarySource:
        """Called in a thread that has no event loop."""
        reading = _Reading(self._db, self._plays)
        state, counts = reading.ask(reading.totals())
        return LibrarySource(state, counts, reading.artists, reading.albums, reading.tracks)


class _Reading:
    """Asks the database from a thread, some rows at a time; each question has its own connection, which it closes."""

    def __init__(self, db: Database, plays: Plays) -> None:
        self._db = db
        self._plays = plays

    def ask(self, question: Awaitable[T]) -> T:
        async def asked() -> T:
            return await question

        return asyncio.run(asked())

    async def totals(self) -> tuple[str, Counts]:
        twin = self._db.twin()
        try:
            async with twin.read() as conn:
                tracks, albums, artists = await whole.totals(conn)
            return str(await ChangeFeed(twin).newest()), Counts(tracks, albums, artists)
        finally:
            await twin.close()

    def artists(self, after: int) -> Iterator[ArtistRow]:
        for row, plays in self._rows("artist", whole.artists_after, after):
            one = row.columns
            own = (("musicbrainz:artist", one.musicbrainz_id),) if one.musicbrainz_id else ()
            yield ArtistRow(
                row.id, one.name, one.sort_name or "", tuple(name for name in row.names if name != one.name),
                ids=_spelled((*row.ids, *own)), plays=plays,
            )  # fmt: skip

    def albums(self, after: int) -> Iterator[AlbumRow]:
        for row, plays in self._rows("album", whole.albums_after, after):
            one = row.columns
            own = [("musicbrainz:release", one.musicbrainz_release_id)]
            yield AlbumRow(
                row.id, one.title, _credits(row), row.others, "compilation" if one.compilation else one.release_type or "",
                row.names, one.date or one.original_date or "", one.track_count, one.barcode, row.genres,
                _spelled((*row.ids, *((name, value) for name, value in own if value))), plays,
            )  # fmt: skip

    def tracks(self, after: int) -> Iterator[TrackRow]:
        for row, plays in self._rows("track", whole.tracks_after, after):
            one = row.columns
            own = [
                ("musicbrainz:recording", one.musicbrainz_recording_id),
                ("musicbrainz:track", one.musicbrainz_track_id),
            ]
            yield TrackRow(
                row.id, f"{one.title} ({one.subtitle})" if one.subtitle else one.title, one.album_id, _credits(row),
                one.position or 0, one.disc or 1, one.duration_ms,
                tuple(value for name, value in row.ids if name == "isrc"), row.genres,
                _spelled((*(pair for pair in row.ids if pair[0] != "isrc"), *((n, v) for n, v in own if v))), plays,
            )  # fmt: skip

    def _rows(self, kind: str, page: Page, after: int) -> Iterator[tuple[Row, int]]:
        while True:
            rows, plays = self.ask(self._page(kind, page, after))
            for row in rows:
                yield row, plays.get(row.id, 0)
            if len(rows) < AT_ONCE:
                return
            after = rows[-1].id

    async def _page(self, kind: str, page: Page, after: int) -> tuple[list[Row], dict[int, int]]:
        twin = self._db.twin()
        try:
            async with twin.read() as conn:
                rows = await page(conn, after, AT_ONCE)
                return rows, await self._plays(conn, kind, [row.id for row in rows])
        finally:
            await twin.close()


def _credits(row: Row) -> tuple[Credit, ...]:
    return tuple(Credit(artist, name, join) for artist, name, join in row.credits)


def _spelled(pairs: Sequence[tuple[str, str]] | Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{name}:{value}" for name, value in pairs))
