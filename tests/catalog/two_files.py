"""The two-file layout written by hand, row by row, and what the drop-in should say about it, in plain Python."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from segue.catalog.synth import tables

EMPTY: dict[str, dict[str, Any]] = {
    "artists": {"fetched_at": 1, "followers_total": 0, "popularity": 0},
    "artist_genres": {},
    "artist_images": {"width": 640, "height": 640},
    "artist_albums": {"is_appears_on": 0, "is_implicit_appears_on": 0},
    "albums": {
        "fetched_at": 1, "album_type": "album", "available_markets_rowid": 1, "label": "", "popularity": 0,
        "release_date": "2001-02-03", "release_date_precision": "day", "total_tracks": 1,
    },
    "album_images": {"width": 640, "height": 640},
    "tracks": {
        "fetched_at": 1, "album_rowid": 1, "track_number": 1, "popularity": 0, "available_markets_rowid": 1, "disc_number": 1,
        "duration_ms": 1000, "explicit": 0,
    },
    "track_artists": {},
    "track_files": {"status": "success"},
    "track_audio_features": {"fetched_at": 1, "null_response": 0},
}  # fmt: skip
"""What a row has where a test does not say."""


class Layout:
    """Files in a folder. Rows are added to open databases; `done` makes the indexes and closes them."""

    def __init__(self, folder: Path, *, features: bool = False, strict: bool = True) -> None:
        """Not `strict`: columns may hold NULL, and ids may repeat."""
        folder.mkdir(parents=True, exist_ok=True)
        self.main = folder / tables.MAIN
        self.files = folder / tables.FILES
        self.features = folder / tables.FEATURES if features else None
        self._strict = strict
        self._main = self._opened(self.main, tables.MAIN_TABLES)
        self._files = self._opened(self.files, tables.FILES_TABLES)
        self._features = self._opened(self.features, tables.FEATURES_TABLES) if self.features else None

    @property
    def paths(self) -> tuple[Path, Path, Path | None]:
        return self.main, self.files, self.features

    def add(self, table: str, **values: Any) -> None:
        row = EMPTY[table] | values
        database = {"track_files": self._files, "track_audio_features": self._features}.get(table, self._main)
        assert database is not None
        database.execute(f"INSERT INTO {table} ({','.join(row)}) VALUES ({','.join('?' * len(row))})", [*row.values()])

    def done(self) -> Layout:
        made = (
            (self._main, tables.MAIN_INDEXES),
            (self._files, tables.FILES_INDEXES),
            (self._features, tables.FEATURES_INDEXES),
        )
        for database, indexes in made:
            if database is not None:
                for index in indexes:
                    database.execute(index if self._strict else index.replace("UNIQUE ", ""))
                database.commit()
                database.close()
        return self

    def _opened(self, path: Path, schema: str) -> sqlite3.Connection:
        database = sqlite3.connect(path)
        database.executescript(
            schema if self._strict else schema.replace(" TEXT NOT NULL", " TEXT").replace("INTEGER NOT NULL", "INTEGER")
        )
        return database


class Expected:
    """The drop-in's documents by the plainest means: a query a thing, one after the other."""

    def __init__(self, main: Path, files: Path | None) -> None:
        self._main = sqlite3.connect(main)
        self._main.row_factory = sqlite3.Row
        self._files = sqlite3.connect(files) if files else None
        if self._files:
            self._files.row_factory = sqlite3.Row

    def artist(self, rowid: int) -> dict[str, Any] | None:
        row = self._one("SELECT * FROM artists WHERE rowid = ?", rowid)
        if row is None:
            return None
        genres = [
            one["genre"]
            for one in self._all("SELECT genre FROM artist_genres WHERE artist_rowid = ? ORDER BY rowid", rowid)
        ]
        images = self._images("artist_images", "artist_rowid", rowid)
        made = {
            "id": row["id"],
            "name": row["name"],
            "followers": row["followers_total"],
            "popularity": row["popularity"],
        }
        return made | _filled(genres=genres, images=images)

    def album(self, rowid: int) -> dict[str, Any] | None:
        row = self._one("SELECT * FROM albums WHERE rowid = ?", rowid)
        if row is None:
            return None
        credited = self._all(
            "SELECT artist_rowid FROM artist_albums WHERE album_rowid = ? AND index_in_album IS NOT NULL ORDER BY index_in_album",
            rowid,
        )
        return {
            "id": row["id"], "name": row["name"], "type": row["album_type"], "label": row["label"],
            "release_date": row["release_date"], "release_date_precision": row["release_date_precision"],
            "total_tracks": row["total_tracks"],
        } | _filled(
            upc=row["external_id_upc"], copyright=row["copyright_c"], copyright_p=row["copyright_p"],
            images=self._images("album_images", "album_rowid", rowid), artists=self._artists(credited),
        )  # fmt: skip

    def track(self, rowid: int, *, album: bool = True) -> dict[str, Any]:
        row = self._one("SELECT * FROM tracks WHERE rowid = ?", rowid)
        assert row is not None
        credited = self._all("SELECT artist_rowid FROM track_artists WHERE track_rowid = ? ORDER BY rowid", rowid)
        made = {
            "id": row["id"], "name": row["name"], "duration_ms": row["duration_ms"], "explicit": bool(row["explicit"]),
            "track_number": row["track_number"], "disc_number": row["disc_number"], "popularity": row["popularity"],
        } | _filled(
            isrc=row["external_id_isrc"], preview_url=row["preview_url"], artists=self._artists(credited),
            album=self.album(row["album_rowid"]) if album else None,
        )  # fmt: skip
        file = (
            self._files and self._files.execute("SELECT * FROM track_files WHERE track_id = ?", (row["id"],)).fetchone()
        )
        if file:
            made |= _filled(
                original_title=file["original_title"], version_title=file["version_title"],
                languages=_list(file["language_of_performance"]), artist_roles=_list(file["artist_roles"]),
            )  # fmt: skip
            if file["has_lyrics"] is not None:
                made["has_lyrics"] = bool(file["has_lyrics"])
        return made

    def tracks_of(self, album: int) -> list[int]:
        return [
            row["rowid"]
            for row in self._all(
                "SELECT rowid FROM tracks WHERE album_rowid = ? ORDER BY disc_number, track_number, rowid", album
            )
        ]

    def _artists(self, credited: list[sqlite3.Row]) -> list[dict[str, Any]]:
        return [one for row in credited if (one := self.artist(row["artist_rowid"])) is not None]

    def _images(self, table: str, owner: str, rowid: int) -> list[dict[str, Any]]:
        rows = self._all(f"SELECT url, width, height FROM {table} WHERE {owner} = ? ORDER BY rowid", rowid)
        return [dict(row) for row in rows]

    def _all(self, question: str, rowid: int) -> list[sqlite3.Row]:
        return self._main.execute(question, (rowid,)).fetchall()

    def _one(self, question: str, rowid: int) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._main.execute(question, (rowid,)).fetchone()
        return row


def _filled(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value}


def _list(text: str | None) -> list[str]:
    import json

    return json.loads(text) if text else []
