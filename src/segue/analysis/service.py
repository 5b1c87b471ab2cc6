"""The one door to analysis: what is known of a track and who says so, have it listened to, say it better, take all of it away.

Listening itself is in `listening`, finding what there is to listen to in `finding`, reading in `reading`, correcting in
`saying`; what people ask for beyond the library is in `requests`.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from segue.analysis import repository, repository_reads
from segue.analysis.exporting import Exporting
from segue.analysis.finding import CURSOR, Finding
from segue.analysis.ground import AGAIN, FIND, PERSON, Ground
from segue.analysis.listening import Listening
from segue.analysis.refusals import AnalysisOff, NotHeardYet
from segue.analysis.requests.service import RequestService, RequestView
from segue.analysis.saying import Saying, may_say
from segue.core.access import Actor
from segue.core.changes import fact
from segue.core.clock import rfc3339
from segue.core.db import Transaction
from segue.core.ids import format_id
from segue.jobs import JobContext
from segue.library.edits.service import EditService

AGAIN_STEP = 500
AGAIN_PRIORITY = -10
"""Of what is listened to again: behind everything that nobody has heard yet."""


class AnalysisService(Saying, Exporting):
    """Everything one can do with analysis. `ground.on_heard` are called as (tx, sound, tracks) when something was heard."""

    def __init__(self, ground: Ground, edits: EditService) -> None:
        super().__init__(ground, edits)
        self.requests = RequestService(ground)

    @property
    def on_heard(self) -> list[Any]:
        return self.ground.on_heard

    # --- asking -------------------------------------------------------------------------------------------------------

    async def ask(self, actor: Actor, *, track_id: int | None = None, url: str | None = None) -> RequestView:
        """Have a track listened to before all others, or what is at an address. Raises NotInLibrary, BadAddress,
        TooManyRequests, AnalysisOff."""
        if track_id is not None:
            return await self.requests.track(actor, track_id)
        assert url is not None
        return await self.requests.url(actor, url)

    async def again(self, actor: Actor, track_id: int) -> int:
        """Listen to a track again, before all others; what was heard is shown until then. The job that does it.

        Raises MayNotSay, NotInLibrary, NotHeardYet, AnalysisOff."""
        track = await self.ground.library.track(track_id, actor)
        may_say(actor)
        self._check_on()
        async with self.ground.db.write() as tx:
            await repository.turn(tx)
            sound = (await repository.sounds_of(tx.conn, [track.id])).get(track.id)
            if sound is None:
                raise NotHeardYet(track.id, "none")
            await repository_reads.do_again(tx, [sound.id], PERSON, self.ground.now())
            tx.changed("analysis", format_id("tr", track.id), library_id=track.library_id)
            return await self.ground.ask_to_listen(tx, wake=True)

    async def again_many(
        self, actor: Actor, *, outdated: bool = False, failed: bool = False, code: str | None = None
    ) -> int:
        """Listen again to what an older version heard (`outdated`), to what `failed` (for `code`), or to everything, in the
        background; the job that sees to it. Raises AnalysisOff."""
        self._check_on()
        params = {"outdated": outdated, "failed": failed, "code": code}
        ticket = await self.ground.jobs.enqueue_now(
            AGAIN, params, dedup_key=f"{AGAIN}.{params}", created_by=actor.user_id
        )
        return ticket.id

    async def look_now(self, actor: Actor, *, anew: bool = False) -> int:
        """Look for what is new among what changed, or (`anew`) among everything; the job that does it. Raises AnalysisOff."""
        self._check_on()
        key = f"{FIND}.anew" if anew else FIND
        return (await self.ground.jobs.enqueue_now(FIND, {"anew": anew}, dedup_key=key, created_by=actor.user_id)).id

    # --- the jobs -----------------------------------------------------------------------------------------------------

    async def find(self, job: JobContext, *, anew: bool = False) -> dict[str, Any]:
        """What the job `analysis.find` does."""
        found = await Finding(self.ground, job).run(anew=anew)
        return {**found, "forgotten": await self.requests.tidy(job)}

    async def listen(self, job: JobContext) -> dict[str, Any]:
        """What the job `analysis.listen` does."""
        return await Listening(self.ground, job).run()

    async def mark_again(
        self, job: JobContext, *, outdated: bool = False, failed: bool = False, code: str | None = None
    ) -> dict[str, Any]:
        """What the job `analysis.again` does: put sounds back in line, in steps, and see to it that somebody listens."""
        after, count = int(job.checkpoint.get("after", 0)), int(job.checkpoint.get("count", 0))
        engine = self.ground.engine(self.ground.pool())
        other_than = (engine.name, engine.version) if outdated else None
        while True:
            job.check()
            async with self.ground.db.read() as conn:
                ids = await repository_reads.to_do_again(
                    conn, after, AGAIN_STEP, failed=failed, code=code, other_than=other_than
                )
            if not ids:
                return {"sounds": count}
            after, count = ids[-1], count + len(ids)
            async with self.ground.db.write() as tx:
                await repository.turn(tx)
                await job.guard(tx)
                await repository_reads.do_again(tx, ids, AGAIN_PRIORITY, self.ground.now())
                await self.ground.ask_to_listen(tx)
                await job.save({"after": after, "count": count}, tx=tx)
            job.progress(count, unit="sounds", phase="mark")

    # --- what others tell ---------------------------------------------------------------------------------------------

    async def check(self) -> None:
        """See to it that a library which was there before is listened to. Called at the start, and when it is turned on."""
        if not self.ground.chosen.enabled:
            return
        async with self.ground.db.read() as conn:
            if await fact(conn, CURSOR) is not None:
                return
        await self.ground.jobs.enqueue_now(FIND, {}, dedup_key=FIND, priority=-10)

    async def turned_on(self) -> None:
        """Look for what came while nobody listened."""
        if self.ground.chosen.enabled:
            await self.ground.jobs.enqueue_now(FIND, {}, dedup_key=FIND, priority=-10)

    async def after_scan(self) -> None:
        """Look among what a scan changed; there is nothing to do where it changed nothing."""
        await self.turned_on()

    async def after_edit(
        self, tx: Transaction, tracks: Collection[int], _albums: Collection[int], _user: int | None
    ) -> None:
        """Called in the transaction of an edit of tracks or albums: what is known besides may be other than it was."""
        if self.ground.chosen.enabled and tracks:
            await self.ground.jobs.enqueue(tx, FIND, {}, dedup_key=FIND, priority=-10)

    async def on_user_erased(self, tx: Transaction, user_id: int) -> None:
        """Called inside the transaction that erases a person: their requests go; what they said of beats holds on, and
        nobody knows whose word it was."""
        await self.requests.on_user_erased(tx, user_id)
        await repository_reads.forget_speaker(tx, user_id)

    async def on_export(self, user_id: int) -> dict[str, Any]:
        """What is kept of a person here, as JSON: their requests, and what they said of beats."""
        async with self.ground.db.read() as conn:
            said = await repository_reads.words_by(conn, user_id)
        return {
            "requests": await self.requests.of_person(user_id),
            "words": [
                {
                    "track": format_id("tr", row.track_id), "field": row.field, "value": row.value.get("is"),
                    "said_at": rfc3339(row.said_at),
                }
                for row in said
            ],
        }  # fmt: skip

    def _check_on(self) -> None:
        if not self.ground.chosen.enabled:
            raise AnalysisOff
