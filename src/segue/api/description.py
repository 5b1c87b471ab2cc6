"""The OpenAPI description: what FastAPI knows of the routes, with what every route of Segue has in common said once.

FastAPI says paths, parameters and models. Added here: short operation ids, who may call, how to sign in, what errors look
like, the Idempotency-Key of writes, and the recorded examples.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, Field

from segue.accounts.service import COOKIE
from segue.api.examples import Examples, add_example, load_examples
from segue.core.rest import SECRET, STREAMED, Access

METHODS = ("get", "put", "post", "patch", "delete", "head")
WRITES = ("put", "post", "patch", "delete")
VERBS = {"patch": "update", "delete": "delete", "put": "set", "head": "head"}
_UNNAMED = "~"

TAGS = {
    "library": "What the music is: tracks, albums, artists, genres, labels, files, folders, and search over them.",
    "query": "The query language: read, explained, completed, and written from its tree.",
    "edits": "What people say of the music instead of its files, and taking it back.",
    "tag writing": "Edits written into files, where a library asks for it, and undone.",
    "inbox": "New albums that wait to be let into a library.",
    "grouping": "What is one album, what people decided about it, and what a scan would do.",
    "duplicates": "What is there more than once, and making one of it.",
    "genres": "The tree of genres.",
    "artwork": "Which picture stands for what.",
    "lyrics": "The words of songs, and chapters.",
    "scan": "Where the music lies: libraries, scans of their folders, and pictures found in them.",
    "streaming": "Bytes to ears.",
    "listening": "What people did: plays, stars, ratings, tags of their own, searches, and the queues of their players.",
    "statistics": "What your own plays add up to: tops by any range, charts, streaks, a year in music.",
    "imports": "Histories of other services and servers, brought in and taken back.",
    "scrobbling": "Telling Last.fm, ListenBrainz and their like what one listens to.",
    "playlists": "Lists of tracks that somebody made.",
    "live": "Concerts and their recordings: the archive, setlists, downloads, rules, tapes at home.",
    "catalog": "Everything ever recorded: looked up by any id, searched, built anew.",
    "links": "What the library is in the catalogue, what it lacks, and what might be corrected.",
    "changes": "What is new since a client last asked, and a stream that tells it when to ask.",
    "analysis": "What music sounds like: tempo, key, loudness, waveforms; what resembles what, and what mixes with what.",
    "accounts": "Signing in, one's own account, people and groups.",
    "jobs": "Work in the background: what runs, how far it is, why it failed.",
    "settings": "How this Segue is set, and by what.",
    "operations": "For those who run it: health and numbers.",
}

SECURITY_SCHEMES: dict[str, Any] = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "The `access_token` of POST /api/v1/auth/login, or an app password, which does not run out.",
    },
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "Set by POST /api/v1/auth/login with `cookie: true`. Writes with it must come from our own pages.",
    },
}

PROBLEMS = {
    400: ("BadRequest", "The request cannot be read."),
    401: ("NotSignedIn", "Nobody is signed in, or the credentials are wrong."),
    403: ("NotAllowed", "Signed in, but not allowed to do this."),
    404: ("NotFound", "There is no such thing, or none that you may see."),
    409: ("Conflict", "Its present state does not allow it."),
    410: ("Gone", "It was here once and cannot be given any more."),
    412: ("Changed", "Somebody changed it since you looked at it."),
    413: ("TooLarge", "What was sent is larger than Segue takes."),
    415: ("NotTaken", "What was sent is of a kind that Segue does not take."),
    416: ("NotInRange", "No part of the file is in that range."),
    422: ("Invalid", "A parameter or a member of the body is wrong; `errors` says which."),
    429: ("TooMany", "Asked too often; Retry-After says when to ask again."),
    502: ("OutsideFault", "An outside service could not be asked, or answered nonsense; trying again may help."),
    503: ("Unavailable", "Not just now, for instance while Segue starts; Retry-After says when to ask again."),
}
OTHERWISE = "Problem"

IDEMPOTENCY_KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Up to 200 characters of your choice. The same request with the same key is answered, for 24 hours, "
    "with the first one's answer instead of being done twice.",
    "schema": {"type": "string", "maxLength": 200},
}


class FieldProblemAnswer(BaseModel):
    """What is wrong with one parameter, or one member of the body."""

    field: str = Field(description="Its name, as the caller wrote it.", examples=["limit"])
    code: str = Field(examples=["less_than_equal"])
    message: str = Field(examples=["Input should be less than or equal to 1000"])


class ProblemAnswer(BaseModel):
    """An error, as RFC 9457 has it. Programs go by `code`, which does not change; `detail` is for people."""

    type: str = Field(examples=["urn:segue:problem:not_found"])
    title: str = Field(examples=["TrackNotFound"])
    status: int = Field(examples=[404])
    code: str = Field(examples=["not_found"])
    detail: str = Field(examples=["There is no track tr-81."])
    hint: str | None = Field(None, description="What to do about it. Left out where there is nothing to say.")
    errors: list[FieldProblemAnswer] | None = Field(None, description="What is wrong where; only with 422.")
    instance: str | None = None


def name_later(route: Any) -> str:
    """FastAPI's `generate_unique_id_function`: marks an id that nobody chose, so that `describe` may choose it."""
    return f"{_UNNAMED}{' '.join(sorted(route.methods))} {route.path_format}"


