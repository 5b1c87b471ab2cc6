"""Answers as XML, in MusicBrainz's metadata format 2.0: what the JSON says, with its names, and nothing that is empty.

Search hits and lookups differ a little (`title` on every track, `ext:score`), as theirs do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

Json = dict[str, Any]

NAMESPACE = "http://musicbrainz.org/ns/mmd-2.0#"
EXTENSION = "http://musicbrainz.org/ns/ext#-2.0"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})
_NOT_PLAIN = re.compile('[&<>"\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]')
_FORBIDDEN = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF))
"""What XML 1.0 cannot carry is left out."""
_ALBUM_TYPES = ("Compilation", "Remix", "Soundtrack", "Live", "Spokenword", "Interview")
"""Which secondary type an album's one `type` attribute names, the first of these that it has."""


def escaped(value: object) -> str:
    text = str(value)
    return text.translate(_FORBIDDEN).translate(_ESCAPES) if _NOT_PLAIN.search(text) else text


def document(content: str, *, created: str | None = None) -> bytes:
    more = f' created="{escaped(created)}" xmlns:ext="{EXTENSION}"' if created else ""
    return f'{_HEAD}<metadata xmlns="{NAMESPACE}"{more}>{content}</metadata>'.encode()


def error(texts: Iterable[str]) -> bytes:
    return f"{_HEAD}<error>{''.join(f'<text>{escaped(text)}</text>' for text in texts)}</error>".encode()


def element(name: str, content: str = "", /, **attributes: object) -> str:
    """`type_id` is written `type-id`, `ext_score` `ext:score`; attributes that are None are left out."""
    said = name
    for key, value in attributes.items():
        if value is not None:
            said += f' {_NAMES[key]}="{escaped(value)}"'
    return f"<{said}>{content}</{name}>" if content else f"<{said}/>"


class _Names(dict[str, str]):
    def __missing__(self, key: str) -> str:
        self[key] = key.replace("ext_", "ext:").replace("_", "-")
        return self[key]


_NAMES = _Names()


def _text(thing: Json, name: str, called: str | None = None) -> str:
    value = thing.get(name)
    if value is None or value == "":
        return ""
    return f"<{called or name}>{escaped(value)}</{called or name}>"


def _texts(thing: Json, *names: str) -> str:
    said = ""
    for name in names:
        value = thing.get(name)
        if value is not None and value != "":
            said += f"<{name}>{escaped(value)}</{name}>"
    return said


def _flag(thing: Json, name: str) -> str:
    return f"<{name}>true</{name}>" if thing.get(name) else ""


def _list(
    things: Iterable[Json] | None,
    name: str,
    one: Callable[[Json], str],
    *,
    offset: int | None = None,
    count: int | None = None,
) -> str:
    """`<name-list count="…">`; nothing where it was not asked for."""
    if things is None:
        return ""
    kept = list(things)
    return element(
        f"{name}-list",
        "".join(one(thing) for thing in kept),
        count=len(kept) if count is None else count,
        offset=offset,
    )


def _codes(thing: Json, name: str, one: str) -> str:
    values = thing.get(name)
    if not values:
        return ""
    return element(f"{one}-list", "".join(f"<{one}>{escaped(value)}</{one}>" for value in values))


# Parts of several entities


def _span(thing: Json) -> str:
    span = thing.get("life-span") or {}
    content = _texts(span, "begin", "end") + _flag(span, "ended")
    return element("life-span", content) if content else ""


def _area(thing: Json, name: str) -> str:
    area = thing.get(name)
    if not area:
        return ""
    content = _texts(area, "name", "sort-name", "disambiguation")
    for codes in ("iso-3166-1", "iso-3166-2", "iso-3166-3"):
        content += _codes(area, f"{codes}-codes", f"{codes}-code")
    return element(name, content + _span(area), id=area.get("id"), type=area.get("type"), type_id=area.get("type-id"))


def _alias(alias: Json) -> str:
    return element(
        "alias",
        escaped(alias.get("name") or ""),
        locale=alias.get("locale"),
        sort_name=alias.get("sort-name"),
        type=alias.get("type"),
        type_id=alias.get("type-id"),
        primary="primary" if alias.get("primary") else None,
        begin_date=alias.get("begin") or alias.get("begin-date"),
        end_date=alias.get("end") or alias.get("end-date"),
    )


def _aliases(thing: Json) -> str:
    return _list(thing["aliases"], "alias", _alias) if thing.get("aliases") else ""


def _tags(thing: Json) -> str:
    if "tags" not in thing and "genres" not in thing and "rating" not in thing:
        return ""
    content = ""
    for name, plural in (("tag", "tags"), ("genre", "genres")):
        if thing.get(plural):
            content += element(
                f"{name}-list",
                "".join(
                    element(name, _texts(tag, "name", "disambiguation"), count=tag.get("count"), id=tag.get("id"))
                    for tag in thing[plural]
                ),
            )
    rating = thing.get("rating")
    if rating and rating.get("value") is not None:
        content += element("rating", escaped(rating["value"]), votes_count=rating.get("votes-count"))
    return content


