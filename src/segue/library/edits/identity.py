"""What an edited track is known by when its file comes back from elsewhere: what the file says, not what a person says."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.text import sort_key
from segue.library.edits import music, repository
from segue.library.scan.facts import TrackTags

OF_TRACK = ("title", "sort_title", "artists", "musicbrainz_recording_id")
OF_ALBUM = ("title", "sort_title")


KNOWN_BY = frozenset(["title", "sort_title", "musicbrainz_recording_id"])


def keys(tags: TrackTags) -> dict[str, str | None]:
    """What is kept with the edits of these fields, so that the track is found by what its file says."""
    recording, title, _, _ = _known_by(tags)
    return {"title": title, "sort_title": title, "musicbrainz_recording_id": recording}


async def tracks_that_say(conn: AsyncConnection, titles: Collection[str], recordings: Collection[str]) -> list[int]:
    """Tracks whose title or recording was edited, and whose file says one of these (titles as sort keys)."""
    return await repository.titles_known(conn, {*titles, *recordings}) if titles or recordings else []


async def said_by_files(
    conn: AsyncConnection, tracks: Collection[tuple[int, int | None]]
) -> dict[int, tuple[str | None, str | None, str | None, str | None]]:
    """Of those of these (track, album) that are edited in what they are known by: (recording, title, artist, album) as
    their files say it, the last three as sort keys, by track."""
    edited = set(await repository.values_of(conn, "track", {track for track, _ in tracks}, OF_TRACK))
    albums = set(await repository.values_of(conn, "album", {album for _, album in tracks if album}, OF_ALBUM))
    wanted = {track for track, album in tracks if track in edited or album in albums}
    if not wanted:
        return {}
    return {track: _known_by(said.tags) for track, said in (await music.tags_of_tracks(conn, wanted)).items()}


async def stored_as_files_say(conn: AsyncConnection, stored: Sequence[Any]) -> dict[int, Any]:
    """Those of these stored files whose track is edited, with the title and recording of the file, by file."""
    of_track = {row.track_id: row for row in stored if row.track_id is not None}
    said = await said_by_files(conn, [(row.track_id, row.album_id) for row in of_track.values()])
    return {
        of_track[track].id: of_track[track]._replace(recording=recording, title_key=title)
        for track, (recording, title, _, _) in said.items()
    }


def _known_by(tags: TrackTags) -> tuple[str | None, str | None, str | None, str | None]:
    shown = tags.artist_display or (tags.artists[0].name if tags.artists else None)
    return (
        tags.recording_mbid,
        sort_key(tags.title_sort or tags.title) if tags.title else None,
        sort_key(shown) if shown else None,
        sort_key(tags.album_sort or tags.album) if tags.album else None,
    )
