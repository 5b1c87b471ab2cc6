"""REST of mixes."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field

from segue.core.clock import rfc3339
from segue.core.ids import format_id
from segue.core.rest import Access, Body, CurrentActor, Router, problems, service
from segue.playlists.generators.kinds import sentence
from segue.playlists.generators.service import MixRow, MixService, MixView
from segue.playlists.routes import Playlists, whole
from segue.playlists.schemas import PlaylistWithRows, TileItem

router = Router(prefix="/mixes", tags=["playlists"])
Mixes = Annotated[MixService, service(MixService)]


class MixReasonItem(BaseModel):
    """A reason as a code with parameters, and as a sentence in English."""

    code: str
    params: dict[str, Any]
    sentence: str

    @classmethod
    def of(cls, reason: tuple[str, dict[str, Any]]) -> MixReasonItem:
        code, params = reason
        return cls(code=code, params=params, sentence=sentence(code, params))


class MixItem(BaseModel):
    """A mix of today. `available` is false where it has no tracks; its reason says why."""

    kind: str
    title: str
    reason: MixReasonItem
    available: bool
    day: str = Field(description="The day, in your zone, for which it was made.")
    made_at: str
    track_count: int
    duration_ms: int
    tiles: list[TileItem] = Field(description="One picture, or the four of a mosaic.")

    @classmethod
    def of(cls, view: MixView) -> MixItem:
        tiles = [
            TileItem(
                id=format_id("aw", tile.id),
                color=tile.color,
                blurhash=tile.blurhash,
                width=tile.width,
                height=tile.height,
            )
            for tile in view.tiles
        ]
        return cls(
            kind=view.kind,
            title=view.title,
            reason=MixReasonItem.of(view.reason),
            available=view.track_count > 0,
            day=view.day.isoformat(),
            made_at=rfc3339(view.made_at) or "",
            track_count=view.track_count,
            duration_ms=view.duration_ms,
            tiles=tiles,
        )


class MixTrackItem(BaseModel):
    """A track, and why it is in."""

    track_id: str
    title: str
    artist: str
    album: str
    duration_ms: int | None
    reason: MixReasonItem

    @classmethod
    def of(cls, row: MixRow) -> MixTrackItem:
        track = row.track
        return cls(
            track_id=format_id("tr", track.id),
            title=track.title,
            artist=track.artist,
            album=track.album,
            duration_ms=track.duration_ms,
            reason=MixReasonItem.of(row.reason),
        )


class MixesAnswer(BaseModel):
    items: list[MixItem]


class MixWithTracks(MixItem):
    rows: list[MixTrackItem]


class KeepMix(Body):
    name: str | None = Field(None, max_length=500, description="What to call it; the mix's own title where not said.")


@router.get("", access=Access.signed_in, operation_id="mixes_list", summary="The mixes of today")
async def list_mixes(actor: CurrentActor, mixes: Mixes) -> MixesAnswer:
    """Made from what you play, when first asked for on a day; they stay the same until the next."""
    return MixesAnswer(items=[MixItem.of(view) for view in await mixes.mixes(actor)])


@router.get("/{kind}", access=Access.signed_in, operation_id="mixes_get", summary="A mix with its tracks")
async def get_mix(kind: str, actor: CurrentActor, mixes: Mixes) -> MixWithTracks:
    """Each track with the reason why it is in."""
    view, rows = await mixes.mix(actor, kind)
    return MixWithTracks(**MixItem.of(view).model_dump(), rows=[MixTrackItem.of(row) for row in rows])


@router.post(
    "/{kind}/playlist",
    access=Access.signed_in,
    operation_id="mixes_save",
    status_code=201,
    responses=problems(409),
    summary="Keep a mix as a playlist",
)
async def save_mix(
    kind: str, body: KeepMix, actor: CurrentActor, mixes: Mixes, playlists: Playlists
) -> PlaylistWithRows:
    """A manual one of your own, that stays when the mix of tomorrow is another."""
    return await whole(actor, playlists, await mixes.save(actor, kind, body.name))
