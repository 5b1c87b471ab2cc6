"""How far a build has come, kept in its folder: what a killed one goes on from."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
from msgspec import Struct

from segue.catalog.records import Kind
from segue.catalog.snapshot.manifest import Manifest, Problem

STATE = "state.json"
WORK = "work"
WAY = 2
"""Of the files a build keeps meanwhile; another number begins anew."""


class Staged(Struct):
    """Of one kind: the runs that are written, where the source stood behind them, and how many bear ids of others.

    `places` are where the source stood behind each of the last runs.
    """

    runs: list[tuple[int, int]] = []
    position: str = ""
    extras: int = 0
    highest_key: int = 0
    places: list[str] = []


class State(Struct, kw_only=True):
    """`key` is of the source and the options: another key begins anew. `done` are the stages that need not be done again."""

    way: int = WAY
    key: str
    done: list[str] = []
    staged: dict[Kind, Staged] = {}
    counts: dict[Kind, int] = {}
    problems: dict[str, Problem] = {}
    seconds: float = 0
    cpu_seconds: float = 0
    manifest: Manifest | None = None
    """Of what is built and checked, and has only to be put into place."""
    stages: dict[str, float] = {}
    """Processor time of each stage, in seconds; of one that was interrupted, since then."""


def read(folder: Path, key: str) -> tuple[State, bool]:
    """The state of a build under way in `folder`, or a new one; and whether there was one of something else."""
    try:
        found = msgspec.json.decode((folder / STATE).read_bytes(), type=State)
    except FileNotFoundError:
        return State(key=key), False
    except (msgspec.MsgspecError, OSError):
        return State(key=key), True
    if found.way != WAY or found.key != key:
        return State(key=key), True
    return found, False


def write(building: Path, state: State) -> None:
    """In one step, once it is on the disk."""
    path = building / STATE
    beside = building / f".{STATE}.new"
    with beside.open("wb") as file:
        file.write(msgspec.json.encode(state))
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