def _credit(thing: Json) -> str:
    credit = thing.get("artist-credit")
    if not credit:
        return ""
    parts = []
    for part in credit:
        shown = part["artist"]
        name = "" if part.get("name") == shown.get("name") else _text(part, "name")
        parts.append(element("name-credit", name + artist(shown), joinphrase=part.get("joinphrase") or None))
    return element("artist-credit", "".join(parts), id=thing.get("artist-credit-id"))


def _relations(thing: Json) -> str:
    if not thing.get("relations"):
        return ""
    by_target: dict[str, list[Json]] = {}
    for relation in thing["relations"]:
        by_target.setdefault(relation.get("target-type", ""), []).append(relation)
    return "".join(
        element("relation-list", "".join(map(_relation, by_target[target])), target_type=target)
        for target in sorted(by_target)
    )


def _relation(relation: Json) -> str:
    kind = relation["target-type"]
    target = relation.get(kind) or {}
    if kind == "url":
        content = element("target", escaped(target.get("resource") or ""), id=target.get("id"))
    else:
        content = element("target", escaped(target.get("id") or ""))
    content += _text(relation, "ordering-key")
    if relation.get("direction") == "backward":
        content += "<direction>backward</direction>"
    content += _texts(relation, "begin", "end") + _flag(relation, "ended")
    ids, values = relation.get("attribute-ids") or {}, relation.get("attribute-values") or {}
    credits = relation.get("attribute-credits") or {}
    if relation.get("attributes"):
        content += element(
            "attribute-list",
            "".join(
                element(
                    "attribute",
                    escaped(name),
                    type_id=ids.get(name),
                    value=values.get(name),
                    credited_as=credits.get(name),
                )
                for name in relation["attributes"]
            ),
        )
    if kind != "url":
        render = _RENDER.get(kind.replace("_", "-"), _other)
        content += render(target) if kind.replace("_", "-") in _RENDER else _other(target, kind)
    content += _texts(relation, "source-credit", "target-credit")
    return element("relation", content, type=relation.get("type"), type_id=relation.get("type-id"))


def _other(thing: Json, name: str = "work") -> str:
    """A work, a place, a series …: of those there are no documents of their own."""
    content = _texts(thing, "title", "name", "sort-name", "language")
    if thing.get("languages"):
        content += _codes(thing, "languages", "language")
    content += _codes(thing, "iswcs", "iswc") + _text(thing, "disambiguation") + _aliases(thing) + _relations(thing)
    return element(name, content, id=thing.get("id"), type=thing.get("type"), type_id=thing.get("type-id"))


# Entities


def artist(thing: Json) -> str:
    if "life-span" not in thing:  # one that is credited, of whom little is said
        content = _texts(thing, "name", "sort-name", "country", "disambiguation") + _aliases(thing) + _tags(thing)
        return _entity("artist", content, thing)
    content = _texts(thing, "name", "sort-name", "annotation")
    if thing.get("gender"):
        content += element("gender", escaped(thing["gender"]), id=thing.get("gender-id"))
    content += _text(thing, "country") + "".join(_area(thing, name) for name in ("area", "begin-area", "end-area"))
    content += _text(thing, "disambiguation") + _codes(thing, "ipis", "ipi") + _codes(thing, "isnis", "isni")
    content += _span(thing) + _aliases(thing)
    content += _list(thing.get("recordings"), "recording", recording) + _list(thing.get("releases"), "release", release)
    content += _list(thing.get("release-groups"), "release-group", release_group) + _relations(thing) + _tags(thing)
    return _entity("artist", content, thing)


def label(thing: Json) -> str:
    content = _texts(thing, "name", "sort-name", "annotation", "disambiguation", "label-code")
    content += _codes(thing, "ipis", "ipi") + _codes(thing, "isnis", "isni")
    content += _text(thing, "country") + _area(thing, "area") + _span(thing) + _aliases(thing)
    content += _list(thing.get("releases"), "release", release) + _relations(thing) + _tags(thing)
    return _entity("label", content, thing)


def _entity(name: str, content: str, thing: Json) -> str:
    return element(
        name,
        content,
        type=thing.get("type"),
        type_id=thing.get("type-id"),
        id=thing["id"],
        ext_score=thing.get("score"),
    )


def release_group(thing: Json) -> str:
    secondary = thing.get("secondary-types") or ()
    ids = [*(thing.get("secondary-type-ids") or ()), *[None] * len(secondary)]
    primary = thing.get("primary-type")
    kind = primary or (secondary[0] if secondary else None)
    if primary == "Album":
        kind = next((name for name in _ALBUM_TYPES if name in secondary), primary)
    content = _texts(thing, "title", "annotation", "disambiguation", "first-release-date")
    if primary:
        content += element("primary-type", escaped(primary), id=thing.get("primary-type-id"))
    if secondary:
        content += element(
            "secondary-type-list",
            "".join(
                element("secondary-type", escaped(name), id=mbid) for name, mbid in zip(secondary, ids, strict=False)
            ),
        )
    content += _credit(thing) + _list(thing.get("releases"), "release", release, count=thing.get("count"))
    content += _aliases(thing) + _relations(thing) + _tags(thing)
    return element(
        "release-group", content, type=kind, type_id=thing.get("type-id"), id=thing["id"], ext_score=thing.get("score")
    )


