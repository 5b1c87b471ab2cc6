"""Albums that move to another library with most of their tracks: the row goes along, so that its stars, its place in
playlists and its id stay. What is left behind becomes an album of its own."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import insert, select, update

from segue.core.db import Transaction
from segue.library.models import Album, Track
from segue.library.scan.write import counts
from segue.library.scan.write.names import slices
from segue.library.scan.write.numbers import allocate
from segue.library.scan.write.written import Written


async def sizes_elsewhere(tx: Transaction, albums: Collection[int], library_id: int) -> dict[int, int]:
    """How many tracks each of these albums has, of those that are not in the library."""
    found: dict[int, int] = {}
    for part in slices(sorted(albums)):
        statement = select(Album.id, Album.track_count + Album.missing_count).where(
            Album.id.in_(part), Album.library_id != library_id
        )
        found.update((row[0], row[1]) for row in await tx.execute(statement))
    return found


async def bring(
    tx: Transaction, album: int, library_id: int, group: str, coming: Collection[int], written: Written
) -> None:
    """Make `album` one of the library `library_id` with the key `group`. Its tracks come, those of `coming`; the others
    stay where they are, in an album of the same key.

    Its counts are taken from its former library here, and given to the new one when the album is refreshed.
    """
    row = (await tx.execute(select(Album.__table__).where(Album.id == album))).one()
    await counts.apply(tx, await counts.stored_tallies(tx, [album]), {}, {})
    nothing = {"track_count": 0, "missing_count": 0, "duration_ms": 0, "size_bytes": 0}
    await tx.execute(
        update(Album).where(Album.id == album).values(library_id=library_id, group_key=group, folder_id=None, **nothing)
    )
    tx.left("album", album, library_id=row.library_id)
    tx.changed("album", album, library_id=library_id)
    written.touched.add(album)
    staying = [
        track
        for (track,) in await tx.execute(
            select(Track.id).where(Track.album_id == album, Track.library_id == row.library_id).order_by(Track.id)
        )
        if track not in coming
    ]
    if not staying:
        return
    (left,) = await allocate(tx, Album.__table__, 1)  # type: ignore[arg-type]
    same = {name: row._mapping[name] for name in row._mapping if name not in ("id", "missing_since")}
    await tx.execute(insert(Album), {**same, **nothing, "id": left, "updated_at": written.now})
    for part in slices(staying):
        await tx.execute(update(Track).where(Track.id.in_(part)).values(album_id=left, updated_at=written.now))
    for track in staying:
        tx.changed("track", track, library_id=row.library_id)
    tx.changed("album", left, library_id=row.library_id)
    written.touched.add(left)
    written.renamed.add(left)
