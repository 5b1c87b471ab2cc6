"""REST of steering scans: hold back, go on, give up; a library's options and how it stands; purging what is gone."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from segue.core.clock import rfc3339
from segue.core.ids import format_id, parse_id
from segue.core.rest import Access, Body, CurrentActor, Router, problems, service
from segue.library.options import LibraryOptions
from segue.library.scan import watching
from segue.library.scan.steering import LibraryState, ScanSteering

router = Router(tags=["scan"])
Steering = Annotated[ScanSteering, service(ScanSteering)]


class WhichLibrary(Body):
    """Without `library`, all of them."""

    library: str | None = Field(None, examples=["li-1"])


class LibrariesAnswer(BaseModel):
    """The libraries for which that changed something."""

    libraries: list[str] = Field(examples=[["li-1"]])


class CancelledAnswer(BaseModel):
    """The jobs that were given up, or asked to end at their next step."""

    jobs: list[str] = Field(examples=[["jo-7"]])


class WatchingAnswer(BaseModel):
    """How the folders of a library are watched."""

    code: str = Field(
        description="`watching`, or why not: `off`, `off_for_library`, `limit_reached`, `failed`, `absent`."
    )
    params: dict[str, Any]
    message: str = Field(description="The same as an English sentence.")


class LastScanAnswer(BaseModel):
    """What the last scan came to. `state` is done or stopped; a stopped one says why with `code`, `params` and `message`."""

    state: str
    code: str | None
    message: str | None
    params: dict[str, Any]
    started_at: str | None
    finished_at: str | None
    files_read: int
    missing: int = Field(description="Files it newly marked missing.")
    seconds: float
    unreadable: list[str] = Field(description="The first hundred folders it could not look into.")


class HeldAnswer(BaseModel):
    """Why a library is not scanned by itself: `journal` is the scan that was undone."""

    code: str
    journal: str
    by: str
    at: str
    sentence: str


class LibraryPageAnswer(BaseModel):
    """How a library stands, for administrators."""

    id: str
    name: str
    path: str
    track_count: int
    album_count: int
    file_count: int
    missing_count: int
    problem_count: int = Field(description="Files that are there and have a problem.")
    duration_ms: int
    size_bytes: int
    created_at: str
    options: LibraryOptions
    chosen: list[str] = Field(description="Names of the options that differ from their defaults.")
    last_scan: LastScanAnswer | None
    scan_wanted: bool = Field(description="A scan of it is wanted or under way.")
    paused_at: str | None = Field(description="Since when its scans are held back.")
    held: HeldAnswer | None = Field(description="Why it is not scanned by itself until somebody asks for it.")
    next_scan_at: str | None = Field(description="When it is scanned next by the clock.")
    next_full_scan_at: str | None
    watching: WatchingAnswer | None = Field(description="Null until a worker has said so.")


class PurgeAsk(Body):
    """`confirm` must be the library's name, unless `dry_run` only counts."""

    older_than_days: int = Field(0, ge=0, le=36_500, description="Only what is missing for at least so many days.")
    dry_run: bool = Field(False, description="Count, and forget nothing.")
    confirm: str | None = Field(None, max_length=200)


class PurgeAnswer(BaseModel):
    """What is forgotten, or would be. `job` is null for a dry run."""

    files: int
    tracks: int
    bytes: int
    job: str | None


@router.post(
    "/scan/pause", access=Access.admin, responses=problems(404), operation_id="scan_pause", summary="Hold scans back"
)
async def pause(steering: Steering, ask: WhichLibrary | None = None) -> LibrariesAnswer:
    """A scan under way ends at its next step and goes on from there when it is resumed, also after a restart."""
    return _libraries(await steering.pause(_library(ask)))


@router.post(
    "/scan/resume", access=Access.admin, responses=problems(404), operation_id="scan_resume", summary="Let scans go on"
)
async def resume(steering: Steering, ask: WhichLibrary | None = None) -> LibrariesAnswer:
    """What was held back goes on where it was; files that were read are not read again."""
    return _libraries(await steering.resume(_library(ask)))


