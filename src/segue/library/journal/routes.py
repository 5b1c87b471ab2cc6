"""REST of journals: what scans changed, and undoing the last one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Query, Response
from pydantic import BaseModel, Field

from segue.core.ids import format_id, format_id_or_none, parse_id
from segue.core.rest import Access, BadCursor, CurrentActor, Cursor, Limit, Page, Router, problems, service
from segue.library.journal.service import REASONS, JournalService, JournalView

router = Router(tags=["scan"])
Journals = Annotated[JournalService, service(JournalService)]


class JournalItem(BaseModel):
    """A scan that changed something. `counts` are added, changed, moved, came_back and missing files, and albums_added,
    split and merged. `undoable` is true of the last one, unless it was the library's first."""

    id: str
    library: str
    job: str | None
    requested_by: str | None = Field(description="The person who asked; null: a schedule, the watcher or a command.")
    full: bool
    state: str = Field(description="open, done, undoing or undone.")
    counts: dict[str, int]
    started_at: datetime
    finished_at: datetime | None
    duration_ms: int | None
    undone_at: datetime | None
    undo_job: str | None
    undoable: bool
    not_undoable_because: str | None


class UndoAnswer(BaseModel):
    """The job that takes the scan back."""

    job: str


@router.get("/scan/journals", access=Access.admin, operation_id="scan_journals_list", summary="What scans changed")
async def list_journals(
    actor: CurrentActor,
    journals: Journals,
    limit: Limit = 50,
    cursor: Cursor = None,
    library: Annotated[str | None, Query(description="Scans of this library alone.", examples=["li-1"])] = None,
) -> Page[JournalItem]:
    """The latest first. A scan that changed nothing is not listed."""
    if cursor is not None and not cursor.isdigit():
        raise BadCursor
    chosen = None if library is None else parse_id(library, "li")
    found, total = await journals.page(actor, int(cursor or 0), limit, library=chosen)
    following = str(found[-1].id) if len(found) == limit else None
    return Page(items=[_item(one) for one in found], next=following, total=total)


@router.post(
    "/scan/journals/{id}/undo",
    access=Access.admin,
    status_code=202,
    responses=problems(409),
    operation_id="scan_journals_undo",
    summary="Undo the last scan",
)
async def undo_scan(actor: CurrentActor, journals: Journals, id: str) -> UndoAnswer:
    """Rows are as they were before it; what it found is marked missing. The library is then not scanned by itself until
    somebody asks for a scan, or lets it go on."""
    return UndoAnswer(job=format_id("jo", await journals.undo(actor, parse_id(id, "sj"))))


@router.delete(
    "/libraries/{id}/hold",
    access=Access.admin,
    status_code=204,
    operation_id="libraries_go_on",
    summary="Let a library be scanned by itself again",
)
async def go_on(journals: Journals, id: str) -> Response:
    """After a scan of it was undone."""
    await journals.go_on(parse_id(id, "li"))
    return Response(status_code=204)


def _item(journal: JournalView) -> JournalItem:
    return JournalItem(
        id=format_id("sj", journal.id),
        library=format_id("li", journal.library),
        job=format_id_or_none("jo", journal.job),
        requested_by=format_id_or_none("us", journal.requested_by),
        full=journal.full,
        state=journal.state,
        counts=journal.counts,
        started_at=journal.started_at,
        finished_at=journal.finished_at,
        duration_ms=journal.duration_ms,
        undone_at=journal.undone_at,
        undo_job=format_id_or_none("jo", journal.undo_job),
        undoable=journal.why_not is None,
        not_undoable_because=None if journal.why_not is None else REASONS[journal.why_not],
    )
