"""A trial by fire: many files over a line with every fault, by workers that are killed with SIGKILL, and a witness at the server.

The witness looks, with every request for a file's bytes, at the part on the disk: the request must begin exactly where that
ends. So nothing that was written is ever fetched twice. In the end every file is whole, or it failed and says why.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import threading
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from segue.core.db import Transaction
from segue.core.outside import Limit, gate
from segue.emulator import Emulator
from segue.live.archive import client
from segue.live.downloads import states
from segue.live.downloads.part import Part
from segue.live.downloads.porter import ring
from tests.conftest import open_database
from tests.faults import forking
from tests.live.downloads.ground import ADMIN, ANNA, House, flac
from tests.waiting import PATIENCE_S

FAULTS: tuple[tuple[str, float, dict[str, Any]], ...] = (
    ("cut", 0.10, {}),
    ("flip", 0.04, {}),
    ("html", 0.03, {}),
    ("reset", 0.04, {}),
    ("truncated", 0.03, {}),
    ("ignore_range", 0.05, {}),
    ("wrong_range", 0.03, {}),
    ("no_range", 0.03, {}),
    ("status", 0.03, {"status": 503, "retry_after_s": 0.05}),
    ("status", 0.02, {"status": 429, "retry_after_s": 0.05}),
)


@dataclass
class Witness:
    """What was asked of the server and what it sent, by path. `wrong` are requests that began elsewhere than the part ended."""

    root: Path
    wrong: list[str] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    sent: Counter[str] = field(default_factory=Counter)
    resumed: int = 0

    def watch(self, emulator: Emulator) -> None:
        """Look at every request for a file of this emulator from now on."""
        understand = emulator.archive.understand

        async def looked_at(request: Any, path: str) -> Any:
            parts = path.split("/")
            if parts[0] == "data":
                self._look("/".join(parts[4:]), request.headers.get("range"))
            return await understand(request, path)

        emulator.archive.understand = looked_at  # type: ignore[method-assign]
        answer, sent = Emulator.__call__, self.sent

        async def counted(server: Emulator, scope: Any, receive: Any, send: Any) -> None:
            _, is_file, name = unquote(scope["path"]).partition("/items/")

            async def count(message: Any) -> None:
                await send(message)
                sent[name] += len(message.get("body", b""))

            await answer(server, scope, receive, count if is_file else send)

        Emulator.__call__ = counted  # type: ignore[method-assign]

    def _look(self, name: str, range_: str | None) -> None:
        part = self.root / f"{name}.part"
        there = part.stat().st_size if part.exists() else 0
        begins = int(range_.removeprefix("bytes=").split("-")[0]) if range_ else 0
        self.asked[name] += 1
        self.resumed += begins > 0
        if begins != there:
            self.wrong.append(f"{name}: asked from {begins}, the part ends at {there}")


@dataclass
class Outcome:
    """How it ended. `good` files are byte for byte right, `failed` say why, `corrupt` are neither."""

    files: int = 0
    good: int = 0
    failed: int = 0
    corrupt: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    """Parts and notes that lie about."""
    codes: Counter[str] = field(default_factory=Counter)
    kills: int = 0
    wall_s: float = 0.0


def add_items(emulator: Emulator, items: int, files: int, chance: random.Random) -> dict[str, bytes]:
    """Items with FLAC-like files of 1 KB to 600 KB; their bytes by `identifier/name`."""
    data: dict[str, bytes] = {}
    for item in range(items):
        identifier = f"trial{item:03}"
        made = {
            f"t{number:03}.flac": flac(
                f"{identifier} {number}", chance.randrange(1_000, 600_000) if number % 3 else 5_000
            )
            for number in range(files)
        }
        emulator.archive.add(identifier, made)
        data |= {f"{identifier}/{name}": body for name, body in made.items()}
    return data


def add_faults(emulator: Emulator, chance: random.Random) -> None:
    """Every fault of a line, at random."""
    for kind, share, how in FAULTS:
        more = dict(how)
        if kind in ("cut", "flip"):
            more["bytes"] = chance.randrange(1, 300_000)
        emulator.world.faults.add(kind, route="file", probability=share, seed=chance.randrange(1 << 30), **more)


def work(database: str, url: str, root: str, die_at: int, seed: int) -> None:
    """A worker process: download until nothing is left, or until it dies at its step `die_at` (0: it does not)."""
    impatient()
    if die_at:
        _die_at(die_at, random.Random(seed))
    asyncio.run(_work(database, url, root))


def impatient() -> None:
    """Neither the pace nor the breaker is waited for: what they do is tested elsewhere, and each worker has a clock of its
    own."""
    gate.FAILURES = 10**9
    client.BURST = 10**6
    client.DOWNLOADS = replace(client.DOWNLOADS, limits=(Limit(10**6, 1.0, burst=10**6),), adapts=False)


async def _work(database: str, url: str, root: str) -> None:
    db = open_database(database, readers=2, writers=4)
    house = House(db, url, Path(root))
    async with db.write() as tx:
        await ring(house.ground, tx)
    await house.work(patience_s=PATIENCE_S * 20)
    await house.close()
    await db.close()


def _die_at(point: int, chance: random.Random) -> None:
    """Die at the step of this number: a piece that is written, a file that gets its name, or a statement; before or after."""
    lock, passed = threading.Lock(), 0

    def due() -> bool:
        nonlocal passed
        with lock:
            passed += 1
            return passed == point

    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def interrupted(step: Any) -> Any:
        def run(*args: Any, **options: Any) -> Any:
            now = due()
            if now and chance.random() < 0.5:
                die()
            result = step(*args, **options)
            if now:
                die()
            return result

        return run

    for name in ("append", "place", "keep", "begin_again"):
        setattr(Part, name, interrupted(getattr(Part, name)))
    execute = Transaction.execute

    async def executed(*args: Any, **options: Any) -> Any:
        result = await execute(*args, **options)
        if due():
            die()
        return result

    Transaction.execute = executed  # type: ignore[method-assign]


def kill_and_go_on(
    database: str, url: str, root: Path, kills: int, chance: random.Random, *, every_s: float | None = None
) -> int:
    """Start worker after worker and kill each: at a random step, or `every_s` seconds; the last one ends by itself. Returns
    how many died."""
    server = forking.server()
    died = 0
    for number in range(kills + 1):
        last = number == kills
        point = 0 if last or every_s is not None else chance.randrange(2, 120)
        args = (database, url, str(root), point, chance.randrange(1 << 30))
        process = server.Process(target=work, args=args)
        process.start()
        if every_s is not None and not last:
            process.join(every_s * (0.5 + chance.random()))
            if process.exitcode is None and process.pid is not None:
                os.kill(process.pid, signal.SIGKILL)
        process.join(PATIENCE_S * 20)
        assert process.exitcode in (0, -signal.SIGKILL), process.exitcode
        died += process.exitcode == -signal.SIGKILL
        if process.exitcode == 0:
            break
    return died


async def judged(house: House, data: dict[str, bytes], root: Path) -> Outcome:
    """What is on the disk and in the tables, compared with what the archive has."""
    outcome = Outcome(files=len(data))
    rows, _ = await house.downloads.page(ADMIN, everybody=True, limit=1000)
    for row in rows:
        for name, file in (await house.files(row.id)).items():
            path = root / row.identifier / name
            if file.state in states.FILE_THERE:
                right = path.exists() and path.read_bytes() == data[f"{row.identifier}/{name}"]
                outcome.good += right
                if not right:
                    outcome.corrupt.append(str(path))
            else:
                outcome.failed += 1
                outcome.codes[(file.error or {}).get("code", file.state)] += 1
                if file.state != states.FAILED or not file.error or path.exists():
                    outcome.corrupt.append(f"{path}: {file.state}")
    outcome.left = [str(path) for path in root.rglob("*.part*") if not _is_of_failed(path, outcome)]
    return outcome


def _is_of_failed(path: Path, outcome: Outcome) -> bool:
    return outcome.failed > 0


async def want_all(house: House, data: dict[str, bytes]) -> None:
    for identifier in sorted({name.partition("/")[0] for name in data}):
        await house.downloads.enqueue(ANNA, identifier)


def seconds_since(began: float) -> float:
    return round(time.monotonic() - began, 1)
