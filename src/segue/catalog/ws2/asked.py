"""What may be asked: resources, their `inc` values, what can be browsed by what, and the real sentences where it may not."""

from __future__ import annotations

from dataclasses import dataclass, field

from segue.catalog.ws2.layout import PRIMARY_TYPES, SECONDARY_TYPES, STATUSES, Entity

RELATIONS = frozenset(
    f"{target}-rels"
    for target in (
        "area", "artist", "event", "genre", "instrument", "label", "mood", "place", "recording", "release",
        "release-group", "series", "url", "work",
    )
)  # fmt: skip
_COMMON = frozenset({"aliases", "annotation", "tags", "user-tags", "genres", "user-genres", "ratings", "user-ratings"})
_RELEASE = _COMMON | {
    "artists", "labels", "recordings", "release-groups", "collections", "user-collections", "artist-credits", "discids",
    "media", "recording-level-rels", "release-group-level-rels", "work-level-rels",
}  # fmt: skip
LOOKUP: dict[str, frozenset[str]] = {
    "artist": _COMMON | {"recordings", "releases", "release-groups", "works", "various-artists"},
    "label": _COMMON | {"releases"},
    "recording": _COMMON | {"artists", "releases", "release-groups", "artist-credits", "isrcs", "work-level-rels"},
    "release": _RELEASE,
    "release-group": _COMMON | {"artists", "releases", "artist-credits"},
    "isrc": _COMMON | {"artists", "releases", "release-groups", "artist-credits", "isrcs", "work-level-rels"},
    "discid": _RELEASE | {"isrcs", "puids", "cdstubs"},
}
BROWSE: dict[str, frozenset[str]] = {
    "artist": _COMMON,
    "label": _COMMON,
    "recording": _COMMON | {"artist-credits", "isrcs", "work-level-rels"},
    "release": _RELEASE - {"artists", "collections", "user-collections"},
    "release-group": _COMMON | {"artist-credits"},
}
"""Which `inc` values each resource takes, besides RELATIONS and what EXTRA lets in."""
EXTRA = {
    "recordings": ("artist-credits", "puids", "isrcs"),
    "releases": ("artist-credits", "discids", "media", "type", "status"),
    "release-groups": ("artist-credits", "type"),
    "works": ("artist-credits",),
}
"""Values that make sense only together with another one."""
LINKED: dict[Entity, tuple[str, ...]] = {
    "artist": ("recording", "release", "release-group"),
    "label": ("release",),
    "recording": ("artist", "release"),
    "release": ("artist", "label", "recording", "release-group", "track_artist"),
    "release-group": ("artist", "release"),
}
"""By what each is browsed. What a dump does not tell (areas, collections, works) is not here."""
UNKNOWN_HERE = frozenset(
    {"annotation", "area", "cdstub", "collection", "event", "genre", "instrument", "iswc", "mood", "place", "rating", "series",
     "tag", "url", "work"}
)  # fmt: skip
"""Resources of the real API that a mirror of these dumps does not have."""
PLURAL: dict[str, str] = {entity: f"{entity}s" for entity in LINKED}


class BadRequest(Exception):
    """Asked wrongly: its text is what the real API says."""


@dataclass(frozen=True)
class Inc:
    """What an answer is to include: the values, and of which kinds of target the relations."""

    values: frozenset[str] = frozenset()
    relations: frozenset[str] = frozenset()
    """Target types as relations name them: `artist`, `release_group`, `url` …"""

    def __contains__(self, value: str) -> bool:
        return value in self.values


@dataclass(frozen=True)
class Filter:
    """Of releases and release groups: numbers of statuses, and bits of types, one of each group of which they must have."""

    statuses: tuple[int, ...] = ()
    kinds: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.statuses or self.kinds)


NOTHING = Inc()
ALL = Filter()


@dataclass(frozen=True)
class Asked:
    """One request, checked. `linked` is what is browsed by, with its MBID; `query` is set where something is searched for."""

    resource: str
    id: str | None = None
    linked: tuple[str, str] | None = None
    query: str | None = None
    dismax: bool = False
    inc: Inc = NOTHING
    filter: Filter = ALL
    limit: int = 25
    offset: int = 0
    params: dict[str, str] = field(default_factory=dict)


def checked_inc(resource: str, text: str, allowed: frozenset[str]) -> Inc:
    """The values of `inc`, which `+` or blanks separate. Raises BadRequest for one that this resource does not take."""
    given = [value.replace("mediums", "media") for value in text.replace("+", " ").split()]
    extra = {more for value in given for more in EXTRA.get(value, ())}
    relations = set()
    for value in given:
        if value in RELATIONS:
            relations.add(value.removesuffix("-rels").replace("-", "_"))
        elif value not in allowed and value not in extra:
            possible = sorted(other for other, more in EXTRA.items() if value in more)
            if possible:
                raise BadRequest(
                    f"{value} is not a valid option for the inc parameter for the {resource} resource unless you specify one"
                    f" of the following other inc parameters: {', '.join(possible)}"
                )
            raise BadRequest(f"{value} is not a valid inc parameter for the {resource} resource.")
    return Inc(frozenset(given), frozenset(relations))


def checked_filter(resource: str, types: str, statuses: str, inc: Inc) -> Filter:
    """What `type=album|ep` and `status=official` ask for. Raises BadRequest where they say nothing or do not belong here."""
    if types and not ("releases" in inc or "release-groups" in inc or resource in ("release", "release-group")):
        raise BadRequest("type is not a valid parameter unless releases or release-groups are requested.")
    if statuses and not ("releases" in inc or resource == "release"):
        raise BadRequest("status is not a valid parameter unless releases are requested.")
    primary = secondary = 0
    for name in filter(None, types.split("|")):
        plain = name.lower()
        if plain == "non-album tracks":
            plain = "nat"
        if plain in PRIMARY_TYPES:
            primary |= 1 << PRIMARY_TYPES.index(plain)
        elif plain in SECONDARY_TYPES:
            secondary |= 1 << len(PRIMARY_TYPES) + SECONDARY_TYPES.index(plain)
        else:
            raise BadRequest(f"{name} is not a recognized release-group type.")
    numbers = []
    for name in filter(None, statuses.split("|")):
        if name.lower() not in STATUSES:
            raise BadRequest(f"{name} is not a recognized release status.")
        numbers.append(STATUSES.index(name.lower()) + 1)
    return Filter(tuple(numbers), tuple(bits for bits in (primary, secondary) if bits))


def checked_page(params: dict[str, str]) -> tuple[int, int]:
    """`limit` (25 where not said, 100 at most) and `offset`. Raises BadRequest where they are no natural numbers."""
    limit, offset = params.get("limit") or "25", params.get("offset") or "0"
    if not (limit.isascii() and limit.isdigit() and offset.isascii() and offset.isdigit()):
        raise BadRequest("The 'limit' and 'offset' parameters must be positive integers")
    return min(int(limit[:9]) or 25, 100), min(int(offset[:12]), 1 << 40)
