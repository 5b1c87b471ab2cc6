"""Transfers of one tape: the same audio, the same tracking, the same number in db.etree.org, or one that repairs another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from operator import itemgetter

from segue.live.records import Facts, Item

_TOLERANCE_MS = 600
"""How far apart every pair of tracks may be for two items to have the same tracking."""
_FEWEST_TRACKS = 4
_LOSSLESS = ("flac", "shorten", "24bit")


def families_of(items: Sequence[Item], facts: Mapping[str, Facts]) -> tuple[dict[str, str], dict[str, str]]:
    """Families and supersedes of the recordings of one artist.

    A family is named by the first of its identifiers in order of letters; who has no relatives is in none. The second
    mapping is from a transfer to the one that it replaces.
    """
    parents: dict[str, str] = {}

    def root(one: str) -> str:
        while (parent := parents.get(one, one)) != one:
            one = parent
        return one

    def join(one: str, other: str) -> None:
        first, second = sorted((root(one), root(other)))
        parents[second] = parents[first] = first

    for group in (*_same_bytes(items), *_same_number(items, facts), *_same_tracking(items, facts)):
        first, *others = group
        for other in others:
            join(first, other)
    replaced = _replaced(items, facts)
    for newer, older in replaced.items():
        join(newer, older)
    return {identifier: root(identifier) for identifier in parents}, replaced


def _same_bytes(items: Sequence[Item]) -> Iterable[list[str]]:
    """Items whose lossless files have the same checksums: of sidecar fingerprints' files, or of the files themselves."""
    by_sums: dict[frozenset[str], list[str]] = defaultdict(list)
    for item in items:
        sums = [
            file.md5
            for track in item.tracks
            for file in track.files
            if file.md5 and file.format.lower().startswith(_LOSSLESS)
        ]
        if len(sums) >= 2:
            by_sums[frozenset(sums)].append(item.identifier)
    return [group for group in by_sums.values() if len(group) > 1]


def _same_number(items: Sequence[Item], facts: Mapping[str, Facts]) -> Iterable[list[str]]:
    """Items of one date with the same shnid: one transfer that was uploaded twice or repaired in place."""
    by_number: dict[tuple[str, str], list[str]] = defaultdict(list)
    for item in items:
        fact = facts[item.identifier]
        if len(fact.shnid) >= 2:
            by_number[fact.date, fact.shnid].append(item.identifier)
    return [group for group in by_number.values() if len(group) > 1]


def _same_tracking(items: Sequence[Item], facts: Mapping[str, Facts]) -> Iterable[list[str]]:
    """Items of one date and source type with as many tracks, each as long to 0.6 s: twins in 16 and 24 bit, retags."""
    by_shape: dict[tuple[str, str, int], list[tuple[str, list[int]]]] = defaultdict(list)
    for item in items:
        if len(item.tracks) < _FEWEST_TRACKS:
            continue
        lengths = [track.duration_ms or 0 for track in item.tracks]
        if 0 not in lengths:
            fact = facts[item.identifier]
            by_shape[fact.date, fact.source_type, len(lengths)].append((item.identifier, lengths))
    found: list[list[str]] = []
    for group in by_shape.values():
        group.sort(key=itemgetter(1))
        for at, (identifier, lengths) in enumerate(group):
            for other, others in islice(group, at + 1, None):
                if others[0] - lengths[0] > _TOLERANCE_MS:
                    break
                if all(abs(one - two) <= _TOLERANCE_MS for one, two in zip(lengths, others, strict=True)):
                    found.append([identifier, other])
                    break
    return found


def _replaced(items: Sequence[Item], facts: Mapping[str, Facts]) -> dict[str, str]:
    """Transfers to those they replace: by the number they name, or as the `fixed` one of two with the same number."""
    by_number: dict[str, list[str]] = defaultdict(list)
    for item in items:
        if facts[item.identifier].shnid:
            by_number[facts[item.identifier].shnid].append(item.identifier)
    found: dict[str, str] = {}
    for item in items:
        fact = facts[item.identifier]
        for number in fact.supersedes:
            older = next(
                (one for one in by_number.get(number, ()) if one != item.identifier and facts[one].date == fact.date),
                None,
            )
            if older is not None:
                found[item.identifier] = older
                break
        else:
            twins = by_number.get(fact.shnid, ())
            if len(twins) > 1 and _fixed(item.identifier):
                older = next((one for one in twins if not _fixed(one) and facts[one].date == fact.date), None)
                if older is not None:
                    found[item.identifier] = older
    for newer in list(found):
        seen = {newer}
        older = found[newer]
        while older in found:
            if older in seen:
                del found[newer]
                break
            seen.add(older)
            older = found[older]
    return found


def _fixed(identifier: str) -> bool:
    return "fix" in identifier.lower()
