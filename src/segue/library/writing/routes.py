"""REST of writing tags into files: ask, preview, what became of every file, undo."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, Field

from segue.core.ids import format_id, format_id_or_none, parse_id
from segue.core.rest import Access, BadCursor, Body, CurrentActor, Cursor, Limit, Page, Router, problems, service
from segue.library.edits.targets import Targets
from segue.library.writing.planning import Plan
from segue.library.writing.reasons import sentence
from segue.library.writing.service import BatchView, WritingService

router = Router(tags=["tag writing"])
Writing = Annotated[WritingService, service(WritingService)]
State = Literal["planned", "writing", "ready", "written", "undone", "failed", "unchanged"]


class TagWriteAsk(Body):
    """Which files: `targets` (tracks, albums, artists, files; of a library all edited ones), or the tracks that `filter`
    leaves. What is written is what was edited; `fields` narrows it, `artwork` adds the album's picture as cover."""

    targets: list[str] = Field([], max_length=10_000, description="Ids: tr-, al-, ar-, fi-, li-.")
    filter: dict[str, str | list[str]] | None = Field(
        None, description="Filters as the list of tracks takes them: {album: al-1, year: 1970..1979}."
    )
    fields: list[str] | None = Field(None, max_length=200, description="Picard's names: title, albumartist, genre …")
    artwork: bool = False
    measured: list[Literal["tempo", "key", "gains"]] = Field(
        [],
        max_length=3,
        description="What was measured and is to be written, too, where tracks show it: tempo, key, gains. Nothing unless "
        "asked; with `fields: []` only that.",
    )
    dry_run: bool = Field(False, description="Only say what would be written into the first 200 files.")


class TagChangeItem(BaseModel):
    """One field in a file; several values where it has several, none where it is taken out."""

    before: list[str]
    after: list[str]


class SaidItem(BaseModel):
    """Something that the format could not hold as it was wanted."""

    code: str
    field: str
    sentence: str | None


class TagWriteFileItem(BaseModel):
    """One file of an act. `code`, `params` and `reason` say why it was not written, where it was not."""

    id: str | None
    file: str
    path: str
    library: str | None
    state: State
    code: str | None
    params: dict[str, Any] | None
    reason: str | None
    changes: dict[str, TagChangeItem]
    artwork: str | None
    said: list[SaidItem]
    changed_at: datetime | None


class TagWriteItem(BaseModel):
    """An act of writing: `write`, or the `undo` of one. `counts` are its files by state."""

    id: str
    action: str
    cause: str = Field(description="asked: by a person; edit: it follows from edits in a library that writes tags.")
    undoes: str | None
    undone_by: str | None
    fields: list[str] | None
    artwork: bool
    measured: list[str] = Field([], description="What of the measured it was asked to write.")
    made_by: str | None
    made_at: datetime
    finished_at: datetime | None
    job: str | None
    total: int
    counts: dict[str, int]


class TagWriteAnswer(BaseModel):
    """`id` and `job` are null of a dry run, whose `files` say what would be written."""

    id: str | None
    job: str | None
    total: int
    files: list[TagWriteFileItem]


@router.post(
    "/tag-writes",
    access=Access.admin,
    status_code=202,
    responses=problems(404),
    operation_id="tag_writes_create",
    summary="Write edits into files",
)
async def start(actor: CurrentActor, writing: Writing, ask: TagWriteAsk) -> TagWriteAnswer:
    """Only in libraries whose option `write_tags` is on, and only what was edited, with what was `measured` where that is
    asked. The audio stays as it is, byte for byte;
    what stood in the files is kept, so that it can be undone."""
    tracks = None if ask.filter is None else Targets("track", None, _pairs(ask.filter))
    files = await writing.files_named(actor, ask.targets, tracks, measured=ask.measured)
    if ask.dry_run:
        preview = await writing.preview(files, fields=ask.fields, artwork=ask.artwork, measured=ask.measured)
        return TagWriteAnswer(id=None, job=None, total=preview.total, files=[_planned(plan) for plan in preview.plans])
    batch, job = await writing.request(
        files, fields=ask.fields, artwork=ask.artwork, measured=ask.measured, created_by=actor.user_id
    )
    return TagWriteAnswer(id=format_id("tw", batch), job=format_id("jo", job), total=len(files), files=[])


