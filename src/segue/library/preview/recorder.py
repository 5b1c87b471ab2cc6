"""A writer that writes nothing: it follows what the real one would do to albums, in memory, over the tables as they are.

Which album a group of files is (`write.albumbook.resolve`) depends on what was decided before in the same scan; so what
was decided is laid over what the tables say: who holds a key, how many tracks an album has, where a track is. A test
compares this with what scans then do, over many random libraries.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.clock import utc_now
from segue.core.db import DialectName, Transaction
from segue.library.edits import scanning as edits
from segue.library.edits.overlay import edited_facts
from segue.library.preview import repository
from segue.library.preview.report import AlbumSide, Report
from segue.library.scan import documents
from segue.library.scan import repository as scans
from segue.library.scan.facts import TrackTags
from segue.library.scan.grouping import AlbumKey
from segue.library.scan.identity_reasons import sentence as identity_sentence
from segue.library.scan.paths import displayed
from segue.library.scan.plan import FilePlan, StoredFile, Unit, primary_key
from segue.library.scan.write.albumbook import AlbumBook, Holder
from segue.library.scan.write.albums import MOST_ASKED
from segue.library.scan.write.names import NameBook
from segue.library.scan.write.rows import track_row
from segue.library.scan.write.writer import Part
from segue.library.scan.write.written import MemberRow, Written

REMEMBERED = 50_000
"""Tags of tracks that are kept, should their album be met again: about 100 MB."""
NEW = 1 << 40
"""Tracks that are to be made are numbered from here, so that they come after all that are."""
TOLD = (
    "title", "artist_display", "date", "original_date", "year", "release_type", "compilation", "musicbrainz_release_id",
    "track_count", "missing_count", "disc_count",
)  # fmt: skip
"""Columns of an album whose change is worth telling."""


class Recorder:
    """What one scan, or one grouping anew, would do to the albums of a library."""

    def __init__(self, library_id: int, library_name: str, dialect: DialectName, report: Report) -> None:
        self._library_id = library_id
        self._dialect: DialectName = dialect
        self._report = report
        self._paths: dict[int, bytes] = {}
        self._folders: dict[bytes, int] = {}
        self._book = AlbumBook(library_id, library_name, NameBook(), self._paths)
        self._holders: dict[str, int] = {}
        self._held: dict[int, str] = {}
        self._left: set[str] = set()
        self._keys: dict[int, AlbumKey] = {}
        self._stored_keys: dict[int, tuple[str, str, dict[str, Any]]] = {}
        self._grown: Counter[int] = Counter()
        self._tables: dict[int, tuple[int, int] | None] = {}
        self._where: dict[int, int] = {}
        self._arrived: dict[int, dict[int, MemberRow]] = {}
        self._changed: dict[int, MemberRow] = {}
        self._tags: OrderedDict[int, TrackTags] = OrderedDict()
        self._made = 0
        self._made_tracks = 0

    def know_folder(self, folder_id: int, path: bytes) -> None:
        """Learn of a folder that has a row."""
        self._folders[path] = folder_id
        self._book.place(folder_id, path)

    def _folder(self, path: bytes) -> int:
        """The folder's row, or a number of our own for one that has none."""
        if path not in self._folders:
            self.know_folder(-len(self._folders) - 1, path)
        return self._folders[path]

    # --- what the writer would do -------------------------------------------------------------------------------------

    async def write(self, conn: AsyncConnection, parts: Sequence[Part]) -> None:
        """Follow one transaction of the writer."""
        touched: set[int] = set()
        fresh = list(dict.fromkeys(part.unit for part in parts if not part.unit.begun))
        await self._resolve(conn, fresh, touched)
        self._make(parts)
        known = [file.stored for part in parts for file in part.files if file.stored is not None]
        formats = await repository.codecs(conn, [stored.id for stored in known])
        for part in parts:
            for file in part.files:
                album = part.unit.prior_albums[file.key.group] if file.key else None
                self._file(file, album, formats, touched)
        await self._refresh(conn, touched)

    async def mark_missing(self, conn: AsyncConnection, files: Sequence[StoredFile]) -> None:
        """Follow the marking of what is gone."""
        touched: set[int] = set()
        for stored in files:
            if stored.track_id is None or stored.track_missing_since is not None:
                continue
            album = self._album_of(stored)
            if album is not None:
                touched.add(album)
                self._changed[stored.track_id] = _member(stored, stored.track_id, album, missing=True)
        for path in sorted({stored.path for stored in files if stored.missing_since is None}):
            self._report.file("missing", path=displayed(path))
        await self._refresh(conn, touched)

    def _album_of(self, stored: StoredFile) -> int | None:
        if stored.track_id is None:
            return stored.album_id
        return self._where.get(stored.track_id, stored.album_id)

    async def _resolve(self, conn: AsyncConnection, units: Sequence[Unit], touched: set[int]) -> None:
        """As `AlbumBook.resolve`."""
        groups = [(unit, unit.groups()) for unit in units]
        holders = await self._holding(conn, {group for _, found in groups for group in found})
        lies = {
            file: album
            for unit in units
            for file in unit.files
            if file.stored and (album := self._album_of(file.stored)) is not None
        }
        sizes = await self._size(conn, set(lies.values()))
        claimed = {holder.album for holder in holders.values()}
        for unit, found in groups:
            votes = {group: Counter(lies[file] for file in files if file in lies) for group, files in found.items()}
            for group in sorted(found, key=lambda group: (-max(votes[group].values(), default=0), group)):
                key = primary_key(found[group])
                holder = holders.get(group)
                heir = self._book.heir(votes[group], sizes, claimed) if votes[group] else None
                if holder is not None and (heir is None or votes[group][heir] <= holder.size):
                    unit.prior_albums[group] = holder.album
                    if (holder.rule, holder.params) != (key.rule, key.params):
                        self._keys[holder.album] = key
                        touched.add(holder.album)
                    continue
                if heir is None:
                    continue
                if holder is not None:
                    await self._take_over(conn, holder.album, heir, touched)
                    for other, _ in groups:
                        other.replace_album(holder.album, heir)
                claimed.add(heir)
                holders[group] = Holder(heir, key.rule, key.params, sizes[heir])
                unit.prior_albums[group] = heir
                self._hold(group, heir, key)
                touched.add(heir)
        for unit, found in groups:
            for group in found.keys() - unit.prior_albums.keys() & holders.keys():
                unit.prior_albums[group] = holders[group].album

    def _hold(self, group: str, album: int, key: AlbumKey) -> None:
        old = self._held.get(album)
        if old is not None and old != group and self._holders.get(old) == album:
            del self._holders[old]
        stored = self._stored_keys.get(album)
        if stored is not None and stored[0] != group:
            self._left.add(stored[0])
        self._holders[group], self._held[album] = album, group
        self._keys[album] = key

    async def _holding(self, conn: AsyncConnection, groups: Collection[str]) -> dict[str, Holder]:
        asked = [group for group in groups if group not in self._holders and group not in self._left]
        for album, group, rule, params in await repository.holders(conn, self._library_id, asked):
            self._stored_keys[album] = (group, rule, params)
            self._holders[group], self._held[album] = album, group
        sizes = await self._size(conn, {self._holders[group] for group in groups if group in self._holders})
        found: dict[str, Holder] = {}
        for group in groups:
            album = self._holders.get(group, 0)
            if album in sizes:
                key, stored = self._keys.get(album), self._stored_keys.get(album)
                rule, params = (key.rule, key.params) if key else (stored[1], stored[2]) if stored else ("", {})
                found[group] = Holder(album, rule, params, sizes[album])
        return found

    async def _size(self, conn: AsyncConnection, albums: Collection[int]) -> dict[int, int]:
        """How many tracks albums would have by now; those that are gone or of other libraries are left out."""
        asked = [album for album in albums if album > 0 and album not in self._tables]
        if asked:
            for album in asked:
                self._tables[album] = None
            for row in await repository.sizes(conn, self._library_id, asked):
                self._tables[row.id] = (row.track_count, row.missing_count)
                self._stored_keys[row.id] = (row.group_key, row.rule, row.rule_params)
        found = {}
        for album in albums:
            counts = self._tables.get(album) if album > 0 else (0, 0)
            if counts is not None and (size := sum(counts) + self._grown[album]):
                found[album] = size
        return found

    async def _take_over(self, conn: AsyncConnection, old: int, new: int, touched: set[int]) -> None:
        for row in await self._members(conn, old):
            self._move(row.track_id, old, new, row)
        if stored := self._stored_keys.get(old):
            self._left.add(stored[0])
        if (group := self._held.pop(old, None)) is not None:
            self._holders.pop(group, None)
        touched |= {old, new}

    def _make(self, parts: Sequence[Part]) -> None:
        made: dict[str, int] = {}
        for part in parts:
            groups = {file.key.group for file in part.files if file.key} - part.unit.prior_albums.keys()
            for group in sorted(groups):
                if group not in made:
                    self._made += 1
                    made[group] = -self._made
                    self._hold(group, -self._made, primary_key(part.unit.groups()[group]))
                part.unit.prior_albums[group] = made[group]

    def _file(self, file: FilePlan, album: int | None, formats: dict[int, str | None], touched: set[int]) -> None:
        """As `RowBatch.add`."""
        stored = file.stored
        self._tell_file(file, formats)
        if file.tags is None or album is None:
            if stored is not None and stored.track_id is not None and stored.track_missing_since is None:
                old = self._album_of(stored)
                if old is not None:
                    self._changed[stored.track_id] = _member(stored, stored.track_id, old, missing=True)
                    touched.add(old)
            return
        if stored is None or stored.track_id is None:
            self._made_tracks += 1
            track, old = NEW + self._made_tracks, None
        else:
            track, old = stored.track_id, self._album_of(stored)
        row = self._row(file, track, album)
        if track < NEW:
            self._changed[track] = row
        self._report.track_of(track, file.path)
        if file.facts is not None or file.document is not None:
            self._remember(track, file.tags)
            touched.add(album)
        if old != album:
            self._move(track, old, album, row)
            touched |= {album} if old is None else {old, album}
        if stored is not None and stored.track_missing_since is not None:
            touched.add(album)

    def _move(self, track: int, old: int | None, new: int, row: MemberRow) -> None:
        self._where[track] = new
        if old is not None:
            self._grown[old] -= 1
            self._arrived.get(old, {}).pop(track, None)
        self._grown[new] += 1
        self._arrived.setdefault(new, {})[track] = row._replace(album_id=new)
        self._report.moved(track, old, new)

    def _remember(self, track: int, tags: TrackTags) -> None:
        self._tags[track] = tags
        self._tags.move_to_end(track)
        if len(self._tags) > REMEMBERED:
            self._tags.popitem(last=False)

    def _row(self, file: FilePlan, track: int, album: int) -> MemberRow:
        stored = file.stored
        folder = self._folder(file.folder.path)
        if stored is not None and stored.track_id is not None and file.facts is None and file.document is None:
            return _member(stored, track, album, missing=file.missing)._replace(folder_id=folder)
        assert file.tags is not None
        duration = file.facts.duration_ms if file.facts else (stored.duration_ms if stored else 0) or 0
        said = track_row(file.tags, duration, file.path)
        return MemberRow(
            track, album, stored.id if stored else 0, said["disc"], said["position"], duration, file.entry.size,
            file.missing, stored.artwork_id if stored else None, folder,
        )  # fmt: skip

    def _tell_file(self, file: FilePlan, formats: dict[int, str | None]) -> None:
        """Note what became of the file itself."""
        stored, path = file.stored, displayed(file.path)
        if file.carrier is not None:
            return
        if stored is None:
            self._report.file("new", path=path)
            return
        came_from = {} if stored.path == file.path else {"from": displayed(stored.path)}
        if stored.library_id != self._library_id:
            came_from["library"] = str(stored.library_id)
        reason = _identity_reason(file)
        codec = formats.get(stored.id)
        if stored.missing_since is not None:
            self._report.file("came_back", path=path, **came_from, **reason)
        if came_from:
            self._report.file("moved", path=path, **came_from, **reason)
        if file.facts is not None and file.facts.codec and codec and file.facts.codec != codec:
            self._report.file("format_changed", path=path, old=codec, new=file.facts.codec, **reason)
        elif stored.tag_hash != file.tag_hash if file.facts is not None else file.document is not None:
            self._report.file("changed", path=path, **reason)

    # --- what albums would say ----------------------------------------------------------------------------------------

    async def _members(self, conn: AsyncConnection, album: int) -> list[MemberRow]:
        """The tracks an album would have by now, in order."""
        rows = await repository.members(conn, [album]) if album > 0 else []
        found = {row.track_id: row for row in rows if self._where.get(row.track_id, album) == album}
        found |= self._arrived.get(album, {})
        return sorted((self._changed.get(track, row) for track, row in found.items()), key=MemberRow.order)

    async def _refresh(self, conn: AsyncConnection, touched: Iterable[int]) -> None:
        """Work out anew what touched albums say, and note where that differs from what the tables have."""
        tx = Transaction(conn, self._dialect)
        written = Written(utc_now())
        alive: dict[int, list[MemberRow]] = {}
        stored = await repository.albums(conn, [album for album in touched if album > 0])
        for album in sorted(touched):
            if rows := await self._members(conn, album):
                alive[album] = rows
            else:
                self._report.ended(album, _side(stored[album]) if album in stored else None)
        await self._say(tx, alive, written)
        await self._book.learn_folders(conn, {row.folder_id for rows in alive.values() for row in rows})
        facts = {
            album: self._book.facts(rows, written, stored[album]["title"] if album in stored else None)
            for album, rows in alive.items()
        }
        for album, values in (await edits.album_edits(tx, [album for album in facts if album > 0])).items():
            facts[album] = edited_facts(facts[album], values)
        for album, fact in facts.items():
            row = self._book.row(fact, alive[album], {}, written.now)
            key = self._keys.get(album)
            old = stored.get(album)
            rule, params = (key.rule, key.params) if key else (old["rule"], old["rule_params"]) if old else ("", {})
            side = AlbumSide(
                album, row["title"], row["artist_display"], row["track_count"], row["track_count"] + row["missing_count"],
                rule, params,
            )  # fmt: skip
            changes: dict[str, Any] = {}
            if old is not None:
                changes = {name: [old[name], row[name]] for name in TOLD if old[name] != row[name]}
                if key is not None and (old["rule"], old["rule_params"]) != (key.rule, key.params):
                    changes["reason"] = [old["rule"], key.rule]
            was = None if old is None else _side(old)
            self._report.album(side, was, changes)

    async def _say(self, tx: Transaction, alive: dict[int, list[MemberRow]], written: Written) -> None:
        """What the tracks of albums say: what was just read, else what was kept; with a person's edits over it."""
        wanted = [row for rows in alive.values() for row in rows[:MOST_ASKED]]
        asked = {row.file_id for row in wanted if row.track_id not in self._tags and row.file_id > 0}
        said = await scans.documents(tx.conn, asked) if asked else {}
        for row in wanted:
            if row.track_id in self._tags:
                written.tags[row.track_id] = self._tags[row.track_id]
            elif row.file_id in said:
                written.tags[row.track_id] = documents.tags_of(said[row.file_id], row.start_ms)
        here = {row.track_id: row.album_id for row in wanted if row.track_id < NEW and row.album_id > 0}
        if here:
            await edits.apply_to_tracks(tx, written.tags, here)


def _member(stored: StoredFile, track: int, album: int, *, missing: bool) -> MemberRow:
    return MemberRow(
        track, album, stored.id, stored.disc, stored.position, stored.duration_ms or 0, stored.size, missing,
        stored.artwork_id, stored.folder_id,
    )  # fmt: skip


def _side(row: Any) -> AlbumSide:
    tracks = row["track_count"]
    return AlbumSide(
        row["id"], row["title"], row["artist_display"], tracks, tracks + row["missing_count"], row["rule"],
        row["rule_params"],
    )  # fmt: skip


def _identity_reason(file: FilePlan) -> dict[str, Any]:
    """Why it is taken for what was elsewhere before."""
    if file.recognised is None:
        return {}
    code, params = file.recognised
    return {"reason": {"code": code, "params": params, "sentence": identity_sentence(code, params)}}
