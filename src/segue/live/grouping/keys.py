"""Names of concerts: the key that follows from what they are, and the name that they keep."""

from __future__ import annotations

from uuid import UUID, uuid5

_CONCERTS = UUID("6d1c2f0e-54a5-5b0c-9a52-0a4f2f1d8a11")
"""Namespace of concerts' uids."""


def concert_key(artist_key: str, date: str, sequence: int = 1) -> str:
    """`artist|date|sequence`; never the venue, whose spellings would tear a concert apart."""
    return f"{artist_key}|{date}|{sequence}"


def parts_of(key: str) -> tuple[str, str, int]:
    """Artist key, date and sequence of a key."""
    artist, date, sequence = key.rsplit("|", 2)
    return artist, date, int(sequence)


def concert_uid(key: str) -> str:
    """The name a concert keeps for ever, from the key it had when it came to be."""
    return str(uuid5(_CONCERTS, key))
