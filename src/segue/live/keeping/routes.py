"""REST of keeping: what recordings lack, a night made whole, and rules with their plans, runs and history."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response

from segue.core.ids import format_id, parse_id
from segue.core.rest import (
    Access,
    BadCursor,
    CurrentActor,
    Cursor,
    Limit,
    Page,
    Router,
    json_response,
    problems,
    service,
)
from segue.live.keeping import schemas as s
from segue.live.keeping.planning import Plan
from segue.live.keeping.service import KeepingService
from segue.live.schemas import LiveNamedItem

router = Router(prefix="/live", tags=["live"])
Keeping = Annotated[KeepingService, service(KeepingService)]
Only = Annotated[list[s.Action] | None, Query(description="Only steps of these actions.")]


@router.get(
    "/concerts/{id}/completeness",
    access=Access.signed_in,
    response_model=s.CompletenessAnswer,
    operation_id="live_concerts_completeness",
    summary="What the recordings of a concert lack",
)
async def completeness(id: str, actor: CurrentActor, keeping: Keeping) -> Response:
    """For every recording the songs that it lacks or cuts, and which other recordings have them whole."""
    return json_response(s.completeness_of(await keeping.completeness(actor, parse_id(id, "co"))))


@router.get(
    "/concerts/{id}/composite",
    access=Access.signed_in,
    response_model=s.CompositeAnswer,
    operation_id="live_concerts_composite",
    summary="A whole night from several recordings",
)
async def composite(
    id: str,
    actor: CurrentActor,
    keeping: Keeping,
    here: Annotated[bool, Query(description="Only of tracks that are on this server.")] = False,
) -> Response:
    """Every song of the setlist as well as any recording has it, track by track, with the reason for each."""
    return json_response(s.night_of(await keeping.composite(actor, parse_id(id, "co"), only_here=here)))


@router.post(
    "/concerts/{id}/composite/playlist",
    access=Access.signed_in,
    status_code=201,
    responses=problems(404, 409, 422),
    operation_id="live_concerts_composite_playlist",
    summary="Make a playlist of a whole night",
)
async def composite_playlist(
    id: str, actor: CurrentActor, keeping: Keeping, body: s.PlaylistBody | None = None
) -> s.PlaylistAnswer:
    """Of the tracks that are on this server; 409 `nothing_here` where none is."""
    number, night = await keeping.composite_playlist(actor, parse_id(id, "co"), body.name if body else None)
    return s.PlaylistAnswer(
        playlist=format_id("pl", number),
        tracks=len([part for part in night.made.parts if part.piece.here is not None]),
        lacking=[LiveNamedItem(**s.song_of(moment)) for moment in night.made.lacking],
    )


@router.get(
    "/rules",
    access=Access.signed_in,
    response_model=Page[s.KeepRuleItem],
    operation_id="live_rules_list",
    summary="Rules of what is kept of concerts",
)
async def rules(
    actor: CurrentActor,
    keeping: Keeping,
    everybody: Annotated[bool, Query(description="Everybody's, for an administrator.")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    after = None
    if cursor is not None:
        number, _, name = cursor.partition(".")
        if not (number.isascii() and number.isdigit() and len(number) < 19):
            raise BadCursor
        after = (name, int(number))
    found, following = await keeping.rules(actor, everybody=everybody, after=after, limit=limit)
    return json_response(
        {
            "items": [s.rule_of(view) for view in found],
            "next": None if following is None else f"{following[1]}.{following[0]}",
            "total": None,
        }
    )


@router.post(
    "/rules",
    access=Access.signed_in,
    status_code=201,
    response_model=s.KeepRuleItem,
    operation_id="live_rules_create",
    summary="Make a rule",
)
async def create_rule(body: s.RuleBody, actor: CurrentActor, keeping: Keeping) -> Response:
    """Nothing is fetched yet: look at its plan first. An enabled rule is applied the next night."""
    return json_response(s.rule_of(await keeping.create(actor, body.model_dump())), status=201)


@router.post(
    "/rules/plan",
    access=Access.signed_in,
    response_model=s.PlanAnswer,
    operation_id="live_rules_try",
    summary="What a rule that is not there yet would do",
)
async def try_rule(
    body: s.RuleBody, actor: CurrentActor, keeping: Keeping, only: Only = None, limit: Limit = 50, cursor: Cursor = None
) -> Response:
    found = await keeping.plan_of(actor, body.model_dump())
    return await _plan(keeping, found, only, limit, cursor)


@router.get(
    "/rules/{id}",
    access=Access.signed_in,
    response_model=s.KeepRuleItem,
    operation_id="live_rules_get",
    summary="One rule",
)
async def rule(id: str, actor: CurrentActor, keeping: Keeping) -> Response:
    return json_response(s.rule_of(await keeping.rule(actor, parse_id(id, "lr"))))


@router.patch(
    "/rules/{id}",
    access=Access.signed_in,
    response_model=s.KeepRuleItem,
    operation_id="live_rules_change",
    summary="Change a rule",
)
async def change_rule(id: str, body: s.RuleChange, actor: CurrentActor, keeping: Keeping) -> Response:
    return json_response(s.rule_of(await keeping.change(actor, parse_id(id, "lr"), body.values())))


@router.delete(
    "/rules/{id}",
    access=Access.signed_in,
    status_code=204,
    operation_id="live_rules_delete",
    summary="Delete a rule",
)
async def delete_rule(id: str, actor: CurrentActor, keeping: Keeping) -> Response:
    """What it fetched stays."""
    await keeping.remove(actor, parse_id(id, "lr"))
    return Response(status_code=204)


@router.get(
    "/rules/{id}/plan",
    access=Access.signed_in,
    response_model=s.PlanAnswer,
    operation_id="live_rules_plan",
    summary="What a rule would do now",
)
async def rule_plan(
    id: str, actor: CurrentActor, keeping: Keeping, only: Only = None, limit: Limit = 50, cursor: Cursor = None
) -> Response:
    """Concert by concert, in the order in which the budget is spent. Nothing is done."""
    found = await keeping.plan(actor, parse_id(id, "lr"))
    return await _plan(keeping, found, only, limit, cursor)


@router.post(
    "/rules/{id}/apply",
    access=Access.signed_in,
    status_code=202,
    responses=problems(404),
    operation_id="live_rules_apply",
    summary="Do what a rule's plan says",
)
async def apply_rule(id: str, actor: CurrentActor, keeping: Keeping) -> s.ApplyAnswer:
    """A job asks the archive for details where the plan needs them, and then wants what is to be fetched."""
    ticket = await keeping.apply(actor, parse_id(id, "lr"))
    return s.ApplyAnswer(job=format_id("jo", ticket.id))


@router.get(
    "/rules/{id}/history",
    access=Access.signed_in,
    response_model=s.HistoryAnswer,
    operation_id="live_rules_history",
    summary="What a rule did",
)
async def rule_history(
    id: str, actor: CurrentActor, keeping: Keeping, limit: Limit = 50, cursor: Cursor = None
) -> Response:
    before = _number(cursor)
    deeds, runs, following = await keeping.history(actor, parse_id(id, "lr"), before=before, limit=limit)
    return json_response(
        {
            "items": [s.deed_of(row) for row in deeds],
            "next": None if following is None else str(following),
            "runs": [s.run_of(row) for row in runs],
        }
    )


async def _plan(
    keeping: KeepingService, found: Plan, only: list[s.Action] | None, limit: int, cursor: str | None
) -> Response:
    steps = [step for step in found.steps if only is None or step.action in only]
    start = _number(cursor) or 0
    following = str(start + limit) if start + limit < len(steps) else None
    shown = steps[start : start + limit]
    return json_response(s.plan_of(found, shown, await keeping.concerts_of(shown), following, len(steps)))


def _number(cursor: str | None) -> int | None:
    if cursor is not None and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
        raise BadCursor
    return None if cursor is None else int(cursor)
