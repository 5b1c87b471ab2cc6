"""Ids as the outside sees them: `tr-81` for rows of ours, `platform:type:native` for the rest of the world's.

One place parses both. An id never changes its meaning.
"""

from __future__ import annotations

from dataclasses import dataclass

from segue.core.errors import Invalid

PREFIX_OF_KIND = {
    "track": "tr",
    "album": "al",
    "artist": "ar",
    "file": "fi",
    "folder": "fo",
    "library": "li",
    "genre": "ge",
    "label": "lb",
    "artwork": "aw",
    "playlist": "pl",
    "playlist_row": "pr",
    "playlist_folder": "pf",
    "playlist_import": "pi",
    "playlist_file": "px",
    "concert": "co",
    "recording": "rec",
    "job": "jo",
    "user": "us",
    "group": "gr",
    "app_password": "ap",
    "session": "se",
    "play": "py",
    "bookmark": "bm",
    "tag_write": "tw",
    "inbox_item": "in",
    "duplicate_group": "dg",
    "grouping_override": "go",
    "scan_journal": "sj",
    "scan_preview": "sp",
    "edit": "ed",
    "search_entry": "sh",
    "play_change": "pc",
    "history_import": "im",
    "own_tag": "ot",
    "scrobble": "sb",
    "scrobble_account": "sc",
    "catalog_link": "cl",
    "live_artist": "ba",
    "venue": "ve",
    "song": "so",
    "live_track": "lt",
    "live_file": "lf",
    "live_doubt": "ld",
    "live_override": "lo",
    "live_mirror": "lm",
    "live_rule": "lr",
    "download": "dl",
    "download_file": "df",
    "tape": "ta",
    "analysis_request": "an",
}
KIND_OF_PREFIX = {prefix: kind for kind, prefix in PREFIX_OF_KIND.items()}
MAX_ROW_ID = 2**31 - 1
"""The largest key that every table's column holds (PostgreSQL's integer); a larger number names nothing and would be
refused by the database as a parameter."""


class BadId(Invalid):
    """`text` is what was given; which parameter it came from, a face finds out."""

    def __init__(self, text: str, expect: str | None = None) -> None:
        wanted = f"an id such as {expect}-81" if expect else "an id such as tr-81 or musicbrainz:recording:…"
        shown = text if len(text) <= 60 else text[:59] + "…"
        super().__init__("bad_id", f"{shown!r} is not {wanted}.", id=shown, expect=expect)
        self.text = text


@dataclass(frozen=True, slots=True)
class TypedId:
    """A row of ours: its prefix (`tr`) and its number."""

    prefix: str
    number: int

    @property
    def kind(self) -> str:
        return KIND_OF_PREFIX[self.prefix]

    def __str__(self) -> str:
        return f"{self.prefix}-{self.number}"

    @classmethod
    def parse(cls, text: str) -> TypedId:
        """The id written as `prefix-number`. Raises BadId where it is not one of ours."""
        prefix, dash, digits = text.partition("-")
        if not dash or prefix not in KIND_OF_PREFIX or not digits.isascii() or not digits.isdigit() or len(digits) > 19:
            raise BadId(text)
        number = int(digits)
        if number > MAX_ROW_ID:
            raise BadId(text)
        return cls(prefix, number)


def format_id(prefix: str, number: int) -> str:
    """`format_id("tr", 81)` is `tr-81`."""
    return f"{prefix}-{number}"


def format_id_or_none(prefix: str, number: int | None) -> str | None:
    """Like format_id, and None where there is no number."""
    return None if number is None else f"{prefix}-{number}"


def parse_id(text: str, expect: str) -> int:
    """The number in `text`, whose prefix must be `expect`. Raises BadId."""
    try:
        typed = TypedId.parse(text)
    except BadId:
        raise BadId(text, expect) from None
    if typed.prefix != expect:
        raise BadId(text, expect)
    return typed.number


@dataclass(frozen=True, slots=True)
class ExternalId:
    """Something in the outside world: who names it, what it is, and its name there (`isrc:GBAYE0601498` has no type)."""

    platform: str
    type: str | None
    native: str

    def __str__(self) -> str:
        return ":".join(part for part in (self.platform, self.type, self.native) if part is not None)

    @classmethod
    def parse(cls, text: str) -> ExternalId:
        """`platform:type:native`, or `isrc:…` and `upc:…`, which need no type. Raises BadId."""
        platform, colon, rest = text.partition(":")
        if not colon or not platform.isidentifier() or not rest:
            raise BadId(text)
        if platform in ("isrc", "upc"):
            return cls(platform, None, rest)
        kind, colon, native = rest.partition(":")
        if not colon or not kind or not native:
            raise BadId(text)
        return cls(platform, kind, native)
