"""REST of downloads: want, follow, pause, reorder, cancel, remove, try again, look."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from segue.core.errors import SegueError
from segue.core.ids import format_id, parse_id
from segue.core.rest import Access, BadCursor, CurrentActor, Cursor, Limit, Page, Router, problems, service
from segue.live.downloads import states
from segue.live.downloads.schemas import (
    DownloadBody,
    DownloadChange,
    DownloadDetails,
    DownloadItem,
    DownloadSettingsItem,
    QuotaItem,
    RefusedItem,
    State,
    VerifyAnswer,
    VerifyBody,
    WantedAnswer,
    WantedItem,
)
from segue.live.downloads.service import DownloadService

router = Router(prefix="/live/downloads", tags=["live"])
Downloads = Annotated[DownloadService, service(DownloadService)]


@router.get("", access=Access.signed_in, operation_id="live_downloads_list", summary="Downloads and their history")
async def downloads(
    actor: CurrentActor,
    service: Downloads,
    status: Annotated[list[State] | None, Query(description="Only those in these states.")] = None,
    active: Annotated[
        bool | None, Query(description="Only those that have not ended, or only those that have.")
    ] = None,
    archive_identifier: Annotated[str | None, Query(description="Only those of this item.", max_length=300)] = None,
    recording: Annotated[str | None, Query(description="Only those of this recording.")] = None,
    everybody: Annotated[bool, Query(description="Everybody's, for an administrator.")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[DownloadItem]:
    """One's own, the newest first. What ended stays as history, also once its files were taken away."""
    if cursor is not None and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
        raise BadCursor
    wanted: tuple[str, ...] = tuple(status or ())
    if active is not None:
        side = states.ACTIVE if active else states.ENDED
        wanted = tuple(state for state in side if not wanted or state in wanted) or ("none",)
    rows, total = await service.page(
        actor, wanted=wanted, identifier=archive_identifier, everybody=everybody, limit=limit,
        recording=None if recording is None else parse_id(recording, "rec"),
        before=int(cursor) if cursor else None,
    )  # fmt: skip
    following = str(rows[-1].id) if len(rows) == limit else None
    return Page(items=[DownloadItem.of(row) for row in rows], next=following, total=total)


@router.post(
    "",
    access=Access.signed_in,
    status_code=202,
    operation_id="live_downloads_add",
    responses=problems(409, 503),
    summary="Download recordings",
)
async def add(body: DownloadBody, actor: CurrentActor, service: Downloads) -> WantedAnswer:
    """One recording, one file of it (`archive_identifier`, `filename`), or several as `items`. What one wants already or has
    is not wanted twice. A single one that may not be downloaded is refused (409); of several the others go ahead."""
    wanted: list[WantedItem] = [body] if body.items is None else body.items
    found: list[DownloadItem] = []
    refused: list[RefusedItem] = []
    created = 0
    for one in wanted:
        named: int | str = parse_id(one.recording, "rec") if one.recording else str(one.archive_identifier)
        try:
            asked = await service.enqueue(actor, named, files=one.files, formats=body.formats, target=body.target)
        except SegueError as error:
            if body.items is None:
                raise
            refused.append(
                RefusedItem(
                    recording=one.recording,
                    archive_identifier=one.archive_identifier,
                    code=error.code,
                    message=error.message,
                )
            )
            continue
        created += asked.created
        found.append(DownloadItem.of(asked.row))
    return WantedAnswer(items=found, created=created, refused=refused)


@router.get(
    "/settings", access=Access.signed_in, operation_id="live_downloads_settings", summary="What holds for downloads"
)
async def settings(actor: CurrentActor, service: Downloads) -> DownloadSettingsItem:
    """The house's formats, limits and hours, and how much room one has."""
    chosen, live = service.chosen, service.live
    quota = await service.quota(actor)
    return DownloadSettingsItem(
        formats=list(chosen.formats),
        template=chosen.template,
        parallel=live.parallel_downloads,
        kib_s=chosen.kib_s,
        quiet_hours=chosen.quiet_hours,
        free_gb=chosen.free_gb,
        library=live.library,
        quota=QuotaItem(
            used_bytes=quota.used, limit_bytes=quota.limit, free_bytes=quota.free, reserved_bytes=quota.reserved
        ),
        files=await service.receipt_counts(),
    )


@router.post(
    "/verify",
    access=Access.admin,
    status_code=202,
    operation_id="live_downloads_verify_all",
    summary="Look whether everything that was downloaded is as it was",
)
async def verify_all(actor: CurrentActor, service: Downloads, body: VerifyBody | None = None) -> VerifyAnswer:
    """Size and time of every file; what differs is read, and what is damaged is fetched again, alone."""
    body = body or VerifyBody.model_validate({})
    job = await service.request_verify(actor, None, deep=body.deep, repair=body.repair)
    return VerifyAnswer(job=format_id("jo", job))


@router.get("/{id}", access=Access.signed_in, operation_id="live_downloads_get", summary="One download with its files")
async def one(id: str, actor: CurrentActor, service: Downloads) -> DownloadDetails:
    return DownloadDetails.with_files(*await service.files(actor, parse_id(id, "dl")))


@router.patch(
    "/{id}",
    access=Access.signed_in,
    operation_id="live_downloads_change",
    responses=problems(409),
    summary="Pause, go on, or move in the queue",
)
async def change(id: str, body: DownloadChange, actor: CurrentActor, service: Downloads) -> DownloadItem:
    """What came of a paused download stays, and it goes on from there."""
    number = parse_id(id, "dl")
    if body.paused is not None:
        await (service.pause if body.paused else service.resume)(actor, number)
    if body.position is not None:
        await service.reorder(actor, number, body.position)
    return DownloadItem.of(await service.get(actor, number))


@router.delete(
    "/{id}",
    access=Access.signed_in,
    operation_id="live_downloads_delete",
    summary="Cancel a download, or take its files away",
)
async def remove(
    id: str,
    actor: CurrentActor,
    service: Downloads,
    keep_files: Annotated[bool, Query(description="Leave the files that are whole.")] = False,
) -> DownloadItem:
    """One that has not ended stops within a moment. One that has loses its files, except those that another download has;
    it stays as history."""
    return DownloadItem.of(await service.remove(actor, parse_id(id, "dl"), keep_files=keep_files))


@router.post(
    "/{id}/retry",
    access=Access.signed_in,
    status_code=202,
    operation_id="live_downloads_retry",
    responses=problems(409),
    summary="Try again what failed",
)
async def retry(id: str, actor: CurrentActor, service: Downloads) -> DownloadItem:
    """What is here already is not fetched again; one whose files were taken away is planned anew."""
    return DownloadItem.of(await service.retry(actor, parse_id(id, "dl")))


@router.post(
    "/{id}/verify",
    access=Access.signed_in,
    status_code=202,
    operation_id="live_downloads_verify",
    summary="Look whether its files are as they were",
)
async def verify(id: str, actor: CurrentActor, service: Downloads, body: VerifyBody | None = None) -> VerifyAnswer:
    """As for all, of one download."""
    body = body or VerifyBody.model_validate({})
    job = await service.request_verify(actor, parse_id(id, "dl"), deep=body.deep, repair=body.repair)
    return VerifyAnswer(job=format_id("jo", job))
