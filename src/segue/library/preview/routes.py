"""REST of previews: what a scan or other rules would split, merge, add or lose, before it happens."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, Field

from segue.core.ids import format_id, format_id_or_none, parse_id
from segue.core.rest import Access, BadCursor, Body, CurrentActor, Cursor, Limit, Page, Router, problems, service
from segue.library.preview.service import Preview, PreviewService, TryFolder, TryRules

router = Router(tags=["scan"])
Previews = Annotated[PreviewService, service(PreviewService)]
Kind = Literal[
    "new", "changed", "moved", "format_changed", "came_back", "missing",
    "split", "merged", "added", "album_changed", "lost", "ended",
]  # fmt: skip


class TryFolderAsk(Body):
    """A decision about a folder that is to be tried."""

    folder: str
    decision: Literal["one_album", "each_folder", "album_tag", "usual"]
    subfolders: bool = True


class TryRulesAsk(Body):
    """Rules to be tried on what is stored; what is left out stays as it is."""

    grouping_rules: list[str] | None = Field(None, description="Grouping rules by name, in order.")
    overrides: list[TryFolderAsk] = Field(default_factory=list, description="Decisions about folders.")
    tag_rules: str | None = Field(None, max_length=1_000_000, description="A document of one's own tag rules, as YAML.")


class ScanPreviewAsk(Body):
    """Without `rules` the files are looked at as in a scan; with them, what is stored is grouped anew."""

    library: str
    folder: str | None = Field(None, description="Only this folder and what is below it.")
    full: bool = Field(False, description="As a scan that reads every file again.")
    rules: TryRulesAsk | None = None


class PreviewItem(BaseModel):
    """`state` is waiting, done, failed or cancelled. `counts` are by kind: of files (new, changed, moved, format_changed,
    came_back, missing) and of albums (split, merged, added, album_changed, lost, ended). It is kept until `expires_at`."""

    id: str
    library: str
    job: str | None
    state: str
    counts: dict[str, int]
    stopped: dict[str, Any] | None = Field(
        description="Why the scan would stop by itself and mark nothing, if it would."
    )
    files: int
    seconds: float
    created_at: datetime
    finished_at: datetime | None
    expires_at: datetime


class WouldHappenItem(BaseModel):
    """One thing that would happen. Of files: `path`, `from` where it moved, `old` and `new` codec, `reason` why it is the
    same. Of albums: `album`, `into` or `from` with albums, tracks and some paths, `fields` as [before, after]."""

    kind: str
    document: dict[str, Any]


@router.post(
    "/scan/previews",
    access=Access.admin,
    status_code=202,
    responses=problems(404, 422),
    operation_id="scan_previews_create",
    summary="Ask what a scan or other rules would do",
)
async def ask_preview(actor: CurrentActor, previews: Previews, ask: ScanPreviewAsk) -> PreviewItem:
    """Nothing is written but the answer, which a job works out."""
    rules = None
    if ask.rules is not None:
        folders = [TryFolder(parse_id(one.folder, "fo"), one.decision, one.subfolders) for one in ask.rules.overrides]
        rules = TryRules(ask.rules.grouping_rules, folders, ask.rules.tag_rules)
    folder = None if ask.folder is None else parse_id(ask.folder, "fo")
    return _item(await previews.ask(actor, parse_id(ask.library, "li"), folder=folder, full=ask.full, rules=rules))


@router.get(
    "/scan/previews/{id}", access=Access.admin, operation_id="scan_previews_get", summary="What a preview found"
)
async def get_preview(previews: Previews, id: str) -> PreviewItem:
    """How much of each kind; the changes themselves are a list of their own."""
    return _item(await previews.get(parse_id(id, "sp")))


@router.get(
    "/scan/previews/{id}/changes",
    access=Access.admin,
    operation_id="scan_previews_changes",
    summary="What would happen, one by one",
)
async def preview_changes(
    previews: Previews,
    id: str,
    kind: Annotated[Kind, Query(description="Which kind of change.")],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[WouldHappenItem]:
    """`total` counts all; the first 2,000 of a kind can be looked at."""
    if cursor is not None and not cursor.isdigit():
        raise BadCursor
    rows, following, total = await previews.changes(parse_id(id, "sp"), kind, int(cursor) if cursor else -1, limit)
    return Page(
        items=[WouldHappenItem(kind=kind, document=row) for row in rows],
        next=None if following is None else str(following),
        total=total,
    )


def _item(preview: Preview) -> PreviewItem:
    return PreviewItem(
        id=format_id("sp", preview.id),
        library=format_id("li", preview.library),
        job=format_id_or_none("jo", preview.job),
        state=preview.state,
        counts=preview.counts,
        stopped=preview.stopped,
        files=preview.files,
        seconds=preview.seconds,
        created_at=preview.created_at,
        finished_at=preview.finished_at,
        expires_at=preview.expires_at,
    )
