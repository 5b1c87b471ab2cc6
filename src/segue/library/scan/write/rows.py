"""Turn what was read from a file into rows: pure functions from facts to the values of columns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

from segue.core.text import clean_text, sort_key
from segue.library.musical_keys import camelot_of
from segue.library.namespaces import NAMESPACES
from segue.library.scan.facts import Credit, FileFacts, TrackTags
from segue.library.scan.grouping import disc_of_folder, split_disc_suffix
from segue.library.scan.paths import displayed, name_of, parent_of
from segue.library.scan.write.albums import UNKNOWN_ARTIST, AlbumFacts, joined

_DATE = re.compile(r"^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?$")


@lru_cache(maxsize=4_096)
def date_key(date: str | None) -> int | None:
    """A partial date as yyyymmdd with zeros for what it does not say; None for no date."""
    found = _DATE.match(date) if date else None
    if found is None:
        return None
    year, month, day = (int(part or 0) for part in found.groups())
    return year * 10_000 + month * 100 + day


def year_of(*dates: str | None) -> int | None:
    """The year of the first of `dates` that is one."""
    return next((key // 10_000 for date in dates if (key := date_key(date)) is not None), None)


def file_row(facts: FileFacts, now: datetime) -> dict[str, Any]:
    """What reading tells about the file itself, for the columns of `files`."""
    problem = facts.problem
    return {
        "format": facts.format,
        "codec": facts.codec,
        "content_type": facts.content_type,
        "lossless": facts.lossless if facts.format else None,
        "duration_ms": facts.duration_ms or None,
        "bitrate_kbps": facts.bitrate_kbps or None,
        "sample_rate_hz": facts.sample_rate_hz or None,
        "bit_depth": facts.bit_depth or None,
        "channels": facts.channels or None,
        "audio_key": facts.audio_key,
        "audio_key_kind": facts.audio_key_kind,
        "problem_code": problem.code if problem else None,
        "problem_params": dict(problem.params) if problem else None,
        "doubts": [[doubt.code, dict(doubt.params)] for doubt in facts.doubts] or None,
        "read_at": now,
        "rules_hash": facts.rules_hash,
    }


def track_credits(tags: TrackTags) -> list[Credit]:
    """Everybody on a track in order of credit: who it is by, then the others; never nobody."""
    artists = list(tags.artists) or [Credit(UNKNOWN_ARTIST)]
    return artists + list(tags.credits)


def track_title(tags: TrackTags, path: bytes) -> str:
    """The title, or without one the file's name without its extension."""
    if tags.title:
        return tags.title
    name = displayed(name_of(path))
    return clean_text(name.rpartition(".")[0] or name) or name


def track_row(tags: TrackTags, facts_duration_ms: int, path: bytes) -> dict[str, Any]:
    """The columns of a track that follow from its tags and, where those are silent, from its path."""
    return row_of_each(tags, facts_duration_ms, path) | row_alike(tags, parent_of(path))


def row_of_each(tags: TrackTags, facts_duration_ms: int, path: bytes) -> dict[str, Any]:
    """The columns of a track that are its own, none of them JSON."""
    title = track_title(tags, path)
    gain = tags.replay_gain
    return {
        "title": title,
        "sort_title": tags.title_sort,
        "subtitle": tags.subtitle,
        "sort_key": sort_key(tags.title_sort or title, language=tags.language),
        "position": tags.track_number,
        "position_text": tags.track_position,
        "duration_ms": facts_duration_ms,
        "bpm": tags.bpm,
        "musical_key": tags.key,
        "camelot": camelot_of(tags.key),
        "comment": tags.comment,
        "work": tags.work,
        "movement": tags.movement,
        "movement_number": tags.movement_number,
        "movement_total": tags.movement_total,
        "has_lyrics": bool(tags.lyrics),
        "replaygain_track_gain_db": gain.track_gain if gain else None,
        "replaygain_track_peak": gain.track_peak if gain else None,
        "replaygain_album_gain_db": gain.album_gain if gain else None,
        "replaygain_album_peak": gain.album_peak if gain else None,
        "gain_from_r128": bool(gain and gain.from_r128),
        "musicbrainz_recording_id": tags.recording_mbid,
        "musicbrainz_track_id": tags.track_mbid,
    }


def row_alike(tags: TrackTags, folder: bytes) -> dict[str, Any]:
    """The columns of a track in `folder` that follow from what the tracks of an album say alike (see `facts.alike`)."""
    shown = tags.artist_display or joined(tags.artists) or UNKNOWN_ARTIST
    disc = tags.disc_number
    if disc is None and tags.album:
        disc = split_disc_suffix(tags.album)[1]
    if disc is None:
        disc = disc_of_folder(folder)
    return {
        "artist_display": shown,
        "artist_sort_key": sort_key(_artist_sort(tags.artists, shown)),
        "disc": disc,
        "disc_subtitle": tags.disc_subtitle,
        "date": tags.date,
        "date_key": date_key(tags.date),
        "original_date": tags.original_date,
        "original_date_key": date_key(tags.original_date),
        "recording_date": tags.recording_date,
        "year": year_of(tags.original_date, tags.date),
        "grouping": _line(tags.grouping),
        "mood": _line(tags.moods),
        "groupings": _several(tags.grouping),
        "moods": _several(tags.moods),
        "media": tags.media,
        "language": tags.language,
        "explicit": tags.explicit,
    }


def album_row(fact: AlbumFacts) -> dict[str, Any]:
    """The columns of an album that follow from what its tracks say of it."""
    return {
        "title": fact.title,
        "sort_title": fact.sort_title,
        "sort_key": fact.sort_key,
        "artist_display": fact.artist_display,
        "artist_sort_key": fact.artist_sort_key,
        "date": fact.date,
        "date_key": date_key(fact.date),
        "original_date": fact.original_date,
        "original_date_key": date_key(fact.original_date),
        "release_date": fact.release_date,
        "year": year_of(fact.original_date, fact.date),
        "release_type": fact.release_type,
        "release_types": list(fact.release_types),
        "release_status": fact.release_status,
        "media": fact.media,
        "compilation": fact.compilation,
        "country": fact.country,
        "barcode": fact.barcode,
        "musicbrainz_release_id": fact.release_mbid,
        "musicbrainz_release_group_id": fact.release_group_mbid,
    }


_TRACK_NAMESPACES = frozenset(NAMESPACES["track"])


def track_external_ids(tags: TrackTags) -> list[tuple[str, str]]:
    """(namespace, value) of what the world calls this track: ISRCs, works, and ids of other services."""
    found = [("isrc", isrc) for isrc in tags.isrcs]
    found += [("musicbrainz:work", work) for work in tags.work_mbids]
    found += [pair for pair in tags.external_ids if pair[0] in _TRACK_NAMESPACES]
    return list(dict.fromkeys(found))


def _artist_sort(artists: Iterable[Credit], shown: str) -> str:
    credits = list(artists)
    if credits and all(credit.sort for credit in credits):
        return joined(credit._replace(credited_as=credit.sort) for credit in credits)
    return shown


def _several(values: tuple[str, ...]) -> list[str] | None:
    return list(values) if len(values) > 1 else None


def _line(values: tuple[str, ...]) -> str | None:
    return "; ".join(values) or None
