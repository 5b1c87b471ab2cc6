"""REST of inboxes: what came in, what is to be said of it, where it would go; complete, approve, reject, undo."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, Field

from segue.core.ids import format_id, format_id_or_none, parse_id
from segue.core.path_templates import FIELDS, FILTERS, BadTemplate, PathTemplate
from segue.core.rest import Access, BadCursor, Body, CurrentActor, Cursor, Limit, Page, Router, problems, service
from segue.core.safe_names import NameRules
from segue.library.edits.overlay import track_values
from segue.library.inbox.checks import Check, sentence
from segue.library.inbox.service import InboxService, ItemPage

router = Router(tags=["inbox"])
Inboxes = Annotated[InboxService, service(InboxService)]
State = Literal["new", "checked", "approved", "moving", "moved", "rejected", "returning", "undone", "problem"]


class CheckItem(BaseModel):
    """Something to be said of an album. `stop` must be settled first, a `doubt` looked at; a `note` is good to know."""

    code: str
    severity: Literal["stop", "doubt", "note"]
    params: dict[str, Any]
    sentence: str | None


class InboxFolderItem(BaseModel):
    """The inbox of a library, as its option `inbox` has it. `problem` says why it cannot be used, if so."""

    library: str
    name: str
    path: str
    template: str
    example: str = Field(description="What the template makes of an example.")
    mode: str
    names: str
    taken: str
    auto: bool
    problem: CheckItem | None


class InboxItemItem(BaseModel):
    """An album in an inbox. Title and the rest are what its tags, with what was edited, say."""

    id: str
    library: str
    folder: str
    state: State
    code: str | None
    params: dict[str, Any] | None
    reason: str | None
    title: str | None
    artist: str | None
    year: str | None
    tracks: int
    files: int
    duration_ms: int
    size_bytes: int
    formats: list[str]
    artwork: bool
    sound: bool = Field(description="Nothing stands in the way, and nothing is doubtful.")
    checks: list[CheckItem]
    found_at: datetime
    changed_at: datetime
    decided_by: str | None
    job: str | None


class InboxFileItem(BaseModel):
    """A file of an album. `values` are what its fields say with what was edited, as GET /edits/fields names them; `target`
    is where it goes or went, relative to the library; `taken` the name that is another file's there."""

    id: str
    path: str
    kind: Literal["audio", "sidecar"]
    size_bytes: int
    format: str | None
    codec: str | None
    duration_ms: int | None
    bit_depth: int | None
    sample_rate_hz: int | None
    values: dict[str, Any] | None
    album_title: str | None
    album_artist: str | None
    edits: dict[str, Any]
    target: str | None
    taken: str | None
    state: str
    code: str | None
    reason: str | None


class InboxItemPage(InboxItemItem):
    """An album of an inbox with its files."""

    template: str
    own_template: bool = Field(description="The template is for this album alone.")
    edits: dict[str, Any] = Field(description="What was edited of the album, by field.")
    items: list[InboxFileItem]


class InboxList(Page[InboxItemItem]):
    """One page, and how many albums there are in each state."""

    counts: dict[str, int]


class InboxChange(Body):
    """What is completed. `album` and each of `tracks` replace what was edited of it before; {} takes it all back."""

    album: dict[str, Any] | None = Field(
        None, description="Fields of the album, by name; see GET /api/v1/edits/fields."
    )
    tracks: dict[str, dict[str, Any]] | None = Field(
        None, description="Fields of tracks, by the id of their file here."
    )
    template: str | None = Field(None, max_length=2000, description="A path template for this album alone.")
    usual_template: bool = Field(False, description="Go by the inbox's template again.")


class TemplateField(BaseModel):
    """A field of a path template; `default` stands where a file does not say it."""

    name: str
    meaning: str
    example: str
    default: str


class TemplateFilter(BaseModel):
    name: str
    meaning: str


class TemplateFields(BaseModel):
    fields: list[TemplateField]
    filters: list[TemplateFilter]


class TemplateProblem(BaseModel):
    """`position` counts characters from 0."""

    position: int
    message: str
    hint: str | None


class TemplatePreview(BaseModel):
    """`path` is relative to the library; `fields` are those that the template speaks of; or `problem` says what is wrong."""

    path: str | None
    fields: list[str]
    problem: TemplateProblem | None


class InboxLookAsk(Body):
    library: str | None = None


class InboxJobAnswer(BaseModel):
    """The job that does it; of a look there is one for each inbox."""

    job: str | None
    jobs: list[str]


