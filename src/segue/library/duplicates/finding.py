"""Find what is there twice among a few tracks: candidates from the tables, a verdict from `match`, groups from verdicts.

The cost follows what changed: only tracks that changed since last time are compared, each with the tracks of its own artists
that are about as long, and with those that share its audio or its ids.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from segue.match import RecordingFacts, ReleaseFacts, Verdict, compare_recordings, compare_releases, take_apart
from segue.match.recordings import VETO_MS
from segue.match.titles import alike

GroupKind = Literal["copy", "appearance", "perhaps"]
LEAST_ALIKE = 0.75
"""Titles less alike than this are not even compared."""
BUCKET_MS = 5_000


@dataclass(frozen=True, slots=True)
class Candidate:
    """A track as far as comparing needs it."""

    track_id: int
    album_id: int
    facts: RecordingFacts
    release: ReleaseFacts

    @property
    def core(self) -> str:
        return take_apart(self.facts.title).core


@dataclass(frozen=True, slots=True)
class Pair:
    """Two tracks that are, or may be, one recording; `a` is the smaller id."""

    a: int
    b: int
    kind: GroupKind
    verdict: Verdict


def pairs_among(
    changed: Collection[int], known: Sequence[Candidate], refused: Collection[tuple[int, int]]
) -> list[Pair]:
    """Every pair of `known` with at least one of `changed` in it that is, or may be, one recording.

    `refused` are pairs (smaller id first) of which a person said that they are not.
    """
    by_bucket: dict[int, list[Candidate]] = defaultdict(list)
    by_sign: dict[tuple[str, Any], list[Candidate]] = defaultdict(list)
    for one in known:
        by_bucket[(one.facts.duration_ms or 0) // BUCKET_MS].append(one)
        for sign in _signs(one.facts):
            by_sign[sign].append(one)
    found: dict[tuple[int, int], Pair] = {}
    wanted = set(changed)
    for one in known:
        if one.track_id not in wanted:
            continue
        for other in _near(one, by_bucket, by_sign):
            key = (min(one.track_id, other.track_id), max(one.track_id, other.track_id))
            if key in found or one.track_id == other.track_id or key in refused or _elsewhere(one, other):
                continue
            first, second = (one, other) if one.track_id < other.track_id else (other, one)
            verdict = compare_recordings(first.facts, second.facts)
            if verdict.decision != "different":
                found[key] = Pair(*key, _kind(first, second, verdict), verdict)
    return [found[key] for key in sorted(found)]


def components(pairs: Iterable[Pair]) -> list[tuple[GroupKind, dict[int, Pair]]]:
    """The groups that pairs of one kind make together: each track with the surest pair it is in.

    A pair of doubt within what is surely one recording is left out.
    """
    pairs = list(pairs)
    groups: list[tuple[GroupKind, dict[int, Pair]]] = []
    sure: dict[int, int] = {}
    for kind in ("copy", "appearance", "perhaps"):
        parent: dict[int, int] = {}

        def root(number: int, parent: dict[int, int] = parent) -> int:
            while parent.setdefault(number, number) != number:
                parent[number] = parent[parent[number]]
                number = parent[number]
            return number

        of_kind = [pair for pair in pairs if pair.kind == kind]
        if kind == "perhaps":
            of_kind = [pair for pair in of_kind if sure.get(pair.a, -1) != sure.get(pair.b, -2)]
        for pair in of_kind:
            parent[root(pair.a)] = root(pair.b)
        members: dict[int, dict[int, Pair]] = defaultdict(dict)
        for pair in sorted(of_kind, key=lambda pair: pair.verdict.score):
            for track in (pair.a, pair.b):
                members[root(track)][track] = pair
        groups += [(kind, dict(sorted(group.items()))) for _, group in sorted(members.items())]
        if kind != "perhaps":
            sure |= {track: root(track) for track in parent}
    return groups


def _near(
    one: Candidate, by_bucket: dict[int, list[Candidate]], by_sign: dict[tuple[str, Any], list[Candidate]]
) -> Iterable[Candidate]:
    for sign in _signs(one.facts):
        yield from by_sign[sign]
    bucket = (one.facts.duration_ms or 0) // BUCKET_MS
    reach = -(-VETO_MS // BUCKET_MS)
    for number in range(bucket - reach, bucket + reach + 1):
        for other in by_bucket.get(number, ()):
            if alike(one.core, other.core) >= LEAST_ALIKE:
                yield other


def _signs(facts: RecordingFacts) -> Iterable[tuple[str, Any]]:
    if facts.audio_hash is not None:
        yield "hash", facts.audio_hash
    if facts.audio_key is not None:
        yield "key", facts.audio_key
    if facts.musicbrainz_id is not None:
        yield "mbid", facts.musicbrainz_id
    for code in facts.isrcs:
        yield "isrc", code


def _elsewhere(a: Candidate, b: Candidate) -> bool:
    """Two places of one album are two tracks, also where both hold the same silence."""
    here, there = (a.facts.disc or 1, a.facts.position), (b.facts.disc or 1, b.facts.position)
    return a.album_id == b.album_id and None not in (here[1], there[1]) and here != there


def _kind(a: Candidate, b: Candidate, verdict: Verdict) -> GroupKind:
    if verdict.decision == "review":
        return "perhaps"
    same_release = a.album_id == b.album_id or compare_releases(a.release, b.release).decision == "same"
    return "copy" if same_release else "appearance"
