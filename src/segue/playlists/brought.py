"""Playlists that come with somebody's history from another server; see `listening.imports`."""

from __future__ import annotations

from collections.abc import Sequence

from segue.core.access import Actor
from segue.listening.imports.views import ListRow
from segue.playlists.errors import NotYourPlaylist, PlaylistNotFound
from segue.playlists.ground import MAX_ROWS
from segue.playlists.service import NewRow, PlaylistService


class BroughtPlaylists:
    """Keeps such playlists: rows that match nothing stay with their words, and are matched when the music arrives."""

    def __init__(self, playlists: PlaylistService) -> None:
        self._playlists = playlists

    async def keep(self, actor: Actor, name: str, comment: str, public: bool, rows: Sequence[ListRow]) -> int:
        """A new playlist of the actor's; its number."""
        new = [
            NewRow(
                row.track_id,
                row.title,
                row.artist,
                row.album,
                row.duration_ms,
                dict(row.external_ids) or None,
                location=row.path or None,
                match_score=row.score,
                match_reasons=row.reasons,
            )
            for row in rows[:MAX_ROWS]
        ]
        return await self._playlists.create_with_rows(
            actor, name[:200], new, comment=comment, visibility="public" if public else "private", action="imported"
        )

    async def forget(self, actor: Actor, playlist_id: int) -> None:
        """Take it away, where it is still there."""
        try:
            await self._playlists.delete(actor, playlist_id)
        except (PlaylistNotFound, NotYourPlaylist):
            return
