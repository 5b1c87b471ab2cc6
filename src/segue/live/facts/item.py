"""All facts of one item together."""

from __future__ import annotations

import re

from segue.live.facts.artists import Bands, artist_key
from segue.live.records import Facts, Item, Precision

_LIVE_AT = re.compile(r"^(.*?)\s+live\s+(?:at|from|in)\b", re.IGNORECASE)
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)")


def facts_of(item: Item, *, bands: Bands | None = None) -> Facts:
    """What `item` is, with the evidence for each belief. Never raises: what is not said or makes no sense stays unknown."""
    name = item.creators[0] if item.creators else ""
    if not name and (found := _LIVE_AT.match(item.title)):
        name = found[1]
    precision: Precision = "day" if _DATE.match(item.date) else "unknown"
    return Facts(item.identifier, (artist_key(name),), (name,), item.date[:10] if precision == "day" else "", precision)
