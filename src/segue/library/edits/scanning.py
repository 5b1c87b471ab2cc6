"""What the writer of a scan asks of edits, inside its transaction: one look for a batch of files, one for its albums."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from segue.core.db import Transaction
from segue.library.edits import identity, overlay, repository
from segue.library.scan.facts import TrackTags
from segue.library.scan.plan import FilePlan, Unit


async def apply_to_files(tx: Transaction, files: Iterable[tuple[Unit, FilePlan]]) -> None:
    """Lay the edits of tracks, and those of their albums that show on tracks, over what the files said.

    Nothing is asked about files that were never here, nor of albums made in this transaction. A track that comes to another
    album is written again where either album's edits show on it.
    """
    known: list[tuple[FilePlan, int | None, int | None]] = []
    for unit, file in files:
        if file.tags is None:
            continue
        album = unit.prior_albums.get(file.key.group) if file.key else None
        if file.stored is not None or album is not None:
            known.append((file, file.stored.track_id if file.stored else None, album))
    tracks = {track for _, track, _ in known if track is not None}
    albums = {album for _, _, album in known if album is not None}
    albums |= {file.stored.album_id for file, _, _ in known if file.stored and file.stored.album_id}
    if not tracks and not albums:
        return
    of_tracks = await repository.values_of(tx.conn, "track", tracks) if tracks else {}
    of_albums = await repository.values_of(tx.conn, "album", albums, overlay.ON_TRACKS) if albums else {}
    if not of_tracks and not of_albums:
        return
    known_by: list[tuple[int, TrackTags]] = []
    for file, track, album in known:
        assert file.tags is not None
        former = file.stored.album_id if file.stored else None
        if former != album and (former in of_albums or album in of_albums):
            file.rewrite = True
        mine = of_tracks.get(track, {}) if track is not None else {}
        if track is not None and file.facts is not None and not identity.KNOWN_BY.isdisjoint(mine):
            known_by.append((track, file.tags))
        file.edited = frozenset(mine)
        file.tags = overlay.edited_tags(file.tags, mine, of_albums.get(album) if album is not None else None)
    for track, said in known_by:
        for field, key in identity.keys(said).items():
            await repository.set_file_key(tx, track, field, key)


async def apply_to_tracks(tx: Transaction, tags: dict[int, TrackTags], album_of: dict[int, int]) -> None:
    """The same for what is remembered of tracks that are not written (those in `album_of`); `tags` are changed in place."""
    of_tracks = await repository.values_of(tx.conn, "track", album_of.keys())
    of_albums = await repository.values_of(tx.conn, "album", set(album_of.values()), overlay.ON_TRACKS)
    if not of_tracks and not of_albums:
        return
    for track in album_of.keys() & tags.keys():
        tags[track] = overlay.edited_tags(tags[track], of_tracks.get(track, {}), of_albums.get(album_of[track]))


async def album_edits(tx: Transaction, albums: Collection[int]) -> dict[int, dict[str, Any]]:
    """The edited values of albums, by album and field."""
    return await repository.values_of(tx.conn, "album", albums) if albums else {}
