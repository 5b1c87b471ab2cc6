"""Take back what one transaction of a scan did: every row as it was, and what was made marked missing.

Rows are put back as they were kept, the latest transaction first; albums and all counts then follow from them, by the same
code that a scan uses. What the scan made is not deleted, since people may have played and starred it meanwhile. What a
person decided or edited after the scan holds: edited tracks are written again, and decisions about albums keep theirs.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, func, insert, select, update

from segue.core.db import Transaction
from segue.library import search
from segue.library.edits import repository as edits
from segue.library.journal.images import OF_TRACKS, Image, columns_of
from segue.library.measures.showing import settle
from segue.library.models import Album, Artist, ExternalIdRow, File, Folder, RawTags, Redirect, Track
from segue.library.overrides.models import GroupingOverride, GroupingPin
from segue.library.scan import again
from segue.library.scan import repository as scans
from segue.library.scan.write import large, statements
from segue.library.scan.write.names import slices
from segue.library.scan.write.writer import Writer
from segue.library.scan.write.written import Written

UNDONE = "undone"
"""Why a file that a scan found is marked missing: the scan was undone."""
OWN_COLUMNS = ("merged_into_id",)
"""Columns of tracks that people set, not scans: they stay as they are."""
COUNTED = ("track_count", "missing_count", "duration_ms", "size_bytes", "disc_count")
"""Columns of an album that follow from its tracks."""


def _albums_of(page: Image) -> set[int]:
    """The albums that the files of a page were in."""
    return {track["row"]["album_id"] for image in page["files"] for track in image["tracks"]}


class PageUndo:
    """Undoes one page in one transaction. `since` is when the scan began: what people did after that holds."""

    def __init__(self, tx: Transaction, library_id: int, since: datetime, now: datetime) -> None:
        self._tx = tx
        self._library_id = library_id
        self._since = since
        self._written = Written(now)
        self._folders: set[int] = set()
        self._inside: Counter[int] = Counter()

    async def undo(self, page: Image, coming: Image | None = None) -> int:
        """Put everything back; returns how many files that was. `coming` is the page that is undone next: a very large album
        that it has to do with as well is put together then."""
        tx = self._tx
        await scans.lock_library(tx, self._library_id)
        library = await scans.library(tx.conn, self._library_id)
        assert library is not None
        files = {image["row"]["id"]: image for image in page["files"]}
        await self._count_files(files, page["made"]["files"])
        tracks = await self._tracks_of(files, page["made"]["files"])
        self._inside = await self._present_inside(tracks)
        if coming is not None and not page["albums"]:
            albums = await large.large_ones(tx, _albums_of(page) & _albums_of(coming))
            await large.begin(tx, self._written, albums, tracks)
        await self._touch_albums_of(files, page["made"]["files"])
        await self._albums(page["albums"], page["made"]["albums"])
        await self._paths(files)
        await self._documents(files)
        held = await self._held(files, page["albums"])
        await self._tracks(files, held)
        await self._members(page["albums"], held)
        await self._unmake(page["made"]["files"], files)
        await self._count_folders(page["folders"], tracks)
        await self._follow(library, files)
        return len(files)

    # --- files --------------------------------------------------------------------------------------------------------

    async def _count_files(self, files: dict[int, Image], made: Iterable[int]) -> None:
        """By how much the libraries' totals of files change."""
        now = {row.id: row for row in await self._rows(File, [*files, *made])}
        for number, row in now.items():
            self._folders.add(row.folder_id)
            self._file(row.library_id, row.missing_since is not None, -1)
            if number in files:
                was = files[number]["row"]
                self._folders.add(was["folder_id"])
                self._file(was["library_id"], was["missing_since"] is not None, 1)
            else:
                self._file(row.library_id, True, 1)

    def _file(self, library: int, missing: bool, change: int) -> None:
        delta = self._written.library(library)
        if missing:
            delta.missing_count += change
        else:
            delta.file_count += change

    async def _paths(self, files: dict[int, Image]) -> None:
        """The files' own rows, once nobody else has their paths: a path has one row at every moment."""
        wanted: dict[int, set[bytes]] = defaultdict(set)
        for image in files.values():
            wanted[image["row"]["library_id"]].add(image["row"]["path"])
        parked = list(files)
        for library, paths in sorted(wanted.items()):
            for part in slices(sorted(paths)):
                statement = select(File.id).where(File.library_id == library, File.path.in_(part))
                parked += [number for number in (await self._tx.execute(statement)).scalars() if number not in files]
        await self._put(File, [(number, {"path": b"\x00undone/%d" % number}) for number in sorted(set(parked))])
        await self._put(File, [(number, columns_of(File, files[number]["row"], "id")) for number in sorted(files)])

    async def _documents(self, files: dict[int, Image]) -> None:
        rows = [columns_of(RawTags, image["document"]) for image in files.values() if image["document"] is not None]
        if rows:
            said = tuple(name for name in rows[0] if name != "file_id")
            await self._tx.execute(statements.put_or_replace(self._tx.dialect, RawTags, ("file_id",), said), rows)

    # --- tracks -------------------------------------------------------------------------------------------------------

    async def _touch_albums_of(self, files: Collection[int], made: Collection[int]) -> None:
        for part in slices(sorted({*files, *made})):
            found = await self._tx.execute(select(Track.album_id).where(Track.file_id.in_(part)))
            self._written.touched.update(found.scalars())

    async def _held(self, files: dict[int, Image], albums: Sequence[Image]) -> set[int]:
        """Tracks that a person put into an album after the scan began."""
        tracks = {track["row"]["id"] for image in files.values() for track in image["tracks"]}
        tracks |= {track for album in albums for track in album["tracks"]}
        held: set[int] = set()
        for part in slices(sorted(tracks)):
            statement = (
                select(GroupingPin.track_id)
                .join(GroupingOverride, GroupingOverride.id == GroupingPin.override_id)
                .where(GroupingPin.track_id.in_(part), GroupingOverride.created_at > self._since)
            )
            held.update((await self._tx.execute(statement)).scalars())
        return held

    async def _merged(self, tracks: Sequence[int]) -> set[int]:
        """Tracks that stand behind another, hidden."""
        found: set[int] = set()
        for part in slices(sorted(tracks)):
            hidden = select(Track.id).where(Track.id.in_(part), Track.merged_into_id.is_not(None))
            found.update((await self._tx.execute(hidden)).scalars())
        return found

    async def _tracks(self, files: dict[int, Image], held: set[int]) -> None:
        tx = self._tx
        images = [track for image in files.values() for track in image["tracks"]]
        numbers = [image["row"]["id"] for image in images]
        albums = await self._there(Album, {image["row"]["album_id"] for image in images})
        merged = await self._merged(numbers)
        places = {row.id: row.library_id for row in await self._rows(Track, numbers)}
        changed: list[tuple[int, dict[str, Any]]] = []
        for image in images:
            row = image["row"]
            own = (*OWN_COLUMNS, "id", *(("album_id",) if row["id"] in held or row["album_id"] not in albums else ()))
            if row["id"] in merged:
                own = (*own, "missing_since")
            changed.append((row["id"], columns_of(Track, row, *own) | {"updated_at": self._written.now}))
            self._written.touched.add(row["album_id"])
            tx.changed("track", row["id"], library_id=row["library_id"])
            if places.get(row["id"], row["library_id"]) != row["library_id"]:
                tx.left("track", row["id"], library_id=places[row["id"]])
        await self._put(Track, changed)
        artists = await self._artists({credit["artist_id"] for image in images for credit in image.get("credits", ())})
        for part in slices(sorted(numbers)):
            await tx.execute(
                delete(ExternalIdRow).where(ExternalIdRow.kind == "track", ExternalIdRow.entity_id.in_(part))
            )
        ids = [columns_of(ExternalIdRow, row, "id") for image in images for row in image.get("ids", ())]
        if ids:
            await tx.execute(insert(ExternalIdRow), ids)
        for name, model, only in OF_TRACKS:
            for part in slices(sorted(numbers)):
                gone = delete(model).where(model.track_id.in_(part))
                await tx.execute(gone if only is None else gone.where(only))
            rows = [columns_of(model, row) for image in images for row in image.get(name, ())]
            if name == "credits":
                rows = [row | {"artist_id": artists[row["artist_id"]]} for row in rows if row["artist_id"] in artists]
            if rows:
                await tx.execute(insert(model), rows)
        known = set(numbers)
        for part in slices(sorted(files)):
            here = (await tx.execute(select(Track.id).where(Track.file_id.in_(part)))).scalars()
            await self._lose([track for track in here if track not in known])

    async def _artists(self, wanted: Collection[int]) -> dict[int, int]:
        """Each artist of a credit, or the one it was merged into since."""
        there = await self._there(Artist, wanted)
        found = {artist: artist for artist in there}
        gone = sorted(set(wanted) - there)
        for part in slices(gone):
            statement = select(Redirect.old_id, Redirect.new_id).where(
                Redirect.kind == "artist", Redirect.old_id.in_(part)
            )
            found.update((row[0], row[1]) for row in await self._tx.execute(statement))
        return found

    async def _lose(self, tracks: Sequence[int]) -> None:
        """Mark tracks missing that the scan made."""
        now = self._written.now
        for part in slices(tracks):
            await self._tx.execute(update(Track).where(Track.id.in_(part)).values(missing_since=now, updated_at=now))
        for track in tracks:
            self._tx.changed("track", track, library_id=self._library_id)

    async def _unmake(self, made: Collection[int], files: dict[int, Image]) -> None:
        now = self._written.now
        numbers = sorted(set(made) - files.keys())
        for part in slices(numbers):
            values = {"missing_since": now, "missing_reason": UNDONE}
            await self._tx.execute(update(File).where(File.id.in_(part)).values(values))
            tracks = (await self._tx.execute(select(Track.id).where(Track.file_id.in_(part)))).scalars().all()
            await self._lose(tracks)

    # --- albums -------------------------------------------------------------------------------------------------------

    async def _albums(self, albums: Sequence[Image], made: Collection[int]) -> None:
        """Albums have their keys again, and those that ended are there again, still without tracks."""
        tx = self._tx
        images = {image["row"]["id"]: image["row"] for image in albums}
        there = await self._there(Album, images)
        await self._put(Album, [(number, {"group_key": f"undo:{number}"}) for number in sorted(there)])
        kept: list[tuple[int, dict[str, Any]]] = []
        for number, row in sorted(images.items()):
            taken = (Album.library_id == row["library_id"], Album.group_key == row["group_key"])
            other = (await tx.execute(select(Album.id).where(*taken))).scalar()
            if other is not None:
                await tx.execute(update(Album).where(Album.id == other).values(group_key=f"left:{other}"))
                self._written.touched.add(other)
            if number in there:
                kept.append((number, {name: row[name] for name in ("group_key", "rule", "rule_params")}))
            else:
                values = columns_of(Album, row) | dict.fromkeys(COUNTED, 0) | {"disc_count": 1}
                values["folder_id"] = next(iter(await self._there(Folder, [row["folder_id"] or 0])), None)
                await tx.execute(insert(Album).values(values))
                await tx.execute(delete(Redirect).where(Redirect.kind == "album", Redirect.old_id == number))
                self._written.renamed.add(number)
                tx.changed("album", number, library_id=row["library_id"])
        await self._put(Album, kept)
        self._written.touched |= images.keys() | await self._there(Album, made)

    async def _members(self, albums: Sequence[Image], held: set[int]) -> None:
        """Tracks are in the albums that they were in."""
        for image in albums:
            number = image["row"]["id"]
            for part in slices([track for track in image["tracks"] if track not in held]):
                elsewhere = (Track.id.in_(part), Track.album_id != number)
                moved = (await self._tx.execute(select(Track.id, Track.album_id).where(*elsewhere))).all()
                if moved:
                    await self._tx.execute(update(Track).where(*elsewhere).values(album_id=number))
                for row in moved:
                    self._written.touched.add(row.album_id)
                    self._tx.changed("track", row.id, library_id=self._library_id)

    # --- what follows -------------------------------------------------------------------------------------------------

    async def _tracks_of(self, files: dict[int, Image], made: Collection[int]) -> set[int]:
        """All tracks of these files, as they are and as they were."""
        found = {track["row"]["id"] for image in files.values() for track in image["tracks"]}
        for part in slices(sorted({*files, *made})):
            found.update((await self._tx.execute(select(Track.id).where(Track.file_id.in_(part)))).scalars())
        return found

    async def _present_inside(self, tracks: Collection[int]) -> Counter[int]:
        """How many of these tracks are present in each folder."""
        found: Counter[int] = Counter()
        for part in slices(sorted(tracks)):
            statement = (
                select(File.folder_id, func.count())
                .join(Track, Track.file_id == File.id)
                .where(Track.id.in_(part), Track.missing_since.is_(None))
                .group_by(File.folder_id)
            )
            found.update({row[0]: row[1] for row in await self._tx.execute(statement)})
        return found

    async def _count_folders(self, images: Sequence[dict[str, Any]], tracks: Collection[int]) -> None:
        """Folders have their pictures again; what lies in them is counted, and looked at by the next scan."""
        tx = self._tx
        numbers = sorted(self._folders | {image["id"] for image in images})
        change = await self._present_inside(tracks)
        change.subtract(self._inside)
        counted: dict[int, int] = {}
        present: set[int] = set()
        for part in slices(numbers):
            known = select(Folder.id, Folder.track_count).where(Folder.id.in_(part))
            counted.update((row[0], row[1] + change[row[0]]) for row in await tx.execute(known))
            holding = exists().where(File.folder_id == Folder.id, File.missing_since.is_(None))
            present.update((await tx.execute(select(Folder.id).where(Folder.id.in_(part), holding))).scalars())
        pictures = {image["id"]: image for image in images}
        rows: list[tuple[int, dict[str, Any]]] = []
        for number, count in sorted(counted.items()):
            values: dict[str, Any] = {"track_count": count, "fingerprint": None}
            if number in present:
                values["missing_since"] = None
            if number in pictures:
                was = pictures[number]
                values |= columns_of(Folder, {name: was[name] for name in was if name.startswith("artwork_")})
            rows.append((number, values))
        await self._put(Folder, rows)

    async def _follow(self, library: Any, files: dict[int, Image]) -> None:
        """Albums, counts and search from what the tracks say now; and edits that were made since."""
        tx, written = self._tx, self._written
        writer = Writer(self._library_id, library.name)
        there = await self._there(Album, written.touched)
        written.touched &= there
        renamed = written.renamed & there
        written.renamed = set()
        await again.know_folders(tx, writer, await scans.folders_of_albums(tx.conn, there - written.shares.keys()))
        await writer.albums.refresh(tx, written)
        written.renamed |= renamed - written.ended
        await writer.index(tx, written)
        tracks = [track["row"]["id"] for image in files.values() for track in image["tracks"]]
        await search.index(tx, "track", sorted(tracks))
        edited = await edits.values_of(tx.conn, "track", tracks)
        mine = [number for number, image in files.items() if any(t["row"]["id"] in edited for t in image["tracks"])]
        if mine:
            await again.write_again(tx, mine, now=written.now)
        await settle(tx, tracks)

    async def _put(self, model: Any, rows: Sequence[tuple[int, dict[str, Any]]]) -> None:
        """Set columns of rows by their number, those with the same columns as one statement."""
        alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        for number, values in rows:
            params = {"row": number} | {f"v_{name}": value for name, value in values.items()}
            alike.setdefault(tuple(values), []).append(params)
        for columns, params_list in alike.items():
            await self._tx.execute(statements.put(model, columns, "row"), params_list)

    async def _rows(self, model: Any, numbers: Iterable[int]) -> list[Any]:
        found: list[Any] = []
        for part in slices(sorted(set(numbers))):
            found.extend((await self._tx.execute(select(model.__table__).where(model.id.in_(part)))).all())
        return found

    async def _there(self, model: Any, numbers: Iterable[int]) -> set[int]:
        """Which of these rows are there."""
        found: set[int] = set()
        for part in slices(sorted(set(numbers))):
            found.update((await self._tx.execute(select(model.id).where(model.id.in_(part)))).scalars())
        return found
