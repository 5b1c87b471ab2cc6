"""Put edits into effect: note them, log them, and let everything that shows them be written again, in one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from segue.core.db import Transaction
from segue.library.edits import identity, music, named, overlay, repository
from segue.library.scan.again import refresh_albums, write_again


class Thing(NamedTuple):
    """What is edited."""

    kind: str
    id: int


Change = dict[str, Any]
"""From a field to {"is": value}, or to None where its edit is taken back."""


@dataclass(frozen=True, slots=True)
class Act:
    """Who edits, as which batch, when."""

    batch: int
    user_id: int | None
    now: datetime


async def apply(tx: Transaction, act: Act, changes: Mapping[Thing, Change]) -> list[Thing]:
    """Make these changes hold; returns the things of which anything is different now."""
    by_kind: dict[str, dict[int, Change]] = defaultdict(dict)
    for thing, change in changes.items():
        by_kind[thing.kind][thing.id] = change
    changed: list[Thing] = []
    files: set[int] = set()
    albums: set[int] = set()
    for kind, wanted in by_kind.items():
        fields = await _note(tx, act, kind, wanted)
        changed += [Thing(kind, number) for number in sorted(fields)]
        if kind == "track":
            files.update(await music.files_of_tracks(tx.conn, fields))
        elif kind == "album":
            shown = [number for number, names in fields.items() if names & set(overlay.ON_TRACKS)]
            files.update(await music.files_of_albums(tx.conn, shown))
            albums.update(fields)
    if files:
        await write_again(tx, files, now=act.now)
    if albums:
        await refresh_albums(tx, albums, now=act.now)
    return changed


async def settle_artist(tx: Transaction, artist: int, now: datetime, after: int = 0, limit: int = 1_000_000) -> int:
    """Write what credits an artist again, since their name is another: up to `limit` tracks from the one after `after`,
    and with the last of them the albums. Returns the number to go on after; 0 at the end."""
    tracks = await music.tracks_crediting(tx.conn, artist, after, limit)
    if tracks:
        await write_again(tx, await music.files_of_tracks(tx.conn, tracks), now=now)
    if len(tracks) == limit:
        return tracks[-1]
    await refresh_albums(tx, await music.albums_crediting(tx.conn, artist), now=now)
    return 0


async def _note(tx: Transaction, act: Act, kind: str, wanted: Mapping[int, Change]) -> dict[int, set[str]]:
    """Keep the changes of things of one kind and log them; returns which fields of which things are different now."""
    held = await repository.values_of(tx.conn, kind, wanted)
    put: list[dict[str, Any]] = []
    drop: list[tuple[str, int, str]] = []
    log: list[dict[str, Any]] = []
    fields: dict[int, set[str]] = defaultdict(set)
    for number, change in wanted.items():
        before = held.get(number, {})
        for field, after in change.items():
            was = {"is": before[field]} if field in before else None
            if was == after:
                continue
            fields[number].add(field)
            log.append(
                {
                    "batch_id": act.batch,
                    "kind": kind,
                    "entity_id": number,
                    "field": field,
                    "before": was,
                    "after": after,
                }
            )
            if after is None:
                drop.append((kind, number, field))
            else:
                put.append(
                    {
                        "kind": kind, "entity_id": number, "field": field, "value": after, "own": None,
                        "file_key": None, "edited_by": act.user_id, "edited_at": act.now,
                    }
                )  # fmt: skip
    if kind == "track":
        await _remember_files(tx, put)
    elif kind in named.KINDS:
        for number in fields:
            change = {field: wanted[number][field] for field in fields[number]}
            own = await named.show(tx, kind, number, change, act.now)
            for row in put:
                if row["entity_id"] == number:
                    row["own"] = {"is": own[row["field"]]} if row["field"] in own else None
    await repository.put(tx, put)
    await repository.drop(tx, drop)
    await repository.log(tx, log)
    return dict(fields)


async def _remember_files(tx: Transaction, put: Collection[dict[str, Any]]) -> None:
    """Keep with an edited title what the file says, for it may come back from elsewhere and is to be known again."""
    known = [row for row in put if row["field"] in identity.KNOWN_BY]
    if known:
        said = await music.tags_of_tracks(tx.conn, {row["entity_id"] for row in known})
        for row in known:
            if row["entity_id"] in said:
                row["file_key"] = identity.keys(said[row["entity_id"]].tags)[row["field"]]
