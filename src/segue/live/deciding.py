"""What people say: which recording comes first, what a doubt is worth, and what an item, a concert, a band or a venue is.

Their word wins over everything and is kept by name, not by number, so that it holds through any grouping. Taken back, what
the pipeline concludes stands again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from segue.core.access import Actor
from segue.core.db import Transaction
from segue.core.ids import format_id
from segue.live import repository, repository_lists, repository_writes
from segue.live.errors import AlreadyDecided, BadWord, NoSuchThing, NotOfConcert
from segue.live.ground import LiveGround, check_right
from segue.live.mirror.again import conclude_again
from segue.live.mirror.regrouping import regroup_now
from segue.live.mirror.taking_in import mark
from segue.live.views import ConcertView, DoubtView

FIELDS: dict[str, tuple[str, ...]] = {
    "recording": (
        "date", "artist", "show_time", "kind", "source_type", "taper", "transferrer", "venue", "title", "with", "apart",
    ),
    "concert": ("title", "venue", "kind", "tour", "setlist"),
    "artist": ("name", "collection"),
    "venue": ("name", "position"),
}  # fmt: skip
"""What can be said, by scope."""
_CHOICES: dict[str, tuple[str | None, ...]] = {
    "show_time": ("early", "late", None),
    "kind": ("concert", "soundcheck", "rehearsal", "studio", "interview", "compilation"),
    "source_type": ("SBD", "MTX", "FM", "AUD", "UNKNOWN"),
}
_TEXTS = ("artist", "taper", "transferrer", "venue", "title", "tour", "name", "collection")
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")


@dataclass(slots=True)
class Said:
    """What a word did: the row that says it (None: taken back) and the concerts it is about now."""

    word: Any | None
    concerts: list[ConcertView]


class Deciding(LiveGround):
    """The verbs of saying so."""

    # --- which one first --------------------------------------------------------------------------------------------------

    async def pin(self, actor: Actor, concert: int, recording: int, *, house: bool = False) -> None:
        """Put a recording of a concert first, for oneself or (editors) for everybody. Raises NoSuchConcert, NotOfConcert,
        MayNotDecide."""
        if house:
            check_right(actor)
        person = 0 if house else actor.person
        async with self.db.write() as tx:
            view = await self._concert(tx.conn, concert)
            if not await repository_writes.is_of(tx.conn, view.id, recording):
                raise NotOfConcert
            await repository_writes.pin(tx, view.id, person, recording)
            await self._pinned(tx, view, person, house=house)
        if house:
            await regroup_now(self.db, [(view.artist_id, view.date)], weights=self.weights())

    async def unpin(self, actor: Actor, concert: int, *, house: bool = False) -> None:
        """Take a pin back. Raises NoSuchConcert, MayNotDecide."""
        if house:
            check_right(actor)
        person = 0 if house else actor.person
        async with self.db.write() as tx:
            view = await self._concert(tx.conn, concert)
            if await repository_writes.unpin(tx, view.id, person):
                await self._pinned(tx, view, person, house=house)
        if house:
            await regroup_now(self.db, [(view.artist_id, view.date)], weights=self.weights())

    async def _pinned(self, tx: Transaction, view: ConcertView, person: int, *, house: bool) -> None:
        if house:
            await mark(tx, [(view.artist_id, view.date)])
        tx.changed("concert", view.id, user_id=person or None)

    # --- what is in doubt ---------------------------------------------------------------------------------------------------

    async def doubts(
        self,
        actor: Actor,
        *,
        states: tuple[str, ...] = ("open",),
        kinds: tuple[str, ...] = (),
        artist: int | None = None,
        after: tuple[float, int] | None = None,
        limit: int = 50,
    ) -> list[DoubtView]:
        """A page of doubts, the most likely first."""
        async with self.db.read() as conn:
            return await repository_lists.doubts(
                conn, states=states, kinds=kinds, artist=artist, after=after, limit=limit
            )

    async def decide(self, actor: Actor, number: int, *, accept: bool) -> tuple[DoubtView, list[ConcertView]]:
        """Accept what a doubt proposes, which then is that person's word, or refuse it for good. Raises MayNotDecide,
        NoSuchThing, AlreadyDecided."""
        check_right(actor)
        marks: list[tuple[int, str]] = []
        async with self.db.write() as tx:
            doubt = await repository_lists.doubt(tx.conn, number)
            if doubt is None:
                raise NoSuchThing("doubt", format_id("ld", number))
            if doubt.state != "open":
                raise AlreadyDecided(doubt.state)
            await repository_writes.decide(tx, number, "accepted" if accept else "refused", actor.user_id)
            tx.changed("recording", doubt.recording_id)
            field, value = proposed(doubt)
            if accept and field:
                await repository_writes.say(tx, "recording", doubt.identifier, field, value, actor.user_id)
                marks = await conclude_again(tx, [doubt.recording_id])
        await regroup_now(self.db, marks, weights=self.weights())
        async with self.db.read() as conn:
            found = await repository_lists.doubt(conn, number)
            concerts = await repository.concerts_holding(conn, doubt.recording_id)
        return found or doubt, [view for view, _ in concerts]

    # --- what it is ---------------------------------------------------------------------------------------------------------

    async def say(self, actor: Actor, scope: str, subject: str, field: str, value: Any) -> Said:
        """Say what something is. `subject` is an identifier, a uid or a key. Raises MayNotDecide, BadWord, NoSuchThing."""
        check_right(actor)
        value = checked(scope, field, value)
        async with self.db.write() as tx:
            await self._about(tx, scope, subject)
            number = await repository_writes.say(tx, scope, subject, field, value, actor.user_id)
            marks = await self._follow(tx, scope, subject)
        return await self._said(scope, subject, number, marks)

    async def unsay(self, actor: Actor, scope: str, subject: str, field: str) -> Said:
        """Take a word back, so that what the pipeline concludes stands again. Raises MayNotDecide, NoSuchThing."""
        check_right(actor)
        async with self.db.write() as tx:
            await self._about(tx, scope, subject)
            if not await repository_writes.unsay(tx, scope, subject, field):
                raise NoSuchThing("word about", f"{subject}: {field}")
            marks = await self._follow(tx, scope, subject)
        return await self._said(scope, subject, None, marks)

    async def _said(self, scope: str, subject: str, number: int | None, marks: list[tuple[int, str]]) -> Said:
        await regroup_now(self.db, marks, weights=self.weights())
        async with self.db.read() as conn:
            word = None if number is None else await repository_lists.word(conn, number)
            concerts: list[ConcertView] = []
            if scope == "recording":
                recording = await repository.recording_by_any(conn, subject)
                if recording is not None:
                    concerts = [view for view, _ in await repository.concerts_holding(conn, recording)]
            elif scope == "concert":
                concert = await repository.concert_by_uid(conn, subject)
                if concert is not None:
                    concerts = list((await repository.concerts(conn, [concert])).values())
        return Said(word, concerts)

    async def _about(self, tx: Transaction, scope: str, subject: str) -> None:
        """Raises NoSuchThing where there is nothing of that name."""
        if not await repository.is_there(tx.conn, scope, subject):
            raise NoSuchThing(scope, subject)

    async def _follow(self, tx: Transaction, scope: str, subject: str) -> list[tuple[int, str]]:
        """Bring rows to what is said now; the dates of artists that are to be grouped anew by it."""
        marks: list[tuple[int, str]] = []
        match scope:
            case "recording":
                number = await repository.recording_by_any(tx.conn, subject)
                if number is not None:
                    marks = await conclude_again(tx, [number])
            case "concert":
                number = await repository.concert_by_uid(tx.conn, subject)
                if number is not None:
                    view = await self._concert(tx.conn, number)
                    await repository_writes.title_concert(tx, view)
                    marks = [(view.artist_id, view.date)]
                    await mark(tx, marks)
                    tx.changed("concert", number)
            case "artist":
                await repository_writes.name_artist(tx, subject)
            case "venue":
                await repository_writes.place_venue(tx, subject)
        return marks

    async def name_of(self, scope: str, number: int) -> str | None:
        """The lasting name of a recording, concert, artist, venue or song; None where there is none of this number."""
        async with self.db.read() as conn:
            return await repository.key_of(conn, scope, number)

    async def words(self, actor: Actor, *, scope: str | None = None, after: int = 0, limit: int = 50) -> list[Any]:
        """What people said, the newest first."""
        async with self.db.read() as conn:
            return await repository_lists.words(conn, scope=scope, after=after, limit=limit)

    async def on_user_erased(self, tx: Transaction, user_id: int) -> None:
        """Called inside the transaction that erases a person."""
        await repository_writes.on_user_erased(tx, user_id)


def proposed(doubt: DoubtView) -> tuple[str, Any]:
    """The word that accepting a doubt says; an empty field for a doubt that only tells."""
    kind, _, _ = doubt.kind.partition("_")
    match doubt.kind:
        case "date_suspect" | "date_conflict":
            return "date", doubt.proposal[:10]
        case "artist_uncertain":
            return "artist", doubt.proposal
        case "show_time_uncertain":
            return "show_time", doubt.proposal or None
        case "venue_conflict":
            return "venue", doubt.proposal
        case _:
            return "", kind


def checked(scope: str, field: str, value: Any) -> Any:
    """A word as it is kept. Raises BadWord for what cannot be said, or makes no sense."""
    if field not in FIELDS.get(scope, ()):
        known = ", ".join(FIELDS.get(scope, ())) or "nothing"
        raise BadWord("field", f"{field[:40]!r} cannot be said of a {scope}; there is {known}.")
    if field == "date":
        return _date(value)
    if field in _CHOICES:
        if value not in _CHOICES[field]:
            shown = ", ".join(str(choice) for choice in _CHOICES[field] if choice)
            raise BadWord("value", f"{field} is one of {shown}.")
        return value
    if field in _TEXTS:
        if not isinstance(value, str) or not value.strip() or len(value) > 500:
            raise BadWord("value", f"{field} is a text of 1 to 500 characters.")
        return value.strip()
    if field in ("with", "apart"):
        if not isinstance(value, list) or not all(isinstance(one, str) and 0 < len(one) <= 300 for one in value[:101]):
            raise BadWord("value", f"{field} is a list of identifiers.")
        return value[:100]
    if field == "position":
        return _position(value)
    if field == "setlist":
        return _setlist(value)
    return value


def _date(value: Any) -> str:
    from datetime import date

    found = _DATE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise BadWord("value", "date is written 1977-05-08, 1977-05 or 1977.")
    year, month, day = (int(part) if part else 1 for part in found.groups())
    try:
        date(year, month, day)
    except ValueError:
        raise BadWord("value", f"There is no {value}.") from None
    return str(value)


def _position(value: Any) -> list[float]:
    good = isinstance(value, list) and len(value) == 2 and all(isinstance(one, int | float) for one in value)
    if not good or not (-90 <= value[0] <= 90 and -180 <= value[1] <= 180):
        raise BadWord("value", "position is [latitude, longitude] in degrees.")
    return [float(value[0]), float(value[1])]


def _setlist(value: Any) -> list[Any]:
    """[name, [[song, segue, note] …]] each."""
    try:
        sets = [[str(name), [_song(song) for song in songs]] for name, songs in value]
    except (TypeError, ValueError, IndexError):
        raise BadWord("value", "setlist is a list of [name, [[song, segue, note] …]].") from None
    if not sets or sum(len(songs) for _, songs in sets) > 500:
        raise BadWord("value", "setlist has 1 to 500 songs.")
    return sets


def _song(said: Any) -> list[Any]:
    if isinstance(said, str):
        said = [said]
    name = str(said[0]).strip()
    if not name or len(name) > 300:
        raise ValueError(name)
    return [name, bool(said[1]) if len(said) > 1 else False, str(said[2])[:300] if len(said) > 2 else ""]
