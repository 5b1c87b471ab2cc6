"""What a tape may be, with scores and reasons: a recording by its audio, a concert by its date and band, or by what was played.

Pure. A score is how sure a person may be, 0 to 1; nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["recording", "concert", "new"]
Reason = tuple[str, dict[str, Any]]
SAME_TAPE = 0.5
"""The share of a tape's files that have to be those of a recording for it to be that recording."""
BY_DATE, BY_DATE_AND_SETLIST = 0.7, 0.97
"""Scores of the right date and band alone, and with a setlist that fits wholly."""
CONTRADICTED = 0.35
"""A setlist of which less than this was heard speaks against a date."""
AGREES = 0.6
"""A setlist of which at least this was heard is proposed without any date."""
FEWEST_SONGS = 4
"""Songs that a tape has to hold for a setlist to prove anything by itself."""
NEW = 0.4
MOST = 5


@dataclass(frozen=True, slots=True)
class Match:
    """A recording with as many of a tape's files as `matched`, of those that `looked` for, by `how`: ffp (what FLAC headers or
    fingerprints say) or md5."""

    recording: int
    identifier: str
    matched: int
    looked: int
    how: Literal["ffp", "md5"]
    concerts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Show:
    """A concert that a tape may be of: its songs by number, empty where no setlist is known."""

    concert: int
    uid: str
    date: str
    artist: str
    songs: tuple[int, ...] = ()
    show_time: str | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a tape may be. `recording` has the same audio; `concert` is None where it is one that is not known here yet."""

    kind: Kind
    score: float
    artist: str
    date: str
    concert: int | None = None
    concert_uid: str | None = None
    recording: int | None = None
    identifier: str | None = None
    reasons: tuple[Reason, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind, "score": round(self.score, 3), "artist": self.artist, "date": self.date, "concert": self.concert,
            "concert_uid": self.concert_uid, "recording": self.recording, "identifier": self.identifier,
            "reasons": [[code, params] for code, params in self.reasons],
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known:
    """Everything that was found out about one tape. `heard` are numbers of songs by artist (a tape may be of several bands)."""

    artist: str
    date: str
    precision: str
    show_time: str | None = None
    matches: Sequence[Match] = ()
    by_date: Sequence[Show] = ()
    by_songs: Sequence[Show] = ()
    of_matches: Mapping[int, Show] = field(default_factory=dict)
    heard: Mapping[int, frozenset[int]] = field(default_factory=dict)
    """By concert: the songs of its artist that were heard on the tape."""


def overlap(heard: frozenset[int], songs: Sequence[int]) -> float | None:
    """How much of what was heard was played (7 parts) and of what was played was heard (3 parts): a tape is often a part of a
    show, seldom more than one. None where either is not known."""
    played = frozenset(songs)
    if not heard or not played:
        return None
    both = len(heard & played)
    return 0.7 * both / len(heard) + 0.3 * both / len(played)


def proposals(known: Known) -> list[Proposal]:
    """What the tape may be, the surest first, at most MOST."""
    found: list[Proposal] = []
    for match in known.matches:
        share = match.matched / max(1, match.looked)
        if share < SAME_TAPE:
            continue
        show = next((known.of_matches[one] for one in match.concerts if one in known.of_matches), None)
        code = "same_audio" if match.how == "ffp" else "same_files"
        reasons: list[Reason] = [(code, {"identifier": match.identifier, "matched": match.matched, "of": match.looked})]
        if show is not None and known.date and known.date != show.date:
            reasons.append(("named_otherwise", {"date": known.date}))
        found.append(
            Proposal(
                "recording", min(1.0, 0.8 + 0.2 * share), show.artist if show else known.artist,
                show.date if show else known.date, show.concert if show else None, show.uid if show else None, match.recording,
                match.identifier, tuple(reasons),
            )
        )  # fmt: skip
    proposed = {one.concert for one in found}
    dated = {show.concert for show in known.by_date}
    for show in known.by_date:
        if show.concert not in proposed:
            found.append(_by_date(show, known, len(known.by_date)))
            proposed.add(show.concert)
    for show in known.by_songs:
        if show.concert in proposed or show.concert in dated:
            continue
        heard = known.heard.get(show.concert, frozenset())
        fit = overlap(heard, show.songs)
        if fit is None or fit < AGREES or len(heard & frozenset(show.songs)) < FEWEST_SONGS:
            continue
        reasons = [("setlist_fits", _counts(heard, show))]
        if known.date:
            reasons.append(("named_otherwise", {"date": known.date}))
        found.append(
            Proposal("concert", 0.9 * fit, show.artist, show.date, show.concert, show.uid, reasons=tuple(reasons))
        )
    if (
        known.artist
        and known.precision == "day"
        and not known.by_date
        and not any(one.score >= AGREES for one in found)
    ):
        found.append(
            Proposal(
                "new", NEW, known.artist, known.date, reasons=(("named", {"date": known.date, "artist": known.artist}),)
            )
        )
    return sorted(found, key=lambda one: (-one.score, one.date, one.concert or 0))[:MOST]


def _by_date(show: Show, known: Known, shows: int) -> Proposal:
    heard = known.heard.get(show.concert, frozenset())
    fit = overlap(heard, show.songs)
    reasons: list[Reason] = [("named", {"date": known.date, "artist": known.artist})]
    score = BY_DATE
    if fit is not None and len(heard) >= 2:
        if fit < CONTRADICTED:
            score = 0.3
            reasons.append(("setlist_contradicts", _counts(heard, show)))
        else:
            score = BY_DATE + (BY_DATE_AND_SETLIST - BY_DATE) * fit
            reasons.append(("setlist_fits", _counts(heard, show)))
    elif shows > 1:
        score = BY_DATE / 2
        reasons.append(("one_of_several_shows", {"shows": shows}))
    if known.show_time and show.show_time and known.show_time != show.show_time:
        score *= 0.3
        reasons.append(("other_show_of_the_day", {"time": show.show_time}))
    return Proposal("concert", score, show.artist, show.date, show.concert, show.uid, reasons=tuple(reasons))


def _counts(heard: frozenset[int], show: Show) -> dict[str, int]:
    return {"songs": len(heard & frozenset(show.songs)), "heard": len(heard), "setlist": len(set(show.songs))}
