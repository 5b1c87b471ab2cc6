"""What reading a playlist file gives, one after another: lists, their rows, and doubts about either.

A file may hold several lists (`ListHead`), and rows of several in turn, so a row says by number which it belongs to. What
is wrong with a row goes with the row, which is kept with its text; what is wrong with the file is a `Doubt`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

MAX_TEXT = 1_000
"""Characters of a title or a name that are kept."""
MAX_LOCATION = 4_096
Problem = tuple[str, Mapping[str, Any]]
"""A code and its parameters; sentences are in `reasons`."""


@dataclass(frozen=True, slots=True)
class ListHead:
    """A list that rows follow of. `source` is what names it within its file, also when it is renamed."""

    number: int
    name: str
    comment: str = ""
    kind: Literal["manual", "smart"] = "manual"
    query: Mapping[str, Any] | None = None
    """The document of a smart list (`.nsp`)."""
    folder: tuple[str, ...] = ()
    """The names of the folders it lay in, the outermost first."""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row as its file says it. Whatever it does not say is empty or None."""

    list_number: int = 0
    title: str = ""
    artist: str = ""
    album: str = ""
    album_artist: str = ""
    duration_ms: int | None = None
    disc: int | None = None
    position: int | None = None
    external_ids: Mapping[str, str] = field(default_factory=dict)
    """Ours among them, as `segue:track`."""
    location: str = ""
    """A path or an address, as written."""
    comment: str = ""
    problem: Problem | None = None

    @property
    def shown(self) -> str:
        """Something to call it by, also where it has no title."""
        if self.title:
            return self.title
        name = self.location.replace("\\", "/").rstrip("/").rpartition("/")[2] or self.location
        return name or next(iter(self.external_ids.values()), "")


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something about the file that a person should know: rows that were left out, entities that were not expanded."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


Event = ListHead | Entry | Doubt


def milliseconds(value: object, *, seconds: bool = False) -> int | None:
    """A length as files write it: a number of milliseconds (or `seconds`), `m:ss` or `h:mm:ss`; None for nonsense."""
    if isinstance(value, bool) or value is None:
        return None
    text = str(value).strip()
    try:
        if ":" in text:
            parts = [float(part) for part in text.split(":")]
            amount = 0.0
            for part in parts:
                amount = amount * 60 + part
            amount *= 1000
        else:
            amount = float(text.replace(",", ".")) * (1000 if seconds else 1)
    except ValueError:
        return None
    return round(amount) if 0 < amount < 2**31 else None


def number(value: object) -> int | None:
    """A whole number above zero; `3/12` is 3."""
    text = str(value or "").strip().partition("/")[0]
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text[:9]) < 2**31 else None


def short(value: object, most: int = MAX_TEXT) -> str:
    """A text as it is kept: without control characters and spaces around it, not longer than `most`."""
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return ""
    text = "".join(char if char >= " " and char != "\x7f" else " " for char in str(value)[: most * 2])
    return text.strip()[:most]
