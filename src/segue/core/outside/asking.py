"""Asking: what is remembered, else one question for all who want the same, when it is its turn."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import structlog

from segue import __version__
from segue.core.cache import Cache
from segue.core.clock import rfc3339, utc_now
from segue.core.db import Database
from segue.core.errors import Unavailable
from segue.core.outside import gate as gates
from segue.core.outside import rows
from segue.core.outside.answer import Answer
from segue.core.outside.classify import by_status
from segue.core.outside.declare import Ask, Kept, Service
from segue.core.outside.faults import AuthFailed, Fault, ProviderBug, QuotaExhausted, Throttled, Transient

if TYPE_CHECKING:
    import httpx2

    from segue.core.outside.sending import Opened, Sender

log = structlog.get_logger("segue.outside")
T = TypeVar("T")

MEMORY_S = 600.0
"""How long an answer that is kept is also held in the cache, which saves reading it again."""
TOTALS_EVERY_S = 10.0
"""Counts of answers that change nothing else are written this often, with the next question's turn."""
MISSED = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError)
"""What a reader raises where an answer is not what it should be."""


class Outside:
    """Asks outside services for everybody in this process; make one, and `close` it.

    `enabled` says whether anybody may be asked at all; `contact` is told to services that want to know who asks.
    """

    def __init__(
        self,
        db: Database,
        cache: Cache,
        *,
        enabled: Callable[[], bool] = lambda: True,
        contact: str | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._db = db
        self._cache = cache
        self._enabled = enabled
        self.contact = contact
        self._user_agent = f"Segue/{__version__} ({contact or 'a personal music server'})"
        self._transport = transport
        self._sender: Sender | None = None
        self._clock = clock
        self._sleep = sleep
        self._under_way: dict[str, asyncio.Future[Any]] = {}
        self._totals: dict[rows.TotalKey, tuple[int, float, float]] = defaultdict(lambda: (0, 0.0, 0.0))
        self._written_at = clock()

    async def close(self) -> None:
        if self._sender is not None:
            await self._sender.close()
        if not self._totals:
            return
        try:
            async with self._db.write() as tx:
                await rows.add_totals(tx, self._taken_totals())
        except Unavailable as error:
            log.warning("outside_totals_not_kept", problem=error.message)

    async def prune(self) -> int:
        """Forget answers that are past even being stale; how many."""
        count = 0
        while True:
            async with self._db.write() as tx:
                gone = await rows.prune_answers(tx, utc_now())
            count += gone
            if gone < rows.PRUNED_AT_ONCE:
                return count

    async def ask(self, service: Service, ask: Ask[T]) -> T | None:
        """What `service` answers, read by `ask.read`; None for a definite no. Raises a Fault, and nothing else."""
        if ask.kept is None:
            answered: T | None = (await self._question(service, ask))[0]
            return answered
        key = hashlib.sha256("\0".join((service.name, ask.base_url or "", ask.kind, ask.name)).encode()).hexdigest()
        flight = key if ask.kept.oldest_s is None else f"{key}:{ask.kept.oldest_s}"
        running = self._under_way.get(flight)
        if running is None:
            running = asyncio.ensure_future(self._remembered(service, ask, ask.kept, key))
            self._under_way[flight] = running
            running.add_done_callback(lambda done: self._landed(flight, done))
        value = await asyncio.shield(running)
        if value is None:
            return None
        found: T = _read(service, ask, value)
        return found

    @asynccontextmanager
    async def open(self, service: Service, ask: Ask[Any]) -> AsyncIterator[Opened | None]:
        """A large answer as it comes, at its turn like any other question; None for a definite no. Nothing of it is kept,
        and a 416 is an answer too. Raises a Fault: here, or while its bytes are read."""
        if not self._enabled():
            raise Transient(service.title, reason="off")
        place = _place(service, ask)
        waited = await self._turn(service, ask, place)
        began = time.monotonic()
        answer: Answer | None = None
        opened: Opened | None = None
        try:
            opened = await self._sending().open(service, ask)
            answer = Answer(service.title, opened.status, b"", opened.headers)
            if opened.status not in (200, 206, 416):
                answer = Answer(service.title, opened.status, await opened.beginning(), opened.headers)
                if _classified(service, answer) is not None:
                    raise ProviderBug(service.title, said=answer.said, status_code=answer.status)
        except Fault as fault:
            if opened is not None:
                await opened.close()
            self._count(service, ask, _outcome(fault), time.monotonic() - began, waited)
            await self._note(service, ask, place, answer, fault)
            raise
        try:
            there = opened.status in (200, 206, 416)
            self._count(service, ask, "ok" if there else "none", time.monotonic() - began, waited)
            await self._note(service, ask, place, answer, None)
            yield opened if there else None
        finally:
            await opened.close()

    async def standing(self, service: Service) -> tuple[gates.Gate, Any | None]:
        """The gate of a service at its own address, and its row (`changed_at`, `last_fault`); None where nobody asked yet."""
        async with self._db.read() as conn:
            row = await rows.gate_row(conn, _place(service, Ask("")))
        return gates.Gate.of(row.state if row else None), row

    async def kept_of(self, service: Service) -> rows.KeptFigures:
        """What is kept of a service's answers, and what became of its questions."""
        async with self._db.write() as tx:
            await rows.add_totals(tx, self._taken_totals())
        async with self._db.read() as conn:
            return await rows.kept_figures(conn, service.name)

    async def forget(self, service: Service, kind: str | None = None) -> int:
        """Forget what is kept of a service's answers (of one kind); how many. What processes hold in memory ends by itself."""
        count = 0
        while True:
            async with self._db.write() as tx:
                gone = await rows.forget_answers(tx, service.name, kind)
            count += gone
            if gone < rows.PRUNED_AT_ONCE:
                return count

    def _landed(self, key: str, done: asyncio.Future[Any]) -> None:
        self._under_way.pop(key, None)
        if not done.cancelled():
            done.exception()  # whoever asked may have gone: the fault is theirs, not the loop's

    async def _remembered(self, service: Service, ask: Ask[T], kept: Kept, key: str) -> Any | None:
        """The classified value, not yet read: from the cache, the table, or the service."""
        name = f"outside:{key}"
        in_memory = await self._cache.get(name) if kept.in_memory and kept.oldest_s is None else None
        if in_memory is not None and in_memory["until"] > self._clock():
            self._count(service, ask, "cached")
            return in_memory["value"]
        async with self._db.read() as conn:
            held = await rows.kept_answer(conn, key, service.title)
        new_enough = held is not None and (
            kept.oldest_s is None or self._clock() - held[0].at.timestamp() < kept.oldest_s > 0
        )
        if held is not None and new_enough and held[2].timestamp() > self._clock():
            answer, is_none, fresh_until = held
            value = None if is_none else _classified(service, answer)
            await self._remember(kept, name, value, fresh_until.timestamp())
            self._count(service, ask, "cached")
            return value
        try:
            value, answer = await self._question(service, ask, as_said=True)
        except Fault as fault:
            if held is None or isinstance(fault, AuthFailed):
                raise
            answer, is_none, _ = held
            if self._clock() - answer.at.timestamp() > kept.stale_s:
                raise
            log.info("outside_stale", service=service.name, kind=ask.kind, reason=fault.reason)
            self._count(service, ask, "stale")
            return None if is_none else _classified(service, answer)
        fresh_s = kept.none_s if value is None else kept.fresh_s
        keep_s = kept.stale_s if value is not None else 0.0
        if service.terms.max_store_s is not None:
            fresh_s, keep_s = min(fresh_s, service.terms.max_store_s), min(keep_s, service.terms.max_store_s)
        async with self._db.write() as tx:
            question = {"service": service.name, "kind": ask.kind, "name": ask.name}
            await rows.keep_answer(tx, key, answer, question, is_none=value is None, fresh_s=fresh_s, keep_s=keep_s)
        await self._remember(kept, name, value, answer.at.timestamp() + fresh_s)
        return value

    async def _remember(self, kept: Kept, name: str, value: Any, until: float) -> None:
        ttl_s = min(MEMORY_S, until - self._clock())
        if ttl_s > 0 and kept.in_memory:
            await self._cache.set(name, {"value": value, "until": until}, ttl_s=ttl_s)

    async def _question(self, service: Service, ask: Ask[T], as_said: bool = False) -> tuple[Any, Answer]:
        """Wait for the turn, ask, and say what it came to."""
        if not self._enabled():
            raise Transient(service.title, reason="off")
        place = _place(service, ask)
        waited = await self._turn(service, ask, place)
        began = time.monotonic()
        answer: Answer | None = None
        try:
            answer = await self._sending().send(service, ask)
            value = _classified(service, answer)
            if value is not None and not as_said:
                value = _read(service, ask, value)
        except Fault as fault:
            self._count(service, ask, _outcome(fault), time.monotonic() - began, waited)
            await self._note(service, ask, place, answer, fault)
            raise
        self._count(service, ask, "none" if value is None else "ok", time.monotonic() - began, waited)
        await self._note(service, ask, place, answer, None)
        return value, answer

    def _sending(self) -> Sender:
        """The HTTP client, which is loaded (70 ms) when somebody is asked for the first time."""
        if self._sender is None:
            from segue.core.outside.sending import Sender

            self._sender = Sender(self._user_agent, self._transport)
        return self._sender

    async def _turn(self, service: Service, ask: Ask[T], place: str) -> float:
        """Take a turn and wait for it; how long. Raises Throttled, QuotaExhausted, Transient where it is too far away."""
        max_wait_s = service.max_wait_s if ask.max_wait_s is None else ask.max_wait_s
        async with self._db.write() as tx:
            found = await rows.gate_for_update(tx, place, service.name)
            admitted = gates.admit(found, service.limits, self._clock(), max_wait_s)
            if isinstance(admitted, gates.Admitted):
                await rows.save_gate(tx, place, admitted.gate)
            if self._clock() - self._written_at > TOTALS_EVERY_S:
                await rows.add_totals(tx, self._taken_totals())
        if isinstance(admitted, gates.Held):
            fault = _held(service, admitted)
            self._count(service, ask, _outcome(fault))
            raise fault
        if admitted.wait_s > 0:
            await self._sleep(admitted.wait_s)
        return admitted.wait_s

    async def _note(
        self, service: Service, ask: Ask[T], place: str, answer: Answer | None, fault: Fault | None
    ) -> None:
        """Keep for everybody what the answer means for the next question; nothing is written where nothing changes."""
        now = self._clock()
        pause_s = service.pause_s(answer) if answer is not None and service.pause_s else None

        def after(found: gates.Gate) -> gates.Gate:
            match fault:
                case Throttled():
                    found = gates.told_to_wait(found, fault.retry_at.timestamp(), "throttled")
                case QuotaExhausted():
                    found = gates.told_to_wait(found, fault.until.timestamp(), "quota")
                case Transient() | ProviderBug() if not isinstance(fault, ProviderBug) or fault.reason != "refused":
                    found = gates.failed(found, now)
                case _:
                    found = gates.answered(found)
            if service.adapts:
                found = _paced(found, fault)
            return found if pause_s is None else gates.told_to_wait(found, now + pause_s, "throttled")

        async with self._db.read() as conn:
            known = await rows.gate(conn, place)
        if fault is None and pause_s is None and after(known) == known:
            return
        told = None
        if fault is not None:
            log.info("outside_fault", service=service.name, kind=ask.kind, code=fault.code, reason=fault.reason)
            told = {
                "code": fault.code,
                "reason": fault.reason,
                "message": fault.message,
                "kind": ask.kind,
                "at": rfc3339(utc_now()),
            }
        async with self._db.write() as tx:
            found = await rows.gate_for_update(tx, place, service.name)
            await rows.save_gate(tx, place, after(found), told)
            await rows.add_totals(tx, self._taken_totals())

    def _count(self, service: Service, ask: Ask[T], outcome: str, seconds: float = 0.0, waited_s: float = 0.0) -> None:
        count, took, waited = self._totals[service.name, ask.kind, outcome]
        self._totals[service.name, ask.kind, outcome] = (count + 1, took + seconds, waited + waited_s)

    def _taken_totals(self) -> dict[rows.TotalKey, tuple[int, float, float]]:
        taken = dict(self._totals)
        self._totals.clear()
        self._written_at = self._clock()
        return taken


def _place(service: Service, ask: Ask[Any]) -> str:
    """A service at one address, as its gate is called."""
    return f"{service.name}@{urlsplit(ask.base_url or service.base_url).netloc.rpartition('@')[2] or '?'}"


def _paced(gate: gates.Gate, fault: Fault | None) -> gates.Gate:
    """As often as the service can bear, by what just became of a question."""
    if fault is None:
        return gates.faster(gate)
    return gates.slower(gate) if isinstance(fault, (Throttled, Transient)) else gate


def _classified(service: Service, answer: Answer) -> Any | None:
    try:
        return (service.classify or by_status)(answer)
    except MISSED as error:
        raise ProviderBug(service.title, said=answer.said, status_code=answer.status) from error


def _read(service: Service, ask: Ask[T], value: Any) -> T:
    try:
        return ask.read(value)
    except MISSED as error:
        log.warning("outside_unreadable", service=service.name, kind=ask.kind, problem=repr(error)[:200])
        raise ProviderBug(service.title, said=repr(error)) from error


def _held(service: Service, held: gates.Held) -> Fault:
    until = datetime.fromtimestamp(held.until, UTC)
    match held.why:
        case "quota":
            return QuotaExhausted(service.title, until)
        case "breaker":
            return Transient(service.title, reason="breaker", retry_at=until)
        case _:
            return Throttled(service.title, until, reason="turn")


def _outcome(fault: Fault) -> str:
    names = {Throttled: "throttled", QuotaExhausted: "quota", AuthFailed: "auth", Transient: "transient"}
    return next((name for kind, name in names.items() if isinstance(fault, kind)), "bug")
