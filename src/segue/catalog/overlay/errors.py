"""Why something cannot be added to a snapshot. Nothing was added then."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from segue.core.errors import Conflict, Invalid


class BadAddition(Invalid):
    """`why` names the record or the line."""

    def __init__(self, why: str, **params: Any) -> None:
        super().__init__(
            "bad_addition",
            f"This cannot be added: {why}.",
            hint="docs/catalog.md has the members of a record. Nothing was added.",
            **params,
        )


class NotToAShard(Conflict):
    def __init__(self, snapshot: Path) -> None:
        super().__init__(
            "not_to_a_shard",
            f"{snapshot} is one shard of a catalogue: nothing is added to it.",
            hint="Add to the whole snapshot and build it again, then split that.",
        )
