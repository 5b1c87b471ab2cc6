"""The whole way from recordings and setlists to concerts in order, without a database: what every page says, and why.

Facts of each recording, the songs of each artist, what its tracks are, which concerts there are, and which recording of
each is the one to hear. The mirror does the same in steps; this does it at once and keeps every reason.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from segue.live.facts import Bands, artist_key, facts_of
from segue.live.facts.artists import FEWEST_ITEMS, prefixes_of
from segue.live.facts.dates import when_of, when_of_identifier
from segue.live.grouping import Grouping, concerts_of
from segue.live.ranking import USUAL, Weights, rank
from segue.live.records import Concert, Doubt, Facts, Heard, Item, Ranked, Setlist
from segue.live.titles import Night, Vocabulary, heard_of

_ON_DAYS = 0.6
"""Of the recordings whose identifiers begin alike, how many must be of days on which a band had shows to be its own."""


@dataclass(slots=True)
class Explained:
    """Everything that was concluded, by identifier or by a concert's key."""

    items: dict[str, Item]
    facts: dict[str, Facts]
    heard: dict[str, list[Heard]]
    grouping: Grouping
    concerts: dict[str, Concert]
    """By key; recordings best first."""
    ranked: dict[str, list[Ranked]]
    """By the concert's key."""
    places: dict[str, list[tuple[str, Ranked]]] = field(default_factory=dict)
    """By identifier: the concerts it is in with its place there, that of which it holds most first."""


def explain(
    items: Iterable[Item],
    setlists: Sequence[Setlist] = (),
    *,
    words: Mapping[str, Mapping[str, Any]] | None = None,
    weights: Weights = USUAL,
    pinned: Mapping[str, str] | None = None,
) -> Explained:
    """Concerts and their recordings in order. `words` are people's decisions as `grouping.concerts_of` takes them,
    `pinned` the recording that a person wants first, by the concert's key."""
    by_name = {item.identifier: item for item in items}
    everything = list(by_name.values())
    bands = _bands(everything, setlists)
    facts = {item.identifier: facts_of(item, bands=bands) for item in everything}
    by_artist = _by_artist(setlists)
    nights = _nights(by_artist)
    vocabularies = _vocabularies(everything, facts, by_artist, nights)
    heard: dict[str, list[Heard]] = {}
    for item in everything:
        fact = facts[item.identifier]
        artist = fact.artist_keys[0]
        heard[item.identifier] = heard_of(item, vocabularies[artist], setlist=nights.get((artist, fact.date)))
    settled = [
        vocabularies[artist].settled(setlist) if artist in vocabularies else setlist
        for artist, lists in by_artist.items()
        for setlist in lists
    ]
    grouping = concerts_of(everything, facts, settled, heard, words=words)
    facts.update(grouping.facts)
    means = _means(everything, facts)
    explained = Explained(by_name, facts, heard, grouping, {}, {})
    for concert in grouping.concerts:
        ranked = rank(
            [by_name[identifier] for identifier in concert.recordings], facts, heard, concert.setlist,
            weights=weights, mean_rating=means.get(concert.artist_key), supersedes=grouping.supersedes,
            doubts=grouping.doubts, pinned=(pinned or {}).get(concert.key),
        )  # fmt: skip
        explained.ranked[concert.key] = ranked
        explained.concerts[concert.key] = replace(concert, recordings=tuple([one.identifier for one in ranked]))
        for one in ranked:
            explained.places.setdefault(one.identifier, []).append((concert.key, one))
    for places in explained.places.values():
        if len(places) > 1:
            places.sort(key=lambda place: (-(place[1].completeness or 0.0), place[1].rank))
    return explained


def line_of(explained: Explained, identifier: str) -> dict[str, Any]:
    """What was concluded about one recording, for a machine.

    `concerts` names every concert it holds, the one of which it holds most first; `completeness`, `rank` and `terms` are
    of that one, `places` has them for each.
    """
    fact = explained.facts[identifier]
    places = explained.places.get(identifier, [])
    membership = {key: role for key, role, _ in explained.grouping.membership.get(identifier, ())}
    first = places[0] if places else None
    concert = explained.concerts[first[0]] if first else None
    return {
        "identifier": identifier,
        "artist": concert.artist if concert else fact.artist_names[0],
        "date": fact.date or None,
        "precision": fact.precision,
        "sequence": concert.sequence if concert else 1,
        "concerts": [key for key, _ in places],
        "kind": fact.kind,
        "source_type": fact.source_type,
        "songs": [
            {"raw": one.raw, "song": one.song, "kind": one.kind, "segue": one.segue} for one in explained.heard[identifier]
        ],
        "completeness": first[1].completeness if first else None,
        "rank": first[1].rank if first else None,
        "terms": [
            {"code": term.code, "value": round(term.value, 4), "weight": term.weight, "params": dict(term.params)}
            for term in (first[1].terms if first else ())
        ],
        "doubts": [_doubt(doubt) for doubt in explained.grouping.doubts.get(identifier, ())],
        "places": [
            {"concert": key, "role": membership.get(key), "rank": one.rank, "score": one.score, "completeness": one.completeness}
            for key, one in places
        ],
        "family": explained.grouping.families.get(identifier),
        "supersedes": explained.grouping.supersedes.get(identifier),
    }  # fmt: skip


