"""Which parameter, or which member of the body, a wrong value came from: a domain that refuses an id does not know."""

from __future__ import annotations

import json
from typing import Any

from fastapi import Request

DEEPEST = 6


async def culprit(request: Request, text: str) -> str | None:
    """The name of the parameter whose value is `text`, or the place of it in the body (`tracks.3`); None when nowhere."""
    for name, value in (*request.path_params.items(), *request.query_params.multi_items()):
        if text in (part.strip() for part in str(value).split(",")) or value == text:
            return name
    if not request.headers.get("content-type", "").startswith("application/json"):
        return None
    try:
        return _place(text, json.loads(await request.body()), 0)
    except ValueError:
        return None


def _place(text: str, value: Any, depth: int) -> str | None:
    members: Any = ()
    if isinstance(value, dict):
        members = value.items()
    elif isinstance(value, list):
        members = enumerate(value)
    for name, member in members:
        if member == text:
            return str(name)
        inside = _place(text, member, depth + 1) if depth < DEEPEST else None
        if inside is not None:
            return f"{name}.{inside}"
    return None
