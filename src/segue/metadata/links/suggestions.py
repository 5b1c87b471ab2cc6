"""What the catalogue would say in place of what a track or an album says: fields that differ, as the editing takes them.

Nothing is changed by itself. What a source does not know is no suggestion; values that one may have several of are added to
those that are there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from segue.library.edits.errors import BadEdit
from segue.library.edits.fields import checked
from segue.library.external import NAMESPACES
from segue.library.fields.roles import RELEASE_TYPES

_TONES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_NOBODY_SAYS = ("zxx", "und", "mul")
Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A field, what it says now, and what it might say: both in the form in which fields are edited."""

    field: str
    current: Any
    suggested: Any


def for_track(item: Item, now: Mapping[str, Any]) -> list[Suggestion]:
    """For a track that is `item` in the catalogue; `now` has the fields as they are."""
    album = item.get("album") or {}
    given: dict[str, Any] = {
        "title": _title(item),
        "artists": _people(item["artists"]),
        "disc": item["disc"] or None,
        "position": item["position"] or None,
        "date": album.get("release_date"),
        "explicit": True if item["explicit"] else None,
        "isrcs": _more(now.get("isrcs"), item["isrcs"]),
        "genres": item["genres"] if not now.get("genres") else None,
        "language": _language(item["languages"]) if not now.get("language") else None,
        "external_ids": _ids("track", item, now),
        "musicbrainz_recording_id": _mbid(item, "recording"),
        **_sound(item.get("features") or {}, now),
    }
    return _differing("track", given, now)


def for_album(item: Item, now: Mapping[str, Any]) -> list[Suggestion]:
    """For an album that is `item` in the catalogue."""
    kind = item["type"].casefold()
    given: dict[str, Any] = {
        "title": item["title"] or None,
        "artists": _people(item["artists"]),
        "date": item["release_date"],
        "release_types": [kind] if kind in RELEASE_TYPES and not now.get("release_types") else None,
        "compilation": True if kind == "compilation" else None,
        "barcode": item["upc"] if not now.get("barcode") else None,
        "labels": _labels(item) if not now.get("labels") else None,
        "country": item["more"].get("country") if not now.get("country") else None,
        "release_status": item["more"].get("status") if not now.get("release_status") else None,
        "genres": item["genres"] if not now.get("genres") else None,
        "external_ids": _ids("album", item, now),
        "musicbrainz_release_id": _mbid(item, "release"),
        "musicbrainz_release_group_id": _mbid(item, "release-group"),
    }
    return _differing("album", given, now)


def _differing(kind: str, given: Mapping[str, Any], now: Mapping[str, Any]) -> list[Suggestion]:
    found = []
    for field, value in given.items():
        if value is None or value == []:
            continue
        try:
            canonical = checked(kind, {field: value})[field]
        except BadEdit:
            continue  # what a source says and no field can hold is no suggestion
        current = now.get(field)
        if not _says_the_same(field, current, canonical):
            found.append(Suggestion(field, current, canonical))
    return found


def _says_the_same(field: str, current: Any, suggested: Any) -> bool:
    if field == "artists":
        return _names(current) == _names(suggested)
    if field == "date" and isinstance(current, str) and isinstance(suggested, str):
        # a date that is less exact adds nothing
        return current.startswith(suggested)
    if field == "external_ids":
        return {tuple(one) for one in current or ()} == {tuple(one) for one in suggested}
    if isinstance(suggested, list):
        return list(current or ()) == suggested
    return bool(current == suggested)


def _names(people: Any) -> list[str]:
    return [one.get("credited_as") or one.get("name") or one.get("artist") or "" for one in people or ()]


def _title(item: Item) -> str | None:
    version = item.get("version_title")
    title = item["title"]
    if version and version.casefold() not in title.casefold():
        return f"{title} ({version})"
    return title or None


def _people(credits: Sequence[Item]) -> list[dict[str, Any]] | None:
    """Those it is by; people of other roles are no part of that line."""
    main = [one for one in credits if one["role"] in (None, "main_artist", "featured_artist")] or credits[:1]
    found = []
    for place, one in enumerate(main):
        credit = {"name": one["artist"]["name"]}
        if one["credited_as"]:
            credit["credited_as"] = one["credited_as"]
        if place < len(main) - 1:
            credit["join_phrase"] = one["join_phrase"] or ", "
        found.append(credit)
    return found or None


def _labels(item: Item) -> list[dict[str, Any]] | None:
    """With their catalogue numbers, where the source says those."""
    said = item["more"].get("labels") or ()
    found = [
        {"name": one["name"], "catalog_number": one.get("catalog_number")}
        for one in said
        if isinstance(one, dict) and one.get("name")
    ]
    return found or ([{"name": item["label"]}] if item["label"] else None)


def _more(current: Sequence[str] | None, others: Sequence[str]) -> list[str]:
    return list(dict.fromkeys([*(current or ()), *others]))


def _language(languages: Sequence[str]) -> str | None:
    return languages[0] if len(languages) == 1 and languages[0] not in _NOBODY_SAYS else None


def _ids(kind: str, item: Item, now: Mapping[str, Any]) -> list[list[str]] | None:
    """Ours with what the catalogue knows: its own id and those of others, of namespaces that are kept here."""
    held = [list(pair) for pair in now.get("external_ids") or ()]
    known = {pair[0] for pair in held}
    found = list(held)
    for text in (item["id"], *item["ids"]):
        namespace, _, value = text.rpartition(":")
        if namespace in NAMESPACES[kind] and namespace not in known and namespace != "isrc" and value:
            found.append([namespace, value])
            known.add(namespace)
    return found if len(found) > len(held) else None


def _mbid(item: Item, kind: str) -> str | None:
    start = f"musicbrainz:{kind}:"
    return next((text[len(start) :] for text in (item["id"], *item["ids"]) if text.startswith(start)), None)


def _sound(features: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """Tempo and key where the track says none: `key` counts half tones from C, `mode` is 1 for major."""
    tempo, key, mode = features.get("tempo"), features.get("key"), features.get("mode")
    found: dict[str, Any] = {}
    if tempo and not now.get("bpm"):
        found["bpm"] = round(float(tempo), 2)
    if isinstance(key, int) and 0 <= key < 12 and not now.get("key"):
        found["key"] = _TONES[key] + ("" if mode == 1 else "m")
    return found
