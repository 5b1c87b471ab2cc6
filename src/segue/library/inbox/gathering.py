"""From what lies in a folder and what its files say to rows, a summary and checks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.ids import format_id
from segue.core.text import sort_key
from segue.library.inbox import repository
from segue.library.inbox.checks import Check, album_checks, file_checks
from segue.library.inbox.looking import IMAGES, Album, ReadFile
from segue.library.inbox.targets import Incoming
from segue.library.scan import documents
from segue.library.scan.paths import displayed, name_of
from segue.library.scan.problems import Problem
from segue.library.scan.walk import extension_of
from segue.library.writing.wanted import wanted_tags


@dataclass(frozen=True, slots=True)
class Gathered:
    """The rows of an album's files, and what can be said of it without the library."""

    rows: list[dict[str, Any]]
    summary: dict[str, Any]
    checks: list[Check]


def gather(album: Album, readings: Mapping[bytes, ReadFile]) -> Gathered:
    """The rows for the files of an album."""
    rows = []
    for file in album.files:
        reading = readings.get(file.path)
        problem = reading.problem if reading else None
        rows.append(
            {
                "path": file.path,
                "display_path": displayed(file.path),
                "kind": "audio" if file.audio else "sidecar",
                "size_bytes": file.size,
                "mtime_ns": file.mtime_ns,
                "document": reading.document if reading else None,
                "facts": reading.facts if reading else None,
                "audio_key": reading.audio_key if reading else None,
                "problem_code": problem.code if problem else None,
                "problem_params": dict(problem.params) if problem else None,
                "state": "found",
                "code": None,
                "params": None,
                "target": None,
                "temporary": None,
                "stat": None,
                "digest": None,
                "placed": None,
            }
        )
    links = [Check("link", "note", {"file": displayed(path)}) for path in album.links]
    return Gathered(rows, {}, links)


def incoming_files(item: Any, files: Sequence[Any]) -> list[Incoming]:
    """The files of an item as they will say it: their tags with the person's edits."""
    edits = item.edits or {}
    of_album, of_tracks = edits.get("album", {}), edits.get("tracks", {})
    found = []
    for row in files:
        tags = None
        if row.document is not None:
            tags = wanted_tags(documents.tags_of(row.document), of_tracks.get(str(row.id), {}), of_album)
        found.append(Incoming(row.id, bytes(row.path), tags, row.facts or {}))
    return found


async def incoming(conn: AsyncConnection, item: Any, files: Sequence[Any]) -> tuple[dict[str, Any], list[Check]]:
    """The summary of an item as it is now, and everything that is to be said of it."""
    given = incoming_files(item, files)
    music = [file for file in given if file.tags is not None]
    pictures = any(row.facts and row.facts.get("pictures") for row in files)
    pictures = pictures or any(row.kind == "sidecar" and extension_of(bytes(row.path)) in IMAGES for row in files)
    checks = [Check(*each) for each in item.checks if each[0] == "link"]
    for row in files:
        if row.problem_code is not None:
            checks += file_checks(
                displayed(name_of(bytes(row.path))), Problem(row.problem_code, row.problem_params or {})
            )
    checks += album_checks(music, has_picture=pictures)
    if any(extension_of(bytes(row.path)) == b"cue" for row in files):
        checks.append(Check("cue", "note", {}))
    summary = _summary(music, files, pictures)
    checks += await _in_library(conn, item.library_id, files, music, summary)
    return summary, checks


def _summary(music: Sequence[Incoming], files: Sequence[Any], pictures: bool) -> dict[str, Any]:
    def usual(values: list[str | None]) -> str | None:
        counted = Counter(value for value in values if value)
        return counted.most_common(1)[0][0] if counted else None

    tags = [file.tags for file in music if file.tags is not None]
    artist = usual([each.album_artist_display or each.artist_display for each in tags])
    several = len({each.artist_display for each in tags}) > 1 and not any(each.album_artist_display for each in tags)
    return {
        "title": usual([each.album for each in tags]),
        "artist": "Various Artists" if several else artist,
        "year": usual([(each.date or "")[:4] for each in tags]),
        "tracks": len(music),
        "files": len(files),
        "duration_ms": sum(int(file.facts.get("duration_ms") or 0) for file in music),
        "size_bytes": sum(row.size_bytes for row in files),
        "formats": sorted({str(file.facts.get("codec")) for file in music if file.facts.get("codec")}),
        "artwork": pictures,
    }


async def _in_library(
    conn: AsyncConnection, library_id: int, files: Sequence[Any], music: Sequence[Incoming], summary: dict[str, Any]
) -> list[Check]:
    """What of it the library has already."""
    found: list[Check] = []
    keys = {bytes(row.audio_key) for row in files if row.audio_key}
    count, albums = await repository.albums_with_audio(conn, library_id, keys)
    if count:
        found.append(Check("same_audio", "doubt", {"count": count} | _named(albums)))
    releases = {file.tags.release_mbid for file in music if file.tags is not None and file.tags.release_mbid}
    same: list[Any] = []
    for release in sorted(releases)[:3]:
        same += await repository.albums_of_release(conn, library_id, release)
    if same:
        found.append(Check("same_release", "doubt", _named(same)))
    elif not count and summary["title"] and summary["artist"]:
        title, artist = sort_key(summary["title"]), sort_key(summary["artist"])
        called = await repository.albums_called(conn, library_id, title, artist)
        if called:
            found.append(Check("same_album", "doubt", _named(called)))
    return found


def _named(albums: Sequence[Any]) -> dict[str, Any]:
    return {
        "albums": ", ".join(title for _, title in albums),
        "ids": [format_id("al", number) for number, _ in albums],
    }
