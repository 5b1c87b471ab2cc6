"""Dates that the songs contradict: little of a recording fits the show of its date, nearly all fits another one.

A person decides; nothing is moved by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from segue.live.grouping.songs import Songs, held_of, share_in
from segue.live.records import Doubt

STATED_BELOW = 0.35
"""Share of the recording's songs that the show of the stated date has."""
OTHER_ABOVE = 0.75
"""Share that the show of another date has."""
UNKNOWN_ABOVE = 0.9
"""The same where nobody knows what was played on the stated date: then nothing speaks against it."""
FEWEST_SONGS = 6
"""A handful of songs was played together on many nights."""
_LEAD = 0.1
"""By how much the best other date must beat the second best."""
_HELD = 0.3
"""Share of the other date's show that the recording must hold."""


class Nights:
    """What was played when, for one artist."""

    def __init__(self) -> None:
        self._songs: dict[str, Songs] = {}
        self._dates: dict[str, list[str]] = defaultdict(list)

    def add(self, date: str, songs: Songs) -> None:
        """Take in a show's list; several shows of one day are one night."""
        before = self._songs.get(date, frozenset())
        for song in songs - before:
            self._dates[song].append(date)
        if songs:
            self._songs[date] = before | songs

    def songs_on(self, date: str) -> Songs | None:
        """What the lists say was played on `date`; None where they say nothing."""
        return self._songs.get(date)

    def doubt(self, date: str, songs: Songs, others: Songs, said: Mapping[str, str]) -> Doubt | None:
        """A doubt about `date` for a recording of `songs`.

        `others` are the songs of the other recordings of that date. `said` are dates that other witnesses name, with
        the witness: such a date needs no lead over the second best.
        """
        if len(songs) < FEWEST_SONGS:
            return None
        listed = self._songs.get(date)
        above = OTHER_ABOVE if listed is not None or others or not date else UNKNOWN_ABOVE
        stated = max(share_in(songs, listed or frozenset()), share_in(songs, others))
        if stated >= STATED_BELOW:
            return None
        ranked = sorted(
            (
                (share_in(songs, self._songs[day]), held_of(self._songs[day], songs), day)
                for day in self._near(songs)
                if day != date
            ),
            reverse=True,
        )
        if not ranked:
            return None
        best, held, proposal = ranked[0]
        for share, whole, day in ranked[:20]:
            if day in said and share > above:
                best, held, proposal = share, whole, day
                break
        else:
            if len(ranked) > 1 and best - ranked[1][0] < _LEAD:
                return None
        if best <= above or held < _HELD:
            return None
        params: dict[str, Any] = {"stated": date, "stated_score": round(stated, 3), "songs": len(songs)}
        if proposal in said:
            params["witness"] = said[proposal]
        return Doubt("date_suspect", proposal, round(best, 3), params)

    def _near(self, songs: Songs) -> set[str]:
        """The dates that can have more than `OTHER_ABOVE` of `songs`: they have at least one of the rarest quarter."""
        rarest = sorted(songs, key=lambda song: len(self._dates.get(song, ())))[
            : int(len(songs) * (1 - OTHER_ABOVE)) + 1
        ]
        return {day for song in rarest for day in self._dates.get(song, ())}
