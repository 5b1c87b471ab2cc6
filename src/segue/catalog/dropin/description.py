"""OpenAPI 3.1 of the drop-in, in the shape that is served: what /openapi.yaml says and /docs shows."""

from __future__ import annotations

from functools import cache
from typing import Any

from segue import __version__
from segue.catalog.dropin.asked import DEFAULT_LIMIT, MOST_LIMIT
from segue.catalog.dropin.batches import MOST_STRICTLY
from segue.catalog.dropin.shapes import Shape
from segue.catalog.store import MOST_IN_A_BATCH

Json = dict[str, Any]

TRACK_ID = "6fxVffaTuwjgEk5h9QyRjy"
ALBUM_ID = "2guirTSEqLizK7j9i1MTTZ"
ARTIST_ID = "4gzpq5DPGxSnKTe4SA8HAU"


@cache
def description(shape: Shape) -> Json:
    """The whole document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Segue catalogue",
            "version": __version__,
            "summary": "Everything ever recorded: lookups by id and code, batches, search.",
            "description": _ABOUT[shape],
            "license": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
        },
        "servers": [{"url": "/"}],
        "tags": [
            {"name": "lookup", "description": "By id, code or barcode."},
            {"name": "batch", "description": "Many at once."},
            {"name": "search", "description": "By what a person types."},
            {"name": "server", "description": "The server itself."},
        ],
        "paths": _paths(shape),
        "components": {"schemas": _schemas(shape), "headers": _HEADERS, "responses": _responses(shape)},
    }


@cache
def openapi_yaml(shape: Shape) -> bytes:
    """`description` as YAML."""
    import yaml

    return yaml.safe_dump(_unshared(description(shape)), sort_keys=False, allow_unicode=True, width=110).encode()


_ABOUT = {
    Shape.plain: "No login. A miss is 404, or absent from a batch. Errors are problem+json.",
    Shape.strict: "No login. Started with --strict-compat: codes and searches without a hit are `null`, errors are text.",
    Shape.brief: "No login. Started with --shape brief: names of members as in the description that the Go server had.",
}


def _paths(shape: Shape) -> Json:
    return {
        "/lookup/track/{id}": _get("lookup", "trackById", "A track by its id", [_ID("track", TRACK_ID)], _ref("Track")),
        "/lookup/album/{id}": _get(
            "lookup", "albumById", "An album by its id", [_ID("album", ALBUM_ID)], _ref("Album")
        ),
        "/lookup/album/{id}/tracks": _get(
            "lookup",
            "albumTracks",
            "The tracks of an album",
            [_ID("album", ALBUM_ID)],
            _nullable(_array("Track"), shape),
            "By disc and number, each without its album.",
        ),
        "/lookup/artist/{id}": _get(
            "lookup", "artistById", "An artist by its id", [_ID("artist", ARTIST_ID)], _ref("Artist")
        ),
        "/lookup/artist/{id}/albums": _get(
            "lookup",
            "artistAlbums",
            "The albums of an artist",
            [_ID("artist", ARTIST_ID), _LIMIT, _CURSOR],
            _array("Album"),
            "Newest first; those it only appears on come after its own.",
            headers=("X-Total-Count", "X-Next-Cursor"),
        ),
        "/lookup/isrc/{isrc}": _get(
            "lookup",
            "tracksByIsrc",
            "The tracks of an ISRC",
            [_path("isrc", "Any case; hyphens do not count.", "GBAYE9700001")],
            _ref("Track") if shape is Shape.brief else _nullable(_array("Track"), shape),
            "The most popular one." if shape is Shape.brief else "Most popular first.",
        ),
        "/lookup/upc/{upc}": _get(
            "lookup",
            "albumsByUpc",
            "The albums of a barcode",
            [_path("upc", "UPC, EAN or GTIN; leading zeros do not count.", "0016861402327")],
            _array("Album"),
            "Most popular first.",
        ),
        "/lookup/mbid/{mbid}": _get(
            "lookup",
            "anythingByMbid",
            "Whatever bears a MusicBrainz id",
            [
                _path(
                    "mbid",
                    "Of a recording, release, artist, release group or track.",
                    "87c5dedd-371d-4a53-9f7f-80522fb7f3cb",
                )
            ],
            _ref("Any"),
        ),
        "/lookup/id/{id}": _get(
            "lookup",
            "anythingById",
            "Whatever bears an id of any platform",
            [_path("id", "platform:type:native, or isrc:… or upc:….", f"spotify:track:{TRACK_ID}")],
            _ref("Any"),
        ),
        "/batch/lookup": {"post": _batch(shape)},
        **{f"/search/{kind}": _search(kind, shape) for kind in ("track", "artist", "album")},
        "/search/all": _get(
            "search",
            "searchAll",
            "Search tracks, albums and artists",
            [_Q, _LIMIT, _MATCH, _DEADLINE],
            _object({f"{kind.lower()}s": _array(kind) for kind in ("Track", "Album", "Artist")}, every=True),
            headers=("X-Partial", "X-Corrected-Query"),
            missing=False,
        ),
        "/health": _get("server", "health", "Whether the catalogue answers", [], _ref("Health"), missing=False),
        "/ready": _get(
            "server", "ready", "Whether requests are taken", [], _ref("Ready"), missing=False, away="Draining"
        ),
        "/metrics": _get(
            "server", "metrics", "Numbers for Prometheus", [], {"type": "string"}, missing=False, media="text/plain"
        ),
        "/openapi.yaml": _get(
            "server", "openapi", "This description", [], {"type": "string"}, missing=False, media="application/yaml"
        ),
        "/docs": _get(
            "server", "docs", "This description as a page", [], {"type": "string"}, missing=False, media="text/html"
        ),
    }


def _schemas(shape: Shape) -> Json:
    brief = shape is Shape.brief
    text, number, flag = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
    words = {"type": "array", "items": text}
    images = {"type": "array", "items": _ref("Image")}
    popularity = {"type": "integer", "minimum": 0, "maximum": 100}
    artist_names = {"followers_total" if brief else "followers": number}
    roles: Json = {**words, "description": "Beside the artists: the first role is that of the first artist."}
    if brief:
        roles = {"type": "object", "additionalProperties": words, "description": "The roles of each artist, by its id."}
    problem = {
        "type": text,
        "title": text,
        "status": number,
        "code": text,
        "detail": text,
        "hint": text,
        "params": {"type": "object"},
    }
    isrc_value = _ref("Track") if brief else _array("Track")
    most = MOST_STRICTLY if shape is Shape.strict else MOST_IN_A_BATCH
    ids = {"type": "array", "items": text, "maxItems": most}
    health: Json = {"status": {"const": "ok"}}
    if shape is not Shape.strict:
        health |= {"catalog": text, "licence": text, "tracks": number, "albums": number, "artists": number}
    return {
        "Image": _object({"url": text, "width": number, "height": number}, every=True),
        "Artist": _object(
            {"id": text, "name": text, **artist_names, "popularity": popularity, "genres": words, "images": images},
            required=("id", "name", *artist_names, "popularity"),
        ),
        "Album": _object(
            {
                "id": text,
                "name": {**text, "description": "Empty where it was taken down."},
                "album_type" if brief else "type": {**text, "examples": ["album", "single", "compilation"]},
                "label": text,
                "release_date": {**text, "description": "1977, 1977-05 or 1977-05-04."},
                "release_date_precision": {**text, "examples": ["year", "month", "day"]},
                "external_id_upc" if brief else "upc": text,
                "total_tracks": number,
                "copyright_c" if brief else "copyright": text,
                "copyright_p": text,
                "images": images,
                "artists": _array("Artist"),
            },
            required=(
                *("id", "name", "album_type" if brief else "type", "label"),
                *("release_date", "release_date_precision", "total_tracks"),
            ),
        ),
        "Track": _object(
            {
                "id": text,
                "name": text,
                "isrc": text,
                "duration_ms": number,
                "explicit": flag,
                "track_number": number,
                "disc_number": number,
                "popularity": popularity,
                "preview_url": text,
                "original_title": text,
                "version_title": text,
                "has_lyrics": {**flag, "description": "Absent where it is not known."},
                "languages": words,
                "artist_roles": roles,
                "album": _ref("Album"),
                "artists": _array("Artist"),
            },
            required=("id", "name", "duration_ms", "explicit", "track_number", "disc_number", "popularity"),
        ),
        "Any": _object(
            {
                "kind": {"enum": ["track", "album", "artist"]},
                "track": _ref("Track"),
                "album": _ref("Album"),
                "artist": _ref("Artist"),
            },
            required=("kind",),
        ),
        "BatchRequest": {
            "type": "object",
            "description": f"At least one id, at most {most:,} in all.",
            "properties": dict.fromkeys(("tracks", "artists", "albums", "isrcs", "upcs", "ids"), ids),
        },
        "BatchResponse": _object(
            {
                "tracks": {"type": "object", "additionalProperties": _ref("Track")},
                "artists": {"type": "object", "additionalProperties": _ref("Artist")},
                "albums": {"type": "object", "additionalProperties": _ref("Album")},
                "isrcs": {"type": "object", "additionalProperties": isrc_value},
                "upcs": {"type": "object", "additionalProperties": _array("Album")},
                "ids": {"type": "object", "additionalProperties": _ref("Any")},
                "errors": {
                    "type": "object",
                    "additionalProperties": text,
                    "description": "By member of the request why it could not be looked up: all of it, where the files "
                    "have no index for it, or the ids that it names, where their shard does not answer.",
                },
            }
        ),
        "BatchLine": _object(
            {
                "id": {**text, "description": "As it was asked for."},
                "kind": {"enum": ["track", "album", "artist", "isrc", "upc"]},
                "track": _ref("Track"),
                "album": _ref("Album"),
                "artist": _ref("Artist"),
                "tracks": {**_array("Track"), "description": "Of an ISRC."},
                "albums": {**_array("Album"), "description": "Of a barcode."},
            },
            required=("id", "kind"),
        ),
        "BatchErrorLine": _object(
            {
                "kind": {"const": "error"},
                "asked": {"enum": ["tracks", "artists", "albums", "isrcs", "upcs", "ids"]},
                "ids": {**words, "description": "What was not looked up; absent where that is all of `asked`."},
                "detail": {**text, "description": "Why, for people."},
            },
            required=("kind", "asked", "detail"),
        ),
        "Health": _object(health, every=True),
        "Ready": _object({"status": {"enum": ["ready", "draining"]}}, every=True),
        "Problem": {
            "type": "object",
            "properties": problem,
            "required": ["type", "title", "status", "code", "detail"],
        },
    }


def _responses(shape: Shape) -> Json:
    said: Json = {"application/problem+json": {"schema": _ref("Problem")}}
    if shape is Shape.strict:
        said = {"text/plain": {"schema": {"type": "string"}}}
    return {
        "BadRequest": {"description": "What was asked for cannot be.", "content": said},
        "NotFound": {"description": "There is no such thing.", "content": said},
        "TooMany": {
            "description": "Too many requests from this address.",
            "headers": {"Retry-After": {"$ref": "#/components/headers/Retry-After"}},
            "content": said,
        },
        "Cannot": {"description": "The two files have no index for this; a snapshot has.", "content": said},
        "Unavailable": {
            "description": "The catalogue, or the shard that has it, does not answer just now.",
            "headers": {"Retry-After": {"$ref": "#/components/headers/Retry-After"}},
            "content": said,
        },
        "Draining": {
            "description": "The server is ending, and takes no new requests.",
            "content": {"application/json": {"schema": _ref("Ready")}},
        },
    }


_HEADERS: Json = {
    "ETag": {"description": "The catalogue and what of it; send it as If-None-Match.", "schema": {"type": "string"}},
    "Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}},
    "X-Total-Count": {"description": "How many there are in all; see X-Total-Capped.", "schema": {"type": "integer"}},
    "X-Total-Capped": {"description": "There are more than X-Total-Count says.", "schema": {"const": "true"}},
    "X-Next-Cursor": {
        "description": "The `cursor` of the next page; absent on the last.",
        "schema": {"type": "string"},
    },
    "X-Partial": {
        "description": "The deadline came first: the best so far, better ones may be missing.",
        "schema": {"const": "true"},
    },
    "X-Corrected-Query": {
        "description": "What was searched for instead, percent-encoded, where what was typed has no hit.",
        "schema": {"type": "string"},
    },
}


def _path(name: str, meaning: str, example: str) -> Json:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": meaning,
        "schema": {"type": "string"},
        "example": example,
    }


def _ID(kind: str, example: str) -> Json:
    return _path("id", f"The source's own id of the {kind}.", example)


def _query(name: str, meaning: str, schema: Json, *, required: bool = False) -> Json:
    return {"name": name, "in": "query", "required": required, "description": meaning, "schema": schema}


_Q = _query(
    "q",
    "What to search for. Words, the last one perhaps unfinished; phrases in quotation marks; fields such as artist: and year:.",
    {"type": "string", "minLength": 1, "maxLength": 1000},
    required=True,
)
_LIMIT = _query(
    "limit",
    f"How many at most. {DEFAULT_LIMIT} also where it is less than 1, more than {MOST_LIMIT} or no number.",
    {"type": "integer", "default": DEFAULT_LIMIT},
)
_CURSOR = _query("cursor", "What X-Next-Cursor said.", {"type": "string"})
_MATCH = _query(
    "match",
    "words; or substring, where the catalogue was built for it. Without it: substrings where that can be, then words.",
    {"type": "string", "enum": ["words", "substring"]},
)
_TOTAL = _query(
    "total",
    "Count the hits as well, which takes several times as long: X-Total-Count says how many.",
    {"type": "boolean", "default": False},
)
_DEADLINE = _query(
    "deadline_ms",
    "After so many milliseconds the best found so far is the answer.",
    {"type": "integer", "minimum": 1, "maximum": 10_000, "default": 10_000},
)


def _search(kind: str, shape: Shape) -> Json:
    order = "Most followers first." if kind == "artist" else "Exact titles first, then the most popular."
    return _get(
        "search",
        f"search{kind.capitalize()}",
        f"Search {kind}s",
        [_Q, _LIMIT, _CURSOR, _MATCH, _TOTAL, _DEADLINE],
        _nullable(_array(kind.capitalize()), shape),
        order,
        headers=("X-Total-Count", "X-Total-Capped", "X-Next-Cursor", "X-Partial", "X-Corrected-Query"),
        missing=False,
    )


def _batch(shape: Shape) -> Json:
    lines = {
        "oneOf": [_ref("BatchLine"), _ref("BatchErrorLine")],
        "description": "One of these a line, an error in the place of what could not be looked up.",
    }
    return {
        "tags": ["batch"],
        "operationId": "batchLookup",
        "summary": "Many lookups at once",
        "description": "What was not found is absent. One request counts once, however many ids it has. "
        "With Accept: application/x-ndjson a line for each that was found, as they are found.",
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": _ref("BatchRequest"),
                    "example": {"tracks": [TRACK_ID], "isrcs": ["GBAYE9700001"]},
                }
            },
        },
        "responses": {
            "200": {
                "description": "What was found.",
                "content": {
                    "application/json": {"schema": _ref("BatchResponse")},
                    "application/x-ndjson": {"schema": lines},
                },
            },
            **_problems("BadRequest", "TooMany", "Unavailable"),
        },
    }


_STATUS = {
    "BadRequest": "400", "NotFound": "404", "TooMany": "429", "Cannot": "501", "Unavailable": "503", "Draining": "503"
}  # fmt: skip


def _problems(*names: str) -> Json:
    return {_STATUS[name]: {"$ref": f"#/components/responses/{name}"} for name in names}


def _get(
    tag: str,
    operation: str,
    summary: str,
    parameters: list[Json],
    schema: Json,
    meaning: str = "",
    *,
    headers: tuple[str, ...] = (),
    missing: bool = True,
    media: str = "application/json",
    away: str = "Unavailable",
) -> Json:
    named = ("ETag", *headers) if tag == "lookup" else headers
    answer: Json = {"description": summary + ".", "content": {media: {"schema": schema}}}
    if named:
        answer["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in named}
    responses: Json = {"200": answer}
    if tag == "lookup":
        responses["304"] = {"description": "The client has it already."}
    wrong = [] if tag == "server" else ["BadRequest"]
    can = ["Cannot"] if tag in ("lookup", "search") else []
    responses |= _problems(*wrong, *(["NotFound"] if missing else []), "TooMany", *can, away)
    found: Json = {"tags": [tag], "operationId": operation, "summary": summary}
    if meaning:
        found["description"] = meaning
    if parameters:
        found["parameters"] = parameters
    return {"get": {**found, "responses": responses}}


def _object(properties: Json, *, every: bool = False, required: tuple[str, ...] = ()) -> Json:
    made: Json = {"type": "object", "properties": properties, "additionalProperties": False}
    if every or required:
        made["required"] = list(properties) if every else list(required)
    return made


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _array(name: str) -> Json:
    return {"type": "array", "items": _ref(name)}


def _nullable(schema: Json, shape: Shape) -> Json:
    return {"anyOf": [schema, {"type": "null"}]} if shape is Shape.strict else schema


def _unshared(value: Any) -> Any:
    """A copy in which nothing is the same object twice, so that YAML needs no anchors."""
    if isinstance(value, dict):
        return {name: _unshared(one) for name, one in value.items()}
    return [_unshared(one) for one in value] if isinstance(value, list) else value
