"""What a child of the process pool does with one file: read it, and pack what it said for the tables."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from segue.core.pool import ChildCrashed, DeadlineExceeded, MemoryExceeded, PoolError, TaskFailed
from segue.library.scan import documents
from segue.library.scan.facts import FileFacts
from segue.library.scan.problems import Problem, ProblemCode
from segue.library.scan.read import read_file
from segue.library.scan.walk import Entry

READ_DEADLINE_S = 30.0
"""Longer than any honest file takes on a slow disk; one that takes longer is marked and left."""


class Wanted(NamedTuple):
    """One file to read; `number` tells the answers apart."""

    number: int
    path: bytes


class Reading(NamedTuple):
    """What one file said: facts without the raw tags, which are in the document, and a hash over all of it."""

    facts: FileFacts
    document: bytes
    tag_hash: bytes


def read(root: bytes, spool: bytes, wanted: Wanted) -> Reading:
    """Read one file of the library at `root`."""
    return packed(read_file(root, wanted.path, spool=spool))


def reader(root: bytes, spool: bytes) -> partial[Reading]:
    """`read` for one library, as the pool takes it."""
    return partial(read, root, spool)


def packed(facts: FileFacts) -> Reading:
    """Facts with their document and hash."""
    return Reading(documents.without_raw(facts), documents.encode(facts), documents.hash_of(facts))


def unread(path: bytes, entry: Entry, error: Exception) -> Reading:
    """What stands in for a file whose reader died, hung or failed. Raises `error` where it is not the file's fault."""
    match error:
        case DeadlineExceeded():
            problem = Problem(ProblemCode.TIMED_OUT, {"seconds": int(READ_DEADLINE_S)})
        case ChildCrashed() | MemoryExceeded():
            problem = Problem(ProblemCode.WORKER_DIED)
        case TaskFailed():
            problem = Problem(ProblemCode.UNREADABLE, {"format": "?", "error": str(error.params["error_type"])})
        case PoolError():
            raise error
        case _:
            problem = Problem(ProblemCode.UNREADABLE, {"format": "?", "error": type(error).__name__})
    return packed(FileFacts(path, entry.size, entry.mtime_ns, problem=problem))
