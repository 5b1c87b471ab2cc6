"""The background work of tapes at home."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from segue.jobs import JobContext, job
from segue.live.tapes.service import LOOK, TapeService


class LookAt(BaseModel):
    """Where to look."""

    folder: str = Field(description="The folder's path in hexadecimal: a path is bytes.")
    by: int | None = Field(None, description="Who asked.")


@job(LOOK, queue="default", params=LookAt, max_attempts=3)
async def look_at_tapes(context: JobContext, params: LookAt) -> dict[str, Any]:
    """Look into a folder and keep what each of its tapes may be."""
    tapes = context.service(TapeService)
    counts = {"tapes": 0, "identified": 0, "unreadable": 0}
    context.progress(0, unit="tapes")
    async for found in tapes.look(bytes.fromhex(params.folder)):
        context.check()
        async with context.db.write() as tx:
            await context.guard(tx)
            number = await tapes.keep(tx, found, params.by)
        counts["tapes"] += 1
        counts["unreadable"] += number is None
        counts["identified"] += bool(found.identified and found.identified.proposals)
        context.advance()
    return counts
