"""The background work of the catalogue: building another one. (Fetching dumps is `updating`.)"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel

from segue.catalog.building import BUILD, CatalogBuilding
from segue.jobs import JobContext, Queue, job

QUEUE = Queue("catalog", concurrency=1)
"""One build at a time: it keeps a disk and a processor busy for as long as it takes."""


class Build(BaseModel):
    """What to build from, see `schemas.CatalogBuildAsk`."""

    source: str
    main: Path | None = None
    files: Path | None = None
    features: Path | None = None
    folder: Path | None = None
    derived: bool = False
    trigram: bool = False
    rest: bool = False
    keep: int | None = None


@job(BUILD, queue=QUEUE.name, params=Build)
async def build_catalog(context: JobContext, params: Build) -> dict[str, Any]:
    """Build a snapshot and put it where the settings say; started again, it goes on where it was."""
    return await context.service(CatalogBuilding).run(context, params)
