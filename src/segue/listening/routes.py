"""REST of listening: stars, ratings, plays, the queue, the history."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Response
from pydantic import AwareDatetime, BaseModel, Field

from segue.core.clock import rfc3339
from segue.core.ids import TypedId, format_id, format_id_or_none, parse_id
from segue.core.rest import Access, BadCursor, Body, CurrentActor, Cursor, Limit, Router, problems, service
from segue.listening.service import ListeningService

router = Router(tags=["listening"])
Listening = Annotated[ListeningService, service(ListeningService)]


class RatingBody(Body):
    rating: int = Field(ge=0, le=5, description="1 to 5; 0 takes the rating away.")


class PlayBody(Body):
    track: str = Field(examples=["tr-81"])
    played_at: AwareDatetime | None = Field(None, description="When the play began; now where it is left out.")
    submission: bool = Field(True, description="True counts a play; false only says what is on right now.")
    client: str = Field("", max_length=200)
    duration_played_ms: int | None = Field(None, ge=0)
    position_ms: int = Field(0, ge=0)


class PlayAnswer(BaseModel):
    counted: bool


class PlayQueueBody(Body):
    tracks: list[str] = Field(max_length=10_000, examples=[["tr-81", "tr-82"]])
    current_index: int | None = Field(None, ge=0)
    position_ms: int = Field(0, ge=0)
    client: str = Field("", max_length=200)


class PlayQueueAnswer(BaseModel):
    tracks: list[str]
    current_index: int | None
    position_ms: int
    changed_at: str | None
    changed_by: str | None


@router.put("/stars/{id}", access=Access.signed_in, status_code=204, summary="Star a track, an album or an artist")
async def star(id: str, actor: CurrentActor, listening: Listening) -> Response:
    await listening.star(actor, [TypedId.parse(id)])
    return Response(status_code=204)


@router.delete("/stars/{id}", access=Access.signed_in, status_code=204, summary="Take a star away")
async def unstar(id: str, actor: CurrentActor, listening: Listening) -> Response:
    await listening.unstar(actor, [TypedId.parse(id)])
    return Response(status_code=204)


@router.put("/ratings/{id}", access=Access.signed_in, status_code=204, summary="Rate a track, an album or an artist")
async def rate(id: str, body: RatingBody, actor: CurrentActor, listening: Listening) -> Response:
    await listening.rate(actor, TypedId.parse(id), body.rating)
    return Response(status_code=204)


@router.post(
    "/plays",
    access=Access.signed_in,
    operation_id="plays_report",
    responses=problems(404),
    summary="Report a play, or what is on right now",
)
async def report_play(body: PlayBody, actor: CurrentActor, listening: Listening) -> PlayAnswer:
    track_id = parse_id(body.track, "tr")
    if not body.submission:
        await listening.now_playing(actor, track_id, client=body.client, position_ms=body.position_ms)
        return PlayAnswer(counted=False)
    counted = await listening.play(
        actor,
        track_id,
        played_at=body.played_at,
        client=body.client,
        duration_played_ms=body.duration_played_ms,
    )
    return PlayAnswer(counted=counted)


class PlayItem(BaseModel):
    id: str
    track_id: str | None
    title: str
    artist: str
    album: str
    duration_ms: int | None
    played_at: str
    zone_offset_minutes: int
    client: str


class PlayPage(BaseModel):
    items: list[PlayItem]
    next: str | None = None


@router.get("/plays", access=Access.signed_in, summary="Your own plays, newest first")
async def plays(actor: CurrentActor, listening: Listening, limit: Limit = 50, cursor: Cursor = None) -> PlayPage:
    rows = await listening.history(actor, before=_before(cursor), limit=limit + 1)
    items = [_play_item(row) for row in rows[:limit]]
    last = rows[limit - 1] if len(rows) > limit else None
    return PlayPage(items=items, next=f"{last.played_at.timestamp():.6f}.{last.id}" if last is not None else None)


@router.get("/queue", access=Access.signed_in, summary="Your queue, shared by your players")
async def queue(actor: CurrentActor, listening: Listening) -> PlayQueueAnswer:
    saved = await listening.queue(actor)
    if saved is None:
        return PlayQueueAnswer(tracks=[], current_index=None, position_ms=0, changed_at=None, changed_by=None)
    return PlayQueueAnswer(
        tracks=[format_id("tr", track_id) for track_id in saved.track_ids],
        current_index=saved.current,
        position_ms=saved.position_ms,
        changed_at=rfc3339(saved.changed_at),
        changed_by=saved.changed_by,
    )


@router.put("/queue", access=Access.signed_in, status_code=204, responses=problems(404), summary="Replace your queue")
async def save_queue(body: PlayQueueBody, actor: CurrentActor, listening: Listening) -> Response:
    tracks = [parse_id(track, "tr") for track in body.tracks]
    await listening.save_queue(
        actor, tracks, current=body.current_index, position_ms=body.position_ms, client=body.client
    )
    return Response(status_code=204)


def _before(cursor: str | None) -> tuple[datetime, int] | None:
    if cursor is None:
        return None
    try:
        stamp, _, number = cursor.rpartition(".")
        return datetime.fromtimestamp(float(stamp), UTC), int(number)
    except (ValueError, OverflowError, OSError):
        raise BadCursor from None


def _play_item(row: Any) -> PlayItem:
    return PlayItem(
        id=format_id("py", row.id),
        track_id=format_id_or_none("tr", row.track_id),
        title=row.title,
        artist=row.artist,
        album=row.album,
        duration_ms=row.duration_ms,
        played_at=rfc3339(row.played_at) or "",
        zone_offset_minutes=row.zone_offset_minutes,
        client=row.client,
    )
