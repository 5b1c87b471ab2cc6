"""Whose concert it is: collections, creators, titles and identifiers, brought to one spelling.

A collection that belongs to one band says it best; then what is known about the creator as written; then the creator;
then the title (`X Live at Y on Z`); then what the identifier begins with. Creators that are tapers are known by their
titles, which name somebody else.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from rapidfuzz import fuzz

from segue.core.text import fold
from segue.live.records import Doubt, Evidence, Item

GENERIC_COLLECTIONS = frozenset(
    {"etree", "stream_only", "audio", "audio_music", "opensource_audio", "community", "live_music_archive",
     "taperssection", "aadamjacobs", "folksoundomy", "netlabels", "opensource", "fav"}
)  # fmt: skip
"""Collections of many bands; everything else on a concert is taken for a band's own."""
FEWEST_ITEMS = 5
"""A creator or a prefix with fewer items than this proves nothing about itself."""
_SHARE = 0.8
"""Of a band's items, how many name it in their titles: the threshold Relisten uses for creators of mixed collections."""

_APOSTROPHE = re.compile(r"['’`´]")
_NOT_WORD = re.compile(r"[\W_]+")
_LIVE_AT = re.compile(r"^(.{1,100}?)\s+live\s+(?:at|from|in|on|@)\b", re.IGNORECASE)
_BEFORE_DATE = re.compile(r"^(.{1,100}?)\s*[-–,:|(\[]?\s*(?:on\s+)?\d{4}-[\dxX]{1,2}-[\dxX]{1,2}")
_BILL = re.compile(r"\s*;\s*")
_GUESTS = re.compile(
    r"\s+(?:w/|with special guests?|feat\.?|featuring|and special guests?|plus special guests?)\s+", re.IGNORECASE
)
_WITH = re.compile(r"\s+with\s+", re.IGNORECASE)
_NOBODY = frozenset(
    {"various", "various artists", "unknown", "unknown artist", "unknown artists", "anonymous", "n a", "none", "artist"}
)
_PREFIX = re.compile(r"^([a-z]+(?:[-_][a-z]+)*?)[-_.]?(?=\d|[x?]{2})", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@lru_cache(maxsize=65_536)
def artist_key(name: str) -> str:
    """The one spelling that names of a band are compared by: case, marks, `&`, apostrophes and a leading The do not count.

    Empty only for an empty name; a name of signs alone (`!!!`) is its own key.
    """
    text = _APOSTROPHE.sub("", fold(name).replace("&", " and ").replace("+", " and "))
    words = _NOT_WORD.sub(" ", text).split()
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    return " ".join(words) or fold(name).replace("|", " ").strip()


@dataclass(frozen=True, slots=True)
class Bands:
    """What is known of bands beyond one item: by a person, a list, or learnt from many items."""

    collections: Mapping[str, str] = field(default_factory=dict)
    """The archive's collection of one band, in lower case, to the band's name."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """`artist_key` of a name as written to the band's name."""
    blocked: frozenset[str] = frozenset()
    """`artist_key` of creators that are no bands: tapers, uploaders, festivals."""
    prefixes: Mapping[str, str] = field(default_factory=dict)
    """What identifiers begin with before the date (gd, jgb), in lower case, to the band's name."""
    known: frozenset[str] = frozenset()
    """`artist_key` of bands that are known by themselves: `X with Y` is X with a guest where X is one of them, and else the
    name of a band."""

    @classmethod
    def learn(cls, items: Iterable[Item]) -> Bands:
        """What `items` say about bands by themselves: their collections, the usual one of several spellings, what their
        identifiers begin with, and creators that are no bands."""
        by_prefix: dict[str, Counter[str]] = defaultdict(Counter)
        by_collection: dict[str, Counter[str]] = defaultdict(Counter)
        in_titles: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        titled: dict[str, set[str]] = defaultdict(set)
        names: dict[str, Counter[str]] = defaultdict(Counter)
        for item in items:
            in_title = title_artist(item.title)
            creator = item.creators[0] if len(item.creators) == 1 else ""
            if creator and in_title:
                key, title_key = artist_key(creator), artist_key(in_title)
                counts = in_titles[key]
                counts[0] += 1
                counts[1] += key in title_key or title_key in key
                titled[key].add(title_key)
            name = in_title or creator
            if not name:
                continue
            key = artist_key(name)
            names[key][name] += 1
            if len(prefixes := prefixes_of(item.identifier)) == 1:
                by_prefix[prefixes[0]][key] += 1
            for collection in item.collections:
                if collection.lower() not in GENERIC_COLLECTIONS:
                    by_collection[collection.lower()][key] += 1
        usual = {key: max(counts, key=lambda name: (counts[name], name)) for key, counts in names.items()}
        return cls(
            collections=_certain(by_collection, usual),
            aliases={key: name for key, name in usual.items() if len(names[key]) > 1},
            blocked=frozenset(
                key
                for key, (asked, named) in in_titles.items()
                if asked >= FEWEST_ITEMS and named < asked * (1 - _SHARE) and len(titled[key]) > 1
            ),
            prefixes=_certain(by_prefix, usual),
            known=frozenset(key for key, spelled in names.items() if spelled.total() >= FEWEST_ITEMS),
        )


def _certain(counted: Mapping[str, Counter[str]], usual: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for what, counts in counted.items():
        key, count = counts.most_common(1)[0]
        total = counts.total()
        if total >= FEWEST_ITEMS and count >= total * _SHARE:
            found[what] = usual[key]
    return found


@dataclass(frozen=True, slots=True)
class Whose:
    """The bands of an item, the main one first, with what speaks for it."""

    names: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    doubts: tuple[Doubt, ...] = ()


NOBODY = Bands()
ALIKE = 88


def artists_of(item: Item, bands: Bands = NOBODY) -> Whose:
    """Whose concert `item` is; no names where nothing says it."""
    collection = _of_collection(item, bands)
    in_title = title_artist(item.title)
    written = [name for one in item.creators for name in _BILL.split(one) if name]
    guests: list[Evidence] = []
    creators: list[str] = []
    for name in written:
        first, *others = _GUESTS.split(name)
        if not others and (parted := _WITH.split(name, 1))[1:]:
            host = artist_key(parted[0])
            if host in bands.known or host in bands.aliases or host == artist_key(in_title):
                first, *others = parted
        guests.extend(Evidence("artist.guest", other) for other in others)
        key = artist_key(first)
        if key and key not in _NOBODY and key not in bands.blocked and not _is_taper(first, item, in_title):
            creators.append(bands.aliases.get(key, first))
    if collection:
        beside = [name for name in creators if not _only_spelled_otherwise(name, collection)]
        names, code = [collection, *beside], "artist.collection"
    elif creators:
        names, code = creators, "artist.creator"
    elif in_title:
        names, code = [bands.aliases.get(artist_key(in_title), in_title)], "artist.title"
    else:
        names, code = [], "artist.identifier"
    prefixed = [bands.prefixes[one] for one in prefixes_of(item.identifier) if one in bands.prefixes]
    if not names or len(prefixed) > 1:
        names = [*names, *prefixed]
    if not names:
        names = [name for one in item.collections if (name := _spelled_out(one))]
        code = "artist.collection"
    distinct = {artist_key(name): name for name in reversed(names)}
    ordered = tuple(dict.fromkeys(distinct[artist_key(name)] for name in names))
    evidence = (Evidence(code, ordered[0]),) if ordered else ()
    return Whose(ordered, (*evidence, *guests), _doubt(ordered, in_title, code))


def title_artist(title: str) -> str:
    """The X of `X Live at Y on Z`, or what stands before the date; empty for a title of another form."""
    found = _LIVE_AT.match(title) or _BEFORE_DATE.match(title)
    return found[1].strip() if found else ""


@lru_cache(maxsize=65_536)
def _prefixes(head: str) -> tuple[str, ...]:
    return tuple(part for part in head.lower().replace("-", "_").split("_") if part)


def prefixes_of(identifier: str) -> tuple[str, ...]:
    """What `identifier` begins with before its date: `gd1977-…` gd, `gd_nrps70-…` gd and nrps."""
    found = _PREFIX.match(identifier)
    return _prefixes(found[1]) if found else ()


def _of_collection(item: Item, bands: Bands) -> str:
    for collection in item.collections:
        if name := bands.collections.get(collection.lower()):
            return name
    return ""


def _only_spelled_otherwise(name: str, band: str) -> bool:
    """Whether a creator beside a band's own collection is that band in another spelling (at least 88 of 100 alike)."""
    return fuzz.ratio(artist_key(name), artist_key(band)) >= ALIKE


def _spelled_out(collection: str) -> str:
    if collection.lower() in GENERIC_COLLECTIONS or collection.lower().startswith("fav-"):
        return ""
    return _CAMEL.sub(" ", collection)


def _is_taper(name: str, item: Item, in_title: str) -> bool:
    """The creator is who the item names as its taper, and the title names somebody else."""
    key = artist_key(name)
    return bool(in_title) and key == artist_key(item.taper) and key != artist_key(in_title)


def _doubt(names: tuple[str, ...], in_title: str, code: str) -> tuple[Doubt, ...]:
    if code not in ("artist.creator", "artist.collection") or not in_title:
        return ()
    said = artist_key(in_title)
    if any(key in said or said in key for key in map(artist_key, names)):
        return ()
    return (Doubt("artist_uncertain", in_title, 0.5, {"stated": names[0]}),)
