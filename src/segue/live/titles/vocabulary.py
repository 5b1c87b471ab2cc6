"""What one artist plays, and how titles of tracks are understood with it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from segue.live.records import Heard, Setlist, SetlistSet, TitleKind
from segue.live.titles.index import IMPROVISED, Candidate, SongIndex
from segue.live.titles.keys import soft_key, soft_words, song_key, without_footnotes, words_of
from segue.live.titles.marks import Parts, Piece, take_apart, without_guests, without_number
from segue.live.titles.nonsongs import NAMELESS, QUALIFIERS, has_nonsong, is_all_nonsong, is_speech, nearly_has_nonsong

_SPLIT = re.compile(r"\s*(?:/+|[;,+|•]|\s-+\s|\s(?:and|into|w/)\s|\s&\s)\s*", re.IGNORECASE)
_DASHES = re.compile(r"\s*[-–—]+\s*")


class Night(NamedTuple):
    """The titles of one recording, and the setlist of the show that it is of."""

    titles: Sequence[str]
    setlist: Setlist


class _Said(NamedTuple):
    """A piece of a title and what it can be."""

    piece: Piece
    kind: TitleKind
    candidates: tuple[Candidate, ...]
    how: str = ""


@dataclass(frozen=True, slots=True)
class _Understood:
    said: tuple[_Said, ...]
    plain: tuple[Heard, ...]
    """What it is without a show's setlist."""
    songs: frozenset[str]
    """The songs of `plain`; a show that has all of them changes nothing."""
    settled: bool
    """No other candidate is there that a show's setlist could bring up."""
    unknown: bool


