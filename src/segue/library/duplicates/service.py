"""The verbs of duplicates: show them with the better copy and why, merge and part them, say that they are none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.db import Database, Transaction
from segue.core.errors import Conflict, Forbidden, Invalid, NotFound
from segue.core.ids import format_id
from segue.jobs import JobService
from segue.library.duplicates import repository
from segue.library.duplicates.better import Better, Copy, better_of
from segue.library.scan.again import refresh_albums
from segue.library.service import LibraryService
from segue.library.views import Listing, TrackView

FIND = "library.find_duplicates"
KINDS = ("copy", "appearance", "perhaps")
Merged = Callable[[Transaction, int, int], Awaitable[None]]
"""Called inside the merging transaction with the track that is merged and the one that is kept."""


class GroupNotFound(NotFound):
    def __init__(self, group_id: int) -> None:
        typed = format_id("dg", group_id)
        super().__init__("not_found", f"There is no group of duplicates {typed}.", id=typed)


class TrackNotThere(NotFound):
    def __init__(self, track_id: int) -> None:
        typed = format_id("tr", track_id)
        super().__init__("not_found", f"There is no track {typed}.", id=typed)


class NothingToMerge(Invalid):
    def __init__(self, message: str) -> None:
        super().__init__("nothing_to_merge", message)


class NotMerged(Conflict):
    def __init__(self, track_id: int) -> None:
        typed = format_id("tr", track_id)
        super().__init__("not_merged", f"{typed} was not merged into another track.", id=typed)


class MayNotMerge(Forbidden):
    def __init__(self) -> None:
        super().__init__("admin_only", "Merging tracks changes them for everybody, so only an administrator may.")


@dataclass(frozen=True, slots=True)
class MemberView:
    """A track of a group: `method`, `score` and `reasons` ([[code, params, weight], …]) say why it is one of it."""

    track: TrackView
    other_id: int
    method: str
    score: float
    reasons: list[Any]


@dataclass(frozen=True, slots=True)
class GroupView:
    """Tracks that are, or may be, one recording, and the better one of them."""

    id: int
    kind: str
    found_at: datetime
    members: list[MemberView]
    better: Better


class DuplicateService:
    """What is there more than once, for somebody."""

    def __init__(self, db: Database, library: LibraryService, jobs: JobService) -> None:
        self._db = db
        self._library = library
        self._jobs = jobs
        self.on_track_merged: list[Merged] = []

    # --- looking -----------------------------------------------------------------------------------------------------

    async def page(
        self,
        actor: Actor,
        *,
        kinds: Collection[str] = (),
        album_id: int | None = None,
        after: int | None = None,
        limit: int = 50,
    ) -> Listing[GroupView]:
        """Groups that `actor` may see, newest first, each with at least two tracks they may see."""
        async with self._db.read() as conn:
            rows = await repository.groups(
                conn, actor.libraries, kinds=kinds, album_id=album_id, after=after, limit=limit + 1
            )
            members = await repository.members(conn, [row.id for row in rows[:limit]])
        views = await self._views(rows[:limit], members, actor)
        return Listing(views, str(rows[limit - 1].id) if len(rows) > limit else None, None)

    async def counts(self, actor: Actor) -> dict[str, int]:
        """How many groups of each kind `actor` may see."""
        async with self._db.read() as conn:
            found = await repository.group_counts(conn, actor.libraries)
        return {kind: found.get(kind, 0) for kind in KINDS}

    async def group(self, group_id: int, actor: Actor) -> GroupView:
        """One group. Raises GroupNotFound."""
        async with self._db.read() as conn:
            row = await repository.group(conn, group_id, actor.libraries)
            members = await repository.members(conn, [group_id])
        views = await self._views([row] if row is not None else [], members, actor)
        if not views:
            raise GroupNotFound(group_id)
        return views[0]

    async def _views(self, rows: Sequence[Any], members: dict[int, list[Any]], actor: Actor) -> list[GroupView]:
        ids = sorted({member.track_id for row in rows for member in members[row.id]})
        tracks = {track.id: track for track in await self._library.tracks_of(ids, actor)}
        views = []
        for row in rows:
            mine = [
                MemberView(tracks[one.track_id], one.other_id, one.method, one.score, one.reasons)
                for one in members[row.id]
                if one.track_id in tracks and tracks[one.track_id].missing_since is None
            ]
            if len(mine) > 1:
                better = better_of([_copy(member.track) for member in mine])
                mine.sort(key=lambda member: (member.track.id != better.track_id, member.track.id))
                views.append(GroupView(row.id, row.kind, row.found_at, mine, better))
        return views

    # --- what a person decides ---------------------------------------------------------------------------------------

    async def merge(self, actor: Actor, keep: int, others: Collection[int]) -> None:
        """Make one track of several: `others` stand behind `keep`, hidden, with their files where they are.

        Plays add up, a star stays a star, the better rating holds, and every place in playlists, queues and bookmarks goes to
        `keep`. Raises MayNotMerge, TrackNotThere, NothingToMerge.
        """
        _only_admins(actor)
        wanted = sorted(set(others) - {keep})
        if not wanted:
            raise NothingToMerge("Name at least one other track to merge into the one that is kept.")
        now = utc_now()
        async with self._db.write() as tx:
            rows = await repository.tracks_to_merge(tx, [keep, *wanted])
            for number in (keep, *wanted):
                if number not in rows or not actor.may_see_library(rows[number].library_id):
                    raise TrackNotThere(number)
                if rows[number].merged_into_id is not None:
                    raise NothingToMerge(f"{format_id('tr', number)} was merged into another track already.")
            await self._ask_again(tx, [keep, *wanted])
            for number in wanted:
                await repository.merge(tx, number, keep, now)
                for follow in self.on_track_merged:
                    await follow(tx, number, keep)
                tx.changed("track", number, "delete", library_id=rows[number].library_id)
            hidden = [rows[number] for number in wanted if rows[number].missing_since is None]
            await repository.shift_folders(tx, [row.folder_id for row in hidden], -1)
            await refresh_albums(tx, {row.album_id for row in hidden}, now=now)
            tx.changed("track", keep, library_id=rows[keep].library_id)

    async def part(self, actor: Actor, track_id: int) -> int:
        """Let a merged track stand by itself again; returns the one it stood behind. What people did stays with that one.

        Raises MayNotMerge, TrackNotThere, NotMerged.
        """
        _only_admins(actor)
        now = utc_now()
        async with self._db.write() as tx:
            row = (await repository.tracks_to_merge(tx, [track_id])).get(track_id)
            if row is None or not actor.may_see_library(row.library_id):
                raise TrackNotThere(track_id)
            if row.merged_into_id is None:
                raise NotMerged(track_id)
            present = row.file_missing_since is None
            await repository.part(tx, track_id, present, now)
            if present:
                await repository.shift_folders(tx, [row.folder_id], 1)
                await refresh_albums(tx, {row.album_id}, now=now)
            tx.changed("track", track_id, library_id=row.library_id)
            tx.changed("track", row.merged_into_id, library_id=row.library_id)
        return int(row.merged_into_id)

    async def behind(self, track_id: int, actor: Actor) -> list[TrackView]:
        """The tracks that were merged into this one. Raises NotInLibrary."""
        await self._library.track(track_id, actor)
        async with self._db.read() as conn:
            ids = (await repository.behind(conn, [track_id]))[track_id]
        return await self._library.tracks_of(ids, actor)

    async def dismiss(self, actor: Actor, group_id: int, tracks: Collection[int] = ()) -> None:
        """Say that these tracks of a group (none: all of it) are not the same; nobody is asked about them again.

        Raises MayNotMerge, GroupNotFound.
        """
        _only_admins(actor)
        group = await self.group(group_id, actor)
        members = [member.track.id for member in group.members]
        apart = [number for number in members if number in set(tracks)] if tracks else members
        pairs = {(min(a, b), max(a, b)) for a in apart for b in members if a != b}
        async with self._db.write() as tx:
            await repository.refuse(tx, sorted(pairs), actor.user_id, utc_now())
            await self._ask_again(tx, members)

    async def refusals(self, actor: Actor, limit: int = 200) -> list[Any]:
        """What people said is not the same, newest first: rows (track_a, track_b, said_by, said_at)."""
        _only_admins(actor)
        async with self._db.read() as conn:
            return await repository.refusals(conn, limit)

    async def take_back(self, actor: Actor, a: int, b: int) -> None:
        """Forget that these two were said not to be the same. Raises MayNotMerge, NotFound."""
        _only_admins(actor)
        async with self._db.write() as tx:
            if not await repository.take_back_refusal(tx, min(a, b), max(a, b)):
                raise NotFound("not_found", "Nobody said that these two are not the same.")
            await self._ask_again(tx, [a, b])

    async def look_now(self, actor: Actor, *, anew: bool = False) -> int:
        """Look for duplicates among what changed, or (`anew`) among everything; the job that does it."""
        async with self._db.write() as tx:
            key = f"{FIND}.anew" if anew else FIND
            return (await self._jobs.enqueue(tx, FIND, {"anew": anew}, dedup_key=key, created_by=actor.user_id)).id

    async def after_scan(self) -> None:
        """Look among what a scan changed; there is nothing to do where it changed nothing."""
        async with self._db.write() as tx:
            await self._jobs.enqueue(tx, FIND, dedup_key=FIND, priority=-10)

    async def _ask_again(self, tx: Transaction, tracks: Collection[int]) -> None:
        """Forget the groups of these tracks, and look at everything that was in them anew."""
        beside = await repository.members_beside(tx.conn, tracks)
        await repository.dissolve(tx, beside)
        for row in (await repository.tracks_to_merge(tx, beside)).values():
            tx.changed("track", row.id, library_id=row.library_id)
        await self._jobs.enqueue(tx, FIND, dedup_key=FIND)


def _only_admins(actor: Actor) -> None:
    if not actor.is_admin:
        raise MayNotMerge


def _copy(track: TrackView) -> Copy:
    file = track.file
    bpm, key = None if track.bpm_measured else track.bpm, None if track.key_measured else track.key
    said = (track.year, track.position, bpm, key, track.subtitle)
    return Copy(
        track_id=track.id,
        codec=file.codec or "",
        lossless=bool(file.lossless),
        bitrate_kbps=file.bitrate_kbps or 0,
        sample_rate_hz=file.sample_rate_hz or 0,
        bit_depth=file.bit_depth or 0,
        channels=file.channels or 0,
        damaged=file.problem_code is not None,
        tags=sum(value is not None for value in said) + len(track.genres) + len(track.credits) + len(track.artists),
        has_artwork=track.artwork is not None,
        plays=int(track.personal.get("play_count") or 0),
    )
