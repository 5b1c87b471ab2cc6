"""ListenBrainz: its export (a zip of lines since 2025, one array before), answers of its API, and feedback (loves, hates).

A listen: {"listened_at": seconds, "track_metadata": {"artist_name", "track_name", "release_name", "additional_info": {…},
"mbid_mapping": {…}}}. What was submitted with it wins over what ListenBrainz mapped it to, but for missing ids.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from segue.listening.imports.items import (
    Heard,
    Item,
    Opined,
    Passed,
    Thing,
    Unreadable,
    from_epoch,
    ids,
    length_ms,
    maybe,
    since,
    text,
    whole_number,
)

NAME = "listenbrainz"


def knows(value: Mapping[str, Any]) -> bool:
    """Whether this is a row of ListenBrainz."""
    return isinstance(value.get("track_metadata"), Mapping) or ("score" in value and "recording_mbid" in value)


def read(value: Mapping[str, Any]) -> Iterator[Item]:
    """What one row says. Raises Unreadable."""
    if "score" in value and "listened_at" not in value:
        yield from _feedback(value)
        return
    meta = _mapping(value.get("track_metadata"))
    if value.get("playing_now"):
        yield Passed("now_playing")
        return
    thing = _thing(meta)
    info = _mapping(meta.get("additional_info"))
    played = length_ms(info.get("duration_played"), 1000)
    yield Heard(
        thing,
        from_epoch(value.get("listened_at")),
        heard_ms=played,
        client=text(info.get("media_player") or info.get("listening_from") or info.get("submission_client"), 200),
    )


def _thing(meta: Mapping[str, Any]) -> Thing:
    info, mapped = _mapping(meta.get("additional_info")), _mapping(meta.get("mbid_mapping"))
    title, artist = text(meta.get("track_name")), text(meta.get("artist_name"))
    if not title:
        raise Unreadable("no_title")
    length = length_ms(info.get("duration_ms")) or length_ms(info.get("duration"), 1000)
    return Thing(
        title,
        artist,
        text(meta.get("release_name")),
        text(info.get("release_artist_name")),
        length,
        ids(
            ("musicbrainz:recording", info.get("recording_mbid") or mapped.get("recording_mbid")),
            ("musicbrainz:track", info.get("track_mbid")),
            ("isrc", info.get("isrc")),
            ("spotify:track", _spotify(info.get("spotify_id"))),
        ),
        disc=whole_number(info.get("discnumber")),
        position=whole_number(info.get("tracknumber")),
    )


def _feedback(value: Mapping[str, Any]) -> Iterator[Item]:
    mbid = text(value.get("recording_mbid"), 60)
    meta = _mapping(value.get("track_metadata"))
    thing = Thing(
        text(meta.get("track_name")),
        text(meta.get("artist_name")),
        text(meta.get("release_name")),
        external_ids=ids(("musicbrainz:recording", mbid)),
    )
    if not mbid and not thing.title:
        raise Unreadable("no_title")
    at = maybe(from_epoch, value.get("created"))
    score = whole_number(value.get("score"))
    if score == 1:
        yield Opined(thing, starred_at=since(at))
    elif score == -1:
        yield Opined(thing, hated_at=since(at))


def _spotify(value: Any) -> str:
    """`https://open.spotify.com/track/6rqh…` and `spotify:track:6rqh…` are both the last part."""
    return text(value, 200).replace(":", "/").rsplit("/", 1)[-1].partition("?")[0]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
