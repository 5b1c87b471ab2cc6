"""One artist's day: is it one show or several, and which of them does each recording hold?

Only evidence splits a day: several shows on the list of shows, markers (early and late) on both sides, or two sets of
recordings that have no song and no venue in common. Which show a recording holds is said, in this order, by people, by
its identifier, by its songs where the lists tell the shows apart. Venues and titles name one of two shows of a night even
for recordings of both (10 of 14 times on the real data), so they only propose: such a recording, and one about which
nothing is said, is kept with both, which is shown as a doubt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from segue.live.grouping.songs import NONE, Songs, held_of, share_in, songs_of_setlist, united
from segue.live.grouping.venues import same_place, venue_words
from segue.live.records import Doubt, Evidence, Facts, Item, Setlist, ShowTime

Role = Literal["whole", "part"]

_MOST = 0.6
"""Share of a recording's songs from which it is of the one show whose list is known."""
_FEW = 0.3
"""Share below which it is of another show."""
_HOLDS = 0.3
"""Share of what only one of the shows has, from which a recording holds that show."""
_WELL_HELD = 0.5
"""Share of the one known show that a recording with other songs as well must have to hold both shows."""
_TRACES = 0.12
"""Share up to which the other show's songs are taken for mistakes of titles."""
_VENUE_RIGHT = 0.3
"""How often a venue that names one show is right where nothing else is said."""
_ENOUGH = 6
"""Songs that two groups of recordings must each have before their being different splits a day."""


