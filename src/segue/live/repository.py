"""Reading concerts, recordings, bands and venues: every statement behind the pages of live music."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, cast

from sqlalchemy import Table, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.text import sort_key
from segue.live.bulk import among
from segue.live.facts import artist_key
from segue.live.models import (
    LiveArtist,
    LiveConcert,
    LiveConcertRecording,
    LiveFile,
    LiveMirror,
    LivePerformance,
    LivePin,
    LiveRecording,
    LiveRedirect,
    LiveSong,
    LiveTrack,
    LiveVenue,
)
from segue.live.titles import song_key
from segue.live.views import (
    ArtistView,
    ConcertView,
    FileView,
    HeldView,
    RecordingView,
    SongView,
    TrackView,
    VenueView,
)

ARTISTS = cast(Table, LiveArtist.__table__).c
CONCERTS = cast(Table, LiveConcert.__table__).c
RECORDINGS = cast(Table, LiveRecording.__table__).c
VENUES = cast(Table, LiveVenue.__table__).c
HELD = cast(Table, LiveConcertRecording.__table__).c
TRACKS = cast(Table, LiveTrack.__table__).c
FILES = cast(Table, LiveFile.__table__).c
SONGS = cast(Table, LiveSong.__table__).c
PLAYED = cast(Table, LivePerformance.__table__).c
_VENUE = (
    VENUES.id.label("v_id"), VENUES.name.label("v_name"), VENUES.city, VENUES.region, VENUES.country, VENUES.latitude,
    VENUES.longitude, VENUES.concert_count.label("v_count"),
)  # fmt: skip


async def concerts(conn: AsyncConnection, ids: Iterable[int]) -> dict[int, ConcertView]:
    """The concerts of these numbers, of those that there are."""
    wanted = list(ids)
    if not wanted:
        return {}
    asked = (
        select(*CONCERTS, ARTISTS.name.label("artist"), *_VENUE)
        .join_from(LiveConcert, LiveArtist, ARTISTS.id == CONCERTS.artist_id)
        .join(LiveVenue, VENUES.id == CONCERTS.venue_id, isouter=True)
        .where(among(CONCERTS.id, wanted, conn.dialect.name))
    )
    return {row.id: _concert(row) for row in await conn.execute(asked)}


def _concert(row: Any) -> ConcertView:
    return ConcertView(
        row.id, row.uid, row.artist_id, row.artist, row.date, row.precision, row.sequence, row.show_time, row.kind, row.title,
        row.tour, None if row.v_id is None else _venue_beside(row), row.recording_count, row.song_count, row.setlist_source,
        row.best_recording_id, row.best_score, row.best_completeness, tuple(row.source_types.split()), row.rating,
        row.added_at, row.kept, row.changed_at,
    )  # fmt: skip


def _venue_beside(row: Any) -> VenueView:
    return VenueView(row.v_id, row.v_name, row.city, row.region, row.country, row.latitude, row.longitude, row.v_count)


async def venues(conn: AsyncConnection, ids: Iterable[int]) -> dict[int, VenueView]:
    asked = select(*_VENUE).where(among(VENUES.id, ids, conn.dialect.name))
    return {row.v_id: _venue_beside(row) for row in await conn.execute(asked)}


async def artists(conn: AsyncConnection, ids: Iterable[int]) -> dict[int, ArtistView]:
    names = (
        "id", "key", "name", "sort_name", "collection", "concert_count", "recording_count", "first_date", "last_date",
        "mean_rating",
    )  # fmt: skip
    asked = select(*(ARTISTS[name] for name in names)).where(among(ARTISTS.id, ids, conn.dialect.name))
    return {row.id: ArtistView(*row) for row in await conn.execute(asked)}


async def recordings(conn: AsyncConnection, ids: Iterable[int]) -> dict[int, RecordingView]:
    """The recordings of these numbers, with whether they are on this server."""
    wanted = list(ids)
    if not wanted:
        return {}
    asked = (
        select(LiveRecording.__table__, ARTISTS.name.label("artist"))
        .join_from(LiveRecording, LiveArtist, ARTISTS.id == RECORDINGS.artist_id, isouter=True)
        .where(among(RECORDINGS.id, wanted, conn.dialect.name))
    )
    found = {row.id: _recording(row) for row in await conn.execute(asked)}
    detailed = [number for number, view in found.items() if view.details_at is not None]
    if detailed:
        here = select(TRACKS.recording_id).where(
            among(TRACKS.recording_id, detailed, conn.dialect.name), TRACKS.track_id.is_not(None)
        )
        for number in await conn.scalars(here.distinct()):
            found[number].kept = True
    return found


def _recording(row: Any) -> RecordingView:
    return RecordingView(
        row.id, row.provider, row.identifier, row.artist_id, row.artist or "", row.title, row.date, row.precision,
        row.show_time, row.kind, row.source_type, row.venue, row.location, row.taper, row.transferrer, row.source,
        tuple(row.lineage.split(" > ")) if row.lineage else (), tuple(row.equipment or ()), row.shnid,
        tuple(row.formats or ()), row.rating, row.review_count, row.downloads, row.size_bytes, row.track_count,
        row.duration_ms, row.stream_only, row.status, row.partial, row.family, tuple(row.supersedes or ()),
        row.evidence or [], row.added_at, row.updated_at, row.seen_at, row.details_at,
    )  # fmt: skip


async def redirected(conn: AsyncConnection, concert_id: int) -> int | None:
    """The concert that took over one which is none any more."""
    r = LiveRedirect
    return cast("int | None", await conn.scalar(select(r.concert_id).where(r.ended_id == concert_id)))


async def concert_by_uid(conn: AsyncConnection, uid: str) -> int | None:
    found = await conn.scalar(select(CONCERTS.id).where(CONCERTS.uid == uid))
    if found is None:
        found = await conn.scalar(select(LiveRedirect.concert_id).where(LiveRedirect.uid == uid))
    return cast("int | None", found)


async def held(conn: AsyncConnection, concert_id: int, person: int) -> list[HeldView]:
    """The recordings of a concert, best first; what this person pinned stands before all."""
    found = list(
        await conn.execute(select(*HELD).where(HELD.concert_id == concert_id).order_by(HELD.rank, HELD.recording_id))
    )
    views = await recordings(conn, [row.recording_id for row in found])
    p = LivePin
    pinned = {
        row.user_id: row.recording_id
        for row in await conn.execute(
            select(p.user_id, p.recording_id).where(p.concert_id == concert_id, p.user_id.in_((0, person)))
        )
    }
    listed = [
        HeldView(
            views[row.recording_id], row.role, row.rank, row.score, row.completeness, row.terms or [], row.missing or [],
            row.evidence or [], _pinned(pinned, row.recording_id, person),
        )
        for row in found
        if row.recording_id in views
    ]  # fmt: skip
    return sorted(listed, key=lambda one: (one.pinned != "you", one.rank))


def _pinned(pinned: dict[int, int], recording: int, person: int) -> str | None:
    if person and pinned.get(person) == recording:
        return "you"
    return "house" if pinned.get(0) == recording else None


async def concerts_holding(conn: AsyncConnection, recording_id: int) -> list[tuple[ConcertView, str]]:
    """The concerts that a recording holds, each with its role."""
    roles = dict(
        (await conn.execute(select(HELD.concert_id, HELD.role).where(HELD.recording_id == recording_id))).all()
    )  # type: ignore[arg-type]
    views = await concerts(conn, roles)
    return [(view, roles[view.id]) for view in sorted(views.values(), key=lambda one: (one.date, one.sequence, one.id))]


async def tracks(conn: AsyncConnection, recordings_: Collection[int]) -> dict[int, list[TrackView]]:
    """The tracks of recordings whose details are known, in order."""
    found: dict[int, list[TrackView]] = {}
    asked = (
        select(LiveTrack.__table__)
        .where(among(TRACKS.recording_id, recordings_, conn.dialect.name))
        .order_by(TRACKS.recording_id, TRACKS.number)
    )
    for row in await conn.execute(asked):
        found.setdefault(row.recording_id, []).append(
            TrackView(
                row.id,
                row.recording_id,
                row.number,
                row.title,
                row.title_source,
                tuple(row.other_titles or ()),
                row.duration_ms,
                row.duration_source,
                row.set_name,
                row.heard or [],
                row.track_id,
            )
        )
    return found


async def files(conn: AsyncConnection, recording_id: int) -> list[FileView]:
    names = ("id", "number", "name", "format", "source", "original", "size", "md5", "sha1", "length_ms", "private")
    asked = select(*(FILES[name] for name in names)).where(FILES.recording_id == recording_id).order_by(FILES.id)
    return [FileView(*row) for row in await conn.execute(asked)]


async def songs(conn: AsyncConnection, concert_id: int) -> list[SongView]:
    """The setlist of a concert in order."""
    asked = (
        select(
            PLAYED.position, PLAYED.set_number, PLAYED.set_name, PLAYED.place, PLAYED.song_id, SONGS.name, PLAYED.segue,
            PLAYED.note, PLAYED.gap,
        )
        .join_from(LivePerformance, LiveSong, SONGS.id == PLAYED.song_id)
        .where(PLAYED.concert_id == concert_id)
        .order_by(PLAYED.position)
    )  # fmt: skip
    return [SongView(*row) for row in await conn.execute(asked)]


async def neighbours(conn: AsyncConnection, concert: ConcertView) -> tuple[int | None, int | None]:
    """The concerts of the same artist right before and after this one."""
    date_sort = await conn.scalar(select(CONCERTS.date_sort).where(CONCERTS.id == concert.id))
    same = and_(CONCERTS.artist_id == concert.artist_id, CONCERTS.kind == "concert", CONCERTS.id != concert.id)
    before = or_(
        CONCERTS.date_sort < date_sort,
        and_(CONCERTS.date_sort == date_sort, CONCERTS.sequence < concert.sequence),
    )
    after = or_(
        CONCERTS.date_sort > date_sort,
        and_(CONCERTS.date_sort == date_sort, CONCERTS.sequence > concert.sequence),
    )
    previous = select(CONCERTS.id).where(same, CONCERTS.date_sort <= date_sort, before)
    following = select(CONCERTS.id).where(same, CONCERTS.date_sort >= date_sort, after)
    return (
        await conn.scalar(
            previous.order_by(CONCERTS.date_sort.desc(), CONCERTS.sequence.desc(), CONCERTS.id.desc()).limit(1)
        ),
        await conn.scalar(following.order_by(CONCERTS.date_sort, CONCERTS.sequence, CONCERTS.id).limit(1)),
    )


async def beside(conn: AsyncConnection, concert: ConcertView) -> list[int]:
    """Other concerts of its day: of the same artist, of the same venue, or on the same recordings."""
    if concert.precision != "day":
        return []
    other = HELD.concert_id.label("other")
    recordings_ = select(HELD.recording_id).where(HELD.concert_id == concert.id)
    shared = select(other).where(HELD.recording_id.in_(recordings_), HELD.concert_id != concert.id)
    near = [CONCERTS.artist_id == concert.artist_id]
    if concert.venue is not None:
        near.append(CONCERTS.venue_id == concert.venue.id)
    asked = select(CONCERTS.id).where(
        CONCERTS.date_number == int(concert.date.replace("-", "")),
        CONCERTS.id != concert.id,
        or_(*near, CONCERTS.id.in_(shared)),
    )
    return list((await conn.scalars(asked.order_by(CONCERTS.sequence, CONCERTS.id).limit(20))).all())


async def listed_at(conn: AsyncConnection) -> Any:
    """When a list was last read to its end."""
    return await conn.scalar(select(func.max(LiveMirror.listed_at)))


async def recording_by_name(conn: AsyncConnection, identifier: str, provider: str = "archive") -> int | None:
    asked = select(RECORDINGS.id).where(RECORDINGS.provider == provider, RECORDINGS.identifier == identifier)
    return cast("int | None", await conn.scalar(asked))


async def relatives(conn: AsyncConnection, view: RecordingView) -> list[int]:
    """Other transfers of the same tape."""
    if not view.family:
        return []
    same = select(RECORDINGS.id).where(RECORDINGS.family == view.family, RECORDINGS.id != view.id)
    return list((await conn.scalars(same.order_by(RECORDINGS.id).limit(50))).all())


def ordered(views: dict[int, Any], ids: Sequence[int]) -> list[Any]:
    """Those of `views` in the order of `ids`."""
    return [views[number] for number in ids if number in views]


async def named_songs(conn: AsyncConnection, ids: Iterable[int]) -> dict[int, Any]:
    """Songs by number, with whose they are and how often they were played."""
    asked = (
        select(
            SONGS.id,
            SONGS.name,
            SONGS.artist_id,
            ARTISTS.name.label("artist"),
            SONGS.play_count,
            SONGS.first_date,
            SONGS.last_date,
        )
        .join_from(LiveSong, LiveArtist, ARTISTS.id == SONGS.artist_id)
        .where(among(SONGS.id, ids, conn.dialect.name))
    )
    return {row.id: row for row in await conn.execute(asked)}


async def recording_by_any(conn: AsyncConnection, identifier: str) -> int | None:
    """The recording of this name, of the archive or of tapes at home."""
    asked = select(RECORDINGS.id).where(RECORDINGS.identifier == identifier).order_by(RECORDINGS.id).limit(1)
    return cast("int | None", await conn.scalar(asked))


async def is_there(conn: AsyncConnection, scope: str, subject: str) -> bool:
    """Whether there is something of this name to say a word about."""
    match scope:
        case "recording":
            return await recording_by_any(conn, subject) is not None
        case "concert":
            return await concert_by_uid(conn, subject) is not None
        case "artist":
            return await conn.scalar(select(ARTISTS.id).where(ARTISTS.key == subject)) is not None
        case "venue":
            return await conn.scalar(select(VENUES.id).where(VENUES.key == subject)) is not None
        case _:
            return await conn.scalar(select(SONGS.id).where(SONGS.key == subject).limit(1)) is not None


async def key_of(conn: AsyncConnection, scope: str, number: int) -> str | None:
    """The lasting name of a recording, concert, artist, venue or song by its number."""
    column = {
        "recording": (RECORDINGS.identifier, RECORDINGS.id),
        "concert": (CONCERTS.uid, CONCERTS.id),
        "artist": (ARTISTS.key, ARTISTS.id),
        "venue": (VENUES.key, VENUES.id),
    }[scope]
    return cast("str | None", await conn.scalar(select(column[0]).where(column[1] == number)))


async def called(conn: AsyncConnection, kind: str, typed: str) -> list[int]:
    """Bands, venues and songs that are called exactly so."""
    match kind:
        case "artist":
            asked = select(ARTISTS.id).where(ARTISTS.key == artist_key(typed))
        case "venue":
            asked = select(VENUES.id).where(VENUES.sort_name == sort_key(typed)).order_by(VENUES.concert_count.desc())
        case "song":
            asked = select(SONGS.id).where(SONGS.key == song_key(typed)).order_by(SONGS.play_count.desc())
        case _:
            return []
    return list((await conn.scalars(asked.limit(20))).all())
