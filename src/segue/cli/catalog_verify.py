"""`segue catalog verify`: is a snapshot still what was built?"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from segue.cli.catalog_progress import progress
from segue.cli.given import Json, say


def verify(
    snapshot: Annotated[Path, typer.Argument(help="The snapshot: a folder with manifest.json.", show_default=False)],
    as_json: Json = False,
) -> None:
    """Read all of a snapshot and compare it with its manifest; name what is damaged. Exit 1 where something is."""
    import msgspec

    from segue.catalog.build.verifying import Damaged, Verified, verify
    from segue.catalog.snapshot.manifest import SnapshotDamaged

    with progress("Verifying") as told:
        try:
            found = verify(snapshot, told)
        except SnapshotDamaged as error:
            found = Verified(str(snapshot), "", 0, 0, (Damaged(error.file.name, error.why),))
    if as_json:
        print(msgspec.json.encode(found).decode())
    for damaged in found.damaged:
        say(f"{snapshot / damaged.file}: {damaged.why}.")
    if found.damaged:
        sys.exit(1)
    say(f"{snapshot} is whole: {found.bytes:,} bytes, {found.rows:,} documents read.")


def register(app: typer.Typer) -> None:
    app.command()(verify)
