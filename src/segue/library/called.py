"""What music here is called, to complete what somebody writes."""

from __future__ import annotations

from typing import Any

from segue.core.access import Actor
from segue.core.text import fold
from segue.library.service import SEARCHED, LibraryService
from segue.query import Window

LIBRARIES = "libraries"


class Called:
    """Names of artists, albums, tracks, labels, genres and libraries that somebody may see."""

    kinds = frozenset({*SEARCHED, LIBRARIES})

    def __init__(self, library: LibraryService) -> None:
        self._library = library

    async def __call__(self, kind: str, typed: str, actor: Actor, limit: int) -> list[str]:
        """What is called like what was typed, as the search finds it, each name once."""
        if kind == LIBRARIES:
            names = [view.name for view in await self._library.libraries(actor)]
            return [name for name in names if fold(typed) in fold(name)][:limit]
        windows: dict[str, Any] = {kind: Window(limit * 2)}
        found = await self._library.search(typed, actor, **windows)
        views = getattr(found, kind)
        names = [view.title if kind in ("albums", "tracks") else view.name for view in views]
        return list(dict.fromkeys(name for name in names if name))[:limit]
