"""From what was loaded to concerts with their recordings in order: the pure pipeline over rows, nothing is written here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from segue.live import grouping, ranking, titles
from segue.live.facts import artist_key
from segue.live.mirror.loading import Loaded, Wanted, sets_of
from segue.live.mirror.unheard import unheard
from segue.live.records import Concert, Doubt, Heard, Item, Ranked, Setlist, SetlistSet

PRIOR = 5
"""Ratings that a recording is thought to have had already, at its artist's mean: few stars do not make a best tape."""
USUAL_MEAN = 4.2
"""Mean of stars of the archive's recordings (4.26 over 10,146 rated ones), where an artist has too few to tell."""


@dataclass(slots=True)
class Concluded:
    """One concert with what is kept of it."""

    concert: Concert
    artist_id: int
    ranked: list[Ranked]
    roles: Mapping[str, tuple[str, list[list[Any]]]]
    """By identifier: the role and its evidence."""
    sets: tuple[SetlistSet, ...] = ()
    setlist_source: str = ""
    rating: float = 0.0
    tour: str = ""
    pinned: str | None = None


@dataclass(slots=True)
class Conclusion:
    """All concerts of what was loaded, and what was found about single recordings by identifier."""

    concerts: list[Concluded] = field(default_factory=list)
    doubts: dict[str, list[Doubt]] = field(default_factory=dict)
    families: dict[str, str] = field(default_factory=dict)
    heard: dict[str, list[Heard]] = field(default_factory=dict)
    dates: dict[int, set[str]] = field(default_factory=dict)
    """Of each artist, the dates that recordings of theirs were put on."""

    def elsewhere(self, wanted: Wanted) -> dict[int, set[str]]:
        """Dates that recordings were put on which were not wanted: what else there is of those must be known first."""
        found = {
            artist: days - dates for artist, days in self.dates.items() if (dates := wanted.get(artist)) is not None
        }
        return {artist: days for artist, days in found.items() if days}


def conclude(loaded: Loaded, wanted: Wanted, weights: ranking.Weights = ranking.USUAL) -> Conclusion:
    """Group and rank what was loaded. Only concerts of wanted artists and dates come back."""
    heard, setlists = _heard(loaded)
    keyed = {artist.id: artist.key for artist in loaded.artists.values()}
    names = {row.id: row.identifier for row in loaded.recordings.values()}
    keys = {number: _key(keyed[row.artist_id], row.date, row.sequence) for number, row in loaded.concerts.items()}
    words: dict[str, dict[str, Any]] = dict(loaded.words)
    for number, row in loaded.concerts.items():
        if row.uid in loaded.words:
            words[keys[number]] = loaded.words[row.uid]
    before = {
        keys[number]: [names[one] for one in held if one in names] for number, held in loaded.held.items() if held
    }
    found = grouping.concerts_of(list(loaded.items.values()), loaded.facts, setlists, heard, words=words, before=before)
    conclusion = Conclusion(families=found.families, heard=heard)
    for identifier in loaded.facts:
        if doubts := found.doubts.get(identifier):
            conclusion.doubts[identifier] = list(doubts)
    pins = {keys[number]: names.get(recording) for number, recording in loaded.pins.items()}
    means = _means(loaded)
    silent = unheard(loaded.setlists, found.concerts, loaded.by_key, wanted)
    for concert in (*found.concerts, *silent):
        artist_id = loaded.by_key.get(concert.artist_key)
        if artist_id is None or artist_id not in wanted:
            continue
        dates = wanted[artist_id]
        if concert.recordings:
            conclusion.dates.setdefault(artist_id, set()).add(concert.date)
        if dates is not None and concert.date not in dates:
            continue
        roles: dict[str, tuple[str, list[list[Any]]]] = {
            identifier: (role, [[one.code, one.value, one.weight] for one in evidence])
            for identifier in concert.recordings
            for key, role, evidence in found.membership.get(identifier, ())
            if key == concert.key
        }
        mean = means.get(artist_id, loaded.artists[artist_id].mean_rating or USUAL_MEAN)
        conclusion.concerts.append(
            _ranked(
                concert,
                artist_id,
                loaded,
                heard,
                found,
                roles,
                mean,
                pins.get(concert.key),
                words.get(concert.key, {}),
                weights,
            )
        )
    return conclusion


def _key(artist: str, date: str, sequence: int) -> str:
    return grouping.concert_key(artist, date, sequence)


