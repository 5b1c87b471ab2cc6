"""What a child of the process pool is asked to do: plain arguments in, a record out, nothing heavy imported before.

pool = ProcessPool(2, warm, **POOL)
heard = await pool.run(listen_in_child, path, None, None, None, deadline_s=deadline_s(size, duration_ms))
"""

from __future__ import annotations

from typing import TypedDict

SLOWEST = 10
"""Times real time that a busy, slow machine still manages at the lowest priority."""
LEAST_BYTES_A_SECOND = 4000
"""Of sound whose length is not known: 32 kbit/s."""
GRACE_S = 60.0


class PoolTerms(TypedDict):
    """How `core.pool.ProcessPool` is to hold children that listen."""

    memory_mb: int
    recycle_after: int
    recycle_mb: int
    nice: int


POOL = PoolTerms(memory_mb=400, recycle_after=500, recycle_mb=220, nice=15)
"""A child takes about 60 MB to begin with and less than 200 MB at any length; one that is over after a file is replaced."""


def warm() -> None:
    """Import all that listening needs, before the memory limit counts and before the first deadline begins."""
    import segue.analysis.ours.engine  # noqa: F401


def deadline_s(size_bytes: int, duration_ms: int | None = None) -> float:
    """Seconds that listening to such a file may take: by its length, else by its size as if it were thinly coded."""
    seconds = size_bytes / LEAST_BYTES_A_SECOND if duration_ms is None else duration_ms / 1000
    return GRACE_S + seconds / SLOWEST
