"""The two-file layout as it is read: which columns, how its files are opened, and what its rows are as records.

The source of builds and the mount read the same columns in the same order, so that both say the same.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from segue.catalog.records import Album, Artist, Image, Track
from segue.catalog.sources.careful import ANY, NUMBER, NUMBER_OR_NONE, TEXT, TEXT_OR_NONE, Types
from segue.catalog.sources.columns import Columns, CutOff, Indexed, NotADatabase

NAMESPACE = "spotify"
LICENCE = "unknown"
"""Nobody says under which terms such files are; who serves them must know."""
PAGE_CACHE_KIB = 65_536
MAPPED_BYTES = 1 << 40
"""More than there is: SQLite maps what its own limit allows (2 GiB as most systems build it)."""

ARTIST = ("rowid", "id", "name", "followers_total", "popularity")
ALBUM = (
    "rowid", "id", "name", "album_type", "label", "release_date", "release_date_precision", "total_tracks", "popularity",
    "external_id_upc", "copyright_c", "copyright_p", "external_id_amgid",
)  # fmt: skip
TRACK = (
    "rowid", "id", "name", "album_rowid", "duration_ms", "track_number", "disc_number", "explicit", "popularity",
    "external_id_isrc", "preview_url",
)  # fmt: skip
FILE = ("original_title", "version_title", "has_lyrics", "language_of_performance", "artist_roles")
FEATURE = (
    "tempo", "key", "mode", "time_signature", "danceability", "energy", "loudness", "speechiness", "acousticness",
    "instrumentalness", "liveness", "valence",
)  # fmt: skip
"""Audio features: tempo in beats a minute, key 0 (C) to 11 or -1, mode 1 for major, loudness in dB, the others 0 to 1."""

MAIN_COLUMNS: Columns = {
    "artists": ARTIST,
    "artist_genres": ("artist_rowid", "genre"),
    "artist_images": ("artist_rowid", "width", "height", "url"),
    "artist_albums": ("artist_rowid", "album_rowid", "index_in_album"),
    "albums": ALBUM,
    "album_images": ("album_rowid", "width", "height", "url"),
    "tracks": TRACK,
    "track_artists": ("track_rowid", "artist_rowid"),
}
FILES_COLUMNS: Columns = {"track_files": ("track_id", *FILE)}
FEATURES_COLUMNS: Columns = {"track_audio_features": ("track_id", "null_response", *FEATURE)}
STREAMED_BY: Indexed = (
    ("artist_genres", "artist_rowid"),
    ("artist_images", "artist_rowid"),
    ("artist_albums", "album_rowid"),
    ("album_images", "album_rowid"),
    ("track_artists", "track_rowid"),
)
LOOKED_UP_BY: Indexed = (
    *STREAMED_BY,
    ("artists", "id"),
    ("albums", "id"),
    ("tracks", "id"),
    ("tracks", "external_id_isrc"),
    ("tracks", "album_rowid"),
    ("artist_albums", "artist_rowid"),
)
FILES_BY: Indexed = (("track_files", "track_id"),)
FEATURES_BY: Indexed = (("track_audio_features", "track_id"),)

ARTIST_TYPES: Types = (NUMBER, TEXT, TEXT, NUMBER, NUMBER)
ALBUM_TYPES: Types = (NUMBER, *[TEXT] * 6, NUMBER, NUMBER, *[TEXT_OR_NONE] * 4)
TRACK_TYPES: Types = (NUMBER, TEXT, TEXT, *[NUMBER] * 6, TEXT_OR_NONE, TEXT_OR_NONE)
FILE_TYPES: Types = (TEXT_OR_NONE, TEXT_OR_NONE, NUMBER_OR_NONE, TEXT_OR_NONE, TEXT_OR_NONE)
FEATURE_TYPES: Types = (NUMBER_OR_NONE, *[ANY] * len(FEATURE))
"""What the columns of the same names hold; those of features with `null_response` before them."""


def uri(file: Path) -> str:
    """Of a file that nobody writes to while it is open: never locked, no journal looked for."""
    return f"file:{quote(str(file.absolute()))}?mode=ro&immutable=1"


def opened(
    main: Path,
    files: Path | None,
    features: Path | None,
    *,
    cache_kib: int = PAGE_CACHE_KIB,
    mapped_bytes: int = MAPPED_BYTES,
    rest: bool = False,
) -> sqlite3.Connection:
    """The files read-only as one database: `main`, `files`, `features`; with `rest` also files that are cut off, as far as
    they go. Raises NotADatabase and CutOff, which name the one at fault."""
    for file in (main, files, features):
        if file is not None:
            _look_at(file, rest)
    connection = sqlite3.connect(
        uri(main), uri=True, isolation_level=None, check_same_thread=False, cached_statements=128
    )
    if rest:
        connection.execute("PRAGMA writable_schema = ON")  # as SQLite's own recovery does: else such a file is refused
    present = [("main", main)]
    try:
        for name, other in (("files", files), ("features", features)):
            if other is not None:
                connection.execute(f"ATTACH ? AS {name}", (uri(other),))
                present.append((name, other))
        for name, file in present:
            try:
                connection.execute(f"PRAGMA {name}.cache_size = -{cache_kib}")
                connection.execute(f"PRAGMA {name}.mmap_size = {mapped_bytes}")
                connection.execute(f"SELECT count(*) FROM {name}.sqlite_schema").fetchone()
            except sqlite3.DatabaseError as error:
                raise NotADatabase(file, str(error)) from error
    except BaseException:
        connection.close()
        raise
    return connection


def _look_at(file: Path, rest: bool) -> None:
    """SQLite would make a missing file, take an empty one for a database, and not say how much of one is missing."""
    try:
        with file.open("rb") as handle:
            header = handle.read(100)
            size = handle.seek(0, 2)
    except OSError as error:
        raise NotADatabase(file, error.strerror or str(error)) from error
    if header[:16] != b"SQLite format 3\x00":
        raise NotADatabase(file, "it is empty" if not header else "it begins with other bytes")
    page = int.from_bytes(header[16:18], "big")
    counted_now = header[24:28] == header[92:96]
    whole = int.from_bytes(header[28:32], "big") * (65_536 if page == 1 else page)
    if counted_now and size < whole and not rest:
        raise CutOff(file, size, whole)


def as_far_as_it_is_text(data: bytes) -> str:
    """For connections whose text need not be UTF-8; slower, so only where some is not."""
    return data.decode("utf-8", "replace")


def identity(files: list[Path]) -> str:
    """Of exactly these files: their sizes, times of change and first pages (which count every change)."""
    digest = hashlib.blake2b(digest_size=12)
    for file in files:
        stat = file.stat()
        digest.update(f"{stat.st_size}:{stat.st_mtime_ns}:".encode())
        with file.open("rb") as handle:
            digest.update(handle.read(4096))
    return digest.hexdigest()


Odd = Callable[[str, str], None]
"""Told the place and what is wrong there."""
_list = msgspec.json.Decoder(list[str]).decode
_lists: dict[str, tuple[str, ...]] = {}
_MOST_LISTS = 20_000


def listed(text: str | None, place: str, odd: Odd) -> tuple[str, ...]:
    """A JSON array of strings; the same few come again and again."""
    if not text:
        return ()
    known = _lists.get(text)
    if known is None:
        try:
            known = tuple(_list(text))
        except (msgspec.DecodeError, TypeError) as error:
            odd(place, f"{text[:60]!a} is no JSON array of strings: {error}")
            return ()
        if len(_lists) >= _MOST_LISTS:
            _lists.clear()
        _lists[text] = known
    return known


def artist_record(row: tuple[Any, ...], genres: tuple[str, ...], images: tuple[Image, ...]) -> Artist:
    """From the columns ARTIST."""
    key, id, name, followers, popularity = row
    return Artist(key, id, name, followers, popularity, genres, images)


def album_record(
    row: tuple[Any, ...], images: tuple[Image, ...], artists: tuple[int, ...], appears: tuple[int, ...] = ()
) -> Album:
    """From the columns ALBUM."""
    key, id, name, type, label, date, precision, total, popularity, upc, copyright, copyright_p, amg = row
    # by place: naming the members takes several times as long
    return Album(
        key, id, name, type, label, date, precision, total, popularity, upc, copyright, copyright_p, images, artists, appears,
        (), (f"amg:album:{amg}",) if amg else (),
    )  # fmt: skip


def track_record(
    row: tuple[Any, ...], artists: tuple[int, ...], odd: Odd, features: dict[str, Any] | None = None
) -> Track:
    """From the columns TRACK and behind them FILE (None each where the track has no row there)."""
    (
        key, id, name, album, duration, number, disc, explicit, popularity, isrc, preview,
        original, version, lyrics, languages, roles,
    ) = row  # fmt: skip
    if languages:
        languages = _lists.get(languages) or listed(languages, f"language_of_performance of {id}", odd)
    if roles:
        roles = _lists.get(roles) or listed(roles, f"artist_roles of {id}", odd)
    return Track(
        key, id, name, album, duration, number, disc, explicit == 1, popularity, (isrc,) if isrc else (), preview, artists,
        original, version, None if lyrics is None else lyrics == 1, languages or (), roles or (), (), None,
        None if features is None else {"features": features},
    )  # fmt: skip


def features_of(values: tuple[Any, ...]) -> dict[str, Any] | None:
    """From `null_response` and the columns FEATURE; None where there are none."""
    if values[0] != 0:
        return None
    return {name: value for name, value in zip(FEATURE, values[1:], strict=True) if value is not None} or None
