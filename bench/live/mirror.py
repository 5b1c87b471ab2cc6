"""What does it cost to keep the archive's list, to put it into concerts, and to look around in it?

    ./dev bench live/mirror                       285,000 recordings on SQLite; a table
    ./dev bench live/mirror --items 20000         a smaller list
    ./dev bench live/mirror --postgres URL        an empty database of PostgreSQL's instead
    ./dev bench live/mirror --write               keeps the figures in bench/results/live_mirror.json

The list is made from a seed (bench/live/lists.py). Processor time is that of this process; on PostgreSQL, where the
database works beside it, wall time is told as well. Lists and searches are asked a few hundred times each, with filters,
orders and words drawn anew, through the service as REST asks it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from bench.live.lists import ITEMS, docs  # noqa: E402
from segue.core import heap  # noqa: E402
from segue.core.access import SYSTEM  # noqa: E402
from segue.core.changes import ensure_epoch  # noqa: E402
from segue.core.db import Base, Database  # noqa: E402
from segue.core.inline import InlineWriter  # noqa: E402
from segue.jobs import JobService, Registry  # noqa: E402
from segue.live import spelling, tasks  # noqa: E402
from segue.live.archive.items import item_of_listed  # noqa: E402
from segue.live.fields import ENTITIES  # noqa: E402
from segue.live.mirror import Intake, regroup_marked  # noqa: E402
from segue.live.service import LiveService  # noqa: E402
from segue.query import EVERYTHING, Entities, Window  # noqa: E402
from segue.tables import import_models  # noqa: E402

RESULTS = ROOT / "bench" / "results" / "live_mirror.json"
AT_ONCE = 500


class Clock:
    def __init__(self) -> None:
        self.wall, self.cpu = time.monotonic(), time.process_time()

    def read(self) -> dict[str, float]:
        return {"wall_s": round(time.monotonic() - self.wall, 2), "cpu_s": round(time.process_time() - self.cpu, 2)}


async def merge(db: Database, listed: list[dict[str, Any]]) -> dict[str, Any]:
    """Take a list in as the mirror does."""
    clock, intake = Clock(), Intake()
    new = changed = 0
    writer = InlineWriter(db, bulk=True)
    for start in range(0, len(listed), AT_ONCE):
        items = [item_of_listed(doc) for doc in listed[start : start + AT_ONCE]]
        async with writer.write() as tx:
            done = await intake.take_in(tx, items)
            new, changed = new + done.new, changed + done.changed
    await writer.close()
    return {**clock.read(), "new": new, "changed": changed}


async def group(db: Database) -> dict[str, Any]:
    clock = Clock()
    done = await regroup_marked(db)
    return {**clock.read(), "new": done.new, "changed": done.changed}


async def asked(name: str, times: int, ask: Callable[[], Awaitable[Any]]) -> dict[str, Any]:
    """Milliseconds that a question takes, asked so many times."""
    walls, cpus = [], []
    for _ in range(times):
        wall, cpu = time.perf_counter(), time.process_time()
        await ask()
        walls.append(1000 * (time.perf_counter() - wall))
        cpus.append(1000 * (time.process_time() - cpu))
    p95 = statistics.quantiles(walls, n=20)[-1]
    row = {
        "p50_ms": round(statistics.median(walls), 1), "p95_ms": round(p95, 1), "max_ms": round(max(walls), 1),
        "cpu_p95_ms": round(statistics.quantiles(cpus, n=20)[-1], 1),
    }  # fmt: skip
    print(f"  {name:44} p50 {row['p50_ms']:7.1f} ms   p95 {row['p95_ms']:7.1f} ms   max {row['max_ms']:7.1f} ms")
    return row


async def look_around(db: Database, listed: list[dict[str, Any]], times: int) -> dict[str, Any]:
    """Lists and searches as people ask for them."""
    live = LiveService(db, Entities(ENTITIES), None, JobService(db, Registry().add(tasks)))  # type: ignore[arg-type]
    made = random.Random(11)
    bands = (await live.artists(SYSTEM, order="concerts", limit=200)).items
    many = (await live.artists(SYSTEM, limit=1000)).items

    def where(*given: tuple[str, str]) -> Any:
        return live.filters("concerts", given)

    async def page(*given: tuple[str, str], **more: Any) -> None:
        found = await live.page("concerts", SYSTEM, where(*given) if given else EVERYTHING, window=Window(50), **more)
        [spelling.concert(view) for view in found.items]

    def band() -> tuple[str, str]:
        return "artist", f"ba-{made.choice(bands).id}"

    async def deep() -> None:
        cursor = None
        for _ in range(3):
            found = await live.page("concerts", SYSTEM, window=Window(200, cursor), sort="-date")
            cursor = found.next

    async def concert() -> None:
        first = await live.page("concerts", SYSTEM, where(band()), sort=f"random:{made.random()}", window=Window(1))
        spelling.whole_concert(await live.concert(SYSTEM, first.items[0].id))

    def typed() -> str:
        doc = made.choice(listed)
        words = f"{doc['creator']} {doc['venue']} {doc['date'][:10]} {doc['coverage']}".split()
        some = made.sample(words, made.choice((1, 1, 2, 3)))
        return " ".join(some)[: made.choice((1, 2, 3, 5, 8, 40))]

    async def search() -> None:
        await live.search(SYSTEM, typed(), ("artists", "concerts", "venues", "songs"), 10)

    def one_of(name: str, values: tuple[str, ...]) -> tuple[str, str]:
        return name, made.choice(values)

    def some(field: str) -> str:
        return str(made.choice(listed)[field])

    def a_year() -> tuple[str, str]:
        return "year", str(made.randrange(1975, 2020))

    def a_month() -> tuple[str, str]:
        return "month", str(made.randrange(1, 13))

    def a_day() -> str:
        return f"{made.randrange(1, 13):02}-{made.randrange(1, 29):02}"

    def number() -> int:
        return int(made.choice(bands).id)

    sources = ("SBD", "MTX", "FM")
    questions: dict[str, Callable[[], Awaitable[Any]]] = {
        "all concerts by date": lambda: page(sort=made.choice(("date", "-date"))),
        "all concerts by rating": lambda: page(sort="-rating"),
        "all concerts by added": lambda: page(sort="-added"),
        "a year": lambda: page(a_year()),
        "a band": lambda: page(band()),
        "a band in a year": lambda: page(band(), a_year()),
        "a band by rating": lambda: page(band(), sort="-rating"),
        "a source in a month": lambda: page(one_of("source", sources), a_month()),
        "a taper": lambda: page(("taper", f'"{some("taper")}"')),
        "a venue by name": lambda: page(("venue.name", f'"{some("venue")}"')),
        "a city": lambda: page(("city", some("coverage").split(",")[0])),
        "a query": lambda: page(q=f'artist:"{made.choice(many).name}" source:SBD year:>=1990 sort:-rating'),
        "on this day": lambda: live.on_this_day(SYSTEM, a_day(), EVERYTHING, Window()),
        "random": lambda: live.random(SYSTEM, EVERYTHING, 1),
        "three pages of 200": deep,
        "search as one types": search,
        "one concert": concert,
        "bands": lambda: live.artists(SYSTEM),
        "one band": lambda: live.artist(SYSTEM, number()),
        "venues": lambda: live.venues(SYSTEM, order="concerts"),
        "tapers of a band": lambda: live.tapers(SYSTEM, artist=number()),
        "a band's calendar": lambda: live.days(SYSTEM, made.randrange(1975, 2020), number()),
    }
    return {name: await asked(name, times, ask) for name, ask in questions.items()}


async def fill(db: Database, listed: list[dict[str, Any]], figures: dict[str, Any]) -> None:
    """Make the tables, take the list in, and put it into concerts; then again, and with a few changes."""
    async with db.write() as tx:
        await tx.conn.run_sync(Base.metadata.create_all)
    await ensure_epoch(db)
    figures["merge"] = await merge(db, listed)
    print("merge            ", figures["merge"], flush=True)
    figures["group"] = await group(db)
    print("group            ", figures["group"], flush=True)
    figures["merge again"] = await merge(db, listed)
    print("merge again      ", figures["merge again"], flush=True)
    for doc in random.Random(3).sample(listed, max(1, len(listed) // 1_000)):
        doc["source"] += " (remastered)"
    figures["merge of 0.1 % changed"] = await merge(db, listed)
    print("0.1 % changed    ", figures["merge of 0.1 % changed"], flush=True)
    figures["group after that"] = await group(db)
    print("group after that ", figures["group after that"], flush=True)


async def run(given: argparse.Namespace, url: str) -> dict[str, Any]:
    import_models()
    heap.settle()
    db = Database.open(url)
    listed = list(docs(given.items))
    figures: dict[str, Any] = {"items": len(listed), "database": db.dialect}
    if not (given.keep and (Path(given.keep) / "segue.db").is_file()):
        await fill(db, listed, figures)
    figures["asked"] = await look_around(db, listed, given.times)
    await db.close()
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=ITEMS)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--postgres", default="", metavar="URL")
    parser.add_argument(
        "--keep", default="", metavar="FOLDER", help="make the database here, or ask the one that is there"
    )
    parser.add_argument("--write", action="store_true", help="keep the figures in bench/results")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(run(given, given.postgres or f"sqlite:///{given.keep or folder}/segue.db"))
    if given.write:
        kept = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
        kept[figures["database"]] = figures
        RESULTS.write_text(json.dumps(kept, indent=2) + "\n")


if __name__ == "__main__":
    main()
