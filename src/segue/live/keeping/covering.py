"""Which songs of a setlist each recording holds, lacks or cuts, and a whole night put together from several of them.

Pure. A setlist is a list of moments: a song that was played twice has two of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

Reason = Literal["base", "fills_missing", "fills_cut", "keeps_segue", "cut_everywhere"]


@dataclass(frozen=True, slots=True)
class Moment:
    """A song at its place in the setlist."""

    position: int
    song: int
    name: str
    set_name: str = ""
    segue: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """A track of a recording: `songs` are the numbers of those it holds, each with whether it is cut."""

    id: int
    recording: int
    number: int
    title: str
    songs: tuple[tuple[int, bool], ...] = ()
    duration_ms: int | None = None
    here: int | None = None
    """The library's track, where it is on this server."""


@dataclass(slots=True)
class Cover:
    """What one recording holds of a setlist: by position the tracks that play it, in order, and which positions are cut."""

    recording: int
    pieces: list[Piece]
    held: dict[int, list[Piece]] = field(default_factory=dict)
    cut: set[int] = field(default_factory=set)

    def whole(self, position: int) -> bool:
        return position in self.held and position not in self.cut


@dataclass(frozen=True, slots=True)
class Lack:
    """A song that a recording lacks or cuts, and the recordings that have it whole, best first."""

    moment: Moment
    others: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Completeness:
    """What one recording lacks. `known` is False where its tracks are not known, and then nothing is said."""

    recording: int
    known: bool
    missing: tuple[Lack, ...] = ()
    cut: tuple[Lack, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A track of a night that was put together, with the songs it is there for and why it and no other."""

    piece: Piece
    moments: tuple[Moment, ...]
    reason: Reason


@dataclass(frozen=True, slots=True)
class Composite:
    """A whole night: `base` is the recording most of it is from; `lacking` are songs that no recording holds."""

    base: int | None
    parts: tuple[Part, ...]
    lacking: tuple[Moment, ...]


def cover(moments: Sequence[Moment], recording: int, pieces: Sequence[Piece]) -> Cover:
    """Lay a recording's tracks along the setlist.

    A song is the next moment of its name that is still free; a track that goes on with a song (it is in two parts) belongs to
    the same moment. A song is cut where every track that plays it says so.
    """
    free: dict[int, list[int]] = {}
    for moment in moments:
        free.setdefault(moment.song, []).append(moment.position)
    found = Cover(recording, list(pieces))
    cuts: dict[int, list[bool]] = {}
    taken: dict[int, int] = {}
    last = -1
    for piece in pieces:
        for song, is_cut in piece.songs:
            left = free.get(song, [])
            position = next((one for one in left if one > last), left[0] if left else taken.get(song))
            if position is None:
                continue
            if position in left:
                left.remove(position)
                last = position
            taken[song] = position
            held = found.held.setdefault(position, [])
            if piece not in held:
                held.append(piece)
            cuts.setdefault(position, []).append(is_cut)
    found.cut = {position for position, said in cuts.items() if all(said)}
    return found


def lacks(moments: Sequence[Moment], covers: Sequence[Cover], unknown: Iterable[int] = ()) -> list[Completeness]:
    """What each recording lacks or cuts; `covers` best first. `unknown` are recordings whose tracks are not known."""

    def others(moment: Moment, but: int) -> tuple[int, ...]:
        return tuple(one.recording for one in covers if one.recording != but and one.whole(moment.position))

    found = [
        Completeness(
            one.recording,
            True,
            tuple(Lack(each, others(each, one.recording)) for each in moments if each.position not in one.held),
            tuple(Lack(each, others(each, one.recording)) for each in moments if each.position in one.cut),
        )
        for one in covers
    ]
    return found + [Completeness(number, False) for number in unknown]


def composite(moments: Sequence[Moment], covers: Sequence[Cover]) -> Composite:
    """The whole night from recordings, best first.

    The base is the recording with the most songs whole, the better ranked of equals. Its tracks stay in their order, talk and
    tuning too. A song that it lacks or cuts is taken from the best recording that has it whole; where the song before or
    after runs into it, those come from there too if they are whole there, so that the segue is heard. A song that is cut
    everywhere stays cut; one that nobody has is named.
    """
    if not covers:
        return Composite(None, (), tuple(moments))
    base = max(covers, key=lambda one: sum(one.whole(moment.position) for moment in moments))
    source: dict[int, tuple[Cover, Reason]] = {}
    for moment in moments:
        chosen = _source(moment, base, covers)
        if chosen is not None:
            source[moment.position] = chosen
    _keep_segues(moments, base, source)
    lacking = tuple(moment for moment in moments if moment.position not in source)
    return Composite(base.recording, tuple(_in_order(moments, base, source)), lacking)


def _source(moment: Moment, base: Cover, covers: Sequence[Cover]) -> tuple[Cover, Reason] | None:
    if base.whole(moment.position):
        return base, "base"
    other = next((one for one in covers if one.whole(moment.position)), None)
    if other is not None:
        return other, "fills_cut" if moment.position in base.held else "fills_missing"
    if moment.position in base.held:
        return base, "cut_everywhere"
    other = next((one for one in covers if moment.position in one.held), None)
    return None if other is None else (other, "cut_everywhere")


def _keep_segues(moments: Sequence[Moment], base: Cover, source: dict[int, tuple[Cover, Reason]]) -> None:
    """Where a song from elsewhere runs into one of the base, or the other way round, take that from there too."""
    for order in (moments, list(reversed(moments))):
        for one, following in pairwise(order):
            runs = one.segue if one.position < following.position else following.segue
            here, there = source.get(one.position), source.get(following.position)
            if not runs or here is None or there is None or here[0] is base or there[0] is not base:
                continue
            if here[0].whole(following.position):
                source[following.position] = here[0], "keeps_segue"


def _in_order(moments: Sequence[Moment], base: Cover, source: Mapping[int, tuple[Cover, Reason]]) -> Iterable[Part]:
    by_position = {moment.position: moment for moment in moments}
    at: dict[int, list[int]] = {}
    for position, held in base.held.items():
        for piece in held:
            at.setdefault(piece.id, []).append(position)
    used: set[int] = set()
    parts: list[tuple[tuple[float, int, int], Part]] = []
    last = -1.0
    for piece in base.pieces:
        mine = sorted(at.get(piece.id, ()))
        wanted = [position for position in mine if source[position][0] is base]
        if mine and not wanted:
            last = max(last, float(mine[-1]))
            continue
        place = float(wanted[0]) if wanted else last + 0.5
        last = max(last, float(mine[-1])) if mine else last
        used.add(piece.id)
        reason: Reason = "base"
        if wanted and all(source[position][1] == "cut_everywhere" for position in wanted):
            reason = "cut_everywhere"
        songs = tuple(by_position[position] for position in wanted)
        parts.append(((place, 0, piece.number), Part(piece, songs, reason)))
    for moment in moments:
        chosen = source.get(moment.position)
        if chosen is None or chosen[0] is base:
            continue
        other, why = chosen
        for piece in other.held[moment.position]:
            if piece.id in used:
                continue
            used.add(piece.id)
            songs = tuple(
                one
                for one in moments
                if source.get(one.position, (None,))[0] is other and piece in other.held.get(one.position, ())
            )
            parts.append(((float(moment.position), 1, piece.number), Part(piece, songs, why)))
    return [part for _, part in sorted(parts, key=lambda one: one[0])]
