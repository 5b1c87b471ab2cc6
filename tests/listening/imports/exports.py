"""Exports as services and servers write them, made small by the tests themselves."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

START = datetime(2020, 5, 1, 12, 0, tzinfo=UTC)
LENGTHS = (200.0, 180.0, 90.0, 240.0)
Said = tuple[str, str, str]
"""(title, artist, album)."""


def at(number: int) -> datetime:
    """The moment of the listen of this number, an hour after the one before."""
    return START + timedelta(hours=number)


def seconds(number: int) -> int:
    return int(at(number).timestamp())


def zipped(members: Mapping[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def lines(rows: Iterable[Mapping[str, Any]]) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def table(rows: Iterable[Sequence[Any]], delimiter: str = ",") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode()


def listen(said: Said, number: int, **info: Any) -> dict[str, Any]:
    """A row of ListenBrainz."""
    title, artist, album = said
    meta = {"track_name": title, "artist_name": artist, "release_name": album, "additional_info": info}
    return {"listened_at": seconds(number), "track_metadata": meta}


def listenbrainz(said: Sequence[Said], feedback: Sequence[Mapping[str, Any]] = ()) -> bytes:
    """The zip of ListenBrainz since 2025."""
    rows = [listen(one, number) for number, one in enumerate(said)]
    half = len(rows) // 2
    members: dict[str, bytes] = {
        "user.json": b'{"user_id": 1, "username": "ann"}',
        "listens/2020/4.jsonl": lines(rows[:half]),
        "listens/2020/5.jsonl": lines(rows[half:]),
    }
    if feedback:
        members["feedback.jsonl"] = lines(feedback)
    return zipped(members)


def scrobble(said: Said, number: int) -> dict[str, Any]:
    """A row of Last.fm's API."""
    title, artist, album = said
    return {
        "artist": {"mbid": "", "#text": artist}, "name": title, "album": {"mbid": "", "#text": album}, "mbid": "",
        "date": {"uts": str(seconds(number)), "#text": "whenever"},
    }  # fmt: skip


def spotify(said: Said, number: int, heard_ms: int, reason_end: str = "trackdone", **more: Any) -> dict[str, Any]:
    """A row of Spotify's extended history: it knows when a track ended."""
    title, artist, album = said
    ended = at(number) + timedelta(milliseconds=heard_ms)
    return {
        "ts": ended.strftime("%Y-%m-%dT%H:%M:%SZ"), "username": "ann", "platform": "Android", "ms_played": heard_ms,
        "conn_country": "NO", "ip_addr": "192.0.2.1", "master_metadata_track_name": title,
        "master_metadata_album_artist_name": artist, "master_metadata_album_album_name": album,
        "spotify_track_uri": f"spotify:track:{abs(hash(said)):022d}"[:36], "episode_name": None,
        "reason_start": "clickrow", "reason_end": reason_end, "skipped": False, "offline": False, **more,
    }  # fmt: skip


def plist(tracks: Iterable[Mapping[str, Any]], entity: str = "") -> bytes:
    """iTunes' Library.xml."""
    body = []
    for number, track in enumerate(tracks, 1):
        members = "".join(f"<key>{name}</key>{_plist_value(value)}" for name, value in track.items())
        body.append(f"<key>{number}</key><dict>{members}</dict>")
    doctype = f'<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://example.org/x.dtd"{entity}>'
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{doctype}<plist version="1.0"><dict><key>Major Version</key><integer>1'
        f"</integer><key>Tracks</key><dict>{''.join(body)}</dict><key>Playlists</key><array><dict><key>Name</key>"
        "<string>Music</string><key>Playlist Items</key><array><dict><key>Track ID</key><integer>1</integer></dict>"
        "</array></dict></array></dict></plist>"
    ).encode()


def _plist_value(value: Any) -> str:
    if isinstance(value, bool):
        return "<true/>" if value else "<false/>"
    if isinstance(value, int):
        return f"<integer>{value}</integer>"
    if isinstance(value, datetime):
        return f"<date>{value.strftime('%Y-%m-%dT%H:%M:%SZ')}</date>"
    return f"<string>{value}</string>"


def database(path: Path, tables: Mapping[str, tuple[str, Sequence[Sequence[Any]]]]) -> bytes:
    """An SQLite file with these tables: name to (columns, rows)."""
    conn = sqlite3.connect(path)
    for name, (columns, rows) in tables.items():
        conn.execute(f'CREATE TABLE "{name}" ({columns})')
        if rows:
            conn.executemany(f'INSERT INTO "{name}" VALUES ({", ".join("?" * len(rows[0]))})', rows)
    conn.commit()
    conn.close()
    data = path.read_bytes()
    path.unlink()
    return data


def navidrome(path: Path, songs: Sequence[Said], *, scrobbles: Sequence[tuple[int, int]] = ()) -> bytes:
    """Navidrome's database of two people: ann starred the first song, rated the second 4, heard the third 7 times; ben
    heard the first 3 times. `scrobbles` are (song, number of the listen) of ann."""
    media = [
        (f"m{n}", f"{artist}/{album}/{title}.flac", title, album, artist, artist, LENGTHS[n], n + 1, "al1", "ar1")
        for n, (title, artist, album) in enumerate(songs)
    ]
    now = "2024-02-03 04:05:06.123456789+00:00"
    opinions = [
        ("u1", "m0", "media_file", 0, None, 0, True, now),
        ("u1", "m1", "media_file", 2, now, 4, False, None),
        ("u1", "m2", "media_file", 7, now, 0, False, None),
        ("u2", "m0", "media_file", 3, now, 0, False, None),
        ("u1", "al1", "album", 9, now, 5, True, now),
        ("u1", "ar1", "artist", 9, now, 0, True, now),
    ]
    return database(
        path,
        {
            "user": ("id, user_name, name", [("u1", "ann", "Ann"), ("u2", "ben", "Ben")]),
            "media_file": ("id, path, title, album, artist, album_artist, duration, track_number, album_id, artist_id", media),
            "artist": ("id, name", [("ar1", songs[0][1])]),
            "annotation": ("user_id, item_id, item_type, play_count, play_date, rating, starred, starred_at", opinions),
            "scrobbles": (
                "media_file_id, user_id, submission_time", [(f"m{song}", "u1", seconds(number)) for song, number in scrobbles]
            ),
            "bookmark": ("user_id, item_id, item_type, comment, position", [("u1", "m1", "media_file", "here", 61_000)]),
            "playlist": ("id, name, comment, public, owner_id, rules", [("p1", "Sunday", "slow", True, "u1", None)]),
            "playlist_tracks": (
                "id, playlist_id, media_file_id", [(2, "p1", "m1"), (10, "p1", "m0"), (1, "p1", "m2")]
            ),
        },
    )  # fmt: skip
