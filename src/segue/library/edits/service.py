"""The verbs of editing: one thing, many alike, what is edited, undo; two artists made one, and one made two.

A person's edit of a few tracks is one transaction, seen by everybody when it returns. What would hold the database longer
becomes a job, which goes on where it was when it is interrupted. Who edits must be an administrator or have the role of an
editor, and changes only what is in libraries they see.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.db import Database, Transaction
from segue.core.ids import format_id
from segue.jobs import JobContext, JobService
from segue.library import repository as library_rows
from segue.library.edits import artists, music, named, plans, repository
from segue.library.edits.applying import Act, Change, Thing, apply, settle_artist
from segue.library.edits.errors import (
    AliasTaken,
    BadMerge,
    BadSplit,
    BatchNotFound,
    CannotUndo,
    EditedMeanwhile,
    MayNotEdit,
    TooManyTargets,
)
from segue.library.edits.fields import FIELDS, PREFIXES, WHO, checked
from segue.library.edits.plans import Plan
from segue.library.edits.targets import Targets, count_of, following_ids
from segue.library.edits.views import BatchView, FieldState, LoggedChange, Made, Preview, State, Would
from segue.library.scan.again import following, write_again
from segue.library.service import LibraryService, NotInLibrary

Edited = Callable[[Transaction, Collection[int], Collection[int], int | None], Awaitable[None]]
EDITOR = "editor"
EDIT, SETTLE, MERGE, UNDO = "library.edit", "library.settle_artist", "library.merge_artists", "library.undo_edit"
AT_ONCE = 100
"""Tracks that are written again within the request; more become a job. They take about 2 ms each."""
MOST_TARGETS = 100_000
SHOWN = 50
"""Things that a dry run tells one by one."""


class EditService:
    """The one door to edits. `on_artist_merged` are called as (tx, merged, kept) when one artist ends in another, `on_edited`
    as (tx, tracks, albums, user) in the transaction of every edit of some of them."""

    def __init__(self, db: Database, library: LibraryService, jobs: JobService) -> None:
        self._db = db
        self._library = library
        self._jobs = jobs
        self.on_artist_merged: list[artists.Merged] = []
        self.on_edited: list[Edited] = []

    # --- one thing ----------------------------------------------------------------------------------------------------

    async def edit(
        self,
        actor: Actor,
        kind: str,
        number: int,
        *,
        set: Mapping[str, Any] | None = None,
        clear: Collection[str] = (),
        revision: int | None = None,
    ) -> Made:
        """Edit fields of one thing. `revision` is the one that was looked at.

        Raises MayNotEdit, NotInLibrary, BadEdit, NothingToDo, EditedMeanwhile, and where names collide NameTaken, IdTaken,
        AliasTaken.
        """
        _check_right(actor)
        async with self._db.write() as tx:
            number = await self._find(tx.conn, actor, kind, number)
            plan = await plans.planned(tx.conn, kind, set=set, clear=clear)
            if revision is not None:
                held = await repository.revision(tx.conn, kind, [number])
                if held != revision:
                    raise EditedMeanwhile(held)
            change = (await plans.changes(tx.conn, kind, [number], plan))[Thing(kind, number)]
            return await self._make(tx, actor, "edit", {Thing(kind, number): change})

    async def state(self, actor: Actor, kind: str, number: int) -> State:
        """What can be edited of a thing, what it says, what it would say without edits, and who edited it when."""
        async with self._db.read() as conn:
            number = await self._find(conn, actor, kind, number)
            own = await plans.own_values(conn, kind, number)
            held = await repository.rows_of(conn, kind, number)
            revision = await repository.revision(conn, kind, [number])
        fields = {}
        for name in FIELDS[kind]:
            row = held.get(name)
            value = own.get(name) if row is None else row.value["is"]
            by, at = (row.edited_by, row.edited_at) if row else (None, None)
            fields[name] = FieldState(value, own.get(name), row is not None, by, at)
        return State(kind, number, revision, fields)

    # --- many ---------------------------------------------------------------------------------------------------------

    async def edit_many(
        self,
        actor: Actor,
        targets: Targets,
        *,
        set: Mapping[str, Any] | None = None,
        clear: Collection[str] = (),
        add: Mapping[str, Any] | None = None,
        remove: Mapping[str, Any] | None = None,
        revision: int | None = None,
    ) -> Made:
        """Make one change to many tracks or albums. Raises as `edit`, and TooManyTargets."""
        _check_right(actor)
        kind = targets.kind
        async with self._db.write() as tx:
            plan = await plans.planned(tx.conn, kind, set=set, clear=clear, add=add, remove=remove)
            count = await count_of(tx.conn, self._library, actor, targets)
            if count > MOST_TARGETS:
                raise TooManyTargets(count, MOST_TARGETS)
            if count <= AT_ONCE:
                ids = await following_ids(tx.conn, self._library, actor, targets, 0, AT_ONCE)
                _check_all_found(targets, ids)
                if revision is not None and (late := await repository.edited_after(tx.conn, kind, ids, revision)):
                    typed = [format_id(PREFIXES[kind], number) for number in sorted(late)[:SHOWN]]
                    raise EditedMeanwhile(await repository.newest_revision(tx.conn), ids=typed)
                changes = await plans.changes(tx.conn, kind, ids, plan)
                if await self._tracks_shown(tx.conn, changes) <= AT_ONCE:
                    return await self._make(tx, actor, "bulk", changes)
            batch = await repository.add_batch(tx, "bulk", _told(targets, plan), actor.user_id, utc_now())
            ticket = await self._jobs.enqueue(
                tx,
                EDIT,
                {
                    "batch": batch, "targets": targets.as_json(), "set": dict(plan.set), "clear": list(plan.clear),
                    "add": dict(plan.add), "remove": dict(plan.remove), "revision": revision, "person": actor.person,
                    "user": actor.user_id, "libraries": None if actor.libraries is None else sorted(actor.libraries),
                },
                created_by=actor.user_id,
            )  # fmt: skip
            await repository.set_batch(tx, batch, job_id=ticket.id)
            return Made(batch, count, ticket.id, await repository.newest_revision(tx.conn))

    async def preview(
        self,
        actor: Actor,
        targets: Targets,
        *,
        set: Mapping[str, Any] | None = None,
        clear: Collection[str] = (),
        add: Mapping[str, Any] | None = None,
        remove: Mapping[str, Any] | None = None,
    ) -> Preview:
        """What `edit_many` would do: to how many things, and for the first of them, from what to what."""
        _check_right(actor)
        kind = targets.kind
        async with self._db.read() as conn:
            plan = await plans.planned(conn, kind, set=set, clear=clear, add=add, remove=remove)
            count = await count_of(conn, self._library, actor, targets)
            if count > MOST_TARGETS:
                raise TooManyTargets(count, MOST_TARGETS)
            ids = await following_ids(conn, self._library, actor, targets, 0, SHOWN)
            shown = await plans.shown_values(conn, kind, ids)
            changes = await plans.changes(conn, kind, ids, plan)
            first = []
            for number in ids:
                change = changes.get(Thing(kind, number), {})
                own = await plans.own_values(conn, kind, number) if any(to is None for to in change.values()) else {}
                fields = {
                    name: (shown.get(number, {}).get(name), own.get(name) if to is None else to["is"])
                    for name, to in change.items()
                }
                first.append(Would(kind, number, {name: pair for name, pair in fields.items() if pair[0] != pair[1]}))
            return Preview(count, first, count > AT_ONCE, await repository.newest_revision(conn))

    async def run_edit(self, job: JobContext, asked: Mapping[str, Any]) -> dict[str, Any]:
        """The work of a large `edit_many`. What somebody edited since `revision` is left alone, and counted."""
        actor = Actor(
            asked["user"], "", libraries=None if asked["libraries"] is None else frozenset(asked["libraries"])
        )
        targets = Targets.from_json(asked["targets"])
        plan = Plan(asked["set"], tuple(asked["clear"]), asked["add"], asked["remove"])
        async with self._db.read() as conn:
            total = await count_of(conn, self._library, actor, targets)
        after, done, changed, left = (int(job.checkpoint.get(name, 0)) for name in ("after", "done", "changed", "left"))
        limit = 16
        while True:
            job.check()
            job.progress(done, total, unit="things", phase="edit")
            async with self._db.read() as conn:
                ids = await following_ids(conn, self._library, actor, targets, after, limit)
            if not ids:
                return {"edit": format_id("ed", asked["batch"]), "changed": changed, "left_alone": left}
            began = utc_now()
            async with self._db.write() as tx:
                late: Collection[int] = ()
                if asked["revision"] is not None:
                    late = await repository.edited_after(tx.conn, targets.kind, ids, asked["revision"])
                    own = {row.entity_id for row in await repository.logged_for(tx.conn, asked["batch"], ids)}
                    late = [number for number in late if number not in own]
                changes = await plans.changes(
                    tx.conn, targets.kind, [number for number in ids if number not in late], plan
                )
                act = Act(asked["batch"], asked["user"], utc_now())
                changed += len(await self._apply(tx, act, changes))
                after, done, left = ids[-1], done + len(ids), left + len(late)
                await job.save({"after": after, "done": done, "changed": changed, "left": left}, tx=tx)
            limit = following(limit, (utc_now() - began).total_seconds())

    # --- undo ---------------------------------------------------------------------------------------------------------

    async def undo(self, actor: Actor, number: int) -> Made:
        """Take an act of editing back: every field it changed is what it was before, unless it was edited again since.

        Raises MayNotEdit, BatchNotFound, CannotUndo.
        """
        _check_right(actor)
        async with self._db.write() as tx:
            row = await repository.batch(tx.conn, number)
            if row is None or not _sees(actor, row):
                raise BatchNotFound(number)
            if row.undone_by is not None:
                typed = format_id("ed", row.undone_by)
                raise CannotUndo("undone_already", f"This edit was undone already, by {typed}.", id=typed)
            if row.action == "merge":
                raise CannotUndo("merged", "A merge of artists is not undone: split the artist instead.")
            now = utc_now()
            logged = await repository.logged(tx.conn, number, limit=AT_ONCE + 1)
            batch = await repository.add_batch(tx, "undo", {"undoes": format_id("ed", number)}, actor.user_id, now)
            await repository.set_batch(tx, number, undone_by=batch)
            back = await _back(tx.conn, logged)
            if len(logged) <= AT_ONCE and await self._tracks_shown(tx.conn, back) <= AT_ONCE:
                changed = await self._apply(tx, Act(batch, actor.user_id, now), back)
                return Made(batch, len(changed), None, await repository.newest_revision(tx.conn))
            ticket = await self._jobs.enqueue(
                tx, UNDO, {"batch": batch, "undoes": number, "user": actor.user_id}, created_by=actor.user_id
            )
            await repository.set_batch(tx, batch, job_id=ticket.id)
            count = (await repository.batch_counts(tx.conn, [number])).get(number, 0)
            return Made(batch, count, ticket.id, await repository.newest_revision(tx.conn))

    async def run_undo(self, job: JobContext, asked: Mapping[str, Any]) -> dict[str, Any]:
        """The work of a large `undo`."""
        after, changed = int(job.checkpoint.get("after", 0)), int(job.checkpoint.get("changed", 0))
        limit, done = 16, 0
        async with self._db.read() as conn:
            total = (await repository.batch_counts(conn, [asked["undoes"]])).get(asked["undoes"], 0)
        while True:
            job.check()
            job.progress(done, total, unit="changes", phase="undo")
            began = utc_now()
            async with self._db.write() as tx:
                logged = await repository.logged(tx.conn, asked["undoes"], after=after, limit=limit)
                if not logged:
                    return {"edit": format_id("ed", asked["batch"]), "changed": changed}
                act = Act(asked["batch"], asked["user"], utc_now())
                changed += len(await self._apply(tx, act, await _back(tx.conn, logged)))
                after, done = logged[-1].id, done + len(logged)
                await job.save({"after": after, "changed": changed}, tx=tx)
            limit = following(limit, (utc_now() - began).total_seconds())

    async def batches(self, actor: Actor, before: int | None, limit: int) -> list[BatchView]:
        """Acts of editing, the newest first: everybody's for an administrator, else one's own."""
        async with self._db.read() as conn:
            rows = await repository.batches(
                conn, before=before, limit=limit, made_by=None if actor.is_admin else actor.person
            )
            counts = await repository.batch_counts(conn, [row.id for row in rows])
        return [BatchView.of(row, counts.get(row.id, 0)) for row in rows]

    async def batch(self, actor: Actor, number: int, after: int, limit: int) -> tuple[BatchView, list[LoggedChange]]:
        """One act of editing and what it changed. Raises BatchNotFound."""
        async with self._db.read() as conn:
            row = await repository.batch(conn, number)
            if row is None or not _sees(actor, row):
                raise BatchNotFound(number)
            counts = await repository.batch_counts(conn, [number])
            logged = await repository.logged(conn, number, after=after, limit=limit)
        return BatchView.of(row, counts.get(number, 0)), [LoggedChange.of(one) for one in logged if one.field != WHO]

    # --- artists ------------------------------------------------------------------------------------------------------

    async def merge_artists(self, actor: Actor, kept: int, merged: Sequence[int]) -> Made:
        """Several artists are one: what credits the others credits `kept`, their names become aliases, stars and ratings
        add up. No track is touched but in whom it credits. Raises MayNotEdit, NotInLibrary, BadMerge."""
        _check_right(actor)
        async with self._db.write() as tx:
            kept = await self._find(tx.conn, actor, "artist", kept)
            others = [await self._find(tx.conn, actor, "artist", number) for number in dict.fromkeys(merged)]
            if not others or kept in others:
                raise BadMerge("An artist is merged with others, not with themselves.")
            return await self._merge(tx, actor, kept, others)

    async def run_merge(self, job: JobContext, asked: Mapping[str, Any]) -> dict[str, Any]:
        """The work of a merge of artists with many credits."""
        moved = 0
        for merged in asked["merged"]:
            while True:
                job.check()
                async with self._db.write() as tx:
                    await job.guard(tx)
                    some = await artists.move_credits(tx, merged, asked["kept"])
                    if not some:
                        if await music.existing_artists(tx.conn, [merged]):
                            await artists.end_merge(tx, merged, asked["kept"], self.on_artist_merged)
                        break
                moved += some
                job.progress(moved, unit="credits", phase="merge")
        return {"artist": format_id("ar", asked["kept"]), "moved": moved}

    async def split_artist(
        self,
        actor: Actor,
        number: int,
        *,
        albums: Collection[int] = (),
        tracks: Collection[int] = (),
        name: str | None = None,
        disambiguation: str | None = None,
        musicbrainz_id: str | None = None,
        into: int | None = None,
    ) -> tuple[int, Made]:
        """Say that what is credited to an artist on these albums and tracks belongs to another one of the name, who is made
        unless `into` is given. Returns that artist. It holds at later scans, and can be undone.

        Raises MayNotEdit, NotInLibrary, BadSplit, IdTaken, BadEdit.
        """
        _check_right(actor)
        given = {"name": name, "disambiguation": disambiguation, "musicbrainz_id": musicbrainz_id}
        values = checked("artist", {field: value for field, value in given.items() if value is not None})
        async with self._db.write() as tx:
            number = await self._find(tx.conn, actor, "artist", number)
            album_ids = [await self._find(tx.conn, actor, "album", album) for album in albums]
            inside = await music.tracks_of_albums(tx.conn, album_ids)
            track_ids = {await self._find(tx.conn, actor, "track", track) for track in tracks}
            track_ids |= {track for some in inside.values() for track in some}
            credited = await music.keys_crediting(tx.conn, number, track_ids, album_ids)
            if not credited:
                raise BadSplit("Nothing of what you named credits this artist.")
            if into is None:
                if "musicbrainz_id" in values:
                    await named.check_id(tx, 0, values["musicbrainz_id"])
                into = await artists.make_other(tx, number, values, utc_now())
            else:
                into = await self._find(tx.conn, actor, "artist", into)
            held: dict[str, dict[int, Any]] = {}
            for kind in ("track", "album"):
                ids = [thing for of, thing in credited if of == kind]
                found = await repository.values_of(tx.conn, kind, ids, (WHO,))
                held[kind] = {thing: value[WHO] for thing, value in found.items()}
            typed = format_id("ar", into)
            changes: dict[Thing, Change] = {
                Thing(kind, thing): {WHO: {"is": {**held[kind].get(thing, {}), **dict.fromkeys(sorted(keys), typed)}}}
                for (kind, thing), keys in credited.items()
            }
            if len(changes) > MOST_TARGETS:
                raise TooManyTargets(len(changes), MOST_TARGETS)
            return into, await self._make(tx, actor, "split", changes)

    async def run_settle(self, job: JobContext, artist: int) -> dict[str, Any]:
        """Write what credits a renamed artist again."""
        after = int(job.checkpoint.get("after", 0))
        while True:
            job.check()
            async with self._db.write() as tx:
                after = await settle_artist(tx, artist, utc_now(), after, 24)
                await job.save({"after": after}, tx=tx)
            if not after:
                return {"artist": format_id("ar", artist)}

    async def on_track_merged(self, tx: Transaction, merged: int, kept: int) -> None:
        """The edits of a track that becomes another hold for that one, where it has none."""
        await repository.move(tx, "track", merged, kept)
        await write_again(tx, await music.files_of_tracks(tx.conn, [kept]))

    # --- inside -------------------------------------------------------------------------------------------------------

    async def _apply(self, tx: Transaction, act: Act, changes: Mapping[Thing, Change]) -> list[Thing]:
        """Put changes into effect, and tell those who follow."""
        changed = await apply(tx, act, changes)
        tracks = [thing.id for thing in changed if thing.kind == "track"]
        albums = [thing.id for thing in changed if thing.kind == "album"]
        if tracks or albums:
            for hook in self.on_edited:
                await hook(tx, tracks, albums, act.user_id)
        return changed

    async def _make(self, tx: Transaction, actor: Actor, action: str, changes: Mapping[Thing, Change]) -> Made:
        """Apply `changes` as one batch, and what follows from new names of artists."""
        now = utc_now()
        batch = await repository.add_batch(tx, action, None, actor.user_id, now)
        names = {
            thing.id: (await named.values(tx.conn, "artist", thing.id)).get("name")
            for thing, change in changes.items()
            if thing.kind == "artist" and "name" in change
        }
        changed = await self._apply(tx, Act(batch, actor.user_id, now), changes)
        job: int | None = None
        for thing in changed:
            if thing.kind == "artist":
                job = await self._follow(tx, actor, thing.id, names.get(thing.id), changes[thing]) or job
        if job is not None:
            await repository.set_batch(tx, batch, job_id=job)
        return Made(batch, len(changed), job, await repository.newest_revision(tx.conn))

    async def _follow(
        self, tx: Transaction, actor: Actor, artist: int, former: str | None, change: Change
    ) -> int | None:
        """Bring credits in step with an artist's new name and aliases; the job that does it where there are many."""
        job: int | None = None
        values = await named.values(tx.conn, "artist", artist)
        if former is not None and former != values["name"]:
            if len(await music.tracks_crediting(tx.conn, artist, limit=AT_ONCE + 1)) > AT_ONCE:
                ticket = await self._jobs.enqueue(
                    tx, SETTLE, {"artist": artist}, dedup_key=f"{SETTLE}:{artist}", created_by=actor.user_id
                )
                job = ticket.id
            else:
                await settle_artist(tx, artist, utc_now())
        if change.get("aliases"):
            same = await named.artists_called(tx.conn, values["aliases"], artist)
            for other in same:
                if other.musicbrainz_id and values["musicbrainz_id"]:
                    raise AliasTaken(other.name, other.id)
            if same:
                job = (await self._merge(tx, actor, artist, [other.id for other in same])).job or job
        return job

    async def _merge(self, tx: Transaction, actor: Actor, kept: int, merged: Sequence[int]) -> Made:
        now = utc_now()
        told = {"kept": format_id("ar", kept), "merged": [format_id("ar", number) for number in merged]}
        batch = await repository.add_batch(tx, "merge", told, actor.user_id, now)
        log = []
        for number in merged:
            await artists.begin_merge(tx, number, kept, now)
            log.append(
                {
                    "batch_id": batch, "kind": "artist", "entity_id": number, "field": "merged_into", "before": None,
                    "after": {"is": told["kept"]},
                }
            )  # fmt: skip
        await repository.log(tx, log)
        credits = 0
        for number in merged:
            credits += len(await music.tracks_crediting(tx.conn, number, limit=AT_ONCE + 1))
        job: int | None = None
        if credits > AT_ONCE:
            ticket = await self._jobs.enqueue(
                tx, MERGE, {"kept": kept, "merged": list(merged)}, created_by=actor.user_id
            )
            job = ticket.id
            await repository.set_batch(tx, batch, job_id=job)
        else:
            for number in merged:
                while await artists.move_credits(tx, number, kept):
                    pass
                await artists.end_merge(tx, number, kept, self.on_artist_merged)
        return Made(batch, len(merged), job, await repository.newest_revision(tx.conn))

    async def _find(self, conn: AsyncConnection, actor: Actor, kind: str, number: int) -> int:
        """The thing, or the one it was merged into. Raises NotInLibrary where there is none in a library `actor` sees."""
        for _ in range(2):
            if await music.is_there(conn, kind, number):
                inside = (await music.libraries_of(conn, kind, [number])).get(number, set())
                if actor.libraries is None or inside & actor.libraries:
                    return number
            merged = await library_rows.redirected(conn, kind, number)
            if merged is None:
                break
            number = merged
        raise NotInLibrary(f"{kind}s", number)

    @staticmethod
    async def _tracks_shown(conn: AsyncConnection, changes: Mapping[Thing, Change]) -> int:
        """How many tracks would be written again."""
        tracks = {thing.id for thing in changes if thing.kind == "track"}
        albums = [thing.id for thing in changes if thing.kind == "album"]
        inside = await music.tracks_of_albums(conn, albums)
        return len(tracks | {track for some in inside.values() for track in some})


