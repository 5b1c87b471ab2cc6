"""Where tracks lie, for those who write it down: playlists that go out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """A track's file. `relative` is inside its library, `absolute` from the root of the server's file system; bytes that
    are no text are surrogate escapes."""

    library_id: int
    relative: str
    absolute: str
    album_artist: str
    disc: int | None
    position: int | None
