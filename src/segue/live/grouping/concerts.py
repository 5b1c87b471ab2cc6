"""Recordings put into concerts: artist, date and sequence.

What people said comes first, then every recording is put on its day, every day is looked at for more than one show, and
what does not fit becomes a doubt. A recording without a known day shares a concert only with transfers of its own tape.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from segue.live.facts.artists import artist_key
from segue.live.facts.dates import when_of
from segue.live.grouping.dates import Nights
from segue.live.grouping.families import families_of
from segue.live.grouping.keys import concert_key, parts_of
from segue.live.grouping.shows import Role, Show, shows_of_day
from segue.live.grouping.songs import NONE, Songs, songs_of_recording, songs_of_setlist, united
from segue.live.grouping.venues import commonest, same_place
from segue.live.records import Concert, Doubt, Evidence, Facts, Heard, Item, Kind, Setlist

Membership = tuple[str, Role, tuple[Evidence, ...]]
Words = Mapping[str, Mapping[str, Any]]

_OF_NO_NIGHT: tuple[Kind, ...] = ("studio", "interview", "compilation")
"""Kinds whose songs need not be those of any night."""
_SEVERAL = 3
"""Recordings of one day that make it the day of a show, where no list says so."""


@dataclass(slots=True)
class Grouping:
    """Concerts in order of artist, date and sequence; and what was concluded about each recording, by identifier."""

    concerts: list[Concert] = field(default_factory=list)
    membership: dict[str, list[Membership]] = field(default_factory=dict)
    """Concerts that a recording holds, each by its key, whether all or a part of it belongs there, and why."""
    doubts: dict[str, list[Doubt]] = field(default_factory=dict)
    families: dict[str, str] = field(default_factory=dict)
    """A name for the tape that several transfers have in common; recordings without relatives are not in it."""
    supersedes: dict[str, str] = field(default_factory=dict)
    """A transfer to the one that it replaces or repairs."""
    facts: dict[str, Facts] = field(default_factory=dict)
    """The facts of recordings that people's words or the list of shows changed."""


def concerts_of(
    items: Sequence[Item],
    facts: Mapping[str, Facts],
    setlists: Sequence[Setlist],
    heard: Mapping[str, Sequence[Heard]],
    *,
    words: Words | None = None,
    before: Mapping[str, Collection[str]] | None = None,
) -> Grouping:
    """The concerts that `items` hold.

    It may be called with everything, with one artist's items or with those of some dates: a concert only depends on
    items and setlists of its own artist and date; doubts about dates need all setlists of the artist. Names of songs in
    `setlists` and `heard` are compared by `song_key`.
    `words` are people's decisions by identifier: date, artist, show_time (early, late, both), kind, and by concert key:
    venue. A recording's `with` and `apart` are lists of identifiers whose concert it belongs to or not. `before` is what
    concerts held at the last grouping (key to identifiers), so that keys stay with the greater part of their recordings.
    """
    words = words or {}
    grouping = Grouping()
    shows = _by_day(setlists)
    songs = {item.identifier: songs_of_recording(heard.get(item.identifier)) for item in items}
    nights = _nights(shows, (facts[item.identifier] for item in items))
    known = {item.identifier: _settled(item, facts[item.identifier], shows, nights, words, grouping) for item in items}
    grouping.families, grouping.supersedes = families_of(items, known)
    days: dict[tuple[str, str], list[Item]] = defaultdict(list)
    loose: list[Item] = []
    for item in items:
        fact = known[item.identifier]
        if fact.precision != "day":
            loose.append(item)
            continue
        for artist in fact.artist_keys:
            days[artist, fact.date].append(item)
    told = {identifier: str(said["show_time"]) for identifier, said in words.items() if said.get("show_time")}
    kept = _kept(before or {})
    made: list[tuple[Concert, list[Membership]]] = []
    for (artist, date), members in days.items():
        found = shows_of_day(members, known, shows.get((artist, date), ()), songs, told, grouping.doubts)
        found = _by_word(found, members, words)
        sequences = _sequences(artist, date, found, kept)
        for show, sequence in zip(found, sequences, strict=True):
            if show.members:
                made.append(_concert(artist, date, sequence, show, members, known, words))
    made.extend(_loose_concerts(loose, known, grouping.families, kept, words))
    made.sort(key=lambda one: (one[0].artist_key, one[0].date, one[0].sequence))
    for concert, memberships in made:
        grouping.concerts.append(concert)
        for identifier, (_, role, evidence) in zip(concert.recordings, memberships, strict=True):
            grouping.membership.setdefault(identifier, []).append((concert.key, role, evidence))
    _doubt_dates(items, known, setlists, songs, days, grouping, words)
    _doubt_venues(items, grouping)
    return grouping


