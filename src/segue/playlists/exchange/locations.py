"""Addresses that name a track: which ids they hold, and how an id is written as an address."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qs, quote, unquote, urlsplit

OWN = "segue:track"
"""The namespace of our own ids in files."""
_UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("musicbrainz:recording", re.compile(rf"musicbrainz\.org/recording/({_UUID})", re.I)),
    ("musicbrainz:track", re.compile(rf"musicbrainz\.org/track/({_UUID})", re.I)),
    ("spotify:track", re.compile(r"(?:^spotify:track:|open\.spotify\.com/(?:[\w-]+/)?track/)([0-9A-Za-z]{22})\b")),
    ("youtube:video", re.compile(r"(?:youtu\.be/|youtube(?:-nocookie)?\.com/(?:embed|v|shorts)/)([\w-]{11})(?![\w-])")),
    ("deezer:track", re.compile(r"deezer\.com/(?:[\w-]+/)?track/([0-9]{1,19})")),
    ("tidal:track", re.compile(r"tidal\.com/(?:browse/)?track/([0-9]{1,19})")),
    ("apple:song", re.compile(r"(?:music|itunes)\.apple\.com/(?:[\w-]+/)?song/(?:[^/?#]+/)?([0-9]{1,19})")),
    ("apple:song", re.compile(r"(?:music|itunes)\.apple\.com/[^?#]*\?(?:[^#]*&)?i=([0-9]{1,19})")),
    ("isrc", re.compile(r"^(?:urn:)?isrc:([A-Za-z]{2}-?[A-Za-z0-9]{3}-?[0-9]{2}-?[0-9]{5})$", re.I)),
    ("acoustid", re.compile(rf"acoustid\.org/track/({_UUID})", re.I)),
    (OWN, re.compile(r"^(?:urn:segue:)?(tr-[0-9]{1,10})$")),
)
_URN = re.compile(r"^urn:segue:id:([a-z0-9]+(?::[a-z0-9_-]+)?)=(.+)$")
_WRITTEN: Mapping[str, str] = {
    "musicbrainz:recording": "https://musicbrainz.org/recording/{}",
    "musicbrainz:track": "https://musicbrainz.org/track/{}",
    "spotify:track": "spotify:track:{}",
    "youtube:video": "https://www.youtube.com/watch?v={}",
    "deezer:track": "https://www.deezer.com/track/{}",
    "tidal:track": "https://tidal.com/browse/track/{}",
    "apple:song": "https://music.apple.com/song/{}",
    "isrc": "isrc:{}",
    "acoustid": "https://acoustid.org/track/{}",
    OWN: "urn:segue:{}",
}


def ids_in(address: str) -> dict[str, str]:
    """The ids that an address or URI holds, by namespace: of MusicBrainz, of services, and our own."""
    text = address.strip()
    if ":" not in text or len(text) > 2_000:
        return {}
    if urn := _URN.match(text):
        return {urn[1]: unquote(urn[2])}
    for namespace, pattern in _PATTERNS:
        if found := pattern.search(text):
            return {namespace: found[1].lower() if namespace.startswith(("musicbrainz", "acoustid")) else found[1]}
    try:
        parts = urlsplit(text)
        asked = parse_qs(parts.query) if parts.query else {}
    except ValueError:
        return {}
    host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    if host in ("youtube.com", "music.youtube.com") and re.fullmatch(r"[\w-]{11}", asked.get("v", [""])[0]):
        return {"youtube:video": asked["v"][0]}
    own = asked.get("id", [""])[0]
    if parts.path.endswith(("/rest/stream", "/rest/stream.view", "/rest/download")) and re.fullmatch(r"tr-\d+", own):
        return {OWN: own}
    return {}


def ids_of(addresses: Iterable[str]) -> dict[str, str]:
    """The ids of several addresses; the first of each namespace."""
    found: dict[str, str] = {}
    for address in addresses:
        for namespace, value in ids_in(address).items():
            found.setdefault(namespace, value)
    return found


def written(namespace: str, value: str) -> str:
    """An id as an address that `ids_in` reads."""
    pattern = _WRITTEN.get(namespace)
    return pattern.format(value) if pattern else f"urn:segue:id:{namespace}={quote(value, safe='')}"


def is_address(location: str) -> bool:
    """Whether a location is no path but an address on the net or a URI."""
    scheme, colon, rest = location.partition(":")
    if not colon or len(scheme) < 2 or not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", scheme):
        return False
    return (rest.startswith("//") and scheme.lower() != "file") or scheme.lower() in ("spotify", "urn", "isrc")