class Vocabulary:
    """The songs of one artist. Made by `learn`; `hear` is remembered for each title, so that repeated ones cost little."""

    def __init__(self, index: SongIndex) -> None:
        self.index = index
        self._understood: dict[str, _Understood] = {}
        self._names: dict[str, str] = {}
        self._songs: dict[int, tuple[Setlist, frozenset[str]]] = {}
        self.on_tracks: dict[tuple[str, int, str], tuple[tuple[Heard, ...], str]] = {}
        """What `heard_of` made of a title, a track's number and the set before it, where no setlist matters."""

    @classmethod
    def learn(
        cls,
        setlists: Iterable[Setlist],
        titles: Iterable[Sequence[str]] = (),
        *,
        nights: Iterable[Night] = (),
        aliases: Mapping[str, str | None] | None = None,
        songs: Mapping[str, int] | None = None,
    ) -> Vocabulary:
        """The vocabulary of an artist from setlists, or from the titles of recordings where there are none.

        `titles` has the titles of each recording in order; they make songs only where no setlist has any. `nights` are
        recordings whose show's setlist is known: from them is learnt what songs are called for short. `aliases` is what
        people said: a title as written, and its song or None for no song; they win over everything. `songs` are names that
        are known already with how often they were played: for those who learn from a part of the recordings only.
        """
        from segue.live.titles import learning

        vocabulary = cls(learning.index_of(list(setlists), titles, aliases or {}, songs or {}))
        learning.learn_short_names(vocabulary, nights)
        return vocabulary

    @property
    def songs(self) -> Mapping[str, int]:
        """Every song by its usual name, and how often setlists have it (recordings, where there are no setlists)."""
        return self.index.counts

    def name_of(self, name: str) -> str:
        """The usual name of a song as a setlist writes it; `name` without footnote marks where it is not known."""
        found = self._names.get(name)
        if found is None:
            candidates = self.index.known((name,))
            found = self._names[name] = candidates[0].name if candidates else without_footnotes(name)
        return found

    def settled(self, setlist: Setlist) -> Setlist:
        """`setlist` with every song by its usual name; what stands for an unknown song, or for none, is left out."""
        sets = tuple(
            SetlistSet(
                one.name,
                tuple(
                    replace(song, name=name) if name != song.name else song
                    for song in one.songs
                    if song_key(name := self.name_of(song.name)) and name in self.index.counts
                ),
            )
            for one in setlist.sets
        )
        return replace(setlist, sets=tuple(one for one in sets if one.songs))

    def songs_of(self, setlist: Setlist) -> frozenset[str]:
        """The songs of a setlist by their usual names."""
        found = self._songs.get(id(setlist))
        if found is None or found[0] is not setlist:
            names = frozenset([self.name_of(song.name) for song in setlist.songs])
            found = self._songs[id(setlist)] = (setlist, names)
        return found[1]

    def hear(self, raw: str, *, show: Collection[str] | None = None) -> list[Heard]:
        """What a track called `raw` holds: one piece, or several for a medley. Never empty, never raises.

        `show` are the songs of its show as `songs_of` gives them: of several that may be meant, those are preferred.
        """
        return list(self.heard(raw, show))

    def heard(self, raw: str, show: Collection[str] | None = None) -> Sequence[Heard]:
        """`hear` for those who only read: the same objects for the same title."""
        understood = self._understood.get(raw)
        if understood is None:
            understood = self._understood[raw] = self._understand(raw)
        if show is None or understood.settled or (understood.songs and understood.songs.issubset(show)):
            return understood.plain
        return _heard(raw, understood.said, show, self.index.improvised)

    def is_settled(self, raw: str) -> bool:
        """Whether `raw` means the same whatever the show's setlist is."""
        self.heard(raw)
        return self._understood[raw].settled

    def unknown_among(self, titles: Iterable[str]) -> set[str]:
        """Those of `titles` that have a piece which is not understood."""
        found: set[str] = set()
        for raw in set(titles):
            self.heard(raw)
            if self._understood[raw].unknown:
                found.add(raw)
        return found

    def pieces(self, raw: str) -> list[tuple[Heard, str]]:
        """What `hear` gives without a show, each with the words of the title that it was heard from."""
        heard = self.heard(raw)
        return [
            (one, without_number(said.piece.bare)) for one, said in zip(heard, self._understood[raw].said, strict=True)
        ]

    def learn_names(self, learnt: Mapping[str, str]) -> None:
        """Titles whose loose key is one of `learnt` mean that song from now on."""
        self.index.learnt.update(learnt)
        for raw, one in list(self._understood.items()):
            if one.unknown and not learnt.keys().isdisjoint(key for said in one.said for key in _keys_of(said.piece)):
                del self._understood[raw]
        self.on_tracks.clear()

    # --- understanding ---------------------------------------------------------------------------------------------

    def _understand(self, raw: str) -> _Understood:
        parts = take_apart(raw)
        said = tuple(one for piece in parts.pieces for one in self._said(piece))
        if not said:
            said = (_silent(raw, parts),)
        plain = _heard(raw, said, None, ())
        names = frozenset(one.song for one in plain if one.song)
        settled = all(
            len(one.candidates) == (1 if one.kind == "song" else 0)
            and all(other.sure and other.name not in self.index.improvised for other in one.candidates)
            for one in said
        )
        return _Understood(said, plain, names, settled, any(one.kind == "unknown" for one in plain))

    def _said(self, piece: Piece) -> list[_Said]:
        """What a piece can be; several where it turns out to be a medley without segue marks."""
        index = self.index
        numberless = without_number(piece.bare)
        guestless = without_guests(numberless)
        texts = dict.fromkeys((piece.text, piece.bare, numberless, guestless))
        if index.given:
            for text in texts:
                key = soft_key(text)
                if key in index.given:
                    name = index.given[key]
                    return (
                        [_song(piece, [Candidate(name, "alias")])] if name else [_Said(piece, "nonsong", (), "alias")]
                    )
        candidates = index.known(texts)
        words = soft_words(words_of(guestless))
        core = _core(words)
        if candidates:
            base = self._base(words)
            if base is not None and all(base.name != one.name for one in candidates):
                candidates.append(base._replace(sure=False))
            return [_song(piece, candidates)]
        key = "".join(words)
        if NAMELESS.fullmatch(key):
            return [_Said(piece, "unknown", (), "empty")]
        if is_all_nonsong(words_of(guestless)):
            return [_Said(piece, "nonsong", (), "nonsong")]
        base = self._base(words)
        if base is not None:
            return [_song(piece, [base])]
        divided = self._divided(piece, guestless)
        if divided:
            return divided
        return self._loosely(piece, words, core, key)

    def _base(self, words: Sequence[str]) -> Candidate | None:
        """The song whose name is left when as few words as possible that may stand beside any name are taken off."""
        for fewer in _stripped(words):
            key = "".join(fewer)
            if name := self.index.soft.get(key):
                return Candidate(name, "longer")
            if name := self.index.learnt.get(key):
                return Candidate(name, "learnt")
        return None

    def _divided(self, piece: Piece, text: str) -> list[_Said]:
        """`A / B`, `A, B` and `A and B`, where each is a song or plainly none, and one is a song or all are none."""
        for separators in (_SPLIT, _DASHES):
            parts = [part for part in separators.split(text) if song_key(part)]
            if 2 <= len(parts) <= 12 and (found := self._each(piece, parts)):
                return found
        return []

    def _each(self, piece: Piece, parts: Sequence[str]) -> list[_Said]:
        """Each of the parts; empty where one of them is neither a song nor plainly none."""
        found: list[_Said] = []
        for part in parts:
            candidates = self.index.known((part, without_number(part)))
            if not candidates:
                words = soft_words(words_of(part))
                base = self._base(words)
                if base is not None:
                    candidates = [base]
                elif core := _core(words):
                    candidates = [one for one in self.index.shortened(core) if one.sure][:1]
            own = replace(piece, text=part, bare=part, segue=False, cut=False)
            if candidates:
                found.append(_song(own, candidates))
            elif has_nonsong(words_of(part)) or is_all_nonsong(words_of(part)) or is_speech(part):
                found.append(_Said(own, "nonsong", (), "nonsong"))
            else:
                return []
        if all(one.kind == "nonsong" for one in found):
            return [_Said(piece, "nonsong", (), "nonsong")]
        last = found[-1]
        found[-1] = last._replace(piece=replace(last.piece, segue=piece.segue, cut=piece.cut))
        return found

    def _loosely(self, piece: Piece, words: list[str], core: list[str], key: str) -> list[_Said]:
        """Parts of names, names in longer titles, slips; else talk, or not known."""
        index = self.index
        found: list[Candidate] = []
        several = False
        for tried in (words, core, index.respelled(words)):
            if not tried:
                continue
            found = index.shortened(tried)
            if not any(one.sure for one in found):
                longer, several = index.within(tried)
                found = longer if several or any(one.sure for one in longer) else [*found, *longer]
            if any(one.sure for one in found):
                break
        if not any(one.sure for one in found):
            near = index.near(key)
            if core and core != words and not any(one.sure for one in near):
                near = [*near, *index.near("".join(core))]
            found = near if any(one.sure for one in near) else [*found, *near]
            several = False
        if several:
            return self._medley(piece, found)
        if found and found[0].how == "short+":
            return self._medley(piece, found)
        if any(one.sure for one in found):
            return [_song(piece, found)]
        if has_nonsong(words_of(piece.text)) or is_speech(piece.written):
            return [_Said(piece, "nonsong", (), "nonsong")]
        found = list(dict.fromkeys(found))
        if words and words[-1] in IMPROVISED:
            return [_Said(piece, "nonsong", tuple(found), "nonsong")]
        if not found and nearly_has_nonsong(words_of(piece.text)):
            return [_Said(piece, "nonsong", (), "nonsong")]
        return [_Said(piece, "unknown", tuple(found), "")]

    @staticmethod
    def _medley(piece: Piece, found: Sequence[Candidate]) -> list[_Said]:
        every = [_song(replace(piece, segue=False, cut=False), [one]) for one in found]
        every[-1] = every[-1]._replace(piece=piece)
        return every