# --- what people and lists say ---------------------------------------------------------------------------------------


def _by_day(setlists: Iterable[Setlist]) -> dict[tuple[str, str], list[Setlist]]:
    found: dict[tuple[str, str], list[Setlist]] = defaultdict(list)
    for setlist in setlists:
        when = when_of(setlist.date)
        if when.precision == "day":
            found[artist_key(setlist.artist), when.text].append(setlist)
    return found


def _nights(shows: Iterable[tuple[str, str]], facts: Iterable[Facts]) -> set[tuple[str, str]]:
    """Artists and days on which there was a show: one is listed, or several recordings are of that day."""
    counts = Counter(
        (fact.artist_keys[0], fact.date) for fact in facts if fact.precision == "day" and fact.kind == "concert"
    )
    return {day for day, count in counts.items() if count >= _SEVERAL} | set(shows)


def _settled(
    item: Item,
    fact: Facts,
    shows: Mapping[tuple[str, str], list[Setlist]],
    nights: Collection[tuple[str, str]],
    words: Words,
    grouping: Grouping,
) -> Facts:
    """`fact` as people's words and the list of shows leave it."""
    said = words.get(item.identifier, {})
    new = fact
    if artist := said.get("artist"):
        names = [str(artist)] if isinstance(artist, str) else [str(one) for one in artist]
        new = replace(new, artist_names=tuple(names), artist_keys=tuple(artist_key(name) for name in names))
    if date := said.get("date"):
        when = when_of(str(date))
        new = replace(
            new, date=when.text, precision=when.precision, evidence=(Evidence("date.person", when.text), *new.evidence),
            doubts=tuple(doubt for doubt in new.doubts if not doubt.kind.startswith("date_")),
        )  # fmt: skip
    elif new.precision in ("month", "year"):
        days = [
            one.value for one in new.evidence if one.code in ("date.metadata", "date.title") and len(one.value) == 10
        ]
        if days and any((artist, days[0]) in nights for artist in new.artist_keys):
            new = replace(
                new, date=days[0], precision="day", evidence=(*new.evidence, Evidence("date.known_show", days[0]))
            )
    if new.kind == "studio":
        listed = [show for artist in new.artist_keys for show in shows.get((artist, new.date), ())]
        if any(show.venue and item.venue and same_place(show.venue, item.venue) for show in listed):
            new = replace(new, kind="concert", evidence=(*new.evidence, Evidence("kind.known_show", new.date)))
    if kind := said.get("kind"):
        new = replace(new, kind=kind, evidence=(Evidence("kind.person", str(kind)), *new.evidence))
    if new is not fact:
        grouping.facts[item.identifier] = new
    if new.doubts:
        grouping.doubts.setdefault(item.identifier, []).extend(new.doubts)
    return new


