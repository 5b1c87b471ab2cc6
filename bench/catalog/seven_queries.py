"""The baseline: what the Go server does, over the same two files. Seven queries a track, one after the other; LIKE to search.

    ./dev bench catalog/seven_queries --data DIR              the files that `segue catalog synth` wrote there
    ./dev bench catalog/seven_queries --data DIR --go         compare with the same in Go as well, where it can be built

Measures processor time of single lookups, batches of 400 and searches: of the seven queries, of the two files mounted, and
of the Go program in bench/catalog/go (Debian: golang-go, golang-github-mattn-go-sqlite3-dev, libsqlite3-dev). Other
benches take `SevenQueries` as the baseline that they measure in the same run.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent.parent / "src")]

import msgspec  # noqa: E402

from segue.catalog.mount.searcher import MountSearcher  # noqa: E402
from segue.catalog.mount.store import MountStore  # noqa: E402

RESULTS = HERE.parent / "results" / "catalog_seven_queries.json"
DEADLINE_S = 10.0
"""After which the Go server gives a search up."""
SEARCHES = ("love", "love me", "night mix", "zzqx")

TRACK = """SELECT t.rowid, t.id, t.name, t.external_id_isrc, t.duration_ms, t.explicit, t.track_number, t.disc_number,
t.popularity, t.preview_url, a.rowid, a.id, a.name, a.album_type, a.label, a.release_date, a.release_date_precision,
a.external_id_upc, a.total_tracks, a.copyright_c, a.copyright_p FROM tracks t JOIN albums a ON a.rowid = t.album_rowid WHERE """
ARTIST = "a.rowid, a.id, a.name, a.followers_total, a.popularity"
ALBUM_IMAGES = "SELECT url, width, height FROM album_images WHERE album_rowid = ?"
ALBUM_ARTISTS = (
    f"SELECT {ARTIST} FROM artist_albums x JOIN artists a ON a.rowid = x.artist_rowid "
    "WHERE x.album_rowid = ? AND x.index_in_album IS NOT NULL ORDER BY x.index_in_album"
)
TRACK_ARTISTS = (
    f"SELECT {ARTIST} FROM track_artists x JOIN artists a ON a.rowid = x.artist_rowid WHERE x.track_rowid = ?"
)
GENRES = "SELECT genre FROM artist_genres WHERE artist_rowid = ?"
ARTIST_IMAGES = "SELECT url, width, height FROM artist_images WHERE artist_rowid = ?"
FILE = (
    "SELECT has_lyrics, original_title, version_title, language_of_performance, artist_roles FROM track_files "
    "WHERE track_id = ?"
)
SEARCH = TRACK + "t.name LIKE ? ORDER BY t.popularity DESC LIMIT ?"

_encode = msgspec.json.Encoder().encode


class SevenQueries:
    """The normalised files asked as the Go server asks them; but the page cache and the map are those of our own readers."""

    def __init__(self, main: Path, files: Path) -> None:
        self._main, self._files = _opened(main), _opened(files)

    def track(self, id: str) -> bytes | None:
        """A track's document, as the Go server sends it."""
        row = self._main.execute(TRACK + "t.id = ?", (id,)).fetchone()
        return None if row is None else _encode(self._track(row))

    def isrc(self, code: str) -> bytes:
        rows = self._main.execute(TRACK + "t.external_id_isrc = ? ORDER BY t.popularity DESC", (code,)).fetchall()
        return _encode([self._track(row) for row in rows])

    def batch(self, ids: Sequence[str]) -> bytes:
        """Tracks by id: a loop over single lookups."""
        found = {}
        for id in ids:
            row = self._main.execute(TRACK + "t.id = ?", (id,)).fetchone()
            if row is not None:
                found[id] = self._track(row)
        return _encode({"tracks": found})

    def search(self, text: str, limit: int = 20, deadline_s: float = DEADLINE_S) -> bytes | None:
        """None where the time was up."""
        end = time.monotonic() + deadline_s
        self._main.set_progress_handler(lambda: time.monotonic() > end, 10_000)
        try:
            rows = self._main.execute(SEARCH, (f"%{text}%", limit)).fetchall()
        except sqlite3.OperationalError:
            return None
        finally:
            self._main.set_progress_handler(None, 0)
        return _encode([self._track(row) for row in rows])

    def close(self) -> None:
        self._main.close()
        self._files.close()

    def _track(self, row: tuple[Any, ...]) -> dict[str, Any]:
        album = {
            "id": row[11], "name": row[12], "type": row[13], "label": row[14], "release_date": row[15],
            "release_date_precision": row[16], "total_tracks": row[18],
        } | _filled(
            upc=row[17], copyright=row[19], copyright_p=row[20], images=self._images(ALBUM_IMAGES, row[10]),
            artists=self._artists(ALBUM_ARTISTS, row[10]),
        )  # fmt: skip
        track = {
            "id": row[1], "name": row[2], "duration_ms": row[4], "explicit": bool(row[5]), "track_number": row[6],
            "disc_number": row[7], "popularity": row[8], "album": album,
        } | _filled(isrc=row[3], preview_url=row[9], artists=self._artists(TRACK_ARTISTS, row[0]))  # fmt: skip
        file = self._files.execute(FILE, (row[1],)).fetchone()
        if file is not None:
            if file[0] is not None:
                track["has_lyrics"] = bool(file[0])
            languages, roles = (msgspec.json.decode(text) if text else None for text in file[3:5])
            track |= _filled(original_title=file[1], version_title=file[2], languages=languages, artist_roles=roles)
        return track

    def _artists(self, question: str, owner: int) -> list[dict[str, Any]]:
        return [
            {"id": row[1], "name": row[2], "followers": row[3], "popularity": row[4]}
            | _filled(
                genres=[genre for (genre,) in self._main.execute(GENRES, (row[0],)).fetchall()],
                images=self._images(ARTIST_IMAGES, row[0]),
            )
            for row in self._main.execute(question, (owner,)).fetchall()
        ]

    def _images(self, question: str, owner: int) -> list[dict[str, Any]]:
        rows = self._main.execute(question, (owner,)).fetchall()
        return [{"url": url, "width": width, "height": height} for url, width, height in rows]


