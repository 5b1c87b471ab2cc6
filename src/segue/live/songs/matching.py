"""Which songs made a concert be found: the performances that meet each condition of a question on setlists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.live.songs import adding_up, reading
from segue.live.songs.fields import performances, place_of
from segue.live.songs.rows import batches
from segue.live.songs.views import Match, PerformanceView
from segue.query import And, Compare, Entity, Has, In, Node, Not, Or, Range
from segue.query.ast import Chain
from segue.query.language import write

MATCHES = 5
"""Performances of one concert that are told for one condition."""
_COMPARED = {
    "=": lambda gap, value: gap == value,
    "<": lambda gap, value: gap < value,
    "<=": lambda gap, value: gap <= value,
    ">": lambda gap, value: gap > value,
    ">=": lambda gap, value: gap >= value,
}


async def matches(
    conn: AsyncConnection, entity: Entity, where: Node, concerts: Collection[int]
) -> dict[int, list[Match]]:
    """Why these concerts meet `where`, by concert: for every condition on their songs that is not turned round, the songs
    that meet it, each with the track to play. A concert that meets an alternative without songs may have none."""
    asked = [node for node in dict.fromkeys(positive(where)) if _is_of_songs(entity, node)]
    if not asked or not concerts:
        return {}
    rows = await reading.evenings(conn, concerts)
    views = adding_up.with_plays(adding_up.whole_evenings(rows), await reading.playables(conn, concerts))
    by_place = {(view.evening.id, view.position): view for view in views}
    found: dict[int, list[Match]] = defaultdict(list)
    for node in asked:
        text = write(entity, node)
        for concert, positions in (await _positions(conn, entity, node, concerts, views)).items():
            for one in positions[:MATCHES]:
                songs = [by_place[concert, position] for position in one if (concert, position) in by_place]
                found[concert].append(Match(text, songs, _links(node, songs)))
    return dict(found)


def positive(node: Node) -> Iterator[Node]:
    """The conditions that a row met, or may have met: those that no NOT turns round."""
    if isinstance(node, And | Or):
        for part in node.parts:
            yield from positive(part)
    elif not isinstance(node, Not):
        yield node


def _is_of_songs(entity: Entity, node: Any) -> bool:
    name = entity.field(node.field).name
    return name == "gap" or (place_of(name) is not None and not isinstance(node, Has))


async def _positions(
    conn: AsyncConnection, entity: Entity, node: Any, concerts: Collection[int], views: list[PerformanceView]
) -> dict[int, list[tuple[int, ...]]]:
    """The positions of the songs that meet a condition, by concert."""
    found: dict[int, list[tuple[int, ...]]] = defaultdict(list)
    field = entity.field(node.field)
    place = place_of(field.name)
    if place is None:
        for view in views:
            if view.gap is not None and _gap_fits(node, view.gap):
                found[view.evening.id].append((view.position,))
        return found
    for some in batches(concerts):
        statement, tables = performances(field, node, place)
        columns = [tables[0].c.concert_id, *(table.c.position for table in tables)]
        statement = statement.add_columns(*columns).where(tables[0].c.concert_id.in_(some))
        for concert, *positions in await conn.execute(statement.order_by(*columns)):
            found[concert].append(tuple(positions))
    return found


def _gap_fits(node: Any, gap: int) -> bool:
    match node:
        case Compare(_, op, value):
            return bool(_COMPARED[op](gap, int(value)))
        case Range(_, low, high):
            return (low is None or gap >= int(low)) and (high is None or gap <= int(high))
        case In(_, values):
            return gap in {int(value) for value in values}
    return isinstance(node, Has)


def _links(node: Any, songs: list[PerformanceView]) -> list[str]:
    """How each song follows the one before: by whose word it is a segue, else what was asked."""
    if not isinstance(node, Chain):
        return []
    said = []
    for before, after, link in zip(songs, songs[1:], node.links, strict=False):
        if after.position == before.position + 1 and (before.segue or before.segue_heard):
            said.append("setlist" if before.segue else "recording")
        else:
            said.append("next" if link != "later" or after.position == before.position + 1 else "later")
    return said
