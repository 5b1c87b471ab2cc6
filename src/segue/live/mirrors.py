"""Which lists of the archive are kept here, and how they stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from segue.core.access import Actor
from segue.core.ids import format_id
from segue.jobs.service import Ticket
from segue.live import repository, repository_lists, repository_writes
from segue.live.archive.documents import Standing
from segue.live.errors import AlreadyMirrored, NoSuchThing
from segue.live.ground import LiveGround
from segue.live.mirror.taking_in import mark_all
from segue.live.views import MirrorView

MIRROR = "live.mirror"
REGROUP = "live.regroup"
WHOLE_EVERY = timedelta(days=30)
"""How often a list is read from its beginning, to see what changed or went; new items come daily."""


@dataclass(slots=True)
class Status:
    """What there is of live music, and how old it is."""

    totals: dict[str, int]
    doubts: dict[str, int]
    waiting: int
    mirrors: list[MirrorView]
    listed_at: datetime | None
    job: int | None
    archive: Standing


class Mirrors(LiveGround):
    """The verbs about mirrors."""

    async def mirrors(self) -> list[MirrorView]:
        async with self.db.read() as conn:
            return await repository_lists.mirrors(conn)

    async def add_mirror(self, actor: Actor, collection: str) -> tuple[MirrorView, Ticket]:
        """Keep the list of a collection from now on, and read it. Raises AlreadyMirrored."""
        async with self.db.write() as tx:
            number = await repository_writes.add_mirror(tx, collection)
            if number is None:
                raise AlreadyMirrored(collection)
            tx.changed("live_mirror", number)
            ticket = await self.jobs.enqueue(
                tx, MIRROR, {"mirror": number, "whole": True}, dedup_key=f"{MIRROR}:{number}", created_by=actor.user_id
            )
        async with self.db.read() as conn:
            (view,) = await repository_lists.mirrors(conn, [number])
        return view, ticket

    async def remove_mirror(self, actor: Actor, number: int) -> None:
        """Read a list no more. What it brought stays. Raises NoSuchThing."""
        await self._mirror(number)
        async with self.db.write() as tx:
            await repository_writes.change_mirror(tx, number, wanted=False)
            tx.changed("live_mirror", number, "delete")

    async def start_mirror(
        self, actor: Actor, number: int | None = None, *, whole: bool = False, anyway: bool = False
    ) -> Ticket:
        """Read a list now, or all. Raises NoSuchThing."""
        if number is not None:
            await self._mirror(number)
        key = MIRROR if number is None else f"{MIRROR}:{number}"
        params = {"mirror": number, "whole": whole, "anyway": anyway}
        return await self.jobs.enqueue_now(MIRROR, params, dedup_key=key, created_by=actor.user_id)

    async def rank_anew(self) -> None:
        """Have the recordings of every concert put in order again: what counts how much has changed."""
        async with self.db.write() as tx:
            await mark_all(tx)
            await self.jobs.enqueue(tx, REGROUP, dedup_key=REGROUP)

    async def status(self) -> Status:
        """What there is, and how old it is."""
        async with self.db.read() as conn:
            totals = await repository_lists.totals(conn)
            doubts = await repository_lists.count_doubts(conn)
            waiting = await repository_writes.waiting(conn)
            mirrors = await repository_lists.mirrors(conn)
            listed = await repository.listed_at(conn)
        jobs = [await self.jobs.latest(kind) for kind in (MIRROR, REGROUP)]
        running = next((one.id for one in jobs if one is not None and one.state in ("queued", "running")), None)
        shown = [one for one in mirrors if one.wanted]
        return Status(totals, doubts, waiting, shown, listed, running, await self.archive.standing())

    async def _mirror(self, number: int) -> MirrorView:
        async with self.db.read() as conn:
            for view in await repository_lists.mirrors(conn, [number]):
                if view.wanted:
                    return view
        raise NoSuchThing("mirror", format_id("lm", number))
