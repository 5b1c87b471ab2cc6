"""What counts how much when recordings of one concert are put in order. One record, so that it can be a setting."""

from __future__ import annotations

from dataclasses import dataclass

from segue.live.records import SourceType


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights of the terms, which make 1 together, what is taken off for faults, and what the terms go by."""

    completeness: float = 0.35
    source_type: float = 0.25
    rating: float = 0.20
    people: float = 0.10
    newest: float = 0.05
    titles: float = 0.05

    partial: float = 0.30
    """Taken off where a recording says itself that it is not the whole show, unless it holds it all the same."""
    sector_errors: float = 0.10
    """Taken off for files whose ends were found not to meet without a gap (sbefail)."""
    date_suspect: float = 0.30
    incomplete: float = 2.0
    """Taken off below `gate` where another recording is above it: more than all else together, so that it decides."""
    unplayable: float = 4.0
    """Taken off where no file can be played."""
    pinned: float = 10.0
    """Added where a person said that this is the one."""

    gate: float = 0.90
    """Share of the setlist from which a recording counts as complete."""
    slack: float = 0.05
    """Where none is complete, those count as such that lack no more than this against the fullest."""
    cut: float = 0.25
    """Of a song that is cut, the share that counts as missing."""
    repeat: float = 0.25
    """What each further time of a song that was played more than once counts, against 1 for the first: tapers often leave
    a song and its reprise in one track."""
    source_order: tuple[SourceType, ...] = ("SBD", "MTX", "FM", "AUD")
    """Best first. Types that are not named come last."""
    preferred_people: tuple[str, ...] = ()
    """Tapers and transferrers whose work is preferred, best first; parts of names are enough."""
    rating_prior: float = 5.0
    """How many votes for the artist's mean every recording has from the beginning."""


USUAL = Weights()
