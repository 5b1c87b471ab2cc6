"""What a rule would do: for each concert, in order, the recording to have and what that takes, within a budget.

Pure. Nothing is done here and nothing is asked: whoever applies a plan has shown it before. What a person fetched counts as
there, costs the rule nothing, and is never replaced.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from segue.live.downloads.formats import is_called

Action = Literal["fetch", "replace", "there", "coming", "no_room", "none"]
Reason = tuple[str, dict[str, Any]]
BETTER_BY = 0.03
"""How much higher a recording's score has to be than that of one that is here, to be fetched in its place: less is a matter
of a few ratings, and would have the same night fetched again every month."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a rule asks for; see `LiveRule`."""

    sources: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    prefer: Literal["rank", "source"] = "rank"
    completeness: float | None = None
    unknown_complete: bool = True
    budget_bytes: int | None = None
    keep_current: bool = True
    better: Literal["replace", "add"] = "replace"


@dataclass(frozen=True, slots=True)
class Copy:
    """A recording that is here or on its way. `by` is rule (this one) or hand (a person, another rule, a tape)."""

    by: Literal["rule", "hand"]
    state: Literal["here", "coming"]
    bytes: int
    download: int | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A recording of a concert. `bytes` is what fetching it takes, `exact` whether that is known file by file or is the whole
    item's size, which is more. `gave_up`: why the rule does not try it any more, removed (a person took it away) or failed."""

    recording: int
    identifier: str
    source: str
    formats: tuple[str, ...]
    rank: int
    score: float
    completeness: float | None
    bytes: int | None
    exact: bool = False
    detailed: bool = True
    """Its tracks and files are known. Where they are not, its formats are unknown, and it may have any."""
    partial: bool = False
    stream_only: bool = False
    status: str = "there"
    pinned: bool = False
    supersedes: frozenset[int] = frozenset()
    """Recordings of which it is a later transfer."""
    copy: Copy | None = None
    gave_up: Literal["", "removed", "failed"] = ""


@dataclass(frozen=True, slots=True)
class Night:
    """A concert with its recordings."""

    concert: int
    uid: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """What happens for one concert. `bytes` is what it adds to the budget, `used` the sum after it; `passed_over` are
    recordings that stand before the chosen one and why each of them was not taken."""

    night: Night
    action: Action
    chosen: Candidate | None = None
    replaces: Candidate | None = None
    bytes: int = 0
    exact: bool = True
    used: int = 0
    reasons: tuple[Reason, ...] = ()
    passed_over: tuple[tuple[Candidate, str], ...] = ()


@dataclass(slots=True)
class Plan:
    """The steps in order and their sums, in bytes."""

    steps: list[Step] = field(default_factory=list)
    budget: int | None = None
    kept: int = 0
    """What the rule keeps already, or is fetching."""
    used: int = 0
    """The same after the plan."""
    to_fetch: int = 0

    @property
    def counts(self) -> dict[str, int]:
        found: dict[str, int] = {"fetch": 0, "replace": 0, "there": 0, "coming": 0, "no_room": 0, "none": 0}
        for step in self.steps:
            found[step.action] += 1
        return found

    @property
    def over(self) -> int:
        """By how much what is kept is over the budget: it was larger once. Nothing is taken away for that."""
        return max(0, self.kept - self.budget) if self.budget is not None else 0


def plan(nights: Iterable[Night], wish: Wish, *, kept_elsewhere: int = 0) -> Plan:
    """What to do for each night, in order. `kept_elsewhere` are bytes that the rule keeps of concerts that it does not ask
    for any more: they stay, and count."""
    listed = list(nights)
    made = Plan(budget=wish.budget_bytes)
    copies = {
        one.copy.download: one.copy.bytes
        for night in listed
        for one in night.candidates
        if one.copy is not None and one.copy.by == "rule"
    }
    made.kept = made.used = kept_elsewhere + sum(copies.values())
    taken: set[int] = set()
    for night in listed:
        step = _step(night, wish, made.used, taken)
        made.used = step.used
        if step.action in ("fetch", "replace") and step.chosen is not None:
            taken.add(step.chosen.recording)
            made.to_fetch += step.chosen.bytes or 0
        made.steps.append(step)
    return made


def why_not(one: Candidate, wish: Wish) -> str | None:
    """Why a rule may not take this recording: a code, or None where it may."""
    if wish.sources and one.source not in wish.sources:
        return "source"
    if one.status != "there" and one.copy is None:
        return one.status
    if one.stream_only and one.copy is None:
        return "stream_only"
    if wish.formats and one.copy is None and one.detailed and _format_place(one, wish) is None:
        return "format"
    if wish.completeness is not None:
        if one.completeness is None:
            if one.partial:
                return "partial"
            if not wish.unknown_complete:
                return "completeness_unknown"
        elif one.completeness < wish.completeness:
            return "incomplete"
    if one.copy is None and one.gave_up:
        return one.gave_up
    return None