def _by_word(shows: list[Show], members: Sequence[Item], words: Words) -> list[Show]:
    """`shows` after people's `with` and `apart`: a recording goes to the show of another, or to one of its own."""
    asked = [item.identifier for item in members if words.get(item.identifier, {}).keys() & {"with", "apart"}]
    if not asked:
        return shows
    shows = [replace(show, members=list(show.members)) for show in shows]
    for identifier in asked:
        said = words[identifier]
        together = [show for show in shows if any(one in _names(said.get("with")) for one, _, _ in show.members)]
        apart = [show for show in shows if any(one in _names(said.get("apart")) for one, _, _ in show.members)]
        if together:
            _move(shows, identifier, together[:1], "concert.with")
        elif apart:
            rest = [
                show for show in shows if show not in apart and any(one != identifier for one, _, _ in show.members)
            ]
            if not rest:
                rest = [next((show for show in shows if not show.members), Show())]
                if rest[0] not in shows:
                    shows.append(rest[0])
            _move(shows, identifier, rest[:1], "concert.apart")
    return shows


def _names(said: object) -> frozenset[str]:
    if isinstance(said, str):
        return frozenset({said})
    return frozenset(str(one) for one in said) if isinstance(said, Iterable) else frozenset()


def _move(shows: Sequence[Show], identifier: str, to: Sequence[Show], code: str) -> None:
    for show in shows:
        show.members = [member for member in show.members if member[0] != identifier]
    for show in to:
        show.members.append((identifier, "whole", (Evidence(code),)))


# --- keys ------------------------------------------------------------------------------------------------------------


def _kept(before: Mapping[str, Collection[str]]) -> dict[tuple[str, str], dict[int, frozenset[str]]]:
    found: dict[tuple[str, str], dict[int, frozenset[str]]] = defaultdict(dict)
    for key, identifiers in before.items():
        artist, date, sequence = parts_of(key)
        found[artist, date][sequence] = frozenset(identifiers)
    return found


def _sequences(
    artist: str, date: str, shows: Sequence[Show], kept: Mapping[tuple[str, str], Mapping[int, frozenset[str]]]
) -> list[int]:
    """The sequence of each show: that of the earlier concert of which it has most; else its place in time."""
    earlier = kept.get((artist, date))
    if not earlier:
        return list(range(1, len(shows) + 1))
    shared = sorted(
        (
            (-len(identifiers.intersection(one for one, _, _ in show.members)), at, sequence)
            for at, show in enumerate(shows)
            for sequence, identifiers in earlier.items()
        ),
    )
    chosen: dict[int, int] = {}
    for count, at, sequence in shared:
        if count and at not in chosen and sequence not in chosen.values():
            chosen[at] = sequence
    free = iter([number for number in range(1, len(shows) + len(earlier) + 2) if number not in chosen.values()])
    return [chosen[at] if at in chosen else next(free) for at in range(len(shows))]


# --- concerts --------------------------------------------------------------------------------------------------------


def _concert(
    artist: str, date: str, sequence: int, show: Show, items: Sequence[Item], facts: Mapping[str, Facts], words: Words
) -> tuple[Concert, list[Membership]]:
    by_name = {item.identifier: item for item in items}
    members = [by_name[identifier] for identifier, _, _ in show.members]
    key = concert_key(artist, date, sequence)
    listed = show.setlist
    said = words.get(key, {})
    venue = (
        str(said.get("venue") or "") or (listed.venue if listed else "") or commonest(item.venue for item in members)
    )
    location = _location(listed) or commonest(item.location for item in members)
    first = facts[members[0].identifier]
    concert = Concert(
        key=key,
        artist_key=artist,
        artist=_name(artist, (facts[item.identifier] for item in members), listed),
        date=date,
        precision=first.precision,
        sequence=sequence,
        show_time=show.time,
        kind=_kind([facts[item.identifier].kind for item in members]),
        recordings=tuple([item.identifier for item in members]),
        setlist=listed if listed and listed.sets else None,
        venue=venue,
        location=location,
    )
    return concert, [(key, role, evidence) for _, role, evidence in show.members]