@router.get("/inboxes", access=Access.admin, operation_id="inboxes_list", summary="The inboxes that there are")
async def inboxes(actor: CurrentActor, service: Inboxes) -> list[InboxFolderItem]:
    """Of libraries whose option `inbox` is set; PATCH /api/v1/libraries/{id} sets it."""
    return [
        InboxFolderItem(
            library=format_id("li", each.library_id),
            name=each.library,
            path=each.options.path,
            template=each.options.template,
            example=each.example,
            mode=each.options.mode,
            names=each.options.names,
            taken=each.options.taken,
            auto=each.options.auto,
            problem=_check(each.problem) if each.problem else None,
        )
        for each in await service.inboxes(actor)
    ]


@router.get(
    "/path-templates/fields",
    access=Access.signed_in,
    operation_id="path_templates_fields",
    summary="What path templates say",
)
async def template_fields() -> TemplateFields:
    """Every field and filter of a path template."""
    return TemplateFields(
        fields=[
            TemplateField(name=name, meaning=field.meaning, example=str(field.example or ""), default=field.default)
            for name, field in FIELDS.items()
        ],
        filters=[TemplateFilter(name=name, meaning=meaning) for name, (_, meaning) in FILTERS.items()],
    )


@router.get(
    "/path-templates/preview",
    access=Access.signed_in,
    operation_id="path_templates_preview",
    summary="What a path template makes of an example",
)
async def template_preview(
    template: Annotated[str, Query(max_length=2000)], names: Literal["any", "posix"] = "any"
) -> TemplatePreview:
    """For whoever writes one: a mistake is an answer too, with its place."""
    try:
        compiled = PathTemplate(template)
    except BadTemplate as error:
        problem = TemplateProblem(position=error.params["position"], message=error.message, hint=error.hint)
        return TemplatePreview(path=None, fields=[], problem=problem)
    return TemplatePreview(path=compiled.preview(NameRules(names)), fields=sorted(compiled.fields), problem=None)


