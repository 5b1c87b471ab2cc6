"""Cursors: where a list goes on, as an opaque text that is bound to the list it came from."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from datetime import datetime
from typing import Any

from segue.query.errors import BadCursor


def write_values(mark: str, values: list[Any], order: str | None) -> str:
    """A cursor that holds the sort keys of the last row given, and the order where it was drawn."""
    body: dict[str, Any] = {"m": mark, "v": [_written(value) for value in values]}
    if order is not None:
        body["s"] = order
    return _sealed(json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass"))


def read_values(cursor: str, mark: str, length: int) -> list[Any]:
    """What `write_values` wrote. Raises BadCursor for a cursor of another sort, filter or list."""
    body = _payload(cursor)
    if body.get("m") != mark or len(body.get("v", ())) != length:
        raise BadCursor("This cursor belongs to another sort, filter or list.")
    return [_read(value) for value in body["v"]]


def order_of(cursor: str) -> str:
    """The random order that a list began with. Raises BadCursor where it began with none."""
    order = _payload(cursor).get("s")
    if not isinstance(order, str) or not order.startswith("random:"):
        raise BadCursor("This cursor belongs to another sort.")
    return order


def write_offset(offset: int, mark: str) -> str:
    """A cursor for what is ranked and not sorted: where to go on, bound to `mark`."""
    return _sealed(json.dumps({"m": digest(mark), "o": offset}).encode())


def read_offset(cursor: str, mark: str) -> int:
    """What `write_offset` wrote. Raises BadCursor for a cursor of something else."""
    body = _payload(cursor)
    offset = body.get("o")
    if body.get("m") != digest(mark) or not isinstance(offset, int) or offset < 0:
        raise BadCursor("This cursor belongs to another search.")
    return offset


def digest(mark: str) -> str:
    """A short name for what a cursor is bound to."""
    return hashlib.blake2b(mark.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def _sealed(text: bytes) -> str:
    return base64.urlsafe_b64encode(_seal(text) + text).decode().rstrip("=")


def _seal(text: bytes) -> bytes:
    """Tells a damaged or home-made cursor. No secret: its values only ever become parameters of a list one may see."""
    return hashlib.blake2b(text, digest_size=6, key=b"segue cursor 1").digest()


def _payload(cursor: str) -> dict[str, Any]:
    try:
        raw = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        if _seal(raw[6:]) == raw[:6]:
            body = json.loads(raw[6:])
            if isinstance(body, dict):
                return body
    except (ValueError, binascii.Error, UnicodeError):
        raise BadCursor("This is not a cursor that a list here gave out.") from None
    raise BadCursor("This is not a cursor that a list here gave out.")


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"t": value.isoformat()}
    return {"b": base64.b64encode(value).decode()} if isinstance(value, bytes) else value


def _read(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return datetime.fromisoformat(value["t"]) if "t" in value else base64.b64decode(value["b"])
