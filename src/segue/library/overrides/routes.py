"""REST of decisions about albums: folders, merging, splitting, moving tracks, and the rules that hold otherwise."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, Field

from segue.core.ids import format_id, format_id_or_none, parse_id
from segue.core.rest import Access, BadCursor, Body, CurrentActor, Cursor, Limit, Page, Router, problems, service
from segue.library.overrides.decisions import Decision, told
from segue.library.overrides.effect import AlbumThen, Effect, Moved
from segue.library.overrides.service import Outcome, OverrideService
from segue.library.scan import rules
from segue.library.scan.paths import displayed

router = Router(tags=["grouping"])
Overrides = Annotated[OverrideService, service(OverrideService)]
DryRun = Annotated[bool, Query(description="Only say what would be.")]


class RuleItem(BaseModel):
    """A rule that makes albums: what it does, and the sentence with which it gives its reason."""

    name: str
    meaning: str
    sentence: str
    active: bool = Field(description="Whether libraries without rules of their own are grouped by it.")


class RulesAnswer(BaseModel):
    """All rules, those that hold first, in the order in which they are asked."""

    items: list[RuleItem]


class OverrideItem(BaseModel):
    """A decision. `scope` is folder, album or tracks; `folder` is the path it is about now; `title` the album's then."""

    id: str
    library: str
    scope: str
    decision: str
    folder: str | None
    subfolders: bool | None
    by_what: str | None = Field(description="Of a split: disc, folder, album_artist, date or release_id.")
    title: str | None
    sentence: str
    created_by: str
    created_at: datetime


class AlbumThenItem(BaseModel):
    """An album before or after; `tracks` are those of it that are meant; code, params and sentence say why it is one."""

    id: str
    title: str
    artist: str
    tracks: int
    code: str
    params: dict[str, Any]
    sentence: str


class MovedItem(BaseModel):
    """An album, and those its tracks went to (of a split) or came from (of a merge)."""

    album: AlbumThenItem
    others: list[AlbumThenItem]


class EffectItem(BaseModel):
    """What became of albums: an old one that was `split`, a new one that was `merged`, `added` and `ended` ones."""

    files: int
    splits: list[MovedItem]
    merges: list[MovedItem]
    added: list[AlbumThenItem]
    ended: list[AlbumThenItem]
    albums: list[AlbumThenItem] = Field(description="The albums that the tracks are in afterwards.")


class OutcomeAnswer(BaseModel):
    """`override` is null of a dry run; `job` is set where a large folder is grouped in the background."""

    override: str | None
    effect: EffectItem | None
    job: str | None


class FolderAsk(Body):
    """`one_album`: all of this is one; `each_folder`: each folder is one, tags ignored; `album_tag`: by the album title
    alone; `usual`: by the usual rules, below a folder about which something else was decided."""

    folder: str
    decision: Literal["one_album", "each_folder", "album_tag", "usual"]
    subfolders: bool = Field(True, description="Whether it is about everything below the folder too.")
    dry_run: bool = False


class MergeAlbumsAsk(Body):
    """The albums that become part of this one. The id that stays is that of the largest."""

    from_: list[str] = Field(alias="from", min_length=1, max_length=100)
    dry_run: bool = False


class SplitAlbumAsk(Body):
    """By what its tracks say, or these tracks into an album of their own: one of the two."""

    by: Literal["disc", "folder", "album_artist", "date", "release_id"] | None = None
    tracks: list[str] | None = Field(None, min_length=1, max_length=1000)
    dry_run: bool = False


class MoveTracksAsk(Body):
    """Tracks that become part of this album."""

    tracks: list[str] = Field(min_length=1, max_length=1000)
    dry_run: bool = False


@router.get("/grouping-rules", access=Access.signed_in, summary="The rules that make albums")
async def grouping_rules() -> RulesAnswer:
    """The setting `grouping.rules`, and a library's option `grouping_rules`, choose which are asked and in which order."""
    chosen = rules.usual()
    others = [rule for rule in rules.RULES if rule not in chosen]
    return RulesAnswer(
        items=[
            RuleItem(name=rule.name, meaning=rule.meaning, sentence=rule.sentence, active=rule in chosen)
            for rule in (*chosen, *others)
        ]
    )


@router.get("/grouping-overrides", access=Access.signed_in, summary="Decisions about albums")
async def list_overrides(
    actor: CurrentActor, overrides: Overrides, limit: Limit = 50, cursor: Cursor = None
) -> Page[OverrideItem]:
    """The latest first."""
    if cursor is not None and not cursor.isdigit():
        raise BadCursor
    found, total = await overrides.page(actor, int(cursor or 0), limit)
    following = str(found[-1].id) if len(found) == limit else None
    return Page(items=[_item(one) for one in found], next=following, total=total)


