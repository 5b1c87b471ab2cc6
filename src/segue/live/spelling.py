"""Concerts, recordings and what belongs to them as JSON: the one spelling of every route of live music."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import quote

from segue.core.clock import utc_now
from segue.core.ids import format_id, format_id_or_none
from segue.live.views import (
    ArtistView,
    ConcertDetails,
    ConcertView,
    DoubtView,
    FileView,
    HeldView,
    MirrorView,
    RecordingDetails,
    RecordingView,
    SongView,
    TrackView,
    VenueView,
)

Json = dict[str, Any]
ARCHIVE_PAGE = "https://archive.org/details/"


def named(prefix: str, number: int, name: str) -> Json:
    return {"id": format_id(prefix, number), "name": name}


def venue(view: VenueView) -> Json:
    return {
        "id": format_id("ve", view.id),
        "name": view.name,
        "city": view.city,
        "region": view.region,
        "country": view.country,
        "latitude": view.latitude,
        "longitude": view.longitude,
        "concerts": view.concert_count,
    }


def artist(view: ArtistView) -> Json:
    return {
        "id": format_id("ba", view.id),
        "name": view.name,
        "sort_name": view.sort_name,
        "collection": view.collection,
        "concerts": view.concert_count,
        "recordings": view.recording_count,
        "first": view.first_date,
        "last": view.last_date,
        "rating": view.mean_rating,
    }


def concert(view: ConcertView) -> Json:
    """A concert as lists show it."""
    return {
        "id": format_id("co", view.id),
        "uid": view.uid,
        "artist": named("ba", view.artist_id, view.artist),
        "date": view.date,
        "precision": view.precision,
        "sequence": view.sequence,
        "show_time": view.show_time,
        "kind": view.kind,
        "title": view.title,
        "tour": view.tour,
        "venue": None if view.venue is None else venue(view.venue),
        "recordings": view.recording_count,
        "songs": view.song_count,
        "setlist": view.setlist_source,
        "sources": list(view.source_types),
        "best": format_id_or_none("rec", view.best_recording_id),
        "score": _rounded(view.best_score),
        "completeness": _rounded(view.best_completeness),
        "rating": _rounded(view.rating or None, 2),
        "added_at": view.added_at,
        "kept": view.kept,
        "changed_at": view.changed_at,
    }


def recording(view: RecordingView) -> Json:
    """A recording as lists show it."""
    return {
        "id": format_id("rec", view.id),
        "provider": view.provider,
        "identifier": view.identifier,
        "url": ARCHIVE_PAGE + quote(view.identifier, safe="") if view.provider == "archive" else None,
        "artist": None if view.artist_id is None else named("ba", view.artist_id, view.artist),
        "title": view.title,
        "date": view.date,
        "precision": view.precision,
        "show_time": view.show_time,
        "kind": view.kind,
        "source_type": view.source_type,
        "venue": view.venue,
        "location": view.location,
        "taper": view.taper,
        "transferrer": view.transferrer,
        "source": view.source,
        "lineage": list(view.lineage),
        "equipment": list(view.equipment),
        "shnid": view.shnid,
        "formats": list(view.formats),
        "rating": _rounded(view.rating, 2),
        "reviews": view.review_count,
        "downloads": view.downloads,
        "size_bytes": view.size_bytes,
        "tracks": view.track_count,
        "duration_ms": view.duration_ms,
        "stream_only": view.stream_only,
        "status": view.status,
        "partial": view.partial,
        "family": view.family,
        "added_at": view.added_at,
        "updated_at": view.updated_at,
        "details_at": view.details_at,
        "kept": view.kept,
    }


def held(one: HeldView) -> Json:
    """A recording among those of a concert."""
    return {
        **recording(one.recording),
        "rank": one.rank,
        "score": _rounded(one.score),
        "completeness": _rounded(one.completeness),
        "role": one.role,
        "terms": [
            {"code": code, "value": _rounded(value), "weight": _rounded(weight), "params": params}
            for code, value, weight, params in one.terms
        ],
        "missing": one.missing,
        "because": evidence(one.evidence),
        "evidence": evidence(one.recording.evidence),
        "pinned": one.pinned,
    }


def evidence(said: Iterable[Any]) -> list[Json]:
    return [{"code": code, "value": value, "weight": _rounded(weight)} for code, value, weight in said]


def sets(songs: Iterable[SongView]) -> list[Json]:
    """The setlist, set by set."""
    made: list[Json] = []
    for one in songs:
        if not made or (made[-1]["number"], made[-1]["name"]) != (one.set_number, one.set_name):
            made.append({"number": one.set_number, "name": one.set_name, "songs": []})
        made[-1]["songs"].append(
            {
                "position": one.position,
                "song": named("so", one.song_id, one.name),
                "segue": one.segue,
                "note": one.note,
                "place": one.place,
                "gap": one.gap,
                "play": None if one.play is None else play(one.play),
                "recordings": [format_id("rec", number) for number in one.recordings],
            }
        )
    return made


def play(track: TrackView) -> Json:
    """Where a song can be heard."""
    return {
        "track": format_id("lt", track.id),
        "library_track": format_id_or_none("tr", track.track_id),
        "recording": format_id("rec", track.recording_id),
        "number": track.number,
        "title": track.title,
        "duration_ms": track.duration_ms,
    }


def families(every: Iterable[HeldView]) -> list[Json]:
    """Tapes of which there are several transfers."""
    made: dict[str, list[str]] = {}
    for one in every:
        if one.recording.family:
            made.setdefault(one.recording.family, []).append(format_id("rec", one.recording.id))
    return [{"id": name, "recordings": listed} for name, listed in made.items() if len(listed) > 1]


def doubt(view: DoubtView) -> Json:
    return {
        "id": format_id("ld", view.id),
        "recording": format_id("rec", view.recording_id),
        "identifier": view.identifier,
        "title": view.title,
        "artist": view.artist,
        "date": view.date,
        "kind": view.kind,
        "proposal": view.proposal,
        "score": _rounded(view.score),
        "params": view.params,
        "state": view.state,
        "decided_by": format_id_or_none("us", view.decided_by),
        "decided_at": view.decided_at,
    }


def word(row: Any) -> Json:
    """What a person said."""
    return {
        "id": format_id("lo", row.id),
        "scope": row.scope,
        "subject": row.subject,
        "field": row.field,
        "value": row.value,
        "by": format_id_or_none("us", row.user_id),
        "at": row.at,
    }


def mirrored(listed_at: datetime | None) -> Json:
    age = None if listed_at is None else max(0, round((utc_now() - listed_at).total_seconds()))
    return {"listed_at": listed_at, "age_s": age}


def mirror(view: MirrorView) -> Json:
    return {
        "id": format_id("lm", view.id),
        "collection": view.collection,
        "title": view.title,
        "wanted": view.wanted,
        "state": view.state,
        "items": view.item_count,
        "listed_at": view.listed_at,
        "newest": view.newest,
        "error": view.error,
    }


def whole_concert(found: ConcertDetails) -> Json:
    """All of one concert."""
    return {
        **concert(found.concert),
        "sets": sets(found.songs),
        "sources_held": [held(one) for one in found.held],
        "families": families(found.held),
        "doubts": [doubt(one) for one in found.doubts],
        "words": [word(row) for row in found.words],
        "previous": None if found.previous is None else concert(found.previous),
        "next": None if found.next is None else concert(found.next),
        "beside": [concert(one) for one in found.others],
        "mirrored": mirrored(found.listed_at),
    }


def file(view: FileView) -> Json:
    return {
        "id": format_id("lf", view.id),
        "number": view.number,
        "name": view.name,
        "format": view.format,
        "source": view.source,
        "original": view.original,
        "size": view.size,
        "md5": view.md5,
        "sha1": view.sha1,
        "duration_ms": view.length_ms,
        "private": view.private,
    }


def track(view: TrackView, files: Iterable[FileView]) -> Json:
    return {
        "id": format_id("lt", view.id),
        "number": view.number,
        "title": view.title,
        "title_source": view.title_source,
        "other_titles": list(view.other_titles),
        "duration_ms": view.duration_ms,
        "duration_source": view.duration_source,
        "set": view.set_name,
        "heard": [heard(one) for one in view.heard],
        "library_track": format_id_or_none("tr", view.track_id),
        "files": [file(one) for one in files],
    }


def heard(said: list[Any]) -> Json:
    """What a title says: [song id or null, name, kind, segue, encore, cut]."""
    number, name, kind, segue, encore, cut = (*said, None, "", "unknown", False, False, False)[:6]
    return {
        "song": None if number is None else named("so", number, name),
        "name": name,
        "kind": kind,
        "segue": segue,
        "encore": encore,
        "cut": cut,
    }


def whole_recording(found: RecordingDetails) -> Json:
    """All of one recording."""
    view = found.recording
    by_number: dict[int | None, list[FileView]] = {}
    for one in found.files:
        by_number.setdefault(one.number, []).append(one)
    return {
        **recording(view),
        "evidence": evidence(view.evidence),
        "concerts": [{**concert(one), "role": role} for one, role in found.concerts],
        "track_list": [track(one, by_number.get(one.number, ())) for one in found.tracks],
        "sidecars": [file(one) for one in by_number.get(None, ())],
        "doubts": [doubt(one) for one in found.doubts],
        "words": [word(row) for row in found.words],
        "relatives": [recording(one) for one in found.relatives],
        "supersedes": list(view.supersedes),
        "details": found.fetched,
        "away": found.away,
    }


def _rounded(value: float | None, digits: int = 4) -> float | None:
    return None if value is None else round(value, digits)
