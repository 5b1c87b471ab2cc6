"""Very large albums, while their files are still being written: their counts follow from what changed, not from all tracks.

An album is put together from all of its tracks. For one of 50,000 files in one folder, written some hundred at a time, that
would cost its size again with every batch. So while more of its files are still to come, only the *share* that the tracks at
hand have in its counts is taken before and after, and the difference applied: counts are right at every commit. What the
album is called, by whom, and which picture it has, is settled with the last of the files, for a scan that was killed by the
one that goes on, since the folder is not done before that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, or_, select, update

from segue.core.db import Transaction
from segue.library.models import (
    ANY_ROLE,
    Album,
    AlbumCredit,
    AlbumGenre,
    AlbumParticipant,
    File,
    Track,
    TrackCredit,
    TrackGenre,
)
from segue.library.scan.write.counts import ALBUM_ARTIST, Tally, add_album_artist
from segue.library.scan.write.names import slices
from segue.library.scan.write.written import Written

if TYPE_CHECKING:
    from segue.library.scan.plan import FilePlan, Unit
    from segue.library.scan.write.writer import Part

LARGE = 1_000
"""Tracks beyond which an album is not put together anew with every batch. More than a batch can hold, so that no album is
emptied by one unnoticed."""


@dataclass(slots=True)
class Share:
    """What some tracks add to the counts of their album."""

    present: int = 0
    missing: int = 0
    duration_ms: int = 0
    sizes: dict[int, int] = field(default_factory=dict)
    """Bytes of the files of those that are present."""
    discs: set[int] = field(default_factory=set)
    missing_discs: set[int] = field(default_factory=set)
    """The discs of those that are missing, which count where nothing of the album is present."""
    people: Counter[tuple[int, str]] = field(default_factory=Counter)
    genres: Counter[int] = field(default_factory=Counter)


async def large_ones(tx: Transaction, albums: Collection[int]) -> set[int]:
    """Those of `albums` that have more tracks than LARGE."""
    found: set[int] = set()
    for part in slices(sorted(albums)):
        tracks = Album.track_count + Album.missing_count
        found.update((await tx.execute(select(Album.id).where(Album.id.in_(part), tracks > LARGE))).scalars())
    return found


def albums_of(unit: Unit, files: Collection[FilePlan]) -> set[int]:
    """The albums that these files of `unit` are in, or will be as far as that is known."""
    found = {file.stored.album_id for file in files if file.stored and file.stored.album_id is not None}
    found |= {row.album_id for file in files for row in file.former if row.album_id is not None}
    return found | {
        unit.prior_albums[file.key.group] for file in files if file.key and file.key.group in unit.prior_albums
    }


async def unfinished(tx: Transaction, parts: Collection[Part]) -> set[int]:
    """Large albums of `parts`, more of which is to come: those that only units in their midst have to do with."""
    midst = {part.unit for part in parts if part.unit.divided and part.unit.begun and not part.last}
    if not midst:
        return set()
    here = {
        album for part in parts if part.unit in midst and not part.last for album in albums_of(part.unit, part.files)
    }
    other = {
        album for part in parts if part.unit not in midst or part.last for album in albums_of(part.unit, part.files)
    }
    return await large_ones(tx, here - other)


async def finished(tx: Transaction, parts: Collection[Part]) -> set[int]:
    """Large albums that are to be put together now, since `parts` are the last of their units."""
    units = {part.unit for part in parts if part.last and part.unit.divided}
    return await large_ones(tx, {album for unit in units for album in albums_of(unit, unit.files)}) if units else set()


def tracks_of(files: Iterable[FilePlan]) -> set[int]:
    """The tracks that these files have so far."""
    rows = [row for file in files for row in (file.stored, *file.former) if row is not None]
    return {row.track_id for row in rows if row.track_id is not None}


async def begin(tx: Transaction, written: Written, unfinished: Collection[int], tracks: Collection[int]) -> None:
    """Before `tracks` are written: note what they add to the large albums of which more is to come. Those that have been
    touched as a whole are put together as a whole."""
    albums = set(unfinished) - written.touched - written.moved.keys()
    if not albums:
        return
    written.followed.update(tracks)
    written.shares = await shares(tx, albums, written.followed)


async def shares(tx: Transaction, albums: Collection[int], tracks: Collection[int]) -> dict[int, Share]:
    """What `tracks` add to each of `albums`, as the tables have it."""
    found = {album: Share() for album in albums}
    for part in slices(sorted(tracks)):
        columns = (
            Track.album_id, Track.file_id, Track.duration_ms, Track.disc, Track.missing_since.is_(None), File.size_bytes,
        )  # fmt: skip
        statement = select(*columns).join(File, File.id == Track.file_id).where(Track.id.in_(part))
        for album, file, duration, disc, present, size in await tx.execute(statement):
            share = found.get(album)
            if share is None:
                continue
            if not present:
                share.missing += 1
                share.missing_discs.add(disc or 1)
                continue
            share.present += 1
            share.duration_ms += duration
            share.sizes[file] = size
            share.discs.add(disc or 1)
        here = (Track.id.in_(part), Track.album_id.in_(sorted(found)), Track.missing_since.is_(None))
        credited = select(Track.album_id, Track.id, TrackCredit.artist_id, TrackCredit.role)
        seen = {
            tuple(row) for row in await tx.execute(credited.join(Track, Track.id == TrackCredit.track_id).where(*here))
        }
        seen |= {(album, track, artist, ANY_ROLE) for album, track, artist, _ in seen}
        for album, _, artist, role in seen:
            found[album].people[(artist, role)] += 1
        own = select(Track.album_id, TrackGenre.genre_id).join(Track, Track.id == TrackGenre.track_id).where(*here)
        for album, genre in await tx.execute(own):
            found[album].genres[genre] += 1
    return found


async def follow(tx: Transaction, written: Written) -> tuple[dict[int, Tally], dict[int, Tally]]:
    """Bring the rows of unfinished albums up to date with what the tracks at hand add to them now; returns their tallies
    before and after, as far as they differ.

    These are no longer touched, but for those that must be put together from all their tracks after all, since nothing in
    them is present any more, or something is for the first time.
    """
    before = written.shares
    if not before:
        return {}, {}
    written.followed |= written.tags.keys()
    after = await shares(tx, before, written.followed)
    old: dict[int, Tally] = {}
    new: dict[int, Tally] = {}
    for album, was in sorted(before.items()):
        now = after[album]
        row = (await tx.execute(select(Album.__table__).where(Album.id == album))).one()
        present = row.track_count + now.present - was.present
        if bool(present) != bool(row.track_count):
            written.touched.add(album)
            continue
        written.touched.discard(album)
        written.titles[album] = (row.title, row.artist_display)
        if was == now:
            continue
        old[album] = Tally(row.library_id, row.track_count, row.missing_count, row.duration_ms, row.size_bytes)
        new[album] = Tally(
            row.library_id,
            present,
            row.missing_count + now.missing - was.missing,
            row.duration_ms + now.duration_ms - was.duration_ms,
            row.size_bytes + sum(now.sizes.values()) - sum(was.sizes.values()),
        )
        await _people(tx, album, was, now, old[album], new[album])
        await _genres(tx, album, was, now, old[album], new[album])
        values = {
            "track_count": present, "missing_count": new[album].missing_count, "duration_ms": new[album].duration_ms,
            "size_bytes": new[album].size_bytes, "updated_at": written.now,
            "disc_count": row.disc_count + await _more_discs(tx, album, was, now, written.followed, missing=not present),
        }  # fmt: skip
        await tx.execute(update(Album).where(Album.id == album).values(values))
        tx.changed("album", album, library_id=row.library_id)
    return old, new


async def _people(tx: Transaction, album: int, was: Share, now: Share, old: Tally, new: Tally) -> None:
    """The participants whose counts may differ, before and after."""
    statement = select(AlbumCredit.artist_id).where(AlbumCredit.album_id == album)
    own = set((await tx.execute(statement)).scalars())
    changes = {key: now.people[key] - was.people[key] for key in was.people.keys() | now.people.keys()}
    concerned = own | {artist for (artist, _), change in changes.items() if change}
    for part in slices(sorted(concerned)):
        columns = (AlbumParticipant.artist_id, AlbumParticipant.role, AlbumParticipant.track_count)
        here = (AlbumParticipant.album_id == album, AlbumParticipant.artist_id.in_(part))
        for artist, role, count in await tx.execute(select(*columns).where(*here)):
            old.participants[(artist, role)] = count
    counted = Counter(old.participants)
    counted.update({key: change for key, change in changes.items() if change})
    new.participants = {
        key: count for key, count in counted.items() if count > 0 and not (key[0] in own and key[1] == ALBUM_ARTIST)
    }
    for artist in own:
        add_album_artist(new.participants, artist, new.track_count)


async def _genres(tx: Transaction, album: int, was: Share, now: Share, old: Tally, new: Tally) -> None:
    """The genres whose counts differ, before and after."""
    changes = {genre: now.genres[genre] - was.genres[genre] for genre in was.genres.keys() | now.genres.keys()}
    for part in slices(sorted(genre for genre, change in changes.items() if change)):
        columns = (AlbumGenre.genre_id, AlbumGenre.track_count)
        for genre, count in await tx.execute(
            select(*columns).where(AlbumGenre.album_id == album, AlbumGenre.genre_id.in_(part))
        ):
            old.genres[genre] = count
    counted = Counter(old.genres)
    counted.update({genre: change for genre, change in changes.items() if change})
    new.genres = {genre: count for genre, count in counted.items() if count > 0}


async def _more_discs(
    tx: Transaction, album: int, was: Share, now: Share, tracks: Collection[int], *, missing: bool
) -> int:
    """By how many discs the album has grown: those that none of its other tracks is on, `missing` or present."""
    before, after = (was.missing_discs, now.missing_discs) if missing else (was.discs, now.discs)
    seen = Track.missing_since.is_not(None) if missing else Track.missing_since.is_(None)
    change = 0
    for disc in before ^ after:
        number: Any = Track.disc == disc
        on_it = or_(number, Track.disc.is_(None), Track.disc == 0) if disc == 1 else number
        others = select(Track.id).where(Track.album_id == album, on_it, seen, Track.id.not_in(sorted(tracks)))
        if not (await tx.execute(select(exists(others)))).scalar():
            change += 1 if disc in after else -1
    return change
