"""REST of duplicates: what is there more than once, which copy is better and why, and what a person says about it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Query, Response
from pydantic import BaseModel, Field

from segue.core.ids import format_id, parse_id
from segue.core.rest import Access, BadCursor, Body, CurrentActor, Limit, Page, Router, problems, service
from segue.library import items
from segue.library.duplicates import better
from segue.library.duplicates.service import DuplicateService, GroupView
from segue.library.schemas import ReasonItem, TrackItem
from segue.match import sentence

router = Router(tags=["duplicates"])
Duplicates = Annotated[DuplicateService, service(DuplicateService)]
Kind = Literal["copy", "appearance", "perhaps"]


class DuplicateItem(BaseModel):
    """A track of a group, and why it is one: compared with `compared_with`, with this score from 0 to 1."""

    track: TrackItem
    better: bool
    compared_with: str
    method: str
    score: float
    reasons: list[ReasonItem]


class DuplicateGroupItem(BaseModel):
    """Tracks that are one recording: `copy` on the same release, `appearance` on several, `perhaps` not surely one. The
    better copy comes first; `better_because` says by what it leads the next."""

    id: str
    kind: Kind
    found_at: datetime
    members: list[DuplicateItem]
    better_because: list[ReasonItem]


class DuplicatesAnswer(Page[DuplicateGroupItem]):
    counts: dict[str, int] = Field(description="How many groups of each kind there are.")


class MergeTracksAsk(Body):
    """`keep` stays; the `others` stand behind it."""

    keep: str
    others: list[str] = Field(min_length=1, max_length=1000)


class DismissAsk(Body):
    """Which tracks of the group are not the same as the rest; none: no two of them are."""

    tracks: list[str] = Field(default_factory=list, max_length=1000)


class PairItem(BaseModel):
    tracks: list[str]
    said_at: datetime
    said_by: str | None


class PairsAnswer(BaseModel):
    items: list[PairItem]


class FindAsk(Body):
    """`anew` looks at every track, not only at those that changed."""

    anew: bool = False


class FindingAnswer(BaseModel):
    job: str


class PartedAnswer(BaseModel):
    """`from` is the track it stood behind."""

    id: str
    parted_from: str


class TracksAnswer(BaseModel):
    items: list[TrackItem]


@router.get(
    "/duplicates", access=Access.signed_in, summary="What is there more than once", response_model=DuplicatesAnswer
)
async def list_duplicates(
    actor: CurrentActor,
    duplicates: Duplicates,
    kind: Annotated[list[Kind] | None, Query(description="Only groups of these kinds.")] = None,
    album: Annotated[str | None, Query(description="Only groups with a track of this album.")] = None,
    limit: Limit = 50,
    cursor: Annotated[str | None, Query(max_length=40)] = None,
) -> Any:
    """Groups, newest first. Nothing is merged or removed by itself."""
    if cursor is not None and not cursor.isdecimal():
        raise BadCursor
    page = await duplicates.page(
        actor,
        kinds=kind or (),
        album_id=parse_id(album, "al") if album else None,
        after=int(cursor) if cursor else None,
        limit=limit,
    )
    return {**items.page_of(page, _group), "counts": await duplicates.counts(actor)}


@router.post("/duplicates/find", access=Access.admin, status_code=202, summary="Look for duplicates now")
async def find_duplicates(actor: CurrentActor, duplicates: Duplicates, ask: FindAsk | None = None) -> FindingAnswer:
    """It happens by itself every night; the job says how far it is."""
    return FindingAnswer(job=format_id("jo", await duplicates.look_now(actor, anew=bool(ask and ask.anew))))


@router.get("/duplicates/dismissed", access=Access.admin, summary="What was said not to be the same")
async def list_dismissed(actor: CurrentActor, duplicates: Duplicates) -> PairsAnswer:
    """The newest 200 pairs."""
    return PairsAnswer(
        items=[
            PairItem(
                tracks=[format_id("tr", row.track_a), format_id("tr", row.track_b)],
                said_at=row.said_at,
                said_by=format_id("us", row.said_by) if row.said_by else None,
            )
            for row in await duplicates.refusals(actor)
        ]
    )


@router.delete(
    "/duplicates/dismissed/{first}/{second}",
    access=Access.admin,
    status_code=204,
    responses=problems(404),
    summary="Let two tracks be compared again",
)
async def take_back_dismissal(first: str, second: str, actor: CurrentActor, duplicates: Duplicates) -> Response:
    await duplicates.take_back(actor, parse_id(first, "tr"), parse_id(second, "tr"))
    return Response(status_code=204)


@router.get(
    "/duplicates/{id}",
    access=Access.signed_in,
    responses=problems(404),
    summary="One group of duplicates",
    response_model=DuplicateGroupItem,
)
async def get_duplicates(id: str, actor: CurrentActor, duplicates: Duplicates) -> Any:
    return _group(await duplicates.group(parse_id(id, "dg"), actor))


@router.post(
    "/duplicates/{id}/dismiss",
    access=Access.admin,
    status_code=204,
    responses=problems(404),
    summary="Say that they are not the same",
)
async def dismiss_duplicates(
    id: str, actor: CurrentActor, duplicates: Duplicates, ask: DismissAsk | None = None
) -> Response:
    tracks = [parse_id(track, "tr") for track in ask.tracks] if ask else []
    await duplicates.dismiss(actor, parse_id(id, "dg"), tracks)
    return Response(status_code=204)


@router.post(
    "/tracks/merge",
    access=Access.admin,
    status_code=204,
    responses=problems(404),
    summary="Make one track of several",
)
async def merge_tracks(actor: CurrentActor, duplicates: Duplicates, ask: MergeTracksAsk) -> Response:
    """Plays add up; stars, ratings and places in playlists go to the one that is kept. No file is touched, and the merged
    tracks can be parted again."""
    await duplicates.merge(actor, parse_id(ask.keep, "tr"), [parse_id(other, "tr") for other in ask.others])
    return Response(status_code=204)


@router.get(
    "/tracks/{id}/merged",
    access=Access.signed_in,
    responses=problems(404),
    summary="The tracks that were merged into this one",
    response_model=TracksAnswer,
)
async def list_merged(id: str, actor: CurrentActor, duplicates: Duplicates) -> Any:
    return {"items": [items.track_item(track) for track in await duplicates.behind(parse_id(id, "tr"), actor)]}


@router.post(
    "/tracks/{id}/part",
    access=Access.admin,
    responses=problems(404, 409),
    summary="Let a merged track stand by itself again",
)
async def part_track(id: str, actor: CurrentActor, duplicates: Duplicates) -> PartedAnswer:
    """What people did with the two stays with the one that was kept."""
    kept = await duplicates.part(actor, parse_id(id, "tr"))
    return PartedAnswer(id=id, parted_from=format_id("tr", kept))


def _group(group: GroupView) -> dict[str, Any]:
    return {
        "id": format_id("dg", group.id),
        "kind": group.kind,
        "found_at": group.found_at,
        "members": [
            {
                "track": items.track_item(member.track),
                "better": member.track.id == group.better.track_id,
                "compared_with": format_id("tr", member.other_id),
                "method": member.method,
                "score": member.score,
                "reasons": [
                    {"code": code, "params": params, "sentence": sentence(code, params)}
                    for code, params, _ in member.reasons
                ],
            }
            for member in group.members
        ],
        "better_because": [
            {"code": code, "params": params, "sentence": better.sentence(code, params)}
            for code, params in group.better.reasons
        ],
    }
