"""How long does one page take in a library of 10,000, 100,000 and a million tracks?

    ./dev bench million                              the three sizes on SQLite
    ./dev bench million --postgres URL               on PostgreSQL too (databases of its own there, dropped afterwards)
    ./dev bench million --sizes 10000 --times 10     smaller
    ./dev bench million --write                      keep the figures in bench/results/million.json

Starts a real `segue serve --role web` (no worker: nothing else shall run meanwhile) over a collection written straight
into its database (three libraries, an artist with 2,000 tracks, a genre with half of everything), and asks for one page
after another as one client: what every page costs, not how many are served at once. Times are the client's. The person
sees all libraries; `one library of three` is asked by somebody who sees one.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

from bench.browse import PASSWORD, USER, Client, database, served  # noqa: E402
from bench.collection import SYLLABLES, WORDS, Collection, fill  # noqa: E402

RESULTS = ROOT / "bench" / "results" / "million.json"
SIZES = (10_000, 100_000, 1_000_000)
LIMIT_MS = 50
"""What a page may take, 95 times of 100."""
OTHER = "bench-other"
REST = "/api/v1"


class Asking:
    """One client's requests, drawn from a seed."""

    def __init__(self, port: int, collection: Collection, token: str, person: str) -> None:
        self.client = Client(port, token)
        self.collection = collection
        self.chance = random.Random(11)
        self.person = person

    def get(self, path: str) -> tuple[float, bytes]:
        start = time.perf_counter()
        body = self.client.get(path)
        return (time.perf_counter() - start) * 1000, body

    def subsonic(self, method: str, **parameters: Any) -> str:
        sent = {"u": self.person, "p": PASSWORD, "v": "1.16.1", "c": "bench", "f": "json"} | parameters
        return f"/rest/{method}?" + "&".join(f"{name}={quote(str(value))}" for name, value in sent.items())

    def measured(self, paths: Callable[[], str], times: int) -> dict[str, Any]:
        """Median, 95th percentile and longest of `times` requests, after two that do not count."""
        for _ in range(2):
            self.get(paths())
        took = sorted(self.get(paths())[0] for _ in range(times))
        return {
            "median_ms": round(statistics.median(took), 1),
            "p95_ms": round(took[min(len(took) - 1, int(len(took) * 0.95))], 1),
            "max_ms": round(took[-1], 1),
            "requests": times,
        }

    def scrolled(self, path: str) -> Callable[[], str]:
        """A list page after page by its cursors."""
        at: list[str | None] = [None]

        def turn() -> str:
            cursor = at[0]
            asked = path + (f"&cursor={quote(cursor)}" if cursor else "")
            if cursor is None or self.chance.random() < 0.7:
                at[0] = json.loads(self.client.get(asked))["next"]
            return asked

        return turn