def _keys_of(piece: Piece) -> Iterator[str]:
    """The loose keys by which a piece can be a short name."""
    for text in dict.fromkeys(
        (piece.text, piece.bare, without_number(piece.bare), without_guests(without_number(piece.bare)))
    ):
        words = soft_words(words_of(text))
        yield "".join(words)
        for fewer in _stripped(words):
            yield "".join(fewer)


def _edges(words: Sequence[str]) -> tuple[int, int]:
    """How many words that may stand beside any name are at the start and at the end."""
    start, end = 0, 0
    while end < len(words) and (words[-1 - end] in QUALIFIERS or words[-1 - end].isdigit()):
        end += 1
    while start < len(words) - end and (words[start] in QUALIFIERS or words[start].isdigit()):
        start += 1
    return start, end


def _core(words: Sequence[str]) -> list[str]:
    """`words` without those before and after that may stand beside any name."""
    start, end = _edges(words)
    return list(words[start : len(words) - end])


def _stripped(words: Sequence[str]) -> Iterator[Sequence[str]]:
    """`words` with fewer and fewer of those words."""
    start, end = _edges(words)
    for fewer in range(1, min(start + end, len(words) - 1) + 1):
        for before in range(max(0, fewer - end), min(start, fewer) + 1):
            yield words[before : len(words) - (fewer - before)]


def _song(piece: Piece, candidates: Sequence[Candidate]) -> _Said:
    return _Said(piece, "song", tuple(dict.fromkeys(candidates)))


def _silent(raw: str, parts: Parts) -> _Said:
    """A title without a piece: a header of a set, or nothing at all."""
    piece = Piece(raw, "", encore=parts.encore, set_name=parts.set_name)
    return _Said(piece, "nonsong" if parts.encore or parts.set_name else "unknown", (), "empty")


def _heard(
    raw: str, said: Sequence[_Said], show: Collection[str] | None, improvised: Collection[str]
) -> tuple[Heard, ...]:
    """What the pieces are. What is made up on the spot is a song only on nights whose setlist has it as one."""
    found: list[Heard] = []
    for one in said:
        piece = one.piece
        chosen = _chosen(one.candidates, show)
        if chosen and show and chosen.name not in show and chosen.name in improvised:
            chosen, one = None, one._replace(kind="nonsong", how="nonsong")
        kind: TitleKind = "song" if chosen else "unknown" if one.kind == "song" else one.kind
        found.append(
            Heard(
                raw, chosen.name if chosen else None, kind, piece.segue, piece.encore, piece.cut, piece.set_name, piece.note,
                chosen.how.rstrip("+") if chosen else one.how,
            )
        )  # fmt: skip
    return tuple(found)


def _chosen(candidates: Sequence[Candidate], show: Collection[str] | None) -> Candidate | None:
    """The first that the show has; else the first that is sure. Of unsure ones only one may be in the show."""
    if show:
        here = [one for one in candidates if one.name in show]
        if any(one.sure for one in here) or len(here) == 1:
            return next((one for one in here if one.sure), here[0])
    return next((one for one in candidates if one.sure), None)
