"""How ws2.db lies on disk: MusicBrainz's documents, taken apart so that nothing is stored twice at length.

Every entity has a number of its own, 1 being the one most others name (a release comes in the order of its release group,
official ones first, then by date). A document is JSON in the shape of ws/2, compressed with a dictionary trained on its
kind; whatever else it names stands in it as that one's number:

    artist credit    [[artist, name or null where it is the artist's own, join phrase], …]
    label info       [[catalogue number, label or null], …]
    release group    its number
    relation         `"artist": 12` instead of the object; likewise `label`
    track            [id, number, position, title, length, recording, artist credit, what else it says]; title, length and
                     credit are null, true and null where they are those of the recording

A release is two documents, for most questions need the first alone: what it says of itself with its media, and the tracks,
a list a medium of [[track, …], [pregap or data track, …] …].
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

FORMAT = 1
PAGE_SIZE = 8192

Entity = Literal["artist", "label", "release-group", "recording", "release"]
ENTITIES: tuple[Entity, ...] = ("artist", "label", "release-group", "recording", "release")
"""In the order they are numbered: a release is numbered after its group."""

TABLE: dict[Entity, str] = {
    "artist": "artist",
    "label": "label",
    "release-group": "release_group",
    "recording": "recording",
    "release": "release",
}

LINKS = {
    "artist_release": ("artist", "release"),
    "artist_track_release": ("artist", "release"),
    "artist_release_group": ("artist", "release-group"),
    "artist_recording": ("artist", "recording"),
    "label_release": ("label", "release"),
    "release_group_release": ("release-group", "release"),
    "recording_release": ("recording", "release"),
}
"""What is browsed by: the table, and what its columns `a` and `b` number. `artist_track_release` is for those whom only a
track credits."""

WORDS: dict[Entity, tuple[str, ...]] = {
    "artist": ("name", "alias", "comment", "tag", "area", "facts"),
    "label": ("name", "alias", "comment", "tag", "area", "facts"),
    "release-group": ("name", "alias", "artist", "release", "comment", "tag", "facts"),
    "recording": ("name", "alias", "artist", "release", "comment", "tag", "facts"),
    "release": ("name", "alias", "artist", "label", "comment", "tag", "facts"),
}
"""The columns of each full-text index. `facts` holds what has one value out of many (`xstatusofficial`, `xtracks12`)."""


def tables() -> str:
    """What is created before anything is written. The full-text indexes keep no text; their rowid is the number."""
    parts = ["CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"]
    for entity, table in TABLE.items():
        more = ""
        if entity == "release":
            more = ", tracks BLOB, status INTEGER NOT NULL, kinds INTEGER NOT NULL"
        elif entity == "release-group":
            more = ", kinds INTEGER NOT NULL"
        parts.append(f"CREATE TABLE {table} (n INTEGER PRIMARY KEY, body BLOB NOT NULL{more});")
        parts.append(f"CREATE TABLE {table}_id (mbid BLOB PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;")
        parts.append(
            f"CREATE VIRTUAL TABLE {table}_words USING fts5({', '.join(WORDS[entity])}, content='', columnsize=0,"
            ' detail=full, tokenize="unicode61 remove_diacritics 0");'
        )
    parts += [f"CREATE TABLE {link} (a INTEGER, b INTEGER, PRIMARY KEY (a, b)) WITHOUT ROWID;" for link in LINKS]
    parts.append("CREATE TABLE isrc (code TEXT, recording INTEGER, PRIMARY KEY (code, recording)) WITHOUT ROWID;")
    parts.append("CREATE TABLE disc (id TEXT, release INTEGER, PRIMARY KEY (id, release)) WITHOUT ROWID;")
    return "\n".join(parts)


STATUSES = ("official", "promotion", "bootleg", "pseudo-release", "withdrawn", "expunged", "cancelled")
PRIMARY_TYPES = ("album", "single", "ep", "other", "broadcast", "nat")
SECONDARY_TYPES = (
    "compilation", "soundtrack", "spokenword", "interview", "audiobook", "live", "remix", "dj-mix", "mixtape/street",
    "demo", "audio drama", "field recording",
)  # fmt: skip
"""What `status=` and `type=` may say. `kinds` has a bit for each type, primary ones first; `status` is a number from 1."""


def kinds_of(primary: str | None, secondary: Sequence[str]) -> int:
    """The bits of a release group's types; those that nobody has heard of have none."""
    bits = 0
    if primary and primary.lower() in PRIMARY_TYPES:
        bits |= 1 << PRIMARY_TYPES.index(primary.lower())
    for name in secondary:
        if name.lower() in SECONDARY_TYPES:
            bits |= 1 << len(PRIMARY_TYPES) + SECONDARY_TYPES.index(name.lower())
    return bits


def status_of(status: str | None) -> int:
    """The number of a release's status, 0 where it has none or one that nobody has heard of."""
    return STATUSES.index(status.lower()) + 1 if status and status.lower() in STATUSES else 0


def mbid_bytes(mbid: str) -> bytes:
    """Sixteen bytes. Raises ValueError where it is no MBID."""
    found = bytes.fromhex(mbid.replace("-", ""))
    if len(found) != 16:
        raise ValueError(mbid)
    return found


def mbid_text(mbid: bytes) -> str:
    """As `mbid_bytes` read it, in lower case."""
    text = mbid.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
