"""Notice by itself when music is added, changed or taken away: ask for a look at the folders where something happened.

Changes are collected until a moment of quiet, so that copying an album asks for one scan and not for twelve. What the
system does not tell (a network drive that changed elsewhere) the nightly scan finds.
"""

# Paths are bytes, which pathlib does not take.
# ruff: noqa: PTH112

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import structlog
from watchfiles import Change, awatch

from segue.library.scan import disks, outage, watching
from segue.library.scan.paths import is_inside, name_of, parent_of
from segue.library.scan.walk import (
    AUDIO_EXTENSIONS,
    IGNORE_FILE,
    IMAGE_EXTENSIONS,
    SIDECAR_EXTENSIONS,
    extension_of,
    is_hidden,
)

log = structlog.get_logger("segue.scan")
QUIET_MS = 400
"""So long nothing may happen before what was collected is passed on."""
LOOK_AGAIN_S = 10.0
"""How often it is checked whether there are other libraries now."""
AFTER_TROUBLE_S = 300.0

_KNOWN = AUDIO_EXTENSIONS | IMAGE_EXTENSIONS | SIDECAR_EXTENSIONS
Roots = Callable[[], Awaitable[dict[int, bytes]]]
Request = Callable[[int, set[bytes]], Awaitable[None]]
Say = Callable[[int, str, dict[str, Any]], Awaitable[None]]


async def _nobody_listens(_library: int, _code: str, _params: dict[str, Any]) -> None:
    return


class Watcher:
    """Watches the roots of libraries, each by itself, so that one that cannot be watched costs no other. `roots` tells
    them, `request` asks for a look at folders of one of them, `say` hears how each is watched (a code of `watching`);
    changes are collected for at most `window_s` seconds."""

    def __init__(self, roots: Roots, request: Request, window_s: float = 2.0, say: Say = _nobody_listens) -> None:
        self._roots = roots
        self._request = request
        self._say = say
        self._window_ms = max(QUIET_MS, int(window_s * 1000))
        self._at_work: dict[int, tuple[bytes, asyncio.Task[None]]] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Watch until `stop` is set, also libraries that come meanwhile."""
        try:
            while not stop.is_set():
                await self._keep_up(stop)
                await _either(stop, LOOK_AGAIN_S)
        finally:
            await self._end(list(self._at_work))

    async def _keep_up(self, stop: asyncio.Event) -> None:
        try:
            roots = await self._roots()
        except Exception as error:
            if not outage.passes(error):
                raise
            return
        await self._end([number for number, (root, _) in self._at_work.items() if roots.get(number) != root])
        for number, root in roots.items():
            if number not in self._at_work or self._at_work[number][1].done():
                task = asyncio.create_task(self._one(number, root, stop), name=f"watch library {number}")
                self._at_work[number] = (root, task)

    async def _end(self, numbers: Iterable[int]) -> None:
        tasks = [self._at_work.pop(number)[1] for number in numbers]
        for task in tasks:
            task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(outcome, Exception):
                log.warning("watching_failed", reason=str(outcome))

    async def _one(self, number: int, root: bytes, stop: asyncio.Event) -> None:
        """Watch one library. Trouble is said, and it is tried again later."""
        while not stop.is_set():
            try:
                if not await disks.ask(os.path.isdir, root):
                    raise FileNotFoundError(root)
                remote = await disks.ask(disks.is_remote, root)
                await self._say(number, watching.REMOTE if remote else watching.WATCHING, {})
                await self._changes(number, root, stop)
            except (OSError, disks.DiskSilent) as error:
                code, params = _why(error)
                await self._say(number, code, params)
                log.warning("watching_failed", library=number, code=code, reason=watching.sentence(code, params))
                await _either(stop, LOOK_AGAIN_S if code == watching.ABSENT else AFTER_TROUBLE_S)

    async def _changes(self, number: int, root: bytes, stop: asyncio.Event) -> None:
        watch = awatch(
            os.fsdecode(root),
            watch_filter=None,
            debounce=self._window_ms,
            step=QUIET_MS,
            stop_event=stop,
            rust_timeout=int(LOOK_AGAIN_S * 1000),
            yield_on_timeout=True,
            ignore_permission_denied=True,
        )
        async for changes in watch:
            for library, folders in touched(changes, {number: root}).items():
                await self._request(library, folders)
            if not changes and not await disks.ask(os.path.isdir, root):
                return


def _why(error: Exception) -> tuple[str, dict[str, Any]]:
    """Why a library cannot be watched: a code of `watching` and its facts."""
    if isinstance(error, FileNotFoundError):
        return watching.ABSENT, {}
    said = str(error)
    if getattr(error, "errno", None) == errno.ENOSPC or "limit" in said.lower():
        return watching.LIMIT_REACHED, {"limit": disks.watch_limit() or 0}
    return watching.FAILED, {"reason": said[:200]}


def touched(changes: Iterable[tuple[Change, str]], roots: dict[int, bytes]) -> dict[int, set[bytes]]:
    """The folders to look at after `changes`, by library and relative to its root; the highest ones only."""
    found: dict[int, set[bytes]] = {}
    for kind, text in changes:
        path = os.fsencode(text)
        for number, root in roots.items():
            if not is_inside(path, root):
                continue
            folder = _folder_of(kind, path, root)
            if folder is not None:
                found.setdefault(number, set()).add(folder)
    return {number: _highest(folders) for number, folders in found.items()}


def _folder_of(kind: Change, path: bytes, root: bytes) -> bytes | None:
    relative = path[len(root) :].lstrip(b"/")
    if name_of(relative) == IGNORE_FILE:
        return parent_of(relative)
    if any(is_hidden(part) for part in relative.split(b"/") if part):
        return None
    if extension_of(relative) in _KNOWN and not os.path.isdir(path):
        relative = parent_of(relative)
    elif os.path.isdir(path):
        if kind is Change.modified:
            return None  # something in it was, which is told by itself
    elif kind is not Change.deleted:
        return None  # no music, no picture: none of our business
    while relative and "\ufffd" in os.fsdecode(relative):
        relative = parent_of(relative)  # a name in broken UTF-8 is not told as it is
    return relative


def _highest(folders: set[bytes]) -> set[bytes]:
    return {folder for folder in folders if not any(other != folder and is_inside(folder, other) for other in folders)}


async def _either(stop: asyncio.Event, seconds: float) -> None:
    """Wait for `stop`, or so long."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