def recording(thing: Json) -> str:
    content = _texts(thing, "title", "length", "annotation", "disambiguation") + _flag(thing, "video")
    content += _credit(thing) + _text(thing, "first-release-date")
    content += _list(thing.get("releases"), "release", release)
    if thing.get("isrcs"):
        content += element(
            "isrc-list", "".join(element("isrc", id=isrc) for isrc in thing["isrcs"]), count=len(thing["isrcs"])
        )
    content += _aliases(thing) + _relations(thing) + _tags(thing)
    return element("recording", content, id=thing["id"], ext_score=thing.get("score"))


def release(thing: Json) -> str:
    content = _text(thing, "title")
    for name in ("status", "quality", "packaging"):
        if name == "packaging":
            content += _texts(thing, "annotation", "disambiguation")
        if thing.get(name):
            content += element(name, escaped(thing[name]), id=thing.get(f"{name}-id"))
    text = _texts(thing.get("text-representation") or {}, "language", "script")
    content += element("text-representation", text) if text else ""
    content += _credit(thing)
    if thing.get("release-group"):
        content += release_group(thing["release-group"])
    content += _texts(thing, "date", "country")
    if thing.get("release-events"):
        content += _list(
            thing["release-events"],
            "release-event",
            lambda event: element("release-event", _text(event, "date") + _area(event, "area")),
        )
    content += _texts(thing, "barcode", "asin")
    if art := thing.get("cover-art-archive"):
        said = "".join(
            f"<{name}>{str(art.get(name, False)).lower()}</{name}>" for name in ("artwork", "count", "front", "back")
        )
        content += element("cover-art-archive", said + _flag(art, "darkened"))
    content += _list(thing.get("label-info"), "label-info", _label_info)
    content += _media(thing)
    content += _aliases(thing) + _relations(thing) + _tags(thing)
    return element("release", content, id=thing["id"], ext_score=thing.get("score"))


def _label_info(info: Json) -> str:
    return element("label-info", _text(info, "catalog-number") + (label(info["label"]) if info.get("label") else ""))


def _media(thing: Json) -> str:
    media = thing.get("media")
    if media is None:
        return ""
    content = _text(thing, "track-count") + "".join(map(_medium, media))
    return element("medium-list", content, count=len(media))


def _medium(medium: Json) -> str:
    content = _texts(medium, "title", "position")
    if medium.get("format"):
        content += element("format", escaped(medium["format"]), id=medium.get("format-id"))
    if "discs" in medium:
        content += _list(medium["discs"], "disc", lambda disc: element("disc", _toc(disc), id=disc.get("id")))
    elif "disc-count" in medium:
        content += element("disc-list", count=medium["disc-count"])
    if medium.get("pregap"):
        content += _track(medium["pregap"], "pregap")
    rows = medium["tracks"] if "tracks" in medium else medium.get("track")
    tracks = "".join(_track(track) for track in rows or ())
    content += element("track-list", tracks, count=medium.get("track-count"), offset=medium.get("track-offset"))
    if medium.get("data-tracks"):
        content += _list(medium["data-tracks"], "data-track", _track)
    return element("medium", content, id=medium.get("id"))


def _toc(disc: Json) -> str:
    offsets = "".join(
        element("offset", escaped(offset), position=place) for place, offset in enumerate(disc.get("offsets") or (), 1)
    )
    return _text(disc, "sectors") + element("offset-list", offsets, count=len(disc.get("offsets") or ()))


def _track(track: Json, name: str = "track") -> str:
    inside = track.get("recording")
    content = _texts(track, "position", "number")
    if inside is None or track.get("title") != inside.get("title"):
        content += _text(track, "title")
    content += _text(track, "length")
    if inside is None or [part["name"] for part in track.get("artist-credit") or ()] != [
        part["name"] for part in inside.get("artist-credit") or ()
    ]:
        content += _credit(track)
    return element(name, content + (recording(inside) if inside else ""), id=track.get("id"))


def disc(thing: Json) -> str:
    return element("disc", _toc(thing) + _list(thing.get("releases"), "release", release), id=thing["id"])


def isrc(thing: Json) -> str:
    return element("isrc", _list(thing.get("recordings"), "recording", recording), id=thing["isrc"])


_RENDER: dict[str, Callable[[Json], str]] = {
    "artist": artist,
    "label": label,
    "release-group": release_group,
    "recording": recording,
    "release": release,
}


def one(resource: str, thing: Json) -> bytes:
    """What was looked up."""
    render = {**_RENDER, "isrc": isrc, "discid": disc}[resource]
    return document(render(thing))


def several(resource: str, things: list[Json], count: int, offset: int, *, created: str | None = None) -> bytes:
    """What was browsed or, with `created`, searched."""
    shown_offset = offset if offset or created else None
    return document(_list(things, resource, _RENDER[resource], count=count, offset=shown_offset), created=created)