def questions(asking: Asking) -> Iterator[tuple[str, str, Callable[[], str]]]:
    """(group, name, paths) of everything that is measured."""
    chance, there = asking.chance, asking.collection
    albums = len(there.albums)
    for sort in (
        *("title", "artist", "-added", "year", "-year", "-date", "original_date", "-duration", "-tracks", "-size"),
        *("-rating", "-plays", "-last_played", "-starred_at", "random:bench"),
    ):
        yield "album lists (REST)", sort, asking.scrolled(f"{REST}/albums?limit=50&sort={sort}")
    for name, filters in (
        ("a genre of half of all", "genre=ge-1"),
        ("a year", "year=1977"),
        ("one library", "library=li-2"),
        ("starred", "starred=true"),
        ("an artist", "artist=ar-1"),
    ):
        yield "album lists (REST)", name, asking.scrolled(f"{REST}/albums?limit=50&sort=title&{filters}")
    for kind in ("alphabeticalByName", "alphabeticalByArtist", "newest", "random"):
        for share in (0, 0.45, 0.9):
            offset = int(albums * share)
            asked = asking.subsonic("getAlbumList2", type=kind, size=50, offset=offset)
            yield "album lists (Subsonic)", f"{kind}, {share:.0%} in", lambda asked=asked: asked
    for kind in ("highest", "frequent", "recent", "starred"):
        asked = asking.subsonic("getAlbumList2", type=kind, size=50)
        yield "album lists (Subsonic)", kind, lambda asked=asked: asked
    genre = json.loads(asking.client.get(f"{REST}/genres/ge-1"))["name"]
    for share in (0, 0.45):
        offset = int(albums * share)
        for kind, more in (("byGenre", {"genre": genre}), ("byYear", {"fromYear": 1950, "toYear": 2025})):
            asked = asking.subsonic("getAlbumList2", type=kind, size=50, offset=offset, **more)
            yield "album lists (Subsonic)", f"{kind}, {share:.0%} in", lambda asked=asked: asked

    def looked_for(draw: Callable[[], str]) -> Callable[[], str]:
        return lambda: f"{REST}/search?limit=20&q={quote(draw())}"

    letters = "abcdefghijklmnopqrstuvwxyz"
    searches: dict[str, Callable[[], str]] = {
        "one letter": lambda: chance.choice(letters),
        "two letters": lambda: chance.choice(WORDS)[:2] or "a",
        "a beginning": lambda: chance.choice(there.titles).split()[-1][: chance.randint(3, 5)],
        "a common word": lambda: chance.choice(WORDS[:12]),
        "several words": lambda: " ".join(chance.choices(WORDS[:60], k=2)),
        "a whole title": lambda: chance.choice(there.titles),
        "inside words": lambda: "".join(chance.choices(SYLLABLES, k=3))[1:5],
        "a common part": lambda: chance.choice(["ing", "ight", "ove", "ter", "oth", "ree"]),
        "nothing found": lambda: "xq" + "".join(chance.choices(letters, k=8)),
        "Chinese, Japanese": lambda: chance.choice(["愛", "夜", "東京", "さくら"]),
        "an id": lambda: f"tr-{chance.choice(there.tracks)}",
        "a catalogue number": lambda: f"CAT {chance.choice(there.albums)}",
    }
    for name, draw in searches.items():
        yield "search", name, looked_for(draw)
    tracks = len(there.tracks)
    for share in (0, 0.45, 0.9):
        asked = asking.subsonic(
            "search3", query='""', songCount=50, songOffset=int(tracks * share), albumCount=50,
            albumOffset=int(albums * share), artistCount=50, artistOffset=int(len(there.artists) * share),
        )  # fmt: skip
        yield "search", f"everything (search3), {share:.0%} in", lambda asked=asked: asked
    asked = asking.subsonic("search3", query="love", songCount=50, songOffset=500)
    yield "search", "a common word (search3), offset 500", lambda: asked
    for sort in (
        "title",
        "artist",
        "-added",
        "-year",
        "album",
        "-duration",
        "bpm",
        "-plays",
        "-rating",
        "random:bench",
    ):
        yield "track lists", sort, asking.scrolled(f"{REST}/tracks?limit=50&sort={sort}")
    for name, filters in (
        ("a genre of half of all", "sort=title&genre=ge-1"),
        ("a rare genre", "sort=title&genre=ge-55"),
        ("a decade", "sort=title&year=1970..1979"),
        ("a year, newest first", "sort=-added&year=1977"),
        ("words", "sort=title&search=love"),
        ("starred", "sort=-starred_at&starred=true"),
        ("composer", "sort=title&composer=ar-1"),
        ("genre and year", "sort=title&genre=ge-1&year=1977"),
        ("lossless", "sort=title&lossless=true"),
    ):
        yield "track lists", name, asking.scrolled(f"{REST}/tracks?limit=50&{filters}")
    yield "pages", "an album", lambda: f"{REST}/albums/al-{chance.choice(there.albums)}"
    yield "pages", "an artist", lambda: f"{REST}/artists/ar-{chance.choice(there.artists)}"
    yield "pages", "an artist with 2,000 tracks", lambda: f"{REST}/artists/ar-1"
    yield "pages", "their tracks, 100", asking.scrolled(f"{REST}/tracks?limit=100&sort=album&artist=ar-1")
    artist = asking.subsonic("getArtist", id="ar-1")
    yield "pages", "an artist with 2,000 tracks (getArtist)", lambda: artist
    songs = asking.subsonic("getRandomSongs", size=50)
    yield "pages", "random songs (getRandomSongs)", lambda: songs
    yield "pages", "artists, a page", asking.scrolled(f"{REST}/artists?limit=50&sort=name")
    by_genre = asking.subsonic("getSongsByGenre", genre=genre, count=50, offset=tracks // 4)
    yield "pages", "songs of half of all by genre, a quarter in", lambda: by_genre
    for name, asked in (
        ("artist index", f"{REST}/artists/index"),
        ("getArtists", asking.subsonic("getArtists")),
        ("getIndexes", asking.subsonic("getIndexes")),
    ):
        yield "artist index", f"{name}, again", lambda asked=asked: asked


def everything(port: int, collection: Collection, times: int, only: str) -> dict[str, Any]:
    """All figures of one server."""
    client = Client(port)
    token = client.post(f"{REST}/auth/login", {"username": USER, "password": PASSWORD})["access_token"]
    asking = Asking(port, collection, token, USER)
    found: dict[str, dict[str, Any]] = {}
    if only in "artist index, first":
        for name, asked in (
            ("artist index", f"{REST}/artists/index"),
            ("getArtists", asking.subsonic("getArtists")),
            ("getIndexes", asking.subsonic("getIndexes")),
        ):
            took, body = asking.get(asked)
            found.setdefault("artist index", {})[f"{name}, first"] = {"once_ms": round(took, 1), "bytes": len(body)}
    for group, name, paths in questions(asking):
        if only in f"{group}, {name}":
            found.setdefault(group, {})[name] = asking.measured(paths, times)
    if only in "edits":
        found["edits"] = edits(asking, times)
    if only in "one library of three":
        found["one library of three"] = of_three(port, asking, collection, times)
    return found


def edits(asking: Asking, times: int) -> dict[str, Any]:
    """From sending an edit until a list shows it."""
    took: dict[str, list[float]] = {"a rating": [], "a star": [], "a play": []}
    for turn in range(times):
        number = asking.chance.choice(asking.collection.albums)
        start = time.perf_counter()
        _send(asking.client, "PUT", f"{REST}/ratings/al-{number}", {"rating": turn % 5 + 1})
        assert json.loads(asking.client.get(f"{REST}/albums?id=al-{number}"))["items"][0]["rating"] == turn % 5 + 1
        took["a rating"].append((time.perf_counter() - start) * 1000)
        start = time.perf_counter()
        _send(asking.client, "PUT", f"{REST}/stars/al-{number}", None)
        starred = json.loads(asking.client.get(f"{REST}/albums?starred=true&sort=-starred_at&limit=1"))["items"]
        assert starred[0]["starred_at"]
        took["a star"].append((time.perf_counter() - start) * 1000)
        track = asking.chance.choice(asking.collection.tracks)
        start = time.perf_counter()
        asking.client.get(asking.subsonic("scrobble", id=f"tr-{track}"))
        assert json.loads(asking.client.get(f"{REST}/tracks/tr-{track}"))["play_count"] > 0
        took["a play"].append((time.perf_counter() - start) * 1000)
    return {name: {**_spread(each), "requests": times} for name, each in took.items()}


def _spread(took: list[float]) -> dict[str, float]:
    ordered = sorted(took)
    return {
        "median_ms": round(statistics.median(ordered), 1),
        "p95_ms": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))], 1),
        "max_ms": round(ordered[-1], 1),
    }


