"""The jobs of editing: each step is a short transaction that saves where it is, so that a killed job goes on there."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from typing import Any

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.ids import format_id
from segue.jobs import JobContext
from segue.library.edits import artists, music, plans, repository
from segue.library.edits.applying import Act, settle_artist
from segue.library.edits.performing import Performer
from segue.library.edits.plans import Plan
from segue.library.edits.targets import Targets, count_of, following_ids
from segue.library.edits.undoing import back
from segue.library.scan.again import following

FIRST = 16
"""Things of the first step; then their number follows the time they take."""
SETTLED_AT_ONCE = 24


async def edit(edits: Performer, job: JobContext, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Make one change to many things. What somebody edited since `revision` is left alone, and counted."""
    libraries = None if asked["libraries"] is None else frozenset(asked["libraries"])
    actor = Actor(asked["user"], "", libraries=libraries)
    targets = Targets.from_json(asked["targets"])
    plan = Plan(asked["set"], tuple(asked["clear"]), asked["add"], asked["remove"])
    async with edits.db.read() as conn:
        total = await count_of(conn, edits.library, actor, targets)
    after, done, changed, left = (int(job.checkpoint.get(name, 0)) for name in ("after", "done", "changed", "left"))
    limit = FIRST
    while True:
        job.check()
        job.progress(done, total, unit="things", phase="edit")
        async with edits.db.read() as conn:
            ids = await following_ids(conn, edits.library, actor, targets, after, limit)
        if not ids:
            return {"edit": format_id("ed", asked["batch"]), "changed": changed, "left_alone": left}
        began = time.thread_time()
        async with edits.db.write() as tx:
            late: Collection[int] = ()
            if asked["revision"] is not None:
                late = await repository.edited_after(tx.conn, targets.kind, ids, asked["revision"], but=asked["batch"])
            still = [number for number in ids if number not in late]
            changes = await plans.changes(tx.conn, targets.kind, still, plan)
            act = Act(asked["batch"], asked["user"], utc_now())
            changed += len(await edits.put_through(tx, act, changes))
            after, done, left = ids[-1], done + len(ids), left + len(late)
            await job.save({"after": after, "done": done, "changed": changed, "left": left}, tx=tx)
        limit = following(limit, time.thread_time() - began)


async def undo(edits: Performer, job: JobContext, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Take a large edit back."""
    after, done, changed = (int(job.checkpoint.get(name, 0)) for name in ("after", "done", "changed"))
    limit = FIRST
    async with edits.db.read() as conn:
        total = (await repository.batch_counts(conn, [asked["undoes"]])).get(asked["undoes"], 0)
    while True:
        job.check()
        job.progress(done, total, unit="changes", phase="undo")
        began = time.thread_time()
        async with edits.db.write() as tx:
            await job.guard(tx)
            logged = await repository.logged(tx.conn, asked["undoes"], after=after, limit=limit)
            if not logged:
                return {"edit": format_id("ed", asked["batch"]), "changed": changed}
            act = Act(asked["batch"], asked["user"], utc_now())
            changed += len(await edits.put_through(tx, act, await back(tx.conn, logged)))
            after, done = logged[-1].id, done + len(logged)
            await job.save({"after": after, "done": done, "changed": changed}, tx=tx)
        limit = following(limit, time.thread_time() - began)


async def split(edits: Performer, job: JobContext, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Credit another artist of the name on many tracks and albums; these are told as [kind, id]."""
    place, limit = int(job.checkpoint.get("place", 0)), FIRST
    things = asked["things"]
    while place < len(things):
        job.check()
        job.progress(place, len(things), unit="things", phase="split")
        began = time.thread_time()
        async with edits.db.write() as tx:
            some = things[place : place + limit]
            credited = await music.keys_crediting(
                tx.conn,
                asked["artist"],
                [number for kind, number in some if kind == "track"],
                [number for kind, number in some if kind == "album"],
            )
            changes = await artists.meaning(tx, credited, asked["into"])
            await edits.put_through(tx, Act(asked["batch"], asked["user"], utc_now()), changes)
            place += len(some)
            await job.save({"place": place}, tx=tx)
        limit = following(limit, time.thread_time() - began)
    return {"artist": format_id("ar", asked["into"]), "things": len(things)}


async def merge(edits: Performer, job: JobContext, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Move the credits of merged artists, and end them."""
    moved = 0
    for merged in asked["merged"]:
        while True:
            job.check()
            async with edits.db.write() as tx:
                await job.guard(tx)
                some = await artists.move_credits(tx, merged, asked["kept"])
                if not some:
                    if await music.is_there(tx.conn, "artist", merged):
                        await artists.end_merge(tx, merged, asked["kept"], edits.on_artist_merged)
                    break
            moved += some
            job.progress(moved, unit="credits", phase="merge")
    return {"artist": format_id("ar", asked["kept"]), "moved": moved}


async def settle(edits: Performer, job: JobContext, artist: int) -> dict[str, Any]:
    """Write what credits a renamed artist again."""
    after = int(job.checkpoint.get("after", 0))
    while True:
        job.check()
        async with edits.db.write() as tx:
            after = await settle_artist(tx, artist, utc_now(), after, SETTLED_AT_ONCE)
            await job.save({"after": after}, tx=tx)
        if not after:
            return {"artist": format_id("ar", artist)}
