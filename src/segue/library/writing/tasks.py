"""Background work of writing tags."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from segue.jobs import JobContext, Queue, job
from segue.library.writing.service import WRITE, WritingService


class OneBatch(BaseModel):
    """Which act of writing."""

    batch: int


QUEUE = Queue("writing", concurrency=1)
"""Whatever changes files: one at a time, so that no file is ever written by two."""


@job(WRITE, queue=QUEUE.name, max_attempts=5, params=OneBatch)
async def write_tags(context: JobContext, params: OneBatch) -> dict[str, Any] | None:
    """Write the tags of one act into its files."""
    return await context.service(WritingService).run(context, params.batch)
