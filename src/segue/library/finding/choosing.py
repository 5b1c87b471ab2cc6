"""From candidates to an answer: which one is meant, how sure that is, and what else may be. Pure functions.

Weights of where a file lies: a path that leads to a file of ours is as good as an id; one whose last two components are
those of a file of ours (it lay under another root, or on another system) is nearly so; a file's name alone is a hint.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from rapidfuzz import fuzz, process

from segue.library.finding.paths import folded, parts_of, shared_end
from segue.library.finding.repository import Candidate
from segue.library.finding.wanted import Found, Other, Wanted
from segue.library.found_by import title_key
from segue.match import Reason, RecordingFacts, Verdict, rank, take_apart
from segue.match.meant import either_will_do, meant, says_nobody
from segue.match.titles import alike
from segue.match.verdict import REVIEW, decided

MOST_OTHERS = 4
LEAST_NEAR = 55
"""People less alike than this (of 100) are others; `match` would say so."""
CONTRADICTED = 0.5
"""A title less alike than this contradicts an id of ours or the end of a path."""
PATH, PATH_END, FILE_NAME = 0.99, 0.94, 0.78


@dataclass(slots=True)
class Gathered:
    """What the tables gave for one text: candidates by id, files the path leads to, and names that are other spellings."""

    wanted: Wanted
    facts: RecordingFacts
    parts: tuple[str, ...] = ()
    ids: set[int] = field(default_factory=set)
    at_path: set[int] = field(default_factory=set)
    at_end: dict[int, int] = field(default_factory=dict)
    """Tracks whose whole path in their library is the end of the wanted one: how many components that is."""
    also_called: dict[int, str] = field(default_factory=dict)
    """Tracks of an artist who is known by the wanted name as well."""


def choose(gathered: Gathered, known: Mapping[int, Candidate]) -> Found | None:
    """The track that is meant and what else may be; None where nothing is worth a look."""
    wanted, facts = gathered.wanted, gathered.facts
    there: dict[int, Candidate] = {}
    for number in sorted(gathered.ids):
        if (candidate := known.get(number)) is not None:
            there.setdefault(candidate.stands_for, _called(candidate, gathered.also_called.get(number)))
    if not there:
        return None
    ordered = sorted(there.values(), key=lambda one: _preference(facts, one))
    place = _by_place(gathered, ordered)
    own = known.get(wanted.track_id) if wanted.track_id is not None else None
    if own is not None and own.stands_for in there and not _contradicts(facts, own.facts):
        place = {**place, own.stands_for: _own_id(own)}
    ranked = [(ordered[one.place], one.verdict) for one in rank(facts, [one.facts for one in ordered])]
    if place:
        ranked = _with_places(facts, ordered, place, ranked)
    if not ranked:
        return None
    best, verdict = ranked[0]
    reasons = (*verdict.reasons, Reason("missing", {}, -0.1)) if best.missing else verdict.reasons
    others = tuple(
        Other(one.stands_for, said.score, said.method, said.reasons) for one, said in ranked[1 : MOST_OTHERS + 1]
    )
    return Found(best.stands_for, verdict.score, verdict.method, reasons, verdict.is_same, others)


def nearest(facts: RecordingFacts, titled: Sequence[tuple[int, str]], most: int) -> list[int]:
    """Of (track, who it is by as shown), those whose people may be the wanted ones, at most `most`: where nobody is named,
    all of few and none of many."""
    names = folded(" ".join(name for name in facts.artists if not says_nobody(name)))
    if not names:
        return [track for track, _ in titled] if len(titled) <= most else []
    shown = [folded(people) for _, people in titled]
    near = process.extract(names, shown, scorer=fuzz.token_set_ratio, score_cutoff=LEAST_NEAR, limit=most)
    return [titled[place][0] for _, _, place in near]


def _called(candidate: Candidate, name: str | None) -> Candidate:
    if name is None:
        return candidate
    return replace(candidate, facts=replace(candidate.facts, artists=(*candidate.facts.artists, name)))


def _preference(facts: RecordingFacts, one: Candidate) -> tuple[bool, bool, int, int]:
    """What decides between tracks that are equally meant: present, on the wanted album, as long, the oldest."""
    other_album = bool(facts.album) and title_key(one.facts.album) != title_key(facts.album)
    apart = abs((facts.duration_ms or 0) - (one.facts.duration_ms or 0)) // 1_000 if facts.duration_ms else 0
    return one.missing, other_album, apart, one.stands_for


def _contradicts(facts: RecordingFacts, other: RecordingFacts) -> bool:
    if not facts.title:
        return False
    return alike(take_apart(facts.title).core, take_apart(other.title).core) < CONTRADICTED


def _own_id(candidate: Candidate) -> Verdict:
    return decided(PATH, "own_id", Reason("own_id", {"id": f"tr-{candidate.stands_for}"}, 1.0))


def _by_place(gathered: Gathered, ordered: Collection[Candidate]) -> dict[int, Verdict]:
    """What the path says of each candidate, where it says something."""
    if not gathered.parts:
        return {}
    said: dict[int, Verdict] = {}
    for one in ordered:
        shown = {"path": one.display_path}
        if one.stands_for in gathered.at_path:
            said[one.stands_for] = decided(PATH, "path", Reason("path", shown, 1.0))
            continue
        ends = max(gathered.at_end.get(one.stands_for, 0), shared_end(gathered.parts, parts_of(one.display_path)))
        if ends == 0:
            continue
        if ends == 1:
            name = {"name": one.display_path.rpartition("/")[2]}
            said[one.stands_for] = decided(FILE_NAME, "file_name", Reason("file_name", name, 0.4))
        elif _contradicts(gathered.facts, one.facts):
            said[one.stands_for] = decided(FILE_NAME, "path_end", Reason("path_end", shown, 0.4))
        else:
            score = min(PATH_END + 0.01 * (ends - 2), 0.97)
            said[one.stands_for] = decided(score, "path_end", Reason("path_end", shown, 0.9))
    return said


def _with_places(
    facts: RecordingFacts,
    ordered: Sequence[Candidate],
    place: Mapping[int, Verdict],
    ranked: Sequence[tuple[Candidate, Verdict]],
) -> list[tuple[Candidate, Verdict]]:
    """The ranking by words and ids with what the places say: the better of both for each, with all reasons."""
    by_words = {one.stands_for: verdict for one, verdict in ranked}
    joined: list[tuple[Candidate, Verdict]] = []
    for one in ordered:
        words, where = by_words.get(one.stands_for), place.get(one.stands_for)
        if words is None and where is not None and facts.title and where.method in ("path_end", "file_name"):
            said = meant(facts, one.facts)
            where = Verdict(where.decision, where.score, where.method, (*where.reasons, *said.reasons))
        if words is None or where is None:
            verdict = words or where
            if verdict is None or verdict.score < REVIEW:
                continue
        else:
            first, second = (where, words) if where.score >= words.score else (words, where)
            verdict = Verdict(first.decision, first.score, first.method, (*first.reasons, *second.reasons))
        joined.append((one, verdict))
    joined.sort(key=lambda pair: -pair[1].score)
    if len(joined) > 1 and joined[0][1].method in ("path_end", "file_name"):
        (best, verdict), (next_best, next_verdict) = joined[:2]
        level = next_verdict.method == verdict.method and next_verdict.score == verdict.score
        if level and verdict.is_same and not either_will_do(best.facts, next_best.facts):
            reason = Reason("another_as_good", {"title": next_best.facts.title, "album": next_best.facts.album}, -0.3)
            joined[0] = (best, Verdict("review", verdict.score, verdict.method, (*verdict.reasons, reason)))
    return joined
