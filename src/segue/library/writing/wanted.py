"""What a file should say: its own tags with the edits of its track and album laid over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from segue.library.edits.overlay import credits_of, edited_tags
from segue.library.scan.facts import Credit, TrackTags
from segue.library.scan.found import Found
from segue.library.scan.tags.track_tags import track_tags
from segue.library.scan.write.albums import joined
from segue.library.writing.fields import Changes, changes_between, complete, fields_of

_OF_ALBUM = {
    "title": "album", "sort_title": "album_sort", "date": "date", "original_date": "original_date",
    "release_date": "release_date", "release_status": "release_status", "media": "media", "compilation": "compilation",
    "country": "release_country", "barcode": "barcode", "musicbrainz_release_id": "release_mbid",
    "musicbrainz_release_group_id": "release_group_mbid",
}  # fmt: skip
_OF_TRACK_FIRST = ("date", "original_date", "compilation")
"""Fields that tracks have too: what was said of the track holds for its file."""


def planned_changes(
    said: TrackTags,
    of_track: Mapping[str, Any],
    of_album: Mapping[str, Any],
    written: Sequence[tuple[Changes, Changes]],
) -> Changes:
    """What must be written into a file that says `said`.

    `written` are (changes, before) of earlier writes that still hold, the oldest first: where an edit was taken back since,
    the file gets its own words back, unless somebody else has changed them meanwhile.
    """
    now = fields_of(said)
    own: Changes = {}
    last: Changes = {}
    for changes, before in written:
        for field, values in changes.items():
            own.setdefault(field, before.get(field, []))
            last[field] = values
    own = {field: values for field, values in own.items() if last[field] == now.get(field, [])}
    changes = changes_between(said, wanted_tags(said, of_track, of_album))
    if not own:
        return changes
    base = _read(now | own)
    after = fields_of(wanted_tags(base, of_track, of_album))
    wished = {field: after.get(field, []) for field in (*changes, *own)}
    differing = {field: values for field, values in wished.items() if values != now.get(field, [])}
    return complete(differing, base) if differing else {}


def _read(fields: Changes) -> TrackTags:
    """What tags with these values say."""
    found = Found("")
    for field, values in fields.items():
        for value in values:
            found.add(field, value)
    return track_tags(found)


def wanted_tags(said: TrackTags, of_track: Mapping[str, Any], of_album: Mapping[str, Any]) -> TrackTags:
    """`said` as a person's edits of the track and of its album would have it."""
    tags = edited_tags(said, of_track, of_album)
    changes: dict[str, Any] = {
        member: of_album[field]
        for field, member in _OF_ALBUM.items()
        if field in of_album and not (field in _OF_TRACK_FIRST and field in of_track)
    }
    if "artists" in of_album:
        changes["album_artists"] = credits_of(of_album["artists"], "album_artist")
        changes["album_artist_display"] = joined(changes["album_artists"])
    if "release_types" in of_album:
        changes["release_types"] = tuple(of_album["release_types"])
    if "labels" in of_album:
        changes["labels"] = tuple(dict.fromkeys(label["name"] for label in of_album["labels"]))
        numbers = (label.get("catalog_number") for label in of_album["labels"])
        changes["catalog_numbers"] = tuple(dict.fromkeys(number for number in numbers if number))
    tags = tags._replace(**changes) if changes else tags
    return tags._replace(
        artists=_told(tags.artists),
        album_artists=_told(tags.album_artists),
        credits=_told(tags.credits),
    )


def _told(credits: tuple[Credit, ...]) -> tuple[Credit, ...]:
    """Credits as a file can tell them: an artist's number of ours means nothing there."""
    return tuple(c._replace(mbid=None) if c.mbid and c.mbid.startswith("ar-") else c for c in credits)
