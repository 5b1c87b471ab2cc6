"""What can be edited: the fields of each kind of thing, and which values each may have.

A value comes as JSON and is kept in one canonical form, so that two equal edits are equal. What cannot be is refused with
a sentence (`BadEdit`); nothing is bent into shape: a date in month 16 is no year.
"""

from __future__ import annotations

import math
import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from segue.core.ids import BadId, parse_id
from segue.library import external
from segue.library.edits.errors import BadEdit, NoSuchField
from segue.library.fields.roles import RELEASE_TYPES, ROLES
from segue.query.errors import nearest

KINDS = ("track", "album", "artist", "label", "genre")
PREFIXES = {"track": "tr", "album": "al", "artist": "ar", "label": "lb", "genre": "ge"}
WHO = "who"
"""Not for people to set: which artist a name means on this track or album, since one was split by hand. It is a
dict from the name as it is looked up to the artist's id."""
CREDIT_ROLES = tuple(role for role in ROLES if role not in ("artist", "album_artist"))
STATUSES = ("official", "promotion", "bootleg", "pseudo-release", "withdrawn", "cancelled", "expunged")
ARTIST_TYPES = ("person", "group", "orchestra", "choir", "character", "other")
LABEL_TYPES = (
    "imprint", "original production", "bootleg production", "reissue production", "distributor", "holding",
    "rights society", "manufacturer", "other",
)  # fmt: skip
LONGEST = 2_000
LONGEST_TEXT = 100_000
MOST_VALUES = 500

Check = Callable[[str, Any], Any]


@dataclass(frozen=True, slots=True)
class EditField:
    """One field: its meaning, how a value is checked (field, value → canonical value, or BadEdit), and whether values can be
    added to it and removed from it one by one."""

    meaning: str
    check: Check
    many: bool = False


# --- checks -----------------------------------------------------------------------------------------------------------


def line(field: str, value: Any) -> str:
    """One line of visible text, in NFC, at most 2,000 characters."""
    return _text(field, value, LONGEST, newlines=False)


def optional(check: Check) -> Check:
    """`check`, or null: there is none, whatever the files say."""

    def checked(field: str, value: Any) -> Any:
        return None if value is None or value == "" else check(field, value)

    return checked


def long_text(field: str, value: Any) -> str:
    """Text of several lines, at most 100,000 characters."""
    return _text(field, value, LONGEST_TEXT, newlines=True)


def _text(field: str, value: Any, longest: int, *, newlines: bool) -> str:
    if not isinstance(value, str):
        raise BadEdit(field, "not_text", f"The {_said(field)} must be text.")
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n")).strip()
    if not text:
        raise BadEdit(field, "empty", f"The {_said(field)} is empty.")
    if len(text) > longest:
        raise BadEdit(field, "too_long", f"The {_said(field)} has more than {longest:,} characters.")
    for character in text:
        if unicodedata.category(character) in ("Cc", "Cs") and not (newlines and character in "\n\t"):
            raise BadEdit(field, "bad_character", f"The {_said(field)} has a character that cannot be shown.")
    return text


_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


def date(field: str, value: Any) -> str:
    """A partial date: `1977`, `1977-05` or `1977-05-08`."""
    found = _DATE.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise BadEdit(
            field, "bad_date", f"The {_said(field)} must be a date such as 1977, 1977-05 or 1977-05-08.", value=str(value)[:60]
        )  # fmt: skip
    year, month, day = (int(part) if part else None for part in found.groups())
    if year == 0:
        raise BadEdit(field, "bad_year", "There is no year 0000.", value=value)
    if month is not None and not 1 <= month <= 12:
        raise BadEdit(field, "bad_month", f"There is no month {month}: a year has 12.", value=value)
    if day is not None and month is not None:
        days = monthrange(year or 2000, month)[1]
        if not 1 <= day <= days:
            raise BadEdit(field, "bad_day", f"There is no day {day} in {year}-{month:02}: it has {days}.", value=value)
    return found[0]


def integer(low: int, high: int) -> Check:
    """A whole number from `low` to `high`."""

    def checked(field: str, value: Any) -> int:
        if isinstance(value, str) and re.fullmatch(r"\s*\d{1,9}\s*", value):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise BadEdit(field, "bad_number", f"The {_said(field)} must be a whole number from {low} to {high:,}.")
        return value

    return checked


