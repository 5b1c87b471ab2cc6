"""Searching: an array of documents, best first; what else is to say stands in headers."""

from __future__ import annotations

import asyncio
from hashlib import blake2b
from urllib.parse import quote

from segue.catalog.dropin.answers import JSON, NO_STORE, VARY, Answer, BadRequest, Headers, Refusal, members
from segue.catalog.dropin.asked import Asked
from segue.catalog.dropin.lookups import NULL, documents, tag
from segue.catalog.dropin.shapes import Shape
from segue.catalog.records import Kind
from segue.catalog.search.errors import BadQuery
from segue.catalog.snapshot.layout import KINDS
from segue.catalog.store import Backend, Found, Match

DEADLINE_S = 10.0
"""The Go server's."""
SHORTEST_BYTES = 2
LONGEST = 1_000
KEEP_A_WHILE = (b"cache-control", b"public, max-age=300")


class SearchTimeout(Refusal):
    """Nothing was found before the deadline; only strictly: else what was found until then is the answer."""

    def __init__(self) -> None:
        super().__init__(408, "search_timeout", "The search took too long.")


async def search(backend: Backend, asked: Asked, shape: Shape, *, kind: Kind) -> Answer:
    """Raises BadRequest, BadQuery."""
    found = await _found(backend, asked, kind, shape)
    if shape is Shape.strict and found.partial and not found.ranks:
        raise SearchTimeout
    hits = await documents(backend, kind, found.ranks, shape)
    body = NULL if shape is Shape.strict and not hits else b"[%s]" % b",".join(hits)
    return Answer(200, _headers(backend, asked, found, shape), body)


async def search_all(backend: Backend, asked: Asked, shape: Shape) -> Answer:
    """{tracks, albums, artists}, each an array of at most `limit`."""
    every = await asyncio.gather(*(_found(backend, asked, kind, shape) for kind in KINDS))
    parts = {
        f"{kind}s": b"[%s]" % b",".join(await documents(backend, kind, found.ranks, shape))
        for kind, found in zip(KINDS, every, strict=True)
    }
    corrected = next((found.corrected for found in every if found.ranks and found.corrected), None)
    if any(found.ranks and not found.corrected for found in every):
        corrected = None
    whole = Found((), partial=any(found.partial for found in every), corrected=corrected)
    return Answer(200, _headers(backend, asked, whole, shape), members(parts))


async def _found(backend: Backend, asked: Asked, kind: Kind, shape: Shape) -> Found:
    """By substring where the catalogue has an index of them, and by words where that finds nothing; or as `match` says."""
    text = _text(asked)
    match = asked.parameters.get("match", "")
    if match not in ("", "words", "substring"):
        raise BadRequest("wrong_match", f"match is words or substring, not {match[:40]!r}.")
    tried: list[Match] = ["words"]
    if match == "substring":
        tried = ["substring"]
    elif not match and getattr(backend, "substring", False):
        tried = ["substring", "words"]
    found = Found(())
    for number, how in enumerate(tried, 1):
        try:
            found = await backend.search(
                kind,
                text,
                limit=asked.limit(),
                after=asked.parameters.get("cursor") or None,
                match=how,
                deadline_s=_deadline(asked),
                count=asked.parameters.get("total", "") in ("1", "true"),
            )
        except BadQuery:
            # what cannot be a substring may still be words
            if number == len(tried):
                if shape is Shape.strict:
                    return Found(())
                raise
            continue
        if found.ranks or found.partial or asked.parameters.get("cursor"):
            break
    return found


def _text(asked: Asked) -> str:
    text = asked.parameters.get("q", "").strip()
    if not text:
        raise BadRequest("no_query", "The parameter q is missing: what to search for.")
    if len(text.encode("utf-8", "replace")) < SHORTEST_BYTES:
        raise BadRequest("query_too_short", "q has at least 2 characters.")
    if len(text) > LONGEST:
        raise BadRequest("query_too_long", f"q has at most {LONGEST:,} characters.", longest=LONGEST)
    return text


def _deadline(asked: Asked) -> float:
    text = asked.parameters.get("deadline_ms", "")
    if not text:
        return DEADLINE_S
    if not text.isascii() or not text.isdigit() or len(text) > 9 or not int(text):
        raise BadRequest("wrong_deadline", "deadline_ms is a number of milliseconds above 0.")
    return min(DEADLINE_S, int(text) / 1000)


def _headers(backend: Backend, asked: Asked, found: Found, shape: Shape) -> Headers:
    headers: Headers = [JSON, VARY]
    if found.partial:
        headers += [(b"x-partial", b"true"), NO_STORE]
    else:
        # the same question to the same catalogue has the same answer
        question = blake2b(asked.scope["path"].encode() + b"?" + asked.scope["query_string"], digest_size=9).hexdigest()
        headers += [(b"etag", tag(backend, question, shape)), KEEP_A_WHILE]
    if found.total is not None:
        headers.append((b"x-total-count", b"%d" % found.total))
        if found.capped:
            headers.append((b"x-total-capped", b"true"))
    if found.corrected:
        headers.append((b"x-corrected-query", quote(found.corrected).encode()))
    if found.next:
        headers.append((b"x-next-cursor", quote(found.next, safe="").encode()))
        query = {**asked.parameters, "cursor": found.next}
        link = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in query.items())
        headers.append((b"link", f'<?{link}>; rel="next"'.encode()))
    return headers
