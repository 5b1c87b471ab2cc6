"""The songs of one artist, to be found by any way of writing them.

From a name as it is written in setlists to what people make of it: loose spelling, initials, a part of the name, the name
within a longer title, a slip of the keyboard. What is found is a list of candidates, best first; those that are not sure
count only where the show's own setlist has them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from segue.live.titles.keys import initials, soft_words, words_of
from segue.live.titles.nonsongs import ALWAYS, FILL, QUALIFIERS, SPEECH_AFTER

_SHARE = 0.4
"""A part must have so much of the letters of a name that it is not the beginning of."""
_FAR_AHEAD = 8
"""Among names that begin alike the usual one is meant where it is so many times as frequent as the next."""
IMPROVISED = frozenset({"jam", "drum", "space", "feedback"})
"""Loose keys of what is made up on the spot. Setlists that name such name not all of it."""


class Candidate(NamedTuple):
    """A song that may be meant; `sure`: also where no setlist says so."""

    name: str
    how: str
    sure: bool = True


class SongIndex:
    """Songs with their counts, found by `find`. Add everything before the first question."""

    def __init__(
        self, counts: Mapping[str, int], spellings: Mapping[str, str], followers: Mapping[str, Counter[str]]
    ) -> None:
        """`counts`: how often each song was played; `spellings`: every other way of writing it; `followers`: what came next."""
        self.counts = dict(counts)
        self.exact: dict[str, str] = {}
        self.soft: dict[str, str] = {}
        self.given: dict[str, str | None] = {}
        """By soft key: what people said it is; None: no song."""
        self.learnt: dict[str, str] = {}
        self._followers = followers
        self._words: dict[str, tuple[str, ...]] = {}
        self._by_word: dict[str, set[str]] = defaultdict(set)
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
        self._initials: dict[str, set[str]] = defaultdict(set)
        self._soft_keys: list[str] | None = None
        for name in sorted(self.counts, key=lambda name: (-self.counts[name], name)):
            self._add(name, name)
        for spelling, name in spellings.items():
            self._add(spelling, name)
        for longest_first in self._by_first.values():
            longest_first.sort(key=lambda one: (-len(one[0]), one[1]))
        self._known_words = frozenset(word for word in self._by_word if len(word) >= 4)
        self.improvised = frozenset(
            name for name, words in self._words.items() if "".join(words) in IMPROVISED or words[-1] == "jam"
        )
        """Songs of this artist that are names of what is made up on the spot."""
        self._keys = {name: "".join(words) for name, words in self._words.items()}
        self._all_keys = " ".join(self._keys.values())

    def _add(self, spelling: str, name: str) -> None:
        words = words_of(spelling)
        soft = tuple(soft_words(words))
        if not soft:
            return
        self.exact.setdefault("".join(words), name)
        self.soft.setdefault("".join(soft), name)
        bare = _bare_words(spelling)
        if bare and "".join(bare) not in self.soft:
            self.soft["".join(bare)] = name
        if spelling == name:
            self._words[name] = soft
            for word in soft:
                self._by_word[word].add(name)
            for letters in {initials(words), initials(soft)}:
                if len(letters) >= 3:
                    self._initials[letters].add(name)
        for one in {soft, bare}:
            if one and not (len(one) == 1 and (len(one[0]) < 4 or one[0] in ALWAYS or one[0] in FILL)):
                self._by_first[one[0]].append((one, name))

    # --- finding ---------------------------------------------------------------------------------------------------

    def known(self, texts: Iterable[str]) -> list[Candidate]:
        """What the texts are as they stand: a name, a known spelling, loosely spelled. Empty for nothing."""
        found: dict[str, Candidate] = {}
        for text in texts:
            words = words_of(text)
            key = "".join(words)
            if not key:
                continue
            if (name := self.exact.get(key)) is not None:
                found.setdefault(name, Candidate(name, "exact"))
                continue
            soft = "".join(soft_words(words))
            name = self.soft.get(soft)
            if name is None and key[-1].isdigit():
                name = self.exact.get(key.rstrip("0123456789"))
            if name is not None:
                found.setdefault(name, Candidate(name, "loose"))
            elif (name := self.learnt.get(soft)) is not None:
                found.setdefault(name, Candidate(name, "learnt"))
        return list(found.values())

    def shortened(self, words: Sequence[str]) -> list[Candidate]:
        """What `words` are the initials or a part of."""
        if not words:
            return []
        key = "".join(words)
        if len(key) >= 3 and (names := self._initials.get(key)) is not None:
            return [Candidate(name, "short", len(names) == 1) for name in self._usual_first(names)]
        names = set(self._by_word.get(words[0], ()))
        for word in words[1:]:
            names &= self._by_word.get(word, set())
            if not names:
                break
        if names:
            return self._parts(words, names)
        if len(key) >= 6 and key in self._all_keys:
            within = {name for name, own in self._keys.items() if key in own and len(key) >= _SHARE * len(own)}
            return [Candidate(name, "short", len(within) == 1) for name in self._usual_first(within)]
        return []

    def _parts(self, words: Sequence[str], names: set[str]) -> list[Candidate]:
        """Of names that have all of `words`, those that can be meant by them."""
        if len(words) == 1 and (len(words[0]) < 3 or words[0] in ALWAYS or words[0] in FILL):
            return []
        size, count = sum(map(len, words)), len(words)
        starting: list[str] = []
        other: list[str] = []
        for name in self._usual_first(names):
            own = self._words[name]
            if own[:count] == tuple(words):
                starting.append(name)
            elif _in_order(words, own):
                other.append(name)
        if starting:
            if (run := self._run(starting)) is not None:
                return [Candidate(name, "short+") for name in run]
            meant = self._is_meant([*starting, *other] if count == 1 else starting)
            return [Candidate(name, "short", meant and not place) for place, name in enumerate((*starting, *other))]
        meant = bool(other) and size >= _SHARE * len(self._keys[other[0]]) and self._is_meant(other)
        return [Candidate(name, "short", meant and not place) for place, name in enumerate(other)]

    def _is_meant(self, names: Sequence[str]) -> bool:
        """Whether the first is meant before all others: alone, far ahead, or what the others are forms of."""
        rest = max((self.counts[name] for name in names[1:]), default=0)
        return self.counts[names[0]] >= _FAR_AHEAD * rest or self._is_base(names)

    def _is_base(self, names: Sequence[str]) -> bool:
        """Whether all others are forms of the first: X Jam, X Reprise of X."""
        base = self._words[names[0]]
        return all(self._words[name][: len(base)] == base for name in names[1:]) and all(
            set(self._words[name][len(base) :]) <= QUALIFIERS for name in names[1:]
        )

    def _run(self, names: Sequence[str]) -> list[str] | None:
        """The parts of one piece of music, where `names` are played one after the other nearly always."""
        if not 2 <= len(names) <= 5:
            return None
        for first in names:
            run = [first]
            while len(run) < len(names):
                following = self._followers.get(run[-1])
                if not following:
                    break
                after, times = following.most_common(1)[0]
                if after not in names or after in run or times < 0.8 * self.counts[run[-1]] or self.counts[run[-1]] < 3:
                    break
                run.append(after)
            if len(run) == len(names):
                return run
        return None

    def within(self, words: Sequence[str]) -> tuple[list[Candidate], bool]:
        """Names that stand in a longer title, in order; True where several are meant, one after the other.

        Empty where the title is about a song and not the song (`Spanish Jam tuning`).
        """
        found: list[tuple[int, int, str]] = []
        place = 0
        while place < len(words):
            for own, name in self._by_first.get(words[place], ()):
                if tuple(words[place : place + len(own)]) == own:
                    found.append((place, place + len(own), name))
                    place += len(own) - 1
                    break
            place += 1
        if not found:
            return [], False
        real = [one for one in found if not (one[1] - one[0] == 1 and words[one[0]] in IMPROVISED)]
        if not real:
            return [Candidate(name, "longer", False) for *_, name in found], False
        if len(real) == 1 or len({name for *_, name in real}) == 1:
            start, end, name = real[0]
            if end < len(words) and words[end] in SPEECH_AFTER:
                return [], False
            rest = [*words[:start], *words[end:]]
            plain = all(word in QUALIFIERS or word in ALWAYS or word.isdigit() or word in IMPROVISED for word in rest)
            long = end - start > 1 and sum(map(len, words[start:end])) >= 8
            return [Candidate(name, "longer", plain or long)], False
        covered = {place for start, end, _ in real for place in range(start, end)}
        rest = [word for place, word in enumerate(words) if place not in covered]
        plain = all(word in QUALIFIERS or word in ALWAYS or word.isdigit() for word in rest)
        if plain or all(end - start > 1 for start, end, _ in real):
            return [Candidate(name, "longer") for *_, name in real], True
        real.sort(key=lambda one: one[0] - one[1])
        sure = real[0][1] - real[0][0] > 1 and real[1][1] - real[1][0] == 1
        return [Candidate(name, "longer", sure and not at) for at, (*_, name) in enumerate(real)], False

    def near(self, key: str) -> list[Candidate]:
        """Names whose loose spelling differs from `key` by few letters: sure within a fifth of them, else up to a third."""
        if len(key) < 4:
            return []
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        if self._soft_keys is None:
            self._soft_keys = list(self.soft)
        reach = max(1, len(key) // 3)
        hits = process.extract(key, self._soft_keys, scorer=OSA.distance, score_cutoff=reach, limit=4)
        digits = _digits(key)
        hits = [
            hit for hit in hits
            if _digits(hit[0]) == digits and (hit[0][0] == key[0] or (hit[1] == 1 and len(key) >= 8))
        ]  # fmt: skip
        if not hits:
            return []
        nearest = min(hit[1] for hit in hits)
        allowed = 0 if len(key) < 5 else 1 if len(key) < 8 else 2 if len(key) < 14 else 3
        best = {self.soft[hit[0]] for hit in hits if hit[1] == nearest}
        sure = nearest <= allowed and len(best) == 1
        ordered = dict.fromkeys(self.soft[hit[0]] for hit in sorted(hits, key=lambda hit: hit[1]))
        return [Candidate(name, "near", sure and name in best) for name in ordered]

    def respelled(self, words: Sequence[str]) -> list[str] | None:
        """`words` with those that no song has replaced by the one that they nearly are; None where nothing changes."""
        changed = False
        result: list[str] = []
        for word in words:
            if word in self._by_word or len(word) < 4 or word in ALWAYS or word in QUALIFIERS or word in FILL:
                result.append(word)
                continue
            near = _nearest(word, self._known_words)
            changed = changed or near is not None
            result.append(near or word)
        return result if changed else None

    def _usual_first(self, names: Iterable[str]) -> list[str]:
        return sorted(names, key=lambda name: (-self.counts[name], name))


def _bare_words(spelling: str) -> tuple[str, ...]:
    """The words of a name without what it has in brackets, where it has such."""
    if "(" not in spelling and "[" not in spelling:
        return ()
    from segue.live.titles.marks import without_brackets

    return tuple(soft_words(words_of(without_brackets(spelling))))


def _in_order(words: Sequence[str], own: Sequence[str]) -> bool:
    rest = iter(own)
    return all(word in rest for word in words)


def _digits(key: str) -> str:
    return "" if key.isalpha() else "".join([letter for letter in key if letter.isdigit()])


@lru_cache(maxsize=16_384)
def _nearest(word: str, known: frozenset[str]) -> str | None:
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    hits = process.extract(word, list(known), scorer=OSA.distance, score_cutoff=1 if len(word) < 8 else 2, limit=4)
    hits = [hit for hit in hits if hit[0][0] == word[0]]
    if not hits or (len(hits) > 1 and hits[0][1] == hits[1][1]):
        return None
    return str(hits[0][0])
