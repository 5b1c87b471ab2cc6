"""Downloads in the library: a folder of their own that becomes a library when the first recording is there, or one that was
chosen. It is scanned folder by folder, as everything; in a library of its own every folder is one album, whatever the tags
of its files say.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Any

from segue.core.ids import BadId, parse_id
from segue.library.deliveries import DeliveryService, Place
from segue.live.downloads.errors import FolderUnusable, NoSuchTarget
from segue.settings import Settings

NAME = "Live"
"""What the library of downloads is called at first."""
FOLDER = "live"


class LibraryShelf:
    """The shelf in the library (`ground.Shelf`)."""

    def __init__(self, deliveries: DeliveryService, settings: Callable[[], Settings]) -> None:
        self._deliveries = deliveries
        self._settings = settings

    async def place_for(self, target: str | None) -> tuple[int | None, bytes]:
        """(library, folder) for a download. Raises NoSuchTarget, FolderUnusable."""
        settings = self._settings()
        chosen = target or settings.live.library
        if chosen:
            try:
                number = parse_id(chosen, "li")
            except BadId:
                raise NoSuchTarget(chosen) from None
            roots = await self._deliveries.roots()
            if number not in roots:
                raise NoSuchTarget(chosen)
            return number, roots[number]
        folder = settings.live.downloads.folder or settings.data_dir / FOLDER
        root = os.fsencode(folder.expanduser().absolute())
        try:
            await asyncio.to_thread(_usable, root)
        except OSError as error:
            raise FolderUnusable(str(folder), error.strerror or str(error)) from error
        place = await self._deliveries.place_of(root)
        return (None if place is None else place.library), root

    async def enter(self, download: Any) -> None:
        """Have the library look at a download's folder; the library is made with the first one. Raises what stands against
        making it."""
        place = await self._place(download)
        if place is None:
            await self._deliveries.make(bytes(download.root), NAME)
        else:
            await self._deliveries.look(place, by=download.user_id or None)

    async def leave(self, download: Any) -> None:
        """Have the library see that a download's files were taken away on purpose."""
        place = await self._place(download)
        if place is not None:
            await self._deliveries.look(place, taken_away=True, by=download.user_id or None)

    async def _place(self, download: Any) -> Place | None:
        return await self._deliveries.place_of(bytes(download.root) + b"/" + bytes(download.folder))


def _usable(root: bytes) -> None:
    os.makedirs(root, exist_ok=True)  # noqa: PTH103 - bytes
    if not os.access(root, os.W_OK | os.X_OK):
        raise PermissionError(13, "it cannot be written")


class Folder:
    """A shelf that is a plain folder and no library."""

    def __init__(self, root: bytes) -> None:
        self._root = root

    async def place_for(self, target: str | None) -> tuple[int | None, bytes]:
        """Raises NoSuchTarget where a library is named."""
        if target is not None:
            raise NoSuchTarget(target)
        return None, self._root

    async def enter(self, download: Any) -> None:
        """Nothing has to look at it."""

    async def leave(self, download: Any) -> None:
        """Nothing has to look at it."""
