"""The names a query may use: fields in any of their spellings, and the words of the language itself."""

from __future__ import annotations

from collections.abc import Iterable

from segue.query.errors import nearest
from segue.query.fields import Entity, Field

CLAUSES = {
    "sort": "What to sort by: `sort:-rating,title`, `sort:random`.",
    "limit": "How much at most: `limit:100`, `limit:90min`, `limit:2gb`, `limit:10%`.",
    "offset": "How many rows to leave out at the beginning.",
    "has": "A field that has a value: `has:year`.",
    "is": "A field that is true: `is:starred`; `is:missing year` for one without a value.",
}
ENTITIES = {
    "songs": "tracks", "song": "tracks", "track": "tracks", "album": "albums", "artist": "artists",
    "playlist": "playlists", "genre": "genres", "label": "labels", "concert": "concerts", "show": "concerts",
    "recording": "recordings",
}  # fmt: skip
"""Other names of what can be asked about."""
_HYPHENS = str.maketrans("", "", "_-")


def find(entity: Entity, name: str) -> Field | None:
    """The field called `name`: by its name or an alias, in any case, with or without underscores; None where none is."""
    lower = name.lower()
    own = entity.aliases.get(name) or entity.aliases.get(lower)
    if own is not None:
        return entity.fields[own]
    for family in entity.families:
        if lower.startswith(family.prefix) and (made := family.field(lower[len(family.prefix) :])) is not None:
            return made
    squeezed = _squeezed(name)
    return next((entity.fields[own] for each, own in entity.aliases.items() if _squeezed(each) == squeezed), None)


def _squeezed(name: str) -> str:
    return name.lower().translate(_HYPHENS)


def near(entity: Entity, name: str) -> list[str]:
    """The names most like `name`, best first."""
    known: set[str] = {*entity.aliases, *CLAUSES, *(family.example for family in entity.families)}
    found = nearest(name, known)
    begun = [each for each in sorted(known) if name and each.startswith(name.lower())]
    return list(dict.fromkeys([*found, *begun]))[:5]


def phrase_of(entity: Entity) -> tuple[str, ...]:
    """The text fields that words without a field are looked for in."""
    return entity.phrase or tuple(_first(entity, ("title", "name", "path"))) + tuple(
        name for name in ("artist_name", "album_name") if name in entity.fields
    )


def _first(entity: Entity, names: Iterable[str]) -> list[str]:
    return [name for name in names if name in entity.fields][:1]
