"""What links to the catalogue look like over REST."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from segue.catalog.schemas import (
    CatalogAlbumItem,
    CatalogArtistAlbumItem,
    CatalogArtistItem,
    CatalogNamedItem,
    CatalogTrackItem,
)
from segue.core.rest import Body
from segue.library.schemas import ReasonItem
from segue.match import sentence
from segue.metadata.links.mentions import Mention

State = Literal["linked", "review", "none", "confirmed", "rejected"]


class OtherItem(BaseModel):
    """What else it may be."""

    id: str
    score: float


class LinkItem(BaseModel):
    """What something of the library is in the catalogue. `state` is `linked` (sure), `review` (perhaps), `none` (nothing was
    found), `confirmed` or `rejected` (a person said so, and it stays)."""

    id: str
    of: str = Field(description="The track, album or artist of the library.", examples=["tr-81"])
    state: State
    catalog_id: str | None = Field(examples=["spotify:track:6fxVffaTuwjgEk5h9QyRjy"])
    score: float | None = Field(description="How sure, 0 to 1; null where a person chose.")
    method: str | None = Field(
        description="What decided: external_id, musicbrainz_id, isrc, barcode, text … or chosen."
    )
    reasons: list[ReasonItem]
    others: list[OtherItem]
    refused: list[str] = Field(description="What a person said that it is not.")
    looked_at: datetime
    decided_by: str | None
    decided_at: datetime | None


class TrackLinkAnswer(BaseModel):
    """`link` is null where it was not looked for yet; `track` where there is none, or it is no longer in the catalogue."""

    link: LinkItem | None
    track: CatalogTrackItem | None


class ArtistLinkAnswer(BaseModel):
    link: LinkItem | None
    artist: CatalogArtistItem | None


class OwnTrackItem(BaseModel):
    """A track of the library, in short."""

    id: str
    title: str
    disc: int | None
    position: int | None
    duration_ms: int


class BesideItem(BaseModel):
    """One track of an album or of its release. `have`: on both; `lack`: only in the catalogue; `extra`: only here."""

    state: Literal["have", "lack", "extra"]
    sure: bool = Field(description="Whether `have` needs no second look.")
    score: float | None
    reasons: list[ReasonItem]
    track: OwnTrackItem | None
    catalog: CatalogTrackItem | None
    elsewhere: list[str] = Field(description="Tracks of yours on other albums that are what is lacking here.")


class BesideCounts(BaseModel):
    have: int
    lack: int
    extra: int


class AlbumCatalogAnswer(BaseModel):
    """An album beside its release in the catalogue. `album` is null where it is not linked, or there is no catalogue."""

    link: LinkItem | None
    album: CatalogAlbumItem | None
    counts: BesideCounts
    tracks: list[BesideItem]


class OwnAlbumItem(BaseModel):
    """An album of the library that is one of the catalogue; not `sure` where only title and date say so."""

    id: str
    title: str
    track_count: int
    sure: bool


class DiscographyItem(BaseModel):
    catalog: CatalogArtistAlbumItem | None = Field(description="Null for an album that is only here.")
    year: int | None
    have: bool
    albums: list[OwnAlbumItem]


class DiscographyAnswer(BaseModel):
    """The albums of an artist, newest first: those of the catalogue, and those that you have and it lacks. `artist` is null,
    and the list empty, where the artist is not linked."""

    link: LinkItem | None
    artist: CatalogArtistItem | None
    items: list[DiscographyItem]
    next: str | None
    total: int


class SuggestionItem(BaseModel):
    """What a field might say. `patch` is the body for PATCH of the track or album that makes it say so."""

    field: str
    current: Any
    suggested: Any
    source: str = Field(description="Of the catalogue: two-file, musicbrainz, discogs …")
    catalog_id: str
    licence: str | None
    score: float | None = Field(description="How sure it is the same; null where a person said so.")
    patch: dict[str, Any]


class SuggestionsAnswer(BaseModel):
    link: LinkItem | None
    items: list[SuggestionItem]


class WaitingItem(BaseModel):
    """A link and both its ends in words."""

    link: LinkItem
    kind: Literal["track", "album", "artist"]
    title: str
    artist: str
    album: str
    catalog: CatalogTrackItem | CatalogAlbumItem | CatalogArtistItem | None


class LinkCountsAnswer(BaseModel):
    """How many links there are, by kind and state."""

    track: dict[State, int]
    album: dict[State, int]
    artist: dict[State, int]


class ChoiceBody(Body):
    id: str | None = Field(
        max_length=500, description="What it is in the catalogue, by any id; null: it is nothing there."
    )


class RefusalBody(Body):
    id: str = Field(max_length=500, description="What it is not.")


class LookBody(Body):
    anew: bool = Field(False, description="Look at everything, not only at what changed.")


class LookAnswer(BaseModel):
    job: str


class MentionItem(BaseModel):
    """What a text means in the catalogue that means nothing in the library."""

    id: str
    title: str
    artists: list[CatalogNamedItem]
    album: str
    album_id: str | None
    sure: bool
    score: float | None
    reasons: list[ReasonItem]

    @classmethod
    def of(cls, mention: Mention | None) -> MentionItem | None:
        if mention is None:
            return None
        return cls(
            id=mention.value,
            title=mention.title,
            artists=[CatalogNamedItem(id=one[0], name=one[1]) for one in mention.artists],
            album=mention.album,
            album_id=mention.album_value,
            sure=mention.state == "linked",
            score=mention.score,
            reasons=reasons_of(mention.reasons),
        )


def reasons_of(stored: Sequence[Any] | None) -> list[ReasonItem]:
    """Reasons as they are stored, [[code, params, weight], …], as they are told."""
    return [ReasonItem(code=one[0], params=one[1], sentence=sentence(one[0], one[1])) for one in stored or ()]
