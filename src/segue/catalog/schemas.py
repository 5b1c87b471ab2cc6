"""What the catalogue says over REST: the shapes that OpenAPI tells.

Lists are made as plain dicts (see `items.py`); tests hold the dicts against these models.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from segue.catalog.overlay.given import Given
from segue.core.rest import Body
from segue.jobs.schemas import JobAnswer

KindName = Literal["track", "album", "artist"]


class CatalogImageItem(BaseModel):
    """A picture on somebody else's server; 0 where a size is not known."""

    url: str
    width: int
    height: int


class CatalogNamedItem(BaseModel):
    """An artist or album by its id in the catalogue."""

    id: str = Field(examples=["spotify:artist:4gzpq5DPGxSnKTe4SA8HAU"])
    name: str


class CatalogCreditItem(BaseModel):
    """Who did what. `credited_as` is the name as written where it differs; `join_phrase` stands before the next name."""

    artist: CatalogNamedItem
    role: str | None = Field(description="main_artist, composer, producer …; null where the source does not say.")
    credited_as: str | None
    join_phrase: str


class CatalogThingItem(BaseModel):
    """What tracks, albums and artists have in common."""

    id: str = Field(
        description="What every route of the catalogue takes, and what stays the same from one build to the next.",
        examples=["spotify:track:6fxVffaTuwjgEk5h9QyRjy"],
    )
    source_id: str = Field(description="The same without its namespace.")
    popularity: int = Field(description="0 to 100, as the source counts it; 0 where it does not.")
    ids: list[str] = Field(description="What others call it: musicbrainz:recording:…, discogs:release:…")
    licence: str | None = Field(description="Of this row's data.")
    more: dict[str, Any] = Field(description="What else the source says, by its own names.")


class CatalogArtistItem(CatalogThingItem):
    name: str
    followers: int
    genres: list[str]
    images: list[CatalogImageItem]
    aliases: list[str]


class CatalogAlbumPlaceItem(BaseModel):
    """The album of a track, in short."""

    id: str
    title: str
    type: str = Field(description="album, single, compilation …; empty where the source does not say.")
    release_date: str | None = Field(description="Partial: 1977, 1977-05 or 1977-05-08.")
    total_tracks: int
    images: list[CatalogImageItem]


class CatalogTrackItem(CatalogThingItem):
    title: str
    artists: list[CatalogCreditItem]
    album: CatalogAlbumPlaceItem | None
    disc: int
    position: int
    duration_ms: int
    explicit: bool
    isrcs: list[str]
    genres: list[str]
    original_title: str | None
    version_title: str | None
    has_lyrics: bool | None = Field(description="Null where nobody knows.")
    languages: list[str] = Field(description="Of its words; `zxx` is none.")
    preview_url: str | None
    features: dict[str, Any] | None = Field(description="Tempo, key, energy … as the source measured them.")


class CatalogAlbumItem(CatalogThingItem):
    title: str = Field(description="Empty where it was taken down.")
    artists: list[CatalogCreditItem]
    type: str
    release_date: str | None = Field(description="Partial: 1977, 1977-05 or 1977-05-08.")
    total_tracks: int
    label: str | None
    upc: str | None
    genres: list[str]
    copyright: str | None
    copyright_p: str | None
    images: list[CatalogImageItem]


class CatalogArtistAlbumItem(CatalogAlbumItem):
    credited: bool = Field(description="False where the artist only appears on it.")


class CatalogFoundTracks(BaseModel):
    items: list[CatalogTrackItem]
    next: str | None
    total: int | None = Field(description="Where it was cheap to count, and at most as many as are counted.")
    capped: bool = Field(description="There are more than `total`.")


class CatalogFoundAlbums(BaseModel):
    items: list[CatalogAlbumItem]
    next: str | None
    total: int | None
    capped: bool


class CatalogFoundArtists(BaseModel):
    items: list[CatalogArtistItem]
    next: str | None
    total: int | None
    capped: bool


class CatalogSearchAnswer(BaseModel):
    """What a search found, best first: exact titles, then by popularity; artists by followers. A kind that was not asked for
    is null."""

    query: str
    corrected: str | None = Field(description="What was searched for instead, where nothing was found for `query`.")
    partial: bool = Field(description="The time was up: better ones may be missing.")
    artists: CatalogFoundArtists | None
    albums: CatalogFoundAlbums | None
    tracks: CatalogFoundTracks | None


