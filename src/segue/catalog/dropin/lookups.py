"""Lookups by one id, code or barcode."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from segue.catalog.dropin.answers import JSON, KEEP, VARY, Answer, BadRequest, NotThere
from segue.catalog.dropin.asked import Asked
from segue.catalog.dropin.shapes import Shape, reshape
from segue.catalog.records import Kind
from segue.catalog.store import Backend

MBID_TYPES = ("recording", "release", "artist", "release-group", "track")
"""What a MusicBrainz id without its type may be, in the order they are tried."""

NULL = b"null"


async def documents(
    backend: Backend, kind: Kind, ranks: Sequence[int], shape: Shape, *, album: bool = True
) -> list[bytes]:
    """Of those ranks, in that shape."""
    if kind == "track":
        return reshape(shape, kind, await backend.tracks(ranks, album=album))
    return reshape(shape, kind, await (backend.albums(ranks) if kind == "album" else backend.artists(ranks)))


async def rank_of(backend: Backend, kind: Kind, id: str) -> int:
    """Raises NotThere."""
    (rank,) = await backend.ranks(kind, (id,))
    if rank is None:
        raise NotThere(kind, id)
    return rank


def tag(backend: Backend, what: str, shape: Shape) -> bytes:
    """An ETag: the snapshot, what of it, and the shape. Weak, for the same document may be sent compressed."""
    return f'W/"{backend.id}.{what}.{shape[0]}"'.encode()


async def document(backend: Backend, asked: Asked, shape: Shape, *, kind: Kind) -> Answer:
    rank = await rank_of(backend, kind, asked.parts[3])
    found = await documents(backend, kind, (rank,), shape)
    return _kept(found[0], tag(backend, f"{kind}{rank}", shape))


async def isrc(backend: Backend, asked: Asked, shape: Shape) -> Answer:
    """All tracks of the code, most popular first; in the brief shape the first alone. Strictly, a miss is null."""
    code = asked.parts[3]
    (ranks,) = await backend.isrcs((code,))
    if not ranks:
        if shape is Shape.strict:
            return _kept(NULL, tag(backend, "nothing", shape))
        raise NotThere("track with the ISRC", code)
    found = await documents(backend, "track", ranks[:1] if shape is Shape.brief else ranks, shape)
    body = found[0] if shape is Shape.brief else b"[%s]" % b",".join(found)
    return _kept(body, tag(backend, f"isrc{ranks[0]}", shape))


async def upc(backend: Backend, asked: Asked, shape: Shape) -> Answer:
    """All albums with that barcode, most popular first."""
    code = asked.parts[3]
    (ranks,) = await backend.upcs((code,))
    if not ranks:
        raise NotThere("album with the barcode", code)
    found = await documents(backend, "album", ranks, shape)
    return _kept(b"[%s]" % b",".join(found), tag(backend, f"upc{ranks[0]}", shape))


async def mbid(backend: Backend, asked: Asked, shape: Shape) -> Answer:
    """Whatever bears that MusicBrainz id, as {kind, track | album | artist}."""
    id = asked.parts[3].lower()
    for found in await backend.external([f"musicbrainz:{type_}:{id}" for type_ in MBID_TYPES]):
        if found is not None:
            return await _named(backend, found, shape)
    raise NotThere("thing with the MusicBrainz id", id)


async def external(backend: Backend, asked: Asked, shape: Shape) -> Answer:
    """Whatever bears that id, as {kind, track | album | artist}."""
    id = asked.parts[3]
    (found,) = await anything(backend, (id,))
    if found is None:
        raise NotThere("thing with the id", id)
    return await _named(backend, found, shape)


async def anything(backend: Backend, ids: Sequence[str]) -> list[tuple[Kind, int] | None]:
    """Of ids as `platform:type:native`, and of `isrc:…` and `upc:…` (the most popular of several)."""
    found = await backend.external(ids)
    codes: tuple[tuple[str, Kind, Callable[[Sequence[str]], Awaitable[list[list[int]]]]], ...] = (
        ("isrc:", "track", backend.isrcs),
        ("upc:", "album", backend.upcs),
    )
    for prefix, kind, ranks_of in codes:
        places = [place for place, id in enumerate(ids) if found[place] is None and id.lower().startswith(prefix)]
        if places:
            ranks = await ranks_of([ids[place][len(prefix) :] for place in places])
            for place, of_code in zip(places, ranks, strict=True):
                if of_code:
                    found[place] = (kind, of_code[0])
    return found


async def album_tracks(backend: Backend, asked: Asked, shape: Shape) -> Answer:
    """By disc and number, without their album. Strictly, an album that is not there or holds nothing is null."""
    id = asked.parts[3]
    (rank,) = await backend.ranks("album", (id,))
    if rank is None and shape is not Shape.strict:
        raise NotThere("album", id)
    ranks = await backend.album_tracks(rank) if rank is not None else []
    found = await documents(backend, "track", ranks, shape, album=False)
    body = NULL if shape is Shape.strict and not found else b"[%s]" % b",".join(found)
    return _kept(body, tag(backend, f"tracks{rank or 0}", shape))


async def artist_albums(backend: Backend, asked: Asked, shape: Shape) -> Answer:
    """A page of them, newest first; `cursor` is what X-Next-Cursor said."""
    rank = await rank_of(backend, "artist", asked.parts[3])
    ranks = await backend.artist_albums(rank)
    limit = asked.limit()
    start = place(asked.parameters.get("cursor", ""))
    found = await documents(backend, "album", ranks[start : start + limit], shape)
    answer = _kept(b"[%s]" % b",".join(found), tag(backend, f"albums{rank}.{start}.{limit}", shape))
    answer.headers.append((b"x-total-count", b"%d" % len(ranks)))
    if start + limit < len(ranks):
        answer.headers.append((b"x-next-cursor", b"%d" % (start + limit)))
    return answer


def place(cursor: str) -> int:
    """Where the next page begins. Raises BadRequest."""
    if not cursor:
        return 0
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 9:
        raise BadRequest("wrong_cursor", "This cursor is none of ours.", hint="Take it from X-Next-Cursor.")
    return int(cursor)


async def _named(backend: Backend, found: tuple[Kind, int], shape: Shape) -> Answer:
    kind, rank = found
    (one,) = await documents(backend, kind, (rank,), shape)
    return _kept(named(kind, one), tag(backend, f"any-{kind}{rank}", shape))


def named(kind: Kind, document: bytes) -> bytes:
    """A document that says of itself what it is."""
    name = kind.encode()
    return b'{"kind":"%s","%s":%s}' % (name, name, document)


def _kept(body: bytes, etag: bytes) -> Answer:
    return Answer(200, [JSON, (b"etag", etag), KEEP, VARY], body)
