"""How fast are pages, for people who browse, with the server idle and while it scans?

    ./dev bench browse                              10,000 albums, 100,000 tracks on SQLite
    ./dev bench browse --postgres URL               the same on PostgreSQL too (a database of its own, dropped afterwards)
    ./dev bench browse --albums 1000 --seconds 5    smaller

Starts a real `segue serve` (web and worker) over a collection written straight into its database. Four clients, each on a
kept connection and without a pause, ask for pages in this mix: album list of 50 (30 %), album page (25 %), artist page
(15 %), search as one types (15 %), cover of 300 pixels, made before (15 %). Times are the clients': they include HTTP,
signing in by token and the transfer. Then the same while the server scans generated files into a second library.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import io
import json
import os
import random
import secrets
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

from bench.collection import WORDS, Collection, cover_key, fill  # noqa: E402

RESULTS = ROOT / "bench" / "results" / "browse.json"
CLIENTS = 4
COVERS = 200
USER, PASSWORD = "bench", "a long enough password"
MIX = (("album list", 30), ("album page", 25), ("artist page", 15), ("search", 15), ("cover", 15))


class Client:
    """One kept connection to the server."""

    def __init__(self, port: int, token: str | None = None) -> None:
        self.http = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path: str) -> bytes:
        self.http.request("GET", path, headers=self.headers)
        answer = self.http.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"GET {path} answered {answer.status}: {body[:300]!r}")
        return body

    def post(self, path: str, content: Any) -> Any:
        headers = {**self.headers, "Content-Type": "application/json"}
        self.http.request("POST", path, json.dumps(content), headers)
        answer = self.http.getresponse()
        body = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"POST {path} answered {answer.status}: {body[:300]!r}")
        return json.loads(body)


class Pages:
    """Draws pages of the mix, the same ones for the same seed."""

    def __init__(self, collection: Collection, seed: int) -> None:
        self.chance = random.Random(seed)
        self.collection = collection
        self.names = [name for name, _ in MIX]
        self.weights = [weight for _, weight in MIX]
        self.cursors: dict[str, str | None] = {}

    def draw(self) -> tuple[str, str]:
        """A kind of page and its path."""
        kind = self.chance.choices(self.names, self.weights)[0]
        return kind, f"/api/v1{getattr(self, kind.replace(' ', '_'))()}"

    def album_list(self) -> str:
        sort = self.chance.choice(["title", "artist", "-added", "-year"])
        cursor = self.cursors.get(sort)
        return f"/albums?limit=50&sort={sort}" + (f"&cursor={cursor}" if cursor else "")

    def turned(self, path: str, body: bytes) -> None:
        """Remember how a list goes on."""
        if path.startswith("/api/v1/albums?"):
            sort = path.partition("sort=")[2].partition("&")[0]
            self.cursors[sort] = json.loads(body)["next"]

    def album_page(self) -> str:
        return f"/albums/al-{self.chance.choice(self.collection.albums)}"

    def artist_page(self) -> str:
        return f"/artists/ar-{self.chance.choice(self.collection.artists)}"

    def search(self) -> str:
        typed = " ".join(self.chance.choices(WORDS, k=self.chance.randint(1, 2)))
        return f"/search?limit=10&q={quote(typed[: self.chance.randint(1, len(typed))])}"

    def cover(self) -> str:
        return f"/artwork/aw-{self.chance.randint(1, min(COVERS, len(self.collection.albums)))}?size=300"


def browse(port: int, token: str, collection: Collection, until: Callable[[], bool]) -> dict[str, Any]:
    """What four clients measure until `until` is true."""
    times: dict[str, list[float]] = defaultdict(list)
    errors: list[BaseException] = []
    lock = threading.Lock()

    def one(seed: int) -> None:
        client, pages = Client(port, token), Pages(collection, seed)
        try:
            while not until() and not errors:
                kind, path = pages.draw()
                start = time.perf_counter()
                body = client.get(path)
                took = (time.perf_counter() - start) * 1000
                pages.turned(path, body)
                with lock:
                    times[kind].append(took)
        except BaseException as error:
            errors.append(error)

    start = time.perf_counter()
    threads = [threading.Thread(target=one, args=(seed,)) for seed in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    seconds = time.perf_counter() - start
    everything = [took for kind in times.values() for took in kind]
    return {
        "requests": len(everything),
        "requests_per_s": round(len(everything) / seconds, 1),
        **spread(everything),
        "pages": {kind: {"requests": len(times[kind]), **spread(times[kind])} for kind, _ in MIX if times[kind]},
    }


def spread(times: list[float]) -> dict[str, float]:
    """p50, p99 and the longest, in milliseconds."""
    ordered = sorted(times)
    return {
        "p50_ms": round(statistics.median(ordered), 1),
        "p99_ms": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))], 1),
        "max_ms": round(ordered[-1], 1),
    }


def long_list(port: int, token: str, times: int = 40) -> dict[str, float]:
    """An album list of 500, one client, the first page and later ones in turn."""
    client, took = Client(port, token), []
    cursor = None
    for turn in range(times + 3):
        path = "/api/v1/albums?limit=500&sort=-added" + (f"&cursor={cursor}" if cursor else "")
        start = time.perf_counter()
        body = client.get(path)
        if turn >= 3:
            took.append((time.perf_counter() - start) * 1000)
        cursor = json.loads(body)["next"]
    return spread(took)


# --- the server ------------------------------------------------------------------------------------------------------


async def prepare(env: dict[str, str], data: Path, albums: int) -> Collection:
    """The collection and the covers of its first albums."""
    from PIL import Image

    from segue.core.storage import open_storage
    from segue.settings import load_settings
    from segue.tables import import_models

    os.environ.update(env)
    import_models()
    settings = load_settings({})
    db = settings.database_target.open()
    collection = await fill(db, albums=albums)
    await db.close()
    storage = open_storage(None, data)
    chance = random.Random(3)
    for number in range(1, min(COVERS, albums) + 1):
        small = Image.new("RGB", (30, 30))
        small.putdata([tuple(chance.randrange(256) for _ in range(3)) for _ in range(900)])
        out = io.BytesIO()
        small.resize((600, 600), Image.Resampling.BICUBIC).save(out, "JPEG", quality=88)
        await storage.put(cover_key(number), out.getvalue())
    return collection


@contextmanager
def served(env: dict[str, str], log: Path, role: str = "all") -> Iterator[int]:
    """A server of its own, ready; gives its port. `role` web is one without a worker."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with log.open("wb") as said:
        command = [sys.executable, "-m", "segue", "serve", "--role", role, "--port", str(port)]
        process = subprocess.Popen(command, env=os.environ | env, stdout=said, stderr=said, start_new_session=True)
        try:
            deadline = time.monotonic() + 60
            while True:
                try:
                    Client(port).get("/health/ready")
                    break
                except (OSError, RuntimeError, http.client.HTTPException):
                    if process.poll() is not None or time.monotonic() > deadline:
                        raise RuntimeError(f"the server did not start: {log.read_text()[-2000:]}") from None
                    time.sleep(0.1)
            yield port
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


