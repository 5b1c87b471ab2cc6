"""Write the next migration from what the models say and the migrations do not: `python migrations/new.py "what changes"`.

It compares the models with a scratch SQLite database at the newest revision. Read what it wrote, and give it data to keep
in tests/migrations before you commit it.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from alembic import command

from segue.core.db import Database
from segue.core.migrate import Migrations, alembic_config, revisions
from segue.tables import import_models


async def write(message: str) -> None:
    import_models()
    count = len(revisions())
    with tempfile.TemporaryDirectory() as folder:
        db = Database.open(f"sqlite:///{folder}/scratch.db")
        if count:
            await Migrations(db, Path(folder)).upgrade()
        async with db.migrating() as conn:
            await conn.run_sync(
                lambda c: command.revision(alembic_config(c), message, autogenerate=True, rev_id=f"{count + 1:04}")
            )
        await db.close()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    asyncio.run(write(sys.argv[1]))