def _loose_concerts(
    items: Sequence[Item],
    facts: Mapping[str, Facts],
    families: Mapping[str, str],
    kept: Mapping[tuple[str, str], Mapping[int, frozenset[str]]],
    words: Words,
) -> Iterable[tuple[Concert, list[Membership]]]:
    """Recordings without a known day: one concert for each tape."""
    tapes: dict[tuple[str, str], dict[str, list[Item]]] = defaultdict(lambda: defaultdict(list))
    for item in items:
        fact = facts[item.identifier]
        for artist in fact.artist_keys:
            tapes[artist, fact.date][families.get(item.identifier, item.identifier)].append(item)
    for (artist, date), by_tape in tapes.items():
        shows = [
            Show(members=[(item.identifier, "whole", ()) for item in group]) for _, group in sorted(by_tape.items())
        ]
        members = [item for group in by_tape.values() for item in group]
        for show, sequence in zip(shows, _sequences(artist, date, shows, kept), strict=True):
            yield _concert(artist, date, sequence, show, members, facts, words)


def _location(setlist: Setlist | None) -> str:
    if setlist is None:
        return ""
    return ", ".join(dict.fromkeys(part for part in (setlist.city, setlist.state or setlist.country) if part))


def _name(key: str, facts: Iterable[Facts], setlist: Setlist | None) -> str:
    if setlist is not None and artist_key(setlist.artist) == key:
        return setlist.artist
    counts = Counter(
        name for fact in facts for one, name in zip(fact.artist_keys, fact.artist_names, strict=True) if one == key
    )
    return max(counts, key=lambda name: (counts[name], name), default=key)


def _kind(kinds: Sequence[Kind]) -> Kind:
    return "concert" if "concert" in kinds else Counter(kinds).most_common(1)[0][0]


# --- doubts ----------------------------------------------------------------------------------------------------------


def _doubt_dates(
    items: Sequence[Item],
    facts: Mapping[str, Facts],
    setlists: Sequence[Setlist],
    songs: Mapping[str, Songs],
    days: Mapping[tuple[str, str], Sequence[Item]],
    grouping: Grouping,
    words: Words,
) -> None:
    nights: dict[str, Nights] = defaultdict(Nights)
    for (artist, date), lists in _by_day(setlists).items():
        nights[artist].add(date, united(songs_of_setlist(one) for one in lists))
    for item in items:
        fact, held = facts[item.identifier], songs[item.identifier]
        artist = fact.artist_keys[0]
        if not held or artist not in nights or fact.kind in _OF_NO_NIGHT or "date" in words.get(item.identifier, {}):
            continue
        listed = nights[artist].songs_on(fact.date)
        if listed is not None and len(held & listed) * 2 >= len(held):
            continue
        others = (
            united(
                songs[other.identifier]
                for other in days.get((artist, fact.date), ())
                if other.identifier != item.identifier
            )
            if fact.precision == "day"
            else NONE
        )
        said = {
            evidence.value: evidence.code
            for evidence in fact.evidence
            if evidence.code.startswith("date.") and evidence.value != fact.date
        }
        doubt = nights[artist].doubt(fact.date if fact.precision == "day" else "", held, others, said)
        if doubt is not None:
            grouping.doubts.setdefault(item.identifier, []).append(doubt)


def _doubt_venues(items: Sequence[Item], grouping: Grouping) -> None:
    by_name = {item.identifier: item for item in items}
    for concert in grouping.concerts:
        if not concert.venue:
            continue
        for identifier in concert.recordings:
            item = by_name[identifier]
            if not item.venue or same_place(item.venue, concert.venue):
                continue
            if (
                item.location
                and concert.location
                and same_place(item.location.split(",")[0], concert.location.split(",")[0])
            ):
                score = 0.3
            else:
                score = 0.7
            grouping.doubts.setdefault(identifier, []).append(
                Doubt("venue_conflict", concert.venue, score, {"stated": item.venue, "concert": concert.key})
            )
