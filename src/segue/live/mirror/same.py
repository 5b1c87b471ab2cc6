"""Which concert of before a concert of now is: what a link, a pin or an attendance points at must not move.

A concert stays the one that most of its recordings were of. Where none were (a concert known by its setlist alone, or by
recordings that are all new), artist, date and sequence tell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field

Slot = tuple[Hashable, str, int]
"""Artist, date and sequence."""


@dataclass(slots=True)
class Matched:
    """`ids` are the numbers of before, one for each concert of now, None for a new one; `ended` are those of before that are
    none any more, each with the place of the concert of now that took over most of it (None: nothing did)."""

    ids: list[int | None]
    ended: dict[int, int | None] = field(default_factory=dict)


def match(now: Sequence[tuple[Slot, Collection[int]]], before: Mapping[int, tuple[Slot, Collection[int]]]) -> Matched:
    """Pair concerts of now (slot and recordings) with those of before (by number)."""
    held: dict[int, list[int]] = defaultdict(list)
    for place, (_, recordings) in enumerate(now):
        for recording in recordings:
            held[recording].append(place)
    shared: dict[tuple[int, int], int] = defaultdict(int)
    for number, (_, recordings) in before.items():
        for recording in recordings:
            for place in held.get(recording, ()):
                shared[place, number] += 1
    ids: list[int | None] = [None] * len(now)
    taken: set[int] = set()

    def pair(place: int, number: int) -> None:
        if ids[place] is None and number not in taken:
            ids[place] = number
            taken.add(number)

    ranked = sorted(
        shared.items(), key=lambda one: (-one[1], now[one[0][0]][0] != before[one[0][1]][0], one[0][1], one[0][0])
    )
    for (place, number), _ in ranked:
        pair(place, number)
    by_slot = {slot: number for number, (slot, _) in sorted(before.items(), reverse=True)}
    for place, (slot, _) in enumerate(now):
        if slot in by_slot:
            pair(place, by_slot[slot])
    made = Matched(ids)
    places = {slot: place for place, (slot, _) in reversed(list(enumerate(now)))}
    dates = {slot[:2]: place for place, (slot, _) in reversed(list(enumerate(now)))}
    went: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for (place, number), count in shared.items():
        went[number].append((-count, place))
    for number, (slot, _) in before.items():
        if number in taken:
            continue
        made.ended[number] = min(went[number])[1] if number in went else places.get(slot, dates.get(slot[:2]))
    return made
