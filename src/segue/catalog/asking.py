"""Asking a catalogue in the words of the full server: ids of every kind, rows with what the fuller API shows of them.

What is asked is a Backend, so that it may lie in this process, on other machines, or in PostgreSQL.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from segue.catalog.documents import own
from segue.catalog.records import Kind
from segue.catalog.store import Backend

_RELEASE_CODES = ("upc", "ean", "gtin", "barcode")


class Row(NamedTuple):
    """One row: its rank, its document in the drop-in's shape, and what the fuller API shows besides."""

    rank: int
    document: bytes
    more: dict[str, object]


class Named(NamedTuple):
    """What an id names: rows of one kind, the most popular first."""

    kind: Kind
    ranks: list[int]


async def resolve(backend: Backend, ids: Sequence[str], kind: Kind | None = None) -> list[Named | None]:
    """What each id names, None where that is nothing. An id without a namespace is the source's own, of `kind`."""
    found: list[Named | None] = [None] * len(ids)
    codes: dict[str, list[tuple[int, str]]] = defaultdict(list)
    owns: dict[Kind, list[tuple[int, str]]] = defaultdict(list)
    others: list[tuple[int, str]] = []
    for place, text in enumerate(ids):
        platform, colon, native = text.strip().partition(":")
        if not colon:
            if kind is not None:
                owns[kind].append((place, platform))
        elif platform == "isrc":
            codes["track"].append((place, native))
        elif platform in _RELEASE_CODES:
            codes["album"].append((place, native))
        elif (mine := own(backend.namespace, text.strip())) is not None:
            owns[mine[0]].append((place, mine[1]))
        else:
            others.append((place, text.strip()))
    for its_kind, some in owns.items():
        for (place, _), rank in zip(some, await backend.ranks(its_kind, [name for _, name in some]), strict=True):
            if rank is not None:
                found[place] = Named(its_kind, [rank])
    if others:
        for (place, _), hit in zip(others, await backend.external([text for _, text in others]), strict=True):
            if hit is not None:
                found[place] = Named(hit[0], [hit[1]])
    if some := codes["track"]:
        for (place, _), ranks in zip(some, await backend.isrcs([code for _, code in some]), strict=True):
            found[place] = Named("track", list(ranks)) if ranks else None
    if some := codes["album"]:
        for (place, _), ranks in zip(some, await backend.upcs([code for _, code in some]), strict=True):
            found[place] = Named("album", list(ranks)) if ranks else None
    return found


async def rows(backend: Backend, kind: Kind, ranks: Sequence[int], *, album: bool = True) -> list[Row]:
    """The rows of these ranks, in their order; tracks without their album where it is known already."""
    if not ranks:
        return []
    match kind:
        case "track":
            documents = await backend.tracks(ranks, album=album)
        case "album":
            documents = await backend.albums(ranks)
        case _:
            documents = await backend.artists(ranks)
    return [Row(*one) for one in zip(ranks, documents, await backend.more(kind, ranks), strict=True)]
