"""Addresses of pages elsewhere as ids: https://open.spotify.com/album/6ak… is spotify:album:6ak…"""

from __future__ import annotations

import re

_PLACES: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("spotify", r"open\.spotify\.com/(?:intl-\w+/)?(artist|album|track)/([0-9A-Za-z]{22})\b", {}),
    ("deezer", r"www\.deezer\.com/(?:\w\w/)?(artist|album|track)/(\d+)", {}),
    ("tidal", r"(?:listen\.)?tidal\.com/(?:browse/)?(artist|album|track)/(\d+)", {}),
    ("discogs", r"www\.discogs\.com/(?:[^/]+/)?(artist|release|master|label)/(\d+)", {}),
    ("itunes", r"(?:music|itunes)\.apple\.com/\w\w/(artist|album|song)/(?:[^/?]*/)?(?:id)?(\d+)(?!\d*/)", {"song": "track"}),
    ("wikidata", r"www\.wikidata\.org/(?:wiki|entity)/()(Q\d+)", {"": "item"}),
    ("youtube", r"(?:www|music)\.youtube\.com/(channel)/([\w-]{24})\b", {}),
    ("youtube", r"(?:www|music)\.youtube\.com/()watch\?v=([\w-]{11})\b", {"": "video"}),
    ("soundcloud", r"soundcloud\.com/()([\w-]+)/?$", {"": "user"}),
    ("bandcamp", r"([\w-]+)\.bandcamp\.com/(?:(album|track)/([\w-]+))?/?$", {}),
)  # fmt: skip
_PATTERNS = [(platform, re.compile(f"https?://{pattern}"), names) for platform, pattern, names in _PLACES]
_HINT = re.compile(r"spotify|deezer|tidal|discogs|apple|wikidata|youtube|soundcloud|bandcamp")


def id_of_link(url: str) -> str | None:
    """The id that an address stands for, as `platform:type:native`; None where it is none of those known here."""
    if not _HINT.search(url):
        return None
    for platform, pattern, names in _PATTERNS:
        if found := pattern.match(url):
            if platform == "bandcamp":
                site, kind, slug = found.groups()
                return f"bandcamp:{kind}:{site}/{slug}" if kind else f"bandcamp:artist:{site}"
            kind, native = found.groups()
            return f"{platform}:{names.get(kind, kind)}:{native}"
    return None
