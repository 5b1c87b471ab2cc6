"""The background work of previews."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from segue.jobs import JobContext, job
from segue.library.preview.service import PREVIEW, PreviewService


class OnePreview(BaseModel):
    """Which preview."""

    preview: int


@job(PREVIEW, queue="scan", max_attempts=3, params=OnePreview)
async def preview(context: JobContext, params: OnePreview) -> dict[str, Any] | None:
    """Find out what a scan, or other rules, would do."""
    return await context.service(PreviewService).run(context, params.preview)