def _step(night: Night, wish: Wish, used: int, taken: set[int]) -> Step:
    ordered = sorted(night.candidates, key=lambda one: _order(one, wish))
    refused = {one.recording: why for one in ordered if (why := why_not(one, wish)) is not None}
    fitting = [one for one in ordered if one.recording not in refused]
    if not fitting:
        return Step(
            night, "none", used=used, reasons=_none_because(night, refused), passed_over=_told(ordered, refused)
        )
    best = fitting[0]
    passed = _told(ordered[: ordered.index(best)], refused)
    if best.copy is not None:
        return _there(night, best, used, passed)
    if best.recording in taken:
        return Step(night, "coming", best, used=used, reasons=(("holds_another_night_too", {}),), passed_over=passed)
    here = next((one for one in fitting if one.copy is not None), None)
    replaces: Candidate | None = None
    reasons: list[Reason] = []
    if here is not None and here.copy is not None:
        if not wish.keep_current:
            return _there(night, here, used, passed, ("good_enough", {}))
        better = _better(best, here, wish)
        if better is None:
            return _there(night, here, used, passed, ("hardly_better", {"by": round(best.score - here.score, 3)}))
        if here.copy.by == "hand" and wish.better == "replace":
            return _there(night, here, used, passed, ("fetched_by_hand", {"better": best.identifier}))
        if here.copy.state == "coming":
            return _there(night, here, used, passed, ("wait_for_it", {"better": best.identifier}))
        reasons.append(better)
        replaces = here if wish.better == "replace" else None
    elif here is None and wish.better == "replace":
        replaces = next((one for one in ordered if _is_own(one) and one.recording in refused), None)
        if replaces is not None:
            reasons.append(("fits_no_more", {"identifier": replaces.identifier, "why": refused[replaces.recording]}))
    return _fetch(night, fitting, replaces, wish, used, passed, reasons)


def _fetch(
    night: Night,
    fitting: Sequence[Candidate],
    replaces: Candidate | None,
    wish: Wish,
    used: int,
    passed: tuple[tuple[Candidate, str], ...],
    reasons: list[Reason],
) -> Step:
    """Fetch the best that there is room for. A better one in place of another is fetched or not, never a second choice."""
    freed = replaces.copy.bytes if replaces is not None and replaces.copy is not None else 0
    beside = any(one.copy is not None for one in fitting)
    tried: list[tuple[Candidate, str]] = []
    for one in fitting[:1] if beside else fitting:
        if one.copy is not None:
            continue
        size = one.bytes or 0
        if wish.budget_bytes is None or used + size - freed <= wish.budget_bytes:
            if tried:
                reasons.append(("fits", {"instead_of": tried[0][0].identifier}))
            action: Action = "replace" if replaces is not None else "fetch"
            if one.bytes is None:
                reasons.append(("size_unknown", {}))
            if not one.detailed and (wish.formats or wish.completeness is not None):
                reasons.append(("details_unknown", {}))
            return Step(
                night, action, one, replaces, size - freed, one.exact, used + size - freed, tuple(reasons), (*passed, *tried)
            )  # fmt: skip
        tried.append((one, "no_room"))
    first = fitting[0]
    room = max(0, (wish.budget_bytes or 0) - used)
    reasons.append(("no_room", {"needs": (first.bytes or 0) - freed, "left": room}))
    return Step(night, "no_room", first, replaces, 0, first.exact, used, tuple(reasons), passed)


def _there(
    night: Night, one: Candidate, used: int, passed: tuple[tuple[Candidate, str], ...], *reasons: Reason
) -> Step:
    assert one.copy is not None
    said = (*reasons, ("by_hand", {})) if one.copy.by == "hand" and not reasons else reasons
    action: Action = "there" if one.copy.state == "here" else "coming"
    return Step(night, action, one, used=used, reasons=said, passed_over=passed)


def _is_own(one: Candidate) -> bool:
    """Whether this rule fetched it, and it is here."""
    return one.copy is not None and one.copy.by == "rule" and one.copy.state == "here"


def _better(one: Candidate, here: Candidate, wish: Wish) -> Reason | None:
    """Why `one` is worth fetching although `here` is here; None where it is not."""
    if one.pinned and not here.pinned:
        return "pinned", {}
    if here.recording in one.supersedes:
        return "supersedes", {"identifier": here.identifier}
    if wish.prefer == "source" and _source_place(one, wish) < _source_place(here, wish):
        return "better_source", {"source": one.source, "than": here.source}
    if one.score - here.score >= BETTER_BY:
        return "better", {"by": round(one.score - here.score, 3)}
    return None


def _order(one: Candidate, wish: Wish) -> tuple[Any, ...]:
    """The best first: what a person pinned, the preferred source where that decides, the preferred format, the rank."""
    source = _source_place(one, wish) if wish.prefer == "source" else 0
    place = _format_place(one, wish)
    if place is None:
        place = len(wish.formats) if one.detailed else 0
    return not one.pinned, source, place, one.rank, one.identifier


def _source_place(one: Candidate, wish: Wish) -> int:
    return wish.sources.index(one.source) if one.source in wish.sources else len(wish.sources)


def _format_place(one: Candidate, wish: Wish) -> int | None:
    """The place of the best format that a recording has in the order asked for; None where it has none of them."""
    for place, wanted in enumerate(wish.formats):
        if any(is_called(format, wanted) for format in one.formats):
            return place
    return None


def _told(ordered: Iterable[Candidate], refused: dict[int, str]) -> tuple[tuple[Candidate, str], ...]:
    return tuple((one, refused[one.recording]) for one in ordered if one.recording in refused)


def _none_because(night: Night, refused: dict[int, str]) -> tuple[Reason, ...]:
    if not night.candidates:
        return (("no_recordings", {}),)
    counts: dict[str, int] = {}
    for why in refused.values():
        counts[why] = counts.get(why, 0) + 1
    return tuple((why, {"count": count}) for why, count in sorted(counts.items(), key=lambda one: -one[1]))