@router.get("/inbox", access=Access.admin, operation_id="inbox_list", summary="Albums in inboxes")
async def items(
    actor: CurrentActor,
    service: Inboxes,
    library: Annotated[str | None, Query(description="Only this library's.")] = None,
    state: Annotated[list[State] | None, Query(description="Only in these states.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> InboxList:
    """The newest first."""
    if cursor is not None and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 18):
        raise BadCursor
    rows, counts = await service.page(
        actor,
        library_id=parse_id(library, "li") if library else None,
        states=state,
        before=int(cursor) if cursor else None,
        limit=limit + 1,
    )
    following = str(rows[limit - 1].id) if len(rows) > limit else None
    return InboxList(items=[InboxItemItem(**_item(row)) for row in rows[:limit]], next=following, counts=counts)


@router.post(
    "/inbox/look",
    access=Access.admin,
    status_code=202,
    operation_id="inbox_look",
    summary="Look for new albums in inboxes now",
)
async def look(actor: CurrentActor, service: Inboxes, ask: InboxLookAsk | None = None) -> InboxJobAnswer:
    """It happens every five minutes by itself."""
    library = parse_id(ask.library, "li") if ask and ask.library else None
    return _jobs(await service.request_look(library, actor.user_id))


@router.get(
    "/inbox/{id}",
    access=Access.admin,
    responses=problems(404),
    operation_id="inbox_get",
    summary="One album of an inbox",
)
async def item(actor: CurrentActor, id: str, service: Inboxes) -> InboxItemPage:
    """With its files, what they will say, and where they would go."""
    return _page(await service.item(actor, parse_id(id, "in")))


@router.patch(
    "/inbox/{id}",
    access=Access.admin,
    responses=problems(404, 409),
    operation_id="inbox_update",
    summary="Complete an album before it comes in",
)
async def change(actor: CurrentActor, id: str, service: Inboxes, ask: InboxChange) -> InboxItemPage:
    """What is edited here becomes edits of the tracks in the library; the files are not changed by it."""
    page = await service.change(
        actor,
        parse_id(id, "in"),
        album=ask.album,
        tracks=ask.tracks,
        template=ask.template,
        usual_template=ask.usual_template,
    )
    return _page(page)


@router.post(
    "/inbox/{id}/approve",
    access=Access.admin,
    status_code=202,
    responses=problems(404, 409),
    operation_id="inbox_approve",
    summary="Let an album into the library",
)
async def approve(actor: CurrentActor, id: str, service: Inboxes) -> InboxJobAnswer:
    """Its files are moved to their places; nothing is ever replaced. 409 where something must be settled first."""
    return _jobs([await service.approve(actor, parse_id(id, "in"))])


@router.post(
    "/inbox/{id}/reject",
    access=Access.admin,
    responses=problems(404, 409),
    operation_id="inbox_reject",
    summary="Leave an album where it is",
)
async def reject(actor: CurrentActor, id: str, service: Inboxes) -> InboxItemPage:
    """It is asked about again when something in its folder changes."""
    number = parse_id(id, "in")
    await service.reject(actor, number)
    return _page(await service.item(actor, number))


@router.post(
    "/inbox/{id}/undo",
    access=Access.admin,
    status_code=202,
    responses=problems(404, 409),
    operation_id="inbox_undo",
    summary="Put an album's files back into the inbox",
)
async def undo(actor: CurrentActor, id: str, service: Inboxes) -> InboxJobAnswer:
    """Files that were changed since stay where they are, and say so. Plays and stars are kept for when they come again."""
    return _jobs([await service.undo(actor, parse_id(id, "in"))])


@router.post(
    "/inbox/{id}/recheck",
    access=Access.admin,
    status_code=202,
    responses=problems(404, 409),
    operation_id="inbox_recheck",
    summary="Read an album of an inbox again",
)
async def recheck(actor: CurrentActor, id: str, service: Inboxes) -> InboxJobAnswer:
    """What was edited is kept."""
    return _jobs([await service.recheck(actor, parse_id(id, "in"))])


def _jobs(numbers: list[int]) -> InboxJobAnswer:
    ids = [format_id("jo", number) for number in numbers]
    return InboxJobAnswer(job=ids[0] if ids else None, jobs=ids)


def _check(check: Check) -> CheckItem:
    return CheckItem(
        code=check.code,
        severity=check.severity,  # type: ignore[arg-type]
        params=check.params,
        sentence=sentence(check.code, check.params),
    )


def _item(row: Any, checks: list[Check] | None = None) -> dict[str, Any]:
    found = checks if checks is not None else [Check(*each) for each in row.checks]
    summary = row.summary or {}
    return {
        "id": format_id("in", row.id),
        "library": format_id("li", row.library_id),
        "folder": row.display_folder,
        "state": row.state,
        "code": row.code,
        "params": row.params,
        "reason": sentence(row.code, row.params),
        "title": summary.get("title"),
        "artist": summary.get("artist"),
        "year": summary.get("year"),
        "tracks": summary.get("tracks", 0),
        "files": summary.get("files", 0),
        "duration_ms": summary.get("duration_ms", 0),
        "size_bytes": summary.get("size_bytes", 0),
        "formats": summary.get("formats", []),
        "artwork": summary.get("artwork", False),
        "sound": row.state != "new" and all(check.severity == "note" for check in found),
        "checks": [_check(check) for check in found],
        "found_at": row.found_at,
        "changed_at": row.changed_at,
        "decided_by": format_id_or_none("us", row.decided_by),
        "job": format_id_or_none("jo", row.job_id),
    }


def _page(page: ItemPage) -> InboxItemPage:
    edits = page.item.edits or {}
    return InboxItemPage(
        **_item(page.item, page.checks),
        template=page.template,
        own_template=page.item.template is not None,
        edits=edits.get("album", {}),
        items=[_file(page, row, edits.get("tracks", {})) for row in page.files],
    )


def _file(page: ItemPage, row: Any, edits: dict[str, Any]) -> InboxFileItem:
    facts = row.facts or {}
    tags, target = page.wanted.get(row.id), page.targets.get(row.id)
    return InboxFileItem(
        id=str(row.id),
        path=row.display_path,
        kind=row.kind,
        size_bytes=row.size_bytes,
        format=facts.get("format"),
        codec=facts.get("codec"),
        duration_ms=facts.get("duration_ms"),
        bit_depth=facts.get("bit_depth"),
        sample_rate_hz=facts.get("sample_rate_hz"),
        values=None if tags is None else track_values(tags, bytes(row.path)),
        album_title=tags.album if tags else None,
        album_artist=(tags.album_artist_display or tags.artist_display) if tags else None,
        edits=edits.get(str(row.id), {}),
        target=target.path if target else None,
        taken=target.taken if target else None,
        state=row.state,
        code=row.code,
        reason=sentence(row.code, row.params),
    )
