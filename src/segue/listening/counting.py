"""When a play counts: one rule for every face.

The rule is Last.fm's, which ListenBrainz and the players took over (https://www.last.fm/api/scrobbling, "When is a
scrobble a scrobble?"): the track is longer than 30 seconds, and was heard for half of it or for four minutes, whichever
comes first. A program that itself says "this was a play" (Subsonic's `submission`, a scrobble) has applied it already.
"""

from __future__ import annotations

from datetime import datetime, timedelta

LONGER_THAN_MS = 30_000
"""A track must be longer than this."""
ENOUGH_SHARE = 0.5
ENOUGH_MS = 4 * 60 * 1000
FOLDED_WITHIN = timedelta(seconds=30)
"""Two reports of one track by one device that say they began no further apart than this are one play."""


def counts_after_ms(duration_ms: int | None) -> int | None:
    """How much of a track must be heard, in milliseconds, for the play to count; None where it never does.

    Of a track of unknown length it is four minutes.
    """
    if not duration_ms or duration_ms < 0:
        return ENOUGH_MS
    if duration_ms <= LONGER_THAN_MS:
        return None
    return min(round(duration_ms * ENOUGH_SHARE), ENOUGH_MS)


def counts(duration_ms: int | None, heard_ms: int) -> bool:
    """Whether a track of this length, heard for so long, counts as played."""
    enough = counts_after_ms(duration_ms)
    return enough is not None and heard_ms >= enough


def is_same_play(one: datetime, other: datetime) -> bool:
    """Whether two reports of one track by one device, begun at these moments, are of one play."""
    return abs(one - other) <= FOLDED_WITHIN