@router.get("/tag-writes", access=Access.admin, summary="What was written into files")
async def page(writing: Writing, limit: Limit = 50, cursor: Cursor = None) -> Page[TagWriteItem]:
    """Acts of writing, the newest first."""
    found, following = await writing.page(_number(cursor), limit)
    return Page(items=[_item(view) for view in found], next=None if following is None else str(following))


@router.get(
    "/tag-writes/{id}", access=Access.admin, responses=problems(404), summary="One act of writing, with its counts"
)
async def one(id: str, writing: Writing) -> TagWriteItem:
    """`finished_at` is null while it goes on."""
    return _item(await writing.batch(parse_id(id, "tw")))


@router.get(
    "/tag-writes/{id}/files",
    access=Access.admin,
    responses=problems(404),
    operation_id="tag_writes_files_list",
    summary="The files of an act of writing, with results and reasons",
)
async def files(
    actor: CurrentActor,
    id: str,
    writing: Writing,
    state: Annotated[State | None, Query(description="Only files that came to this.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[TagWriteFileItem]:
    """In the order of the work."""
    states = None if state is None else (state,)
    rows = await writing.writes(actor, parse_id(id, "tw"), states=states, after=_number(cursor) or 0, limit=limit + 1)
    following = str(rows[limit - 1].id) if len(rows) > limit else None
    return Page(items=[_file(row) for row in rows[:limit]], next=following)


@router.post(
    "/tag-writes/{id}/undo",
    access=Access.admin,
    status_code=202,
    responses=problems(404, 409),
    operation_id="tag_writes_undo",
    summary="Put back what stood in the files",
)
async def undo(actor: CurrentActor, id: str, writing: Writing) -> TagWriteAnswer:
    """Files that were changed by others since stay as they are, and say so. Edits in Segue are not undone by this."""
    batch, job = await writing.request_undo(parse_id(id, "tw"), actor.user_id)
    view = await writing.batch(batch)
    return TagWriteAnswer(id=format_id("tw", batch), job=format_id("jo", job), total=view.total, files=[])


def _pairs(given: dict[str, str | list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, value) for name, values in given.items() for value in ([values] if isinstance(values, str) else values)
    )


def _number(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 18:
        raise BadCursor
    return int(cursor)


def _item(view: BatchView) -> TagWriteItem:
    return TagWriteItem(
        id=format_id("tw", view.id),
        action=view.action,
        cause=view.cause,
        undoes=format_id_or_none("tw", view.undoes),
        undone_by=format_id_or_none("tw", view.undone_by),
        fields=view.fields,
        artwork=view.artwork,
        measured=view.measured,
        made_by=format_id_or_none("us", view.made_by),
        made_at=view.made_at,
        finished_at=view.finished_at,
        job=format_id_or_none("jo", view.job_id),
        total=view.total,
        counts=view.counts,
    )


def _changes(before: dict[str, list[str]], after: dict[str, list[str]]) -> dict[str, TagChangeItem]:
    return {field: TagChangeItem(before=before.get(field, []), after=values) for field, values in after.items()}


def _file(row: Any) -> TagWriteFileItem:
    said = [
        SaidItem(code=code, field=field, sentence=sentence(code, {"field": field})) for code, field in row.said or ()
    ]
    return TagWriteFileItem(
        id=str(row.id),
        file=format_id("fi", row.file_id),
        path=row.display_path,
        library=format_id("li", row.library_id),
        state=row.state,
        code=row.code,
        params=row.params,
        reason=sentence(row.code, row.params),
        changes=_changes(row.before or {}, row.changes or {}),
        artwork=format_id_or_none("aw", row.artwork_id),
        said=said,
        changed_at=row.changed_at,
    )


def _planned(plan: Plan) -> TagWriteFileItem:
    code, params = (plan.reason.code, plan.reason.params) if plan.reason else (None, None)
    state: State = "planned" if code is None else "unchanged" if code == "nothing_to_write" else "failed"
    return TagWriteFileItem(
        id=None,
        file=format_id("fi", plan.file_id),
        path=plan.path,
        library=format_id_or_none("li", plan.library_id),
        state=state,
        code=code,
        params=params,
        reason=sentence(code, params),
        changes=_changes(plan.before, plan.changes),
        artwork=format_id_or_none("aw", plan.artwork_id),
        said=[],
        changed_at=None,
    )
