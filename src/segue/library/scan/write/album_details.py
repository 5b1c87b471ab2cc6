"""Credits, labels and external ids of albums: compared with what is stored, and written where they differ."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select

from segue.core.db import Transaction
from segue.library.models import AlbumCredit, AlbumLabel, ExternalIdRow
from segue.library.scan.write.names import slices


@dataclass(slots=True)
class AlbumDetails:
    """Credits, labels and external ids of albums, and which of them differ from what is stored."""

    credits: dict[int, list[dict[str, Any]]]
    labels: dict[int, list[tuple[int, str | None]]]
    ids: dict[int, list[tuple[str, str]]]

    async def write(self, tx: Transaction, made: Collection[int]) -> set[int]:
        """Bring the tables up to date; says which albums were touched by that."""
        known = sorted(self.credits.keys() - set(made))
        changed = await self._drop_differing(tx, known)
        fresh = set(made) & self.credits.keys() | changed
        rows = [{"album_id": album, **row} for album in sorted(fresh) for row in self.credits[album]]
        if rows:
            await tx.execute(insert(AlbumCredit), rows)
        rows = [
            {"album_id": album, "position": place, "label_id": label, "catalog_number": number}
            for album in sorted(fresh)
            for place, (label, number) in enumerate(self.labels[album])
        ]
        if rows:
            await tx.execute(insert(AlbumLabel), rows)
        rows = [
            {"kind": "album", "entity_id": album, "namespace": namespace, "value": value}
            for album in sorted(fresh)
            for namespace, value in self.ids[album]
        ]
        if rows:
            await tx.execute(insert(ExternalIdRow), rows)
        return changed

    async def _drop_differing(self, tx: Transaction, known: list[int]) -> set[int]:
        credits: dict[int, list[tuple[Any, ...]]] = {album: [] for album in known}
        labels: dict[int, list[tuple[int, str | None]]] = {album: [] for album in known}
        ids: dict[int, list[tuple[str, str]]] = {album: [] for album in known}
        table = AlbumCredit.__table__.c
        names = ("position", "artist_id", "role", "instrument", "credited_as", "join_phrase")
        for part in slices(known):
            columns = [table.album_id, *(table[name] for name in names)]
            where = AlbumCredit.album_id.in_(part)
            for row in await tx.execute(select(*columns).where(where).order_by(*columns[:2])):
                credits[row[0]].append(tuple(row[1:]))
            statement = select(AlbumLabel.album_id, AlbumLabel.label_id, AlbumLabel.catalog_number)
            ordered = statement.where(AlbumLabel.album_id.in_(part)).order_by(AlbumLabel.album_id, AlbumLabel.position)
            for row in await tx.execute(ordered):
                labels[row[0]].append((row[1], row[2]))
            own = select(ExternalIdRow.entity_id, ExternalIdRow.namespace, ExternalIdRow.value).where(
                ExternalIdRow.kind == "album", ExternalIdRow.entity_id.in_(part)
            )
            for row in await tx.execute(own):
                ids[row[0]].append((row[1], row[2]))
        changed = {
            album
            for album in known
            if [tuple(row[name] for name in names) for row in self.credits[album]] != credits[album]
            or self.labels[album] != labels[album]
            or sorted(self.ids[album]) != sorted(ids[album])
        }
        for part in slices(sorted(changed)):
            await tx.execute(delete(AlbumCredit).where(AlbumCredit.album_id.in_(part)))
            await tx.execute(delete(AlbumLabel).where(AlbumLabel.album_id.in_(part)))
            await tx.execute(
                delete(ExternalIdRow).where(ExternalIdRow.kind == "album", ExternalIdRow.entity_id.in_(part))
            )
        return changed
