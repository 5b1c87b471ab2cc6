"""Is this the same artist? Never by name alone: two bands share a name. An id, or a name and something they made."""

from __future__ import annotations

from dataclasses import dataclass

from segue.match.people import name_core
from segue.match.titles import alike, take_apart
from segue.match.verdict import Reason, Verdict, decided


@dataclass(frozen=True, slots=True)
class ArtistFacts:
    """What is known of an artist: the name and its other spellings, ids, and titles of what they made."""

    name: str
    aliases: tuple[str, ...] = ()
    musicbrainz_id: str | None = None
    external_ids: frozenset[tuple[str, str]] = frozenset()
    titles: tuple[str, ...] = ()


def compare_artists(a: ArtistFacts, b: ArtistFacts) -> Verdict:
    """Whether `a` and `b` are the same person or group; symmetric in the two."""
    if a.musicbrainz_id and b.musicbrainz_id:
        if a.musicbrainz_id == b.musicbrainz_id:
            return decided(0.99, "musicbrainz_id", Reason("musicbrainz_id", {"id": a.musicbrainz_id}, 1.0))
        first, second = sorted((a.musicbrainz_id, b.musicbrainz_id))
        return decided(0.0, "musicbrainz_id", Reason("other_musicbrainz_id", {"a": first, "b": second}, -1.0))
    if shared := sorted(a.external_ids & b.external_ids):
        namespace, value = shared[0]
        return decided(0.98, "external_id", Reason("external_id", {"namespace": namespace, "value": value}, 1.0))
    ours = {name_core(name): name for name in (a.name, *a.aliases) if name}
    theirs = {name_core(name): name for name in (b.name, *b.aliases) if name}
    common = sorted(ours.keys() & theirs.keys())
    if common:
        reason, score = Reason("same_alias", {"name": ours[common[0]]}, 0.6), 0.78
    else:
        near = max((alike(x, y) for x in ours for y in theirs), default=0.0)
        reason = Reason("alike_artist" if near >= 0.9 else "other_artist", {"a": a.name, "b": b.name}, near * 2 - 1)
        score = near * 0.78 if near >= 0.9 else near * 0.5
    made = sorted({take_apart(t).core for t in a.titles} & {take_apart(t).core for t in b.titles})
    if made and score >= 0.70:
        return decided(min(0.96, score + 0.15), "common_work", reason, Reason("common_work", {"title": made[0]}, 0.6))
    if common:
        return decided(score, "text", reason, Reason("name_alone", {}, -0.2))
    return decided(score, "text", reason)
