"""Notice by itself when music is added, changed or taken away: ask for a look at the folders where something happened.

Changes are collected until a moment of quiet, so that copying an album asks for one scan and not for twelve. What the
system does not tell (a network drive that changed elsewhere) the nightly scan finds.
"""

# Paths are bytes, which pathlib does not take.
# ruff: noqa: PTH112

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable

import structlog
from watchfiles import Change, awatch

from segue.library.scan.walk import (
    AUDIO_EXTENSIONS,
    IMAGE_EXTENSIONS,
    SIDECAR_EXTENSIONS,
    extension_of,
    is_hidden,
    is_inside,
    parent_of,
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


class Watcher:
    """Watches the roots of all libraries. `roots` tells them, `request` asks for a look at folders of one of them;
    changes are collected for at most `window_s` seconds."""

    def __init__(self, roots: Roots, request: Request, window_s: float = 2.0) -> None:
        self._roots = roots
        self._request = request
        self._window_ms = max(QUIET_MS, int(window_s * 1000))

    async def run(self, stop: asyncio.Event) -> None:
        """Watch until `stop` is set. Trouble with one round of watching is logged, and watching goes on later."""
        while not stop.is_set():
            try:
                await self._round(stop)
            except OSError as error:
                log.warning(
                    "watching_failed",
                    reason=str(error),
                    hint="Raise fs.inotify.max_user_watches, or rely on the nightly scan.",
                )
                await _either(stop, AFTER_TROUBLE_S)

    async def _round(self, stop: asyncio.Event) -> None:
        roots = {number: root for number, root in (await self._roots()).items() if os.path.isdir(root)}
        if not roots:
            await _either(stop, LOOK_AGAIN_S)
            return
        watch = awatch(
            *(os.fsdecode(root) for root in roots.values()),
            watch_filter=None,
            debounce=self._window_ms,
            step=QUIET_MS,
            stop_event=stop,
            rust_timeout=int(LOOK_AGAIN_S * 1000),
            yield_on_timeout=True,
            ignore_permission_denied=True,
        )
        async for changes in watch:
            if changes:
                for number, folders in touched(changes, roots).items():
                    await self._request(number, folders)
            now = {number: root for number, root in (await self._roots()).items() if os.path.isdir(root)}
            if now != roots:
                return


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