@contextmanager
def database(postgres: str | None) -> Iterator[str | None]:
    """The URL of an empty database: None for a SQLite file in the data folder, else a new one on that server."""
    if postgres is None:
        yield None
        return
    name = f"segue_bench_{secrets.token_hex(4)}"

    def run(statement: str) -> None:
        async def work() -> None:
            import asyncpg

            conn = await asyncpg.connect(postgres)
            await conn.execute(statement)
            await conn.close()

        asyncio.run(work())

    run(f"CREATE DATABASE {name}")
    try:
        yield urlsplit(postgres)._replace(path=f"/{name}").geturl()
    finally:
        run(f"DROP DATABASE {name} WITH (FORCE)")


def measure(name: str, postgres: str | None, options: argparse.Namespace) -> dict[str, Any]:
    """One database: idle, the long list, and during a scan."""
    work = Path(tempfile.mkdtemp(prefix="segue-bench-browse-"))
    data = work / "data"
    try:
        with database(postgres) as url:
            env = {
                "SEGUE_DATA_DIR": str(data),
                "SEGUE_ADMIN__USERNAME": USER,
                "SEGUE_ADMIN__PASSWORD": PASSWORD,
                **({"SEGUE_DATABASE__URL": url} if url else {}),
            }
            print(f"{name}: making {options.albums} albums…", file=sys.stderr)
            subprocess.run([sys.executable, "-m", "segue", "db", "upgrade"], env=os.environ | env, check=True)
            collection = asyncio.run(prepare(env, data, options.albums))
            with served(env, work / "log") as port:
                return _measured(port, collection, work, options)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _measured(port: int, collection: Collection, work: Path, options: argparse.Namespace) -> dict[str, Any]:
    login = Client(port).post("/api/v1/auth/login", {"username": USER, "password": PASSWORD})
    token = login["access_token"]
    client = Client(port, token)
    print("warming…", file=sys.stderr)
    for number in range(1, min(COVERS, len(collection.albums)) + 1):
        client.get(f"/api/v1/artwork/aw-{number}?size=300")
    for_seconds(port, token, collection, 2)
    load = round(os.getloadavg()[0], 1)  # what else this machine does
    print("idle…", file=sys.stderr)
    idle = for_seconds(port, token, collection, options.seconds)
    listed = long_list(port, token)
    print(f"during a scan of {options.files} files…", file=sys.stderr)
    from tiny_files import make_library

    music = work / "music"
    make_library(music, options.files)
    client.post("/api/v1/libraries", {"name": "New", "path": str(music)})
    deadline = time.monotonic() + options.longest
    state: dict[str, Any] = {}

    def is_over() -> bool:
        return bool(state.get("over"))

    def watch() -> None:
        watcher = Client(port, token)
        begun = False
        while time.monotonic() < deadline:
            scan = json.loads(watcher.get("/api/v1/scan"))
            begun = begun or scan["scanning"]
            if begun and not scan["scanning"]:
                break
            time.sleep(0.2)
        else:
            state["cut_short"] = True
        state["over"] = True

    watcher = threading.Thread(target=watch)
    watcher.start()
    start = time.perf_counter()
    scanning = browse(port, token, collection, is_over)
    watcher.join()
    scanning["scan_s"] = round(time.perf_counter() - start, 1)
    scanning["scanned_files_per_s"] = None if state.get("cut_short") else round(options.files / scanning["scan_s"])
    return {"load_average": load, "idle": idle, "during_a_scan": scanning, "album_list_of_500": listed}


