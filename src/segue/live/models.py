"""Concerts and their recordings as rows. What items and services said is kept raw beside them (`live_raw`); every column that
is concluded can be made again from it, and what a person decided stands in `live_overrides`, which no pipeline writes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from segue.core.db import RAW_SCHEMA, Base, JsonB, SortText, UtcDateTime

BigId = BigInteger().with_variant(Integer, "sqlite")
OWN_ROWS = {"sqlite_autoincrement": True}


class LiveArtist(Base):
    """A band with concerts. `key` is its normalised name, unlike the library's artists, whose names may be shared."""

    __tablename__ = "live_artists"
    __table_args__ = (
        UniqueConstraint("key"),
        Index("ix_live_artists_sort", "sort_name", "id"),
        Index("ix_live_artists_collection", "collection"),
        OWN_ROWS,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    sort_name: Mapped[str] = mapped_column(SortText)
    collection: Mapped[str | None] = mapped_column(Text)
    """The archive's collection of this band alone, where there is one."""
    external_ids: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    concert_count: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    recording_count: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    first_date: Mapped[str | None] = mapped_column(Text)
    last_date: Mapped[str | None] = mapped_column(Text)
    mean_rating: Mapped[float | None] = mapped_column(Double)


class LiveArtistAlias(Base):
    """What a creator as written means: `action` match, create, block or pending."""

    __tablename__ = "live_artist_aliases"
    __table_args__ = (
        UniqueConstraint("collection", "raw"),
        Index("ix_live_artist_aliases_artist", "artist_id"),
        OWN_ROWS,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    collection: Mapped[str] = mapped_column(Text, default="", server_default="")
    raw: Mapped[str] = mapped_column(Text)
    artist_id: Mapped[int | None] = mapped_column(ForeignKey("live_artists.id", ondelete="CASCADE"))
    action: Mapped[str] = mapped_column(Text)
    decided_by: Mapped[int | None] = mapped_column(BigInteger)
    """Null: a rule."""


class LiveVenue(Base):
    __tablename__ = "live_venues"
    __table_args__ = (UniqueConstraint("key"), Index("ix_live_venues_sort", "sort_name", "id"), OWN_ROWS)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(Text)
    """Normalised name and place."""
    name: Mapped[str] = mapped_column(Text)
    sort_name: Mapped[str] = mapped_column(SortText)
    city: Mapped[str] = mapped_column(Text, default="", server_default="")
    region: Mapped[str] = mapped_column(Text, default="", server_default="")
    country: Mapped[str] = mapped_column(Text, default="", server_default="")
    latitude: Mapped[float | None] = mapped_column(Double)
    longitude: Mapped[float | None] = mapped_column(Double)
    placed_by: Mapped[str] = mapped_column(Text, default="", server_default="")
    """What the position rests on: city, person or empty."""
    concert_count: Mapped[int] = mapped_column(Integer, default=0, server_default="0")


class LiveConcert(Base):
    """An artist's show on a date, or one of several: `uid` is stable over any number of groupings."""

    __tablename__ = "live_concerts"
    __table_args__ = (
        UniqueConstraint("uid"),
        Index("ix_live_concerts_artist", "artist_id", "date_sort", "sequence"),
        Index("ix_live_concerts_date", "date_number", "id"),
        Index("ix_live_concerts_day", "day_of_year", "artist_id"),
        Index("ix_live_concerts_venue", "venue_id", "date_sort"),
        Index("ix_live_concerts_added", "added_at", "id"),
        Index("ix_live_concerts_rating", "rating", "id"),
        Index("ix_live_concerts_kept", "id", sqlite_where=text("kept > 0"), postgresql_where=text("kept > 0")),
        OWN_ROWS,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uid: Mapped[str] = mapped_column(Text)
    """uuid5 of artist key, date and sequence at the time it came to be."""
    artist_id: Mapped[int] = mapped_column(ForeignKey("live_artists.id"))
    date: Mapped[str] = mapped_column(Text)
    date_sort: Mapped[str] = mapped_column(SortText)
    """Partial dates come last within what they name: `1977-99-99`."""
    date_number: Mapped[int | None] = mapped_column(Integer)
    """The same as a number, 19779999; null where nothing is known."""
    day_of_year: Mapped[int | None] = mapped_column(SmallInteger)
    """Month times 100 plus day; null where the day is not known."""
    precision: Mapped[str] = mapped_column(Text)
    sequence: Mapped[int] = mapped_column(SmallInteger, default=1, server_default="1")
    show_time: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text, default="concert", server_default="concert")
    title: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Of a festival or event, where it has a name."""
    tour: Mapped[str] = mapped_column(Text, default="", server_default="")
    venue_id: Mapped[int | None] = mapped_column(ForeignKey("live_venues.id"))
    setlist_source: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Whose setlist `live_performances` has: reference, person, consensus or empty."""
    recording_count: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    song_count: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    best_recording_id: Mapped[int | None] = mapped_column(BigInteger)
    best_score: Mapped[float | None] = mapped_column(Double)
    best_completeness: Mapped[float | None] = mapped_column(Double)
    source_types: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Those of its recordings, between spaces: ` AUD SBD `."""
    rating: Mapped[float] = mapped_column(Double, default=0.0, server_default="0")
    """The best of its recordings' ratings, drawn to their artist's mean where few people rated; 0 where nobody did."""
    added_at: Mapped[str] = mapped_column(SortText, default="", server_default="")
    """When the newest of its recordings came to the archive."""
    kept: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    """How many of its recordings are on this server."""
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LiveRecording(Base):
    """One source of a concert: an item of the archive, or a folder of tapes at home (`provider` archive or tape)."""

    __tablename__ = "live_recordings"
    __table_args__ = (
        UniqueConstraint("provider", "identifier"),
        Index("ix_live_recordings_artist", "artist_id", "date_sort"),
        Index("ix_live_recordings_taper", "taper_key", "date_sort"),
        Index("ix_live_recordings_added", "added_at", "id"),
        Index("ix_live_recordings_date", "date_number", "id"),
        Index(
            "ix_live_recordings_shnid", "shnid", sqlite_where=text("shnid <> ''"), postgresql_where=text("shnid <> ''")
        ),
        Index(
            "ix_live_recordings_family",
            "family",
            sqlite_where=text("family <> ''"),
            postgresql_where=text("family <> ''"),
        ),
        OWN_ROWS,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    provider: Mapped[str] = mapped_column(Text, default="archive", server_default="archive")
    identifier: Mapped[str] = mapped_column(Text)
    artist_id: Mapped[int | None] = mapped_column(ForeignKey("live_artists.id"))
    """Null: whose it is is not known yet."""
    title: Mapped[str] = mapped_column(Text, default="", server_default="")
    date: Mapped[str] = mapped_column(Text, default="", server_default="")
    date_sort: Mapped[str] = mapped_column(SortText, default="", server_default="")
    date_number: Mapped[int | None] = mapped_column(Integer)
    """As that of a concert."""
    precision: Mapped[str] = mapped_column(Text)
    show_time: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    source_type: Mapped[str] = mapped_column(Text)
    venue: Mapped[str] = mapped_column(Text, default="", server_default="")
    location: Mapped[str] = mapped_column(Text, default="", server_default="")
    taper: Mapped[str] = mapped_column(Text, default="", server_default="")
    taper_key: Mapped[str] = mapped_column(Text, default="", server_default="")
    transferrer: Mapped[str] = mapped_column(Text, default="", server_default="")
    source: Mapped[str] = mapped_column(Text, default="", server_default="")
    lineage: Mapped[str] = mapped_column(Text, default="", server_default="")
    shnid: Mapped[str] = mapped_column(Text, default="", server_default="")
    equipment: Mapped[list[Any] | None] = mapped_column(JsonB)
    formats: Mapped[list[Any] | None] = mapped_column(JsonB)
    collections: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Of the archive, between spaces: ` GratefulDead etree `."""
    subjects: Mapped[list[Any] | None] = mapped_column(JsonB)
    rating: Mapped[float | None] = mapped_column(Double)
    review_count: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    downloads: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    track_count: Mapped[int | None] = mapped_column(Integer)
    duration_ms: Mapped[int | None] = mapped_column(BigInteger)
    stream_only: Mapped[bool] = mapped_column(Boolean, default=False, server_default="0")
    status: Mapped[str] = mapped_column(Text, default="there", server_default="there")
    """there, gone (the archive no longer lists it) or dark (withdrawn)."""
    partial: Mapped[bool] = mapped_column(Boolean, default=False, server_default="0")
    family: Mapped[str] = mapped_column(Text, default="", server_default="")
    """The same for every transfer of one tape; empty for a tape of one."""
    supersedes: Mapped[list[Any] | None] = mapped_column(JsonB)
    evidence: Mapped[list[Any] | None] = mapped_column(JsonB)
    """Why these facts: [code, value, weight] each."""
    doubts: Mapped[list[Any] | None] = mapped_column(JsonB)
    """What the item itself leaves in doubt: [kind, proposal, score, params] each; grouping adds its own."""
    added_at: Mapped[str] = mapped_column(SortText, default="", server_default="")
    """As the archive says, RFC 3339 or empty."""
    updated_at: Mapped[str] = mapped_column(Text, default="", server_default="")
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When it was last in a list of the archive."""
    details_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When its files and tracks were fetched; null: never."""
    concluded_version: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")


class LiveBill(Base):
    """Another artist whose concert a recording holds besides its own: a shared bill, a festival tape."""

    __tablename__ = "live_bills"
    __table_args__ = (Index("ix_live_bills_artist", "artist_id"),)

    recording_id: Mapped[int] = mapped_column(
        ForeignKey("live_recordings.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    artist_id: Mapped[int] = mapped_column(ForeignKey("live_artists.id"), primary_key=True, autoincrement=False)


class LiveRedirect(Base):
    """A concert that is no longer one by itself, and the one that its recordings went to."""

    __tablename__ = "live_redirects"
    __table_args__ = (Index("ix_live_redirects_uid", "uid"), Index("ix_live_redirects_to", "concert_id"))

    ended_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    uid: Mapped[str] = mapped_column(Text)
    concert_id: Mapped[int] = mapped_column(ForeignKey("live_concerts.id", ondelete="CASCADE"))


class LiveRegroup(Base):
    """A date of an artist whose recordings are to be put into concerts anew; empty: every date."""

    __tablename__ = "live_regroups"

    artist_id: Mapped[int] = mapped_column(
        ForeignKey("live_artists.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    date: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    """Counts how often it was asked for, so that who has done it knows whether it was asked for again meanwhile."""


class LiveRaw(Base):
    """What the archive said of a recording: `part` listed (of a list) or details; zstd-packed JSON.

    On SQLite the table lives in the second file attached as `raw`, hence no foreign key.
    """

    __tablename__ = "live_raw"
    __table_args__ = ({"schema": RAW_SCHEMA},)

    recording_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    part: Mapped[str] = mapped_column(Text, primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    fetched_at: Mapped[datetime] = mapped_column(UtcDateTime)
    etag: Mapped[str] = mapped_column(Text, default="", server_default="")


class LiveConcertRecording(Base):
    """A recording of a concert; one that spans two shows has two rows."""

    __tablename__ = "live_concert_recordings"
    __table_args__ = (Index("ix_live_concert_recordings_recording", "recording_id"),)

    concert_id: Mapped[int] = mapped_column(
        ForeignKey("live_concerts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    recording_id: Mapped[int] = mapped_column(
        ForeignKey("live_recordings.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    role: Mapped[str] = mapped_column(Text, default="whole", server_default="whole")
    """whole, part (of the show) or also (the item holds another show besides)."""
    rank: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    score: Mapped[float] = mapped_column(Double, default=0.0, server_default="0")
    completeness: Mapped[float | None] = mapped_column(Double)
    terms: Mapped[list[Any] | None] = mapped_column(JsonB)
    """[code, value, weight, params] each."""
    missing: Mapped[list[Any] | None] = mapped_column(JsonB)
    evidence: Mapped[list[Any] | None] = mapped_column(JsonB)


class LiveSong(Base):
    """A song as one artist plays it."""

    __tablename__ = "live_songs"
    __table_args__ = (UniqueConstraint("artist_id", "key"), Index("ix_live_songs_key", "key"), OWN_ROWS)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    artist_id: Mapped[int] = mapped_column(ForeignKey("live_artists.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    play_count: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """Concerts it was played at."""
    first_date: Mapped[str | None] = mapped_column(Text)
    last_date: Mapped[str | None] = mapped_column(Text)
    learnt: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Where the name is from: setlist, recordings or person."""


class LiveSongAlias(Base):
    """What a title as normalised means for one artist; `song_id` null: it is no song."""

    __tablename__ = "live_song_aliases"
    __table_args__ = (Index("ix_live_song_aliases_key", "key"), Index("ix_live_song_aliases_song", "song_id"))

    artist_id: Mapped[int] = mapped_column(
        ForeignKey("live_artists.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    title: Mapped[str] = mapped_column(Text, default="", server_default="")
    """As it was written by whoever said so."""
    song_id: Mapped[int | None] = mapped_column(ForeignKey("live_songs.id", ondelete="CASCADE"))
    decided_by: Mapped[int | None] = mapped_column(BigInteger)
    """Null: learnt."""


class LivePerformance(Base):
    """A song in the setlist of a concert."""

    __tablename__ = "live_performances"
    __table_args__ = (
        UniqueConstraint("concert_id", "position"),
        Index("ix_live_performances_song", "song_id", "concert_id", "position"),
        Index("ix_live_performances_gap", "gap", "concert_id"),
        OWN_ROWS,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    concert_id: Mapped[int] = mapped_column(ForeignKey("live_concerts.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(SmallInteger)
    set_number: Mapped[int] = mapped_column(SmallInteger)
    """1, 2, 3 …; encores go on counting."""
    set_name: Mapped[str] = mapped_column(Text)
    """Set 1, Encore, Soundcheck …"""
    place: Mapped[str] = mapped_column(Text, default="", server_default="")
    """opener, closer, both or empty: of its set."""
    song_id: Mapped[int] = mapped_column(ForeignKey("live_songs.id"))
    segue: Mapped[bool] = mapped_column(Boolean, default=False, server_default="0")
    """It runs into the next one, says the setlist."""
    segue_heard: Mapped[bool] = mapped_column(Boolean, default=False, server_default="0")
    """It runs into the next one, says the title of a recording's track."""
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
    gap: Mapped[int | None] = mapped_column(Integer)
    """How many of the artist's concerts with a known setlist later it came back: 1 at the next one, 0 the same evening;
    null the first time, in soundchecks, and at what is no concert."""


class LiveTrack(Base):
    """A track of a recording whose details were fetched. It can be played as `lt-…`."""

    __tablename__ = "live_tracks"
    __table_args__ = (UniqueConstraint("recording_id", "number"), Index("ix_live_tracks_track", "track_id"), OWN_ROWS)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    recording_id: Mapped[int] = mapped_column(ForeignKey("live_recordings.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(Text)
    """As written, by the set of titles that fits the setlist best."""
    title_source: Mapped[str] = mapped_column(Text, default="", server_default="")
    """original, derivative or info."""
    other_titles: Mapped[list[Any] | None] = mapped_column(JsonB)
    """What derivatives' tags or the info file call it, where that differs."""
    duration_ms: Mapped[int | None] = mapped_column(Integer)
    duration_source: Mapped[str] = mapped_column(Text, default="", server_default="")
    heard: Mapped[list[Any] | None] = mapped_column(JsonB)
    """What the title says was played: [song id or null, name, kind, segue, encore, cut] each."""
    set_name: Mapped[str] = mapped_column(Text, default="", server_default="")
    track_id: Mapped[int | None] = mapped_column(BigInteger)
    """The library's track, once it is on this server."""


class LiveFile(Base):
    """A file of a recording as the archive lists it."""

    __tablename__ = "live_files"
    __table_args__ = (UniqueConstraint("recording_id", "name"), Index("ix_live_files_md5", "md5"), OWN_ROWS)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    recording_id: Mapped[int] = mapped_column(ForeignKey("live_recordings.id", ondelete="CASCADE"))
    number: Mapped[int | None] = mapped_column(Integer)
    """The track that it holds; null for a sidecar."""
    name: Mapped[str] = mapped_column(Text)
    format: Mapped[str] = mapped_column(Text, default="", server_default="")
    source: Mapped[str] = mapped_column(Text, default="", server_default="")
    original: Mapped[str] = mapped_column(Text, default="", server_default="")
    size: Mapped[int | None] = mapped_column(BigInteger)
    md5: Mapped[str] = mapped_column(Text, default="", server_default="")
    sha1: Mapped[str] = mapped_column(Text, default="", server_default="")
    crc32: Mapped[str] = mapped_column(Text, default="", server_default="")
    length_ms: Mapped[int | None] = mapped_column(Integer)
    private: Mapped[bool] = mapped_column(Boolean, default=False, server_default="0")


class LiveFingerprint(Base):
    """A FLAC fingerprint (the MD5 of its audio) that an item's .ffp names: what local tapes are known by."""

    __tablename__ = "live_fingerprints"
    __table_args__ = (Index("ix_live_fingerprints_value", "value"),)

    recording_id: Mapped[int] = mapped_column(
        ForeignKey("live_recordings.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class LiveDoubt(Base):
    """Something that does not fit, for a person to decide: `state` open, accepted or refused."""

    __tablename__ = "live_doubts"
    __table_args__ = (
        UniqueConstraint("recording_id", "kind", "proposal"),
        Index("ix_live_doubts_state", "state", "score", "id"),
        OWN_ROWS,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    recording_id: Mapped[int] = mapped_column(ForeignKey("live_recordings.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(Text)
    proposal: Mapped[str] = mapped_column(Text)
    score: Mapped[float] = mapped_column(Double)
    params: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    state: Mapped[str] = mapped_column(Text, default="open", server_default="open")
    decided_by: Mapped[int | None] = mapped_column(BigInteger)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class LiveOverride(Base):
    """A person's word, which wins over everything: `scope` recording, concert, artist, song or venue; `subject` its identifier,
    uid or key, never a row's number, so that it outlives any grouping."""

    __tablename__ = "live_overrides"
    __table_args__ = (UniqueConstraint("scope", "subject", "field"), OWN_ROWS)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    scope: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    field: Mapped[str] = mapped_column(Text)
    """date, artist, show_time, kind, source_type, taper, venue, setlist, title, songs, with, apart …"""
    value: Mapped[Any] = mapped_column(JsonB)
    user_id: Mapped[int | None] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class LivePin(Base):
    """The recording of a concert that a person wants first; user 0: for the whole house."""

    __tablename__ = "live_pins"

    concert_id: Mapped[int] = mapped_column(
        ForeignKey("live_concerts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    recording_id: Mapped[int] = mapped_column(ForeignKey("live_recordings.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class LiveMirror(Base):
    """A list of the archive that is kept here: a collection of bands, or one band's."""

    __tablename__ = "live_mirrors"
    __table_args__ = (UniqueConstraint("collection"), OWN_ROWS)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    collection: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text, default="", server_default="")
    wanted: Mapped[bool] = mapped_column(Boolean, default=True, server_default="1")
    state: Mapped[str] = mapped_column(Text, default="new", server_default="new")
    """new, running, whole, failed."""
    item_count: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    listed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When a list was last read to its end."""
    newest: Mapped[str] = mapped_column(Text, default="", server_default="")
    """The newest `addeddate` seen: where the next round goes on."""
    error: Mapped[dict[str, Any] | None] = mapped_column(JsonB)


class LiveSetlist(Base):
    """A setlist brought by a file, a service or a person, as it was said; matched to concerts by artist, date and show time."""

    __tablename__ = "live_setlists"
    __table_args__ = (
        UniqueConstraint("source", "artist_key", "date", "show_id"),
        Index("ix_live_setlists_artist", "artist_key", "date"),
        OWN_ROWS,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    source: Mapped[str] = mapped_column(Text)
    artist_key: Mapped[str] = mapped_column(Text)
    date: Mapped[str] = mapped_column(Text)
    show_id: Mapped[str] = mapped_column(Text, default="", server_default="")
    show_time: Mapped[str | None] = mapped_column(Text)
    venue: Mapped[str] = mapped_column(Text, default="", server_default="")
    city: Mapped[str] = mapped_column(Text, default="", server_default="")
    region: Mapped[str] = mapped_column(Text, default="", server_default="")
    country: Mapped[str] = mapped_column(Text, default="", server_default="")
    tour: Mapped[str] = mapped_column(Text, default="", server_default="")
    sets: Mapped[list[Any]] = mapped_column(JsonB)
    """[name, [[song, segue, note] …]] each."""
    user_id: Mapped[int | None] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
