"""What does the drop-in cost over HTTP? Lookups, batches, searches; delays at a steady rate; many clients.

    ./dev bench catalog/over_http SNAPSHOT --data DIR             DIR has the two files that the snapshot was built of
    ./dev bench catalog/over_http SNAPSHOT --data DIR --write     writes bench/results/catalog_http.json

The server is `segue catalog serve` as a process of its own; its processor time is read before and after. What asks is
client.c beside this (it needs `cc`): as fast as is answered, or at a steady rate where the time of an answer counts from when
its request was due. The baseline is the seven queries of the Go server behind the same HTTP server, in the same run.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(ROOT / "src"), str(HERE)]

from seven_queries import SevenQueries, sampled  # noqa: E402

RESULTS = HERE.parent / "results" / "catalog_http.json"
WORDS = ("the", "to love", "night", "heart of", "day", "you are", "no", "angel", "dream in")
HALF_OF = 15_000
"""The rate at which delays are looked at is half of what one core is to answer."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("snapshot", type=Path, nargs="?")
    parser.add_argument("--data", type=Path, required=True, help="folder of the two files")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measurement")
    parser.add_argument("--many", type=float, default=60.0, help="seconds with 512 clients")
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    parser.add_argument("--baseline", type=int, metavar="PORT", help="only serve the seven queries there")
    asked = parser.parse_args()
    if asked.baseline:
        serve_baseline(asked.data, asked.baseline)
        return
    ids = sampled(asked.data / "main_database.sqlite3", 50_000)
    with tempfile.TemporaryDirectory() as folder:
        client = built(Path(folder))
        files = wanted(Path(folder), ids)
        rows: dict[str, Any] = {}
        with serving([sys.executable, "-m", "segue", "catalog", "serve", str(asked.snapshot), *_FREE]) as server:
            for name, clients in (("lookup", 64), ("lookup, 1 client", 1), ("batch of 400", 8), ("search", 16)):
                rows[name] = cost(client, server, clients, asked.seconds, files[name.partition(",")[0]])
                told(name, rows[name])
            rows["steady"] = asking(client, server, 64, asked.seconds * 2, files["lookup"], rate=HALF_OF / 2)
            told(f"{HALF_OF // 2:,} lookups a second", rows["steady"])
            rows["512 clients"] = cost(client, server, 512, asked.many, files["mixed"])
            told(f"512 clients, {asked.many:.0f} s, mixed", rows["512 clients"])
        command = [sys.executable, __file__, "--data", str(asked.data), "--baseline"]
        with serving(command) as server:
            rows["baseline lookup"] = cost(client, server, 64, asked.seconds, files["lookup"])
            told("baseline: lookup", rows["baseline lookup"])
            rows["baseline batch of 400"] = cost(client, server, 8, asked.seconds, files["batch of 400"])
            told("baseline: batch of 400", rows["baseline batch of 400"])
    if asked.write:
        result = {"load": round(os.getloadavg()[0], 1), "rows": rows}
        RESULTS.write_text(json.dumps(result, indent=2) + "\n", "utf-8")


_FREE = ("--rate-limit", "off", "--no-check", "--port")


class Server:
    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process = process
        self.port = port

    def cpu_s(self) -> float:
        """Of this process so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(command: Sequence[str]) -> Iterator[Server]:
    """`command` with a free port behind it, once it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    process = subprocess.Popen([*command, str(port)], env=environment, stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 60
        while True:
            try:
                urlopen(f"http://127.0.0.1:{port}/ready").close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > until:
                    raise SystemExit("The server does not answer.") from None
                time.sleep(0.1)
        yield Server(process, port)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def built(folder: Path) -> Path:
    compiler = shutil.which("cc")
    if compiler is None:
        raise SystemExit("There is no `cc` here, which makes the client (Debian: gcc).")
    client = folder / "client"
    subprocess.run([compiler, "-O2", "-D_GNU_SOURCE", "-o", str(client), str(HERE / "client.c")], check=True)
    return client


def wanted(folder: Path, ids: Sequence[str]) -> dict[str, Path]:
    """Files of requests, a line each."""
    chance = random.Random(3)
    lookups = [f"/lookup/track/{id}" for id in ids]
    batches = [json.dumps({"tracks": chance.sample(ids, 400)}) for _ in range(200)]
    searches = [f"/search/track?q={quote(word)}" for word in WORDS]
    small = [json.dumps({"tracks": chance.sample(ids, 60)}) for _ in range(50)]
    mixed = [
        *lookups[:5000],
        *small,
        *searches * 20,
        *(f"/search/artist?q={quote(word)}" for word in WORDS),
        *["/health"] * 20,
    ]
    chance.shuffle(mixed)
    made = {}
    for name, lines in (("lookup", lookups), ("batch of 400", batches), ("search", searches), ("mixed", mixed)):
        made[name] = folder / name
        made[name].write_text("\n".join(lines) + "\n")
    return made


def asking(client: Path, server: Server, clients: int, seconds: float, file: Path, rate: float = 0) -> dict[str, Any]:
    """What the client says."""
    arguments = [str(client), str(server.port), str(clients), str(seconds), str(rate), str(file)]
    said: dict[str, Any] = json.loads(subprocess.run(arguments, check=True, capture_output=True).stdout)
    return said


def cost(client: Path, server: Server, clients: int, seconds: float, file: Path) -> dict[str, Any]:
    """The same, with the server's processor time."""
    asking(client, server, clients, min(1.0, seconds), file)
    before = server.cpu_s()
    said = asking(client, server, clients, seconds, file)
    spent = server.cpu_s() - before
    return said | {
        "cpu_us_per_request": round(spent / said["requests"] * 1e6, 1),
        "requests_per_cpu_second": round(said["requests"] / spent),
    }


def told(name: str, row: dict[str, Any]) -> None:
    cpu = ""
    if "requests_per_cpu_second" in row:
        cpu = f"{row['requests_per_cpu_second']:8,} per processor second ({row['cpu_us_per_request']:,.0f} us)"
    print(
        f"{name:28}{cpu:44} {row['per_second']:9,.0f}/s  p50 {row['p50_ms']:.2f}  p99 {row['p99_ms']:.2f}  "
        f"max {row['max_ms']:.0f} ms  errors {row['errors'] + row['unanswered']}",
        flush=True,
    )


def serve_baseline(data: Path, port: int) -> None:
    """The seven queries behind uvicorn, as bare as an ASGI application can be."""
    import msgspec
    import uvicorn

    seven = SevenQueries(data / "main_database.sqlite3", data / "track_files.sqlite3")

    async def app(scope: Any, receive: Any, send: Any) -> None:
        body: bytes | None = b"{}"
        if scope["path"].startswith("/lookup/track/"):
            body = seven.track(scope["path"].rpartition("/")[2])
        elif scope["path"] == "/batch/lookup":
            sent, more = b"", True
            while more:
                message = await receive()
                sent, more = sent + message["body"], message["more_body"]
            body = seven.batch(msgspec.json.decode(sent)["tracks"])
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body or b""))]
        await send({"type": "http.response.start", "status": 200 if body else 404, "headers": headers})
        await send({"type": "http.response.body", "body": body or b""})

    uvicorn.run(app, port=port, log_level="critical", access_log=False, http="httptools", loop="uvloop", lifespan="off")


if __name__ == "__main__":
    main()
