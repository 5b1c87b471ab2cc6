"""One request of ws/2 answered: what was asked, what it takes, in which format."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qsl

import msgspec

from segue.catalog.ws2 import xml
from segue.catalog.ws2.asked import (
    BROWSE,
    LINKED,
    LOOKUP,
    PLURAL,
    UNKNOWN_HERE,
    Asked,
    BadRequest,
    checked_filter,
    checked_inc,
    checked_page,
)
from segue.catalog.ws2.found import Found
from segue.catalog.ws2.layout import ENTITIES, Entity
from segue.catalog.ws2.lucene import parsed, plain
from segue.catalog.ws2.reading import Ws2
from segue.catalog.ws2.searching import Search
from segue.catalog.ws2.shaping import Shaper, by_id

Json = dict[str, Any]
Format = Literal["json", "xml"]

TYPES: dict[Format, bytes] = {"json": b"application/json; charset=utf-8", "xml": b"application/xml; charset=utf-8"}
_HELP = "For usage, please see: https://musicbrainz.org/development/mmd"
_WRONG_FORMAT = (
    "Invalid format. Either set an Accept header (recognized mime types are application/json and application/xml), or"
    " include a fmt= argument in the query string (valid values for fmt are json and xml)."
)
_MBID = re.compile("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_ISRC = re.compile("[A-Z]{2}[A-Z0-9]{3}[0-9]{7}")
_DISC = re.compile("[A-Za-z0-9._-]{27}-")
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True)
class Answer:
    status: int
    format: Format
    body: bytes


@dataclass(frozen=True)
class Request:
    """`path` is what stands behind `/ws/2`."""

    method: str
    path: str
    query: bytes
    accept: str = ""


def format_of(params: Mapping[str, str], accept: str) -> Format | None:
    """`fmt` first, then the Accept header; XML where neither says anything, None where `fmt` says something else."""
    if (fmt := params.get("fmt")) is not None:
        return fmt if fmt in ("json", "xml") else None  # type: ignore[return-value]
    wanted = accept.lower()
    json, also_xml = wanted.find("application/json"), wanted.find("/xml")
    return "json" if json >= 0 and not 0 <= also_xml < json else "xml"


def asked(request: Request) -> tuple[Format, Asked | Answer]:
    """What is asked, and in which format; or the answer already where it is nothing that can be asked."""
    pairs = parse_qsl(request.query.decode("ascii", "replace"), keep_blank_values=True, max_num_fields=100)
    params = dict(reversed(pairs))
    format = format_of(params, request.accept)
    if format is None:
        return "xml", refused("xml", 406, _WRONG_FORMAT)
    parts = [part for part in request.path.split("/") if part]
    resource = parts[0] if parts else ""
    if request.method not in ("GET", "HEAD"):
        return format, refused(format, 405, f"{request.method} is not allowed on this endpoint.")
    if resource in UNKNOWN_HERE:
        return format, refused(format, 501, "This hasn't been implemented yet.")
    if resource not in LOOKUP or len(parts) > 2:
        return format, refused(format, 404, "Not Found")
    try:
        if sum(name == "inc" for name, _ in pairs) > 1:
            raise BadRequest("Inc arguments must be combined with a space, but you provided multiple parameters")
        return format, _checked(resource, parts[1] if len(parts) == 2 else None, params)
    except BadRequest as error:
        return format, refused(format, 400, str(error))


def _checked(resource: str, id: str | None, params: dict[str, str]) -> Asked:
    inc = params.get("inc", "")
    if id is None:
        limit, offset = checked_page(params)
        if resource in LINKED and params.get("query", "").strip():
            dismax = params.get("dismax", "").lower() in ("true", "1", "yes")
            return Asked(resource, query=params["query"], dismax=dismax, limit=limit, offset=offset)
        by = next((name for name in params if name in LINKED.get(resource, ())), None)  # type: ignore[call-overload]
        if by is None:
            raise BadRequest(f"The given parameters do not match any available query type for the {resource} resource.")
        if not _MBID.fullmatch(params[by]):
            raise BadRequest("Invalid mbid.")
        included = checked_inc(resource, inc, BROWSE[resource])
        only = checked_filter(resource, params.get("type", ""), params.get("status", ""), included)
        return Asked(resource, linked=(by, params[by]), inc=included, filter=only, limit=limit, offset=offset)
    included = checked_inc(resource, inc, LOOKUP[resource])
    if resource == "isrc":
        if not _ISRC.fullmatch(id.upper()):
            raise BadRequest("Invalid isrc.")
    elif resource == "discid":
        if not _DISC.fullmatch(id):
            raise BadRequest("Invalid discid.")
    elif not _MBID.fullmatch(id):
        raise BadRequest("Invalid mbid.")
    only = checked_filter(resource, params.get("type", ""), params.get("status", ""), included)
    return Asked(resource, id=id, inc=included, filter=only)


def answered(ws2: Ws2, asked: Asked, format: Format) -> Answer:
    """The answer; what is not there is a 404 with the words of the real one."""
    if asked.query is not None:
        return _searched(ws2, asked, format)
    if asked.linked is not None:
        return _browsed(ws2, asked, format)
    thing = _looked_up(ws2, asked)
    if thing is None:
        return refused(format, 404, "Not Found")
    return Answer(200, format, _encode(thing) if format == "json" else xml.one(asked.resource, thing))


def refused(format: Format, status: int, text: str) -> Answer:
    body = _encode({"error": text, "help": _HELP}) if format == "json" else xml.error([text, _HELP])
    return Answer(status, format, body)


def _looked_up(ws2: Ws2, asked: Asked) -> Json | None:
    assert asked.id is not None
    if asked.resource == "isrc":
        found = ws2.of_isrc(asked.id.upper())
        shaper = Shaper(ws2, asked.inc, asked.filter)
        recordings = [shaper.whole("recording", n) for n in found]
        return {"isrc": asked.id.upper(), "recordings": recordings} if found else None
    if asked.resource == "discid":
        return _disc(ws2, asked)
    entity: Entity = asked.resource  # type: ignore[assignment]
    n = ws2.number(entity, asked.id)
    return None if n is None else Shaper(ws2, asked.inc, asked.filter).whole(entity, n)


def _disc(ws2: Ws2, asked: Asked) -> Json | None:
    found = ws2.of_disc(str(asked.id))
    if not found:
        return None
    inc = type(asked.inc)(asked.inc.values | {"media", "discids"}, asked.inc.relations)
    shaper = Shaper(ws2, inc, asked.filter)
    for n in found:
        for medium in ws2.contents(n):
            for disc in medium.get("discs") or ():
                if disc.get("id") == asked.id:
                    releases = sorted((shaper.whole("release", m) for m in found), key=by_id)
                    return {**disc, "releases": releases}
    return None


_LINK = {
    ("release", "artist"): "artist_release",
    ("release", "track_artist"): "artist_track_release",
    ("release", "label"): "label_release",
    ("release", "recording"): "recording_release",
    ("release", "release-group"): "release_group_release",
    ("release-group", "artist"): "artist_release_group",
    ("recording", "artist"): "artist_recording",
}


def _browsed(ws2: Ws2, asked: Asked, format: Format) -> Answer:
    assert asked.linked is not None
    entity: Entity = asked.resource  # type: ignore[assignment]
    by, mbid = asked.linked
    named: Entity = "artist" if by == "track_artist" else by  # type: ignore[assignment]
    n = ws2.number(named, mbid)
    if n is None:
        return refused(format, 404, "Not Found")
    shaper = Shaper(ws2, asked.inc, asked.filter)
    link = _LINK.get((entity, by))
    if link is not None:
        total, page = shaper.linked(link, n, entity, asked.limit, asked.offset)
    else:
        found = _inside(ws2, entity, named, n)
        total, page = len(found), found[asked.offset : asked.offset + asked.limit]
    things = sorted((shaper.whole(entity, m) for m in page), key=by_id)
    if format == "xml":
        return Answer(200, format, xml.several(entity, things, total, asked.offset))
    answer = {f"{entity}-count": total, f"{entity}-offset": asked.offset, PLURAL[entity]: things}
    return Answer(200, format, _encode(answer))


def _inside(ws2: Ws2, entity: Entity, of: Entity, n: int) -> list[int]:
    """What a document names itself: the artists or labels of a release, its group, its recordings …"""
    body = ws2.body(of, n)
    if entity == "release-group":
        return [body["release-group"]] if body.get("release-group") else []
    if entity == "label":
        return list(dict.fromkeys(label for _, label in body.get("label-info") or () if label))
    if entity == "recording":
        rows = (row for medium in ws2.contents(n) for row in medium.get("tracks") or ())
        return list(dict.fromkeys(row[5] for row in rows if row[5]))
    return list(dict.fromkeys(ref[0] for ref in body.get("artist-credit") or ()))


def _searched(ws2: Ws2, asked: Asked, format: Format) -> Answer:
    assert asked.query is not None
    entity: Entity = asked.resource  # type: ignore[assignment]
    assert entity in ENTITIES
    tree = plain(asked.query) if asked.dismax else parsed(asked.query)
    hits = Search(ws2, entity, tree).hits(asked.limit, asked.offset)
    found = Found(ws2)
    things = [found.hit(entity, n, score) for n, score in hits.found]
    if format == "xml":
        return Answer(200, format, xml.several(entity, things, hits.total, asked.offset, created=ws2.made))
    answer = {"created": ws2.made, "count": hits.total, "offset": asked.offset, PLURAL[entity]: things}
    return Answer(200, format, _encode(answer))
