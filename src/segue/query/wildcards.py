"""Texts by a pattern in which `*` stands for any text and `?` for one character, folded as the field's text is.

SQLite's GLOB and PostgreSQL's LIKE both give up a pattern as soon as nothing can follow, so that many stars cost what the
text's length is; no regular expression is ever run.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import Boolean, ColumnElement, String, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

_WILD = re.compile(r"(\*+|\?)")


def looks_like(expression: ColumnElement[Any], pattern: str, fold: Callable[[str], str] | None) -> ColumnElement[bool]:
    """The condition that a (folded) text is like `pattern` from its beginning to its end."""
    parts = _parts(pattern, fold)
    glob = "".join(part if wild else re.sub(r"([\[*?])", r"[\1]", part) for part, wild in parts)
    like = "".join({"*": "%", "?": "_"}[part] if wild else re.sub(r"([\\%_])", r"\\\1", part) for part, wild in parts)
    return _alike(expression, literal(glob, String), literal(like, String))


def _parts(pattern: str, fold: Callable[[str], str] | None) -> list[tuple[str, bool]]:
    """The pattern in pieces, each with whether it stands for others. Letters are folded as they would be in a longer text."""
    pieces = [piece for piece in _WILD.split(pattern) if piece]
    found: list[tuple[str, bool]] = []
    for at, piece in enumerate(pieces):
        if piece[0] in "*?":
            found.append((piece[0], True))
            continue
        before, after = "x" * (at > 0), "x" * (at + 1 < len(pieces))
        folded = fold(f"{before}{piece}{after}") if fold else f"{before}{piece}{after}"
        found.append((folded[len(before) : len(folded) - len(after)], False))
    return found


class _alike(FunctionElement[bool]):
    """Whether the first text is like the second (on SQLite) or the third (on PostgreSQL)."""

    type = Boolean()
    inherit_cache = True


@compiles(_alike, "sqlite")
def _on_sqlite(element: _alike, compiler: Any, **options: Any) -> str:
    text, glob, _ = element.clauses
    return f"({compiler.process(text, **options)} GLOB {compiler.process(glob, **options)})"


@compiles(_alike, "postgresql")
def _on_postgresql(element: _alike, compiler: Any, **options: Any) -> str:
    text, _, like = element.clauses
    return f"({compiler.process(text, **options)} LIKE {compiler.process(like, **options)})"
