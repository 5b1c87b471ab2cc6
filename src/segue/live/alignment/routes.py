"""REST of alignments: changing the source in the middle of a song."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field

from segue.core.ids import format_id, format_id_or_none, parse_id
from segue.core.rest import Access, Body, CurrentActor, Router, json_response, problems, service
from segue.live.alignment.service import AlignmentService, Found

router = Router(prefix="/live/alignments", tags=["live"])
Alignments = Annotated[AlignmentService, service(AlignmentService)]
From = Annotated[str, Query(alias="from", description="The track that is playing.", examples=["lt-12"])]
To = Annotated[str, Query(description="The track of another recording.", examples=["lt-345"])]


class AlignBody(Body):
    """Two tracks of recordings, both on this server."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    first: str = Field(alias="from", description="The track that is playing.", examples=["lt-12"])
    to: str = Field(description="The track of another recording.", examples=["lt-345"])


class StretchItem(BaseModel):
    """A part of the first track in which one offset holds."""

    start_ms: int
    end_ms: int
    offset_ms: float


class AlignmentItem(BaseModel):
    """Where one track is in another: `position in to = offset_ms + ratio · position in from`, each stretch with its offset."""

    first: str = Field(alias="from", examples=["lt-12"])
    to: str = Field(examples=["lt-345"])
    state: Literal["none", "working", "aligned", "apart", "failed"] = Field(
        description="`none`: nobody asked yet; `working`: a job listens; `apart`: they do not agree, so nothing is claimed; "
        "`failed`: see `reason`."
    )
    score: float | None = Field(description="The share of pieces of the song that agree, 0 to 1.")
    offset_ms: float | None = Field(description="Of the longest stretch.")
    ratio: float | None = Field(description="How far time goes in `to` while it goes by one in `from`.")
    stretches: list[StretchItem] = Field(description="More than one where a part is missing from one of them.")
    reason: str | None = Field(description="What kept it from being found: no_sound, deadline_exceeded …")
    job: str | None = Field(description="The job that finds out.", examples=["jo-7"])


class AlignedOtherItem(BaseModel):
    """A track of another recording that plays the same song."""

    track: str = Field(examples=["lt-345"])
    library_track: str | None = Field(description="Where it is on this server.", examples=["tr-81"])
    recording: str = Field(examples=["rec-81"])
    source_type: str
    rank: int = Field(description="The recording's place among those of the concert.")
    number: int = Field(description="Its number in that recording.")
    title: str
    duration_ms: int | None
    state: Literal["none", "aligned", "apart", "failed"] = Field(description="What is known about switching to it.")
    score: float | None


class AlignedOthersAnswer(BaseModel):
    """Where else a song can be heard."""

    first: str = Field(alias="from", examples=["lt-12"])
    items: list[AlignedOtherItem]


class AlignedPlaceAnswer(BaseModel):
    """Where to go on. `position_ms` is null where the other recording lacks this moment."""

    first: str = Field(alias="from", examples=["lt-12"])
    to: str = Field(examples=["lt-345"])
    from_position_ms: int
    position_ms: int | None
    ratio: float


@router.post(
    "",
    access=Access.signed_in,
    response_model=AlignmentItem,
    responses={202: {"model": AlignmentItem, "description": "A job finds out."}, **problems(404, 409, 422)},
    operation_id="live_alignments_request",
    summary="Line up two recordings of a song",
)
async def align(body: AlignBody, actor: CurrentActor, alignments: Alignments) -> Response:
    """Answers at once with what is known, and with 202 and a job where the two have to be listened to first."""
    found = await alignments.request(actor, parse_id(body.first, "lt"), parse_id(body.to, "lt"))
    return json_response(_item(found), status=202 if found.state == "working" else 200)


@router.get(
    "",
    access=Access.signed_in,
    response_model=AlignmentItem,
    responses=problems(404, 422),
    operation_id="live_alignments_get",
    summary="What is known about two recordings of a song",
)
async def alignment(first: From, to: To, actor: CurrentActor, alignments: Alignments) -> Response:
    return json_response(_item(await alignments.found(actor, parse_id(first, "lt"), parse_id(to, "lt"))))


@router.get(
    "/others",
    access=Access.signed_in,
    response_model=AlignedOthersAnswer,
    responses=problems(404, 422),
    operation_id="live_alignments_others",
    summary="Where else a song of this night can be heard",
)
async def others(first: From, actor: CurrentActor, alignments: Alignments) -> Response:
    """Tracks of the other recordings of the concert that play the same song, best recording first; a song that was played twice
    is the same time of it."""
    number = parse_id(first, "lt")
    items = [
        {
            "track": format_id("lt", one.track.track.id),
            "library_track": format_id_or_none("tr", one.track.track.track_id) if one.here else None,
            "recording": format_id("rec", one.track.track.recording_id),
            "source_type": one.track.source_type,
            "rank": one.track.rank,
            "number": one.track.number,
            "title": one.track.track.title,
            "duration_ms": one.track.track.duration_ms,
            "state": one.state,
            "score": one.score,
        }
        for one in await alignments.others(actor, number)
    ]
    return json_response({"from": format_id("lt", number), "items": items})


@router.get(
    "/position",
    access=Access.signed_in,
    response_model=AlignedPlaceAnswer,
    responses=problems(404, 422),
    operation_id="live_alignments_position",
    summary="Where another recording is at a moment of this one",
)
async def place(
    first: From,
    to: To,
    position_ms: Annotated[int, Query(ge=0, le=86_400_000, description="Where `from` is.")],
    actor: CurrentActor,
    alignments: Alignments,
) -> Response:
    """For a player that changes the source: 404 `not_aligned` where nothing is known or claimed."""
    one, other = parse_id(first, "lt"), parse_id(to, "lt")
    found, at = await alignments.place(actor, one, other, position_ms)
    ends = {"from": format_id("lt", one), "to": format_id("lt", other)}
    return json_response({**ends, "from_position_ms": position_ms, "position_ms": at, "ratio": found.ratio})


def _item(found: Found) -> dict[str, Any]:
    said = found.alignment
    return {
        "from": format_id("lt", found.first.id),
        "to": format_id("lt", found.second.id),
        "state": found.state,
        "score": found.score,
        "offset_ms": None if said is None else round(said.offset_ms, 1),
        "ratio": None if said is None else round(said.ratio, 6),
        "stretches": []
        if said is None
        else [
            {"start_ms": one.start_ms, "end_ms": one.end_ms, "offset_ms": round(one.offset_ms, 1)}
            for one in said.stretches
        ],
        "reason": found.reason,
        "job": format_id_or_none("jo", found.job),
    }
