"""REST of scans, of what libraries there are, and of pictures."""

from __future__ import annotations

import os
import re
from datetime import datetime
from typing import Annotated, Any

from fastapi import Header, Query, Request, Response
from pydantic import BaseModel, Field

from segue.core.clock import rfc3339
from segue.core.ids import format_id, parse_id
from segue.core.rest import Access, Body, CurrentActor, Router, matches, problems, service
from segue.library.artwork import Format, writes_avif
from segue.library.scan.service import ScanService
from segue.library.scan.steering import ScanSteering

router = Router(tags=["scan"])
Scans = Annotated[ScanService, service(ScanService)]
Steering = Annotated[ScanSteering, service(ScanSteering)]
_IS_FOLDER_ID = re.compile(r"fo-\d{1,19}")
FOREVER = "private, max-age=31536000, immutable"
"""A picture's id never comes to mean another picture, so a browser need not ask again."""


class ScanAnswer(BaseModel):
    """`count` is the tracks present. `scanning` is true from the acceptance of a request until its results can be seen."""

    scanning: bool
    count: int
    folders: int
    problems: int
    phase: str | None
    done: int | None
    total: int | None
    files_per_second: float | None
    eta_s: float | None
    started_at: str | None
    finished_at: str | None
    job: str | None
    paused: bool = Field(description="A scan is wanted and held back; `done` and `total` say how far it had come.")
    held: list[dict[str, Any]] = Field(
        description="Libraries that wait for a person since a scan of theirs was undone: {library, code, journal, by, at}."
    )
    stopped: dict[str, Any] | None = Field(description="Why the last scan of a library stopped itself, if it did.")


class ScanAsk(Body):
    """Without `library`, all are scanned. `full` reads every file again; `accept_missing` lets the mount guard pass."""

    library: str | None = None
    folder: str | None = Field(
        default=None,
        max_length=4096,
        description="All that is looked at: a folder's id, its full path on the server, or its path inside of `library`.",
        examples=["fo-12"],
    )
    full: bool = False
    accept_missing: bool = False


class JobsAnswer(BaseModel):
    """`job` is the first of `jobs`: there is one for each library."""

    job: str | None
    jobs: list[str]


class LibraryAsk(Body):
    name: str | None = Field(None, min_length=1, max_length=200)
    path: str = Field(min_length=1, max_length=4096)


class LibraryChange(Body):
    """`options` are changed one by one; null puts an option back to its default."""

    name: str | None = Field(None, min_length=1, max_length=200)
    path: str | None = Field(None, min_length=1, max_length=4096)
    options: dict[str, Any] | None = Field(None, examples=[{"guard_share": 0.2, "schedule": "30 3 * * *"}])


class LibraryMade(BaseModel):
    id: str


@router.get("/scan", access=Access.signed_in, summary="What is being scanned")
async def scan_status(actor: CurrentActor, scans: Scans) -> ScanAnswer:
    """How far the scan under way is, if there is one, and how much music there is."""
    now, totals = await scans.status(actor), await scans.totals(actor)
    return ScanAnswer(
        scanning=now.scanning,
        count=now.count,
        folders=totals.folders,
        problems=totals.problems,
        phase=now.phase,
        done=now.done,
        total=now.total,
        files_per_second=now.files_per_second,
        eta_s=now.eta_s,
        started_at=_time(now.started_at),
        finished_at=_time(now.finished_at),
        job=format_id("jo", now.job) if now.job else None,
        paused=now.paused,
        held=now.held if actor.is_admin else [],
        stopped=now.stopped if actor.is_admin else None,
    )


@router.post(
    "/scan",
    access=Access.admin,
    status_code=202,
    responses=problems(404),
    operation_id="scan_start",
    summary="Scan for new, changed and missing music",
)
async def start_scan(actor: CurrentActor, scans: Scans, steering: Steering, ask: ScanAsk | None = None) -> JobsAnswer:
    """Requests fold: one that comes while a scan runs is answered after it."""
    ask = ask or ScanAsk()
    library = parse_id(ask.library, "li") if ask.library else None
    folder: bytes | None = None
    if ask.folder is not None:
        if _IS_FOLDER_ID.fullmatch(ask.folder):
            library, folder = await steering.place_of(parse_id(ask.folder, "fo"))
        else:
            library, folder = await steering.place_at(os.fsencode(ask.folder), library)
    jobs = await scans.request(
        library, full=ask.full, folder=folder or None, accept_missing=ask.accept_missing, created_by=actor.user_id
    )
    return _jobs(jobs)


@router.post("/libraries", access=Access.admin, status_code=201, summary="Make a folder a library")
async def add_library(actor: CurrentActor, scans: Scans, ask: LibraryAsk) -> LibraryMade:
    """The folder must exist on the server; its scan begins at once."""
    return LibraryMade(id=format_id("li", await scans.add_library(ask.path, ask.name, created_by=actor.user_id)))


@router.patch(
    "/libraries/{id}", access=Access.admin, summary="Rename a library, say where its folder is now, choose its options"
)
async def change_library(id: str, scans: Scans, steering: Steering, ask: LibraryChange) -> LibraryMade:
    """With another path, the files are found again by where they are inside it, and nothing is lost."""
    if ask.options:
        await steering.change_options(parse_id(id, "li"), ask.options)
    await scans.change_library(parse_id(id, "li"), name=ask.name, path=ask.path)
    return LibraryMade(id=id)


@router.delete("/libraries/{id}", access=Access.admin, status_code=202, summary="Forget a library")
async def remove_library(
    actor: CurrentActor,
    scans: Scans,
    id: str,
    confirm: Annotated[str | None, Query(description="The library's name, to show that it is meant.")] = None,
) -> JobsAnswer:
    """The files stay where they are, and plays and playlists keep their words. 409 without `confirm`."""
    return _jobs([await scans.remove_library(parse_id(id, "li"), confirm, created_by=actor.user_id)])


@router.get(
    "/artwork/{id}",
    access=Access.signed_in,
    summary="A picture",
    response_class=Response,
    responses={200: {"content": {"image/webp": {}, "image/avif": {}, "image/jpeg": {}, "image/png": {}}}},
)
async def artwork(
    request: Request,
    actor: CurrentActor,
    scans: Scans,
    id: str,
    size: Annotated[int | None, Query(ge=64, le=2000, description="Longer side in pixels; as found without.")] = None,
    accept: Annotated[str, Header(include_in_schema=False)] = "*/*",
) -> Response:
    """AVIF or WebP where the client takes it, else JPEG. Sizes are rounded up to a few steps. Never changes: cache it."""
    picture = await scans.open_artwork(actor, parse_id(id, "aw"), size, best_format(accept))
    etag = f'"{picture.etag}"'
    headers = {"ETag": etag, "Cache-Control": FOREVER, "Vary": "Accept", "X-Content-Type-Options": "nosniff"}
    if matches(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    return Response(picture.data, media_type=picture.media_type, headers=headers)


def best_format(accept: str) -> Format:
    """AVIF for a client that says it takes it, where this Pillow can write it; WebP for one that takes that, or says nothing
    in particular; JPEG for the others."""
    wanted = accept.lower()
    if "image/avif" in wanted and writes_avif():
        return "avif"
    if "image/webp" in wanted or not ("image/jpeg" in wanted or "image/png" in wanted):
        return "webp"
    return "jpeg"


def _jobs(jobs: list[int]) -> JobsAnswer:
    ids = [format_id("jo", job) for job in jobs]
    return JobsAnswer(job=ids[0] if ids else None, jobs=ids)


def _time(moment: datetime | None) -> str | None:
    return rfc3339(moment)