class CatalogBatchAsk(Body):
    ids: list[str] = Field(
        min_length=1,
        description="Up to 1,000: ids of the catalogue, isrc:…, upc:…, musicbrainz:recording:… and others.",
        examples=[["isrc:GBAYE0601498", "upc:5099902894225"]],
    )


class CatalogHitItem(BaseModel):
    """What one id names: of an ISRC or UPC all that bear it, the most popular first; else one."""

    asked: str
    kind: KindName
    tracks: list[CatalogTrackItem] = []
    albums: list[CatalogAlbumItem] = []
    artists: list[CatalogArtistItem] = []


class CatalogBatchAnswer(BaseModel):
    items: list[CatalogHitItem] = Field(description="In the order asked; what there is not is in `missing`.")
    missing: list[str]


class CatalogCountsItem(BaseModel):
    tracks: int
    albums: int
    artists: int


class CatalogProblemItem(BaseModel):
    code: str
    message: str
    hint: str | None


class CatalogOddityItem(BaseModel):
    """Something of the source that could not be taken as it was: how often, and the first of them."""

    code: str = Field(examples=["duplicate_track"])
    count: int
    examples: list[str]


class CatalogSnapshotItem(BaseModel):
    """What is being asked at the moment."""

    id: str
    source: str = Field(description="two-file, musicbrainz, discogs, library …")
    namespace: str = Field(description="Before its ids: spotify, musicbrainz …", examples=["spotify"])
    licence: str
    built_at: str
    counts: CatalogCountsItem
    size_bytes: int
    substring: bool = Field(description="Whether it can be searched with `match=substring`.")
    musicbrainz: bool = Field(description="Whether it answers as MusicBrainz does, under /compat/musicbrainz/ws/2.")
    path: str | None = Field(description="Its folder on the server, for administrators.")
    oddities: list[CatalogOddityItem] = Field(
        description="What of its source was left out or mended, for administrators."
    )
    build: dict[str, float] = Field(description="What the build cost: seconds, cpu_seconds, peak_bytes.")


class CatalogStatusAnswer(BaseModel):
    """`snapshot` is null where there is no catalogue; `problem` says why what the settings name is not served."""

    snapshot: CatalogSnapshotItem | None
    problem: CatalogProblemItem | None
    path: str | None = Field(description="Where the settings say that the snapshot lies, for administrators.")
    job: JobAnswer | None = Field(description="The build or update that waits or runs, for administrators.")
    last_job: JobAnswer | None = Field(description="The last one that ended, for administrators.")


class CatalogBuildAsk(Body):
    """What to build a snapshot from: paths on the server. `library` needs none."""

    source: Literal["two-file", "musicbrainz", "discogs", "library"]
    main: str | None = Field(None, max_length=4_000, description="Of two-file: main_database.sqlite3.")
    files: str | None = Field(None, max_length=4_000, description="Of two-file: track_files.sqlite3.")
    features: str | None = Field(None, max_length=4_000, description="Of two-file: track_audio_features.sqlite3.")
    folder: str | None = Field(None, max_length=4_000, description="Of musicbrainz and discogs: the dumps.")
    derived: bool = Field(False, description="Of musicbrainz: genres as well, whose licence is CC BY-NC-SA.")
    trigram: bool = Field(False, description="With an index for `match=substring`, about half as large as the others.")
    rest: bool = Field(False, description="Of two-file: of files that are cut off, take what there is.")
    keep: int | None = Field(
        None, ge=0, le=100, description="How many earlier snapshots are kept; null: as the setting catalog.keep says."
    )


class CatalogJobAnswer(BaseModel):
    job: str
    created: bool = Field(description="False where one waited or ran already.")


class CatalogAdditionsAsk(Body):
    """Records to add to the catalogue that is served: all of them, or where one is wrong none."""

    records: list[Given] = Field(
        min_length=1,
        max_length=1_000,
        description="What they name without giving it is taken over from the catalogue.",
        examples=[[{"kind": "artist", "id": "newcomer", "name": "Newcomer", "followers": 100}]],
    )


class CatalogAdditionsAnswer(BaseModel):
    """`id` is that of the catalogue as it is served now, with what was added."""

    id: str
    added: CatalogCountsItem
    beside: CatalogCountsItem = Field(description="All that was added since the build; the next one has it too.")
