"""The job that tells an account what it is still to be told: in batches, the oldest first, for days if it must be.

A batch is sent as it was put down, and only what the service has answered to leaves the queue, in a transaction that this
start of the job still owns: killed at any moment, the next start sends the same again, to the letter. What a service refuses
as a whole is sent by halves until the one row that it means is found.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from segue.core.clock import rfc3339, utc_now
from segue.core.errors import Unavailable
from segue.core.outside import AuthFailed, Fault, Throttled
from segue.jobs import JobContext
from segue.listening.scrobbling import rows
from segue.listening.scrobbling.outbox import Outbox, job_key
from segue.listening.scrobbling.speaking import told
from segue.listening.scrobbling.tongues import Tongue, is_refusal
from segue.metadata.service import Listened, Verdict

WAITS = "waiting_for_service"
"""What a queued job waits for."""
DAILY_WAIT = timedelta(hours=1)
LOVES_AT_ONCE = 20
NOT_SET_UP = "lastfm_not_set_up"


@dataclass(slots=True)
class _Size:
    """How many rows go into the next request: all that fit, or ever fewer while a bad one is looked for."""

    most: int
    now: int

    def halve(self) -> None:
        self.now = max(1, self.now // 2)

    def grow(self) -> None:
        self.now = min(self.most, self.now * 2)


class Sending(Outbox):
    """Sends queues."""

    async def send(self, job: JobContext, account_id: int) -> None:
        """Send all that waits for one account. Ends when nothing does, or when a person has to sign in again."""
        async with self._db.read() as conn:
            account = await rows.account(conn, account_id)
            retracted = account is not None and await rows.any_taken_away(conn, account_id, account.user_id)
        if account is not None and retracted:
            async with self._db.write() as tx:
                await job.guard(tx)
                await rows.drop_taken_away(tx, account_id, account.user_id)
        tongue = await self.tongue(account) if account is not None and account.state == "active" else None
        if account is None or tongue is None:
            if not await self._finished(job, account_id, 0):
                await self.send(job, account_id)  # it may be told again since we looked
            return
        size, sent = _Size(tongue.batch, tongue.batch), 0
        while True:
            job.check()
            async with self._db.read() as conn:
                batch = await rows.waiting(conn, account_id, size.now)
            if not batch:
                if await self._finished(job, account_id, sent):
                    return
                continue
            try:
                if batch[0].act == "listen":
                    verdicts = await tongue.tell([Listened.of(row.payload) for row in batch])
                else:
                    batch, verdicts = await self._love(tongue, batch[:LOVES_AT_ONCE])
            except (Fault, Unavailable) as fault:
                if is_refusal(fault):
                    if len(batch) > 1:
                        size.now = len(batch)
                        size.halve()
                        continue
                    verdicts = [Verdict(False, "refused", str(getattr(fault, "params", {}).get("said", "")))]
                else:
                    await self._gave_up(job, account, batch, fault)
                    return
            sent += await self._answered(job, account, batch, verdicts)
            job.progress(done=sent, unit="listens")
            size.grow()

    async def _love(self, tongue: Tongue, batch: Sequence[Any]) -> tuple[Sequence[Any], list[Verdict]]:
        """Love, or hate, one by one. What was told before a fault counts; the fault comes again with the next."""
        verdicts: list[Verdict] = []
        for row in batch:
            try:
                listen = Listened.of(row.payload)
                hated = row.act == "hate"
                verdicts.append(await (tongue.hate(listen) if hated else tongue.love(listen, row.act == "love")))
            except Fault as fault:
                if is_refusal(fault):
                    verdicts.append(Verdict(False, "refused", str(fault.params.get("said", ""))))
                elif verdicts:
                    break
                else:
                    raise
        return batch[: len(verdicts)], verdicts

    async def _answered(self, job: JobContext, account: Any, batch: Sequence[Any], verdicts: Sequence[Verdict]) -> int:
        """Let go of what was taken, mark what was refused; how many listens were taken.

        The account is held before the job, as by whoever puts something in its queue and then asks for a job.
        """
        taken = [row.id for row, verdict in zip(batch, verdicts, strict=True) if verdict.accepted]
        later = [row.id for row, verdict in zip(batch, verdicts, strict=True) if verdict.later]
        listens = len(taken) if batch[0].act == "listen" else 0
        now = utc_now()
        values: dict[str, Any] = {"attempts": 0, "next_try_at": None, "error": None}
        if taken:
            values |= {"sent": account.sent + listens, "last_sent_at": now}
        wait = now + DAILY_WAIT
        if later:
            values |= {
                "attempts": 1,
                "next_try_at": wait,
                "error": {"code": "daily_limit", "reason": "", "params": {}, "at": rfc3339(now)},
            }
        async with self._db.write() as tx:
            account_now = await rows.account_for_update(tx, account.id)
            await job.guard(tx)
            if account_now is None:
                return 0
            if taken:
                values["sent"] = account_now.sent + listens
            await rows.taken(tx, taken)
            for row, verdict in zip(batch, verdicts, strict=True):
                if not verdict.accepted and not verdict.later:
                    await rows.refuse(tx, row.id, verdict.code, verdict.said)
            await rows.tried(tx, later)
            await rows.change(tx, account.id, values)
            tx.changed("scrobble_account", account.id, user_id=account.user_id)
        if later:
            job.retry_later(wait, WAITS, code="daily_limit", account=account.id)
        return listens

    async def _gave_up(self, job: JobContext, account: Any, batch: Sequence[Any], fault: Fault | Unavailable) -> None:
        """What a fault means for the account: a person has to sign in, which ends the job; otherwise it goes on later.

        Raises what is no matter of the service.
        """
        if not isinstance(fault, Fault) and fault.code != NOT_SET_UP:
            raise fault
        async with self._db.write() as tx:
            present = await rows.account_for_update(tx, account.id)
            await job.guard(tx)
            if present is None or present.secret != account.secret:
                again, error = utc_now(), {"code": "changed"}
            elif isinstance(fault, AuthFailed) and fault.reauth:
                await self.needs_login(tx, account, "needs_login", str(fault.params.get("said", "")))
                await job.complete(tx, {"code": "needs_login"})
                return
            else:
                again, error = self._again_at(present.attempts + 1, fault), told(fault)
                if not (isinstance(fault, Throttled) and fault.reason == "turn"):
                    await rows.tried(tx, [row.id for row in batch])
                    values = {"attempts": present.attempts + 1, "next_try_at": again, "error": error}
                    await rows.change(tx, account.id, values)
                    tx.changed("scrobble_account", account.id, user_id=account.user_id)
        job.retry_later(again, WAITS, code=error["code"], account=account.id)

    def _again_at(self, attempts: int, fault: Fault | Unavailable) -> datetime:
        """When to try again: as the service says, and not before half of an ever longer wait, with jitter."""
        ceiling = self._backoff.ceiling_s(attempts)
        wait = timedelta(seconds=ceiling / 2 + random.uniform(0, ceiling / 2))
        again = utc_now() + wait
        if isinstance(fault, Throttled) and fault.reason == "turn":
            return fault.retry_at
        if isinstance(fault, Fault) and fault.retry_at is not None:
            return max(again, fault.retry_at)
        return again

    async def _finished(self, job: JobContext, account_id: int, sent: int) -> bool:
        """End the job where nothing waits, or nobody may be told: in one transaction, beside which nobody can put something
        into the queue or let the account go on."""
        async with self._db.write() as tx:
            account = await rows.account_for_update(tx, account_id)
            if account is not None and account.state == "active" and await rows.any_waiting(tx.conn, account_id):
                return False
            await job.complete(tx, {"sent": sent})
        return True

    async def sweep(self) -> int:
        """Have queues sent that nobody sends: after a job that failed for good, a clock that jumped, or a person's "send now"
        in the moment in which the job went to sleep; how many."""
        async with self._db.read() as conn:
            due = await rows.due(conn, utc_now())
        for account in due:
            async with self._db.write() as tx:
                await self.send_soon(tx, account)
                await self._jobs.wake(tx, job_key(account.id), WAITS)
        return len(due)