def _check_right(actor: Actor) -> None:
    if not actor.is_admin and EDITOR not in actor.roles:
        raise MayNotEdit


def _sees(actor: Actor, row: Any) -> bool:
    return actor.is_admin or row.made_by == actor.person


def _check_all_found(targets: Targets, found: Collection[int]) -> None:
    missing = sorted({*(targets.ids or ())} - {*found})
    if missing:
        raise NotInLibrary(f"{targets.kind}s", missing[0])


def _told(targets: Targets, plan: Plan) -> dict[str, Any]:
    """What was asked for, as it is shown with the batch."""
    return {
        "kind": targets.kind, "filters": targets.filters, "set": dict(plan.set), "clear": list(plan.clear),
        "add": dict(plan.add), "remove": dict(plan.remove),
    }  # fmt: skip


async def _back(conn: AsyncConnection, logged: Sequence[Any]) -> dict[Thing, Change]:
    """What takes logged changes back, those left out that were changed again since."""
    by_kind: dict[str, set[int]] = {}
    for row in logged:
        by_kind.setdefault(row.kind, set()).add(row.entity_id)
    held = {kind: await repository.values_of(conn, kind, ids) for kind, ids in by_kind.items()}
    found: dict[Thing, Change] = {}
    for row in logged:
        values = held[row.kind].get(row.entity_id, {})
        present = {"is": values[row.field]} if row.field in values else None
        if present == row.after:
            found.setdefault(Thing(row.kind, row.entity_id), {})[row.field] = row.before
    return found