def _ranked(
    concert: Concert,
    artist_id: int,
    loaded: Loaded,
    heard: Mapping[str, Sequence[Heard]],
    found: grouping.Grouping,
    roles: Mapping[str, tuple[str, list[list[Any]]]],
    mean: float,
    pinned: str | None,
    words: Mapping[str, Any],
    weights: ranking.Weights,
) -> Concluded:
    items = [loaded.items[name] for name in concert.recordings if name in loaded.items]
    setlist, source = concert.setlist, ""
    if setlist is not None and setlist.sets:
        source = setlist.source or "reference"
    if "setlist" in words:
        sets = sets_of(words["setlist"])
        setlist = replace(setlist or Setlist(concert.artist, concert.date), sets=sets, source="person")
        source = "person"
    if not source:
        agreed = titles.consensus([heard[item.identifier] for item in items if heard.get(item.identifier)])
        if agreed:
            setlist = replace(setlist or Setlist(concert.artist, concert.date), sets=agreed, source="consensus")
            source = "consensus"
    if "venue" in words and isinstance(words["venue"], str):
        concert = replace(concert, venue=words["venue"])
    if "kind" in words:
        concert = replace(concert, kind=words["kind"])
    names = {item.identifier for item in items}
    facts = {name: loaded.facts[name] for name in names}
    ranked = ranking.rank(
        items,
        facts,
        {name: heard.get(name, ()) for name in names},
        setlist if setlist is not None and setlist.sets else None,
        weights=weights,
        mean_rating=mean,
        supersedes={new: old for new, old in found.supersedes.items() if new in names},
        doubts={name: found.doubts[name] for name in names if name in found.doubts},
        pinned=pinned,
    ) if items else []  # fmt: skip
    return Concluded(
        concert, artist_id, ranked, roles,
        sets=setlist.sets if setlist is not None else (), setlist_source=source,
        rating=max((_bayes(item, mean) for item in items if item.review_count and item.rating), default=0.0),
        tour=str(words.get("tour", "")), pinned=pinned,
    )  # fmt: skip


def _bayes(item: Item, mean: float) -> float:
    """A recording's rating, drawn to `mean` as if `PRIOR` people had given that."""
    count = item.review_count
    return (PRIOR * mean + count * (item.rating or 0.0)) / (PRIOR + count)


def _means(loaded: Loaded) -> dict[int, float]:
    """The mean of stars of each artist with at least `PRIOR` ratings here."""
    sums: dict[int, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for row in loaded.recordings.values():
        if row.artist_id is not None and row.rating and row.review_count:
            sums[row.artist_id][0] += row.rating * row.review_count
            sums[row.artist_id][1] += row.review_count
    return {artist: total / count for artist, (total, count) in sums.items() if count >= PRIOR}


def _heard(loaded: Loaded) -> tuple[dict[str, list[Heard]], list[Setlist]]:
    """What the tracks of recordings are called and mean, of those whose details are known; and the setlists with every song
    by its usual name."""
    by_artist: dict[str, list[Item]] = defaultdict(list)
    for name, item in loaded.items.items():
        if item.tracks and loaded.facts[name].artist_keys:
            by_artist[loaded.facts[name].artist_keys[0]].append(item)
    said: dict[str, list[Setlist]] = defaultdict(list)
    for setlist in loaded.setlists:
        said[artist_key(setlist.artist)].append(setlist)
    heard: dict[str, list[Heard]] = {}
    setlists: list[Setlist] = []
    for key in {**by_artist, **said}:
        items, lists = by_artist.get(key, []), said.get(key, [])
        shows: dict[str, list[Setlist]] = defaultdict(list)
        for setlist in lists:
            if setlist.sets:
                shows[setlist.date].append(setlist)
        of_day = {date: here[0] for date, here in shows.items() if len(here) == 1}
        spoken = [[track.title for track in item.tracks] for item in items]
        days = [of_day.get(loaded.facts[item.identifier].date) for item in items]
        vocabulary = titles.Vocabulary.learn(
            lists,
            spoken,
            nights=[titles.Night(words, day) for words, day in zip(spoken, days, strict=True) if day is not None],
            aliases=loaded.titles.get(key),
            songs=loaded.songs.get(key),
        )
        for item, day in zip(items, days, strict=True):
            heard[item.identifier] = titles.heard_of(item, vocabulary, setlist=day)
        setlists += [vocabulary.settled(setlist) for setlist in lists]
    return heard, setlists
