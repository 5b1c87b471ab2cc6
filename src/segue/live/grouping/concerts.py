"""Recordings put into concerts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID, uuid5

from segue.live.records import Concert, Doubt, Evidence, Facts, Heard, Item, Setlist

Role = Literal["whole", "part"]

_CONCERTS = UUID("6d1c2f0e-54a5-5b0c-9a52-0a4f2f1d8a11")
"""Namespace of concerts' uids."""


def concert_key(artist_key: str, date: str, sequence: int = 1) -> str:
    return f"{artist_key}|{date}|{sequence}"


def concert_uid(key: str) -> str:
    """The name a concert keeps for ever, from the key it had when it came to be."""
    return str(uuid5(_CONCERTS, key))


@dataclass(slots=True)
class Grouping:
    """Concerts in order of artist, date and sequence; and what was concluded about each recording, by identifier."""

    concerts: list[Concert] = field(default_factory=list)
    membership: dict[str, list[tuple[str, Role, tuple[Evidence, ...]]]] = field(default_factory=dict)
    """Concerts that a recording holds, each by its key, whether all or a part of it belongs there, and why."""
    doubts: dict[str, list[Doubt]] = field(default_factory=dict)
    families: dict[str, str] = field(default_factory=dict)
    """A name for the tape that several transfers have in common; recordings without relatives are not in it."""
    supersedes: dict[str, str] = field(default_factory=dict)
    """A transfer to the one that it replaces or repairs."""


def concerts_of(
    items: Sequence[Item],
    facts: Mapping[str, Facts],
    setlists: Sequence[Setlist],
    heard: Mapping[str, Sequence[Heard]],
    *,
    words: Mapping[str, Mapping[str, Any]] | None = None,
    before: Mapping[str, Collection[str]] | None = None,
) -> Grouping:
    """The concerts that `items` hold.

    It may be called with everything, with one artist's items or with those of some dates: a concert only depends on
    items and setlists of its own artist and date; doubts about dates need all setlists of the artist.
    `words` are people's decisions by identifier or concert key: date, artist, show_time, kind, venue, `with` and `apart`
    (identifiers). `before` is what concerts held at the last grouping (key to identifiers), so that keys stay with the
    greater part of their recordings.
    """
    grouping = Grouping()
    buckets: dict[tuple[str, str], list[Item]] = defaultdict(list)
    for item in items:
        fact = facts[item.identifier]
        buckets[fact.artist_keys[0], fact.date].append(item)
    for (artist, date), members in sorted(buckets.items()):
        key = concert_key(artist, date)
        fact = facts[members[0].identifier]
        grouping.concerts.append(
            Concert(
                key, artist, fact.artist_names[0], date, fact.precision, 1, None, fact.kind,
                tuple(item.identifier for item in members),
            )
        )  # fmt: skip
        for item in members:
            grouping.membership[item.identifier] = [(key, "whole", ())]
    return grouping
