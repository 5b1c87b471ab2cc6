"""What is known of the people a track, or its album, is by: their MusicBrainz ids and the names they are sorted by."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Table

from segue.library.tables import ALBUM_CREDITS, ARTISTS, TRACK_CREDITS, TRACKS
from segue.query import Field, Many, Type
from segue.query.expressions import ascii_lower, plain


def _of(
    credits: Table, owner: str, value: ColumnElement[str], role: str | None, key: ColumnElement[int] | None
) -> Many:
    return Many(
        owner=credits.c[owner],
        value=value,
        where=value.is_not(None) if role is None else (credits.c.role == role) & value.is_not(None),
        source=credits.join(ARTISTS, ARTISTS.c.id == credits.c.artist_id),
        key=key,
    )


def people_facts() -> list[Field]:
    """Those of tracks."""
    made: list[Field] = []
    for prefix, whom, credits, owner, role, key in (
        ("", "the track", TRACK_CREDITS, "track_id", "artist", None),
        ("album_", "the track's album", ALBUM_CREDITS, "album_id", None, TRACKS.c.album_id),
    ):
        spelled = f"{prefix}artist"
        made += [
            Field(
                f"musicbrainz_{spelled}",
                Type.TEXT,
                f"The MusicBrainz id of an artist {whom} is by.",
                many=_of(credits, owner, ARTISTS.c.musicbrainz_id, role, key),
                fold=str.lower,
                aliases=(f"mbz_{spelled}_id",),
            ),
            Field(
                f"sort_{spelled}",
                Type.TEXT,
                f"The name of an artist {whom} is by as it is sorted by, where the tags say one.",
                many=_of(credits, owner, ascii_lower(ARTISTS.c.sort_name), role, key),
                fold=plain,
                aliases=(f"sort{spelled.replace('_', '')}",),
            ),
        ]
    return made
