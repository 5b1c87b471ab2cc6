"""The verbs of keeping: what recordings lack and a night made whole, and rules that fetch the best of what a person names.

A rule is planned and shown before anything is fetched. It fetches in its owner's name and within their quota, and takes away
only what it fetched itself, once the better transfer that takes its place is whole.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from segue.core.access import SYSTEM, Actor
from segue.core.clock import utc_now
from segue.core.db import Database, Transaction
from segue.core.ids import format_id
from segue.core.text import sort_key
from segue.jobs import JobService
from segue.jobs.service import Ticket
from segue.live import repository as concerts
from segue.live.downloads.formats import USUAL
from segue.live.downloads.service import DownloadService
from segue.live.errors import NoSuchConcert
from segue.live.keeping import repository
from segue.live.keeping.covering import Completeness, Composite, Cover, Moment, Piece, composite, cover, lacks
from segue.live.keeping.errors import BadRule, NoPlaylists, NothingHere, RuleNotFound
from segue.live.keeping.planning import Plan, Step, Wish, plan
from segue.live.views import ConcertView, HeldView, RecordingView
from segue.query import Entities, Entity, Question, Scope, parse_sort
from segue.query.bounded import Part, ids_of
from segue.query.language import parse
from segue.query.patience import answering

APPLY = "live.apply_rules"
MOST_CONCERTS = 50_000
"""Concerts that a rule may find."""
LONGEST_NAME, MOST_RULES = 200, 200
SOURCES = ("SBD", "MTX", "FM", "AUD", "UNKNOWN")

MakePlaylist = Callable[[Actor, str, Sequence[int], str], Awaitable[int]]
"""Makes a playlist: whose, its name, the library's tracks in order, a comment; returns its number."""


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule as it stands: `kept_count` recordings of `kept_bytes` are here by it, or on their way."""

    row: Any
    kept_count: int
    kept_bytes: int


@dataclass(frozen=True, slots=True)
class Lacking:
    """What the recordings of a concert lack."""

    concert: ConcertView
    moments: tuple[Moment, ...]
    recordings: dict[int, RecordingView]
    found: tuple[Completeness, ...]


@dataclass(frozen=True, slots=True)
class Night:
    """A concert put together from its recordings."""

    concert: ConcertView
    recordings: dict[int, RecordingView]
    made: Composite


class KeepingService:
    """The door to what is kept of concerts."""

    def __init__(
        self,
        db: Database,
        entities: Callable[[], Entities],
        jobs: JobService,
        downloads: DownloadService,
        formats: Callable[[], Sequence[str]] = lambda: USUAL,
    ) -> None:
        self.db = db
        self._entities = entities
        self._jobs = jobs
        self.downloads = downloads
        self._formats = formats
        self.make_playlist: MakePlaylist | None = None
        downloads.on_finished.append(self.download_finished)

    # --- nights -------------------------------------------------------------------------------------------------------

    async def completeness(self, actor: Actor, concert: int) -> Lacking:
        """What each recording of a concert lacks or cuts of its setlist, and who has it. Raises NoSuchConcert."""
        view, moments, held, covers = await self._covers(actor, concert)
        known = {one.recording for one in covers}
        unknown = [one.recording.id for one in held if one.recording.id not in known]
        found = lacks(moments, covers, unknown)
        return Lacking(view, tuple(moments), {one.recording.id: one.recording for one in held}, tuple(found))

    async def composite(self, actor: Actor, concert: int, *, only_here: bool = False) -> Night:
        """The whole night, track by track, from the recordings that hold it; with `only_here` of those on this server.

        Raises NoSuchConcert.
        """
        view, moments, held, covers = await self._covers(actor, concert, only_here=only_here)
        return Night(view, {one.recording.id: one.recording for one in held}, composite(moments, covers))

    async def composite_playlist(self, actor: Actor, concert: int, name: str | None = None) -> tuple[int, Night]:
        """Make a playlist of the night as far as it is on this server; its number, and what it is made of.

        Raises NoSuchConcert, NothingHere, NoPlaylists, and what making a playlist raises.
        """
        if self.make_playlist is None:
            raise NoPlaylists
        night = await self.composite(actor, concert, only_here=True)
        tracks = [part.piece.here for part in night.made.parts if part.piece.here is not None]
        if not tracks:
            raise NothingHere(format_id("co", night.concert.id))
        where = f", {night.concert.venue.name}" if night.concert.venue else ""
        called = name or f"{night.concert.artist}, {night.concert.date}{where}"
        return await self.make_playlist(actor, called[:LONGEST_NAME], tracks, ""), night

    async def _covers(
        self, actor: Actor, number: int, *, only_here: bool = False
    ) -> tuple[ConcertView, list[Moment], list[HeldView], list[Cover]]:
        """A concert's setlist and its recordings, best first for this person, each laid along the setlist."""
        async with self.db.read() as conn:
            found = await concerts.concerts(conn, [number])
            if number not in found:
                became = await concerts.redirected(conn, number)
                found = {} if became is None else await concerts.concerts(conn, [became])
            if not found:
                raise NoSuchConcert(format_id("co", number))
            (view,) = found.values()
            songs = await concerts.songs(conn, view.id)
            held = await concerts.held(conn, view.id, actor.person)
            tracks = await concerts.tracks(conn, [one.recording.id for one in held if one.recording.details_at])
        moments = [Moment(one.position, one.song_id, one.name, one.set_name, one.segue) for one in songs]
        covers = []
        for one in held:
            pieces = [
                Piece(
                    track.id, track.recording_id, track.number, track.title,
                    tuple((int(said[0]), bool(said[5])) for said in track.heard if said and said[0] is not None),
                    track.duration_ms, track.track_id,
                )
                for track in tracks.get(one.recording.id, ())
                if track.track_id is not None or not only_here
            ]  # fmt: skip
            if pieces:
                covers.append(cover(moments, one.recording.id, pieces))
        return view, moments, held, covers

    # --- rules --------------------------------------------------------------------------------------------------------

    async def rules(
        self, actor: Actor, *, everybody: bool = False, after: tuple[str, int] | None = None, limit: int = 50
    ) -> tuple[list[RuleView], tuple[str, int] | None]:
        """One's own rules by name, or with `everybody` all for an administrator; and where to go on."""
        owner = None if everybody and actor.is_admin else actor.person
        async with self.db.read() as conn:
            rows = await repository.page(conn, owner, after, limit + 1)
            kept = await repository.kept_bytes(conn, [row.id for row in rows])
        some = [RuleView(row, *kept.get(row.id, (0, 0))) for row in rows[:limit]]
        last = some[-1].row if len(rows) > limit else None
        return some, None if last is None else (last.sort_key, last.id)

    async def rule(self, actor: Actor, number: int) -> RuleView:
        """Raises RuleNotFound, also for another person's."""
        async with self.db.read() as conn:
            row = _visible(actor, await repository.get(conn, number), number)
            kept = await repository.kept_bytes(conn, [number])
        return RuleView(row, *kept.get(number, (0, 0)))

    async def create(self, actor: Actor, values: Mapping[str, Any]) -> RuleView:
        """A new rule; nothing is fetched before it is applied. Raises BadRule, and BadQuery for its query."""
        checked = self._checked(actor, values)
        now = utc_now()
        async with self.db.write() as tx:
            if len(await repository.page(tx.conn, actor.person, None, MOST_RULES + 1)) > MOST_RULES:
                raise BadRule("name", f"Nobody has more than {MOST_RULES} rules.")
            row = {**checked, "owner_id": actor.person, "created_at": now, "changed_at": now}
            number = await repository.add(tx, row)
        return await self.rule(actor, number)

    async def change(self, actor: Actor, number: int, values: Mapping[str, Any]) -> RuleView:
        """Change what is named in `values`. Raises RuleNotFound, BadRule, BadQuery."""
        async with self.db.write() as tx:
            row = _visible(actor, await repository.get(tx.conn, number), number)
            whole = {name: getattr(row, name) for name in _MEMBERS} | dict(values)
            await repository.change(tx, row, {**self._checked(actor, whole), "changed_at": utc_now()})
        return await self.rule(actor, number)

    async def remove(self, actor: Actor, number: int) -> None:
        """Take a rule away; what it fetched stays. Raises RuleNotFound."""
        async with self.db.write() as tx:
            await repository.remove(tx, _visible(actor, await repository.get(tx.conn, number), number))

    async def plan(self, actor: Actor, number: int) -> Plan:
        """What a rule would do now; nothing is done. Raises RuleNotFound, QueryTooSlow."""
        async with self.db.read() as conn:
            row = _visible(actor, await repository.get(conn, number), number)
        return await self.planned(actor, row)

    async def plan_of(self, actor: Actor, values: Mapping[str, Any]) -> Plan:
        """What a rule that is not there yet would do. Raises BadRule, BadQuery, QueryTooSlow."""
        checked = {**self._checked(actor, {"name": "-", **values}), "id": 0, "owner_id": actor.person}
        return await self.planned(actor, _Row(checked))

    async def planned(self, actor: Actor, rule: Any, *, patient: bool = False) -> Plan:
        """The plan of a rule's row; `patient` where a job asks, which may take its time."""
        entity: Entity = self._entities()["concerts"]
        parsed = parse(entity, rule.query, ZoneInfo(actor.time_zone))
        question = Question(entity, parsed.where, parsed.order or parse_sort(entity, None), None)
        part = Part(question, parsed.limit, parsed.offset, lambda: Scope.of(actor, self.db.dialect))
        async with self.db.read() if patient else answering(self.db) as conn:
            ids = await ids_of(conn, part, MOST_CONCERTS)
            formats = tuple(rule.formats) or tuple(self._formats())
            nights = await repository.nights(conn, ids, rule.id, rule.owner_id, formats)
            there = {one.recording for night in nights for one in night.candidates}
            elsewhere = await repository.kept_elsewhere(conn, rule.id, there) if rule.id else 0
        return await asyncio.to_thread(partial(plan, nights, _wish(rule), kept_elsewhere=elsewhere))

    async def concerts_of(self, steps: Iterable[Step]) -> dict[int, ConcertView]:
        """The concerts of steps of a plan, by number."""
        async with self.db.read() as conn:
            return await concerts.concerts(conn, [step.night.concert for step in steps])

    async def apply(self, actor: Actor, number: int) -> Ticket:
        """Have a rule do now what its plan says. Raises RuleNotFound."""
        async with self.db.read() as conn:
            _visible(actor, await repository.get(conn, number), number)
        return await self._jobs.enqueue_now(
            APPLY,
            {"rule": number, "by": "person"},
            dedup_key=f"{APPLY}.{number}",
            priority=5,
            created_by=actor.user_id,
        )

    async def after_mirror(self) -> None:
        """Look at every rule again: lists of the archive brought something new."""
        async with self.db.read() as conn:
            if not await repository.enabled(conn):
                return
        await self._jobs.enqueue_now(APPLY, {"rule": None, "by": "mirror"}, dedup_key=APPLY, priority=-5)

    async def history(
        self, actor: Actor, number: int, *, before: int | None = None, limit: int = 50
    ) -> tuple[Sequence[Any], Sequence[Any], int | None]:
        """What a rule fetched, replaced and took away, the newest first; its last runs; and where to go on."""
        async with self.db.read() as conn:
            _visible(actor, await repository.get(conn, number), number)
            deeds = await repository.deeds(conn, number, before, limit + 1)
            runs = await repository.runs(conn, number, None, 20)
        return deeds[:limit], runs, deeds[limit - 1].id if len(deeds) > limit else None

    # --- what others tell -----------------------------------------------------------------------------------------------

    async def download_finished(self, row: Any) -> None:
        """A download is whole: what it takes the place of goes, where the rule itself had fetched that."""
        if row.rule_id is None or row.state != "done" or row.verified == "damaged":
            return
        async with self.db.read() as conn:
            deeds = await repository.replacing(conn, row.id)
            rule = await repository.get(conn, row.rule_id)
            needed = {one.id: await repository.needed_for(conn, one.replaces_id, one.concert_uid) for one in deeds}
        if rule is None:
            return
        for deed in deeds:
            if needed[deed.id]:
                continue
            old = await self.downloads.get(SYSTEM, deed.replaces_id)
            if old.rule_id != rule.id:
                continue
            async with self.db.write() as tx:
                await repository.add_deed(
                    tx,
                    {
                        "rule_id": rule.id, "action": "remove", "concert_uid": deed.concert_uid,
                        "recording_id": old.recording_id or 0, "identifier": old.identifier, "download_id": row.id,
                        "replaces_id": old.id, "bytes": old.size_bytes,
                        "reasons": [["replaced", {"by": row.identifier}]], "at": utc_now(),
                    },
                )  # fmt: skip
                tx.changed("live_rule", rule.id, user_id=rule.owner_id or None)
            await self.downloads.remove(SYSTEM, old.id)

    async def on_user_erased(self, tx: Transaction, user_id: int) -> None:
        """Called inside the transaction that erases a person."""
        for row in await repository.of_person(tx.conn, user_id):
            await repository.remove(tx, row)

    # --- checking -----------------------------------------------------------------------------------------------------

    def _checked(self, actor: Actor, values: Mapping[str, Any]) -> dict[str, Any]:
        """The columns of a rule. Raises BadRule and BadQuery."""
        rule = {**_USUAL, **values}
        name, query = str(rule["name"]).strip(), str(rule["query"]).strip()
        if not name or len(name) > LONGEST_NAME:
            raise BadRule("name", f"A rule has a name of at most {LONGEST_NAME} characters.")
        if not query:
            raise BadRule("query", 'A rule says which concerts it is about, for instance artist.name:"…" year:1977.')
        parse(self._entities()["concerts"], query, ZoneInfo(actor.time_zone))
        sources = list(dict.fromkeys(str(one).upper() for one in rule["sources"]))
        if unknown := [one for one in sources if one not in SOURCES]:
            raise BadRule("sources", f"{unknown[0][:40]!r} is no kind of source; there are {', '.join(SOURCES)}.")
        formats = [text for text in dict.fromkeys(str(one).strip() for one in rule["formats"]) if text]
        if len(formats) > 20 or any(len(text) > 60 for text in formats):
            raise BadRule("formats", "A rule names at most 20 formats, such as Flac and VBR MP3.")
        least, budget = rule["completeness"], rule["budget_bytes"]
        if least is not None and not 0 <= least <= 1:
            raise BadRule("completeness", "Completeness is a share from 0 to 1.")
        if budget is not None and not 0 <= budget < 2**62:
            raise BadRule("budget_bytes", "A budget is a number of bytes.")
        if rule["prefer"] not in ("rank", "source") or rule["better"] not in ("replace", "add"):
            raise BadRule("prefer", "`prefer` is rank or source, `better` is replace or add.")
        return {
            "name": name, "sort_key": sort_key(name), "query": query, "enabled": bool(rule["enabled"]), "sources": sources,
            "formats": formats, "prefer": rule["prefer"], "completeness": least,
            "unknown_complete": bool(rule["unknown_complete"]), "budget_bytes": budget,
            "keep_current": bool(rule["keep_current"]), "better": rule["better"], "target": rule["target"],
        }  # fmt: skip


_MEMBERS = (
    "name", "query", "enabled", "sources", "formats", "prefer", "completeness", "unknown_complete", "budget_bytes",
    "keep_current", "better", "target",
)  # fmt: skip
_USUAL: dict[str, Any] = {
    "enabled": True, "sources": (), "formats": (), "prefer": "rank", "completeness": None, "unknown_complete": True,
    "budget_bytes": None, "keep_current": True, "better": "replace", "target": None, "query": "",
}  # fmt: skip


class _Row:
    """A rule that is not there yet, as its row would be."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.__dict__.update(values)


def _wish(rule: Any) -> Wish:
    return Wish(
        sources=tuple(rule.sources), formats=tuple(rule.formats), prefer=rule.prefer, completeness=rule.completeness,
        unknown_complete=rule.unknown_complete, budget_bytes=rule.budget_bytes, keep_current=rule.keep_current,
        better=rule.better,
    )  # fmt: skip


def _visible(actor: Actor, row: Any, number: int) -> Any:
    if row is None or not (actor.is_admin or row.owner_id == actor.person):
        raise RuleNotFound(number)
    return row
