"""Ids that the rest of the world gives to music: which namespaces there are, how their values look, how one asks for them.

`spotify:artist:4gzpq5DPGxSnKTe4SA8HAU`, `isrc:GBAYE0601498`, `upc:5099902894225`, `discogs:release:249504`. Asked for
without its type (`spotify:4gzpq…`), an id is looked for in all of the service's types that fit the list.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from segue.library import models as m
from segue.library.namespaces import FORMER_ARTIST, NAMESPACES, UUID, canonical
from segue.query import BadValue, Field, Type

__all__ = ["FORMER_ARTIST", "NAMESPACES", "canonical", "external_field", "has_external"]

_OTHER_SPELLINGS = {"barcode": "upc", "ean": "upc", "itunes": "apple", "mb": "musicbrainz", "mbid": "musicbrainz"}


def external_field(kind: str, row_id: ColumnElement[int]) -> Field:
    """The filter `external=…` of a list."""
    return Field(
        "external",
        Type.TEXT,
        "What others call it: spotify:artist:…, musicbrainz:…, isrc:…, upc:…, discogs:…",
        words=lambda _scope, typed: has_external(kind, row_id, typed),
    )


def has_external(kind: str, row_id: ColumnElement[int], typed: str) -> ColumnElement[bool]:
    """The condition that a row of `kind` has the id `typed`. Raises BadValue where it is none."""
    platform, colon, rest = typed.strip().partition(":")
    platform = platform.casefold()
    platform = _OTHER_SPELLINGS.get(platform, platform)
    if not colon or not rest.strip():
        raise BadValue("external", typed, "an id such as spotify:artist:… or isrc:…")
    type_, colon, native = rest.partition(":")
    if platform == "musicbrainz":
        return _musicbrainz(kind, row_id, type_.casefold() if colon else None, (native if colon else rest).strip())
    if platform == "isrc":
        rest = rest.replace("-", "").upper()
    pairs = {(f"{platform}:{type_.casefold()}", native.strip())} if colon else set()
    pairs |= {(platform, rest.strip())}
    pairs |= {(name, rest.strip()) for name in NAMESPACES[kind] if name.startswith(f"{platform}:")}
    row = m.ExternalIdRow
    found: list[ColumnElement[bool]] = [
        row_id.in_(select(row.entity_id).where(row.kind == kind, row.namespace == name, row.value == value))
        for name, value in sorted(pairs)
    ]
    if platform == "upc" and kind == "album":
        found.append(row_id.in_(select(m.Album.id).where(m.Album.barcode == rest.strip())))
    return or_(*found)


_COLUMNS: dict[str, dict[str, Callable[[], Any]]] = {
    "track": {
        "recording": lambda: (m.Track.id, m.Track.musicbrainz_recording_id),
        "track": lambda: (m.Track.id, m.Track.musicbrainz_track_id),
    },
    "album": {
        "release": lambda: (m.Album.id, m.Album.musicbrainz_release_id),
        "release-group": lambda: (m.Album.id, m.Album.musicbrainz_release_group_id),
    },
    "artist": {"artist": lambda: (m.Artist.id, m.Artist.musicbrainz_id)},
    "label": {},
}
_UNINDEXED = frozenset(["track"])
"""Asked only by name: there is no index to look there."""


def _musicbrainz(kind: str, row_id: ColumnElement[int], type_: str | None, native: str) -> ColumnElement[bool]:
    native = native.casefold()
    if re.fullmatch(UUID, native) is None:
        raise BadValue("external", native, "a MusicBrainz id, which is a UUID")
    type_ = type_.replace("_", "-") if type_ else None
    found: list[ColumnElement[bool]] = []
    for name, columns in _COLUMNS[kind].items():
        if type_ == name or (type_ is None and name not in _UNINDEXED):
            own_id, column = columns()
            found.append(row_id.in_(select(own_id).where(column == native)))
    row = m.ExternalIdRow
    names = [f"musicbrainz:{type_}"] if type_ else ["musicbrainz:artist", "musicbrainz:label", "musicbrainz:work"]
    found.append(
        row_id.in_(select(row.entity_id).where(row.kind == kind, row.namespace.in_(names), row.value == native))
    )
    return or_(*found)
