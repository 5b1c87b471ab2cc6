"""A reader that some files hang and some kill, by their names. Imports little: a child must have it before its deadline."""

from __future__ import annotations

import os
import time
from typing import Any

from segue.library.scan import child
from segue.library.scan.facts import FileFacts
from segue.library.scan.problems import Problem, ProblemCode


def read(root: bytes, spool: bytes, rules: Any, wanted: child.Wanted) -> child.Reading:
    """Like `child.read`, but never for `hang` and `die`."""
    if b"hang" in wanted.path:
        time.sleep(600)
    if b"die" in wanted.path:
        os.abort()
    return child.read(root, spool, rules, wanted)


def forbidden(root: bytes, spool: bytes, rules: Any, wanted: child.Wanted) -> child.Reading:
    """Nobody may read any file."""
    return _trouble(wanted, Problem(ProblemCode.NOT_PERMITTED))


def failing(root: bytes, spool: bytes, rules: Any, wanted: child.Wanted) -> child.Reading:
    """The disk reports an error for every file."""
    return _trouble(wanted, Problem(ProblemCode.READ_FAILED, {"error": "Input/output error"}))


def hanging(root: bytes, spool: bytes, rules: Any, wanted: child.Wanted) -> child.Reading:
    """No file is ever read."""
    time.sleep(600)
    raise AssertionError("it should have been ended")


def _trouble(wanted: child.Wanted, problem: Problem) -> child.Reading:
    return child.packed(FileFacts(wanted.path, 0, 0, problem=problem))