@router.post(
    "/grouping-overrides",
    access=Access.admin,
    responses=problems(404, 409),
    operation_id="grouping_overrides_create",
    summary="Decide what is one album in a folder",
)
async def decide_folder(actor: CurrentActor, overrides: Overrides, ask: FolderAsk) -> OutcomeAnswer:
    """It acts at once, holds in all later scans, and replaces what was decided about the folder before."""
    return _outcome(
        await overrides.decide_folder(
            actor, parse_id(ask.folder, "fo"), ask.decision, subfolders=ask.subfolders, dry_run=ask.dry_run
        )
    )


@router.delete(
    "/grouping-overrides/{id}",
    access=Access.admin,
    operation_id="grouping_overrides_delete",
    summary="Take a decision back",
)
async def remove_override(actor: CurrentActor, overrides: Overrides, id: str, dry_run: DryRun = False) -> OutcomeAnswer:
    """Its albums are what the rules and other decisions make of them."""
    return _outcome(await overrides.remove(actor, parse_id(id, "go"), dry_run=dry_run))


@router.post(
    "/albums/{id}/merge",
    access=Access.admin,
    responses=problems(409),
    operation_id="albums_merge",
    summary="Make other albums part of this one",
)
async def merge_albums(actor: CurrentActor, overrides: Overrides, id: str, ask: MergeAlbumsAsk) -> OutcomeAnswer:
    """Their ids lead to the one that stays."""
    others = [parse_id(other, "al") for other in ask.from_]
    return _outcome(await overrides.merge(actor, parse_id(id, "al"), others, dry_run=ask.dry_run))


@router.post(
    "/albums/{id}/split",
    access=Access.admin,
    responses=problems(409),
    operation_id="albums_split",
    summary="Make several albums of one",
)
async def split_album(actor: CurrentActor, overrides: Overrides, id: str, ask: SplitAlbumAsk) -> OutcomeAnswer:
    """The largest part keeps the id and the stars."""
    album = parse_id(id, "al")
    if ask.tracks is not None:
        tracks = [parse_id(track, "tr") for track in ask.tracks]
        return _outcome(await overrides.take_out(actor, album, tracks, dry_run=ask.dry_run))
    return _outcome(await overrides.split(actor, album, ask.by or "", dry_run=ask.dry_run))


@router.post(
    "/albums/{id}/tracks",
    access=Access.admin,
    responses=problems(409),
    operation_id="albums_move_tracks",
    summary="Put tracks into this album",
)
async def move_tracks(actor: CurrentActor, overrides: Overrides, id: str, ask: MoveTracksAsk) -> OutcomeAnswer:
    """They stay there, whatever their tags come to say."""
    tracks = [parse_id(track, "tr") for track in ask.tracks]
    return _outcome(await overrides.move(actor, tracks, parse_id(id, "al"), dry_run=ask.dry_run))


def _item(decision: Decision) -> OverrideItem:
    return OverrideItem(
        id=format_id("go", decision.id),
        library=format_id("li", decision.library_id),
        scope=decision.scope,
        decision=decision.decision,
        folder=None if decision.folder is None else displayed(decision.folder),
        subfolders=decision.params.get("subfolders"),
        by_what=decision.params.get("by"),
        title=decision.params.get("title"),
        sentence=told(decision),
        created_by=decision.by,
        created_at=decision.at,
    )


def _outcome(outcome: Outcome) -> OutcomeAnswer:
    return OutcomeAnswer(
        override=format_id_or_none("go", outcome.override),
        effect=_effect(outcome.effect) if outcome.effect else None,
        job=format_id_or_none("jo", outcome.job),
    )


def _effect(effect: Effect) -> EffectItem:
    return EffectItem(
        files=effect.files,
        splits=[_moved(one) for one in effect.splits],
        merges=[_moved(one) for one in effect.merges],
        added=[_then(one) for one in effect.added],
        ended=[_then(one) for one in effect.ended],
        albums=[_then(one) for one in effect.albums],
    )


def _moved(moved: Moved) -> MovedItem:
    return MovedItem(album=_then(moved.album), others=[_then(one) for one in moved.others])


def _then(album: AlbumThen) -> AlbumThenItem:
    return AlbumThenItem(
        id=format_id("al", album.id),
        title=album.title,
        artist=album.artist,
        tracks=album.tracks,
        code=album.rule,
        params=album.params,
        sentence=album.sentence,
    )
