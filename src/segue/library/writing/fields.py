"""From what a track says back to tag values under Picard's names, and which of them an edit changes.

`fields_of` is the inverse of `scan.tags.track_tags`: reading what it gives makes the same tags again. Only fields whose
values differ between what the file said and what a person made of it are written.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from segue.library.scan.facts import Credit, ReplayGain, TrackTags

Changes = dict[str, list[str]]
"""New values by our name of the field; an empty list takes the field out of the file."""

_ONE = {
    "title": "title", "titlesort": "title_sort", "subtitle": "subtitle", "album": "album", "albumsort": "album_sort",
    "barcode": "barcode", "date": "date", "originaldate": "original_date", "releasedate": "release_date",
    "recordingdate": "recording_date", "discsubtitle": "disc_subtitle",
    "releasestatus": "release_status", "releasecountry": "release_country",
    "media": "media", "language": "language", "script": "script", "musicbrainz_recordingid": "recording_mbid",
    "musicbrainz_trackid": "track_mbid", "musicbrainz_albumid": "release_mbid",
    "musicbrainz_releasegroupid": "release_group_mbid", "musicbrainz_discid": "disc_id", "key": "key",
    "comment": "comment", "copyright": "copyright", "work": "work", "movement": "movement",
}  # fmt: skip
_MANY = {
    "genre": "genres", "mood": "moods", "grouping": "grouping", "label": "labels", "catalognumber": "catalog_numbers",
    "isrc": "isrcs", "releasetype": "release_types", "musicbrainz_workid": "work_mbids",
}  # fmt: skip
_NUMBERS = {
    "tracktotal": "track_total", "disctotal": "disc_total", "discnumber": "disc_number",
    "movementnumber": "movement_number", "movementtotal": "movement_total",
}  # fmt: skip
_ROLES = {
    "composer": "composer", "lyricist": "lyricist", "writer": "writer", "conductor": "conductor",
    "performer": "performer", "remixer": "remixer", "arranger": "arranger", "producer": "producer",
    "engineer": "engineer", "mixer": "mixer", "djmixer": "dj_mixer", "director": "director",
}  # fmt: skip
_EXTERNAL = {
    "acoustid": "acoustid", "asin": "asin", "discogs_release": "discogs:release", "discogs_master": "discogs:master",
    "spotify_track": "spotify:track", "bandcamp_url": "bandcamp",
}  # fmt: skip
_TOGETHER = (("tracknumber", "tracktotal"), ("discnumber", "disctotal"))
"""Several formats keep these in one value."""
_PEOPLE = ("{0}", "{0}s", "{0}sort", "{0}s_sort", "musicbrainz_{0}id")

WRITABLE: frozenset[str] = frozenset(
    [*_ONE, *_MANY, *_NUMBERS, *_ROLES, *_EXTERNAL, "tracknumber", "composersort", "compilation", "explicit", "bpm",
     "lyrics", "replaygain_track_gain", "replaygain_track_peak", "replaygain_album_gain", "replaygain_album_peak"]
    + [form.format(who) for who in ("artist", "albumartist") for form in _PEOPLE]
)  # fmt: skip
"""Every field that can be written into a file."""


def fields_of(tags: TrackTags) -> Changes:
    """The values that `tags` would have in a file, by field; fields without a value are not there."""
    out: Changes = {}
    for field, name in _ONE.items():
        if (value := getattr(tags, name)) is not None:
            out[field] = [value]
    for field, name in _MANY.items():
        if values := getattr(tags, name):
            out[field] = list(values)
    for field, name in _NUMBERS.items():
        if (number := getattr(tags, name)) is not None:
            out[field] = [str(number)]
    position = tags.track_position or (str(tags.track_number) if tags.track_number else None)
    if position:
        out["tracknumber"] = [position]
    _credit_fields(out, "artist", tags.artist_display, tags.artists)
    _credit_fields(out, "albumartist", tags.album_artist_display, tags.album_artists)
    for field, role in _ROLES.items():
        people = [credit for credit in tags.credits if credit.role == role]
        if people:
            out[field] = [_performer(credit) if role == "performer" else credit.name for credit in people]
        if role == "composer" and people and all(credit.sort for credit in people):
            out["composersort"] = [credit.sort or "" for credit in people]
    for field, namespace in _EXTERNAL.items():
        if found := [value for name, value in tags.external_ids if name == namespace]:
            out[field] = found[:1]
    if tags.compilation:
        out["compilation"] = ["1"]
    if tags.explicit is not None:
        out["explicit"] = ["1" if tags.explicit else "2"]
    if tags.bpm:
        out["bpm"] = [f"{tags.bpm:g}"]
    if tags.replay_gain is not None and not tags.replay_gain.from_r128:
        out.update(_gains(tags.replay_gain))
    if plain := [words.text for words in tags.lyrics if words.language is None and not words.description]:
        out["lyrics"] = plain
    return out


def changes_between(said: TrackTags, wanted: TrackTags, only: Collection[str] | None = None) -> Changes:
    """What must be written into a file that says `said`, so that it says `wanted`; `only` some fields, where given."""
    before, after = fields_of(said), fields_of(wanted)
    changed = {field for field in before.keys() | after.keys() if before.get(field) != after.get(field)}
    if only is not None:
        changed &= set(only)
    return complete({field: after.get(field, []) for field in sorted(changed)}, wanted)


def complete(changes: Changes, wanted: TrackTags) -> Changes:
    """`changes` with what must be written beside them: a number with its total, an artist's line with its names."""
    after = fields_of(wanted)
    out = dict(changes)
    for pair in _TOGETHER:
        if any(field in out for field in pair):
            for field in pair:
                out.setdefault(field, after.get(field, []))
    return out


def _credit_fields(out: Changes, field: str, display: str | None, people: Sequence[Credit]) -> None:
    if display:
        out[field] = [display]
    names = [credit.name for credit in people]
    if len(names) > 1 or (names and names[0] != display):
        out[f"{field}s"] = names
    sorts = [credit.sort for credit in people]
    if people and all(sorts):
        line = "".join(f"{credit.sort}{credit.join_phrase}" for credit in people)
        out[f"{field}sort"] = [line]
        if len(people) > 1:
            out[f"{field}s_sort"] = [sort or "" for sort in sorts]
    ids = [credit.mbid for credit in people]
    if people and all(ids):
        out[f"musicbrainz_{field}id"] = [mbid or "" for mbid in ids]


def _performer(credit: Credit) -> str:
    return f"{credit.name} ({credit.instrument})" if credit.instrument else credit.name


def _gains(gain: ReplayGain) -> Changes:
    out: Changes = {}
    for field, value, form in (
        ("replaygain_track_gain", gain.track_gain, "{:.2f} dB"),
        ("replaygain_track_peak", gain.track_peak, "{:.6f}"),
        ("replaygain_album_gain", gain.album_gain, "{:.2f} dB"),
        ("replaygain_album_peak", gain.album_peak, "{:.6f}"),
    ):
        if value is not None:
            out[field] = [form.format(value)]
    return out
