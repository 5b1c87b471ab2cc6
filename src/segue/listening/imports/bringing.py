"""The second half of an import: what was gathered becomes plays, stars, ratings, counts, bookmarks and playlists.

Listens go some hundred a transaction with the checkpoint beside them, so that whatever happens each is
there once. What is there already, from wherever, is not added again (`listening.recording` folds it).
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.db import Transaction
from segue.core.ids import format_id
from segue.core.inline import InlineWriter
from segue.core.text import fold
from segue.jobs import JobContext
from segue.listening import annotation_rows
from segue.listening.imports import repository
from segue.listening.imports.gathering import counts_as_play, staged
from segue.listening.imports.service import ImportService
from segue.listening.imports.stage import Stage, lists_of, moment, ms
from segue.listening.imports.views import ListRow
from segue.listening.marks import Mark
from segue.listening.plays import Listen
from segue.listening.service import IMPORT_BATCH

MARKS_AT_ONCE = 100
STEPS = ("listens", "opinions", "bookmarks", "lists")
KEPT = ("starred_at", "rating", "rated_at", "hated_at", "plays_elsewhere", "last_played_at")
"""What of an annotation an import may change."""
LATER = timedelta(days=1)
"""Plays that began so long after the last one that another program counted are surely not among those it counted."""


def source_of(number: int) -> str:
    """The `source` of plays that came with an import."""
    return f"import:{format_id('im', number)}"


async def bring(imports: ImportService, job: JobContext, number: int) -> dict[str, Any] | None:
    """The job behind `start`: to state `done`."""
    async with imports.db.read() as conn:
        row = await repository.get(conn, number)
    if row is None or row.state != "running":
        return None
    if row.first_play_id is None:
        async with imports.db.write() as tx:
            await job.guard(tx)
            await repository.change(tx, number, {"first_play_id": await repository.newest_play(tx.conn)})
    async with staged(imports, job, row) as (stage, _):
        bringing = _Bringing(imports, job, row, stage)
        result = await bringing.run()
    async with imports.db.write() as tx:
        now = utc_now()
        values = {"state": "done", "result": result, "finished_at": now, "changed_at": now}
        await repository.change(tx, number, values)
        tx.changed("history_import", number, user_id=row.user_id)
        await job.complete(tx, result)
    imports.stage_of(number).unlink(missing_ok=True)
    return result


class _Bringing:
    """One run of bringing in."""

    def __init__(self, imports: ImportService, job: JobContext, row: Any, stage: Stage) -> None:
        self._imports, self._job, self._stage = imports, job, stage
        self._number, self._source = row.id, source_of(row.id)
        self._users: Mapping[str, int] = row.people or {}
        self._actors: dict[int, Actor] = {}
        at = dict(job.checkpoint)
        self._step = str(at.get("step", STEPS[0]))
        self._after: Any = at.get("after")
        self._result: Counter[str] = Counter(at.get("result", {}))

    async def run(self) -> dict[str, Any]:
        """Everything that is left to do; what it all came to."""
        for number, name in self._stage.people().items():
            if (user_id := self._users.get(name)) is not None:
                self._actors[number] = await self._imports.actor_of(user_id)
        for step in STEPS[STEPS.index(self._step) :]:
            if step != self._step:
                self._step, self._after = step, None
            await getattr(self, f"_{step}")()
        return dict(self._result)

    async def _save(self, tx: Transaction, after: Any) -> None:
        self._after = after
        await self._job.save({"step": self._step, "after": after, "result": dict(self._result)}, tx=tx)

    # --- plays -----------------------------------------------------------------------------------------------------------

    async def _listens(self) -> None:
        job, stage = self._job, self._stage
        after, total = int(self._after or 0), stage.counts["listens"]
        job.progress(after, total, phase="import", unit="listens")
        writer = InlineWriter(self._imports.db, bulk=True)
        try:
            while some := stage.listens_after(after, IMPORT_BATCH):
                job.check()
                after = some[-1]["turn"]
                by_person: dict[int, list[Listen]] = {}
                for one in some:
                    if one["person"] not in self._actors:
                        self._result["of_others"] += 1
                    elif not counts_as_play(one):
                        self._result["too_short"] += 1
                    else:
                        by_person.setdefault(one["person"], []).append(self._listen(one))
                async with writer.write() as tx:
                    await job.guard(tx)
                    for person, listens in by_person.items():
                        actor = self._actors[person]
                        outcome = await self._imports.listening.import_plays(
                            tx, actor.person, listens, time_zone=actor.time_zone
                        )
                        for name in ("added", "folded", "refused", "unmatched"):
                            self._result[name] += getattr(outcome, name)
                    await self._save(tx, after)
                job.progress(after)
        finally:
            await writer.close()

    def _listen(self, one: Any) -> Listen:
        at = moment(one["at_ms"])
        assert at is not None
        return Listen(
            at,
            one["title"],
            one["artist"],
            one["album"],
            one["album_artist"],
            one["duration_ms"] or one["whole_ms"],
            one["heard_ms"],
            json.loads(one["external_ids"]) if one["external_ids"] else {},
            one["track_id"],
            self._source,
            one["client"],
            zone_offset_minutes=one["zone_offset"],
        )

    # --- stars, ratings, counts ------------------------------------------------------------------------------------------

    async def _opinions(self) -> None:
        job, stage = self._job, self._stage
        after, total = int(self._after or 0), stage.counts["opinions"]
        job.progress(0, total, phase="marks", unit="rows")
        ask = (
            "SELECT o.*, t.kind, t.title, t.artist, t.album, t.album_artist, CASE WHEN t.sure THEN t.track_id END AS track_id "
            "FROM opinions o JOIN things t ON t.id = o.thing WHERE o.id > ? ORDER BY o.id LIMIT ?"
        )
        while some := stage.rows(ask, after, MARKS_AT_ONCE):
            job.check()
            after = some[-1]["id"]
            async with self._imports.db.write() as tx:
                await job.guard(tx)
                for person, actor in self._actors.items():
                    mine = [one for one in some if one["person"] == person]
                    if mine:
                        await self._mark(tx, actor, mine)
                await self._save(tx, after)
            job.progress(after)

    async def _mark(self, tx: Transaction, actor: Actor, rows: Sequence[Any]) -> None:
        found = [one for one in rows if one["track_id"] is not None]
        self._result["marks_unmatched"] += len(rows) - len(found)
        tracks = await self._imports.music.remembered(
            tx.conn, actor, "track", sorted({one["track_id"] for one in found})
        )
        counted = await self._counted(tx, actor, [one for one in found if one["plays"]])
        artists = sorted({artist for track in tracks.values() for artist in track.artist_ids})
        called = await self._imports.music.remembered(tx.conn, actor, "artist", artists)
        marks: dict[tuple[str, int], Mark] = {}
        for one in found:
            track = tracks.get(one["track_id"])
            if track is None:
                continue
            number: int | None = track.id
            if one["kind"] == "album":
                number = track.album_id if fold(track.album) == fold(one["album"]) else None
            elif one["kind"] == "artist":
                wanted = fold(one["album_artist"] or one["artist"])
                number = next(
                    (each for each in track.artist_ids if each in called and fold(called[each].title) == wanted), None
                )
            if number is None:
                self._result["marks_unmatched"] += 1
                continue
            marks[one["kind"], number] = Mark(
                one["kind"], number, moment(one["starred_ms"]), one["rating"], moment(one["rated_ms"]),
                moment(one["hated_ms"]), counted.get(one["id"]), moment(one["last_ms"]),
            )  # fmt: skip
        by_kind: dict[str, list[int]] = {}
        for kind, number in marks:
            by_kind.setdefault(kind, []).append(number)
        before = {kind: await annotation_rows.of(tx.conn, actor.person, kind, ids) for kind, ids in by_kind.items()}
        self._result["marks"] += await self._imports.listening.import_marks(tx, actor, list(marks.values()))
        kept = []
        for kind, ids in by_kind.items():
            after = await annotation_rows.of(tx.conn, actor.person, kind, ids)
            for number in ids:
                was, now = _image(before[kind].get(number)), _image(after.get(number))
                if was != now:
                    kept.append(self._kept(actor, kind, number, was, now))
        await repository.add_marks(tx, kept)

    async def _counted(self, tx: Transaction, actor: Actor, rows: Sequence[Any]) -> dict[int, int]:
        """For each row the plays it tells of that are not plays with a time here: those are counted already."""
        timed: dict[int, list[Any]] = {}
        for track, at in await repository.timed_plays(tx.conn, actor.person, {one["track_id"] for one in rows}):
            timed.setdefault(track, []).append(at)
        found = {}
        for one in rows:
            last = moment(one["last_ms"])
            here = sum(last is None or at <= last + LATER for at in timed.get(one["track_id"], ()))
            found[one["id"]] = max(one["plays"] - here, 0)
        return found

    # --- bookmarks and playlists -----------------------------------------------------------------------------------------

    async def _bookmarks(self) -> None:
        after = int(self._after or 0)
        ask = (
            "SELECT b.*, CASE WHEN t.sure THEN t.track_id END AS track_id FROM bookmarks b JOIN things t ON t.id = b.thing "
            "WHERE b.id > ? ORDER BY b.id LIMIT ?"
        )
        while some := self._stage.rows(ask, after, MARKS_AT_ONCE):
            self._job.check()
            after = some[-1]["id"]
            for one in some:
                if (actor := self._actors.get(one["person"])) is not None and one["track_id"] is not None:
                    await self._bookmark(actor, one)
            async with self._imports.db.write() as tx:
                await self._save(tx, after)

    async def _bookmark(self, actor: Actor, one: Any) -> None:
        track = one["track_id"]
        async with self._imports.db.read() as conn:
            there = await repository.bookmarks_of(conn, actor.person, [track])
            seen = await self._imports.music.remembered(conn, actor, "track", [track])
        if there or not seen:
            return
        await self._imports.listening.set_bookmark(actor, track, one["position_ms"], one["comment"] or "")
        self._result["bookmarks"] += 1
        async with self._imports.db.write() as tx:
            now = {"position_ms": one["position_ms"]}
            await repository.add_marks(tx, [self._kept(actor, "bookmark", track, None, now)])

    async def _lists(self) -> None:
        keeper = self._imports.playlists
        after = int(self._after or 0)
        self._job.progress(0, self._stage.counts["playlists"], phase="playlists", unit="playlists")
        for row, things in lists_of(self._stage):
            self._job.check()
            actor = self._actors.get(row["person"])
            if row["id"] <= after or actor is None or keeper is None:
                continue
            rows = [self._list_row(number) for number in things]
            said = json.dumps([row["name"], [[one.title, one.artist, one.path] for one in rows]])
            digest = hashlib.sha256(said.encode()).hexdigest()
            async with self._imports.db.read() as conn:
                known = await repository.has_playlist(conn, actor.person, digest)
            kept = []
            if not known:
                number = await keeper.keep(actor, row["name"], row["comment"], bool(row["public"]), rows)
                kept.append(self._kept(actor, "playlist", number, None, {"digest": digest}))
                self._result["playlists"] += 1
            async with self._imports.db.write() as tx:
                await repository.add_marks(tx, kept)
                await self._save(tx, row["id"])
            self._job.progress(row["id"])

    def _list_row(self, number: int) -> ListRow:
        thing = self._stage.rows("SELECT * FROM things WHERE id = ?", number)[0]
        return ListRow(
            thing["track_id"] if thing["sure"] else None,
            thing["title"],
            thing["artist"],
            thing["album"],
            thing["duration_ms"],
            json.loads(thing["external_ids"]) if thing["external_ids"] else {},
            thing["path"],
            thing["score"],
            json.loads(thing["reasons"]) if thing["reasons"] else None,
        )

    def _kept(self, actor: Actor, kind: str, number: int, was: Any, now: Any) -> dict[str, Any]:
        named = {"import_id": self._number, "user_id": actor.person, "kind": kind, "entity_id": number}
        return {**named, "before": was, "after": now}


def _image(row: Any | None) -> dict[str, Any] | None:
    """What of an annotation an import may change, as JSON."""
    if row is None:
        return None
    return {name: ms(value) if hasattr(value := getattr(row, name), "tzinfo") else value for name in KEPT}
