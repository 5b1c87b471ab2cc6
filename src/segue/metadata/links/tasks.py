"""The background work of links."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from segue.catalog.service import CatalogService
from segue.core.changes import ChangeFeed
from segue.jobs import JobContext, Schedule, job
from segue.metadata.links.linking import Linking
from segue.metadata.links.service import LINK, LinkService


class Look(BaseModel):
    """What to look at."""

    anew: bool = Field(False, description="Everything, not only what changed.")


@job(LINK, params=Look)
async def link_catalog(context: JobContext, params: Look) -> dict[str, Any]:
    """Link what is new or changed in the library to the catalogue, and look there for texts that mean nothing here."""
    linking = Linking(context.db, context.service(CatalogService), context.service(ChangeFeed))
    found = await linking.run(context, anew=params.anew)
    return {**found, "mentions": await context.service(LinkService).mentions.look(context)}


NIGHTLY = Schedule(LINK, LINK, "50 4 * * *")
