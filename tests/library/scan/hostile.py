"""A reader that some files hang and some kill, by their names. Imports little: a child must have it before its deadline."""

from __future__ import annotations

import os
import time
from typing import Any

from segue.library.scan import child


def read(root: bytes, spool: bytes, rules: Any, wanted: child.Wanted) -> child.Reading:
    """Like `child.read`, but never for `hang` and `die`."""
    if b"hang" in wanted.path:
        time.sleep(600)
    if b"die" in wanted.path:
        os.abort()
    return child.read(root, spool, rules, wanted)
