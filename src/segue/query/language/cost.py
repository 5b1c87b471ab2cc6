"""How dear a question is, roughly: a measure to compare queries with and to refuse what would be too much, not a time."""

from __future__ import annotations

from segue.query.ast import And, Chain, Compare, Has, In, Node, Not, Or, Range, Text

MAX_COST = 2_000
"""Three hundred texts that are looked for inside others cost 1,800."""
_BASE = {Compare: 2, Range: 2, In: 2, Has: 2}
_MODES = {"is": 2, "words": 3, "contains": 6, "starts": 5, "ends": 10, "wildcard": 12}


def cost(where: Node) -> int:
    """2 for what an index answers, 6 and more for texts that are looked at inside; a NOT adds 1."""
    if isinstance(where, And | Or):
        return sum(cost(part) for part in where.parts)
    if isinstance(where, Not):
        return cost(where.part) + 1
    if isinstance(where, Chain):
        return sum(cost(part) for part in where.parts)
    return _MODES[where.mode] if isinstance(where, Text) else _BASE[type(where)]
