"""Recordings of one concert in order, best first, with the reasons."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from segue.live.ranking.completeness import Asked, Completeness, asked_of, completeness_of
from segue.live.ranking.weights import USUAL, Weights
from segue.live.records import Doubt, Facts, Heard, Item, Ranked, Setlist, Term
from segue.live.titles import consensus

_PLAYABLE = re.compile(
    r"flac|mp3|vorbis|ogg|opus|shorten|shn|aac|m4a|mpeg|alac|apple lossless|wav|aiff?\b", re.IGNORECASE
)
_SECTOR_ERRORS = re.compile(r"sbefail|sbe[-_. ]?fail", re.IGNORECASE)
_NEUTRAL_MEAN = 4.0
"""The mean of ratings where an artist has none: people who rate live recordings are kind."""


def rank(
    concert_items: Sequence[Item],
    facts: Mapping[str, Facts],
    heard: Mapping[str, Sequence[Heard]],
    setlist: Setlist | None,
    *,
    weights: Weights = USUAL,
    mean_rating: float | None = None,
    supersedes: Mapping[str, str] | None = None,
    doubts: Mapping[str, Sequence[Doubt]] | None = None,
    pinned: str | None = None,
) -> list[Ranked]:
    """The recordings of a concert, best first; those that come out even keep the order of their identifiers.

    Facts, what was heard and doubts are looked up by identifier. `setlist` has the names of the vocabulary
    (`Vocabulary.settled`). Without a setlist recordings are compared with what most of them hold. `mean_rating` is the
    artist's mean, 1 to 5. `supersedes` gives of a transfer the one that it replaces.
    """
    known = bool(setlist and setlist.songs)
    asked = (
        asked_of([song.name for song in setlist.songs], weights)
        if setlist and known
        else _agreed(concert_items, heard, weights)
    )
    full = {
        item.identifier: completeness_of(heard.get(item.identifier, ()), asked, weights=weights)
        for item in concert_items
    }
    behind = _behind(full, weights)
    mean = mean_rating if mean_rating is not None else _mean(concert_items)
    here = {item.identifier for item in concert_items}
    replaced = {old: new for new, old in (supersedes or {}).items() if new in here and old in here}
    found: list[tuple[float, Item, Completeness | None, list[Term]]] = []
    for item in concert_items:
        identifier = item.identifier
        fact, complete = facts[identifier], full[identifier]
        terms = [
            _completeness_term(complete, known, weights),
            _source_term(fact, weights),
            _rating_term(item, mean, weights),
            *_people_term(item, fact, weights),
            Term(
                "newest", 0.0 if identifier in replaced else 1.0, weights.newest,
                {"by": replaced[identifier]} if identifier in replaced else {},
            ),
            _titles_term(heard.get(identifier, ()), weights),
            *_faults(item, fact, complete, identifier in behind, (doubts or {}).get(identifier, ()), weights),
        ]  # fmt: skip
        if identifier == pinned:
            terms.append(Term("pinned", 1.0, weights.pinned))
        found.append((sum([term.value * term.weight for term in terms]), item, complete, terms))
    found.sort(key=lambda one: (-round(one[0], 9), one[1].identifier))
    return [
        Ranked(
            item.identifier, place, round(score, 4), complete.share if known and complete else None, tuple(terms),
            complete.missing if known and complete else (),
        )
        for place, (score, item, complete, terms) in enumerate(found, 1)
    ]  # fmt: skip


def _agreed(items: Sequence[Item], heard: Mapping[str, Sequence[Heard]], weights: Weights) -> Asked:
    """What most of the recordings hold; nothing for one alone."""
    sets = consensus([heard.get(item.identifier, ()) for item in items]) if len(items) > 1 else ()
    return asked_of([song.name for one in sets for song in one.songs], weights)


def _behind(full: Mapping[str, Completeness | None], weights: Weights) -> set[str]:
    """Recordings that are not complete where another is: by what they hold of the songs, of the times that songs were
    played and with cuts counted, whichever of these somebody reaches. Where nobody is complete, those far behind the fullest.
    """
    known = {identifier: one for identifier, one in full.items() if one is not None and one.share is not None}
    if not known:
        return set()
    reached = {
        identifier: (one.songs >= weights.gate) + (one.times >= weights.gate) + ((one.share or 0) >= weights.gate)
        for identifier, one in known.items()
    }
    most = max(reached.values())
    if most:
        return {identifier for identifier in full if reached.get(identifier, 0) < most}
    lowest = max(one.share or 0 for one in known.values()) - weights.slack
    return {identifier for identifier in full if identifier not in known or (known[identifier].share or 0) < lowest}


def _mean(items: Sequence[Item]) -> float:
    votes = sum(item.review_count for item in items if item.rating)
    if not votes:
        return _NEUTRAL_MEAN
    return sum(item.rating * item.review_count for item in items if item.rating) / votes


# --- terms -----------------------------------------------------------------------------------------------------------


def _completeness_term(complete: Completeness | None, known: bool, weights: Weights) -> Term:
    code = "completeness" if known else "completeness_among"
    if complete is None:
        return Term("completeness_unknown", 0.5, weights.completeness)
    if complete.share is None:
        return Term("completeness_unknown", 0.5, weights.completeness, {"titles": False})
    params: dict[str, Any] = {"share": round(complete.share, 4), "missing": len(complete.missing)}
    if complete.cut:
        params["cut"] = list(complete.cut)
    return Term(code, complete.share, weights.completeness, params)


def _source_term(fact: Facts, weights: Weights) -> Term:
    order = weights.source_order
    place = order.index(fact.source_type) if fact.source_type in order else len(order)
    return Term("source_type", 1 - place / max(len(order), 1), weights.source_type, {"type": fact.source_type})


def _rating_term(item: Item, mean: float, weights: Weights) -> Term:
    """The Bayesian mean: as if `rating_prior` people had given the artist's mean beforehand."""
    votes = max(item.review_count, 0) if item.rating else 0
    stars = (weights.rating_prior * mean + votes * (item.rating or 0.0)) / max(weights.rating_prior + votes, 1e-9)
    value = min(max((stars - 1) / 4, 0.0), 1.0)
    return Term("rating", value, weights.rating, {"stars": round(stars, 3), "reviews": votes})


