"""What people heard that is in no library here: known by what it is called, until the music arrives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.db import Transaction
from segue.core.remembered import Memory
from segue.core.text import fold
from segue.library.finding.keys import keys_of
from segue.library.finding.wanted import Wanted, wanted_of
from segue.listening.models import HeardName, HeardNameKey
from segue.listening.plays import Listen

BATCH = 400
"""Keys a statement."""
_APART = "\n"


@dataclass(frozen=True, slots=True)
class Name:
    """One track, album or artist by what it is called."""

    kind: str
    key: str
    title: str
    artist: str = ""
    album: str = ""
    duration_ms: int | None = None
    external_ids: dict[str, Any] = field(default_factory=dict)


def names_of(listen: Listen) -> list[Name]:
    """The track, the album and the artist that a listen names; the latter two where it names them."""
    artist = fold(listen.artist).strip()
    found = [
        Name(
            "track",
            f"{artist}{_APART}{fold(listen.title).strip()}",
            listen.title,
            listen.artist,
            listen.album,
            listen.duration_ms,
            dict(listen.external_ids),
        )
    ]
    if listen.album:
        by = listen.album_artist or listen.artist
        found.append(Name("album", f"{fold(by).strip()}{_APART}{fold(listen.album).strip()}", listen.album, by))
    if artist:
        found.append(Name("artist", artist, listen.artist))
    return found


async def numbers_of(tx: Transaction, user_id: int, names: Iterable[Name]) -> dict[tuple[str, str], int]:
    """The numbers of these names by kind and key, as they stand in rollups: below zero. New ones get a row."""
    wanted = {(name.kind, name.key): name for name in names}
    found = await _known(tx.conn, user_id, wanted)
    fresh = [name for key, name in wanted.items() if key not in found]
    if fresh:
        await tx.execute(
            insert(HeardName),
            [
                {
                    "user_id": user_id,
                    "kind": name.kind,
                    "key": name.key,
                    "title": name.title,
                    "artist": name.artist,
                    "album": name.album,
                    "duration_ms": name.duration_ms,
                    "external_ids": name.external_ids or None,
                }
                for name in fresh
            ],
        )
        new = await _known(tx.conn, user_id, {(name.kind, name.key): name for name in fresh})
        keys = [
            {"key": key, "name_id": -new[name.kind, name.key]}
            for name in fresh
            if name.kind == "track"
            for key in sorted(keys_of(_wanted(name)))
        ]
        if keys:
            await tx.execute(insert(HeardNameKey), keys)
        found |= new
    return found


async def counted_by_names(
    tx: Transaction, music: Memory, user_id: int, listens: Mapping[int, Listen]
) -> dict[int, tuple[int, list[Any]]]:
    """The subjects of listens that are known by their names, and what they count for beside them; under the same keys.

    An artist who is here, and alone has the name, is counted as that artist, though the track is not here.
    """
    named = {key: names_of(listen) for key, listen in listens.items()}
    artists = list(dict.fromkeys(name.title for names in named.values() for name in names if name.kind == "artist"))
    here = await music.artists_called(tx.conn, artists) if artists else {}
    unknown = [name for names in named.values() for name in names if name.kind != "artist" or name.title not in here]
    numbers = await numbers_of(tx, user_id, unknown) if unknown else {}
    found = {}
    for key, names in named.items():
        by_kind = {
            name.kind: here[name.title]
            if name.kind == "artist" and name.title in here
            else numbers[name.kind, name.key]
            for name in names
        }
        by = [by_kind["artist"]] if "artist" in by_kind else []
        found[key] = (by_kind["track"], [by_kind.get("album", 0), by, [], None])
    return found


async def texts_of(conn: AsyncConnection, user_id: int, plays: Sequence[Any]) -> list[Wanted]:
    """What plays say of what they are of: the words of their name, which are the same for all plays of it, else their own."""
    keys = [f"{fold(play.artist).strip()}{_APART}{fold(play.title).strip()}" for play in plays]
    named: dict[str, Wanted] = {}
    table: Any = HeardName.__table__
    for some in slices(list(dict.fromkeys(keys))):
        mine = (table.c.user_id == user_id) & (table.c.kind == "track") & table.c.key.in_(some)
        for row in await conn.execute(select(table).where(mine)):
            named[row.key] = _wanted(row)
    return [
        named.get(key) or wanted_of(play.title, play.artist, play.album, play.duration_ms, play.external_ids)
        for key, play in zip(keys, plays, strict=True)
    ]


async def tracks_named_after(conn: AsyncConnection, after: int, limit: int) -> list[tuple[int, Wanted]]:
    """What was heard that is not here, by the number of its name, from behind `after` on."""
    table: Any = HeardName.__table__
    rows = select(table).where(table.c.kind == "track", table.c.id > after).order_by(table.c.id).limit(limit)
    return [(row.id, _wanted(row)) for row in await conn.execute(rows)]


def _wanted(name: Any) -> Wanted:
    return wanted_of(name.title, name.artist, name.album, name.duration_ms, name.external_ids)


async def _known(
    conn: AsyncConnection, user_id: int, wanted: Mapping[tuple[str, str], Name]
) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for kind in ("track", "album", "artist"):
        keys = [key for its, key in wanted if its == kind]
        for some in slices(keys):
            rows = select(HeardName.key, HeardName.id).where(
                HeardName.user_id == user_id, HeardName.kind == kind, HeardName.key.in_(some)
            )
            found |= {(kind, row.key): -row.id for row in await conn.execute(rows)}
    return found


def slices(values: Sequence[Any], size: int = BATCH) -> Iterator[Sequence[Any]]:
    """`values` in runs of at most `size`."""
    for start in range(0, len(values), size):
        yield values[start : start + size]