@dataclass(slots=True)
class Show:
    """One of the shows of a day, in order of time, and the recordings that hold it or a part of it."""

    time: ShowTime | None = None
    setlist: Setlist | None = None
    songs: Songs = NONE
    venue: str = ""
    members: list[tuple[str, Role, tuple[Evidence, ...]]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Mark:
    """What a recording says about which show it is: early, late or both, and who says so."""

    said: str
    by: str


def shows_of_day(
    items: Sequence[Item],
    facts: Mapping[str, Facts],
    setlists: Sequence[Setlist],
    songs: Mapping[str, Songs],
    told: Mapping[str, str],
    doubts: dict[str, list[Doubt]],
) -> list[Show]:
    """The shows of one artist on one day with their recordings; shows without recordings are among them.

    `told` are people's words about early, late or both, by identifier. Doubts are added to `doubts`.
    """
    shows = _listed(setlists)
    marks = {item.identifier: _mark(facts[item.identifier], told.get(item.identifier)) for item in items}
    if len(shows) < 2:
        shows = _by_marks(shows, marks) or _by_songs(shows, items, facts, songs) or shows or [Show()]
    if len(shows) == 1:
        (only,) = shows
        said = {mark.said for mark in marks.values() if mark and mark.by != "venue"}
        if only.time is None and len(said) == 1 and (time := _time(said.pop())):
            only.time = time
        only.members = [(item.identifier, "whole", ()) for item in items]
        return shows
    for item in items:
        _place(item, facts[item.identifier], marks[item.identifier], shows, songs.get(item.identifier, NONE), doubts)
    return shows


def _listed(setlists: Sequence[Setlist]) -> list[Show]:
    """The shows that lists name; two lists of one show (same time and place, or the same songs) are one."""
    shows: list[Show] = []
    for setlist in setlists:
        songs = songs_of_setlist(setlist)
        same = next((show for show in shows if _is_same(show, setlist, songs)), None)
        if same is None:
            shows.append(Show(setlist.show_time, setlist, songs, setlist.venue))
        elif len(songs) > len(same.songs):
            same.setlist, same.songs = setlist, songs
    order = {"early": 0, None: 1, "late": 2}
    shows.sort(key=lambda show: order[show.time])
    return shows


def _is_same(show: Show, setlist: Setlist, songs: Songs) -> bool:
    if show.time != setlist.show_time and show.time and setlist.show_time:
        return False
    assert show.setlist is not None
    if show.setlist.source != setlist.source and (not songs or not show.songs or share_in(songs, show.songs) >= _MOST):
        return True
    if show.time or setlist.show_time:
        return show.time == setlist.show_time
    return same_place(show.venue, setlist.venue)


def _mark(facts: Facts, told: str | None) -> Mark | None:
    if told:
        return Mark(told, "person")
    for evidence in facts.evidence:
        if evidence.code.startswith("show_time."):
            return Mark(evidence.value, evidence.code.removeprefix("show_time."))
    return None


def _time(said: str) -> ShowTime | None:
    return "early" if said == "early" else "late" if said == "late" else None


def _by_marks(shows: Sequence[Show], marks: Mapping[str, Mark | None]) -> list[Show]:
    """Two shows where recordings are marked early and others late; nothing where only one of the words is used."""
    said = {mark.said for mark in marks.values() if mark}
    if not ({"early", "late"} <= said or ("both" in said and len(said) > 1)):
        return []
    known = shows[0] if shows else None
    pair = [Show("early"), Show("late")]
    if known is not None:
        at = 1 if known.time == "late" else 0
        if known.time is None:
            return pair
        pair[at] = known
    return pair


def _by_songs(
    shows: Sequence[Show], items: Sequence[Item], facts: Mapping[str, Facts], songs: Mapping[str, Songs]
) -> list[Show]:
    """Two shows where whole recordings fall into two groups with neither a song nor a venue in common and no list says
    otherwise; one set each of one show would look alike, so recordings that say they are partial are not asked."""
    if shows and shows[0].songs:
        return []
    groups: list[tuple[Songs, frozenset[str]]] = []
    for item in items:
        held = songs.get(item.identifier, NONE)
        if facts[item.identifier].partial or len(held) < _ENOUGH or not (place := venue_words(item.venue)):
            continue
        joined = [group for group in groups if group[0] & held or group[1] & place]
        groups = [group for group in groups if group not in joined]
        groups.append((united([held, *(group[0] for group in joined)]), place.union(*(group[1] for group in joined))))
    if len(groups) != 2:
        return []
    return [Show(None, None, held, " ".join(sorted(place))) for held, place in groups]


def _place(
    item: Item, fact: Facts, mark: Mark | None, shows: Sequence[Show], songs: Songs, doubts: dict[str, list[Doubt]]
) -> None:
    """Put one recording with the show or the shows that it holds."""
    by_songs, why = _held(shows, songs)
    if mark and mark.by in ("person", "identifier"):
        chosen = _marked(shows, mark)
        if chosen:
            if by_songs and not any(show in chosen for show in by_songs) and mark.by != "person":
                _doubt(item, shows, by_songs, doubts)
            _join(item, chosen, [Evidence(f"show_time.{mark.by}", mark.said)])
            return
    if by_songs:
        _join(item, by_songs, [Evidence("show_time.setlist", value) for value in why])
        return
    there = [show for show in shows if show.venue and same_place(show.venue, item.venue)]
    if there and len(there) < len(shows):
        _join(item, there, [Evidence("show_time.place", item.venue)])
        return
    said = mark.said if mark and mark.said != "both" else ""
    if not mark or said:
        doubt = Doubt(
            "show_time_uncertain", said, _VENUE_RIGHT if said else 0.0, {"shows": len(shows), "date": fact.date}
        )
        doubts.setdefault(item.identifier, []).append(doubt)
    _join(item, shows, [Evidence("show_time.venue", mark.said) if mark else Evidence("show_time.unknown")])


def _marked(shows: Sequence[Show], mark: Mark) -> list[Show]:
    if mark.said == "both":
        return list(shows)
    found = [show for show in shows if show.time == mark.said]
    if found:
        return found
    if mark.said in ("early", "late") and all(show.time is None for show in shows):
        return [shows[0 if mark.said == "early" else -1]]
    return []


def _held(shows: Sequence[Show], songs: Songs) -> tuple[list[Show], list[str]]:
    """The shows whose songs the recording holds, and how much of each; none where the songs do not tell."""
    if not songs:
        return [], []
    known = [show for show in shows if show.songs]
    if not known:
        return [], []
    if len(known) < len(shows):
        if len(known) > 1:
            return [], []
        (one,) = known
        share = share_in(songs, one.songs)
        if share >= _MOST:
            return [one], [f"{share:.2f}"]
        others = [show for show in shows if show is not one]
        if held_of(one.songs, songs) >= _WELL_HELD and len(songs - one.songs) >= 2:
            return list(shows), [f"{held_of(one.songs, songs):.2f}"]
        if share < _FEW and len(songs) >= 3 and len(others) == 1:
            return others, [f"{share:.2f}"]
        return [], []
    held: list[Show] = []
    traces = 0
    shares: list[str] = []
    for show in known:
        own = show.songs.difference(*(other.songs for other in known if other is not show))
        share = held_of(own, songs)
        if len(own & songs) >= 2 and (share >= _HOLDS or len(own & songs) >= 4):
            held.append(show)
            shares.append(f"{share:.2f}")
        elif share > _TRACES:
            traces += 1
    if held and not traces:
        return held, shares
    if not held:
        best = [show for show in known if songs <= show.songs]
        if len(best) == 1:
            return best, ["1.00"]
    return [], []


def _join(item: Item, shows: Sequence[Show], evidence: Sequence[Evidence]) -> None:
    role: Role = "whole" if len(shows) == 1 else "part"
    for show in shows:
        show.members.append((item.identifier, role, tuple(evidence)))


def _doubt(item: Item, shows: Sequence[Show], by_songs: Sequence[Show], doubts: dict[str, list[Doubt]]) -> None:
    show = by_songs[0]
    doubts.setdefault(item.identifier, []).append(
        Doubt("show_time_uncertain", show.time or str(shows.index(show) + 1), 0.5, {"by": "setlist"})
    )
