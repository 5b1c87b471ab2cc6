"""Which row of the catalogue is it? Pure functions: facts and candidates in, a choice with its reasons out.

The one matcher compares (`segue.match`); here is only what linking adds: of candidates that are one recording the one on the
album's own release is taken, releases that cannot be told apart are no doubt, and a release whose tracks are all of the
album's is that release, whatever its date says.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from segue.match import (
    ArtistFacts,
    Ranked,
    Reason,
    RecordingFacts,
    ReleaseFacts,
    Verdict,
    compare_artists,
    compare_releases,
    rank,
    take_apart,
)
from segue.match.meant import either_will_do
from segue.match.recordings import MARGIN
from segue.match.verdict import REVIEW, SAME

MOST_OTHERS = 4
_WEIGHTS = {"external_id": 0, "musicbrainz_id": 0, "isrc": 1}
SAME_TRACKS_SCORE = 0.93
"""Of a release with all of an album's tracks and no other, where title and artist agree and the rest leaves a doubt."""


@dataclass(frozen=True, slots=True)
class TrackCandidate:
    """A track of the catalogue: its id there, its album's, and its facts."""

    value: str
    album: str
    facts: RecordingFacts


@dataclass(frozen=True, slots=True)
class AlbumCandidate:
    value: str
    facts: ReleaseFacts
    rank: int = 0


@dataclass(frozen=True, slots=True)
class ArtistCandidate:
    value: str
    facts: ArtistFacts


@dataclass(frozen=True, slots=True)
class Choice:
    """What was found: `state` is linked, review or none; `value` the id in the catalogue; reasons as they are stored."""

    state: str
    value: str | None = None
    score: float | None = None
    method: str | None = None
    reasons: tuple[Reason, ...] = ()
    others: tuple[tuple[str, float], ...] = ()

    @property
    def is_linked(self) -> bool:
        return self.state == "linked"

    def as_row(self) -> dict[str, Any]:
        """As it is kept, see `metadata.models.CatalogLink`."""
        return {
            "state": self.state,
            "value": self.value,
            "score": self.score,
            "method": self.method,
            "reasons": [[one.code, one.params, one.weight] for one in self.reasons] or None,
            "others": [list(one) for one in self.others] or None,
        }


NOTHING = Choice("none")


def choose_track(
    wanted: RecordingFacts,
    candidates: Sequence[TrackCandidate],
    *,
    album: str | None = None,
    refused: Collection[str] = (),
) -> Choice:
    """Which track it is. `album` is the release that its album was found to be: of several that are the same recording,
    the one on it is taken."""
    some = sorted((one for one in candidates if one.value not in refused), key=lambda one: one.album != album)
    ranked = sorted(rank(wanted, [one.facts for one in some]), key=_by_ids_first)
    if not ranked:
        return NOTHING
    best = ranked[0]
    if album is not None and some[best.place].album != album and best.verdict.method != "external_id":
        here = next((one for one in ranked if some[one.place].album == album and one.verdict.is_same), None)
        if here is not None and either_will_do(some[best.place].facts, some[here.place].facts):
            best = here
    others = [(some[one.place].value, one.verdict.score) for one in ranked if one is not best]
    return _choice(some[best.place].value, best.verdict, others)


def choose_album(
    wanted: ReleaseFacts, candidates: Sequence[AlbumCandidate], *, refused: Collection[str] = ()
) -> Choice:
    """Which release it is; candidates come with the likeliest first where nothing else tells them apart."""
    compared = [(compare_releases(wanted, one.facts), place) for place, one in enumerate(candidates)]
    compared = [pair for pair in compared if candidates[pair[1]].value not in refused and pair[0].score >= REVIEW]
    if not compared:
        return NOTHING
    compared.sort(key=lambda pair: (-pair[0].score, pair[1]))
    verdict, place = compared[0]
    if verdict.is_same and verdict.method == "text":
        for other, its_place in compared[1:]:
            if verdict.score - other.score >= MARGIN:
                break
            if not _as_good_as(candidates[place].facts, candidates[its_place].facts):
                title = candidates[its_place].facts.title
                doubt = Reason("another_as_good", {"title": title, "album": title}, -0.3)
                verdict = Verdict("review", verdict.score, verdict.method, (*verdict.reasons, doubt))
                break
    others = [(candidates[at].value, other.score) for other, at in compared if at != place]
    return _choice(candidates[place].value, verdict, others)


def with_tracks(choice: Choice, found: int, ours: int, theirs: int) -> Choice:
    """`choice` of an album, now that `found` of its own tracks are known to be on a release that has `theirs`."""
    if choice.state != "review" or not ours or found < ours or theirs != ours:
        return choice
    reasons = (*choice.reasons, Reason("same_tracks", {"count": found}, 0.8))
    return replace(choice, state="linked", score=max(choice.score or 0.0, SAME_TRACKS_SCORE), reasons=reasons)


def choose_artist(
    wanted: ArtistFacts, candidates: Sequence[ArtistCandidate], *, refused: Collection[str] = ()
) -> Choice:
    """Which artist it is: never by the name alone."""
    compared = [(compare_artists(wanted, one.facts), one.value) for one in candidates if one.value not in refused]
    compared = sorted((pair for pair in compared if pair[0].score >= REVIEW), key=lambda pair: -pair[0].score)
    if not compared:
        return NOTHING
    (verdict, value), rest = compared[0], compared[1:]
    if verdict.is_same and rest and verdict.score - rest[0][0].score < MARGIN and rest[0][0].is_same:
        doubt = Reason("another_as_good", {"title": wanted.name, "album": ""}, -0.3)
        verdict = Verdict("review", verdict.score, verdict.method, (*verdict.reasons, doubt))
    return _choice(value, verdict, [(its_value, one.score) for one, its_value in rest])


def _by_ids_first(one: Ranked) -> int:
    """An id of its own outweighs a code that recordings share, and both all words, which may agree by chance."""
    return _WEIGHTS.get(one.verdict.method, 2) if one.verdict.is_same else 2


def _as_good_as(a: ReleaseFacts, b: ReleaseFacts) -> bool:
    """Whether two releases cannot be told apart by what is known of them, so that either will do."""
    ours, theirs = take_apart(a.title), take_apart(b.title)
    same_words = ours.core == theirs.core and ours.hard == theirs.hard and ours.soft == theirs.soft
    return same_words and a.track_count == b.track_count


def _choice(value: str, verdict: Verdict, others: Sequence[tuple[str, float]]) -> Choice:
    if verdict.score < REVIEW:
        return NOTHING
    state = "linked" if verdict.is_same and verdict.score >= SAME else "review"
    return Choice(state, value, verdict.score, verdict.method, verdict.reasons, tuple(others[:MOST_OTHERS]))
