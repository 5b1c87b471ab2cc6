"""Whose changes of artists, genres and labels somebody may hear of: those that have something in a library they may see.

Such a row belongs to no single library, so the change feed asks here instead of looking at the change's own library.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Select, Text, cast, select

from segue.library.models import ArtistCount, GenreCount, LabelCount


def _artists(libraries: frozenset[int]) -> Select[str]:
    return select(cast(ArtistCount.artist_id, Text)).where(ArtistCount.library_id.in_(libraries))


def _genres(libraries: frozenset[int]) -> Select[str]:
    return select(cast(GenreCount.genre_id, Text)).where(GenreCount.library_id.in_(libraries))


def _labels(libraries: frozenset[int]) -> Select[str]:
    return select(cast(LabelCount.label_id, Text)).where(LabelCount.library_id.in_(libraries))


SHARED_KINDS: dict[str, Callable[[frozenset[int]], Select[str]]] = {
    "artist": _artists,
    "genre": _genres,
    "label": _labels,
}
"""By kind: the ids, as text, that may be heard of by somebody who may see these libraries."""
