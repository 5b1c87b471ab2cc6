"""What a download and its files can be, and what may follow on what."""

from __future__ import annotations

QUEUED, RESOLVING, DOWNLOADING, VERIFYING = "queued", "resolving", "downloading", "verifying"
DONE, FAILED, PAUSED, CANCELLED, BLOCKED = "done", "failed", "paused", "cancelled", "blocked"
HERE = "here"
"""Of a file alone: it was on this server already, and nothing was fetched."""

STATES = (QUEUED, RESOLVING, DOWNLOADING, VERIFYING, DONE, FAILED, PAUSED, CANCELLED, BLOCKED)
WORKING = (QUEUED, RESOLVING, DOWNLOADING, VERIFYING)
"""Something is still to be done for it."""
ACTIVE = (*WORKING, PAUSED)
ENDED = (DONE, FAILED, CANCELLED, BLOCKED)

FILE_STATES = (QUEUED, DOWNLOADING, VERIFYING, DONE, HERE, FAILED, CANCELLED)
FILE_ENDED = (DONE, HERE, FAILED, CANCELLED)
FILE_THERE = (DONE, HERE)
