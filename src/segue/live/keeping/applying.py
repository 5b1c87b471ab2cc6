"""Doing what the plan of a rule says: details are asked for where the plan needs them, then each recording is wanted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import structlog

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.errors import NotFound, SegueError
from segue.jobs import JobContext
from segue.live.keeping import repository
from segue.live.keeping.planning import Plan, Step
from segue.live.keeping.service import KeepingService

log = structlog.get_logger("segue.live")
DETAILS_A_RUN = 300
"""Recordings whose details one run asks the archive for, one a second: what is left is looked at in the next."""
ROUNDS = 8
"""Times that a plan is made anew because details said something else than the list did."""
TOLD_PROBLEMS = 50


class People(Protocol):
    """Who acts when a person does."""

    async def actor_for(self, user: int) -> Actor: ...


Details = Callable[[int], Awaitable[Any]]
"""Sees to it that the tracks and files of a recording are known."""


class Applying:
    """Applies rules in their owners' names. `details` may be None: then rules go by what lists say."""

    def __init__(self, keeping: KeepingService, people: People, details: Details | None = None) -> None:
        self._keeping = keeping
        self._people = people
        self._details = details

    async def run(self, context: JobContext, rule: int | None, by: str) -> dict[str, Any]:
        """Apply one rule, or all that are enabled; counts by action."""
        async with self._keeping.db.read() as conn:
            numbers = [rule] if rule is not None else await repository.enabled(conn)
        total: dict[str, int] = {"rules": 0, "fetched": 0, "replaced": 0}
        context.progress(0, len(numbers), unit="rules")
        for number in numbers:
            context.check()
            done = await self._one(context, number, by)
            for name, count in done.items():
                total[name] += count
            context.advance()
        return total

    async def _one(self, context: JobContext, number: int, by: str) -> dict[str, int]:
        async with self._keeping.db.read() as conn:
            rule = await repository.get(conn, number)
        if rule is None:
            return {}
        try:
            actor = await self._people.actor_for(rule.owner_id)
        except NotFound:
            log.info("rule_without_owner", rule=number)
            return {}
        asked: set[int] = set()
        made = await self._keeping.planned(actor, rule, patient=True)
        for _ in range(ROUNDS):
            if not await self._learn(context, rule, made, asked):
                break
            made = await self._keeping.planned(actor, rule, patient=True)
        return await self._do(context, actor, rule, made, by)

    async def _learn(self, context: JobContext, rule: Any, plan: Plan, asked: set[int]) -> bool:
        """Ask for the details of what would be fetched, where the rule cares for something that only they say."""
        cares = rule.completeness is not None or rule.budget_bytes is not None or bool(rule.formats)
        if self._details is None or not cares:
            return False
        learnt = False
        for step in plan.steps:
            one = step.chosen
            if (
                step.action not in ("fetch", "replace", "no_room")
                or one is None
                or one.detailed
                or one.recording in asked
            ):
                continue
            if len(asked) >= DETAILS_A_RUN:
                break
            context.check()
            asked.add(one.recording)
            _, away = await self._details(one.recording)
            if away is not None:
                break
            learnt = True
        return learnt

    async def _do(self, context: JobContext, actor: Actor, rule: Any, plan: Plan, by: str) -> dict[str, int]:
        done = {"rules": 1, "fetched": 0, "replaced": 0}
        problems: list[dict[str, Any]] = []
        for step in plan.steps:
            if step.action not in ("fetch", "replace"):
                continue
            context.check()
            problem = await self._want(actor, rule, step)
            if problem is None:
                done["fetched" if step.action == "fetch" else "replaced"] += 1
            elif len(problems) < TOLD_PROBLEMS:
                problems.append(problem)
        summary = {
            **plan.counts, "asked": done["fetched"] + done["replaced"], "kept_bytes": plan.kept,
            "to_fetch_bytes": plan.to_fetch, "budget_bytes": plan.budget, "over_bytes": plan.over, "problems": problems,
        }  # fmt: skip
        now = utc_now()
        async with self._keeping.db.write() as tx:
            await repository.add_run(tx, {"rule_id": rule.id, "at": now, "by": by, "summary": summary})
            await repository.change(tx, rule, {"applied_at": now})
        return done

    async def _want(self, actor: Actor, rule: Any, step: Step) -> dict[str, Any] | None:
        """Want the recording of a step; what kept it from being wanted, or None."""
        one = step.chosen
        assert one is not None
        try:
            asked = await self._keeping.downloads.enqueue(
                actor, one.identifier, formats=list(rule.formats) or None, target=rule.target, rule_id=rule.id
            )
        except SegueError as error:
            return {"identifier": one.identifier, "code": error.code}
        if asked.row.rule_id != rule.id:
            return {"identifier": one.identifier, "code": "wanted_by_hand"}
        replaced = step.replaces.copy.download if step.replaces is not None and step.replaces.copy else None
        async with self._keeping.db.write() as tx:
            await repository.add_deed(
                tx,
                {
                    "rule_id": rule.id, "action": step.action, "concert_uid": step.night.uid, "recording_id": one.recording,
                    "identifier": one.identifier, "download_id": asked.row.id, "replaces_id": replaced, "bytes": one.bytes,
                    "reasons": [[code, params] for code, params in step.reasons], "at": utc_now(),
                },
            )  # fmt: skip
        return None
