"""Spotify: the extended streaming history, and the shorter history of the last year that comes with the account's data.

Spotify keeps every playback, however short: `ms_played` is how long it was heard. What counts as a play is decided by our
own rule (`listening.counting`). Spotify does not say how long a track is, but a playback that ended with the track
(`reason_end: trackdone`) does. The time it keeps is that of the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from segue.listening.imports.items import (
    Heard,
    Item,
    Passed,
    Thing,
    from_iso,
    from_pattern,
    ids,
    in_range,
    length_ms,
    text,
)

NAME = "spotify"


def knows(value: Mapping[str, Any]) -> bool:
    """Whether this is a row of either history."""
    return "master_metadata_track_name" in value or ("endTime" in value and "msPlayed" in value)


def read(value: Mapping[str, Any]) -> Iterator[Item]:
    """What one row says. Raises Unreadable."""
    if "endTime" in value:
        ended, heard = from_pattern(value["endTime"], "%Y-%m-%d %H:%M"), length_ms(value["msPlayed"])
        title, artist, album, uri = text(value.get("trackName")), text(value.get("artistName")), "", ""
    else:
        ended, heard = from_iso(value.get("ts")), length_ms(value.get("ms_played"))
        title = text(value["master_metadata_track_name"])
        artist = text(value.get("master_metadata_album_artist_name"))
        album = text(value.get("master_metadata_album_album_name"))
        uri = text(value.get("spotify_track_uri"), 200).rpartition(":")[2]
    if not title or value.get("podcastName"):
        yield Passed("not_music")
        return
    thing = Thing(title, artist, album, external_ids=ids(("spotify:track", uri)))
    yield Heard(
        thing,
        in_range(ended - timedelta(milliseconds=heard or 0)),
        heard_ms=heard or 0,
        counted=False,
        whole=value.get("reason_end") == "trackdone",
        client=text(value.get("platform"), 200),
    )