def _send(client: Client, method: str, path: str, content: Any) -> Any:
    headers = {**client.headers, "Content-Type": "application/json"}
    client.http.request(method, path, json.dumps(content) if content is not None else None, headers)
    answer = client.http.getresponse()
    body = answer.read()
    if answer.status >= 300:
        raise RuntimeError(f"{method} {path} answered {answer.status}: {body[:300]!r}")
    return body


def of_three(port: int, asking: Asking, collection: Collection, times: int) -> dict[str, Any]:
    """The same lists and searches by somebody who sees the second library alone."""
    for group in json.loads(asking.client.get(f"{REST}/groups"))["items"]:
        _send(asking.client, "PATCH", f"{REST}/groups/{group['id']}", {"all_libraries": False, "libraries": ["li-2"]})
    body = {"username": OTHER, "password": PASSWORD}
    try:
        asking.client.post(f"{REST}/users", body)
    except RuntimeError as error:
        if "409" not in str(error):
            raise
    token = Client(port).post(f"{REST}/auth/login", body)["access_token"]
    other = Asking(port, collection, token, OTHER)
    total = json.loads(other.client.get(f"{REST}/albums?limit=1"))["total"]
    assert 0 < total < len(collection.albums), total
    chosen = {
        *("title", "-added", "year", "a genre of half of all", "alphabeticalByName, 0% in", "newest, 45% in"),
        *(
            "one letter",
            "two letters",
            "a beginning",
            "a common word",
            "inside words",
            "several words",
            "nothing found",
        ),
        *("everything (search3), 0% in", "words", "artist index, again", "getArtists, again", "artists, a page"),
    }
    return {
        name: other.measured(paths, times)
        for group, name, paths in questions(other)
        if name in chosen and (group, name) != ("track lists", "year")
    }


