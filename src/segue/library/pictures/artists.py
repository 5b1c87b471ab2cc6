"""Which pictures show which artists: those in an artist's folder, and those in a folder of artists' pictures.

A folder is an artist's where its name is the artist's and albums of theirs lie in it, or where all albums in it are by one
artist. A file in a folder of artists' pictures shows whom it is called like, or whose MusicBrainz id it bears. Worked out
for what a scan touched: the folders it looked at, the albums it put together, the artists it met first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, case, or_, select, update

from segue.core.db import Transaction
from segue.library.models import Album, AlbumCredit, Artist, Folder
from segue.library.pictures import choices
from segue.library.pictures.models import FolderPicture
from segue.library.scan.grouping import name_key

if TYPE_CHECKING:
    from segue.library.scan.plan import FolderPlan
    from segue.library.scan.write.written import Written

ABOVE = 3
"""An artist's picture is looked for in the album's folder and in so many folders above it."""
_SLICE = 1_000
_ANY_PICTURE = (
    select(FolderPicture.id)
    .where(FolderPicture.library_id == bindparam("library"), FolderPicture.role.in_(("artist", "artists")))
    .limit(1)
)


async def settle(tx: Transaction, library_id: int, folders: Sequence[FolderPlan], written: Written) -> None:
    """Give artists their pictures, as far as this batch may have changed them."""
    looked_at = [(folder, folder.pictures) for folder in folders if folder.pictures is not None]
    gone = {artist for _, pictures in looked_at for artist in pictures.gone_artists}
    changed = {
        folder.id for folder, pictures in looked_at if pictures.roles_changed & {"artist", "artists"} and folder.id
    }
    if not changed and not gone and (await tx.execute(_ANY_PICTURE, {"library": library_id})).first() is None:
        return
    albums = written.touched - written.ended
    near = await _folders_near(tx, albums) | changed
    touched = await _artist_folders(tx, library_id, near)
    touched |= await _named_pictures(tx, library_id, changed, albums)
    await show(tx, touched | gone)


async def _folders_near(tx: Transaction, albums: Collection[int]) -> set[int]:
    """The folders of albums and those above them."""
    found: set[int] = set()
    level: set[int] = set()
    for part in _slices(albums):
        homes = select(Album.folder_id).where(Album.id.in_(part), Album.folder_id.is_not(None))
        level |= set((await tx.execute(homes)).scalars())
    for _ in range(ABOVE):
        found |= level
        above: set[int] = set()
        for part in _slices(level):
            parents = select(Folder.parent_id).where(Folder.id.in_(part), Folder.parent_id.is_not(None))
            above |= set((await tx.execute(parents)).scalars())
        level = above - found
    return found


async def _artist_folders(tx: Transaction, library_id: int, folders: Collection[int]) -> set[int]:
    """Say of the artists' pictures in these folders whom they show; returns the artists who got or lost one."""
    rows = []
    for part in _slices(folders):
        statement = (
            select(FolderPicture.id, FolderPicture.folder_id, FolderPicture.artist_id, Folder.name)
            .join(Folder, Folder.id == FolderPicture.folder_id)
            .where(
                FolderPicture.library_id == library_id,
                FolderPicture.role == "artist",
                FolderPicture.folder_id.in_(part),
            )
        )
        rows += list(await tx.execute(statement))
    touched: set[int] = set()
    owners: dict[int, int | None] = {}
    for row in rows:
        if row.folder_id not in owners:
            owners[row.folder_id] = await _owner(tx, row.folder_id, row.name)
        touched |= await _shows(tx, row, owners[row.folder_id])
    return touched


async def _owner(tx: Transaction, folder_id: int, name: str) -> int | None:
    """The artist whose folder this is, or None where the albums in it are by several and none is called like it."""
    inside = {folder_id}
    level = {folder_id}
    for _ in range(ABOVE):
        below: set[int] = set()
        for part in _slices(level):
            below |= set((await tx.execute(select(Folder.id).where(Folder.parent_id.in_(part)))).scalars())
        level = below - inside
        inside |= level
        if len(inside) > 5_000:
            return None
    people: dict[int, str] = {}
    for part in _slices(inside):
        statement = (
            select(Artist.id, Artist.name_key)
            .join(AlbumCredit, AlbumCredit.artist_id == Artist.id)
            .join(Album, Album.id == AlbumCredit.album_id)
            .where(Album.folder_id.in_(part), AlbumCredit.position == 0)
            .distinct()
        )
        people |= {row[0]: row[1] for row in await tx.execute(statement)}
    called = [number for number, key in people.items() if key == name_key(name)]
    if len(called) == 1:
        return called[0]
    return next(iter(people)) if len(people) == 1 else None


