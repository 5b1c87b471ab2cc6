"""What some apps need different, by the name they send as `c=`.

A list entry is a known defect of that app, not a taste: DSub's parser stops at elements it does not know, SubMusic
runs on a watch and needs nothing of a song but what the protocol requires.
"""

from __future__ import annotations

from segue.subsonic.encode import Dialect

_DIALECTS: dict[str, Dialect] = {
    "dsub": "classic",
    "submusic": "minimal",
}


def dialect_of(client: str | None) -> Dialect:
    """How much of an answer this app can take; everything, unless it is listed."""
    return _DIALECTS.get((client or "").casefold(), "full")
