"""What can be asked of concerts and of recordings, in `?q=`, in the parameters of their lists, and in rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, Table, Text, and_, func, or_, select, true
from sqlalchemy import cast as as_type

from segue.live.facts import artist_key
from segue.live.mirror.rows import taper_key
from segue.live.models import (
    LiveArtist,
    LiveConcert,
    LiveConcertRecording,
    LiveRecording,
    LiveVenue,
)
from segue.live.search.find import has_words, rows_with
from segue.live.songs.fields import SET_FAMILY, SETLIST_FIELDS
from segue.query import Compare, Entity, Field, Has, In, Many, Range, Scope, Type, declared, sorted_by
from segue.query.expressions import ascii_lower, date_number, plain

CONCERTS = cast(Table, LiveConcert.__table__)
RECORDINGS = cast(Table, LiveRecording.__table__)
ARTISTS = cast(Table, LiveArtist.__table__)
VENUES = cast(Table, LiveVenue.__table__)
HELD = cast(Table, LiveConcertRecording.__table__)
_c, _r = CONCERTS.c, RECORDINGS.c
KINDS = ("concert", "soundcheck", "rehearsal", "studio", "interview", "compilation")
SOURCES = ("SBD", "MTX", "FM", "AUD", "UNKNOWN")
_HELD_TAPES = HELD.join(RECORDINGS, RECORDINGS.c.id == HELD.c.recording_id)


def _years(number: ColumnElement[Any]) -> Callable[[Scope, Any], ColumnElement[bool]]:
    """The condition on a year as a stretch of dates, which the index of dates serves."""

    def stretch(low: Any, high: Any) -> ColumnElement[bool]:
        parts: list[ColumnElement[bool]] = [number.is_not(None)]
        if low is not None:
            parts.append(number >= int(low) * 10_000)
        if high is not None:
            parts.append(number < (int(high) + 1) * 10_000)
        return and_(*parts)

    def asked(_scope: Scope, node: Any) -> ColumnElement[bool]:
        match node:
            case Compare(op="=", value=value):
                return stretch(value, value)
            case Compare(op="<", value=value):
                return stretch(None, int(value) - 1)
            case Compare(op="<=", value=value):
                return stretch(None, value)
            case Compare(op=">", value=value):
                return stretch(int(value) + 1, None)
            case Compare(op=">=", value=value):
                return stretch(value, None)
            case Range(low=low, high=high):
                return stretch(low, high)
            case In(values=values):
                return or_(*(stretch(value, value) for value in values))
            case _:
                return number.is_not(None)

    return asked


def _source_of_concert(_scope: Scope, node: Any) -> ColumnElement[bool]:
    match node:
        case Compare(value=value):
            wanted: tuple[Any, ...] = (value,)
        case In(values=values):
            wanted = values
        case Has():
            return _c.source_types != ""
        case _:
            wanted = ()
    return or_(*(_c.source_types.contains(f" {str(value).upper()} ", autoescape=True) for value in wanted))


def _words(_scope: Scope, typed: str) -> ColumnElement[bool]:
    return has_words("concert", _c.id, typed, _scope.dialect)


def _words_found(scope: Scope, typed: str) -> Select[Any]:
    return rows_with("concert", typed, scope.dialect)


def _artist_fields(artist: ColumnElement[Any]) -> tuple[Field, Field]:
    return (
        Field(
            "artist",
            Type.ID,
            "Whose it is.",
            artist,
            indexed=True,
            prefix="ba",
            text="artist.name",
            aliases=("band",),
            names_of="live_artists",
        ),
        Field(
            "artist.name",
            Type.TEXT,
            "The name of whose it is; case, accents and a leading The do not count.",
            many=Many(ARTISTS.c.id, ARTISTS.c.key, key=artist),
            fold=artist_key,
        ),
    )


def _date_fields(table: Table, index: str) -> tuple[Field, ...]:
    number = table.c.date_number
    years = _years(number)
    return (
        Field(
            "date", Type.DATE, "When it was.", number, indexed=True, sort=sorted_by(number, nulls="last", index=index)
        ),
        Field(
            "year",
            Type.INTEGER,
            "The year.",
            asked=years,
            found=lambda scope, node: select(table.c.id).where(years(scope, node)),
        ),
        Field("month", Type.INTEGER, "The month, 1 to 12.", func.nullif(number.op("/")(100).op("%")(100), 99)),
    )


def _json_texts(table: Table, column: str) -> Callable[[Scope], Many]:
    def values(scope: Scope) -> Many:
        own = table.alias()
        if scope.dialect == "sqlite":
            each: Any = func.json_each(own.c[column]).table_valued("value")
        else:
            each = func.jsonb_array_elements_text(own.c[column]).table_valued("value")
        return Many(own.c.id, ascii_lower(as_type(each.c.value, Text)), source=own.join(each, true()))

    return values


def _of_venue(name: str, meaning: str, column: ColumnElement[Any], *aliases: str) -> Field:
    return Field(
        name,
        Type.TEXT,
        meaning,
        many=Many(VENUES.c.id, ascii_lower(column), key=_c.venue_id),
        fold=plain,
        aliases=aliases,
    )


def _kept_format(scope: Scope) -> Many:
    tapes = RECORDINGS.alias()
    if scope.dialect == "sqlite":
        each: Any = func.json_each(tapes.c.formats).table_valued("value")
    else:
        each = func.jsonb_array_elements_text(tapes.c.formats).table_valued("value")
    source = HELD.join(tapes, tapes.c.id == HELD.c.recording_id).join(each, true())
    return Many(HELD.c.concert_id, ascii_lower(as_type(each.c.value, Text)), source=source)


CONCERT = Entity(
    "concerts",
    CONCERTS,
    _c.id,
    declared(
        Field("id", Type.ID, "Its own id.", _c.id, indexed=True, nullable=False, prefix="co"),
        *_artist_fields(_c.artist_id),
        *_date_fields(CONCERTS, "ix_live_concerts_date"),
        Field(
            "day",
            Type.INTEGER,
            "The day of the year as month times 100 plus day: 508 is 8 May.",
            _c.day_of_year,
            indexed=True,
        ),
        Field(
            "venue",
            Type.ID,
            "Where it was.",
            _c.venue_id,
            indexed=True,
            prefix="ve",
            text="venue.name",
            names_of="live_venues",
        ),
        _of_venue("venue.name", "The name of where it was.", VENUES.c.name),
        _of_venue("city", "The city it was in.", VENUES.c.city),
        _of_venue("region", "The state or region it was in.", VENUES.c.region, "state"),
        _of_venue("country", "The country it was in.", VENUES.c.country),
        Field("tour", Type.TEXT, "The tour it was part of.", ascii_lower(_c.tour), fold=plain, nullable=False),
        Field(
            "title", Type.TEXT, "What the evening is called: a festival, an event.", ascii_lower(_c.title), fold=plain
        ),
        Field(
            "source",
            Type.ENUM,
            "The kind of source that any of its recordings is of.",
            asked=_source_of_concert,
            choices=SOURCES,
            aliases=("source_type",),
        ),
        Field(
            "taper",
            Type.TEXT,
            "Who recorded any of its recordings.",
            many=Many(HELD.c.concert_id, RECORDINGS.c.taper_key, RECORDINGS.c.taper_key != "", source=_HELD_TAPES),
            fold=taper_key,
            names_of="live_tapers",
        ),
        Field(
            "format",
            Type.TEXT,
            "A format that any of its recordings has (flac, vbr mp3).",
            many=_kept_format,
            fold=plain,
        ),
        Field(
            "rating",
            Type.NUMBER,
            "The best of its recordings' ratings, 1 to 5, drawn to the artist's mean where few people rated; 0 without any.",
            _c.rating,
            nullable=False,
            sort=sorted_by(_c.rating, index="ix_live_concerts_rating"),
            aliases=("min_rating",),
        ),
        Field(
            "completeness",
            Type.NUMBER,
            "The share of the setlist that its first recording holds, 0 to 1.",
            _c.best_completeness,
        ),
        Field(
            "recordings",
            Type.INTEGER,
            "How many recordings there are of it.",
            _c.recording_count,
            nullable=False,
            sort=sorted_by(_c.recording_count),
        ),
        Field(
            "songs",
            Type.INTEGER,
            "How many songs were played, where a setlist is known; else 0.",
            _c.song_count,
            nullable=False,
        ),
        Field("kept", Type.BOOLEAN, "A recording of it is on this server.", _c.kept > 0, nullable=False),
        Field("kind", Type.ENUM, "What it was.", _c.kind, nullable=False, choices=KINDS),
        Field("time", Type.ENUM, "The early or the late show of its day.", _c.show_time, choices=("early", "late")),
        Field(
            "added",
            Type.DATE,
            "When the newest of its recordings came to the archive.",
            date_number(func.substr(_c.added_at, 1, 10)),
            sort=sorted_by(_c.added_at, index="ix_live_concerts_added"),
        ),
        Field(
            "changed",
            Type.DATE,
            "When anything of it last changed here.",
            _c.changed_at,
            nullable=False,
            sort=sorted_by(_c.changed_at),
        ),
        *SETLIST_FIELDS,
        Field(
            "search",
            Type.TEXT,
            "Has all the words, the last one perhaps only begun: of the band, the place or the date.",
            words=_words,
            words_found=_words_found,
        ),
    ),
    "date",
    lambda libraries: true(),
    hidden_unless_asked=("kind", "concert"),
    families=(SET_FAMILY,),
    phrase=("artist.name", "venue.name", "city", "title"),
    chained="song",
)
"""Concerts. Soundchecks, rehearsals and the like are only told where the question speaks of `kind`."""

RECORDING = Entity(
    "recordings",
    RECORDINGS,
    _r.id,
    declared(
        Field("id", Type.ID, "Its own id.", _r.id, indexed=True, nullable=False, prefix="rec"),
        Field(
            "identifier", Type.TEXT, "The archive's name of it.", ascii_lower(_r.identifier), fold=plain, nullable=False
        ),
        *_artist_fields(_r.artist_id),
        *_date_fields(RECORDINGS, "ix_live_recordings_date"),
        Field("title", Type.TEXT, "What its uploader calls it.", ascii_lower(_r.title), fold=plain, nullable=False),
        Field(
            "venue", Type.TEXT, "Where it was recorded, as written.", ascii_lower(_r.venue), fold=plain, nullable=False
        ),
        Field("city", Type.TEXT, "The place, as written.", ascii_lower(_r.location), fold=plain, nullable=False),
        Field(
            "source",
            Type.ENUM,
            "The kind of source.",
            _r.source_type,
            nullable=False,
            choices=SOURCES,
            aliases=("source_type",),
        ),
        Field(
            "taper",
            Type.TEXT,
            "Who recorded it.",
            _r.taper_key,
            fold=taper_key,
            names_of="live_tapers",
            indexed=True,
            present=_r.taper_key != "",
            sort=sorted_by(_r.taper_key, _r.date_sort, index="ix_live_recordings_taper"),
        ),
        Field("transferrer", Type.TEXT, "Who brought it into the computer.", ascii_lower(_r.transferrer), fold=plain),
        Field("lineage", Type.TEXT, "The steps from microphone or board to file.", ascii_lower(_r.lineage), fold=plain),
        Field(
            "shnid",
            Type.TEXT,
            "Its number in the tape traders' database.",
            _r.shnid,
            indexed=True,
            present=_r.shnid != "",
        ),
        Field(
            "format",
            Type.TEXT,
            "A format it is there in (flac, vbr mp3).",
            many=_json_texts(RECORDINGS, "formats"),
            fold=plain,
        ),
        Field(
            "equipment",
            Type.TEXT,
            "A microphone or a deck it was made with.",
            many=_json_texts(RECORDINGS, "equipment"),
            fold=plain,
        ),
        Field(
            "rating", Type.NUMBER, "The mean of its stars, 1 to 5.", _r.rating, sort=sorted_by(_r.rating, nulls="last")
        ),
        Field(
            "reviews",
            Type.INTEGER,
            "How many people wrote about it.",
            _r.review_count,
            nullable=False,
            sort=sorted_by(_r.review_count),
        ),
        Field(
            "downloads",
            Type.INTEGER,
            "How often it was fetched from the archive.",
            _r.downloads,
            nullable=False,
            sort=sorted_by(_r.downloads),
        ),
        Field("size", Type.INTEGER, "Its bytes in the archive, all formats together.", _r.size_bytes),
        Field("duration", Type.DURATION, "How long it plays, where its tracks are known.", _r.duration_ms),
        Field("stream_only", Type.BOOLEAN, "It may be heard but not fetched.", _r.stream_only, nullable=False),
        Field("partial", Type.BOOLEAN, "It says itself that it is not the whole show.", _r.partial, nullable=False),
        Field(
            "status",
            Type.ENUM,
            "Whether the archive has it.",
            _r.status,
            nullable=False,
            choices=("there", "gone", "dark"),
        ),
        Field("kind", Type.ENUM, "What it holds.", _r.kind, nullable=False, choices=KINDS),
        Field("provider", Type.ENUM, "Where it is from.", _r.provider, nullable=False, choices=("archive", "tape")),
        Field(
            "added",
            Type.DATE,
            "When it came to the archive.",
            date_number(func.substr(_r.added_at, 1, 10)),
            sort=sorted_by(_r.added_at, index="ix_live_recordings_added"),
        ),
        Field(
            "completeness",
            Type.NUMBER,
            "The share of the setlist that it holds, 0 to 1.",
            many=Many(HELD.c.recording_id, HELD.c.completeness, HELD.c.completeness.is_not(None)),
        ),
        Field(
            "rank",
            Type.INTEGER,
            "Its place among the recordings of its concert.",
            many=Many(HELD.c.recording_id, HELD.c.rank),
        ),
        Field(
            "concert",
            Type.ID,
            "A concert that it holds.",
            many=Many(HELD.c.recording_id, HELD.c.concert_id),
            prefix="co",
        ),
    ),
    "date",
    lambda libraries: true(),
    phrase=("title",),
    called=_r.title,
)
"""Recordings: sources of concerts, of the archive or of tapes at home."""

ENTITIES = (CONCERT, RECORDING)
__all__ = ["CONCERT", "ENTITIES", "RECORDING"]
