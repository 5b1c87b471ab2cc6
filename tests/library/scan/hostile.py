"""A reader that some files hang and some kill, by their names. Imports little: a child must have it before its deadline."""

from __future__ import annotations

import os
import time

from segue.library.scan import child
from segue.library.scan.facts import FileFacts
from segue.library.scan.packing import packed
from segue.library.scan.problems import Problem, ProblemCode


def read(reader: child.Reader, wanted: child.Wanted) -> bytes:
    """Like `child.read`, but never for `hang` and `die`."""
    if any(b"hang" in path for path in wanted.paths):
        time.sleep(600)
    if any(b"die" in path for path in wanted.paths):
        os.abort()
    return child.read(reader, wanted)


def forbidden(reader: child.Reader, wanted: child.Wanted) -> bytes:
    """Nobody may read any file."""
    return _trouble(reader, wanted, Problem(ProblemCode.NOT_PERMITTED))


def failing(reader: child.Reader, wanted: child.Wanted) -> bytes:
    """The disk reports an error for every file."""
    return _trouble(reader, wanted, Problem(ProblemCode.READ_FAILED, {"error": "Input/output error"}))


def hanging(reader: child.Reader, wanted: child.Wanted) -> bytes:
    """No file is ever read."""
    time.sleep(600)
    raise AssertionError("it should have been ended")


def _trouble(reader: child.Reader, wanted: child.Wanted, problem: Problem) -> bytes:
    return packed([FileFacts(path, 0, 0, problem=problem) for path in wanted.paths], wanted.base, reader.house)
