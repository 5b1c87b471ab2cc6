"""Is this the same release? An id or a barcode with the same number of tracks; else title, artist, year and tracks."""

from __future__ import annotations

from dataclasses import dataclass

from segue.match.people import names_alike
from segue.match.titles import alike, take_apart
from segue.match.verdict import Reason, Verdict, decided


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """What is known of a release. Empty means unknown."""

    title: str
    artists: tuple[str, ...] = ()
    year: int | None = None
    track_count: int | None = None
    barcode: str | None = None
    musicbrainz_id: str | None = None
    external_ids: frozenset[tuple[str, str]] = frozenset()


def compare_releases(a: ReleaseFacts, b: ReleaseFacts) -> Verdict:
    """Whether `a` and `b` are the same release; symmetric in the two."""
    counts_differ = a.track_count and b.track_count and a.track_count != b.track_count
    counts = Reason("track_counts_differ", {"a": a.track_count, "b": b.track_count}, -0.6)
    if a.musicbrainz_id and b.musicbrainz_id:
        if a.musicbrainz_id == b.musicbrainz_id:
            return decided(0.99, "musicbrainz_id", Reason("musicbrainz_id", {"id": a.musicbrainz_id}, 1.0))
        first, second = sorted((a.musicbrainz_id, b.musicbrainz_id))
        return decided(0.0, "musicbrainz_id", Reason("other_musicbrainz_id", {"a": first, "b": second}, -1.0))
    if shared := sorted(a.external_ids & b.external_ids):
        namespace, value = shared[0]
        return decided(0.98, "external_id", Reason("external_id", {"namespace": namespace, "value": value}, 1.0))
    ours, theirs = gtin(a.barcode), gtin(b.barcode)
    if ours is not None and ours == theirs:
        same = Reason("barcode", {"barcode": a.barcode}, 1.0)
        return decided(0.80, "barcode", same, counts) if counts_differ else decided(0.97, "barcode", same)
    first_title, second_title = take_apart(a.title), take_apart(b.title)
    reasons: list[Reason] = []
    title = alike(first_title.core, second_title.core)
    if title == 1.0:
        reasons.append(Reason("same_title", {"title": a.title}, 1.0))
    else:
        code = "alike_title" if title >= 0.6 else "other_title"
        reasons.append(Reason(code, {"a": a.title, "b": b.title}, title * 2 - 1))
    total, weights = 3 * title, 3.0
    person, who = names_alike(a.artists, b.artists)
    if who is not None:
        total, weights = total + 3 * person, weights + 3
        reasons.append(who)
    if a.year and b.year:
        near = max(0.0, 1 - abs(a.year - b.year) / 5)
        total, weights = total + near, weights + 1
        code = "same_year" if a.year == b.year else "other_year"
        params = {"year": a.year} if a.year == b.year else {"a": a.year, "b": b.year}
        reasons.append(Reason(code, params, near - 0.5))
    if a.track_count and b.track_count:
        near = 1.0 if not counts_differ else 0.3
        total, weights = total + 2 * near, weights + 2
        if counts_differ:
            reasons.append(counts)
    score = total / weights
    if first_title.hard != second_title.hard or (first_title.soft ^ second_title.soft) & {"edition"}:
        score = min(score, 0.74 if first_title.hard != second_title.hard else 0.85)
        versions = [", ".join(sorted(t.hard | t.soft)) or "the plain version" for t in (first_title, second_title)]
        reasons.append(Reason("versions_differ", dict(zip("ab", sorted(versions), strict=True)), -0.6))
    if title < 0.6 or (who is not None and person < 0.5):
        score = min(score, 0.5)
    return decided(score, "text", *reasons)


def gtin(barcode: str | None) -> int | None:
    """A barcode as a number, so that one with leading zeros is the same as one without; None where it is none."""
    digits = "".join(char for char in barcode or "" if char.isdigit())
    return int(digits) if 8 <= len(digits) <= 14 and int(digits) else None