def number(low: float, high: float) -> Check:
    """A number from `low` to `high`."""

    def checked(field: str, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise BadEdit(field, "bad_number", f"The {_said(field)} must be a number.")
        if not low <= value <= high:
            raise BadEdit(field, "bad_number", f"The {_said(field)} must be from {low:g} to {high:g}.")
        return float(value)

    return checked


def boolean(field: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise BadEdit(field, "not_boolean", f"The {_said(field)} must be true or false.")
    return value


def choice(*choices: str) -> Check:
    """One of `choices`, in lower case."""

    def checked(field: str, value: Any) -> str:
        word = value.strip().casefold() if isinstance(value, str) else None
        if word not in choices:
            raise BadEdit(field, "bad_choice", f"The {_said(field)} must be one of: {', '.join(choices)}.")
        return str(word)

    return checked


def several(check: Check) -> Check:
    """A list of values that each pass `check`, each once; a single value is a list of one, null an empty one."""

    def checked(field: str, value: Any) -> list[Any]:
        given = [] if value is None else value if isinstance(value, list) else [value]
        if len(given) > MOST_VALUES:
            raise BadEdit(field, "too_many_values", f"The {_said(field)} has more than {MOST_VALUES} values.")
        found: list[Any] = []
        for one in given:
            canonical = check(field, one)
            if canonical not in found:
                found.append(canonical)
        return found

    return checked


def some(check: Check) -> Check:
    """Like `several`, but at least one."""

    def checked(field: str, value: Any) -> list[Any]:
        found: list[Any] = several(check)(field, value)
        if not found:
            raise BadEdit(field, "empty", f"The {_said(field)} cannot be empty.")
        return found

    return checked


def position(field: str, value: Any) -> int | str:
    """A number from 1 to 99,999, or a vinyl side such as `A1`."""
    side = re.fullmatch(r"\s*([A-Za-z]{1,2})\s?(\d{1,3})\s*", value) if isinstance(value, str) else None
    if side is not None and int(side[2]):
        return f"{side[1].upper()}{int(side[2])}"
    found: int = integer(1, 99_999)(field, value)
    return found


def mbid(field: str, value: Any) -> str:
    """A MusicBrainz id, in lower case."""
    text = value.strip().casefold() if isinstance(value, str) else ""
    text = text.rpartition("/")[2] if "musicbrainz.org/" in text else text
    if not re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text):
        raise BadEdit(field, "bad_mbid", f"The {_said(field)} must be a MusicBrainz id, which is a UUID.")
    return text


def country(field: str, value: Any) -> str:
    """Two letters of ISO 3166-1 (or MusicBrainz' XW worldwide, XE Europe …), in upper case."""
    text = value.strip().upper() if isinstance(value, str) else ""
    if not re.fullmatch(r"[A-Z]{2}", text):
        raise BadEdit(field, "bad_country", "A country is two letters, such as GB, DE or XW for worldwide.")
    return text


def barcode(field: str, value: Any) -> str:
    """8 to 14 digits; spaces and dashes are left out."""
    text = re.sub(r"[\s-]", "", value) if isinstance(value, str) else ""
    if not re.fullmatch(r"[0-9]{8,14}", text):
        raise BadEdit(field, "bad_barcode", "A barcode is 8 to 14 digits.")
    return text


def isrc(field: str, value: Any) -> str:
    """Twelve characters such as GBAYE0601498; dashes are left out."""
    found = external.canonical("track", "isrc", value) if isinstance(value, str) else None
    if found is None:
        raise BadEdit(field, "bad_isrc", "An ISRC is two letters, three letters or digits, and seven digits.")
    return found[1]


def external_id(kind: str) -> Check:
    """{namespace, value}, or one string `namespace:value`; kept as [namespace, value]."""

    def checked(field: str, value: Any) -> list[str]:
        if isinstance(value, str):
            names = sorted(external.NAMESPACES[kind], key=len, reverse=True)
            name = next((name for name in names if value.casefold().startswith(f"{name}:")), "")
            value = {"namespace": name, "value": value[len(name) + 1 :]}
        if isinstance(value, list) and len(value) == 2:
            value = {"namespace": value[0], "value": value[1]}
        if not isinstance(value, dict) or set(value) != {"namespace", "value"}:
            raise BadEdit(field, "bad_external_id", "An external id has a namespace and a value.")
        namespace, name = value["namespace"], value["value"]
        if not isinstance(namespace, str) or not isinstance(name, str):
            raise BadEdit(field, "bad_external_id", "An external id has a namespace and a value.")
        found = external.canonical(kind, namespace, name)
        if found is None:
            known = ", ".join(sorted(external.NAMESPACES[kind]))
            if namespace.strip().casefold() not in external.NAMESPACES[kind]:
                message = f"There is no namespace {namespace[:60]!r} for ids of {_plural(kind)}; there are {known}."
            else:
                message = f"{name[:60]!r} is no id of {namespace}."
            raise BadEdit(field, "bad_external_id", message)
        return list(found)

    return checked


def credit(field: str, value: Any) -> dict[str, Any]:
    """{name, artist?, mbid?, sort_name?, instrument?, credited_as?, join_phrase?}, or just a name, or an artist's id."""
    if isinstance(value, str):
        value = {"artist": value} if re.fullmatch(r"ar-\d+", value) else {"name": value}
    if not isinstance(value, dict):
        raise BadEdit(field, "bad_credit", "A credit is a name, an artist's id, or both with details.")
    known = ("name", "artist", "mbid", "sort_name", "instrument", "credited_as", "join_phrase")
    for member in value:
        if member not in known:
            raise BadEdit(field, "unknown_member", f"A credit has no member {str(member)[:60]!r}.")
    found: dict[str, Any] = {}
    if value.get("artist"):
        try:
            found["artist"] = f"ar-{parse_id(str(value['artist']), 'ar')}"
        except BadId as error:
            raise BadEdit(field, "bad_id", error.message) from None
    for member in ("name", "sort_name", "instrument", "credited_as"):
        if value.get(member):
            found[member] = line(field, value[member])
    if value.get("mbid"):
        found["mbid"] = mbid(field, value["mbid"])
    if value.get("join_phrase"):
        phrase = value["join_phrase"]
        if not isinstance(phrase, str) or len(phrase) > 100 or not phrase.isprintable():
            raise BadEdit(field, "bad_join_phrase", "A join phrase is at most 100 visible characters.")
        found["join_phrase"] = phrase
    if "name" not in found and "artist" not in found:
        raise BadEdit(field, "nobody", "A credit needs a name or an artist.")
    return found


def label(field: str, value: Any) -> dict[str, Any]:
    """{name, catalog_number?}, or just a name."""
    if isinstance(value, str):
        value = {"name": value}
    if not isinstance(value, dict) or not set(value) <= {"name", "catalog_number", "id"}:
        raise BadEdit(field, "bad_label", "A label has a name and perhaps a catalog_number.")
    number_ = value.get("catalog_number")
    return {
        "name": line(field, value.get("name")),
        "catalog_number": line(field, number_) if number_ else None,
    }


def disc_subtitles(field: str, value: Any) -> dict[str, str | None]:
    """{"1": "Studio", "2": "Live"}; null for a disc that has none."""
    if not isinstance(value, dict) or len(value) > MOST_VALUES:
        raise BadEdit(field, "not_discs", "Disc subtitles are an object from the disc's number to its subtitle.")
    return {
        str(integer(1, 999)(field, disc)): optional(line)(field, subtitle) for disc, subtitle in sorted(value.items())
    }


def _said(field: str) -> str:
    return field.replace("_", " ")


def _plural(kind: str) -> str:
    return f"{kind}s"


# --- fields -----------------------------------------------------------------------------------------------------------

_CREDITS = several(credit)

FIELDS: Mapping[str, Mapping[str, EditField]] = {
    "track": {
        "title": EditField("Its title.", line),
        "sort_title": EditField("What it is sorted by instead of its title.", optional(line)),
        "subtitle": EditField("What stands below the title.", optional(line)),
        "artists": EditField("Who it is by, in order.", some(credit), many=True),
        **{
            role: EditField(f"Who is credited as {_said(role)}, in order.", _CREDITS, many=True)
            for role in CREDIT_ROLES
        },
        "genres": EditField("Its genres.", several(line), many=True),
        "moods": EditField("Its moods.", several(line), many=True),
        "grouping": EditField("Its groupings.", several(line), many=True),
        "disc": EditField("The number of its disc.", optional(integer(1, 999))),
        "position": EditField("Its number on the disc, or the side of a record: A1.", optional(position)),
        "disc_subtitle": EditField("What its disc is called.", optional(line)),
        "date": EditField("When it came out.", optional(date)),
        "original_date": EditField("When it first came out.", optional(date)),
        "recording_date": EditField("When it was recorded.", optional(date)),
        "bpm": EditField("Its tempo in beats a minute.", optional(number(1, 1_000))),
        "key": EditField("Its musical key.", optional(line)),
        "comment": EditField("A comment.", optional(long_text)),
        "language": EditField("The language of its words.", optional(line)),
        "explicit": EditField("Whether its words are explicit.", optional(boolean)),
        "compilation": EditField("Whether it says that its album is a compilation.", boolean),
        "isrcs": EditField("Its ISRCs.", several(isrc), many=True),
        "external_ids": EditField("What others call it: [{namespace, value}].", several(external_id("track")), many=True),
        "musicbrainz_recording_id": EditField("Its MusicBrainz recording.", optional(mbid)),
        "musicbrainz_track_id": EditField("Its MusicBrainz track.", optional(mbid)),
        "work": EditField("The work it is of.", optional(line)),
        "movement": EditField("The movement it is.", optional(line)),
        "movement_number": EditField("The number of the movement.", optional(integer(1, 9_999))),
    },
    "album": {
        "title": EditField("Its title.", line),
        "sort_title": EditField("What it is sorted by instead of its title.", optional(line)),
        "artists": EditField("Who it is by, in order.", some(credit), many=True),
        "date": EditField("When it came out.", optional(date)),
        "original_date": EditField("When it first came out.", optional(date)),
        "release_date": EditField("When this very edition came out.", optional(date)),
        "release_types": EditField("Its types, the primary one first.", several(choice(*RELEASE_TYPES)), many=True),
        "release_status": EditField("Its status: official, bootleg …", optional(choice(*STATUSES))),
        "media": EditField("What it came out on: CD, 12\" Vinyl …", optional(line)),
        "compilation": EditField("Whether it is a compilation of several artists.", boolean),
        "country": EditField("The country it came out in.", optional(country)),
        "barcode": EditField("Its barcode.", optional(barcode)),
        "labels": EditField("Its labels with their catalogue numbers.", several(label), many=True),
        "genres": EditField("The genres of all its tracks.", several(line), many=True),
        "disc_subtitles": EditField("What its discs are called, by number.", disc_subtitles),
        "external_ids": EditField("What others call it: [{namespace, value}].", several(external_id("album")), many=True),
        "musicbrainz_release_id": EditField("Its MusicBrainz release.", optional(mbid)),
        "musicbrainz_release_group_id": EditField("Its MusicBrainz release group.", optional(mbid)),
    },
    "artist": {
        "name": EditField("The name; a former one becomes an alias.", line),
        "sort_name": EditField("What they are sorted by.", optional(line)),
        "disambiguation": EditField("What tells them from others of the name.", optional(line)),
        "type": EditField("person, group, orchestra …", optional(choice(*ARTIST_TYPES))),
        "country": EditField("Where they are from.", optional(country)),
        "begin_date": EditField("When they were born or founded.", optional(date)),
        "end_date": EditField("When they died or parted.", optional(date)),
        "biography": EditField("Who they are.", optional(long_text)),
        "musicbrainz_id": EditField("Their MusicBrainz id.", optional(mbid)),
        "aliases": EditField("Other spellings: tags that say them mean this artist.", several(line), many=True),
        "external_ids": EditField("What others call them: [{namespace, value}].", several(external_id("artist")), many=True),
    },
    "label": {
        "name": EditField("The name; tags that say a former one still mean this label.", line),
        "sort_name": EditField("What it is sorted by.", optional(line)),
        "disambiguation": EditField("What tells it from others of the name.", optional(line)),
        "type": EditField("imprint, distributor …", optional(choice(*LABEL_TYPES))),
        "country": EditField("Where it is from.", optional(country)),
        "begin_date": EditField("When it was founded.", optional(date)),
        "end_date": EditField("When it ended.", optional(date)),
        "external_ids": EditField("What others call it: [{namespace, value}].", several(external_id("label")), many=True),
    },
    "genre": {
        "name": EditField("The name; tags that say a former one still mean this genre.", line),
    },
}  # fmt: skip


def field_of(kind: str, name: str) -> EditField:
    """The field `name` of a kind of thing. Raises NoSuchField."""
    found = FIELDS[kind].get(name)
    if found is None:
        near = nearest(name, FIELDS[kind])
        raise NoSuchField(kind, name, near[0] if near else None)
    return found


def checked(kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values in canonical form. Raises BadEdit for the first that cannot be."""
    return {name: field_of(kind, name).check(name, value) for name, value in values.items()}
