"""The body of a batch: JSON with a list of ids, or an id a line."""

from __future__ import annotations

import json
from typing import Any

from fastapi import Request

from segue.catalog.errors import BadBatch
from segue.catalog.store import MOST_IN_A_BATCH

LINES = "application/x-ndjson"
MOST_BATCH_BYTES = 512 * 1024


async def asked_ids(request: Request) -> list[str]:
    """The ids of a batch. Raises BadBatch."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_BATCH_BYTES:
            raise BadBatch("too_large", f"A batch has at most {MOST_BATCH_BYTES:,} bytes.")
    lines = LINES in request.headers.get("content-type", "")
    try:
        ids = _ids_of_lines(body) if lines else _ids_of_json(body)
    except (ValueError, RecursionError):
        raise BadBatch("not_json", "This is not JSON.") from None
    if not ids:
        raise BadBatch("empty", "A batch has at least one id.")
    if len(ids) > MOST_IN_A_BATCH:
        raise BadBatch("too_many", f"A batch has at most {MOST_IN_A_BATCH:,} ids; this one has {len(ids):,}.")
    return ids


def _ids_of_json(body: bytes) -> list[str]:
    said = json.loads(body)
    ids = said.get("ids") if isinstance(said, dict) else None
    if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
        raise BadBatch("no_ids", "A batch is an object with `ids`, a list of texts.")
    if unknown := sorted(said.keys() - {"ids"}):
        raise BadBatch("unknown_member", f"A batch has no member {str(unknown[0])[:60]!r}.", field=str(unknown[0])[:60])
    return ids


def _ids_of_lines(body: bytes) -> list[str]:
    ids: list[str] = []
    for line in body.decode().split("\n"):
        said: Any = line.strip()
        if said.startswith(('"', "{")):
            said = json.loads(said)
            said = said.get("id") if isinstance(said, dict) else said
        if not isinstance(said, str):
            raise BadBatch("no_ids", "A line of a batch is an id, or an object with an `id`.")
        if said:
            ids.append(said)
    return ids
