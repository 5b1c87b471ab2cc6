"""FLAC fingerprints of recordings that are here, kept where tapes at home are looked up by them."""

from __future__ import annotations

from collections.abc import Mapping

from segue.core.db import Transaction, upsert_into
from segue.live.models import LiveFingerprint


async def keep_fingerprints(tx: Transaction, recording_id: int, prints: Mapping[str, str]) -> None:
    """What the headers of a recording's files say, by name; better than what its .ffp says."""
    rows = [{"recording_id": recording_id, "name": name, "value": value} for name, value in sorted(prints.items())]
    statement = upsert_into(tx.dialect, LiveFingerprint)
    change = {"value": statement.excluded.value}
    await tx.execute(statement.on_conflict_do_update(index_elements=["recording_id", "name"], set_=change), rows)
