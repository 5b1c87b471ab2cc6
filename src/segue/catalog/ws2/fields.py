"""The fields that a search names, and what they ask of the index (the names are those of MusicBrainz's search schema)."""

from __future__ import annotations

from datetime import date, timedelta

from segue.catalog.ws2.layout import Entity
from segue.catalog.ws2.words import fact, mbid_fact, plain, whole

_CREDIT = {"artist": "artist", "artistname": "artist", "creditname": "artist"}
_BESIDE = {"alias": "alias", "comment": "comment", "tag": "tag"}
_SOMEBODY = {**_BESIDE, "sortname": "alias", "area": "area", "beginarea": "area", "endarea": "area", "name": "name"}

COLUMNS: dict[Entity, dict[str, str]] = {
    "artist": {**_SOMEBODY, "artist": "name", "artistaccent": "name"},
    "label": {**_SOMEBODY, "label": "name", "labelaccent": "name"},
    "release-group": {
        **_BESIDE, **_CREDIT, "releasegroup": "name", "releasegroupaccent": "name", "name": "name", "release": "release",
    },
    "recording": {
        **_BESIDE, **_CREDIT, "recording": "name", "recordingaccent": "name", "track": "name", "name": "name",
        "release": "release",
    },
    "release": {**_BESIDE, **_CREDIT, "release": "name", "releaseaccent": "name", "name": "name", "label": "label"},
}  # fmt: skip
"""Fields that hold text, and the column of each."""
DEFAULT: dict[Entity, tuple[str, ...]] = {
    "artist": ("name", "alias"),
    "label": ("name", "alias"),
    "release-group": ("name", "alias", "artist"),
    "recording": ("name", "alias", "artist", "release"),
    "release": ("name", "alias", "artist"),
}
"""The columns that are searched where no field is named."""
OWN_ID: dict[Entity, frozenset[str]] = {
    "artist": frozenset({"arid", "mbid"}),
    "label": frozenset({"laid", "mbid"}),
    "release-group": frozenset({"rgid", "mbid"}),
    "recording": frozenset({"rid", "mbid"}),
    "release": frozenset({"reid", "mbid"}),
}
MBIDS = frozenset({"arid", "rgid", "reid", "laid"})
DATES = frozenset({"date", "firstreleasedate", "begin", "end"})
NUMBERS = frozenset(
    {
        "tracks",
        "tracksmedium",
        "tracksrelease",
        "mediums",
        "discids",
        "discidsmedium",
        "tnum",
        "position",
        "dur",
        "qdur",
    }
)
CODES = frozenset({"country", "isrc", "video", "ended", "ipi", "isni", "code", "discid"})
"""Facts of one word; DATES are of one word as well, which may be the beginning of it."""
WORDS = frozenset(
    {"status", "type", "primarytype", "secondarytype", "packaging", "asin", "barcode", "catno", "format", "lang", "script",
     "quality", "number", "gender"}
)  # fmt: skip
"""Facts of several words."""
NOWHERE = frozenset({"tid", "puid", "releases", "recordings", "url", "work", "wid"})
"""Fields that the real index has and this one does not: they find nothing."""

_MOST_VALUES = 1_000
_FIRST_YEAR, _LAST_YEAR = 1850, 2150


def is_fact(field: str) -> bool:
    return field in MBIDS or field in DATES or field in NUMBERS or field in CODES or field in WORDS


def asked_fact(field: str, text: str, *, prefix: bool = False) -> str | None:
    """What a value of a field that holds facts asks of the index; None where there is nothing in the value."""
    if field in MBIDS:
        return f'"{mbid_fact(field, text)}"' if plain(text) else None
    if field == "barcode":
        text = text.lstrip("0") or "0"
    if field in DATES or prefix:
        return f'"{whole(field, text)}"*' if plain(text) else None
    if field in WORDS:
        token = next(iter(fact(field, text)), None)
        return f'"{token}"' if token else None
    return f'"{whole(field, text)}"' if plain(text) else None


def asked_range(field: str, low: str | None, high: str | None, with_low: bool, with_high: bool) -> str | None:
    """What a range asks of the index: every value in it, or every beginning of one. None where it cannot be asked.

    Lengths are compared by whole seconds. Of open ranges of numbers the first thousand values are looked at.
    """
    if field in DATES:
        tokens = [f'"{whole(field, part)}"*' for part in _dates(low, high, with_low, with_high)]
    elif field in NUMBERS:
        first, last = _number(low, 0), _number(high, None)
        if first is None or (high is not None and last is None):
            return None
        named = field
        if field == "dur":
            named, first = "durs", first // 1000
            last = None if last is None else last // 1000
        else:
            first += 0 if with_low or low is None else 1
            last = None if last is None else last - (not with_high)
        last = first + _MOST_VALUES - 1 if last is None else min(last, first + _MOST_VALUES - 1)
        tokens = [f'"{whole(named, value)}"' for value in range(first, last + 1)]
    else:
        return None
    return f"({' OR '.join(tokens)})" if tokens else '"xnothing"'


def _number(text: str | None, otherwise: int | None) -> int | None:
    if text is None:
        return otherwise
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def _dates(low: str | None, high: str | None, with_low: bool, with_high: bool) -> list[str]:
    """Beginnings of all dates of a range: whole years, else months, else days."""
    first = _day(low, last=not with_low) if low else date(_FIRST_YEAR, 1, 1)
    last = _day(high, last=with_high) if high else date(_LAST_YEAR, 12, 31)
    if first is None or last is None:
        return []
    if low and not with_low:
        first += timedelta(days=1)
    if high and not with_high:
        last -= timedelta(days=1)
    parts: list[str] = []
    day = first
    while day <= last and len(parts) < _MOST_VALUES:
        end_of_year = date(day.year, 12, 31)
        end_of_month = (date(day.year + day.month // 12, day.month % 12 + 1, 1)) - timedelta(days=1)
        if (day.month, day.day) == (1, 1) and end_of_year <= last:
            parts.append(f"{day.year:04d}")
            day = end_of_year
        elif day.day == 1 and end_of_month <= last:
            parts.append(f"{day.year:04d}{day.month:02d}")
            day = end_of_month
        else:
            parts.append(f"{day.year:04d}{day.month:02d}{day.day:02d}")
        day += timedelta(days=1)
    return parts


def _day(text: str, *, last: bool) -> date | None:
    """The first day of a partial date, or its last."""
    numbers = plain(text)
    if not numbers.isdigit() or len(numbers) not in (4, 6, 8):
        return None
    year, month, day = int(numbers[:4]), int(numbers[4:6] or 0), int(numbers[6:8] or 0)
    try:
        if not _FIRST_YEAR <= year <= _LAST_YEAR:
            year = min(max(year, _FIRST_YEAR), _LAST_YEAR)
        if day:
            return date(year, month, day)
        if month:
            return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1) if last else date(year, month, 1)
        return date(year, 12, 31) if last else date(year, 1, 1)
    except ValueError:
        return None
