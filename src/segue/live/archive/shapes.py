"""The archive's values as one type each: what is a list today was a word yesterday, and a number is often written in text.

Nothing here raises: what cannot be read is empty or None.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
_LARGEST = 2**62


def as_text(value: Any, between: str = "; ") -> str:
    """The value as text, without spaces around it; the parts of a list one after the other, an object as nothing."""
    if type(value) is str:
        return (value.replace("\0", "") if "\0" in value else value).strip()
    if value is None or isinstance(value, Mapping):
        return ""
    if isinstance(value, (list, tuple)):
        return between.join(part for part in map(as_text, value) if part)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).replace("\0", "").strip()


def as_one(value: Any) -> str:
    """The value as text; of a list its first part that says something."""
    if isinstance(value, (list, tuple)):
        return next((said for said in map(as_one, value) if said), "")
    return as_text(value)


def as_last(value: Any) -> str:
    """The value as text; of a list its last part that says something (`updatedate` grows at its end)."""
    if isinstance(value, (list, tuple)):
        return next((said for said in map(as_one, reversed(value)) if said), "")
    return as_text(value)


def as_list(value: Any, split: str = "") -> tuple[str, ...]:
    """The value's parts as texts, each once, empty ones left out; a text is parted where `split` stands in it."""
    if value is None:
        return ()
    parts = value if isinstance(value, (list, tuple)) else [value]
    texts = [as_one(part) for part in parts]
    if split:
        texts = [piece.strip() for text in texts for piece in text.split(split)]
    return tuple(dict.fromkeys(text for text in texts if text))


def as_number(value: Any) -> float | None:
    """The first number that the value holds; None where it holds none, or one that nobody means."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return float(value) if abs(value) < _LARGEST else None  # also turns away what is no number (NaN)
    found = _NUMBER.match(as_one(value).replace(",", ""))
    number = float(found[0]) if found else None
    return number if number is not None and abs(number) < _LARGEST else None


def as_count(value: Any) -> int | None:
    """A number that cannot be negative: bytes, files, reviews."""
    number = as_number(value)
    return int(number) if number is not None and number >= 0 else None


def as_true(value: Any) -> bool:
    return as_one(value).casefold() in ("true", "1", "yes")


def as_ms(value: Any) -> int | None:
    """A length in milliseconds: `108.81`, `06:21`, `2:39:54.8`; None where it is none or longer than four days."""
    text = as_one(value)
    seconds = 0.0
    for part in text.split(":"):
        if re.fullmatch(r"\d{1,6}(?:\.\d+)?", part) is None:
            return None
        seconds = seconds * 60 + float(part)
    return round(seconds * 1000) if text.count(":") <= 2 and 0 < seconds < 4 * 86_400 else None
