"""The files that `segue analyze` is given, and what engines say of them, in the order they were given."""

from __future__ import annotations

import asyncio
import base64
import os
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from segue.analysis.engines import InChildren
from segue.analysis.errors import EngineFailed
from segue.analysis.lines import Line, line, line_of_error
from segue.analysis.records import Heard
from segue.core.errors import SegueError
from segue.core.pool import ChildCrashed

MORE = frozenset({"mka", "webm", "caf", "au", "snd", "amr", "ac3", "eac3", "dts", "tak", "oma", "mkv", "shn"})
"""Endings of sound that a library does not look for."""


@dataclass(frozen=True)
class Answer:
    """What the engines said of one file, by their names; the first one is the one that counts."""

    path: bytes
    size: int
    said: dict[str, Heard | SegueError]
    versions: dict[str, int]

    @property
    def name(self) -> str:
        return self.path.decode("utf-8", "replace")

    @property
    def first(self) -> Heard | SegueError:
        return next(iter(self.said.values()))

    def line(self, *, side_by_side: bool) -> Line:
        """The line of JSON. With `side_by_side`, `engines` has the line of each. A path that is no UTF-8 stands in
        `path_base64` as it is."""
        found = self._line(next(iter(self.said)))
        if side_by_side:
            lines = {name: self._line(name) for name in self.said}
            found["engines"] = {name: {k: v for k, v in one.items() if k != "path"} for name, one in lines.items()}
        if self.name.encode() != self.path:
            found["path_base64"] = base64.b64encode(self.path).decode()
        return found

    def _line(self, engine: str) -> Line:
        said = self.said[engine]
        if isinstance(said, SegueError):
            return line_of_error(self.name, said, engine=engine, version=self.versions[engine])
        return line(self.name, said)


async def answers(
    names: Iterator[bytes], engines: Sequence[InChildren], *, ahead: int, begun: Callable[[], object]
) -> AsyncIterator[Answer]:
    """What `engines` say, a file at a time. At most `ahead` files are under way or wait for those before them."""
    waiting: deque[asyncio.Task[Answer]] = deque()
    try:
        while (name := await asyncio.to_thread(partial(next, names, None))) is not None:
            begun()
            waiting.append(asyncio.create_task(_answer(name, engines)))
            while waiting and (len(waiting) >= ahead or waiting[0].done()):
                yield await waiting.popleft()
        while waiting:
            yield await waiting.popleft()
    finally:
        for task in waiting:
            task.cancel()
        if waiting:
            await asyncio.wait(waiting)


async def _answer(path: bytes, engines: Sequence[InChildren]) -> Answer:
    try:
        size = os.stat(path).st_size  # noqa: PTH116
    except (OSError, ValueError):
        size = 0
    said = {engine.name: await _asked(engine, path, size) for engine in engines}
    return Answer(path, size, said, {engine.name: engine.version for engine in engines})


async def _asked(engine: InChildren, path: bytes, size: int) -> Heard | SegueError:
    """Asked once more when the child died: something else may have killed it."""
    try:
        try:
            return await engine.listen(path, size)
        except ChildCrashed:
            return await engine.listen(path, size)
    except SegueError as error:
        return error
    except Exception as error:
        return EngineFailed(engine.name, f"{type(error).__name__}: {error}")


def audio_files(given: Sequence[str]) -> Iterator[bytes]:
    """The files as bytes: of a folder all that look like audio, in the order of their names; of `-` those named on stdin,
    one a line, or ended by NUL each."""
    for one in given:
        if one == "-":
            for name in _names(sys.stdin.buffer):
                yield from _within(name)
        else:
            yield from _within(os.fsencode(one))


def _within(path: bytes) -> Iterator[bytes]:
    if not os.path.isdir(path):  # noqa: PTH112
        yield path
        return
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith(b"."))
        yield from (os.path.join(folder, name) for name in sorted(names) if _is_audio(name))  # noqa: PTH118


def _is_audio(name: bytes) -> bool:
    from segue.library.scan.formats.detect import AUDIO_EXTENSIONS

    ending = name.rpartition(b".")[2].lower().decode("ascii", "replace")
    return not name.startswith(b".") and (ending in AUDIO_EXTENSIONS or ending in MORE)


def _names(stream: Any) -> Iterator[bytes]:
    for row in stream:
        for name in row.rstrip(b"\n").split(b"\0"):
            if name:
                yield name