def _people_term(item: Item, fact: Facts, weights: Weights) -> list[Term]:
    if not weights.preferred_people:
        return []
    said = " / ".join((fact.taper or item.taper, fact.transferrer or item.transferrer)).casefold()
    for place, name in enumerate(weights.preferred_people):
        if name and name.casefold() in said:
            value = 1 - place / (2 * len(weights.preferred_people))
            return [Term("people", value, weights.people, {"name": name})]
    return [Term("people", 0.0, weights.people)]


def _titles_term(heard: Sequence[Heard], weights: Weights) -> Term:
    known = sum([one.kind != "unknown" for one in heard])
    value = known / len(heard) if heard else 0.0
    return Term("titles", value, weights.titles, {"known": known, "of": len(heard)})


def _faults(
    item: Item,
    fact: Facts,
    complete: Completeness | None,
    behind: bool,
    doubts: Sequence[Doubt],
    weights: Weights,
) -> list[Term]:
    share = complete.share if complete else None
    found: list[Term] = []
    if behind:
        found.append(Term("incomplete", 1.0, -weights.incomplete, {"gate": weights.gate}))
    if fact.partial and (share is None or share < weights.gate):
        found.append(Term("partial", 1.0, -weights.partial))
    if _SECTOR_ERRORS.search(item.identifier):
        found.append(Term("sector_errors", 1.0, -weights.sector_errors))
    suspect = next((doubt for doubt in (*doubts, *fact.doubts) if doubt.kind == "date_suspect"), None)
    if suspect:
        found.append(Term("date_suspect", 1.0, -weights.date_suspect, {"proposal": suspect.proposal}))
    if fact.formats and not any(_PLAYABLE.search(one) for one in fact.formats):
        found.append(Term("unplayable", 1.0, -weights.unplayable))
    return found
