"""Who and what is meant by a name in a tag, where a person has decided it: aliases, former ids, artists chosen by hand."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Row, func, select

from segue.core.db import Transaction
from segue.library.edits import repository
from segue.library.edits.models import EditBatch, OtherName
from segue.library.external import FORMER_ARTIST
from segue.library.models import Artist, ArtistAlias, ExternalIdRow, Redirect

OWN = "ar-"
"""How an artist's own id begins, which stands for a MusicBrainz id in a credit that a person decided."""
DECIDED = ("person", "merge", "name")
"""Sources of aliases by which tags are understood: told by a person, the name of a merged artist, a former name."""
MOST = 5_000
_ARTIST = (Artist.id, Artist.name, Artist.musicbrainz_id)


async def newest(tx: Transaction) -> int:
    """A number that grows with every act of editing: whoever remembers names forgets them when it does."""
    return int(await tx.scalar(select(func.max(EditBatch.id))) or 0)


async def chosen(tx: Transaction, ids: Collection[str]) -> dict[str, Row[Any]]:
    """The artists with these ids of ours, or those they were merged into; ids of nobody are left out."""
    wanted = {int(typed.removeprefix(OWN)): typed for typed in ids}
    merged = select(Redirect.old_id, Redirect.new_id).where(Redirect.kind == "artist", Redirect.old_id.in_(wanted))
    went = {row[0]: row[1] for row in await tx.execute(merged)}
    numbers = {went.get(number, number) for number in wanted}
    rows = {row.id: row for row in await tx.execute(select(*_ARTIST).where(Artist.id.in_(numbers)))}
    found = {typed: rows.get(went.get(number, number)) for number, typed in wanted.items()}
    return {typed: row for typed, row in found.items() if row is not None}


async def former(tx: Transaction, mbids: Collection[str]) -> dict[str, Row[Any]]:
    """The artists who have taken over those with these MusicBrainz ids."""
    if not mbids:
        return {}
    statement = (
        select(ExternalIdRow.value, *_ARTIST)
        .join(Artist, Artist.id == ExternalIdRow.entity_id)
        .where(
            ExternalIdRow.kind == "artist",
            ExternalIdRow.namespace == FORMER_ARTIST,
            ExternalIdRow.value.in_(sorted(mbids)[:MOST]),
        )
    )
    return {row.value: row for row in await tx.execute(statement)}


async def by_alias(tx: Transaction, keys: Collection[str]) -> dict[str, Row[Any]]:
    """The artist that each of these names (as they are looked up) is an alias of; the first where there are several."""
    found: dict[str, Row[Any]] = {}
    for part in (sorted(keys)[start : start + MOST] for start in range(0, len(keys), MOST)):
        statement = (
            select(ArtistAlias.name_key, *_ARTIST)
            .join(Artist, Artist.id == ArtistAlias.artist_id)
            .where(ArtistAlias.name_key.in_(part), ArtistAlias.source.in_(DECIDED))
            .order_by(ArtistAlias.id)
        )
        for row in await tx.execute(statement):
            found.setdefault(row.name_key, row)
    return found


async def keep_their_id(tx: Transaction, artists: Collection[int]) -> set[int]:
    """Those of these artists whose MusicBrainz id a person has decided, so that no tag gives them another."""
    return set(await repository.values_of(tx.conn, "artist", artists, ("musicbrainz_id",))) if artists else set()


async def others(tx: Transaction, kind: str, keys: Collection[str]) -> dict[str, int]:
    """The label or genre that has each of these names beside its own."""
    found: dict[str, int] = {}
    for part in (sorted(keys)[start : start + MOST] for start in range(0, len(keys), MOST)):
        statement = select(OtherName.name_key, OtherName.entity_id).where(
            OtherName.kind == kind, OtherName.name_key.in_(part)
        )
        found.update((row[0], row[1]) for row in await tx.execute(statement))
    return found
