"""Keep albums in step with their tracks: which row a group of tracks is, what the row says, and when it ends.

An album that is regrouped keeps its row where most of its tracks go. Everything a row says is worked out afresh from all
its tracks; nothing is written, and nothing announced, where that gives what is there already.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.db import Transaction
from segue.library.edits import scanning as edits
from segue.library.edits.overlay import edited_facts
from segue.library.models import (
    ANY_ROLE,
    Album,
    ExternalIdRow,
    File,
    Folder,
    Redirect,
    Track,
)
from segue.library.pictures import choices
from segue.library.pictures.rules import FolderCover, cover_of, order_for
from segue.library.scan import documents, repository
from segue.library.scan.facts import TrackTags
from segue.library.scan.grouping import album_folder
from segue.library.scan.paths import displayed, name_of
from segue.library.scan.plan import Unit, primary_key
from segue.library.scan.write import counts, emigration, large, statements
from segue.library.scan.write.album_details import AlbumDetails
from segue.library.scan.write.albums import MOST_ASKED, AlbumFacts, Member, album_facts
from segue.library.scan.write.counts import Tally
from segue.library.scan.write.names import NameBook, slices
from segue.library.scan.write.numbers import allocate
from segue.library.scan.write.rows import album_row
from segue.library.scan.write.written import MemberRow, Written


class Holder(NamedTuple):
    """The album that has a key, and how many tracks it has."""

    album: int
    rule: str
    params: dict[str, Any]
    size: int


class AlbumBook:
    """The albums of one library during one scan."""

    def __init__(self, library_id: int, library_name: str, names: NameBook, folder_paths: dict[int, bytes]) -> None:
        self._library_id = library_id
        self._library_name = library_name
        self._names = names
        self._folder_paths = folder_paths
        self._folder_ids: dict[bytes, int] = {}
        self.order = order_for(())
        """The order of sources of pictures."""

    # --- which row ----------------------------------------------------------------------------------------------------

    async def resolve(self, tx: Transaction, units: Sequence[Unit], written: Written) -> None:
        """Find the row of each group of `units`, where it has one: by its key, else where most of its tracks came from."""
        groups = [(unit, unit.groups()) for unit in units]
        holders = await self._holders(tx, {group for _, found in groups for group in found})
        former = {file.stored.album_id for unit in units for file in unit.files if file.stored and file.stored.album_id}
        sizes = await self._sizes(tx, former)
        elsewhere = await emigration.sizes_elsewhere(tx, former - sizes.keys(), self._library_id)
        sizes |= elsewhere
        claimed = {holder.album for holder in holders.values()}
        for unit, found in groups:
            votes = {
                group: Counter(file.stored.album_id for file in files if file.stored and file.stored.album_id)
                for group, files in found.items()
            }
            for group in sorted(found, key=lambda group: (-max(votes[group].values(), default=0), group)):
                key = primary_key(found[group])
                holder = holders.get(group)
                heir = self.heir(votes[group], sizes, claimed) if votes[group] else None
                if holder is not None and (heir is None or votes[group][heir] <= holder.size):
                    unit.prior_albums[group] = holder.album
                    if (holder.rule, holder.params) != (key.rule, key.params):
                        written.keys[holder.album] = key
                        written.touched.add(holder.album)
                    continue
                if heir is None:
                    continue
                if holder is not None:
                    await self._take_over(tx, holder.album, heir, written)
                    for other, _ in groups:
                        other.replace_album(holder.album, heir)
                if heir in elsewhere:
                    coming = {file.stored.track_id for file in unit.files if file.stored and file.stored.track_id}
                    await emigration.bring(tx, heir, self._library_id, group, coming, written)
                    elsewhere.pop(heir)
                claimed.add(heir)
                holders[group] = Holder(heir, key.rule, key.params, sizes[heir])
                unit.prior_albums[group] = heir
                written.keys[heir] = key
                written.touched.add(heir)
                await tx.execute(update(Album).where(Album.id == heir).values(group_key=group))
        for unit, found in groups:  # a unit that was asked before another one brought the row of their common group
            for group in found.keys() - unit.prior_albums.keys() & holders.keys():
                unit.prior_albums[group] = holders[group].album

    async def _holders(self, tx: Transaction, groups: Collection[str]) -> dict[str, Holder]:
        """The albums that have these keys."""
        found: dict[str, Holder] = {}
        size = Album.track_count + Album.missing_count
        for part in slices(sorted(groups)):
            statement = select(Album.group_key, Album.id, Album.rule, Album.rule_params, size).where(
                Album.library_id == self._library_id, Album.group_key.in_(part)
            )
            for row in await tx.execute(statement):
                found[row[0]] = Holder(*row[1:])
        return found

    async def _sizes(self, tx: Transaction, albums: Collection[int]) -> dict[int, int]:
        """How many tracks each of these albums has, those of other libraries left out."""
        found: dict[int, int] = {}
        for part in slices(sorted(albums)):
            statement = select(Album.id, Album.track_count + Album.missing_count).where(
                Album.id.in_(part), Album.library_id == self._library_id
            )
            found.update((row[0], row[1]) for row in await tx.execute(statement))
        return found

    @staticmethod
    def heir(votes: Counter[int], sizes: dict[int, int], claimed: set[int]) -> int | None:
        """The album that more than half of whose tracks are in this group, and that no other group has."""
        for album, count in sorted(votes.items(), key=lambda item: (-item[1], item[0])):
            if album not in claimed and album in sizes and count * 2 > sizes[album]:
                return album
        return None

    async def _take_over(self, tx: Transaction, old: int, new: int, written: Written) -> None:
        """All tracks of `old` become tracks of `new`, and `old` gives its key up."""
        await tx.execute(update(Album).where(Album.id == old).values(group_key=f"left:{old}"))
        tracks = (await tx.execute(select(Track.id).where(Track.album_id == old))).scalars().all()
        await tx.execute(update(Track).where(Track.album_id == old).values(album_id=new))
        for track in tracks:
            tx.changed("track", track, library_id=self._library_id)
        written.moved.setdefault(old, Counter())[new] += len(tracks)
        written.touched |= {old, new}

    async def make(self, tx: Transaction, wanted: Iterable[tuple[Unit, Iterable[str]]], written: Written) -> None:
        """New rows for those of the groups wanted that have none, still without what their tracks say."""
        fresh: dict[str, list[Unit]] = {}
        for unit, groups in wanted:
            for group in groups:
                if group not in unit.prior_albums:
                    fresh.setdefault(group, []).append(unit)
        if not fresh:
            return
        ids = await allocate(tx, Album.__table__, len(fresh))  # type: ignore[arg-type]
        rows = []
        for album_id, (group, units) in zip(ids, fresh.items(), strict=True):
            key = primary_key([file for file in units[0].files if file.key and file.key.group == group])
            for unit in units:
                unit.prior_albums[group] = album_id
            written.made[album_id] = self._library_id
            written.members[album_id] = []
            written.touched.add(album_id)
            rows.append(
                {
                    "id": album_id, "library_id": self._library_id, "group_key": group, "rule": key.rule,
                    "rule_params": key.params, "title": "", "sort_key": "", "artist_display": "", "artist_sort_key": "",
                    "release_types": [], "compilation": False, "disc_count": 1, "track_count": 0, "missing_count": 0,
                    "duration_ms": 0, "size_bytes": 0, "added_at": written.now, "updated_at": written.now,
                }
            )  # fmt: skip
        await tx.execute(insert(Album), rows)

    # --- what the row says --------------------------------------------------------------------------------------------

    async def refresh(self, tx: Transaction, written: Written) -> None:
        """Bring every touched album up to date with its tracks, and with it all counts."""
        smaller, larger = await large.follow(tx, written)
        known = written.touched - written.members.keys()
        before = await counts.stored_tallies(tx, known)
        members = await self._members(tx, known & before.keys())
        members |= {album: sorted(rows, key=MemberRow.order) for album, rows in written.members.items()}
        empty = [album for album, rows in members.items() if not rows]
        alive = {album: rows for album, rows in members.items() if rows}
        await self._remember_tags(tx, alive, written)
        pictures = await self._folder_pictures(tx, alive)
        chosen = await choices.pictures_of(tx.conn, "album", alive.keys() - written.made.keys())
        stored = await self._stored(tx, alive.keys() - written.made.keys())
        facts = {
            album: self.facts(rows, written, stored[album]["title"] if album in stored else None)
            for album, rows in alive.items()
        }
        for album, values in (await edits.album_edits(tx, facts.keys() - written.made.keys())).items():
            facts[album] = edited_facts(facts[album], values)
        written.titles |= {album: (fact.title, fact.artist_display) for album, fact in facts.items()}
        artists = await self._names.artists(
            tx, [credit for fact in facts.values() for credit in fact.artists], written.now
        )
        labels = await self._names.labels(tx, [name for fact in facts.values() for name, _ in fact.labels])
        detail = AlbumDetails(
            credits={
                album: [artists.row(credit, place) for place, credit in enumerate(fact.artists)]
                for album, fact in facts.items()
            },
            labels={album: [(labels[name], number) for name, number in fact.labels] for album, fact in facts.items()},
            ids={album: list(fact.external_ids) for album, fact in facts.items()},
        )
        changed = await detail.write(tx, written.made.keys())
        rows = []
        for album, fact in facts.items():
            row = self.row(fact, alive[album], pictures, written.now)
            row["artwork_id"] = chosen.get(album, row["artwork_id"])
            old = stored.get(album)
            if album in written.keys:
                row["rule"], row["rule_params"] = written.keys[album].rule, written.keys[album].params
            if old is not None:
                if not row["missing_since"]:
                    row["missing_since"] = None
                elif old["missing_since"]:
                    row["missing_since"] = old["missing_since"]
                if album not in changed and all(old[name] == value for name, value in row.items()):
                    continue
                if (old["title"], old["artist_display"]) != (row["title"], row["artist_display"]):
                    written.renamed.add(album)
                if album in changed or old["barcode"] != row["barcode"]:
                    written.reworded.add(album)
            row.setdefault("rule", None)
            rows.append({"album": album, **row, "updated_at": written.now})
            tx.changed("album", album, library_id=old["library_id"] if old else self._library_id)
        await self._update(tx, rows)
        after = await self._tallies(tx, alive, before, detail, written)
        for album in empty:
            await self._end(tx, album, before[album].library_id if album in before else self._library_id, written)
        await counts.apply(tx, before | smaller, after | larger, written.libraries)

    async def _members(self, tx: Transaction, albums: Collection[int]) -> dict[int, list[MemberRow]]:
        found: dict[int, list[MemberRow]] = {album: [] for album in albums}
        for part in slices(sorted(albums)):
            statement = (
                select(
                    Track.id, Track.album_id, Track.file_id, Track.disc, Track.position, Track.duration_ms,
                    File.size_bytes, Track.missing_since.is_not(None), Track.artwork_id, File.folder_id,
                    Track.start_ms,
                )
                .join(File, File.id == Track.file_id)
                .where(Track.album_id.in_(part))
            )  # fmt: skip
            for row in await tx.execute(statement):
                found[row[1]].append(MemberRow(*row))
        for rows in found.values():
            rows.sort(key=MemberRow.order)
        return found

    async def _remember_tags(self, tx: Transaction, alive: dict[int, list[MemberRow]], written: Written) -> None:
        """Fetch what those tracks said that were not looked at in this transaction."""
        wanted = [row for rows in alive.values() for row in rows[:MOST_ASKED] if row.track_id not in written.tags]
        if wanted:
            said = await repository.documents(tx.conn, {row.file_id for row in wanted})
            for row in wanted:
                if row.file_id in said:
                    written.tags[row.track_id] = documents.tags_of(said[row.file_id], row.start_ms)
            await edits.apply_to_tracks(tx, written.tags, {row.track_id: row.album_id for row in wanted})

    async def _folder_pictures(self, tx: Transaction, alive: dict[int, list[MemberRow]]) -> dict[int, FolderCover]:
        """The picture of each folder that an album has tracks in, or that stands for the album; by folder."""
        wanted = {row.folder_id for rows in alive.values() for row in rows}
        await self.learn_folders(tx.conn, wanted)
        wanted |= {self._home(folder) for folder in wanted}
        found: dict[int, FolderCover] = {}
        for part in slices(sorted(wanted)):
            columns = (Folder.id, Folder.artwork_id, Folder.artwork_rank)
            statement = select(*columns).where(Folder.id.in_(part), Folder.artwork_id.is_not(None))
            found.update((row[0], FolderCover(row[1], row[2] or 0)) for row in await tx.execute(statement))
        return found

    def place(self, folder_id: int, path: bytes) -> None:
        """Learn where a folder is."""
        self._folder_paths[folder_id] = path
        self._folder_ids[path] = folder_id

    def forget_folders(self) -> None:
        """Know of no folder where it is; it is asked when it matters."""
        self._folder_paths.clear()
        self._folder_ids.clear()

    async def learn_folders(self, conn: AsyncConnection, folders: set[int]) -> None:
        """Look up where these folders are, and those that stand for their albums, as far as that is not known."""
        for folder in await repository.folders_by_id(conn, self._library_id, folders - self._folder_paths.keys()):
            self.place(folder.id, folder.path)
        homes = {album_folder(self._folder_paths[folder]) for folder in folders if folder in self._folder_paths}
        for folder in await repository.folders_at(conn, self._library_id, homes - self._folder_ids.keys()):
            self.place(folder.id, folder.path)

    def _home(self, folder_id: int) -> int:
        """The folder that stands for the album of files in `folder_id`."""
        path = self._folder_paths.get(folder_id)
        return folder_id if path is None else self._folder_ids.get(album_folder(path), folder_id)

    def facts(self, rows: list[MemberRow], written: Written, title: str | None) -> AlbumFacts:
        """The album that these tracks make; `title` is what it is called where it lies in another library."""
        members = [
            Member(written.tags.get(row.track_id, TrackTags()), not row.missing, row.artwork_id)
            for row in rows[:MOST_ASKED]
        ]
        first = next((row for row in rows if not row.missing), rows[0])
        path = self._folder_paths.get(first.folder_id)
        if path is None:  # an album of another library, some of whose tracks have come over
            return album_facts(members, title or self._library_name)
        return album_facts(members, displayed(name_of(album_folder(path))) or self._library_name)

    def row(
        self, fact: AlbumFacts, rows: list[MemberRow], pictures: dict[int, FolderCover], now: datetime
    ) -> dict[str, Any]:
        """The columns that follow from the facts and the tracks."""
        present = [row for row in rows if not row.missing]
        shown = present or rows
        home = self._home(shown[0].folder_id)
        inside = next((pictures[row.folder_id] for row in shown if row.folder_id in pictures), None)
        embedded = fact.artwork if isinstance(fact.artwork, int) else None
        artwork = cover_of(self.order, embedded, pictures.get(home), inside).artwork
        return album_row(fact) | {
            "disc_count": len({row.disc or 1 for row in shown}),
            "track_count": len(present),
            "missing_count": len(rows) - len(present),
            "duration_ms": sum(row.duration_ms for row in present),
            "size_bytes": sum({row.file_id: row.size_bytes for row in present}.values()),
            "artwork_id": artwork,
            "folder_id": home,
            "missing_since": None if present else now,
        }

    async def _stored(self, tx: Transaction, albums: Collection[int]) -> dict[int, Any]:
        found: dict[int, Any] = {}
        for part in slices(sorted(albums)):
            for row in await tx.execute(select(Album.__table__).where(Album.id.in_(part))):
                found[row.id] = row._mapping
        return found

    async def _update(self, tx: Transaction, rows: list[dict[str, Any]]) -> None:
        for with_rule in (False, True):
            some = [row for row in rows if (row["rule"] is not None) == with_rule]
            if not some:
                continue
            left_out = {"album"} if with_rule else {"album", "rule", "rule_params"}
            names = [name for name in some[0] if name not in left_out]
            statement = statements.put(Album, tuple(names), "album")
            await tx.execute(
                statement, [{"album": row["album"]} | {f"v_{name}": row[name] for name in names} for row in some]
            )

    async def _tallies(
        self,
        tx: Transaction,
        alive: dict[int, list[MemberRow]],
        before: dict[int, Tally],
        detail: AlbumDetails,
        written: Written,
    ) -> dict[int, Tally]:
        known = alive.keys() - written.members.keys()
        participants = await counts.participation(tx, known) if known else {}
        genres = await counts.genre_counts(tx, known) if known else {}
        tallies: dict[int, Tally] = {}
        for album, rows in alive.items():
            present = [row for row in rows if not row.missing]
            tally = tallies[album] = Tally(
                before[album].library_id if album in before else self._library_id,
                len(present),
                len(rows) - len(present),
                sum(row.duration_ms for row in present),
                sum({row.file_id: row.size_bytes for row in present}.values()),
            )
            if album in known:
                tally.participants, tally.genres = participants[album], genres[album]
            else:
                tally.participants, tally.genres = self._count_new(present, detail.credits[album], written)
            if present:
                tally.labels = {label for label, _ in detail.labels[album]}
        return tallies

    @staticmethod
    def _count_new(
        present: list[MemberRow], album_credits: list[dict[str, Any]], written: Written
    ) -> tuple[dict[tuple[int, str], int], dict[int, int]]:
        participants: Counter[tuple[int, str]] = Counter()
        genres: Counter[int] = Counter()
        for row in present:
            credited = {(credit["artist_id"], credit["role"]) for credit in written.credits[row.track_id]}
            participants.update(credited)
            participants.update({(artist, ANY_ROLE) for artist, _ in credited})
            genres.update(written.genres[row.track_id])
        found = dict(participants)
        for credit in album_credits:
            counts.add_album_artist(found, credit["artist_id"], len(present))
        return found, dict(genres)

    async def _end(self, tx: Transaction, album: int, library_id: int, written: Written) -> None:
        """An album of that library, all of whose tracks belong to others now: leave word where it went."""
        went = written.moved.get(album)
        if went:
            heir = max(sorted(went), key=went.__getitem__)
            await tx.execute(
                update(Redirect).where(Redirect.kind == "album", Redirect.new_id == album).values(new_id=heir)
            )
            await tx.execute(
                statements.insert(tx.dialect, Redirect)
                .values(kind="album", old_id=album, new_id=heir, created_at=written.now)
                .on_conflict_do_nothing()
            )
            await choices.follow(tx, "album", album, heir)
            await tx.ended_in("album", album, heir)
        await tx.execute(delete(ExternalIdRow).where(ExternalIdRow.kind == "album", ExternalIdRow.entity_id == album))
        await tx.execute(delete(Album).where(Album.id == album))
        tx.changed("album", album, "delete", library_id=library_id)
        written.ended.add(album)
