"""What the archive looks like over REST: what searches find, items and their files, how things stand, what is kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from segue.core.ids import format_id_or_none
from segue.live.archive.documents import Band, CacheFigures, Standing
from segue.live.archive.service import (
    CATEGORIES,
    Category,
    Found,
    FoundItem,
    ItemShown,
    by_category,
    may_be_downloaded,
)
from segue.live.archive.shapes import as_number, as_one, as_text
from segue.live.facts import facts_of
from segue.live.records import ItemFile

MOST_REVIEWS = 200


class FoundItemView(BaseModel):
    """A recording of the archive, as a list of it has it."""

    identifier: str = Field(examples=["lp1977-05-08.10370.sbd.lund.flac16"])
    recording: str | None = Field(description="Its id where it is known here.", examples=["rec-81"])
    title: str
    artist: str
    date: str = Field(description="1977-05-08, 1977-05, 1977 or empty.")
    precision: Literal["day", "month", "year", "unknown"]
    venue: str
    location: str
    source_type: Literal["SBD", "MTX", "FM", "AUD", "UNKNOWN"]
    source: str = Field(description="As the uploader says it.")
    taper: str
    rating: float | None = Field(description="Mean of the reviews' stars, 1 to 5.")
    reviews: int
    downloads: int
    size_bytes: int | None
    added_at: str
    stream_only: bool = Field(description="It may be listened to, and not be downloaded.")
    formats: list[str]


class FoundView(BaseModel):
    """One page of a search."""

    items: list[FoundItemView]
    next: int | None = Field(description="The number of the next page; null at the end.")
    total: int
    source: Literal["mirrored", "live"] = Field(
        description="Whether the archive itself was asked, or what is kept of it."
    )
    at: datetime = Field(description="When the archive said this.")
    age_s: int


class ArchiveFileView(BaseModel):
    """A file of an item."""

    name: str
    format: str
    source: Literal["original", "derivative", "metadata", ""]
    original: str = Field(description="The file that a derivative was made from.")
    size_bytes: int | None
    md5: str
    duration_ms: int | None = Field(description="As the archive says; wrong for Shorten.")
    title: str
    private: bool = Field(description="The archive does not give it out.")
    downloadable: bool


class ArchiveTrackView(BaseModel):
    """A track of an item."""

    number: int
    title: str
    duration_ms: int | None
    other_titles: list[str] = Field(description="What a derivative of it is called, where that differs.")
    files: list[ArchiveFileView]


class ReviewView(BaseModel):
    """What a listener wrote."""

    title: str
    body: str = Field(description="Text; what looks like markup is to be shown as it stands.")
    reviewer: str
    stars: float | None
    date: str


class ArchiveItemView(BaseModel):
    """An item of the archive, as it describes itself. `description` and `notes` are text; markup in them is shown as it is."""

    identifier: str
    recording: str | None
    title: str
    artist: str
    date: str
    precision: Literal["day", "month", "year", "unknown"]
    venue: str
    location: str
    source_type: Literal["SBD", "MTX", "FM", "AUD", "UNKNOWN"]
    source: str
    lineage: str
    taper: str
    transferrer: str
    notes: str
    description: str
    subjects: list[str]
    collections: list[str]
    rating: float | None
    review_count: int
    size_bytes: int | None
    added_at: str
    updated_at: str
    stream_only: bool
    dark: bool = Field(description="It was withdrawn; there is nothing but its name.")
    tracks: list[ArchiveTrackView]
    reviews: list[ReviewView]
    source_of_answer: Literal["live", "kept"] = Field(description="`kept`: what the archive said some time ago.")
    at: datetime
    age_s: int


class CategoryView(BaseModel):
    """The files of one kind."""

    category: Category
    count: int
    size_bytes: int
    files: list[ArchiveFileView]


class DirectoryView(BaseModel):
    """All files of an item by what they are for."""

    identifier: str
    stream_only: bool
    dark: bool
    files: int
    size_bytes: int
    categories: list[CategoryView]
    at: datetime
    age_s: int


class BandView(BaseModel):
    """A collection of one band's recordings."""

    collection: str = Field(examples=["LanternParade"])
    title: str
    items: int | None
    size_bytes: int | None
    downloads: int | None


class BandsView(BaseModel):
    items: list[BandView]
    total: int


class CacheView(BaseModel):
    """What is kept of the archive's answers, and how often that saved asking, since this database exists."""

    hits: int
    stale_hits: int = Field(description="Answers given although they were old, because the archive could not be asked.")
    misses: int
    hit_share: float | None = Field(description="Hits among all questions, 0 to 1; null where nobody asked yet.")
    entries: int
    size_bytes: int = Field(description="As kept: compressed.")
    oldest: datetime | None
    newest: datetime | None
    kinds: dict[str, int] = Field(description="Entries by what was asked: metadata, search, bands.")


class ClearedView(BaseModel):
    forgotten: int


class FaultView(BaseModel):
    """The newest thing that went wrong."""

    code: str
    reason: str
    message: str
    at: str


class ArchiveView(BaseModel):
    """How things stand with the archive."""

    base_url: str
    contact: bool = Field(description="Whether a contact is set, without which nothing is asked: outside.contact.")
    enabled: bool
    breaker: Literal["closed", "open", "half_open"]
    open_until: datetime | None = Field(description="While the breaker is open: when it is tried again.")
    blocked_until: datetime | None = Field(description="Until when the archive wants to be left alone.")
    blocked_by: str
    rate: float = Field(description="Questions a second that it is asked at most just now.")
    full_rate: float = Field(description="The same when it is content: live.requests_per_second.")
    asked_at: datetime | None
    answered_at: datetime | None = Field(description="When the newest answer that is kept came.")
    last_fault: FaultView | None
    open_files: int = Field(description="Files that this process fetches just now.")
    open_files_at_most: int
    collections: list[str] = Field(description="Those whose bands are offered: live.collections.")


