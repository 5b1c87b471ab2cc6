"""What a person looks for, in the archive's own query language; nothing that is typed can be anything but a value there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

MOST_WORDS = 16
SORTS = {
    "date": "date asc",
    "-date": "date desc",
    "rating": "avg_rating desc",
    "downloads": "downloads desc",
    "added": "addeddate desc",
    "title": "titleSorter asc",
}
"""Orders of a search, by how a caller names them."""
_WORD = re.compile(r"[^\s()\[\]{}\"\\:^~*?!&|]+")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; what is empty does not matter. `collection` is a band's own, `artist` its name."""

    text: str = ""
    artist: str = ""
    collection: str = ""
    year: int | None = None
    date: str = ""
    """A day, or its beginning: 1977-05."""
    venue: str = ""
    sort: str = "date"
    page: int = 1
    limit: int = 50


def quoted(word: str) -> str:
    """A value in the archive's query language, whatever stands in it."""
    return '"' + word.replace("\0", "").replace("\\", "\\\\").replace('"', '\\"')[:200] + '"'


def query_of(wanted: Wanted, collections: Sequence[str]) -> str:
    """The query that finds recordings, no collections; where none is named, in those that the settings offer."""
    among = [wanted.collection] if wanted.collection else list(collections)
    parts = [f"({' OR '.join(f'collection:{quoted(name)}' for name in among)})"] if among else []
    parts.append("NOT mediatype:collection")
    if wanted.artist:
        parts.append(f"creator:{quoted(wanted.artist)}")
    if wanted.year is not None:
        parts.append(f"date:[{wanted.year:04}-01-01 TO {wanted.year:04}-12-31]")
    if wanted.date:
        first, last = _days(wanted.date)
        parts.append(f"date:[{first} TO {last}]")
    if wanted.venue:
        parts.append(f"venue:{quoted(wanted.venue)}")
    parts += [quoted(word) for word in words_of(wanted.text)]
    return " AND ".join(parts)


def words_of(text: str) -> list[str]:
    """The words of what was typed that say something to the archive."""
    return _WORD.findall(text)[:MOST_WORDS]


def _days(date: str) -> tuple[str, str]:
    """The first and last day that a date, whole or not, may mean."""
    year, month, day = (*date.split("-"), "", "")[:3]
    return f"{year}-{month or '01'}-{day or '01'}", f"{year}-{month or '12'}-{day or '31'}"
