"""Of 1,000 files over a line with every fault, by workers that are killed with SIGKILL every few seconds, how many are whole?

    python tests/postgres.py run python bench/live/downloads.py                 20 items of 50 files, a kill every 3 seconds or so
    python bench/live/downloads.py --items 4 --files 10 --every 2 --kills 5     smaller

The archive is the emulator's: it cuts connections, flips bits, answers web pages, ignores ranges, sends other ranges, says 416,
429 and 503. It counts the bytes that it sends of every file, and compares every request with the part on the disk at that
moment: a request must begin exactly where the part ends. In the end every file is compared byte by byte.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT)]

from segue.core.changes import ensure_epoch  # noqa: E402
from segue.core.db import Base, Database  # noqa: E402
from segue.emulator.serving import running  # noqa: E402
from segue.tables import import_models  # noqa: E402
from tests.live.downloads import trial  # noqa: E402
from tests.live.downloads.ground import House  # noqa: E402

RESULTS = ROOT / "bench" / "results" / "live_downloads.json"


async def prepared(database: str, url: str, root: Path, data: dict[str, bytes]) -> None:
    """Tables, and everything wanted."""
    import_models()
    db = Database.open(database, readers=2, writers=2)
    async with db.write() as tx:
        await tx.conn.run_sync(Base.metadata.create_all)
    await ensure_epoch(db)
    house = House(db, url, root)
    await trial.want_all(house, data)
    await house.close()
    await db.close()


async def looked_at(database: str, url: str, root: Path, data: dict[str, bytes]) -> trial.Outcome:
    db = Database.open(database, readers=2, writers=2)
    house = House(db, url, root)
    outcome = await trial.judged(house, data, root)
    await house.close()
    await db.close()
    return outcome


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=20)
    parser.add_argument("--files", type=int, default=50)
    parser.add_argument("--every", type=float, default=3.0, help="seconds between kills, about")
    parser.add_argument("--kills", type=int, default=60, help="at most so many")
    parser.add_argument("--seed", type=int, default=1977)
    parser.add_argument("--dry", action="store_true", help="do not write the results")
    given = parser.parse_args()
    chance = random.Random(given.seed)
    folder = Path(tempfile.mkdtemp(prefix="segue-bench-"))
    root, database = folder / "live", f"sqlite:///{folder / 'segue.db'}"
    try:
        with running() as (emulator, url):
            data = trial.add_items(emulator, given.items, given.files, chance)
            asyncio.run(prepared(database, url, root, data))
            trial.add_faults(emulator, chance)
            witness = trial.Witness(root)
            witness.watch(emulator)
            began = time.monotonic()
            kills = trial.kill_and_go_on(database, url, root, given.kills, chance, every_s=given.every)
            wall_s = trial.seconds_since(began)
            outcome = asyncio.run(looked_at(database, url, root, data))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    size = sum(map(len, data.values()))
    sent = sum(witness.sent.values())
    result = {
        "files": len(data), "bytes": size, "kills": kills, "good": outcome.good, "failed": outcome.failed,
        "failed_because": dict(outcome.codes), "corrupt": len(outcome.corrupt),
        "requests": sum(witness.asked.values()), "resumed": witness.resumed,
        "requests_that_began_before_the_end_of_the_part": len(witness.wrong),
        "bytes_sent": sent, "sent_per_byte_kept": round(sent / size, 3), "wall_s": wall_s,
        "seed": given.seed,
    }  # fmt: skip
    print(json.dumps(result, indent=1))
    for line in (outcome.corrupt + witness.wrong)[:20]:
        print(line, file=sys.stderr)
    if not given.dry:
        RESULTS.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
