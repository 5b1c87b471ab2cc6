"""What goes back over HTTP: status, headers and bytes; errors as problem+json, or as the Go server's texts."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from math import ceil
from typing import Any, NamedTuple

import msgspec
import zstandard

from segue.core.errors import Invalid, SegueError, TooMany, Unavailable

Headers = list[tuple[bytes, bytes]]

ENCODING = b"content-encoding"
COMPRESS_FROM_BYTES = 4_096
"""Below this it costs more than it saves on the way."""
ZSTD_LEVEL = 1
GZIP_LEVEL = 1

JSON = (b"content-type", b"application/json")
PROBLEM = (b"content-type", b"application/problem+json")
TEXT = (b"content-type", b"text/plain; charset=utf-8")
NDJSON = (b"content-type", b"application/x-ndjson")
HTML = (b"content-type", b"text/html; charset=utf-8")
YAML = (b"content-type", b"application/yaml; charset=utf-8")
KEEP = (b"cache-control", b"public, max-age=3600")
NO_STORE = (b"cache-control", b"no-store")
VARY = (b"vary", b"accept-encoding")


class Answer(NamedTuple):
    """`headers` are without the length of the body."""

    status: int
    headers: Headers
    body: bytes


class Refusal(SegueError):
    """A request that is not answered, with a status of its own."""

    def __init__(self, status: int, code: str, message: str, *, hint: str | None = None, **params: Any) -> None:
        super().__init__(code, message, hint=hint, **params)
        self.status = status
        self.headers: Headers = []


class BadRequest(Refusal):
    def __init__(self, code: str, message: str, *, hint: str | None = None, **params: Any) -> None:
        super().__init__(400, code, message, hint=hint, **params)


class NotThere(Refusal):
    """A miss."""

    def __init__(self, what: str, asked: str) -> None:
        shown = asked if len(asked) <= 100 else f"{asked[:99]}…"
        super().__init__(404, "not_found", f"There is no {what} {shown!r} in this catalogue.", id=shown)


class NoSuchPath(Refusal):
    def __init__(self) -> None:
        super().__init__(404, "no_such_path", "There is nothing at this path.", hint="/docs lists what there is.")


class WrongMethod(Refusal):
    def __init__(self, allowed: tuple[str, ...]) -> None:
        shown = ", ".join(allowed)
        super().__init__(405, "wrong_method", f"This path takes {shown}.", allowed=list(allowed))
        self.headers = [(b"allow", shown.encode())]


class AskedTooOften(TooMany):
    def __init__(self, wait_s: float) -> None:
        super().__init__("rate_limited", "Too many requests from this address.", retry_after_s=wait_s)


_TEXTS = {
    "bad_body": "invalid request body",
    "no_ids": "at least one lookup type required",
    "too_many_ids": "maximum 400 total items allowed",
    "no_query": "q parameter required",
    "query_too_short": "query must be at least 2 characters",
    "not_found": "not found",
    "search_timeout": "search timeout - try a more specific query",
    "rate_limited": "rate limit exceeded",
    "no_such_path": "404 page not found",
    "wrong_method": "Method Not Allowed",
}
"""What the Go server says, by our codes."""


def refused(error: SegueError, *, strict: bool) -> Answer:
    """`error` as an answer: problem+json (RFC 9457), or with `strict` the Go server's text."""
    # wrong parameters are 422 in the full server; the Go server's clients know 400
    status = 400 if isinstance(error, Invalid) else error.status
    headers: Headers = [NO_STORE]
    if isinstance(error, Refusal):
        headers += error.headers
    if isinstance(error, TooMany | Unavailable) and error.retry_after_s is not None:
        headers.append((b"retry-after", b"%d" % max(1, ceil(error.retry_after_s))))
    if strict:
        text = _TEXTS.get(error.code, "internal error" if status >= 500 else error.message)
        headers += [TEXT, (b"x-content-type-options", b"nosniff")]
        return Answer(status, headers, text.encode() + b"\n")
    problem: dict[str, Any] = {
        "type": f"urn:segue:problem:{error.code}",
        "title": _TITLES.get(status, "Error"),
        "status": status,
        "code": error.code,
        "detail": error.message,
    }
    if error.hint:
        problem["hint"] = error.hint
    if error.params:
        problem["params"] = error.params
    headers.append(PROBLEM)
    return Answer(status, headers, msgspec.json.encode(problem, enc_hook=str))


_TITLES = {
    400: "Bad request",
    404: "Not found",
    405: "Method not allowed",
    408: "Request timeout",
    413: "Too large",
    429: "Too many requests",
    500: "Internal error",
    501: "Not possible here",
    503: "Unavailable",
}


def packing(accepted: bytes | None) -> bytes | None:
    """zstd or gzip, whichever the client takes (zstd first); None for neither."""
    if not accepted:
        return None
    best: bytes | None = None
    for word in accepted.lower().split(b","):
        name, _, weight = word.partition(b";")
        name = name.strip()
        if name in (b"zstd", b"gzip", b"*") and weight.replace(b" ", b"").rstrip(b"0.") != b"q=":
            if name == b"zstd":
                return b"zstd"
            best = b"gzip"
    return best


def packed(body: bytes, how: bytes) -> bytes:
    if how == b"zstd":
        return zstandard.compress(body, ZSTD_LEVEL)
    squeeze = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, 31)
    return squeeze.compress(body) + squeeze.flush()


def compressed(answer: Answer, how: bytes | None) -> Answer:
    """`answer` in that encoding, where it is worth it and not done already."""
    if how is None or len(answer.body) < COMPRESS_FROM_BYTES or any(name == ENCODING for name, _ in answer.headers):
        return answer
    return Answer(answer.status, [*answer.headers, (ENCODING, how)], packed(answer.body, how))


class Squeezing:
    """Compresses a stream whose parts must each leave at once."""

    def __init__(self, how: bytes) -> None:
        self._zstd = zstandard.ZstdCompressor(level=ZSTD_LEVEL).compressobj() if how == b"zstd" else None
        self._gzip = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, 31)

    def part(self, data: bytes) -> bytes:
        if self._zstd is not None:
            return self._zstd.compress(data) + self._zstd.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
        return self._gzip.compress(data) + self._gzip.flush(zlib.Z_SYNC_FLUSH)

    def end(self) -> bytes:
        return self._zstd.flush() if self._zstd is not None else self._gzip.flush()


def json(value: Any, *headers: tuple[bytes, bytes], status: int = 200) -> Answer:
    return Answer(status, [JSON, *(headers or (NO_STORE,))], msgspec.json.encode(value))


def members(parts: Mapping[str, bytes]) -> bytes:
    """An object of these members, whose values are JSON already."""
    return b"{%s}" % b",".join(msgspec.json.encode(name) + b":" + value for name, value in parts.items())
