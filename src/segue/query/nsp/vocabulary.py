"""What Navidrome's fields are called here. Those that have the same name, or are an alias here, need no line.

Facts from Navidrome's documentation of smart playlists and its list of mapped tags.
"""

from __future__ import annotations

from segue.query.fields import Entity, Field
from segue.query.language import names

HERE = {
    "albumartist": "album_artist",
    "albumdateloved": "album_starred_at",
    "albumdaterated": "album_rated_at",
    "albumlastplayed": "album_last_played",
    "albumloved": "album_starred",
    "albumplaycount": "album_plays",
    "albumtype": "type",
    "artistdateloved": "artist_starred_at",
    "artistdaterated": "artist_rated_at",
    "artistlastplayed": "artist_last_played",
    "artistloved": "artist_starred",
    "artistplaycount": "artist_plays",
    "dateadded": "added",
    "dateloved": "starred_at",
    "datemodified": "modified",
    "daterated": "rated_at",
    "discnumber": "disc",
    "explicitstatus": "explicit",
    "filepath": "path",
    "filetype": "format",
    "hascoverart": "has_art",
    "lastplayed": "last_played",
    "library_id": "library",
    "loved": "starred",
    "mbz_album_artist_id": "musicbrainz_album_artist",
    "mbz_album_id": "musicbrainz_release",
    "mbz_artist_id": "musicbrainz_artist",
    "mbz_recording_id": "musicbrainz_recording",
    "mbz_release_group_id": "musicbrainz_release_group",
    "mbz_release_track_id": "musicbrainz_track",
    "playcount": "plays",
    "recordlabel": "label",
    "releasecountry": "country",
    "replaygain_album_gain": "replaygain_album_gain",
    "replaygain_album_peak": "replaygain_album_peak",
    "replaygain_track_gain": "replaygain_track_gain",
    "replaygain_track_peak": "replaygain_track_peak",
    "rgalbumgain": "replaygain_album_gain",
    "rgalbumpeak": "replaygain_album_peak",
    "rgtrackgain": "replaygain_track_gain",
    "rgtrackpeak": "replaygain_track_peak",
    "sortalbumartist": "sort_album_artist",
    "sortartist": "sort_artist",
    "tracknumber": "position",
}
"""By Navidrome's name, in lower case."""
THERE = {here: there for there, here in reversed(HERE.items())} | {
    "album_name": "album",
    "artist_name": "artist",
    "average_rating": "averagerating",
    "bit_depth": "bitdepth",
    "sample_rate": "samplerate",
    "catalog_number": "catalognumber",
    "disc_subtitle": "discsubtitle",
    "release_date": "releasedate",
    "release_year": "releaseyear",
    "original_date": "originaldate",
    "original_year": "originalyear",
    "recording_date": "recordingdate",
    "sort_title": "sorttitle",
    "sort_album": "sortalbum",
    "album_rating": "albumrating",
    "album_added": "albumdateadded",
    "album_modified": "albumdatemodified",
    "album_duration": "albumduration",
    "album_tracks": "albumsongcount",
    "album_size": "albumsize",
    "artist_rating": "artistrating",
    "dj_mixer": "djmixer",
    "label": "recordlabel",
    "release_status": "releasestatus",
    "type": "releasetype",
    "replaygain_track_gain": "rgtrackgain",
    "replaygain_track_peak": "rgtrackpeak",
    "replaygain_album_gain": "rgalbumgain",
    "replaygain_album_peak": "rgalbumpeak",
}
"""By our name, Navidrome's."""
ALIKE = frozenset(
    (
        *("title", "album", "year", "date", "size", "compilation", "missing", "comment"),
        *("lyrics", "codec", "duration", "bitrate", "bpm", "channels", "rating", "genre"),
        *("mood", "grouping", "isrc", "key", "artist", "composer", "lyricist", "conductor"),
        *("arranger", "producer", "director", "engineer", "mixer", "remixer", "performer", "work"),
        *("language", "barcode", "media", "subtitle", "movement"),
    )
)
"""Fields of one name on both sides."""
TAGS = frozenset(
    (
        *("albumversion", "albumcomment", "asin", "copyright", "encodedby", "encodersettings"),
        *("license", "movementname", "script", "website", "albumartistsort", "showmovement"),
        *("movementtotal", "musicbrainz_workid", "mastering"),
    )
)
"""Tags that Navidrome maps and that are asked as tags here."""


def here(entity: Entity, name: str) -> tuple[Field | None, bool]:
    """Our field for Navidrome's, and whether it is asked as a tag; None where there is nothing like it."""
    lower = name.strip().lower()
    own = HERE.get(lower, lower)
    found = names.find(entity, own)
    if found is not None:
        return found, False
    if lower in TAGS or own.startswith("tag."):
        return names.find(entity, f"tag.{own.removeprefix('tag.')}"), True
    return None, False


def there(field: str) -> str | None:
    """Navidrome's name of our field; None where it has nothing like it."""
    name = field.removesuffix(".name")
    if name in THERE:
        return THERE[name]
    if name in ALIKE:
        return name
    if name.startswith("tag.") and name.removeprefix("tag.") in TAGS:
        return name.removeprefix("tag.")
    if name.startswith("role.") and name.removeprefix("role.") in ALIKE:
        return name.removeprefix("role.")
    return None
