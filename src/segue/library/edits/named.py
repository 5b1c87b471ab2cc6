"""Artists, labels and genres: rows that are edited themselves, and what their names are looked up by."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.db import Transaction
from segue.core.ids import format_id
from segue.core.text import sort_key
from segue.library import search
from segue.library.edits import repository
from segue.library.edits.errors import BadEdit, IdTaken, NameTaken
from segue.library.edits.fields import FIELDS, PREFIXES
from segue.library.edits.models import OtherName
from segue.library.external import FORMER_ARTIST
from segue.library.models import Artist, ArtistAlias, ExternalIdRow, Genre, Label
from segue.library.scan.grouping import name_key

KINDS = ("artist", "label", "genre")
_MODELS: dict[str, Any] = {"artist": Artist, "label": Label, "genre": Genre}
_LISTS = ("aliases", "external_ids")


async def values(conn: AsyncConnection, kind: str, number: int) -> dict[str, Any]:
    """What every field of one of these rows says; empty where there is no such row."""
    model = _MODELS[kind]
    row = (await conn.execute(select(model.__table__).where(model.id == number))).first()
    if row is None:
        return {}
    found = {field: getattr(row, field) for field in FIELDS[kind] if field not in _LISTS}
    if "aliases" in FIELDS[kind]:
        found["aliases"] = await _aliases(conn, number)
    if "external_ids" in FIELDS[kind]:
        found["external_ids"] = await _external_ids(conn, kind, number)
    return found


async def show(tx: Transaction, kind: str, number: int, change: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Make the row say what `change` says, or what it said before any edit where that takes one back.

    Returns what each field said before its first edit, to be kept with the edit. Raises NameTaken, IdTaken, BadEdit.
    """
    present = await values(tx.conn, kind, number)
    kept = {
        field: row.own["is"]
        for field, row in (await repository.rows_of(tx.conn, kind, number)).items()
        if row.own is not None
    }
    own = {field: kept.get(field, present[field]) for field in change}
    wanted = {field: own[field] if to is None else to["is"] for field, to in change.items()}
    columns = {field: value for field, value in wanted.items() if field not in _LISTS}
    if "name" in wanted:
        columns["name_key"] = name_key(wanted["name"])
        await _rename(tx, kind, number, wanted["name"], own["name"])
    if wanted.get("musicbrainz_id"):
        await check_id(tx, number, wanted["musicbrainz_id"])
    _check_dates(present | wanted, change)
    said = present | wanted
    columns["sort_key"] = sort_key(said.get("sort_name") or said["name"])
    model = _MODELS[kind]
    await tx.execute(update(model).where(model.id == number).values(columns))
    if "aliases" in wanted:
        await _put_aliases(tx, number, wanted["aliases"])
    if "external_ids" in wanted:
        await _put_external_ids(tx, kind, number, wanted["external_ids"])
    await search.index(tx, "artist" if kind == "artist" else "label", [number])
    tx.changed(kind, number)
    return own


async def artists_called(conn: AsyncConnection, names: Collection[str], but: int) -> list[Any]:
    """Rows (id, name, musicbrainz_id) of the artists that have one of these names as their own, all but one."""
    keys = {name_key(name) for name in names}
    statement = select(Artist.id, Artist.name, Artist.musicbrainz_id).where(
        Artist.name_key.in_(keys), Artist.id != but, Artist.by_hand.is_(False)
    )
    return list((await conn.execute(statement.order_by(Artist.id))).all())


async def _rename(tx: Transaction, kind: str, number: int, name: str, own: str) -> None:
    """Let tags that say the name it had from them still mean it, for as long as it has another."""
    key, own_key = name_key(name), name_key(own)
    if kind == "artist":
        former = (ArtistAlias.artist_id == number) & (ArtistAlias.source == "name")
        await tx.execute(delete(ArtistAlias).where(former))
        if key != own_key:
            known = await tx.scalar(
                select(ArtistAlias.id).where(ArtistAlias.artist_id == number, ArtistAlias.name == own)
            )
            if known is None:
                await tx.execute(insert(ArtistAlias), _alias(number, own, "name"))
        return
    model = _MODELS[kind]
    other = await tx.scalar(select(model.id).where(model.name_key == key, model.id != number))
    if other is not None:
        raise NameTaken(kind, name, format_id(PREFIXES[kind], other))
    await tx.execute(delete(OtherName).where(OtherName.kind == kind, OtherName.entity_id == number))
    if key != own_key:
        await tx.execute(insert(OtherName), {"kind": kind, "name_key": own_key, "entity_id": number, "name": own})


async def check_id(tx: Transaction, number: int, mbid: str) -> None:
    """Raises IdTaken where another artist than `number` has this MusicBrainz id."""
    other = await tx.scalar(select(Artist.id).where(Artist.musicbrainz_id == mbid, Artist.id != number))
    if other is not None:
        raise IdTaken(other)


def _check_dates(said: Mapping[str, Any], change: Mapping[str, Any]) -> None:
    begin, end = said.get("begin_date"), said.get("end_date")
    if begin and end and ("begin_date" in change or "end_date" in change):
        length = min(len(begin), len(end))
        if end[:length] < begin[:length]:
            raise BadEdit("end_date", "ends_before", f"The end ({end}) is before the beginning ({begin}).")


async def _aliases(conn: AsyncConnection, artist: int) -> list[str]:
    statement = select(ArtistAlias.name).where(ArtistAlias.artist_id == artist, ArtistAlias.source == "person")
    return list(await conn.scalars(statement.order_by(ArtistAlias.id)))


async def _put_aliases(tx: Transaction, artist: int, names: list[str]) -> None:
    mine = ArtistAlias.artist_id == artist
    await tx.execute(delete(ArtistAlias).where(mine, ArtistAlias.source == "person"))
    there = set(await tx.conn.scalars(select(ArtistAlias.name).where(mine)))
    rows = [_alias(artist, name, "person") for name in names if name not in there]
    if rows:
        await tx.execute(insert(ArtistAlias), rows)


def _alias(artist: int, name: str, source: str) -> dict[str, Any]:
    return {
        "artist_id": artist, "name": name, "name_key": name_key(name), "sort_key": sort_key(name), "locale": None,
        "source": source,
    }  # fmt: skip


async def add_alias(tx: Transaction, artist: int, name: str, source: str) -> None:
    """One more spelling of an artist's name, unless it is there."""
    mine = select(ArtistAlias.id).where(ArtistAlias.artist_id == artist, ArtistAlias.name == name)
    if await tx.scalar(mine) is None:
        await tx.execute(insert(ArtistAlias), _alias(artist, name, source))


async def _external_ids(conn: AsyncConnection, kind: str, number: int) -> list[list[str]]:
    statement = select(ExternalIdRow.namespace, ExternalIdRow.value).where(
        ExternalIdRow.kind == kind, ExternalIdRow.entity_id == number, ExternalIdRow.namespace != FORMER_ARTIST
    )
    return [[row[0], row[1]] for row in await conn.execute(statement.order_by(ExternalIdRow.id))]


async def _put_external_ids(tx: Transaction, kind: str, number: int, pairs: list[list[str]]) -> None:
    mine = (ExternalIdRow.kind == kind) & (ExternalIdRow.entity_id == number)
    await tx.execute(delete(ExternalIdRow).where(mine, ExternalIdRow.namespace != FORMER_ARTIST))
    rows = [{"kind": kind, "entity_id": number, "namespace": pair[0], "value": pair[1]} for pair in pairs]
    if rows:
        await tx.execute(insert(ExternalIdRow), rows)
