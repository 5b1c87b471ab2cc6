"""Every query about duplicates: candidates, groups, what was refused, what was merged."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.changes import Fact, set_fact
from segue.core.db import Transaction, upsert_into
from segue.library.duplicates.finding import Candidate, GroupKind, Pair
from segue.library.duplicates.models import DuplicateGroup, DuplicateMember, NotDuplicates
from segue.library.models import Album, Artist, ExternalIdRow, File, Folder, Library, Redirect, Track, TrackCredit
from segue.library.scan.write.names import slices
from segue.match import RecordingFacts, ReleaseFacts

MOST_OF_AN_ARTIST = 3_000
"""Tracks beyond which an artist (`Various Artists`, `Unknown`) says nothing about who made something."""
CURSOR, RESUME = "duplicates_cursor", "duplicates_from_id"


# --- candidates ------------------------------------------------------------------------------------------------------


async def present(conn: AsyncConnection, ids: Collection[int]) -> set[int]:
    """Those of `ids` that are tracks that are there."""
    found: set[int] = set()
    for part in slices(sorted(ids)):
        found.update(await conn.scalars(select(Track.id).where(Track.id.in_(part), Track.missing_since.is_(None))))
    return found


async def present_after(conn: AsyncConnection, track_id: int, limit: int) -> list[int]:
    """Ids of tracks that are there, beyond `track_id`, in order."""
    statement = select(Track.id).where(Track.id > track_id, Track.missing_since.is_(None)).order_by(Track.id)
    return list((await conn.scalars(statement.limit(limit))).all())


async def near(conn: AsyncConnection, ids: Collection[int]) -> set[int]:
    """Tracks that may be the same as one of `ids`: by the same artists, of the same audio, of the same id."""
    found: set[int] = set()
    artists: set[int] = set()
    keys: set[bytes] = set()
    hashes: set[bytes] = set()
    recordings: set[str] = set()
    isrcs: set[str] = set()
    for part in slices(sorted(ids)):
        credited = select(TrackCredit.artist_id).where(TrackCredit.track_id.in_(part), TrackCredit.role == "artist")
        artists.update(await conn.scalars(credited))
        signs = (
            select(File.audio_key, File.exact_audio_hash, Track.musicbrainz_recording_id)
            .join(File, File.id == Track.file_id)
            .where(Track.id.in_(part), Track.start_ms.is_(None))
        )
        for key, exact, recording in await conn.execute(signs):
            keys.update([key] if key else [])
            hashes.update([exact] if exact else [])
            recordings.update([recording] if recording else [])
        isrcs.update(await conn.scalars(_ids_of(part).where(ExternalIdRow.namespace == "isrc")))
    for artist in sorted(artists):
        theirs = (
            select(TrackCredit.track_id)
            .where(TrackCredit.artist_id == artist, TrackCredit.role == "artist")
            .limit(MOST_OF_AN_ARTIST + 1)
        )
        tracks = (await conn.scalars(theirs)).all()
        if len(tracks) <= MOST_OF_AN_ARTIST:
            found.update(tracks)
    by_file = select(Track.id).join(File, File.id == Track.file_id).where(Track.start_ms.is_(None))
    for column, values in ((File.audio_key, keys), (File.exact_audio_hash, hashes)):
        for some in slices(sorted(values)):
            found.update(await conn.scalars(by_file.where(column.in_(some))))
    for some in slices(sorted(recordings)):
        found.update(await conn.scalars(select(Track.id).where(Track.musicbrainz_recording_id.in_(some))))
    for some in slices(sorted(isrcs)):
        same = select(ExternalIdRow.entity_id).where(
            ExternalIdRow.namespace == "isrc", ExternalIdRow.value.in_(some), ExternalIdRow.kind == "track"
        )
        found.update(await conn.scalars(same))
    return found


def _ids_of(tracks: Sequence[int]) -> Any:
    return select(ExternalIdRow.value).where(ExternalIdRow.kind == "track", ExternalIdRow.entity_id.in_(tracks))


async def candidates(conn: AsyncConnection, ids: Collection[int]) -> list[Candidate]:
    """What comparing needs of those of `ids` that are there, in order."""
    people: dict[int, list[str]] = defaultdict(list)
    codes: dict[int, set[str]] = defaultdict(set)
    rows: list[Any] = []
    for part in slices(sorted(ids)):
        statement = (
            select(
                Track.id, Track.album_id, Track.title, Track.subtitle, Track.duration_ms, Track.disc, Track.position,
                Track.musicbrainz_recording_id, Track.start_ms, Track.artist_display, Album.title.label("album"),
                Album.artist_display.label("album_artist"), Album.year, Album.track_count, Album.barcode,
                Album.musicbrainz_release_id, File.audio_key, File.exact_audio_hash,
            )
            .join(Album, Album.id == Track.album_id)
            .join(File, File.id == Track.file_id)
            .where(Track.id.in_(part), Track.missing_since.is_(None))
        )  # fmt: skip
        rows += (await conn.execute(statement)).all()
        credited = (
            select(TrackCredit.track_id, Artist.name)
            .join(Artist, Artist.id == TrackCredit.artist_id)
            .where(TrackCredit.track_id.in_(part), TrackCredit.role == "artist")
        )
        for track, name in await conn.execute(credited):
            people[track].append(name)
        isrcs = select(ExternalIdRow.entity_id, ExternalIdRow.value).where(
            ExternalIdRow.kind == "track", ExternalIdRow.entity_id.in_(part), ExternalIdRow.namespace == "isrc"
        )
        for track, value in await conn.execute(isrcs):
            codes[track].add(value)
    return [_candidate(row, tuple(people[row.id]), frozenset(codes[row.id])) for row in rows]


def _candidate(row: Any, people: tuple[str, ...], codes: frozenset[str]) -> Candidate:
    whole = row.start_ms is None
    return Candidate(
        row.id,
        row.album_id,
        RecordingFacts(
            title=f"{row.title} ({row.subtitle})" if row.subtitle else row.title,
            artists=people or (row.artist_display,),
            duration_ms=row.duration_ms or None,
            album=row.album,
            disc=row.disc,
            position=row.position,
            musicbrainz_id=row.musicbrainz_recording_id,
            isrcs=codes,
            audio_hash=row.exact_audio_hash if whole else None,
            audio_key=row.audio_key if whole else None,
        ),
        ReleaseFacts(
            row.album, (row.album_artist,), row.year, row.track_count, row.barcode, row.musicbrainz_release_id
        ),
    )


async def refused(conn: AsyncConnection, ids: Collection[int]) -> set[tuple[int, int]]:
    """Pairs with one of `ids` of which a person said that they are not the same."""
    found: set[tuple[int, int]] = set()
    for part in slices(sorted(ids)):
        statement = select(NotDuplicates.track_a, NotDuplicates.track_b).where(
            or_(NotDuplicates.track_a.in_(part), NotDuplicates.track_b.in_(part))
        )
        found.update((row[0], row[1]) for row in await conn.execute(statement))
    return found


# --- groups ----------------------------------------------------------------------------------------------------------


async def members_beside(conn: AsyncConnection, ids: Collection[int]) -> set[int]:
    """All tracks of the groups that `ids` are in, `ids` among them."""
    found = set(ids)
    for part in slices(sorted(ids)):
        groups = select(DuplicateMember.group_id).where(DuplicateMember.track_id.in_(part))
        found.update(await conn.scalars(select(DuplicateMember.track_id).where(DuplicateMember.group_id.in_(groups))))
    return found


async def dissolve(tx: Transaction, ids: Collection[int]) -> None:
    """Forget the groups that any of `ids` is in."""
    for part in slices(sorted(ids)):
        groups = (
            await tx.conn.scalars(select(DuplicateMember.group_id).where(DuplicateMember.track_id.in_(part)).distinct())
        ).all()
        for some in slices(sorted(groups)):
            await tx.execute(delete(DuplicateMember).where(DuplicateMember.group_id.in_(some)))
            await tx.execute(delete(DuplicateGroup).where(DuplicateGroup.id.in_(some)))
        for group in groups:
            tx.changed("duplicate_group", group, "delete")


async def add_group(tx: Transaction, kind: GroupKind, members: dict[int, Pair], now: datetime) -> int:
    """One more group; its id."""
    made = insert(DuplicateGroup).values(kind=kind, track_count=len(members), found_at=now)
    group: int = (await tx.execute(made.returning(DuplicateGroup.id))).scalar_one()
    await tx.execute(
        insert(DuplicateMember),
        [
            {
                "group_id": group,
                "track_id": track,
                "other_id": pair.b if track == pair.a else pair.a,
                "method": pair.verdict.method,
                "score": pair.verdict.score,
                "reasons": [list(reason) for reason in pair.verdict.reasons],
            }
            for track, pair in members.items()
        ],
    )
    tx.changed("duplicate_group", group)
    return group


def _visible(libraries: frozenset[int] | None) -> list[ColumnElement[bool]]:
    """Groups with two members that somebody may see."""
    if libraries is None:
        return []
    seen = (
        select(func.count())
        .select_from(DuplicateMember)
        .join(Track, Track.id == DuplicateMember.track_id)
        .where(DuplicateMember.group_id == DuplicateGroup.id, Track.library_id.in_(libraries))
        .correlate(DuplicateGroup)
        .scalar_subquery()
    )
    return [seen >= 2]


async def groups(
    conn: AsyncConnection,
    libraries: frozenset[int] | None,
    *,
    kinds: Collection[str] = (),
    album_id: int | None = None,
    after: int | None = None,
    limit: int | None = None,
) -> list[Any]:
    """Groups that somebody may see, newest first; from before the id `after`."""
    where = _visible(libraries)
    if kinds:
        where.append(DuplicateGroup.kind.in_(kinds))
    if after is not None:
        where.append(DuplicateGroup.id < after)
    if album_id is not None:
        of_album = select(DuplicateMember.group_id).join(Track, Track.id == DuplicateMember.track_id)
        where.append(DuplicateGroup.id.in_(of_album.where(Track.album_id == album_id)))
    statement = select(DuplicateGroup.__table__).where(and_(True, *where)).order_by(DuplicateGroup.id.desc())
    return list((await conn.execute(statement.limit(limit))).all())


async def group_counts(conn: AsyncConnection, libraries: frozenset[int] | None) -> dict[str, int]:
    """How many groups of each kind somebody may see."""
    statement = select(DuplicateGroup.kind, func.count()).where(and_(True, *_visible(libraries)))
    return {row[0]: row[1] for row in await conn.execute(statement.group_by(DuplicateGroup.kind))}


async def group(conn: AsyncConnection, group_id: int, libraries: frozenset[int] | None) -> Any | None:
    found = select(DuplicateGroup.__table__).where(and_(DuplicateGroup.id == group_id, *_visible(libraries)))
    return (await conn.execute(found)).first()


async def members(conn: AsyncConnection, group_ids: Collection[int]) -> dict[int, list[Any]]:
    """The members of groups, by group."""
    found: dict[int, list[Any]] = {number: [] for number in group_ids}
    for part in slices(sorted(group_ids)):
        statement = select(DuplicateMember.__table__).where(DuplicateMember.group_id.in_(part))
        for row in await conn.execute(statement.order_by(DuplicateMember.track_id)):
            found[row.group_id].append(row)
    return found


async def refuse(tx: Transaction, pairs: Iterable[tuple[int, int]], user_id: int | None, now: datetime) -> None:
    rows = [{"track_a": a, "track_b": b, "said_by": user_id, "said_at": now} for a, b in pairs]
    if rows:
        await tx.execute(upsert_into(tx.dialect, NotDuplicates).on_conflict_do_nothing(), rows)


async def refusals(conn: AsyncConnection, limit: int) -> list[Any]:
    """What people said is not the same, newest first."""
    statement = select(NotDuplicates.__table__).order_by(NotDuplicates.said_at.desc(), NotDuplicates.track_a)
    return list((await conn.execute(statement.limit(limit))).all())


async def take_back_refusal(tx: Transaction, a: int, b: int) -> bool:
    gone = delete(NotDuplicates).where(NotDuplicates.track_a == a, NotDuplicates.track_b == b)
    return (await tx.execute(gone)).rowcount > 0


# --- merged tracks ---------------------------------------------------------------------------------------------------


async def tracks_to_merge(tx: Transaction, tracks: Collection[int]) -> dict[int, Any]:
    """Rows (id, library_id, album_id, file_id, folder_id, missing_since, merged_into_id) of tracks, by id."""
    statement = (
        select(
            Track.id, Track.library_id, Track.album_id, Track.file_id, Track.missing_since, Track.merged_into_id,
            File.folder_id, File.missing_since.label("file_missing_since"),
        )
        .join(File, File.id == Track.file_id)
        .where(Track.id.in_(tracks))
    )  # fmt: skip
    return {row.id: row for row in await tx.execute(statement)}


async def behind(conn: AsyncConnection, tracks: Collection[int]) -> dict[int, list[int]]:
    """The tracks that were merged into these, by the one that was kept."""
    found: dict[int, list[int]] = {number: [] for number in tracks}
    statement = select(Track.merged_into_id, Track.id).where(Track.merged_into_id.in_(tracks)).order_by(Track.id)
    for kept, merged in await conn.execute(statement):
        if kept is not None:
            found[kept].append(merged)
    return found


async def merge(tx: Transaction, merged: int, kept: int, now: datetime) -> None:
    """Let `merged` stand behind `kept`, hidden; what stood behind it follows."""
    await tx.execute(update(Track).where(Track.merged_into_id == merged).values(merged_into_id=kept))
    await tx.execute(
        update(Track).where(Track.id == merged).values(merged_into_id=kept, missing_since=now, updated_at=now)
    )
    await tx.execute(update(Redirect).where(Redirect.kind == "track", Redirect.new_id == merged).values(new_id=kept))
    redirect = upsert_into(tx.dialect, Redirect).values(kind="track", old_id=merged, new_id=kept, created_at=now)
    await tx.execute(
        redirect.on_conflict_do_update(index_elements=["kind", "old_id"], set_={"new_id": redirect.excluded.new_id})
    )


async def part(tx: Transaction, merged: int, present: bool, now: datetime) -> None:
    """Let `merged` stand by itself again, and be seen where its file is there."""
    values: dict[str, Any] = {"merged_into_id": None, "updated_at": now}
    if present:
        values["missing_since"] = None
    await tx.execute(update(Track).where(Track.id == merged).values(values))
    await tx.execute(delete(Redirect).where(Redirect.kind == "track", Redirect.old_id == merged))


async def shift_folders(tx: Transaction, folders: Iterable[int], change: int) -> None:
    """Count one track more or less in a folder for each time it is named."""
    for folder, count in sorted(Counter(folders).items()):
        shifted = Folder.track_count + change * count
        await tx.execute(update(Folder).where(Folder.id == folder).values(track_count=shifted))


async def stranded(conn: AsyncConnection, limit: int) -> list[tuple[int, int]]:
    """Kept tracks that are missing, each with a track behind it whose file is there."""
    kept, merged, file = Track.__table__.alias("kept"), Track.__table__.alias("merged"), File.__table__.alias("f")
    statement = (
        select(kept.c.id, func.min(merged.c.id))
        .select_from(merged)
        .join(kept, kept.c.id == merged.c.merged_into_id)
        .join(file, file.c.id == merged.c.file_id)
        .where(merged.c.merged_into_id.is_not(None), kept.c.missing_since.is_not(None), file.c.missing_since.is_(None))
        .group_by(kept.c.id)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in await conn.execute(statement)]


async def swap_files(tx: Transaction, kept: Any, merged: Any, now: datetime) -> None:
    """Give a kept track the file of one behind it, and the other way round."""
    await tx.execute(
        update(Track)
        .where(Track.id == kept.id)
        .values(file_id=merged.file_id, library_id=merged.library_id, missing_since=None, updated_at=now)
    )
    await tx.execute(
        update(Track)
        .where(Track.id == merged.id)
        .values(file_id=kept.file_id, library_id=kept.library_id, updated_at=now)
    )


# --- how far the search is -------------------------------------------------------------------------------------------


async def fact(conn: AsyncConnection, name: str) -> int | None:
    value = await conn.scalar(select(Fact.value).where(Fact.name == name))
    return int(value) if value is not None else None


async def set_or_forget(tx: Transaction, name: str, value: int | None) -> None:
    """Keep a number under `name`, or no longer."""
    if value is None:
        await tx.execute(delete(Fact).where(Fact.name == name))
    else:
        await set_fact(tx, name, str(value))


async def roots(conn: AsyncConnection) -> dict[int, bytes]:
    """The root of every library, by id."""
    return {row.id: row.root for row in await conn.execute(select(Library.id, Library.root))}


# --- audio -----------------------------------------------------------------------------------------------------------


async def unhashed(conn: AsyncConnection, after: int, limit: int) -> list[Any]:
    """Files that are there and have no exact hash, but share their audio key with another: rows (id, library_id, path,
    size, mtime_ns)."""
    other = File.__table__.alias("other")
    twin = (
        select(other.c.id)
        .where(other.c.audio_key == File.audio_key, other.c.id != File.id)
        .correlate(File.__table__)
        .exists()
    )
    columns = (File.id, File.library_id, File.path, File.size_bytes, File.mtime_ns)
    statement = select(*columns).where(
        File.id > after,
        File.exact_audio_hash.is_(None),
        File.audio_key.is_not(None),
        File.missing_since.is_(None),
        twin,
    )
    return list((await conn.execute(statement.order_by(File.id).limit(limit))).all())


async def keep_hash(tx: Transaction, file_id: int, size: int, mtime_ns: int, digest: bytes) -> bool:
    """Note the exact hash of a file that is still what was read; whether it is."""
    same = and_(File.id == file_id, File.size_bytes == size, File.mtime_ns == mtime_ns)
    return (await tx.execute(update(File).where(same).values(exact_audio_hash=digest))).rowcount > 0
