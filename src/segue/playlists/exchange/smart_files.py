"""Smart lists of Navidrome (`.nsp`) as queries of ours, and back. What one side cannot say is told, never left out silently."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from segue.core.errors import SegueError
from segue.core.text import fold
from segue.playlists.exchange.events import ListHead
from segue.query import Entity, nsp
from segue.query.language import parse


def query_of(entity: Entity, head: ListHead, *, lists: nsp.Lists | None = None) -> tuple[str | None, list[list[Any]]]:
    """The query for a smart list's document, and what is to be told of it as [[code, params], …]. `lists` knows the playlists
    that the document may name."""
    try:
        found = nsp.read(entity, dict(head.query or {}), lists=lists)
    except SegueError as error:
        return None, [["smart_not_understood", {"message": error.message}]]
    told: list[list[Any]] = [
        ["smart_in_part" if note.left_out else "smart_otherwise", {"what": note.sentence.rstrip(".")}]
        for note in found.notes
    ]
    return found.query, told


def lists_called(named: Iterable[tuple[str, int, bool]]) -> nsp.Lists:
    """Finds the one list that is meant by a name among (name, number, whether it is one's own); one's own come before those of
    others, and case and accents do not count."""
    by_name: dict[str, set[tuple[int, bool]]] = defaultdict(set)
    for name, number, own in named:
        by_name[fold(name).strip()].add((number, own))

    def meant(name: str) -> int | None:
        found = by_name.get(fold(name).strip(), set())
        mine = {number for number, own in found if own}
        numbers = mine or {number for number, _ in found}
        return next(iter(numbers)) if len(numbers) == 1 else None

    return meant


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