def lines(explained: Explained) -> Iterator[dict[str, Any]]:
    """`line_of` for every recording, in the order in which they were given."""
    return (line_of(explained, identifier) for identifier in explained.items)


def _doubt(doubt: Doubt) -> dict[str, Any]:
    return {"kind": doubt.kind, "proposal": doubt.proposal, "score": doubt.score, "params": dict(doubt.params)}


# --- what is known together ------------------------------------------------------------------------------------------


def _bands(items: Sequence[Item], setlists: Sequence[Setlist]) -> Bands:
    """What the items tell about bands, spelled as setlists spell them.

    Identifiers that begin with what no title explains are of the band that had shows on the days that they name.
    """
    learnt = Bands.learn(items)
    aliases = {artist_key(name): name for name in dict.fromkeys(setlist.artist for setlist in setlists) if name}
    prefixes = {prefix: aliases.get(artist_key(name), name) for prefix, name in learnt.prefixes.items()}
    collections = {one: aliases.get(artist_key(name), name) for one, name in learnt.collections.items()}
    days: dict[str, set[str]] = defaultdict(set)
    for setlist in setlists:
        days[setlist.artist].add(setlist.date)
    unknown: dict[str, list[str]] = defaultdict(list)
    for item in items:
        found = prefixes_of(item.identifier)
        if len(found) == 1 and found[0] not in prefixes and not item.creators and not item.title:
            unknown[found[0]].append(when_of_identifier(item.identifier).text)
    for prefix, dates in unknown.items():
        counts = sorted(((sum(date in shows for date in dates), name) for name, shows in days.items()), reverse=True)
        if len(dates) < FEWEST_ITEMS or not counts or counts[0][0] < _ON_DAYS * len(dates):
            continue
        if len(counts) < 2 or counts[1][0] * 2 <= counts[0][0]:
            prefixes[prefix] = counts[0][1]
    return replace(learnt, aliases={**learnt.aliases, **aliases}, prefixes=prefixes, collections=collections)


def _by_artist(setlists: Sequence[Setlist]) -> dict[str, list[Setlist]]:
    found: dict[str, list[Setlist]] = defaultdict(list)
    for setlist in setlists:
        found[artist_key(setlist.artist)].append(setlist)
    return found


def _nights(by_artist: Mapping[str, Sequence[Setlist]]) -> dict[tuple[str, str], Setlist]:
    """All that was played by an artist on a day, be it in one show or in several."""
    found: dict[tuple[str, str], Setlist] = {}
    for artist, lists in by_artist.items():
        for setlist in lists:
            day = when_of(setlist.date)
            if day.precision != "day" or not setlist.sets:
                continue
            before = found.get((artist, day.text))
            found[artist, day.text] = replace(before, sets=before.sets + setlist.sets) if before else setlist
    return found


def _vocabularies(
    items: Sequence[Item],
    facts: Mapping[str, Facts],
    by_artist: Mapping[str, Sequence[Setlist]],
    nights: Mapping[tuple[str, str], Setlist],
) -> dict[str, Vocabulary]:
    of: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        of[facts[item.identifier].artist_keys[0]].append(item)
    found: dict[str, Vocabulary] = {}
    for artist, recordings in of.items():
        lists = by_artist.get(artist, ())
        titles = [[track.title for track in item.tracks] for item in recordings]
        known = [
            Night(names, setlist)
            for item, names in zip(recordings, titles, strict=True)
            if (setlist := nights.get((artist, facts[item.identifier].date))) is not None
        ]
        found[artist] = Vocabulary.learn(lists, titles, nights=known)
    return found


def _means(items: Sequence[Item], facts: Mapping[str, Facts]) -> dict[str, float]:
    """Each artist's mean rating over all that was voted."""
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for item in items:
        if item.rating and item.review_count > 0:
            both = sums[facts[item.identifier].artist_keys[0]]
            both[0] += item.rating * item.review_count
            both[1] += item.review_count
    return {artist: total / votes for artist, (total, votes) in sums.items()}
