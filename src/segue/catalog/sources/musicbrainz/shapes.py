"""What of a ws/2 document goes into records. Members that are not named here are passed over without being read."""

from __future__ import annotations

from msgspec import Struct


class _Shape(Struct, rename="kebab", gc=False):
    """Members are spelled with hyphens, as ws/2 does."""


class Credited(_Shape):
    """An artist where it is credited."""

    id: str
    name: str = ""
    sort_name: str | None = None
    disambiguation: str | None = None
    type: str | None = None


class Credit(Struct, gc=False):
    """One name of an artist credit, with what stands between it and the next."""

    artist: Credited | None = None
    name: str | None = None
    joinphrase: str | None = None


class Genre(_Shape):
    name: str
    count: int | None = None


class Rating(_Shape):
    """`value` from 0 to 5."""

    value: float | None = None
    votes_count: int | None = None


class Resource(_Shape):
    resource: str = ""


class Relation(_Shape):
    target_type: str | None = None
    type: str | None = None
    ended: bool | None = None
    url: Resource | None = None


class Recording(_Shape):
    id: str
    title: str | None = None
    length: int | None = None
    video: bool | None = None
    disambiguation: str | None = None
    first_release_date: str | None = None
    isrcs: list[str] = []
    artist_credit: list[Credit] = []
    relations: list[Relation] = []
    genres: list[Genre] = []
    rating: Rating | None = None
    redirects: list[str] = []
    """Ids that once were its own; only from tables."""


class Track(_Shape):
    id: str
    title: str | None = None
    number: str | None = None
    position: int | None = None
    length: int | None = None
    artist_credit: list[Credit] = []
    recording: Recording | None = None


class Medium(_Shape):
    position: int | None = None
    format: str | None = None
    title: str | None = None
    track_count: int | None = None
    pregap: Track | None = None
    tracks: list[Track] = []
    data_tracks: list[Track] = []


class Area(_Shape):
    name: str | None = None
    iso_3166_1_codes: list[str] | None = None


class Event(_Shape):
    date: str | None = None
    area: Area | None = None


class Label(_Shape):
    id: str
    name: str | None = None


class LabelInfo(_Shape):
    catalog_number: str | None = None
    label: Label | None = None


class Text(_Shape):
    language: str | None = None
    script: str | None = None


class Cover(_Shape):
    artwork: bool | None = None
    front: bool | None = None


class ReleaseGroup(_Shape):
    id: str
    title: str | None = None
    primary_type: str | None = None
    secondary_types: list[str] = []
    first_release_date: str | None = None
    relations: list[Relation] = []
    genres: list[Genre] = []
    rating: Rating | None = None
    redirects: list[str] = []


class Release(_Shape):
    id: str
    title: str | None = None
    disambiguation: str | None = None
    status: str | None = None
    packaging: str | None = None
    country: str | None = None
    date: str | None = None
    barcode: str | None = None
    asin: str | None = None
    artist_credit: list[Credit] = []
    release_group: ReleaseGroup | None = None
    release_events: list[Event] | None = None
    label_info: list[LabelInfo] = []
    media: list[Medium] = []
    text_representation: Text | None = None
    cover_art_archive: Cover | None = None
    relations: list[Relation] = []
    genres: list[Genre] = []
    redirects: list[str] = []


class Alias(_Shape):
    name: str
    locale: str | None = None
    type: str | None = None


class Span(_Shape):
    begin: str | None = None
    end: str | None = None
    ended: bool | None = None


class Artist(_Shape):
    id: str
    name: str
    sort_name: str | None = None
    disambiguation: str | None = None
    type: str | None = None
    gender: str | None = None
    country: str | None = None
    area: Area | None = None
    life_span: Span | None = None
    aliases: list[Alias] = []
    isnis: list[str] = []
    ipis: list[str] = []
    relations: list[Relation] = []
    genres: list[Genre] = []
    rating: Rating | None = None
    redirects: list[str] = []
