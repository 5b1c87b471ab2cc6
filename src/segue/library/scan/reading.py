"""Files read in the process pool: how they are asked for, and what stands in for one whose reading failed.

All new files of an album folder are read as one piece of work, so that a child can tell the albums they make; others go
a few at a time. A piece that fails is read again file by file, so that the one file whose fault it is can be told.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial

from segue.core.pool import ChildCrashed, DeadlineExceeded, MemoryExceeded, PoolError, ProcessPool, TaskFailed
from segue.library.scan.child import Reader, Wanted, read
from segue.library.scan.facts import FileFacts
from segue.library.scan.packing import (
    MOST_TOGETHER,
    House,
    Met,
    PackedAlbum,
    PackedFile,
    packed_file,
    unpacked,
)
from segue.library.scan.plan import FilePlan, Unit
from segue.library.scan.problems import Problem, ProblemCode
from segue.library.scan.tags.rules import Rules
from segue.library.scan.walk import Entry

READ_DEADLINE_S = 30.0
"""Longer than any honest file takes on a slow disk; one that takes longer is marked and left."""


A_FEW = 16
"""Files of one piece of work that are not all of their album."""
PIECES = 6
"""Pieces that travel together to a child."""


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """Files that are read together, and `base` where they are all of that album folder."""

    unit: Unit
    files: list[FilePlan]
    base: bytes | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What reading a piece gave, file by file, and the albums they make where that could be told."""

    piece: Piece
    files: list[PackedFile]
    albums: list[PackedAlbum] | None
    met: Sequence[Met] = ()
    """Pictures that were looked at on the way."""


def pieces_of(unit: Unit, *, plainly: bool) -> Iterator[Piece]:
    """The pieces in which the files of a unit are read. `plainly` where nobody decided anything about its library, so that
    the rules alone say which albums its files make."""
    if plainly and _is_new(unit):
        if unit.files:
            yield Piece(unit, unit.files, unit.base)
        else:
            unit.albums = []
        return
    wanted = [file for file in unit.files if file.wanted]
    for start in range(0, len(wanted), A_FEW):
        yield Piece(unit, wanted[start : start + A_FEW], None)


def _is_new(unit: Unit) -> bool:
    """Whether all of a unit is new, and nothing lies beside its music that has a say."""
    return (
        unit.whole
        and len(unit.files) <= MOST_TOGETHER
        and all(folder.id is None and not folder.listing.sidecars for folder in unit.folders)
        and all(file.stored is None for file in unit.files)
    )


class Readers:
    """Reads pieces in the process pool. `deadline_s` is how long one file may take."""

    def __init__(self, pool: ProcessPool, read: partial[bytes], deadline_s: float) -> None:
        self._pool = pool
        self._read = read
        self._deadline_s = deadline_s

    async def read(self, pieces: AsyncIterable[Piece]) -> AsyncGenerator[Answer, None]:
        """The answer to each piece, in the order they come; `pieces` is read only as fast as they are taken."""
        underway: dict[int, Piece] = {}

        async def wanted() -> AsyncIterator[Wanted]:
            number = 0
            async for piece in pieces:
                number += 1
                underway[number] = piece
                yield Wanted(number, tuple([file.path for file in piece.files]), piece.base, len(piece.files) > 1)

        outcomes = self._pool.map_chunks(self._read, wanted(), chunk=PIECES, deadline_s=self._deadline_s)
        async with aclosing(outcomes):
            async for outcome in outcomes:
                piece = underway.pop(outcome.item.number)
                if outcome.value is not None:
                    yield Answer(piece, *unpacked(outcome.value))
                elif len(piece.files) == 1 and outcome.error is not None:
                    file = piece.files[0]
                    yield Answer(piece, [unread(file.path, file.entry, outcome.error, self._deadline_s)], None)
                else:
                    yield Answer(piece, list(await asyncio.gather(*map(self._alone, piece.files))), None)

    async def _alone(self, file: FilePlan) -> PackedFile:
        try:
            data = await self._pool.run(self._read, Wanted(0, (file.path,)), deadline_s=self._deadline_s)
        except Exception as error:
            return unread(file.path, file.entry, error, self._deadline_s)
        return unpacked(data).files[0]


def reader(root: bytes, spool: bytes, house: House, rules: Rules | None = None) -> partial[bytes]:
    """`child.read` for one library, as the pool takes it."""
    return partial(read, Reader(root, spool, house, rules))


def unread(path: bytes, entry: Entry, error: Exception, deadline_s: float) -> PackedFile:
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
    return PackedFile._make(packed_file(FileFacts(path, entry.size, entry.mtime_ns, problem=problem)))


__all__ = ["READ_DEADLINE_S", "Answer", "House", "Piece", "Readers", "pieces_of", "reader", "unread"]
