"""What people do on a record, and what kinds of releases there are."""

ROLES = (
    *("artist", "album_artist", "composer", "conductor", "performer", "remixer", "producer"),
    *("lyricist", "writer", "arranger", "engineer", "mixer", "dj_mixer", "director"),
)
"""What people do on a record; see `scan.facts.Credit`."""

ROLE_ORDER = {role: place for place, role in enumerate(("album_artist", "artist", *ROLES[2:]))}
"""In which order a page tells of them."""

ROLE_SPELLINGS = {"djmixer": "dj_mixer", "dj-mixer": "dj_mixer", "dj": "dj_mixer", "albumartist": "album_artist"}
"""Roles as they are written elsewhere."""

RELEASE_TYPES = (
    *("album", "single", "ep", "broadcast", "other"),
    *("audiobook", "audio drama", "compilation", "demo", "dj-mix", "field recording", "interview", "live"),
    *("mixtape/street", "remix", "soundtrack", "spokenword"),
)
"""Primary and secondary types of MusicBrainz, in lower case (musicbrainz.org/doc/Release_Group/Type)."""