def describe(app: FastAPI, *, examples: Examples | None = None) -> dict[str, Any]:
    """The description of `app`; `examples` are those to show, the recorded ones where left out."""
    document = get_openapi(
        title=app.title,
        version=app.version,
        openapi_version="3.1.0",
        description=app.description,
        license_info={"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
        tags=[{"name": name, "description": meaning} for name, meaning in TAGS.items()],
        routes=app.routes,
    )
    recorded = load_examples() if examples is None else examples
    for path, operations in document["paths"].items():
        for method in METHODS:
            if method in operations:
                operation = operations[method]
                if operation["operationId"].startswith(_UNNAMED):
                    operation["operationId"] = operation_id(document, method, path, operation)
                _add_access(operation)
                secret, streamed = operation.pop(SECRET, False), operation.pop(STREAMED, False)
                keyed = method in WRITES and not (secret or streamed)
                _add_problems(method, path, operation, keyed)
                if keyed:
                    operation.setdefault("parameters", []).append({"$ref": "#/components/parameters/IdempotencyKey"})
                add_example(operation, recorded.get(operation["operationId"]))
    _add_components(document)
    return document


def operation_id(document: dict[str, Any], method: str, path: str, operation: dict[str, Any]) -> str:
    """The id of an operation by its path and what it does: `albums_list`, `albums_get`, `jobs_cancel`.

    A POST that makes a thing is `_create`; any other is an action, and has the name of its path.
    """
    parts = path.removeprefix("/api/v1").strip("/").split("/")
    words = [part.replace("-", "_") for part in parts if not part.startswith("{")]
    if method == "get":
        words.append("list" if _is_list(document, operation) else "get")
    elif method == "post":
        words += ["create"] if "201" in operation["responses"] else []
    else:
        words.append(VERBS[method])
    return "_".join(words)


def _is_list(document: dict[str, Any], operation: dict[str, Any]) -> bool:
    schema = operation["responses"].get("200", {}).get("content", {}).get("application/json", {}).get("schema", {})
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return "items" in schema.get("properties", {})


def _add_access(operation: dict[str, Any]) -> None:
    access = operation["x-access"]
    if access == Access.public.name:
        operation["security"] = []
    elif access == Access.checked_inside.name:
        operation["security"] = [{}, {"bearer": []}, {"cookie": []}]
    else:
        operation["security"] = [{"bearer": []}, {"cookie": []}]


def _add_problems(method: str, path: str, operation: dict[str, Any], keyed: bool) -> None:
    """Point every error at the shared ones: those the route declares, those that follow from it, and any other."""
    access = operation["x-access"]
    responses = operation["responses"]
    statuses = {int(status) for status in responses if status.isdigit() and int(status) >= 400}
    statuses = {status for status in statuses if "application/json" not in responses[str(status)].get("content", {})}
    statuses.add(422)
    if access != Access.public.name:
        statuses |= {401, 429}
    if method in WRITES or access not in (Access.public.name, Access.signed_in.name):
        statuses.add(403)
    if "{" in path:
        statuses.add(404)
    if "requestBody" in operation:
        statuses.add(400)
    if keyed:
        statuses.add(409)
    if path.startswith("/api/"):
        statuses.add(503)
    for status in sorted(statuses):
        responses[str(status)] = {"$ref": f"#/components/responses/{PROBLEMS[status][0]}"}
    responses["default"] = {"$ref": f"#/components/responses/{OTHERWISE}"}


def _add_components(document: dict[str, Any]) -> None:
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for fastapis_own in ("HTTPValidationError", "ValidationError"):
        schemas.pop(fastapis_own, None)
    problem = ProblemAnswer.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs"), ProblemAnswer=problem)
    components["responses"] = {
        name: _problem(meaning, f"{status}", name)
        for status, (name, meaning) in {**PROBLEMS, 500: (OTHERWISE, "Any other error.")}.items()
    }
    components["parameters"] = {"IdempotencyKey": IDEMPOTENCY_KEY}
    components["securitySchemes"] = SECURITY_SCHEMES


def _problem(meaning: str, status: str, name: str) -> dict[str, Any]:
    code = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).strip("_")
    example: dict[str, Any] = {
        "type": f"urn:segue:problem:{code}",
        "title": name,
        "status": int(status),
        "code": code,
        "detail": meaning,
    }
    example |= _REAL_PROBLEMS.get(int(status), {})
    made: dict[str, Any] = {
        "description": meaning,
        "content": {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemAnswer"}, "example": example}
        },
    }
    if status in ("429", "503"):
        made["headers"] = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}
    if status == "401":
        made["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}, "example": "Bearer"}}
    return made


_REAL_PROBLEMS: dict[int, dict[str, Any]] = {
    401: {
        "type": "urn:segue:problem:not_signed_in",
        "title": "NotSignedIn",
        "code": "not_signed_in",
        "detail": "Nobody is signed in.",
        "hint": "Sign in at /api/v1/auth/login.",
    },
    403: {"detail": "This needs an administrator."},
    422: {
        "type": "urn:segue:problem:invalid_parameter",
        "code": "invalid_parameter",
        "detail": "limit: Input should be less than or equal to 1000",
        "errors": [
            {"field": "limit", "code": "less_than_equal", "message": "Input should be less than or equal to 1000"}
        ],
    },
    500: {
        "type": "urn:segue:problem:internal_error",
        "title": "InternalError",
        "code": "internal_error",
        "detail": "Something went wrong inside Segue.",
        "hint": "The server's log says more.",
    },
    503: {
        "type": "urn:segue:problem:starting",
        "title": "Starting",
        "code": "starting",
        "detail": "Segue is starting.",
        "hint": "Ask again in a moment.",
    },
}
