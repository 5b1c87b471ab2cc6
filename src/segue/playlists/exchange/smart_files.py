"""Smart lists of Navidrome (`.nsp`) as queries of ours, and back. What one side cannot say is told, never left out silently."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from segue.core.errors import SegueError
from segue.playlists.exchange.events import ListHead
from segue.query import Entity, nsp
from segue.query.language import parse


def query_of(entity: Entity, head: ListHead) -> tuple[str | None, list[list[Any]]]:
    """The query for a smart list's document, and what is to be told of it as [[code, params], …]."""
    try:
        found = nsp.read(entity, dict(head.query or {}))
    except SegueError as error:
        return None, [["smart_not_understood", {"message": error.message}]]
    told: list[list[Any]] = [["smart_in_part", {"what": note.sentence.rstrip(".")}] for note in found.notes]
    return found.query, told


def document_of(
    entity: Entity, query: str, *, name: str, comment: str, public: bool, zone: str
) -> tuple[dict[str, Any], list[str]]:
    """A query as a smart list of Navidrome, and what it does not say there, in sentences. Raises QuerySyntax."""
    asked = parse(entity, query, ZoneInfo(zone))
    made = nsp.export(
        entity,
        asked.where,
        asked.order,
        asked.limit,
        asked.offset,
        name=name,
        comment=comment or None,
        public=public,
        zone=ZoneInfo(zone),
    )
    return made.nsp, [note.sentence for note in made.notes]
