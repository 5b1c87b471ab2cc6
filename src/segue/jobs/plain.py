"""Make anything storable: JSON that both databases take, whatever a file name or an exception put into it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any


def plain_text(text: str) -> str:
    """`text` without NUL (PostgreSQL takes none) and with lone surrogates, as of broken file names, replaced."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def plain(value: Any) -> Any:
    """`value` as JSON types: strings made storable, numbers that JSON lacks as None, everything unknown as its text."""
    match value:
        case None | bool() | int():
            return value
        case float():
            return value if math.isfinite(value) else None
        case str():
            return plain_text(value)
        case Mapping():
            return {plain_text(str(key)): plain(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(item) for item in value]
        case bytes():
            return plain_text(value.decode("utf-8", "replace"))
        case _:
            return plain_text(str(value))
