"""Background work of editing: what would hold the database too long for one request."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from segue.jobs import JobContext, Queue, job
from segue.library.edits import working
from segue.library.edits.performing import EDIT, MERGE, SETTLE, SPLIT, UNDO
from segue.library.edits.service import EditService

QUEUE = Queue("edits", concurrency=1)
"""One at a time: two would only wait for each other's transactions."""


class ManyThings(BaseModel):
    """A change for many tracks or albums; see `EditService.edit_many`."""

    batch: int
    targets: dict[str, Any]
    set: dict[str, Any]
    clear: list[str]
    add: dict[str, Any]
    remove: dict[str, Any]
    revision: int | None
    user: int | None
    libraries: list[int] | None


class OneUndo(BaseModel):
    """Which batch to take back, and the batch that does so."""

    batch: int
    undoes: int
    user: int | None


class OneMerge(BaseModel):
    """Which artists become which."""

    kept: int
    merged: list[int]


class OneSplit(BaseModel):
    """What is credited to `artist` on which things ([kind, id]) is another one's."""

    batch: int
    artist: int
    into: int
    things: list[tuple[str, int]]
    user: int | None


class OneArtist(BaseModel):
    """Which artist."""

    artist: int


@job(EDIT, queue=QUEUE.name, params=ManyThings)
async def edit(context: JobContext, params: ManyThings) -> dict[str, Any] | None:
    """Make one change to many things."""
    return await working.edit(context.service(EditService), context, params.model_dump())


@job(UNDO, queue=QUEUE.name, params=OneUndo)
async def undo(context: JobContext, params: OneUndo) -> dict[str, Any] | None:
    """Take a large edit back."""
    return await working.undo(context.service(EditService), context, params.model_dump())


@job(SPLIT, queue=QUEUE.name, params=OneSplit)
async def split(context: JobContext, params: OneSplit) -> dict[str, Any] | None:
    """Credit another artist of the name on many tracks."""
    return await working.split(context.service(EditService), context, params.model_dump())


@job(MERGE, queue=QUEUE.name, params=OneMerge)
async def merge(context: JobContext, params: OneMerge) -> dict[str, Any] | None:
    """Move the credits of merged artists."""
    return await working.merge(context.service(EditService), context, params.model_dump())


@job(SETTLE, queue=QUEUE.name, params=OneArtist)
async def settle(context: JobContext, params: OneArtist) -> dict[str, Any] | None:
    """Write the credits of a renamed artist again."""
    return await working.settle(context.service(EditService), context, params.artist)
