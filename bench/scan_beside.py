"""A scan of a folder into a database that is there, in a process of its own, while something else is measured.

python -m bench.scan_beside URL FOLDER     one library more, scanned once; says on a line how many files a second
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import insert

from segue.core.changes import ensure_epoch
from segue.core.clock import utc_now
from segue.core.db import Database
from segue.core.pool import ProcessPool
from segue.core.storage import open_storage
from segue.library.models import Library
from segue.library.scan import repository
from segue.library.scan.control import Alone
from segue.library.scan.pipeline import Ground, Scan
from segue.library.scan.repository import Wanted
from segue.tables import import_models


async def scan(url: str, folder: Path) -> None:
    import_models()
    db = Database.open(url)
    await ensure_epoch(db)
    with tempfile.TemporaryDirectory(prefix="segue-bench-scan-") as data:
        row = {"name": folder.name, "root": bytes(folder), "display_root": str(folder), "created_at": utc_now()}
        async with db.write() as tx:
            number = (await tx.execute(insert(Library).values(row).returning(Library.id))).scalar_one()
        async with db.read() as conn:
            library = await repository.library(conn, number)
        async with ProcessPool(1) as pool:
            ground = Ground(db, pool, open_storage(None, Path(data)), Path(data))
            print("begun", flush=True)
            began = time.perf_counter()
            result = await Scan(ground, library, Wanted((), False, False, None), Alone(), utc_now()).run()
            print(round(result.files_read / (time.perf_counter() - began)), flush=True)
    await db.close()


if __name__ == "__main__":
    asyncio.run(scan(sys.argv[1], Path(sys.argv[2])))