async def _named_pictures(
    tx: Transaction, library_id: int, changed: Collection[int], albums: Collection[int]
) -> set[int]:
    """Say of pictures in folders of artists' pictures whom they show: of the folders that changed, and those that are called
    like artists of these albums."""
    table = FolderPicture
    columns = (table.id, table.key, table.artist_id)
    mine = (table.library_id == library_id, table.role == "artists")
    if (await tx.execute(select(table.id).where(*mine).limit(1))).first() is None:
        return set()
    rows: dict[int, Any] = {}
    for part in _slices(changed):
        rows |= {row.id: row for row in await tx.execute(select(*columns).where(*mine, table.folder_id.in_(part)))}
    people: dict[str, list[int]] = {}
    credited: set[int] = set()
    for part in _slices(albums):
        credited |= set(
            (await tx.execute(select(AlbumCredit.artist_id).where(AlbumCredit.album_id.in_(part)))).scalars()
        )
    await _learn(tx, people, Artist.id, credited)
    for part in _slices(set(people)):
        rows |= {row.id: row for row in await tx.execute(select(*columns).where(*mine, table.key.in_(part)))}
    unknown = {row.key for row in rows.values()} - people.keys()
    await _learn(tx, people, Artist.name_key, unknown)
    await _learn(tx, people, Artist.musicbrainz_id, unknown)
    touched: set[int] = set()
    for row in rows.values():
        shown = people.get(row.key, [])
        touched |= await _shows(tx, row, shown[0] if len(set(shown)) == 1 else None)
    return touched


async def _learn(tx: Transaction, people: dict[str, list[int]], column: Any, values: Collection[Any]) -> None:
    """Artists by name and by MusicBrainz id."""
    for part in _slices(values):
        statement = select(Artist.id, Artist.name_key, Artist.musicbrainz_id).where(column.in_(part))
        for row in await tx.execute(statement):
            people.setdefault(row.name_key, []).append(row.id)
            if row.musicbrainz_id:
                people.setdefault(row.musicbrainz_id, []).append(row.id)


async def _shows(tx: Transaction, row: Any, artist: int | None) -> set[int]:
    if row.artist_id != artist:
        await tx.execute(update(FolderPicture).where(FolderPicture.id == row.id).values(artist_id=artist))
    return {each for each in (row.artist_id, artist) if each is not None}


async def show(tx: Transaction, artists: Iterable[int]) -> None:
    """Bring the pictures of these artists in line with choices and rules: the one in their folder before one in a folder of
    artists' pictures."""
    wanted = set(artists)
    chosen = await choices.pictures_of(tx.conn, "artist", wanted)
    for part in _slices(wanted):
        ruled: dict[int, int] = {}
        first = case((FolderPicture.role == "artist", 0), else_=1)
        statement = (
            select(FolderPicture.artist_id, FolderPicture.artwork_id)
            .where(
                FolderPicture.artist_id.in_(part),
                FolderPicture.artwork_id.is_not(None),
                or_(FolderPicture.role == "artist", FolderPicture.role == "artists"),
            )
            .order_by(first, FolderPicture.id)
        )
        for row in await tx.execute(statement):
            ruled.setdefault(row.artist_id, row.artwork_id)
        for row in list(await tx.execute(select(Artist.id, Artist.artwork_id).where(Artist.id.in_(part)))):
            picture = chosen.get(row.id, ruled.get(row.id))
            if picture != row.artwork_id:
                await tx.execute(update(Artist).where(Artist.id == row.id).values(artwork_id=picture))
                tx.changed("artist", row.id)


def _slices(values: Collection[Any]) -> Iterable[list[Any]]:
    ordered = sorted(values)
    return (ordered[start : start + _SLICE] for start in range(0, len(ordered), _SLICE))
