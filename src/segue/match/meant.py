"""Which of some tracks does a text mean? For rows of playlists, plays that were reported, and whatever else says in words
what somebody has as a file.

It is asked otherwise than whether two recordings are one: what says least decides. A text often has no length and no album,
and an id in it that none of the tracks has is no proof that none is meant, as one recording often has several ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from segue.match.people import name_core, names_alike
from segue.match.recordings import MARGIN, SURE_MS, RecordingFacts, compare_recordings
from segue.match.titles import alike, take_apart
from segue.match.verdict import REVIEW, SAME, Reason, Verdict, decided

NAMES_ONE_TRACK = frozenset(
    {
        "spotify:track", "deezer:track", "discogs:track", "apple:song", "tidal:track", "youtube:video", "bandcamp:track",
        "soundcloud:track", "lastfm:track", "beatport:track", "qobuz:track", "musicbrainz:track",
    }
)  # fmt: skip
"""Namespaces in which one value names one recording. A work, a concert or an AcoustID's cluster names several."""
NOBODY = frozenset({"various artists", "various", "va", "v a", "unknown artist", "unknown", "diverse", "sampler"})
"""Names that say nothing about who something is by."""
WITHOUT_LENGTH = 0.92
"""The score of the same title by the same people where the text has no length: sure, if nothing else is as good."""
OTHER_ID = 0.89
"""At the most, where both have a MusicBrainz id and they differ, unless title, people, length and album all agree."""


class Ranked(NamedTuple):
    """A candidate by its place among those that were given, and what speaks for and against it."""

    place: int
    verdict: Verdict


def says_nobody(name: str) -> bool:
    """Whether a name stands for nobody in particular (`Various Artists`)."""
    return name_core(name) in NOBODY


def meant(wanted: RecordingFacts, candidate: RecordingFacts) -> Verdict:
    """Whether the text `wanted` means `candidate`. Not symmetric: what `wanted` leaves out speaks against nothing."""
    return _meant(_as_evidence(wanted), candidate)


def _as_evidence(wanted: RecordingFacts) -> RecordingFacts:
    """What of a text is evidence: names that say nobody, and ids that name several tracks, are none."""
    people = tuple(name for name in wanted.artists if not says_nobody(name))
    ids = frozenset(pair for pair in wanted.external_ids if pair[0] in NAMES_ONE_TRACK)
    if people == wanted.artists and ids == wanted.external_ids:
        return wanted
    return replace(wanted, artists=people, external_ids=ids)


def _meant(wanted: RecordingFacts, candidate: RecordingFacts) -> Verdict:
    if wanted.musicbrainz_id and candidate.musicbrainz_id not in (None, wanted.musicbrainz_id):
        return _under_another_id(wanted, candidate)
    verdict = compare_recordings(wanted, candidate)
    if verdict.decision == "same" or verdict.method != "text":
        return verdict
    if acoustid := sorted(wanted.acoustids & candidate.acoustids):
        return _by_acoustid(wanted, candidate, verdict, acoustid[0])
    if wanted.duration_ms and candidate.duration_ms:
        return verdict
    return _without_length(wanted, candidate, verdict)


def rank(wanted: RecordingFacts, candidates: Sequence[RecordingFacts]) -> list[Ranked]:
    """The candidates that are worth a look, the likeliest first; equal ones in the order they were given.

    The first is `same` only where nothing else that is another recording comes as near as MARGIN: one recording on an
    album and on a collection is two candidates, and either will do.
    """
    wanted = _as_evidence(wanted)
    ranked = [Ranked(place, _meant(wanted, candidate)) for place, candidate in enumerate(candidates)]
    ranked = sorted(
        (one for one in ranked if one.verdict.score >= REVIEW), key=lambda one: (-one.verdict.score, one.place)
    )
    if len(ranked) > 1 and ranked[0].verdict.is_same and ranked[0].verdict.method in ("text", "acoustid"):
        best = candidates[ranked[0].place]
        for other in ranked[1:]:
            if ranked[0].verdict.score - other.verdict.score >= MARGIN:
                break
            if not either_will_do(best, candidates[other.place]):
                ranked[0] = Ranked(ranked[0].place, _not_alone(ranked[0].verdict, best, candidates[other.place]))
                break
    return ranked


def _without_length(wanted: RecordingFacts, candidate: RecordingFacts, verdict: Verdict) -> Verdict:
    """The same title and people are enough without a length; anything less is for a person to look at."""
    codes = {reason.code for reason in verdict.reasons}
    vetoes = {"versions_differ", "version_details_differ", "version_unsaid", "other_title", "other_artist"}
    if "same_title" not in codes or not codes & {"same_artist", "shared_artist"} or codes & vetoes:
        return verdict
    score = WITHOUT_LENGTH + (0.03 if "same_album" in codes else 0.0) + (0.02 if "same_place" in codes else 0.0)
    if "other_place" in codes:
        score = SAME
    return Verdict("same", score, "text", (*verdict.reasons, Reason("length_unknown", {}, -0.1)))


def _under_another_id(wanted: RecordingFacts, candidate: RecordingFacts) -> Verdict:
    """One recording has several ids before they are merged, and services name the one they like best."""
    verdict = _meant(replace(wanted, musicbrainz_id=None), candidate)
    first, second = sorted((str(wanted.musicbrainz_id), str(candidate.musicbrainz_id)))
    reasons = (*verdict.reasons, Reason("other_musicbrainz_id", {"a": first, "b": second}, -0.3))
    codes = {reason.code for reason in verdict.reasons}
    whole = {"same_title", "same_length"} <= codes and bool(codes & {"same_artist", "shared_artist"})
    if verdict.method != "text" or (whole and "same_album" in codes):
        return Verdict(verdict.decision, verdict.score, verdict.method, reasons)
    return decided(min(verdict.score, OTHER_ID), "text", *reasons)


def _by_acoustid(wanted: RecordingFacts, candidate: RecordingFacts, verdict: Verdict, acoustid: str) -> Verdict:
    """An AcoustID stands for recordings that sound alike, so the length and a title that is not another must agree."""
    title = alike(take_apart(wanted.title).core, take_apart(candidate.title).core)
    near = wanted.duration_ms and candidate.duration_ms and abs(wanted.duration_ms - candidate.duration_ms) <= SURE_MS
    versions = any(reason.code.startswith("version") for reason in verdict.reasons)
    if not near or title < 0.6 or versions:
        return verdict
    return decided(0.95, "acoustid", Reason("acoustid", {"id": acoustid}, 0.8), *verdict.reasons)


def either_will_do(a: RecordingFacts, b: RecordingFacts) -> bool:
    """Whether two candidates are one recording as far as a listener can tell, so that choosing the other is no mistake."""
    ours, theirs = take_apart(a.title), take_apart(b.title)
    if ours.core != theirs.core or ours.hard != theirs.hard:
        return False
    if a.duration_ms and b.duration_ms and abs(a.duration_ms - b.duration_ms) > SURE_MS:
        return False
    return names_alike(a.artists, b.artists)[0] >= 0.8


def _not_alone(verdict: Verdict, best: RecordingFacts, other: RecordingFacts) -> Verdict:
    reason = Reason("another_as_good", {"title": other.title, "album": other.album}, -0.3)
    return Verdict("review", verdict.score, verdict.method, (*verdict.reasons, reason))
