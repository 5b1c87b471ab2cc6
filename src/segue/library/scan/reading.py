"""Files read in the process pool: how one is asked for, and what stands in for one whose reading failed."""

from __future__ import annotations

from functools import partial

from segue.core.pool import ChildCrashed, DeadlineExceeded, MemoryExceeded, PoolError, TaskFailed
from segue.library.scan.child import Reading, Wanted, packed, read
from segue.library.scan.facts import FileFacts
from segue.library.scan.problems import Problem, ProblemCode
from segue.library.scan.tags.rules import Rules
from segue.library.scan.walk import Entry

READ_DEADLINE_S = 30.0
"""Longer than any honest file takes on a slow disk; one that takes longer is marked and left."""


def reader(root: bytes, spool: bytes, rules: Rules | None = None) -> partial[Reading]:
    """`child.read` for one library, as the pool takes it; the rules for tags go with it, unpacked once by each child."""
    return partial(read, root, spool, rules)


def unread(path: bytes, entry: Entry, error: Exception, deadline_s: float) -> Reading:
    """What stands in for a file whose reader died, hung or failed. Raises `error` where it is not the file's fault."""
    match error:
        case DeadlineExceeded():
            problem = Problem(ProblemCode.TIMED_OUT, {"seconds": round(deadline_s)})
        case ChildCrashed() | MemoryExceeded():
            problem = Problem(ProblemCode.WORKER_DIED)
        case TaskFailed():
            problem = Problem(ProblemCode.UNREADABLE, {"format": "?", "error": str(error.params["error_type"])})
        case PoolError():
            raise error
        case _:
            problem = Problem(ProblemCode.UNREADABLE, {"format": "?", "error": type(error).__name__})
    return packed(FileFacts(path, entry.size, entry.mtime_ns, problem=problem))


__all__ = ["READ_DEADLINE_S", "Reading", "Wanted", "reader", "unread"]
