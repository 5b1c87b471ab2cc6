"""What grouping found about single recordings: their families, and what does not fit. A doubt that a person decided stays."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import Table, select

from segue.core.db import Transaction
from segue.live import bulk
from segue.live.bulk import among
from segue.live.mirror.concluding import Conclusion
from segue.live.mirror.loading import Loaded
from segue.live.models import LiveDoubt, LiveRecording

DOUBTS = cast(Table, LiveDoubt.__table__)
RECORDINGS = cast(Table, LiveRecording.__table__)


async def write_standing(tx: Transaction, loaded: Loaded, conclusion: Conclusion, numbers: dict[str, int]) -> None:
    """Keep families and doubts of the recordings that were loaded."""
    families = [
        (row.id, conclusion.families.get(name, ""))
        for name, row in loaded.recordings.items()
        if row.family != conclusion.families.get(name, "")
    ]
    await bulk.change(tx, RECORDINGS, ("family",), families)
    changed = {number for number, _ in families}
    ids = list(numbers.values())
    there: dict[tuple[int, str, str], Any] = {}
    for start in range(0, len(ids), 5_000):
        asked = select(DOUBTS).where(among(DOUBTS.c.recording_id, ids[start : start + 5_000], tx.dialect))
        there |= {(row.recording_id, row.kind, row.proposal): row for row in await tx.execute(asked)}
    put: list[tuple[Any, ...]] = []
    said: set[tuple[int, str, str]] = set()
    for name, doubts in conclusion.doubts.items():
        for doubt in doubts:
            key = (numbers[name], doubt.kind, doubt.proposal)
            if key in said:
                continue
            said.add(key)
            params = dict(doubt.params) or None
            old = there.get(key)
            if old is None or (old.score, old.params) != (doubt.score, params):
                put.append((*key, doubt.score, params, "open"))
                changed.add(key[0])
    settled = [row.id for key, row in there.items() if key not in said and row.state == "open"]
    changed |= {key[0] for key, row in there.items() if key not in said and row.state == "open"}
    await bulk.drop(tx, DOUBTS, settled)
    columns = ("recording_id", "kind", "proposal", "score", "params", "state")
    await bulk.put(tx, DOUBTS, columns, put, key=("recording_id", "kind", "proposal"), changes=("score", "params"))
    tx.all_changed("recording", changed)