def found_view(found: Found, page: int, limit: int) -> FoundView:
    more = page * limit < found.total and bool(found.items)
    items = [_found(one) for one in found.items]
    return FoundView(
        items=items,
        next=page + 1 if more else None,
        total=found.total,
        source=found.source,
        at=found.at,
        age_s=found.age_s,
    )


def item_view(shown: ItemShown) -> ArchiveItemView:
    item, facts = shown.item, facts_of(shown.item)
    reviews = [
        ReviewView(
            title=as_one(one.get("reviewtitle")),
            body=as_text(one.get("reviewbody")),
            reviewer=as_one(one.get("reviewer")),
            stars=as_number(one.get("stars")),
            date=as_one(one.get("reviewdate")),
        )
        for one in shown.document.reviews[:MOST_REVIEWS]
    ]
    return ArchiveItemView(
        identifier=item.identifier,
        recording=format_id_or_none("rec", shown.recording),
        title=item.title,
        artist=facts.artist_names[0],
        date=facts.date,
        precision=facts.precision,
        venue=item.venue,
        location=item.location,
        source_type=facts.source_type,
        source=item.source,
        lineage=item.lineage,
        taper=facts.taper,
        transferrer=facts.transferrer,
        notes=item.notes,
        description=item.description,
        subjects=list(item.subjects),
        collections=list(item.collections),
        rating=item.rating,
        review_count=item.review_count,
        size_bytes=item.size_bytes,
        added_at=item.added_at,
        updated_at=item.updated_at,
        stream_only=item.stream_only,
        dark=item.dark,
        tracks=[
            ArchiveTrackView(
                number=track.number,
                title=track.title,
                duration_ms=track.duration_ms,
                other_titles=list(track.other_titles),
                files=[_file(shown, file) for file in track.files],
            )
            for track in item.tracks
        ],
        reviews=reviews,
        source_of_answer="live" if shown.document.age_s < JUST_NOW_S else "kept",
        at=shown.document.at,
        age_s=shown.document.age_s,
    )


JUST_NOW_S = 10


def directory_view(shown: ItemShown) -> DirectoryView:
    by = by_category(shown)
    categories = [
        CategoryView(
            category=category,
            count=len(by[category]),
            size_bytes=sum(file.size or 0 for file in by[category]),
            files=[_file(shown, file) for file in by[category]],
        )
        for category in CATEGORIES
    ]
    return DirectoryView(
        identifier=shown.item.identifier,
        stream_only=shown.item.stream_only,
        dark=shown.item.dark,
        files=sum(one.count for one in categories),
        size_bytes=sum(one.size_bytes for one in categories),
        categories=categories,
        at=shown.document.at,
        age_s=shown.document.age_s,
    )


def band_view(band: Band) -> BandView:
    return BandView(
        collection=band.identifier,
        title=band.title,
        items=band.item_count,
        size_bytes=band.size_bytes,
        downloads=band.downloads,
    )


def cache_view(figures: CacheFigures) -> CacheView:
    asked = figures.hits + figures.stale_hits + figures.misses
    return CacheView(
        hits=figures.hits,
        stale_hits=figures.stale_hits,
        misses=figures.misses,
        hit_share=round((figures.hits + figures.stale_hits) / asked, 4) if asked else None,
        entries=figures.entries,
        size_bytes=figures.size_bytes,
        oldest=figures.oldest,
        newest=figures.newest,
        kinds=dict(figures.by_kind),
    )


def archive_view(standing: Standing, collections: tuple[str, ...]) -> ArchiveView:
    fault: dict[str, Any] = dict(standing.last_fault or {})
    said = {name: str(fault.get(name, "")) for name in ("code", "reason", "message", "at")}
    return ArchiveView(
        base_url=standing.at,
        contact=standing.contact,
        enabled=standing.enabled,
        breaker=standing.breaker,
        open_until=standing.open_until,
        blocked_until=standing.blocked_until,
        blocked_by=standing.blocked_by,
        rate=standing.rate,
        full_rate=standing.full_rate,
        asked_at=standing.asked_at,
        answered_at=standing.answered_at,
        last_fault=FaultView(**said) if fault else None,
        open_files=standing.downloads,
        open_files_at_most=standing.downloads_at_once,
        collections=list(collections),
    )


def _found(one: FoundItem) -> FoundItemView:
    return FoundItemView(
        identifier=one.identifier,
        recording=format_id_or_none("rec", one.recording),
        title=one.title,
        artist=one.artist,
        date=one.date,
        precision=one.precision,  # type: ignore[arg-type]
        venue=one.venue,
        location=one.location,
        source_type=one.source_type,  # type: ignore[arg-type]
        source=one.source,
        taper=one.taper,
        rating=one.rating,
        reviews=one.review_count,
        downloads=one.downloads,
        size_bytes=one.size_bytes,
        added_at=one.added_at,
        stream_only=one.stream_only,
        formats=list(one.formats),
    )


def _file(shown: ItemShown, file: ItemFile) -> ArchiveFileView:
    source = file.source if file.source in ("original", "derivative", "metadata") else ""
    return ArchiveFileView(
        name=file.name,
        format=file.format,
        source=source,  # type: ignore[arg-type]
        original=file.original,
        size_bytes=file.size,
        md5=file.md5,
        duration_ms=file.length_ms,
        title=file.title,
        private=file.private,
        downloadable=may_be_downloaded(shown, file),
    )
