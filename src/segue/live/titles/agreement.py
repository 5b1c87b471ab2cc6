"""A setlist that recordings agree on, for a show that nobody keeps a list of."""

from __future__ import annotations

from collections.abc import Sequence

from segue.live.records import Heard, SetlistSet


def consensus(heards: Sequence[Sequence[Heard]]) -> tuple[SetlistSet, ...]:
    """The songs that most of the recordings which could have them have, in order. Empty without songs."""
    return ()
