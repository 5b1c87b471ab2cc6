"""The verbs of editing: one thing, many alike, what is edited, undo; two artists made one, and one made two.

A person's edit of a few tracks is one transaction, seen by everybody when it returns. What would hold the database longer
becomes a job, which goes on where it was when it is interrupted. Who edits must be an administrator or have the role of an
editor, and changes only what is in libraries they see.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.db import Transaction
from segue.core.ids import format_id
from segue.library.edits import artists, music, named, performing, plans, repository
from segue.library.edits.applying import Thing
from segue.library.edits.errors import (
    BadMerge,
    BadSplit,
    BatchNotFound,
    CannotUndo,
    EditedMeanwhile,
    MayNotEdit,
    NotReadYet,
    TooManyTargets,
)
from segue.library.edits.fields import FIELDS, PREFIXES, WHO, checked
from segue.library.edits.performing import EDIT, SPLIT, UNDO, Performer
from segue.library.edits.plans import Plan
from segue.library.edits.targets import Targets, count_of, following_ids
from segue.library.edits.undoing import back
from segue.library.edits.views import BatchView, FieldState, LoggedChange, Made, Preview, State, Would
from segue.library.scan.again import write_again
from segue.library.service import NotInLibrary

EDITOR = "editor"
MOST_TARGETS = 100_000
SHOWN = 50
"""Things that a dry run tells one by one."""


class EditService(Performer):
    """The one door to edits."""

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

        Raises MayNotEdit, NotInLibrary, BadEdit, NothingToDo, NotReadYet, EditedMeanwhile, and where names collide
        NameTaken, IdTaken, AliasTaken.
        """
        _check_right(actor)
        async with self.db.write() as tx:
            number = await self.find(tx.conn, actor, kind, number)
            plan = await plans.planned(tx.conn, kind, set=set, clear=clear)
            if kind == "track" and not await music.tags_of_tracks(tx.conn, [number]):
                raise NotReadYet(number)
            if revision is not None:
                held = await repository.revision(tx.conn, kind, [number])
                if held != revision:
                    raise EditedMeanwhile(held)
            changes = await plans.changes(tx.conn, kind, [number], plan)
            if not await self.is_small(tx.conn, changes):
                return await self._later(tx, actor, "edit", Targets(kind, (number,)), plan, None, 1)
            return await self._now(tx, actor, "edit", changes)

    async def state(self, actor: Actor, kind: str, number: int) -> State:
        """What can be edited of a thing, what it says, what it would say without edits, and who edited it when."""
        async with self.db.read() as conn:
            number = await self.find(conn, actor, kind, number)
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
        async with self.db.write() as tx:
            plan = await plans.planned(tx.conn, kind, set=set, clear=clear, add=add, remove=remove)
            count = await count_of(tx.conn, self.library, actor, targets)
            if count > MOST_TARGETS:
                raise TooManyTargets(count, MOST_TARGETS)
            if count <= performing.AT_ONCE:
                ids = await following_ids(tx.conn, self.library, actor, targets, 0, count)
                _check_all_found(targets, ids)
                if revision is not None and (late := await repository.edited_after(tx.conn, kind, ids, revision)):
                    typed = [format_id(PREFIXES[kind], number) for number in sorted(late)[:SHOWN]]
                    raise EditedMeanwhile(await repository.newest_revision(tx.conn), ids=typed)
                changes = await plans.changes(tx.conn, kind, ids, plan)
                if await self.is_small(tx.conn, changes):
                    return await self._now(tx, actor, "bulk", changes, _told(targets, plan))
            return await self._later(tx, actor, "bulk", targets, plan, revision, count)

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
        async with self.db.read() as conn:
            plan = await plans.planned(conn, kind, set=set, clear=clear, add=add, remove=remove)
            count = await count_of(conn, self.library, actor, targets)
            if count > MOST_TARGETS:
                raise TooManyTargets(count, MOST_TARGETS)
            ids = await following_ids(conn, self.library, actor, targets, 0, SHOWN)
            shown = await plans.shown_values(conn, kind, ids)
            changes = await plans.changes(conn, kind, ids, plan)
            names = await repository.names_of(conn, kind, ids)
            first = []
            for number in ids:
                change = changes.get(Thing(kind, number), {})
                own = await plans.own_values(conn, kind, number) if any(to is None for to in change.values()) else {}
                fields = {
                    name: (shown.get(number, {}).get(name), own.get(name) if to is None else to["is"])
                    for name, to in change.items()
                }
                changed = {name: pair for name, pair in fields.items() if pair[0] != pair[1]}
                first.append(Would(kind, number, names.get(number, ""), changed))
            return Preview(count, first, count > performing.AT_ONCE, await repository.newest_revision(conn))

    # --- undo ---------------------------------------------------------------------------------------------------------

    async def undo(self, actor: Actor, number: int) -> Made:
        """Take an act of editing back: every field it changed is what it was before, unless it was edited again since.

        Raises MayNotEdit, BatchNotFound, CannotUndo.
        """
        _check_right(actor)
        async with self.db.write() as tx:
            row = await repository.batch(tx.conn, number)
            if row is None or not _sees(actor, row):
                raise BatchNotFound(number)
            if row.undone_by is not None:
                typed = format_id("ed", row.undone_by)
                raise CannotUndo("undone_already", f"This edit was undone already, by {typed}.", id=typed)
            if row.action == "merge":
                raise CannotUndo("merged", "A merge of artists is not undone: split the artist instead.")
            now = utc_now()
            logged = await repository.logged(tx.conn, number, limit=performing.AT_ONCE + 1)
            batch = await repository.add_batch(tx, "undo", {"undoes": format_id("ed", number)}, actor.user_id, now)
            await repository.set_batch(tx, number, undone_by=batch)
            changes = await back(tx.conn, logged)
            if len(logged) <= performing.AT_ONCE and await self.is_small(tx.conn, changes):
                return await self.perform(tx, actor, batch, changes)
            ticket = await self.jobs.enqueue(
                tx, UNDO, {"batch": batch, "undoes": number, "user": actor.user_id}, created_by=actor.user_id
            )
            await repository.set_batch(tx, batch, job_id=ticket.id)
            count = (await repository.batch_counts(tx.conn, [number])).get(number, 0)
            return Made(batch, count, ticket.id, await repository.newest_revision(tx.conn))

    async def batches(self, actor: Actor, before: int | None, limit: int) -> list[BatchView]:
        """Acts of editing, the newest first: everybody's for an administrator, else one's own."""
        async with self.db.read() as conn:
            rows = await repository.batches(
                conn, before=before, limit=limit, made_by=None if actor.is_admin else actor.person
            )
            counts = await repository.batch_counts(conn, [row.id for row in rows])
        return [BatchView.of(row, counts.get(row.id, 0)) for row in rows]

    async def batch(self, actor: Actor, number: int, after: int, limit: int) -> tuple[BatchView, list[LoggedChange]]:
        """One act of editing and what it changed. Raises BatchNotFound."""
        async with self.db.read() as conn:
            row = await repository.batch(conn, number)
            if row is None or not _sees(actor, row):
                raise BatchNotFound(number)
            counts = await repository.batch_counts(conn, [number])
            logged = [
                one for one in await repository.logged(conn, number, after=after, limit=limit) if one.field != WHO
            ]
            names = {
                kind: await repository.names_of(conn, kind, [one.entity_id for one in logged if one.kind == kind])
                for kind in {one.kind for one in logged}
            }
        changes = [LoggedChange.of(one, names[one.kind].get(one.entity_id)) for one in logged]
        return BatchView.of(row, counts.get(number, 0)), changes

    # --- artists ------------------------------------------------------------------------------------------------------

    async def merge_artists(self, actor: Actor, kept: int, merged: Sequence[int]) -> Made:
        """Several artists are one: what credits the others credits `kept`, their names become aliases, stars and ratings
        add up. No track is touched but in whom it credits. Raises MayNotEdit, NotInLibrary, BadMerge."""
        _check_right(actor)
        async with self.db.write() as tx:
            kept = await self.find(tx.conn, actor, "artist", kept)
            others = [await self.find(tx.conn, actor, "artist", number) for number in dict.fromkeys(merged)]
            if not others or kept in others:
                raise BadMerge("An artist is merged with others, not with themselves.")
            return await self.merge(tx, actor, kept, others)

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
        async with self.db.write() as tx:
            number = await self.find(tx.conn, actor, "artist", number)
            album_ids = [await self.find(tx.conn, actor, "album", album) for album in albums]
            inside = await music.tracks_of_albums(tx.conn, album_ids)
            track_ids = {await self.find(tx.conn, actor, "track", track) for track in tracks}
            track_ids |= {track for some in inside.values() for track in some}
            credited = await music.keys_crediting(tx.conn, number, track_ids, album_ids)
            if not credited:
                raise BadSplit("Nothing of what you named credits this artist.")
            if into is None:
                if "musicbrainz_id" in values:
                    await named.check_id(tx, 0, values["musicbrainz_id"])
                into = await artists.make_other(tx, number, values, utc_now())
            else:
                into = await self.find(tx.conn, actor, "artist", into)
            if len(credited) > MOST_TARGETS:
                raise TooManyTargets(len(credited), MOST_TARGETS)
            told = {"artist": format_id("ar", number), "into": format_id("ar", into)}
            if len(credited) <= performing.AT_ONCE:
                changes = await artists.meaning(tx, credited, into)
                return into, await self._now(tx, actor, "split", changes, told)
            batch = await repository.add_batch(tx, "split", told, actor.user_id, utc_now())
            asked = {"batch": batch, "artist": number, "into": into, "things": sorted(credited), "user": actor.user_id}
            ticket = await self.jobs.enqueue(tx, SPLIT, asked, created_by=actor.user_id)
            await repository.set_batch(tx, batch, job_id=ticket.id)
            revision = await repository.newest_revision(tx.conn)
            return into, Made(batch, len(credited), ticket.id, revision)

    async def on_track_merged(self, tx: Transaction, merged: int, kept: int) -> None:
        """The edits of a track that becomes another hold for that one, where it has none."""
        await repository.move(tx, "track", merged, kept)
        await write_again(tx, await music.files_of_tracks(tx.conn, [kept]))

    # --- now or later -------------------------------------------------------------------------------------------------

    async def _now(
        self,
        tx: Transaction,
        actor: Actor,
        action: str,
        changes: Mapping[Thing, Any],
        told: dict[str, Any] | None = None,
    ) -> Made:
        batch = await repository.add_batch(tx, action, told, actor.user_id, utc_now())
        return await self.perform(tx, actor, batch, changes)

    async def _later(
        self,
        tx: Transaction,
        actor: Actor,
        action: str,
        targets: Targets,
        plan: Plan,
        revision: int | None,
        count: int,
    ) -> Made:
        batch = await repository.add_batch(tx, action, _told(targets, plan), actor.user_id, utc_now())
        ticket = await self.jobs.enqueue(
            tx,
            EDIT,
            {
                "batch": batch, "targets": targets.as_json(), "set": dict(plan.set), "clear": list(plan.clear),
                "add": dict(plan.add), "remove": dict(plan.remove), "revision": revision, "user": actor.user_id,
                "libraries": None if actor.libraries is None else sorted(actor.libraries),
            },
            created_by=actor.user_id,
        )  # fmt: skip
        await repository.set_batch(tx, batch, job_id=ticket.id)
        return Made(batch, count, ticket.id, await repository.newest_revision(tx.conn))


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
