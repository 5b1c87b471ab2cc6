"""Processes for tests that kill them: forked from one server that has loaded everything, so that each begins its work at once.

There is one server a test process, with what the first test asked for: so all ask for the same.
"""

from __future__ import annotations

import multiprocessing
from multiprocessing.context import ForkServerContext


def server() -> ForkServerContext:
    """Where processes are forked."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.faults.loaded"])
    return context
