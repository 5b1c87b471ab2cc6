"""What a thing was called when a person did something with it.

A play, a playlist row and a star keep this beside the thing's id, so that they outlive the track and can find it again.
The library tells it; listening and playlists keep it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.access import Actor


@dataclass(frozen=True, slots=True)
class Remembered:
    """One track, album or artist in words. `artist_ids` are those of its own credits, `album_id` that of a track's album.

    `genre_ids`, `year` (of the original date where known) and `album_artist` are told of tracks.
    """

    id: int
    title: str
    artist: str = ""
    album: str = ""
    duration_ms: int | None = None
    external_ids: dict[str, str] = field(default_factory=dict)
    library_id: int | None = None
    album_id: int | None = None
    artist_ids: tuple[int, ...] = ()
    album_artist: str = ""
    genre_ids: tuple[int, ...] = ()
    year: int | None = None

    @property
    def text(self) -> str:
        """`Artist – Title`, or the title alone."""
        return f"{self.artist} – {self.title}" if self.artist else self.title


class Memory(Protocol):
    """Who knows what things are called: the library's service."""

    async def remembered(
        self, conn: AsyncConnection, actor: Actor, kind: str, ids: Sequence[int]
    ) -> dict[int, Remembered]:
        """Those of `ids` (of `kind` track, album, artist or genre) that exist and that `actor` may see."""
        ...

    async def artists_called(self, conn: AsyncConnection, names: Sequence[str]) -> dict[str, int]:
        """The numbers of artists by those of `names` that exactly one artist here has."""
        ...