def for_seconds(port: int, token: str, collection: Collection, seconds: float) -> dict[str, Any]:
    end = time.monotonic() + seconds
    return browse(port, token, collection, lambda: time.monotonic() >= end)


def table(name: str, result: dict[str, Any]) -> None:
    print(f"\n{name}")
    print(f"{'':24}{'requests/s':>12}{'p50 ms':>9}{'p99 ms':>9}{'max ms':>9}")
    for state in ("idle", "during_a_scan"):
        row = result[state]
        print(f"{state.replace('_', ' '):24}{row['requests_per_s']:>12}", end="")
        print(f"{row['p50_ms']:>9}{row['p99_ms']:>9}{row['max_ms']:>9}")
        for kind, page in row["pages"].items():
            print(f"   {kind:21}{page['requests']:>12}{page['p50_ms']:>9}{page['p99_ms']:>9}{page['max_ms']:>9}")
    row = result["album_list_of_500"]
    print(f"{'album list of 500':24}{'':>12}{row['p50_ms']:>9}{row['p99_ms']:>9}{row['max_ms']:>9}")


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--albums", type=int, default=10_000)
    given.add_argument("--seconds", type=float, default=15, help="how long to browse an idle server")
    given.add_argument("--files", type=int, default=10_000, help="files that are scanned meanwhile")
    given.add_argument(
        "--longest", type=float, default=180, help="seconds after which the scan is no longer waited for"
    )
    given.add_argument("--postgres", help="URL of a PostgreSQL server; a database of its own is made there")
    given.add_argument("--only", choices=["sqlite", "postgresql"])
    given.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    options = given.parse_args()
    results: dict[str, Any] = {}
    if options.only != "postgresql":
        results["SQLite"] = measure("SQLite", None, options)
        table("SQLite", results["SQLite"])
    if options.postgres and options.only != "sqlite":
        results["PostgreSQL"] = measure("PostgreSQL", options.postgres, options)
        table("PostgreSQL", results["PostgreSQL"])
    if options.write:
        RESULTS.parent.mkdir(exist_ok=True)
        kept = json.loads(RESULTS.read_text())["databases"] if RESULTS.exists() else {}
        answer = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "cores": os.cpu_count(),
            "albums": options.albums,
            "tracks": options.albums * 10,
            "clients": CLIENTS,
            "mix_percent": dict(MIX),
            "databases": kept | results,
        }
        RESULTS.write_text(json.dumps(answer, indent=2) + "\n")


if __name__ == "__main__":
    main()
