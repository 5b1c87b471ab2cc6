"""REST of editing: fields of one thing, of many, what is edited, undo; artists merged and split."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import Header, Response
from pydantic import BaseModel, Field

from segue.core.errors import FieldProblem, Invalid
from segue.core.ids import MAX_ROW_ID, TypedId, format_id, format_id_or_none, parse_id
from segue.core.rest import (
    Access,
    BadCursor,
    Body,
    CurrentActor,
    Cursor,
    Limit,
    Page,
    Router,
    json_response,
    problems,
    service,
)
from segue.library.edits.errors import BadEdit
from segue.library.edits.fields import FIELDS, PREFIXES, WHO
from segue.library.edits.service import EditService
from segue.library.edits.targets import Targets
from segue.library.edits.views import BatchView, Made

router = Router(tags=["edits"])
Edits = Annotated[EditService, service(EditService)]
MAY = Access.scope("edit")
_ERRORS = problems(403, 404, 409, 412)
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description='The `revision` that was looked at, as `"12"`; 412 where there is a newer one.',
    ),
]
MOST_IDS = 10_000
MOST_REVISION = 2**53


class EditAsk(Body):
    """`set` gives fields other values (null: none, whatever the files say); `clear` takes edits back, so that fields say
    again what the files say. `revision` is the one that was looked at."""

    set: dict[str, Any] = Field({}, description="By field; see GET /api/v1/edits/fields.")
    clear: list[str] = Field([], max_length=100)
    revision: int | None = Field(None, ge=0, le=MOST_REVISION)


class BulkAsk(Body):
    """One change to many tracks or albums: those in `targets`, or those that the list filters in `filter` leave."""

    kind: str = Field("track", pattern="^(track|album)$")
    targets: list[str] | None = Field(None, max_length=MOST_IDS, description="Ids, all of one kind.")
    filter: dict[str, str | list[str]] | None = Field(
        None, description="Filters as the list of the kind takes them: {artist: ar-1, year: 1970..1979}."
    )
    set: dict[str, Any] = Field({}, description="By field, as for one thing.")
    clear: list[str] = Field([], max_length=100)
    add: dict[str, Any] = Field({}, description="Values to add to fields that have several: {genres: [Rock]}.")
    remove: dict[str, Any] = Field({}, description="Values to remove from fields that have several.")
    revision: int | None = Field(
        None,
        ge=0,
        le=MOST_REVISION,
        description="Of a dry run: refuse, or in a job leave alone, what was edited since.",
    )
    dry_run: bool = Field(False, description="Only say what would change.")


class MadeAnswer(BaseModel):
    """`edit` can be undone. `job` does what was too much for one moment; `count` is then what it is to do."""

    edit: str
    count: int
    job: str | None
    revision: int


class WouldAnswer(BaseModel):
    id: str
    name: str = Field(description="What it is called now.")
    fields: dict[str, dict[str, Any]] = Field(description="By field: {before, after}.")


class BulkAnswer(BaseModel):
    """What an edit of many did, or with `dry_run` would do: `first` are up to fifty of the things."""

    edit: str | None
    count: int
    job: str | None
    is_job: bool
    revision: int
    first: list[WouldAnswer]


class FieldStateAnswer(BaseModel):
    """`value` is what holds, `own` what holds without the edit: what the files say."""

    value: Any
    own: Any
    edited: bool
    edited_by: str | None
    edited_at: datetime | None


class StateAnswer(BaseModel):
    id: str
    revision: int
    fields: dict[str, FieldStateAnswer]


class FieldAnswer(BaseModel):
    """A field that can be edited. `many`: values can be added and removed one by one."""

    name: str
    meaning: str
    many: bool


class BatchAnswer(BaseModel):
    """One act of editing: `action` is edit, bulk, split, merge or undo; `count` is how many fields of things it changed."""

    id: str
    action: str
    params: dict[str, Any] | None
    made_by: str | None
    made_at: datetime
    job: str | None
    undone_by: str | None
    count: int


class LoggedAnswer(BaseModel):
    """One field that was changed; `was_edited` and `is_edited` tell a value of the files from one of a person."""

    id: str
    name: str | None = Field(description="What it is called now; null where it is gone.")
    field: str
    before: Any
    was_edited: bool
    after: Any
    is_edited: bool


class BatchPage(BatchAnswer):
    changes: list[LoggedAnswer]
    next: str | None


class MergeArtistsAsk(Body):
    from_: list[str] = Field(alias="from", min_length=1, max_length=100, description="Artists who are this one too.")


class SplitAsk(Body):
    """What belongs to the other one: albums with all their tracks, or single tracks. `into` is another artist who is there
    already; without it one is made, of the same name unless `name` says another."""

    albums: list[str] = Field([], max_length=MOST_IDS)
    tracks: list[str] = Field([], max_length=MOST_IDS)
    name: str | None = None
    disambiguation: str | None = None
    musicbrainz_id: str | None = None
    into: str | None = None


class SplitAnswer(MadeAnswer):
    artist: str = Field(description="The other one.")


def _thing_routes(kind: str) -> None:
    prefix = PREFIXES[kind]

    async def change(id: str, actor: CurrentActor, edits: Edits, ask: EditAsk, if_match: IfMatch = None) -> Response:
        made = await edits.edit(
            actor,
            kind,
            parse_id(id, prefix),
            set=ask.set,
            clear=ask.clear,
            revision=_revision(ask.revision, if_match),
        )
        return json_response(_made(made))

    change.__doc__ = "An edit wins over what files say, at every later scan. It can be undone."
    router.patch(
        f"/{kind}s/{{id}}",
        access=MAY,
        response_model=MadeAnswer,
        responses=_ERRORS,
        summary=f"Edit {'an' if kind[0] == 'a' else 'a'} {kind}",
    )(change)

    async def state(id: str, actor: CurrentActor, edits: Edits) -> Response:
        found = await edits.state(actor, kind, parse_id(id, prefix))
        fields = {
            name: {
                "value": one.value,
                "own": one.own,
                "edited": one.edited,
                "edited_by": format_id_or_none("us", one.edited_by),
                "edited_at": one.edited_at,
            }
            for name, one in found.fields.items()
        }
        return json_response({"id": format_id(prefix, found.id), "revision": found.revision, "fields": fields})

    state.__doc__ = "Every field that can be edited, with what it would say without the edit, and who edited it."
    router.get(
        f"/{kind}s/{{id}}/edits",
        access=Access.signed_in,
        response_model=StateAnswer,
        summary=f"What is edited of {'an' if kind[0] == 'a' else 'a'} {kind}",
    )(state)


for _kind in FIELDS:
    _thing_routes(_kind)


@router.get(
    "/edits/fields",
    access=Access.signed_in,
    response_model=dict[str, list[FieldAnswer]],
    summary="What can be edited, by kind",
)
async def edit_fields() -> Response:
    return json_response(
        {
            kind: [{"name": name, "meaning": field.meaning, "many": field.many} for name, field in fields.items()]
            for kind, fields in FIELDS.items()
        }
    )


@router.post(
    "/edits",
    access=MAY,
    response_model=BulkAnswer,
    responses=_ERRORS,
    operation_id="edits_make",
    summary="Edit many tracks or albums",
)
async def edit_many(actor: CurrentActor, edits: Edits, ask: BulkAsk) -> Response:
    """Up to 100,000 of them; more than a hundred are a job that can be cancelled and goes on after a restart."""
    targets = _targets(ask)
    change: dict[str, Any] = {"set": ask.set, "clear": ask.clear, "add": ask.add, "remove": ask.remove}
    if not ask.dry_run:
        made = await edits.edit_many(actor, targets, **change, revision=ask.revision)
        return json_response({**_made(made), "is_job": made.job is not None, "first": []})
    would = await edits.preview(actor, targets, **change)
    first = [
        {
            "id": format_id(PREFIXES[one.kind], one.id),
            "name": one.name,
            "fields": {name: {"before": pair[0], "after": pair[1]} for name, pair in one.fields.items()},
        }
        for one in would.first
    ]
    answer = {"edit": None, "count": would.count, "job": None, "is_job": would.is_job, "revision": would.revision}
    return json_response({**answer, "first": first})


@router.get(
    "/edits",
    access=MAY,
    response_model=Page[BatchAnswer],
    summary="Acts of editing, the newest first",
)
async def list_edits(actor: CurrentActor, edits: Edits, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """Everybody's for an administrator, else one's own."""
    before = None if cursor is None else min(_number(cursor), MAX_ROW_ID)
    found = await edits.batches(actor, before, limit + 1)
    more = len(found) > limit
    found = found[:limit]
    return json_response({"items": [_batch(one) for one in found], "next": str(found[-1].id) if more else None})


@router.get("/edits/{id}", access=MAY, response_model=BatchPage, summary="One act of editing")
async def get_edit(id: str, actor: CurrentActor, edits: Edits, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """With what it changed, a page at a time."""
    after = 0 if cursor is None else _number(cursor)
    found, logged = await edits.batch(actor, parse_id(id, "ed"), after, limit + 1)
    more, logged = len(logged) > limit, logged[:limit]
    changes = [
        {
            "id": format_id(PREFIXES[one.kind], one.entity_id),
            "name": one.name,
            "field": one.field,
            "before": one.before["is"] if one.before else None,
            "was_edited": one.before is not None,
            "after": one.after["is"] if one.after else None,
            "is_edited": one.after is not None,
        }
        for one in logged
        if one.field != WHO
    ]
    return json_response({**_batch(found), "changes": changes, "next": str(logged[-1].id) if more else None})


@router.post(
    "/edits/{id}/undo",
    access=MAY,
    response_model=MadeAnswer,
    responses=_ERRORS,
    summary="Take an act of editing back",
)
async def undo_edit(id: str, actor: CurrentActor, edits: Edits) -> Response:
    """Every field is what it was before, but what was edited again since stays. This can be undone in turn."""
    return json_response(_made(await edits.undo(actor, parse_id(id, "ed"))))


@router.post(
    "/artists/{id}/merge",
    access=MAY,
    response_model=MadeAnswer,
    responses=_ERRORS,
    summary="Say that several artists are one",
)
async def merge_artists(id: str, actor: CurrentActor, edits: Edits, ask: MergeArtistsAsk) -> Response:
    """Their credits, aliases, ids, stars and ratings go to this one; their ids lead here from then on."""
    merged = [parse_id(text, "ar") for text in ask.from_]
    return json_response(_made(await edits.merge_artists(actor, parse_id(id, "ar"), merged)))


@router.post(
    "/artists/{id}/split",
    access=MAY,
    response_model=SplitAnswer,
    responses=_ERRORS,
    summary="Say that an artist is two of one name",
)
async def split_artist(id: str, actor: CurrentActor, edits: Edits, ask: SplitAsk) -> Response:
    """The albums and tracks you name are credited to the other one, also at later scans."""
    other, made = await edits.split_artist(
        actor,
        parse_id(id, "ar"),
        albums=[parse_id(text, "al") for text in ask.albums],
        tracks=[parse_id(text, "tr") for text in ask.tracks],
        name=ask.name,
        disambiguation=ask.disambiguation,
        musicbrainz_id=ask.musicbrainz_id,
        into=None if ask.into is None else parse_id(ask.into, "ar"),
    )
    return json_response({**_made(made), "artist": format_id("ar", other)})


def _targets(ask: BulkAsk) -> Targets:
    if (ask.targets is None) == (ask.filter is None):
        message = "Say which things: either targets or filter."
        raise Invalid("no_targets", message, fields=[FieldProblem("targets", "no_targets", message)])
    if ask.targets is not None:
        ids = [TypedId.parse(text) for text in ask.targets]
        kinds = {typed.kind for typed in ids}
        if len(kinds) != 1 or not kinds <= {"track", "album"}:
            raise BadEdit("targets", "mixed_targets", "All targets must be tracks, or all albums.")
        return Targets(kinds.pop(), tuple(dict.fromkeys(typed.number for typed in ids)))
    pairs = [
        (name, one)
        for name, value in (ask.filter or {}).items()
        for one in (value if isinstance(value, list) else [value])
    ]
    return Targets(ask.kind, None, tuple(pairs))


def _revision(given: int | None, if_match: str | None) -> int | None:
    if given is not None or if_match is None or if_match.strip() == "*":
        return given
    digits = if_match.strip().removeprefix("W/").strip('"')
    if not digits.isdigit() or len(digits) > 15:
        message = 'If-Match must be the revision of the edits, as "12".'
        raise Invalid("bad_if_match", message, fields=[FieldProblem("If-Match", "bad_if_match", message)])
    return int(digits)


def _number(cursor: str) -> int:
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 18:
        raise BadCursor
    return int(cursor)


def _made(made: Made) -> dict[str, Any]:
    return {
        "edit": format_id("ed", made.batch),
        "count": made.count,
        "job": format_id_or_none("jo", made.job),
        "revision": made.revision,
    }


def _batch(view: BatchView) -> dict[str, Any]:
    return {
        "id": format_id("ed", view.id),
        "action": view.action,
        "params": view.params,
        "made_by": format_id_or_none("us", view.made_by),
        "made_at": view.made_at,
        "job": format_id_or_none("jo", view.job),
        "undone_by": format_id_or_none("ed", view.undone_by),
        "count": view.count,
    }