@router.post(
    "/scan/cancel", access=Access.admin, responses=problems(404), operation_id="scan_cancel", summary="Give scans up"
)
async def cancel(steering: Steering, ask: WhichLibrary | None = None) -> CancelledAnswer:
    """What they have written stays. A pause ends with them."""
    return CancelledAnswer(jobs=[format_id("jo", job) for job in await steering.cancel(_library(ask))])


@router.get("/libraries/{id}", access=Access.admin, summary="How a library stands")
async def get_library(id: str, steering: Steering) -> LibraryPageAnswer:
    """Its options, its last scan and the next, whether it is held back, and how it is watched."""
    return _page(await steering.state(parse_id(id, "li")))


@router.post(
    "/libraries/{id}/purge",
    access=Access.admin,
    status_code=202,
    responses=problems(409),
    summary="Forget what is missing",
)
async def purge(id: str, actor: CurrentActor, steering: Steering, ask: PurgeAsk) -> PurgeAnswer:
    """Only files that are marked missing; plays and playlists keep their words. 409 without `confirm`."""
    found = await steering.purge(
        parse_id(id, "li"),
        older_than_days=ask.older_than_days,
        dry_run=ask.dry_run,
        confirm=ask.confirm,
        actor=actor,
    )
    job = None if found.job is None else format_id("jo", found.job)
    return PurgeAnswer(files=found.files, tracks=found.tracks, bytes=found.bytes, job=job)


def _library(ask: WhichLibrary | None) -> int | None:
    return parse_id(ask.library, "li") if ask is not None and ask.library is not None else None


def _libraries(numbers: list[int]) -> LibrariesAnswer:
    return LibrariesAnswer(libraries=[format_id("li", number) for number in numbers])


def _page(state: LibraryState) -> LibraryPageAnswer:
    row = state.row
    return LibraryPageAnswer(
        id=format_id("li", row.id),
        name=row.name,
        path=row.display_root,
        track_count=row.track_count,
        album_count=row.album_count,
        file_count=row.file_count,
        missing_count=row.missing_count,
        problem_count=state.problems,
        duration_ms=row.duration_ms,
        size_bytes=row.size_bytes,
        created_at=_time(row.created_at) or "",
        options=state.options,
        chosen=sorted(state.options.model_dump(exclude_defaults=True)),
        last_scan=_last_scan(row),
        scan_wanted=state.waiting,
        paused_at=_time(row.paused_at),
        held=_held(row.held),
        next_scan_at=_time(state.next_scan_at),
        next_full_scan_at=_time(state.next_full_scan_at),
        watching=_watching(row.watching),
    )


def _held(why: dict[str, Any] | None) -> HeldAnswer | None:
    if not why:
        return None
    sentence = f"A scan was undone by {why['by']}; it is scanned again when somebody asks for it."
    return HeldAnswer(code=why["code"], journal=why["journal"], by=why["by"], at=why["at"], sentence=sentence)


def _last_scan(row: Any) -> LastScanAnswer | None:
    result = row.scan_result
    if not result:
        return None
    return LastScanAnswer(
        state=result.get("state", "done"),
        code=result.get("code"),
        message=result.get("message"),
        params=result.get("params") or {},
        started_at=_time(row.scan_started_at),
        finished_at=_time(row.scan_finished_at),
        files_read=result.get("files_read", 0),
        missing=result.get("missing", 0),
        seconds=result.get("seconds", 0.0),
        unreadable=result.get("unreadable") or [],
    )


def _watching(state: dict[str, Any] | None) -> WatchingAnswer | None:
    if not state:
        return None
    code, params = str(state.get("code")), state.get("params") or {}
    return WatchingAnswer(code=code, params=params, message=watching.sentence(code, params))


def _time(moment: datetime | None) -> str | None:
    return rfc3339(moment)
