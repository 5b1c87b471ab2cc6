"""People and services for tests of playlists."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import update

from segue.core.access import Actor
from segue.core.db import Database
from segue.library.fields import ENTITIES
from segue.library.models import Track
from segue.listening.fields import FIELDS as LISTENING_FIELDS
from segue.playlists.fields import PLAYLIST, track_fields
from segue.playlists.service import PlaylistService
from segue.query import Entities
from tests.rows import LibraryMemory


@dataclass
class Here:
    """Those who live here."""

    known: dict[int, Actor] = field(default_factory=dict)

    async def actors(self, user_ids: Collection[int]) -> dict[int, Actor]:
        return {number: self.known[number] for number in user_ids if number in self.known}

    async def actor_called(self, name: str) -> Actor | None:
        return next((one for one in self.known.values() if one.name == name), None)


def playlists_of(db: Database, *people: Actor) -> PlaylistService:
    """The service, with these people, and everything that can be asked."""
    here = Here({one.person: one for one in people})
    entities = Entities((*ENTITIES, PLAYLIST)).extended(LISTENING_FIELDS)
    service = PlaylistService(db, LibraryMemory(), entities.extended({"tracks": track_fields(lambda: here)}))
    service.people = here
    return service


async def set_tracks(db: Database, ids: Collection[int], **values: Any) -> None:
    """Give tracks these values, and say so to whoever follows."""
    async with db.write() as tx:
        await tx.execute(update(Track).where(Track.id.in_(list(ids))).values(values))
        for number in ids:
            tx.changed("track", number)
