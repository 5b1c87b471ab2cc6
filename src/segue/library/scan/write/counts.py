"""Counts of artists, genres, labels and libraries, kept in step with the albums they are made of.

An album's tally is what it adds to everybody's counts. Whoever changes an album takes its tally before and after; the
difference is applied in the same transaction, so a scan's cost follows what changed and not what is there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table, bindparam, delete, distinct, func, select, update

from segue.core.db import Transaction
from segue.library.models import (
    ANY_ROLE,
    Album,
    AlbumCredit,
    AlbumGenre,
    AlbumLabel,
    AlbumParticipant,
    ArtistCount,
    GenreCount,
    LabelCount,
    Library,
    Track,
    TrackCredit,
    TrackGenre,
)
from segue.library.scan.write.bulk import Together
from segue.library.scan.write.names import slices

ALBUM_ARTIST = "album_artist"


@dataclass(slots=True)
class Tally:
    """What one album counts for. An album with nothing present counts for nothing."""

    library_id: int
    track_count: int = 0
    missing_count: int = 0
    duration_ms: int = 0
    size_bytes: int = 0
    participants: dict[tuple[int, str], int] = field(default_factory=dict)
    genres: dict[int, int] = field(default_factory=dict)
    labels: set[int] = field(default_factory=set)


@dataclass(slots=True)
class LibraryDelta:
    """By how much the totals of a library change."""

    track_count: int = 0
    album_count: int = 0
    file_count: int = 0
    missing_count: int = 0
    duration_ms: int = 0
    size_bytes: int = 0

    def any(self) -> bool:
        return any(getattr(self, name) for name in self.__slots__)


_SHIFT_LIBRARY = (
    update(Library)
    .where(Library.id == bindparam("library"))
    .values({name: getattr(Library, name) + bindparam(name) for name in LibraryDelta.__slots__})
)


async def stored_tallies(tx: Transaction, albums: Collection[int]) -> dict[int, Tally]:
    """What the albums count for as the tables have it; albums that do not exist are left out."""
    tallies: dict[int, Tally] = {}
    for part in slices(sorted(albums)):
        columns = (
            Album.id, Album.library_id, Album.track_count, Album.missing_count, Album.duration_ms, Album.size_bytes,
        )  # fmt: skip
        for row in await tx.execute(select(*columns).where(Album.id.in_(part))):
            tallies[row.id] = Tally(*row[1:])
        for row in await tx.execute(
            select(
                AlbumParticipant.album_id,
                AlbumParticipant.artist_id,
                AlbumParticipant.role,
                AlbumParticipant.track_count,
            ).where(AlbumParticipant.album_id.in_(part))
        ):
            tallies[row[0]].participants[(row[1], row[2])] = row[3]
        for row in await tx.execute(
            select(AlbumGenre.album_id, AlbumGenre.genre_id, AlbumGenre.track_count).where(
                AlbumGenre.album_id.in_(part)
            )
        ):
            tallies[row[0]].genres[row[1]] = row[2]
        for row in await tx.execute(
            select(AlbumLabel.album_id, AlbumLabel.label_id).where(AlbumLabel.album_id.in_(part))
        ):
            if tallies[row[0]].track_count:
                tallies[row[0]].labels.add(row[1])
    return tallies


async def participation(tx: Transaction, albums: Collection[int]) -> dict[int, dict[tuple[int, str], int]]:
    """Present tracks by (artist, role) for each album, from the credits of its tracks and its own."""
    found: dict[int, dict[tuple[int, str], int]] = {album: {} for album in albums}
    credited = (
        select(Track.album_id, TrackCredit.artist_id)
        .join(Track, Track.id == TrackCredit.track_id)
        .where(Track.missing_since.is_(None))
    )
    tracks = func.count(distinct(TrackCredit.track_id))
    for part in slices(sorted(albums)):
        here = credited.where(Track.album_id.in_(part))
        by_role = here.add_columns(TrackCredit.role, tracks).group_by(
            Track.album_id, TrackCredit.artist_id, TrackCredit.role
        )
        for album, artist, role, count in await tx.execute(by_role):
            found[album][(artist, role)] = count
        by_artist = here.add_columns(tracks).group_by(Track.album_id, TrackCredit.artist_id)
        for album, artist, count in await tx.execute(by_artist):
            found[album][(artist, ANY_ROLE)] = count
        own = select(AlbumCredit.album_id, AlbumCredit.artist_id).where(AlbumCredit.album_id.in_(part))
        present = select(Track.album_id, func.count()).where(Track.album_id.in_(part), Track.missing_since.is_(None))
        counts = {row[0]: int(row[1]) for row in await tx.execute(present.group_by(Track.album_id))}
        for album, artist in await tx.execute(own):
            add_album_artist(found[album], artist, counts.get(album, 0))
    return found


def add_album_artist(participants: dict[tuple[int, str], int], artist: int, track_count: int) -> None:
    """Count an album artist in: all present tracks in that role; in `any`, only those that credit them."""
    if track_count:
        participants[(artist, ALBUM_ARTIST)] = track_count
        participants.setdefault((artist, ANY_ROLE), 0)


async def genre_counts(tx: Transaction, albums: Collection[int]) -> dict[int, dict[int, int]]:
    """Present tracks by genre for each album."""
    found: dict[int, dict[int, int]] = {album: {} for album in albums}
    for part in slices(sorted(albums)):
        statement = (
            select(Track.album_id, TrackGenre.genre_id, func.count())
            .join(Track, Track.id == TrackGenre.track_id)
            .where(Track.album_id.in_(part), Track.missing_since.is_(None))
            .group_by(Track.album_id, TrackGenre.genre_id)
        )
        for album, genre, count in await tx.execute(statement):
            found[album][genre] = count
    return found


async def apply(
    tx: Transaction,
    before: dict[int, Tally],
    after: dict[int, Tally],
    libraries: dict[int, LibraryDelta],
    together: Together | None = None,
) -> None:
    """Write what changed between two sets of tallies: the albums' own tables and everybody's counts.

    An album that is only in `before` is gone, one that is only in `after` is new. `libraries` brings the changes in
    numbers of files, and is completed here. Rows `together` with which the counts are to go in are written here, before them.
    """
    together = together or Together(tx)
    artists: dict[tuple[int, int, str], list[int]] = {}
    genres: dict[tuple[int, int], list[int]] = {}
    labels: Counter[tuple[int, int]] = Counter()
    rows = _AlbumRows()
    for album in sorted(before.keys() | after.keys()):
        for tally, sign in ((before.get(album), -1), (after.get(album), 1)):
            if tally is None:
                continue
            total = libraries.setdefault(tally.library_id, LibraryDelta())
            total.track_count += sign * tally.track_count
            total.album_count += sign * bool(tally.track_count)
            total.duration_ms += sign * tally.duration_ms
            total.size_bytes += sign * tally.size_bytes
            for (artist, role), count in tally.participants.items():
                entry = artists.setdefault((artist, tally.library_id, role), [0, 0])
                entry[0] += sign * count
                entry[1] += sign
            for genre, count in tally.genres.items():
                entry = genres.setdefault((genre, tally.library_id), [0, 0])
                entry[0] += sign * count
                entry[1] += sign
            for label in tally.labels:
                labels[(label, tally.library_id)] += sign
        rows.compare(album, before.get(album), after.get(album))
    await rows.write(tx, together)
    shifts: tuple[tuple[Any, list[dict[str, Any]]], ...] = (
        (
            ArtistCount,
            [
                {"artist_id": artist, "library_id": library, "role": role, "track_count": tracks, "album_count": albums}
                for (artist, library, role), (tracks, albums) in sorted(artists.items())
                if tracks or albums
            ],
        ),
        (
            GenreCount,
            [
                {"genre_id": genre, "library_id": library, "track_count": tracks, "album_count": albums}
                for (genre, library), (tracks, albums) in sorted(genres.items())
                if tracks or albums
            ],
        ),
        (
            LabelCount,
            [
                {"label_id": label, "library_id": library, "album_count": albums}
                for (label, library), albums in sorted(labels.items())
                if albums
            ],
        ),
    )
    for model, shift in shifts:
        _add(together, model, shift)
    await together.write()
    for model, shift in shifts:
        await _drop_empty(tx, model, shift)
    for artist in sorted({key[0] for key, change in artists.items() if any(change)}):
        tx.changed("artist", artist)
    for genre in sorted({key[0] for key, change in genres.items() if any(change)}):
        tx.changed("genre", genre)
    for label in sorted({key[0] for key, change in labels.items() if change}):
        tx.changed("label", label)
    await _tell_who_left(tx, "artist", ArtistCount, {key[:2] for key, change in artists.items() if change[1] < 0})
    await _tell_who_left(tx, "genre", GenreCount, {key for key, change in genres.items() if change[1] < 0})
    await _tell_who_left(tx, "label", LabelCount, {key for key, change in labels.items() if change < 0})
    await _shift_libraries(tx, libraries)


def _add(together: Together, model: Any, rows: list[dict[str, Any]]) -> None:
    """Have `rows` added to the counts that are there."""
    table: Table = model.__table__
    keys = [column.name for column in table.primary_key]
    amounts = [name for name in ("track_count", "album_count") if name in table.c]
    names = (*keys, *amounts)
    sums = ", ".join(f"{name} = {table.name}.{name} + excluded.{name}" for name in amounts)
    values = [tuple([row[name] for name in names]) for row in rows]
    together.insert(table, names, values, f"({', '.join(keys)}) DO UPDATE SET {sums}")


async def _drop_empty(tx: Transaction, model: Any, rows: list[dict[str, Any]]) -> None:
    """Delete those of the counts that came down to nothing."""
    shrunk = [row for row in rows if row["album_count"] < 0]
    if shrunk:
        table: Table = model.__table__
        keys = [column.name for column in table.primary_key]
        same = [getattr(table.c, key) == bindparam(f"k_{key}") for key in keys]
        await tx.execute(
            delete(table).where(*same, table.c.album_count <= 0), [{f"k_{k}": row[k] for k in keys} for row in shrunk]
        )


async def _tell_who_left(tx: Transaction, kind: str, model: Any, fewer: set[tuple[int, int]]) -> None:
    """Announce those of (id, library) that have nothing in the library any more."""
    table: Table = model.__table__
    number = table.c[f"{kind}_id"]
    still: set[tuple[int, int]] = set()
    for part in slices(sorted({one for one, _ in fewer})):
        rows = await tx.execute(select(number, table.c.library_id).where(number.in_(part)).distinct())
        still.update((row[0], row[1]) for row in rows)
    for one, library in sorted(fewer - still):
        tx.left(kind, one, library_id=library)


_PARTICIPANT, _GENRE = ("album_id", "artist_id", "role"), ("album_id", "genre_id")


async def _shift_libraries(tx: Transaction, libraries: dict[int, LibraryDelta]) -> None:
    for library_id, delta in sorted(libraries.items()):
        if delta.any():
            await tx.execute(_SHIFT_LIBRARY, {"library": library_id} | {n: getattr(delta, n) for n in delta.__slots__})
            tx.changed("library", library_id, library_id=library_id)


class _AlbumRows:
    """The rows of `album_participants` and `album_genres` that differ."""

    def __init__(self) -> None:
        self.put_participants: list[tuple[Any, ...]] = []
        self.drop_participants: list[dict[str, Any]] = []
        self.put_genres: list[tuple[Any, ...]] = []
        self.drop_genres: list[dict[str, Any]] = []

    def compare(self, album: int, before: Tally | None, after: Tally | None) -> None:
        old = before.participants if before else {}
        new = after.participants if after else {}
        for key, count in new.items():
            if old.get(key) != count:
                self.put_participants.append((album, key[0], key[1], count))
        self.drop_participants += [
            {"k_album": album, "k_artist": artist, "k_role": role} for artist, role in old.keys() - new.keys()
        ]
        old_genres = before.genres if before else {}
        new_genres = after.genres if after else {}
        for genre, count in new_genres.items():
            if old_genres.get(genre) != count:
                self.put_genres.append((album, genre, count))
        self.drop_genres += [{"k_album": album, "k_genre": genre} for genre in old_genres.keys() - new_genres.keys()]

    async def write(self, tx: Transaction, together: Together) -> None:
        """Drop what is gone, and add the rest to what is written `together`."""
        if self.drop_participants:
            await tx.execute(
                delete(AlbumParticipant).where(
                    AlbumParticipant.album_id == bindparam("k_album"),
                    AlbumParticipant.artist_id == bindparam("k_artist"),
                    AlbumParticipant.role == bindparam("k_role"),
                ),
                self.drop_participants,
            )
        if self.drop_genres:
            await tx.execute(
                delete(AlbumGenre).where(
                    AlbumGenre.album_id == bindparam("k_album"), AlbumGenre.genre_id == bindparam("k_genre")
                ),
                self.drop_genres,
            )
        for model, keys, rows in (
            (AlbumParticipant, _PARTICIPANT, self.put_participants),
            (AlbumGenre, _GENRE, self.put_genres),
        ):
            table: Any = model.__table__
            counted = f"({', '.join(keys)}) DO UPDATE SET track_count = excluded.track_count"
            together.insert(table, (*keys, "track_count"), rows, counted)