# --- the server ------------------------------------------------------------------------------------------------------


async def prepare(env: dict[str, str], tracks: int) -> Collection:
    """The tables of this version of Segue, and the collection in them."""
    from segue.settings import load_settings
    from segue.tables import import_models

    os.environ.update(env)
    import_models()
    settings = load_settings({})
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    db = settings.database_target.open()
    collection = await fill(db, albums=tracks // 10, libraries=3, artists=tracks * 6 // 100)
    await db.close()
    return collection


def measure(tracks: int, postgres: str | None, options: argparse.Namespace) -> dict[str, Any]:
    """One size on one database."""
    work = Path(tempfile.mkdtemp(prefix="segue-bench-million-"))
    try:
        with database(postgres) as url:
            env = {
                "SEGUE_DATA_DIR": str(work / "data"),
                "SEGUE_ADMIN__USERNAME": USER,
                "SEGUE_ADMIN__PASSWORD": PASSWORD,
                **({"SEGUE_DATABASE__URL": url} if url else {}),
            }
            print(f"making {tracks:,} tracks…", file=sys.stderr)
            start = time.monotonic()
            subprocess.run([sys.executable, "-m", "segue", "db", "upgrade"], env=os.environ | env, check=True)
            collection = asyncio.run(prepare(env, tracks))
            print(f"made in {time.monotonic() - start:.0f} s; asking…", file=sys.stderr)
            with served(env, work / "log", role="web") as port:
                load = round(os.getloadavg()[0], 1)
                return {"load_average": load, "groups": everything(port, collection, options.times, options.only)}
    finally:
        if options.keep:
            print(f"kept in {work}", file=sys.stderr)
        else:
            shutil.rmtree(work, ignore_errors=True)


def table(name: str, result: dict[str, Any]) -> None:
    print(f"\n{name}\n{'':58}{'median':>10}{'p95':>10}{'max':>10}   ms")
    for group, rows in result["groups"].items():
        print(group)
        for what, row in rows.items():
            if "once_ms" in row:
                print(f"   {what:55}{row['once_ms']:>10}   ({row['bytes'] / 1e6:.1f} MB)")
                continue
            late = "   over" if row["p95_ms"] > LIMIT_MS else ""
            print(f"   {what:55}{row['median_ms']:>10}{row['p95_ms']:>10}{row['max_ms']:>10}{late}")


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="numbers of tracks")
    given.add_argument("--times", type=int, default=40, help="requests of each kind")
    given.add_argument("--postgres", help="URL of a PostgreSQL server; databases of its own are made there")
    given.add_argument("--database", choices=["sqlite", "postgresql"], help="only this one")
    given.add_argument("--only", default="", help="only figures whose name has this in it")
    given.add_argument("--keep", action="store_true", help="keep the SQLite files")
    given.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    options = given.parse_args()
    databases: list[tuple[str, str | None]] = []
    if options.database != "postgresql":
        databases.append(("SQLite", None))
    if options.postgres and options.database != "sqlite":
        databases.append(("PostgreSQL", options.postgres))
    results: dict[str, dict[str, Any]] = {}
    for name, url in databases:
        for tracks in options.sizes:
            results.setdefault(name, {})[str(tracks)] = measure(tracks, url, options)
            table(f"{name}, {tracks:,} tracks", results[name][str(tracks)])
    if options.write:
        RESULTS.parent.mkdir(exist_ok=True)
        kept = json.loads(RESULTS.read_text())["databases"] if RESULTS.exists() else {}
        for name, sizes in results.items():
            kept[name] = kept.get(name, {}) | sizes
        about = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "cores": os.cpu_count(), "times": options.times}
        RESULTS.write_text(json.dumps(about | {"databases": kept}, indent=2) + "\n")


if __name__ == "__main__":
    main()
