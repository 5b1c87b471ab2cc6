"""Many lookups in one request: up to 1,000 ids of all kinds, as one object or as a line for each that was found."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Literal

import msgspec
from msgspec import Struct

from segue.catalog.dropin.answers import JSON, NO_STORE, VARY, Answer, BadRequest, compressed, members, packing
from segue.catalog.dropin.asked import Asked
from segue.catalog.dropin.lookups import anything, documents, named
from segue.catalog.dropin.shapes import Shape
from segue.catalog.local import LocalBackend
from segue.catalog.records import Kind
from segue.catalog.scale.errors import ShardDown
from segue.catalog.store import MOST_IN_A_BATCH, Backend
from segue.core.errors import SegueError

MOST_STRICTLY = 400
LINES_AT_ONCE = 50
CANNOT = 501
"""The status of what a mounted catalogue has no index for."""

Group = Literal["tracks", "artists", "albums", "isrcs", "upcs", "ids"]
GROUPS: tuple[Group, ...] = ("tracks", "artists", "albums", "isrcs", "upcs", "ids")
_OWN: dict[str, Kind] = {"tracks": "track", "artists": "artist", "albums": "album"}


class Wanted(Struct):
    """The body of a request. What it names besides is not looked at, as the Go server does not."""

    tracks: list[str] | None = None
    artists: list[str] | None = None
    albums: list[str] | None = None
    isrcs: list[str] | None = None
    upcs: list[str] | None = None
    ids: list[str] | None = None

    @property
    def size(self) -> int:
        return sum(len(getattr(self, name) or ()) for name in GROUPS)

    def groups(self) -> Iterator[tuple[Group, list[str]]]:
        """What is asked for, each id once."""
        for name in GROUPS:
            ids: list[str] | None = getattr(self, name)
            if ids:
                yield name, list(dict.fromkeys(ids))


_decoder = msgspec.json.Decoder(Wanted)


def read(body: bytes, *, strict: bool) -> Wanted:
    """Raises BadRequest."""
    try:
        wanted = _decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadRequest("bad_body", f"The body is not as it should be: {error}.") from None
    size = wanted.size
    most = MOST_STRICTLY if strict else MOST_IN_A_BATCH
    if not size:
        raise BadRequest("no_ids", f"Nothing is asked for: give at least one of {', '.join(GROUPS)}.")
    if size > most:
        raise BadRequest("too_many_ids", f"A batch has at most {most:,} ids in all; these are {size:,}.", most=most)
    return wanted


async def answer(backend: Backend, asked: Asked, shape: Shape, *, wanted: Wanted) -> Answer:
    """One object with all of them; made and compressed in a thread where they are many."""
    how = packing(asked.headers.get(b"accept-encoding"))

    async def made(backend: Backend) -> Answer:
        return compressed(Answer(200, [JSON, NO_STORE, VARY], await object_of(backend, wanted, shape)), how)

    if isinstance(backend, LocalBackend):
        return await backend.together(wanted.size, made)
    return await made(backend)


async def object_of(backend: Backend, wanted: Wanted, shape: Shape) -> bytes:
    """{tracks: {id: …}, isrcs: {code: […]}, …}; what was not found is absent, and so is a kind of which nothing was.

    What this catalogue cannot look up at all stands in `errors`, by kind, as the Go server has it; there too are the ids that
    lie on a shard which does not answer.
    """
    parts: dict[str, bytes] = {}
    errors: dict[str, str] = {}
    for group, ids in wanted.groups():
        try:
            found = await _values(backend, group, ids, shape)
        except ShardDown as error:
            found, lost = await _one_by_one(backend, group, ids, shape)
            if len(lost) == wanted.size:
                raise
            errors[group] = _not_looked_up(error, lost)
        except SegueError as error:
            if error.status != CANNOT:
                raise
            errors[group] = error.message
            continue
        kept = {id: value for id, value in zip(ids, found, strict=True) if value is not None}
        if kept:
            parts[group] = members(kept)
    if errors:
        parts["errors"] = msgspec.json.encode(errors)
    return members(parts)


async def lines_of(backend: Backend, wanted: Wanted, shape: Shape) -> AsyncIterator[bytes]:
    """A line {id, kind, …} for each that was found, some at a time, in the order they were asked for."""
    for group, ids in wanted.groups():
        for start in range(0, len(ids), LINES_AT_ONCE):
            some = ids[start : start + LINES_AT_ONCE]
            try:
                found = await _values(backend, group, some, shape)
            except ShardDown as error:
                found, lost = await _one_by_one(backend, group, some, shape)
                detail = _not_looked_up(error, lost)
                yield msgspec.json.encode({"kind": "error", "asked": group, "ids": lost, "detail": detail}) + b"\n"
            except SegueError as error:
                if error.status != CANNOT:
                    raise
                yield msgspec.json.encode({"kind": "error", "asked": group, "detail": error.message}) + b"\n"
                break
            lines = [_line(group, id, value, shape) for id, value in zip(some, found, strict=True) if value is not None]
            if lines:
                yield b"".join(lines)


async def _one_by_one(
    backend: Backend, group: Group, ids: list[str], shape: Shape
) -> tuple[list[bytes | None], list[str]]:
    """The JSON of each, and the ids that lie on a shard which does not answer."""

    async def one(id: str) -> bytes | ShardDown | None:
        try:
            return (await _values(backend, group, [id], shape))[0]
        except ShardDown as error:
            return error

    found = await asyncio.gather(*map(one, ids))
    lost = [id for id, value in zip(ids, found, strict=True) if isinstance(value, ShardDown)]
    return [None if isinstance(value, ShardDown) else value for value in found], lost


def _not_looked_up(error: ShardDown, lost: list[str]) -> str:
    return f"{error.message} Not looked up: {', '.join(lost)}"


def _line(group: Group, id: str, value: bytes, shape: Shape) -> bytes:
    start = b'{"id":%s,' % msgspec.json.encode(id)
    if group == "ids":
        return b"%s%s\n" % (start, value[1:])
    if group in _OWN:
        return b"%s%s\n" % (start, named(_OWN[group], value)[1:])
    several = b"albums" if group == "upcs" else b"track" if shape is Shape.brief else b"tracks"
    return b'%s"kind":"%s","%s":%s}\n' % (start, group[:-1].encode(), several, value)


async def _values(backend: Backend, group: Group, ids: list[str], shape: Shape) -> list[bytes | None]:
    """The JSON of each; None for a miss."""
    if group in _OWN:
        kind = _OWN[group]
        ranks = await backend.ranks(kind, ids)
        found = iter(await documents(backend, kind, [rank for rank in ranks if rank is not None], shape))
        return [next(found) if rank is not None else None for rank in ranks]
    if group == "ids":
        return await _any_values(backend, ids, shape)
    lists: list[list[int]] = await (backend.isrcs(ids) if group == "isrcs" else backend.upcs(ids))
    first_only = group == "isrcs" and shape is Shape.brief
    if first_only:
        lists = [of_code[:1] for of_code in lists]
    # the Go server's batch of ISRCs tells all of the artists, unlike its lookups
    told = Shape.plain if shape is Shape.strict else shape
    flat = [rank for of_code in lists for rank in of_code]
    found = iter(await documents(backend, "track" if group == "isrcs" else "album", flat, told))
    values: list[bytes | None] = []
    for of_code in lists:
        some = [next(found) for _ in of_code]
        values.append((some[0] if first_only else b"[%s]" % b",".join(some)) if some else None)
    return values


async def _any_values(backend: Backend, ids: list[str], shape: Shape) -> list[bytes | None]:
    values: list[bytes | None] = [None] * len(ids)
    found = await anything(backend, ids)
    for kind in _OWN.values():
        places = [(place, one[1]) for place, one in enumerate(found) if one is not None and one[0] == kind]
        some = await documents(backend, kind, [rank for _, rank in places], shape)
        for (place, _), document in zip(places, some, strict=True):
            values[place] = named(kind, document)
    return values
