"""Which namespaces of outside ids there are for each kind of thing, and how their values look."""

from __future__ import annotations

import re

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_BASE62 = r"[0-9A-Za-z]{22}"
_NUMBER = r"[0-9]{1,19}"
_WORD = r"[^\s]{1,200}"

NAMESPACES: dict[str, dict[str, str]] = {
    "track": {
        "isrc": r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}", "acoustid": UUID, "musicbrainz:work": UUID, "spotify:track": _BASE62,
        "deezer:track": _NUMBER, "discogs:track": _WORD, "apple:song": _NUMBER, "tidal:track": _NUMBER,
        "youtube:video": r"[\w-]{11}", "bandcamp:track": _WORD, "soundcloud:track": _WORD, "lastfm:track": _WORD,
        "beatport:track": _NUMBER, "qobuz:track": _WORD, "archive:item": _WORD,
    },
    "album": {
        "discogs:release": _NUMBER, "discogs:master": _NUMBER, "spotify:album": _BASE62, "deezer:album": _NUMBER,
        "apple:album": _NUMBER, "tidal:album": _NUMBER, "bandcamp:album": _WORD, "beatport:release": _NUMBER,
        "qobuz:album": _WORD, "asin": r"[A-Z0-9]{10}", "upc": r"[0-9]{8,14}", "lastfm:album": _WORD,
        "musicbrainz:disc": r"[\w.-]{28}",
        "archive:item": _WORD, "allmusic:album": _WORD, "rateyourmusic:release": _WORD, "wikidata:item": r"Q[0-9]+",
    },
    "artist": {
        "spotify:artist": _BASE62, "discogs:artist": _NUMBER, "lastfm:artist": _WORD, "deezer:artist": _NUMBER,
        "apple:artist": _NUMBER, "tidal:artist": _NUMBER, "bandcamp:artist": _WORD, "soundcloud:user": _WORD,
        "beatport:artist": _NUMBER, "qobuz:artist": _WORD, "youtube:channel": _WORD, "allmusic:artist": _WORD,
        "songkick:artist": _NUMBER, "setlistfm:artist": _WORD, "wikidata:item": r"Q[0-9]+", "isni": r"[0-9]{15}[0-9X]",
        "ipi": r"[0-9]{9,11}", "imdb:name": r"nm[0-9]+", "archive:collection": _WORD,
    },
    "label": {
        "musicbrainz:label": UUID, "discogs:label": _NUMBER, "beatport:label": _NUMBER, "bandcamp:label": _WORD,
        "wikidata:item": r"Q[0-9]+", "label_code": r"LC[ -]?[0-9]{4,6}", "youtube:channel": _WORD,
    },
}  # fmt: skip
"""By kind of thing: each namespace with the form of its values."""

FORMER_ARTIST = "musicbrainz:artist"
"""MusicBrainz ids of artists who were merged into this one; the artist's own is a column."""


def canonical(kind: str, namespace: str, value: str) -> tuple[str, str] | None:
    """The pair as it is stored, or None where there is no such namespace or the value cannot be one of it."""
    namespace = namespace.strip().casefold()
    form = NAMESPACES[kind].get(namespace)
    value = value.strip()
    if namespace == "isrc":
        value = value.replace("-", "").replace(" ", "").upper()
    elif form == UUID:
        value = value.casefold()
    elif namespace == "upc":
        value = re.sub(r"[\s-]", "", value)
    if form is None or not value.isprintable() or re.fullmatch(form, value) is None:
        return None
    return namespace, value