def _filled(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value}


def _opened(file: Path) -> sqlite3.Connection:
    database = sqlite3.connect(
        f"file:{quote(str(file.resolve()))}?mode=ro&immutable=1",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
    )
    database.execute("PRAGMA cache_size = -65536")
    database.execute("PRAGMA mmap_size = 1099511627776")
    return database


def cpu_us(work: Callable[[], object]) -> float:
    """Microseconds of processor time."""
    before = time.process_time()
    work()
    return (time.process_time() - before) * 1e6


def sampled(main: Path, count: int, seed: int = 7) -> list[str]:
    """Random ids of tracks."""
    database = _opened(main)
    (highest,) = database.execute("SELECT max(rowid) FROM tracks").fetchone()
    chance = random.Random(seed)
    rows = (
        database.execute("SELECT id FROM tracks WHERE rowid = ?", (chance.randint(1, highest),)) for _ in range(count)
    )
    ids = [row[0] for row in (asked.fetchone() for asked in rows) if row]
    database.close()
    return ids


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the two files")
    parser.add_argument("--lookups", type=int, default=20_000)
    parser.add_argument("--batches", type=int, default=20)
    parser.add_argument("--go", action="store_true", help="the same in Go as well")
    asked = parser.parse_args()
    files = asked.data / "main_database.sqlite3", asked.data / "track_files.sqlite3"
    ids = sampled(files[0], asked.lookups)
    seven, mount, searcher = SevenQueries(*files), MountStore(*files), MountSearcher(files[0])

    def mounted(wanted: Sequence[str]) -> list[bytes]:
        return mount.tracks([rank for rank in mount.ranks("track", wanted) if rank])

    for id in ids[:20]:
        found = seven.track(id)
        assert found is not None
        assert json.loads(found) == json.loads(mounted([id])[0]), id
    batches = [random.Random(n).choices(ids, k=400) for n in range(asked.batches)]
    rows = []
    for name, one, many, find in (
        ("seven queries, Python", seven.track, seven.batch, seven.search),
        ("mounted files", lambda id: mounted([id]), mounted, lambda text: searcher.search("track", text).ranks),
    ):
        for id in ids[: asked.lookups // 10]:
            one(id)
        row: dict[str, Any] = {
            "design": name,
            "lookup_cpu_us": round(cpu_us(lambda one=one: [one(id) for id in ids]) / len(ids), 1),
        }
        row["batch_of_400_cpu_ms"] = round(
            statistics.median(cpu_us(lambda many=many, b=b: many(b)) for b in batches) / 1000, 2
        )
        row["search_cpu_ms"] = {
            text: round(cpu_us(lambda find=find, text=text: find(text)) / 1000, 2) for text in SEARCHES
        }
        rows.append(row)
    if asked.go:
        rows.append({"design": "seven queries, Go"} | in_go(asked.data, ids, asked.batches))
    for row in rows:
        searches = "  ".join(f"{text!r} {ms:,.1f}" for text, ms in row["search_cpu_ms"].items())
        single, batch = (
            f"{row['lookup_cpu_us']:8.1f} us a lookup",
            f"{row['batch_of_400_cpu_ms']:8.2f} ms a batch of 400",
        )
        print(f"{row['design']:24}{single}{batch}   search, ms: {searches}")
    counts = mount.counts()
    result = {"tracks": counts.tracks, "load": os.getloadavg()[0], "rows": rows}
    RESULTS.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", "utf-8")


def in_go(data: Path, ids: list[str], batches: int) -> dict[str, Any]:
    """The same measured in the Go program, which is built first."""
    if shutil.which("go") is None:
        raise SystemExit("There is no `go` here (Debian: golang-go).")
    with tempfile.TemporaryDirectory() as folder:
        program, wanted = Path(folder) / "seven", Path(folder) / "ids"
        wanted.write_text("\n".join(ids))
        environment = os.environ | {
            "GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOCACHE": f"{folder}/cache", "GOFLAGS": "-tags=libsqlite3",
        }  # fmt: skip
        subprocess.run(["go", "build", "-o", str(program), str(HERE / "go" / "seven.go")], check=True, env=environment)
        asked = [str(program), str(data), str(wanted), str(batches), *SEARCHES]
        answer: dict[str, Any] = json.loads(subprocess.run(asked, check=True, capture_output=True).stdout)
        return answer


if __name__ == "__main__":
    main()
