"""The background work of live music: lists of the archive read and kept up to date, recordings put into concerts."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from segue.core.clock import utc_now
from segue.core.db import Transaction
from segue.core.outside.faults import Fault
from segue.jobs import JobContext, Queue, Schedule, job
from segue.live import repository_lists, repository_writes
from segue.live.mirror.again import bring_up_to_date
from segue.live.mirror.collections import learn_collections
from segue.live.mirror.reading import ListSuddenlyShort, Reading, ended, read_list
from segue.live.mirror.regrouping import regroup_marked
from segue.live.mirrors import MIRROR, REGROUP, WHOLE_EVERY
from segue.live.service import LiveService

QUEUE = Queue("live", concurrency=1)


class MirrorParams(BaseModel):
    """Which lists to read, and how."""

    mirror: int | None = Field(None, description="Number of one mirror; none: all.")
    whole: bool = Field(False, description="From the beginning, not only what is new.")
    anyway: bool = Field(False, description="Also mark as gone what is missing where that is much.")


@job(MIRROR, queue="live", params=MirrorParams, max_attempts=8)
async def mirror(context: JobContext, params: MirrorParams) -> dict[str, Any]:
    """Read lists of the archive, and put what changed into concerts."""
    live = context.service(LiveService)
    async with context.db.read() as conn:
        every = await repository_lists.mirrors(conn, None if params.mirror is None else [params.mirror])
    wanted = [one for one in every if one.wanted]
    finished: list[int] = list(context.checkpoint.get("finished", []))
    result: dict[str, Any] = context.checkpoint.get("result", {"new": 0, "changed": 0, "gone": 0})
    trouble: Fault | None = None
    if wanted and not finished and "reading" not in context.checkpoint:
        await learn_collections(context.db, live.archive)
    for one in wanted:
        if one.id in finished:
            continue
        context.progress(0, unit="items", phase="list", message="live_mirror", collection=one.collection)
        state = context.checkpoint.get("reading")
        if state is not None and state["mirror"] == one.id:
            reading = Reading.of_json(state)
        else:
            old = one.listed_at is None or utc_now() - one.listed_at > WHOLE_EVERY
            blocked = one.state == "blocked"
            reading = Reading(one.id, params.whole or old or blocked, utc_now(), newest=one.newest)

        try:
            await _read(context, live, one.collection, reading, {"finished": finished, "result": result}, params.anyway)
        except ListSuddenlyShort as short:
            error = {"code": "list_suddenly_short", "missing": short.missing, "known": short.known}
            await _failed(context, one.id, "blocked", error)
            finished.append(one.id)
            continue
        except Fault as fault:
            trouble = fault
            await _failed(context, one.id, "failed", {"code": fault.code, "message": fault.message})
            continue
        finished.append(one.id)
        result = {
            "new": result["new"] + reading.done.new,
            "changed": result["changed"] + reading.done.changed,
            "gone": result["gone"] + reading.gone,
        }
        async with context.db.write() as tx:
            await ended(tx, reading, collection=one.collection)
            await context.save({"finished": finished, "result": result}, tx=tx)
    result |= await _group(context)
    if any(result.values()):
        for tell in live.on_mirrored:
            await tell()
    if trouble is not None and trouble.retry_at is not None:
        context.retry_later(trouble.retry_at, "archive_away", code=trouble.code)
    if trouble is not None:
        raise trouble
    return result


async def _read(
    context: JobContext, live: LiveService, collection: str, reading: Reading, kept: dict[str, Any], anyway: bool
) -> None:
    """Read one list, saving where it is with everything that is taken in."""

    async def step(tx: Transaction, said: dict[str, Any]) -> None:
        await context.save({**kept, "reading": said}, tx=tx)

    def told(done: int, total: int) -> None:
        context.progress(done, max(done, total))
        context.check()

    await read_list(context.db, live.archive, collection, reading, step, anyway=anyway, told=told)


@job(REGROUP, queue="live")
async def regroup(context: JobContext, _params: dict[str, Any]) -> dict[str, Any]:
    """Put recordings into concerts where something changed."""
    return await _group(context)


async def _group(context: JobContext) -> dict[str, Any]:
    def concluded(done: int) -> None:
        context.progress(done, unit="recordings", phase="conclude", message="live_conclude")
        context.check()

    await bring_up_to_date(context.db, concluded)
    context.progress(0, unit="artists", phase="group", message="live_group")

    def go_on(done: int, total: int) -> None:
        context.progress(done, total)
        context.check()

    done = await regroup_marked(context.db, go_on, weights=context.service(LiveService).weights())
    return {"concerts_new": done.new, "concerts_changed": done.changed, "concerts_ended": done.ended}


async def _failed(context: JobContext, mirror_id: int, state: str, error: dict[str, Any]) -> None:
    async with context.db.write() as tx:
        await context.guard(tx)
        await repository_writes.change_mirror(tx, mirror_id, state=state, error=error)
        tx.changed("live_mirror", mirror_id)


DAILY = Schedule(MIRROR, MIRROR, "20 5 * * *")
"""What came to the archive since yesterday; every list whole now and then (`mirrors.WHOLE_EVERY`)."""
