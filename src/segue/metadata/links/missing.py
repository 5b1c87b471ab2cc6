"""An album beside its release in the catalogue: which tracks are on both, which are lacking, which are on ours alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from segue.library.finding.facts import KnownTrack
from segue.match import Reason, meant, take_apart
from segue.match.verdict import REVIEW, SAME
from segue.metadata.links.choosing import TrackCandidate

MOST_COMPARED = 40
"""Tracks of either side beyond which only those are compared that share a title or a place."""


@dataclass(frozen=True, slots=True)
class Line:
    """One track. `theirs` and `ours` are places in what was compared; `state` is have, lack or extra, and a `have` that is not
    `sure` is for a person to look at."""

    state: str
    theirs: int | None
    ours: int | None
    sure: bool = True
    score: float | None = None
    reasons: tuple[Reason, ...] = ()


def beside(ours: Sequence[KnownTrack], links: Mapping[int, str | None], theirs: Sequence[TrackCandidate]) -> list[Line]:
    """Every track of both sides once: in the release's order, then what is on ours alone. `links` say by track of ours what
    it is in the catalogue."""
    pairs: dict[int, tuple[int, bool, float | None, tuple[Reason, ...]]] = {}
    taken: set[int] = set()
    place_of = {one.value: place for place, one in enumerate(theirs)}
    for mine, track in enumerate(ours):
        value = links.get(track.id)
        at = place_of.get(value) if value is not None else None
        if at is not None and at not in pairs:
            verdict = meant(track.facts, theirs[at].facts)
            pairs[at] = (mine, True, max(verdict.score, SAME), verdict.reasons)
            taken.add(mine)
    compared = []
    for mine, at in _worth_comparing(ours, theirs, taken, pairs):
        verdict = meant(ours[mine].facts, theirs[at].facts)
        if verdict.score >= REVIEW:
            compared.append((-verdict.score, at, mine, verdict))
    for _, at, mine, verdict in sorted(compared, key=lambda one: one[:3]):
        if at not in pairs and mine not in taken:
            pairs[at] = (mine, verdict.is_same, verdict.score, verdict.reasons)
            taken.add(mine)
    lines = []
    for at in range(len(theirs)):
        if at in pairs:
            mine, sure, score, reasons = pairs[at]
            lines.append(Line("have", at, mine, sure, score, reasons))
        else:
            lines.append(Line("lack", at, None))
    return lines + [Line("extra", None, mine) for mine in range(len(ours)) if mine not in taken]


def _worth_comparing(
    ours: Sequence[KnownTrack], theirs: Sequence[TrackCandidate], taken: set[int], pairs: Mapping[int, object]
) -> list[tuple[int, int]]:
    mine = [place for place in range(len(ours)) if place not in taken]
    left = [place for place in range(len(theirs)) if place not in pairs]
    if len(mine) <= MOST_COMPARED and len(left) <= MOST_COMPARED:
        return [(one, at) for one in mine for at in left]
    by_title: dict[str, list[int]] = defaultdict(list)
    by_place: dict[tuple[int, int], list[int]] = defaultdict(list)
    for at in left:
        facts = theirs[at].facts
        by_title[take_apart(facts.title).core].append(at)
        by_place[facts.disc or 1, facts.position or 0].append(at)
    found = set()
    for one in mine:
        facts = ours[one].facts
        here = by_place[facts.disc or 1, facts.position or 0]
        found |= {(one, at) for at in (*by_title[take_apart(facts.title).core], *here)}
    return sorted(found)
