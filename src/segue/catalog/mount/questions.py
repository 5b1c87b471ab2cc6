"""What a mounted catalogue asks of its files: few statements, each for any number of rows.

Sets come in as one JSON array (`json_each`), so a statement is prepared once whatever their size. A statement that reads
artists or albums gives their rows and all that hangs on them: each row of the answer begins with a number that says what
it is, and is filled up with NULLs.
"""

from __future__ import annotations

from segue.catalog.sources import two_file_rows as layout

ROW, GENRE, IMAGE, CREDIT, FILE = range(5)
"""What a row of an answer is."""


def _columns(alias: str, names: tuple[str, ...]) -> str:
    return ", ".join(f"{alias}.{name}" for name in names)


def _asked(table: str, names: tuple[str, ...], by: str) -> str:
    """The rows of a table whose column `by` is in the set ?1, as `asked`; the rowid is its `key`."""
    renamed = ", ".join(f"o.{name} AS {'key' if name == 'rowid' else name}" for name in names)
    return (
        f"WITH asked AS MATERIALIZED (SELECT {renamed} FROM json_each(?1) j "
        f"CROSS JOIN main.{table} o ON o.{by} = j.value) SELECT {ROW}, * FROM asked"
    )


def _beside(tag: int, table: str, owner: str, columns: str, given: int, width: int) -> str:
    """More rows of the answer: those of a table that belong to `asked`. `given` columns, NULLs up to `width`."""
    nulls = ", NULL" * (width - given - 1)
    return (
        f" UNION ALL SELECT {tag}, asked.key, {columns}{nulls} FROM asked "
        f"CROSS JOIN main.{table} b ON b.{owner} = asked.key"
    )


def _artists(by: str) -> str:
    """ROW with ARTIST; GENRE: artist, rowid, genre; IMAGE: artist, rowid, url, width, height."""
    width = len(layout.ARTIST)
    return (
        _asked("artists", layout.ARTIST, by)
        + _beside(GENRE, "artist_genres", "artist_rowid", "b.rowid, b.genre", 2, width)
        + _beside(IMAGE, "artist_images", "artist_rowid", "b.rowid, b.url, b.width, b.height", 4, width)
    )


def _albums(by: str) -> str:
    """ROW with ALBUM; IMAGE: album, rowid, url, width, height; CREDIT: album, index, artist."""
    width = len(layout.ALBUM)
    return (
        _asked("albums", layout.ALBUM, by)
        + _beside(IMAGE, "album_images", "album_rowid", "b.rowid, b.url, b.width, b.height", 4, width)
        + _beside(CREDIT, "artist_albums", "album_rowid", "b.index_in_album, b.artist_rowid", 2, width)
        + " AND b.index_in_album IS NOT NULL"
    )


def track_sides(files: bool) -> str:
    """CREDIT: track, rowid, artist; FILE: track, then the columns FILE. ?1 are rowids, ?2 pairs of rowid and id."""
    nulls = ", NULL" * (len(layout.FILE) - 2)
    question = (
        f"SELECT {CREDIT}, c.track_rowid, c.rowid, c.artist_rowid{nulls} FROM json_each(?1) j "
        "CROSS JOIN main.track_artists c ON c.track_rowid = j.value"
    )
    if files:
        question += (
            f" UNION ALL SELECT {FILE}, j.value ->> 0, {_columns('f', layout.FILE)} FROM json_each(?2) j "
            "CROSS JOIN files.track_files f ON f.track_id = j.value ->> 1"
        )
    return question


def _tracks(by: str) -> str:
    return f"SELECT {_columns('o', layout.TRACK)} FROM json_each(?1) j CROSS JOIN main.tracks o ON o.{by} = j.value"


ARTISTS = {"rowid": _artists("rowid"), "id": _artists("id")}
ALBUMS = {"rowid": _albums("rowid"), "id": _albums("id")}
TRACKS = {"rowid": _tracks("rowid"), "id": _tracks("id")}

TRACKS_BY_ISRC = (
    f"SELECT (SELECT popularity FROM main.albums WHERE albums.rowid = o.album_rowid), {_columns('o', layout.TRACK)} "
    "FROM json_each(?1) j CROSS JOIN main.tracks o ON o.external_id_isrc = j.value"
)
ALBUMS_BY_UPC = (
    "SELECT o.external_id_upc, o.rowid, o.popularity FROM json_each(?1) j "
    "CROSS JOIN main.albums o ON o.external_id_upc = j.value"
)
ALBUM_TRACKS = "SELECT rowid FROM main.tracks WHERE album_rowid = ? ORDER BY disc_number, track_number, rowid"
ARTIST_ALBUMS = (
    "SELECT a.rowid FROM (SELECT album_rowid AS album, max(index_in_album IS NOT NULL) AS own FROM main.artist_albums "
    "WHERE artist_rowid = ? GROUP BY album_rowid) JOIN main.albums a ON a.rowid = album "
    "ORDER BY own DESC, a.release_date DESC, a.popularity DESC, a.rowid"
)
FEATURES = (
    f"SELECT o.rowid, a.null_response, {_columns('a', layout.FEATURE)} FROM json_each(?1) j "
    "CROSS JOIN main.tracks o ON o.rowid = j.value CROSS JOIN features.track_audio_features a ON a.track_id = o.id"
)
