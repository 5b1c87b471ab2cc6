"""Loves at a service become stars here: on request, or every night where the person wants it.

Only stars are added. What a person unstars here while the service still says "loved" is left alone as long as the service
has not been told; and a star that comes from a service is told to nobody, so that nothing goes round in circles.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.outside import AuthFailed, Fault
from segue.jobs import JobContext
from segue.library.finding.service import FindingService
from segue.library.finding.wanted import Wanted
from segue.listening.scrobbling import rows
from segue.listening.scrobbling.choices import Choices
from segue.listening.scrobbling.errors import AccountNotFound
from segue.listening.scrobbling.queue import Queues
from segue.listening.scrobbling.sending import WAITS
from segue.listening.scrobbling.tongues import Tongue
from segue.listening.service import ListeningService, Mark
from segue.metadata.service import Loved

IMPORT_LOVES = "scrobbling.import_loves"
PAGES = 500
"""Pages of loves that are read at most: 100,000 at Last.fm."""


class Loves(Queues):
    """The verbs about loves."""

    finding: FindingService
    listening: ListeningService
    actor_for: Callable[[int], Awaitable[Actor]]
    """Who acts when this person does, as accounts know it; set by app.py. Raises NotFound for one who is gone."""

    async def import_loves_soon(self, actor: Actor, account_id: int) -> int:
        """Have the loves of an account taken over; the number of the job. Raises AccountNotFound."""
        async with self._db.write() as tx:
            row = await rows.account(tx.conn, account_id)
            if row is None or row.user_id != actor.person:
                raise AccountNotFound(account_id)
            key, params = f"{IMPORT_LOVES}:{account_id}", {"account": account_id}
            return (await self._jobs.enqueue(tx, IMPORT_LOVES, params, dedup_key=key, created_by=actor.user_id)).id

    async def import_loves(self, job: JobContext, account_id: int) -> dict[str, Any]:
        """Read every page of loves, find the tracks, star them as of when they were loved there."""
        async with self._db.read() as conn:
            account = await rows.account(conn, account_id)
        tongue = await self.tongue(account) if account is not None and account.state == "active" else None
        if account is None or tongue is None:
            return {"code": "not_active"}
        counted = {"loved": 0, "found": 0, "new": 0}
        actor = await self.actor_for(account.user_id)
        page: int | None = None
        for _ in range(PAGES):
            job.check()
            found = await self._page(job, account, tongue, page)
            if found is None:
                return {"code": "needs_login"}
            counted["loved"] += len(found.loves)
            some, fresh = await self._star(actor, account_id, found.loves)
            counted["found"] += some
            counted["new"] += fresh
            job.progress(done=counted["loved"], total=found.total, unit="loves")
            page = found.next
            if page is None:
                break
        async with self._db.write() as tx:
            await job.guard(tx)
            await rows.change(tx, account_id, {"loves_imported_at": utc_now(), "loves_result": counted})
            tx.changed("scrobble_account", account_id, user_id=account.user_id)
        return counted

    async def import_all_loves(self) -> int:
        """Every night: the accounts whose people want it; how many."""
        async with self._db.read() as conn:
            wanted = [row for row in await rows.active(conn) if Choices.of(row.choices).import_loves]
        for row in wanted:
            key, params = f"{IMPORT_LOVES}:{row.id}", {"account": row.id}
            await self._jobs.enqueue_now(IMPORT_LOVES, params, dedup_key=key, created_by=row.user_id)
        return len(wanted)

    async def _page(self, job: JobContext, account: Any, tongue: Tongue, page: int | None) -> Any:
        try:
            return await tongue.loved(page)
        except AuthFailed as fault:
            if not fault.reauth:
                raise
            async with self._db.write() as tx:
                await job.guard(tx)
                await self.needs_login(tx, account, "needs_login", str(fault.params.get("said", "")))
            return None
        except Fault as fault:
            job.retry_later(self._again_at(1, fault), WAITS, code=fault.code, account=account.id)

    async def _star(self, actor: Actor, account_id: int, loves: Sequence[Loved]) -> tuple[int, int]:
        """Star the tracks that are meant; how many were found, and how many stars are new."""
        wanted = [
            Wanted(
                love.title,
                (love.artist,) if love.artist else (),
                external_ids={"musicbrainz:recording": love.recording_mbid} if love.recording_mbid else {},
            )
            for love in loves
        ]
        found = await self.finding.find_for(actor, wanted) if wanted else []
        meant = [(one.track_id, love) for one, love in zip(found, loves, strict=True) if one is not None and one.sure]
        async with self._db.write() as tx:
            pending = await rows.pending_subjects(tx.conn, account_id)
            marks = [
                Mark("track", track_id, starred_at=love.at or utc_now())
                for track_id, love in meant
                if f"tr-{track_id}" not in pending
            ]
            fresh = await self.listening.import_marks(tx, actor, marks) if marks else 0
        return len(meant), fresh
