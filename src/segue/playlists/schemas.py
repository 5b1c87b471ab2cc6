"""What playlists say over REST: the shapes that OpenAPI tells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from segue.core.clock import rfc3339
from segue.core.ids import format_id, format_id_or_none
from segue.core.rest import Body
from segue.metadata.links.schemas import MentionItem
from segue.playlists import history
from segue.playlists.covers import CoverView
from segue.playlists.exchange.reasons import sentence
from segue.playlists.views import (
    Collaborator,
    FolderView,
    PlaylistView,
    Preview,
    RevisionView,
    RowsPage,
    RowView,
)

Tracks = Annotated[list[str], Field(max_length=10_000, examples=[["tr-81", "tr-82"]])]
QUERY = "A query about tracks in the query language, with `sort:` and `limit:`."
REVISION = "The revision that was changed; 409 where it is no longer the present one. `If-Match` says the same."


class TileItem(BaseModel):
    """A picture of the library."""

    id: str
    color: str | None
    blurhash: str | None
    width: int
    height: int


class CoverItem(BaseModel):
    """What stands for a list. Drawn as a whole at `/playlists/{id}/cover`."""

    kind: Literal["contents", "album", "upload"] = Field(
        description="`contents`: its first tracks' covers; `album`: an album's; `upload`: a picture that was sent."
    )
    tiles: list[TileItem] = Field(
        description="One picture, or the four of a mosaic; none where no track has one. A picture that was sent is only "
        "drawn by `/playlists/{id}/cover`."
    )
    version: str = Field(description="Changes with the picture: to be told apart in a cache.")


class PlaylistProblemItem(BaseModel):
    code: str
    sentence: str


class PlaylistItem(BaseModel):
    id: str
    name: str
    comment: str
    owner_id: str
    owner_name: str
    visibility: Literal["private", "shared", "public"]
    role: Literal["owner", "editor", "viewer"] | None = Field(
        description="What you may do with it; null for a public list that nobody shared with you."
    )
    kind: str = Field(description="`manual`, or `smart`: filled by its `query`.")
    query: str | None = Field(description="What fills a smart list, as it was written.")
    normalized: str | None = Field(description="The query as the language spells it.")
    personal: bool = Field(description="The query asks about its owner's plays, stars or ratings.")
    track_count: int = Field(description="How many rows; of a smart list what it holds now, exact to 10,000.")
    more: bool = Field(description="A smart list holds more than `track_count`, which is as far as was counted.")
    duration_ms: int = Field(description="How long the counted rows play.")
    artwork_id: str | None
    cover: CoverItem
    folder_id: str | None = Field(description="Your folder that it lies in.")
    revision: int
    created_at: str
    changed_at: str
    editable: bool = Field(description="Whether you may change its rows.")
    problem: PlaylistProblemItem | None = Field(description="Why a smart list cannot be filled now.")

    @classmethod
    def of(cls, view: PlaylistView, cover: CoverView) -> PlaylistItem:
        tiles = [
            TileItem(
                id=format_id("aw", tile.id),
                color=tile.color,
                blurhash=tile.blurhash,
                width=tile.width,
                height=tile.height,
            )
            for tile in cover.tiles
        ]
        version = "-".join([cover.kind, *(tile.id for tile in tiles)])
        return cls(
            id=format_id("pl", view.id),
            name=view.name,
            comment=view.comment,
            owner_id=format_id("us", view.owner_id),
            owner_name=view.owner_name,
            visibility=view.visibility,
            role=view.role,
            kind=view.kind,
            query=view.query,
            normalized=view.normalized,
            personal=view.personal,
            track_count=view.track_count,
            more=view.more,
            duration_ms=view.duration_ms,
            artwork_id=format_id_or_none("aw", view.artwork_id),
            cover=CoverItem(kind=cover.kind, tiles=tiles, version=version),
            folder_id=format_id_or_none("pf", view.folder_id),
            revision=view.revision,
            created_at=rfc3339(view.created_at) or "",
            changed_at=rfc3339(view.changed_at) or "",
            editable=view.editable,
            problem=None
            if view.problem is None
            else PlaylistProblemItem(code=view.problem[0], sentence=view.problem[1]),
        )


class MatchReasonItem(BaseModel):
    """A reason as a code with parameters, and as a sentence in English."""

    code: str
    params: dict[str, Any]
    sentence: str


def reasons_of(stored: Sequence[Any] | None) -> list[MatchReasonItem]:
    """Reasons as they are stored, [[code, params, …], …], as they are told."""
    return [MatchReasonItem(code=one[0], params=one[1], sentence=sentence(one[0], one[1])) for one in stored or ()]


class PlaylistRowItem(BaseModel):
    """One row. `track_id` is null when the track is gone or not there yet; the words stay."""

    id: str | None = Field(description="Its key; null in a smart list.")
    track_id: str | None
    title: str
    artist: str
    album: str
    duration_ms: int | None
    comment: str
    added_at: str
    added_by: str | None
    external_ids: dict[str, Any]
    location: str | None = Field(description="Where an imported file said that it is.")
    match_score: float | None = Field(description="How sure its track was found, 0 to 1; null where somebody chose it.")
    match_reasons: list[MatchReasonItem] = Field(description="Why.")
    match_state: str | None = Field(
        description="Of a row that came from a file: `sure` (found), `review` (perhaps found), `none` (not found yet), "
        "`chosen` (by a person) or `unlinked` (a person said that nothing is meant); null for a row added here."
    )
    catalog: MentionItem | None = Field(description="What a row without a track means in the catalogue.")

    @classmethod
    def of(cls, row: RowView) -> PlaylistRowItem:
        return cls(
            id=format_id_or_none("pr", row.id),
            track_id=format_id_or_none("tr", row.track_id),
            title=row.title,
            artist=row.artist,
            album=row.album,
            duration_ms=row.duration_ms,
            comment=row.comment,
            added_at=rfc3339(row.added_at) or "",
            added_by=format_id_or_none("us", row.added_by),
            external_ids=dict(row.external_ids or {}),
            location=row.location,
            match_score=row.match_score,
            match_reasons=reasons_of(row.match_reasons),
            match_state=row.match_state,
            catalog=MentionItem.of(row.catalog),
        )


class PlaylistWithRows(PlaylistItem):
    rows: list[PlaylistRowItem]
    next: str | None = Field(description="What to ask `/playlists/{id}/rows` with for more; null where these are all.")

    @classmethod
    def whole(cls, view: PlaylistView, cover: CoverView, page: RowsPage) -> PlaylistWithRows:
        item = PlaylistItem.of(view, cover)
        return cls(**item.model_dump(), rows=[PlaylistRowItem.of(row) for row in page.rows], next=page.next)


class NewPlaylist(Body):
    name: str = Field(max_length=500, examples=["Late trains"])
    comment: str = Field("", max_length=10_000)
    visibility: Literal["private", "shared", "public"] = "private"
    tracks: Tracks = Field(default_factory=list)
    query: str | None = Field(None, max_length=10_000, description=QUERY, examples=["genre:Jazz sort:-added limit:100"])
    folder_id: str | None = Field(None, description="Your folder to keep it in.", examples=["pf-3"])


class PlaylistShareItem(Body):
    user_id: str
    may_edit: bool = False


class PlaylistPatch(Body):
    name: str | None = Field(None, max_length=500)
    comment: str | None = Field(None, max_length=10_000)
    visibility: Literal["private", "shared", "public"] | None = None
    shared_with: list[PlaylistShareItem] | None = None
    query: str | None = Field(
        None, max_length=10_000, description=QUERY + " A manual list becomes smart by it; its rows come back by undo."
    )
    revision: int | None = Field(None, description=REVISION)


class MoreTracks(Body):
    tracks: Tracks
    before: str | None = Field(None, description="The row to put them before.", examples=["pr-3"])
    after: str | None = Field(None, description="The row to put them behind.")
    start: bool = Field(False, description="Put them at the start. Without a place they go to the end.")
    revision: int | None = Field(None, description=REVISION)


class MovedRows(Body):
    rows: list[str] = Field(max_length=10_000, examples=[["pr-3", "pr-4"]])
    before: str | None = Field(None, description="The row to put them before.")
    after: str | None = Field(None, description="The row to put them behind.", examples=["pr-9"])
    start: bool = Field(False, description="Put them at the start. Without a place they go to the end.")
    revision: int | None = Field(None, description=REVISION)


class RemovedRows(Body):
    rows: list[str] = Field(max_length=10_000, examples=[["pr-3"]])
    revision: int | None = Field(None, description=REVISION)


class ReplacedTracks(Body):
    tracks: Tracks
    revision: int | None = Field(None, description=REVISION)


class NewOrder(Body):
    rows: list[str] = Field(max_length=100_000, examples=[["pr-3", "pr-1", "pr-2"]])
    revision: int | None = Field(None, description=REVISION)


class RowPatch(Body):
    comment: str = Field(max_length=10_000)
    revision: int | None = Field(None, description=REVISION)


class PreviewAsk(Body):
    query: str = Field(max_length=10_000, description=QUERY, examples=["genre:Jazz rating:>=4"])
    limit: int = Field(20, ge=0, le=100, description="How many of the first rows to give.")
    playlist_id: str | None = Field(None, description="The list that is being written, which may not fill itself.")


class SmartWarningItem(BaseModel):
    code: str
    message: str
    start: int
    length: int


class SmartPreviewAnswer(BaseModel):
    """What a smart list with this query would hold right now."""

    count: int = Field(description="Exact to 10,000.")
    more: bool = Field(description="There are more than `count`.")
    duration_ms: int
    normalized: str
    personal: bool
    warnings: list[SmartWarningItem]
    rows: list[PlaylistRowItem]

    @classmethod
    def of(cls, found: Preview) -> SmartPreviewAnswer:
        warnings = [
            SmartWarningItem(code=one.code, message=one.message, start=one.start, length=one.length)
            for one in found.warnings
        ]
        return cls(
            count=found.count,
            more=found.more,
            duration_ms=found.duration_ms,
            normalized=found.normalized,
            personal=found.personal,
            warnings=warnings,
            rows=[PlaylistRowItem.of(row) for row in found.rows],
        )


class FreezeAsk(Body):
    copy_as: str | None = Field(
        None, max_length=500, description="Keep the smart list, and make a new manual one with this name."
    )
    revision: int | None = Field(None, description=REVISION)


class CollaboratorItem(BaseModel):
    user_id: str
    name: str
    role: Literal["owner", "editor", "viewer"]

    @classmethod
    def all_of(cls, people: Iterable[Collaborator]) -> list[CollaboratorItem]:
        return [cls(user_id=format_id("us", one.user_id), name=one.name, role=one.role) for one in people]


class CollaboratorAsk(Body):
    person: str = Field(description="A username, an e-mail address or an id.", examples=["ben"], max_length=500)
    role: Literal["editor", "viewer"] = "viewer"


class CollaboratorsAsk(Body):
    people: list[CollaboratorAsk] = Field(max_length=200)


class CollaboratorsAnswer(BaseModel):
    """The owner first, then everybody it is shared with."""

    items: list[CollaboratorItem]


class HandOver(Body):
    person: str = Field(description="A username, an e-mail address or an id.", max_length=500, examples=["ben"])
    keep_editing: bool = Field(True, description="Whether you may still edit it.")


class RevisionItem(BaseModel):
    """One change."""

    revision: int
    at: str
    user_id: str | None
    user_name: str
    action: str
    params: dict[str, Any]
    sentence: str
    undone_by: int | None = Field(description="The change that took this one back.")
    can_undo: bool

    @classmethod
    def of(cls, view: RevisionView) -> RevisionItem:
        return cls(
            revision=view.revision,
            at=rfc3339(view.at) or "",
            user_id=format_id_or_none("us", view.user_id),
            user_name=view.user_name,
            action=view.action,
            params=view.params,
            sentence=history.sentence(view.action, view.params),
            undone_by=view.undone_by,
            can_undo=view.can_undo,
        )


class UndoAsk(Body):
    to: int | None = Field(
        None, ge=1, description="Bring the list back as it was after this change; without it the newest is taken back."
    )
    revision: int | None = Field(None, description=REVISION)


class ChooseCover(Body):
    kind: Literal["contents", "album"]
    album_id: str | None = Field(None, examples=["al-7"])


class PlaylistFolderItem(BaseModel):
    """A folder of yours."""

    id: str
    name: str
    parent_id: str | None
    count: int = Field(description="Lists that lie in it, not counting those of folders inside.")

    @classmethod
    def of(cls, view: FolderView) -> PlaylistFolderItem:
        parent = format_id_or_none("pf", view.parent_id)
        return cls(id=format_id("pf", view.id), name=view.name, parent_id=parent, count=view.count)


class PlaylistFoldersAnswer(BaseModel):
    items: list[PlaylistFolderItem]

    @classmethod
    def of(cls, views: Sequence[FolderView]) -> PlaylistFoldersAnswer:
        return cls(items=[PlaylistFolderItem.of(view) for view in views])


class NewFolder(Body):
    name: str = Field(max_length=500, examples=["Evenings"])
    parent_id: str | None = None


class FolderPatch(Body):
    name: str | None = Field(None, max_length=500)
    parent_id: str | None = Field(None, description="The folder to put it into; null for the top. Only if said.")


class KeepIn(Body):
    folder_id: str | None = Field(description="Your folder to keep it in; null for none.")
