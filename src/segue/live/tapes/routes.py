"""REST of tapes at home: have a folder looked at, see what its tapes may be, accept or refuse."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Query, Response
from pydantic import BaseModel, Field

from segue.core.ids import format_id, format_id_or_none, parse_id
from segue.core.rest import (
    Access,
    BadCursor,
    Body,
    CurrentActor,
    Cursor,
    Limit,
    Router,
    json_response,
    problems,
    service,
)
from segue.live.tapes.service import TapeService

router = Router(prefix="/live/tapes", tags=["live"])
Tapes = Annotated[TapeService, service(TapeService)]
State = Literal["proposed", "accepted", "refused"]
MAY = Access.scope("edit")


class TapesLookBody(Body):
    """Where to look."""

    folder: str = Field(max_length=4000, description="A folder of this server, as a whole path.", examples=["/tapes"])


class TapesLookAnswer(BaseModel):
    """The job that looks."""

    job: str = Field(examples=["jo-7"])


class AcceptBody(Body):
    """What a tape is: the surest proposal without anything said, another one by its place, another concert, or an artist and a
    date of a concert that is not known here yet."""

    proposal: int | None = Field(None, ge=0, le=20, description="0: the surest.")
    concert: str | None = Field(None, examples=["co-12"])
    artist: str | None = Field(None, min_length=1, max_length=500)
    date: str | None = Field(None, max_length=10, examples=["1977-05-08"])


class TapeReasonItem(BaseModel):
    """Why: a code with its parameters."""

    code: str
    params: dict[str, Any]


class ProposalItem(BaseModel):
    """What a tape may be: a recording with the same audio, a concert that is known here, or a new one."""

    kind: Literal["recording", "concert", "new"]
    score: float = Field(description="How sure, 0 to 1.")
    artist: str
    date: str
    concert: str | None = Field(examples=["co-12"])
    recording: str | None = Field(description="The one with the same audio.", examples=["rec-81"])
    identifier: str | None
    reasons: list[TapeReasonItem]


class TapeFileItem(BaseModel):
    """One file of a tape, in the order in which they are played."""

    name: str
    size: int
    format: str
    title: str
    duration_ms: int | None
    audio_md5: str = Field(description="Of FLAC: what its header says of its audio; else empty.")
    md5: str = Field(description="Of the whole file, where it was read.")


class TapeItem(BaseModel):
    """A tape as lists show it."""

    id: str = Field(examples=["ta-4"])
    folder: str
    state: State
    artist: str
    date: str
    source_type: str
    files: int
    size_bytes: int
    duration_ms: int | None
    proposals: list[ProposalItem]
    problems: list[TapeReasonItem]
    recording: str | None = Field(description="What it became.", examples=["rec-99"])
    looked_at: datetime
    decided_at: datetime | None
    decided_by: str | None


class TapeDetails(TapeItem):
    """A tape with its files."""

    tracks: list[TapeFileItem]


class TapePage(BaseModel):
    """Tapes by folder."""

    items: list[TapeItem]
    next: str | None
    counts: dict[State, int]


@router.get(
    "",
    access=MAY,
    response_model=TapePage,
    responses=problems(403, 422),
    operation_id="live_tapes_list",
    summary="Tapes at home and what they may be",
)
async def tapes(
    actor: CurrentActor,
    service: Tapes,
    state: Annotated[list[State] | None, Query(description="Only these; `proposed` without it.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    after = None
    if cursor is not None:
        number, _, path = cursor.partition(".")
        if not (number.isascii() and number.isdigit() and len(number) < 19):
            raise BadCursor
        after = (path, int(number))
    rows, following, counts = await service.page(actor, state or ("proposed",), after=after, limit=limit)
    return json_response(
        {
            "items": [_item(row) for row in rows],
            "next": None if following is None else f"{following[1]}.{following[0]}",
            "counts": {name: counts.get(name, 0) for name in ("proposed", "accepted", "refused")},
        }
    )


@router.post(
    "",
    access=Access.admin,
    status_code=202,
    responses=problems(422),
    operation_id="live_tapes_look",
    summary="Look into a folder of tapes",
)
async def look(body: TapesLookBody, actor: CurrentActor, service: Tapes) -> TapesLookAnswer:
    """A job reads headers, tags, fingerprints and texts, in place; no file is changed. What it finds is listed as proposals."""
    ticket = await service.request(actor, body.folder)
    return TapesLookAnswer(job=format_id("jo", ticket.id))


@router.get(
    "/{id}",
    access=MAY,
    response_model=TapeDetails,
    responses=problems(403, 404),
    operation_id="live_tapes_get",
    summary="One tape with its files",
)
async def tape(id: str, actor: CurrentActor, service: Tapes) -> Response:
    return json_response(_details(await service.tape(actor, parse_id(id, "ta"))))


@router.post(
    "/{id}/accept",
    access=MAY,
    response_model=TapeDetails,
    responses=problems(403, 404, 409, 422),
    operation_id="live_tapes_accept",
    summary="Say what a tape is",
)
async def accept(id: str, actor: CurrentActor, service: Tapes, body: AcceptBody | None = None) -> Response:
    """For editors. It becomes a recording of that concert, grouped and ranked like the others; its files stay where they are."""
    said = body or AcceptBody(proposal=None, concert=None, artist=None, date=None)
    row = await service.accept(
        actor,
        parse_id(id, "ta"),
        proposal=said.proposal,
        concert=None if said.concert is None else parse_id(said.concert, "co"),
        artist=said.artist,
        date=said.date,
    )
    return json_response(_details(row))


@router.post(
    "/{id}/refuse",
    access=MAY,
    response_model=TapeDetails,
    responses=problems(403, 404, 409),
    operation_id="live_tapes_refuse",
    summary="Leave a tape alone",
)
async def refuse(id: str, actor: CurrentActor, service: Tapes) -> Response:
    return json_response(_details(await service.refuse(actor, parse_id(id, "ta"))))


@router.delete(
    "/{id}/decision",
    access=MAY,
    response_model=TapeDetails,
    responses=problems(403, 404),
    operation_id="live_tapes_undecide",
    summary="Take back what was said of a tape",
)
async def take_back(id: str, actor: CurrentActor, service: Tapes) -> Response:
    """The recording that it became goes; the files were never touched."""
    return json_response(_details(await service.take_back(actor, parse_id(id, "ta"))))


def _item(row: Any) -> dict[str, Any]:
    return {
        "id": format_id("ta", row.id),
        "folder": row.display_path,
        "state": row.state,
        "artist": row.artist,
        "date": row.date,
        "source_type": row.source_type,
        "files": row.file_count,
        "size_bytes": row.size_bytes,
        "duration_ms": row.duration_ms,
        "proposals": [proposal(one) for one in row.proposals],
        "problems": [{"code": code, "params": params} for code, params in row.problems or ()],
        "recording": format_id_or_none("rec", row.recording_id),
        "looked_at": row.looked_at,
        "decided_at": row.decided_at,
        "decided_by": format_id_or_none("us", row.decided_by),
    }


def _details(row: Any) -> dict[str, Any]:
    return {
        **_item(row),
        "tracks": [{name: value for name, value in file.items() if name != "path"} for file in row.files],
    }


def proposal(one: dict[str, Any]) -> dict[str, Any]:
    """A proposal as it is kept, for the outside."""
    return {
        "kind": one["kind"],
        "score": one["score"],
        "artist": one["artist"],
        "date": one["date"],
        "concert": format_id_or_none("co", one["concert"]),
        "recording": format_id_or_none("rec", one["recording"]),
        "identifier": one["identifier"],
        "reasons": [{"code": code, "params": params} for code, params in one["reasons"]],
    }
