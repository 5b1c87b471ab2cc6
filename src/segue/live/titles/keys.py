"""Keys by which names of songs are the same song: what is left of a name when the ways of writing it are taken away.

`song_key` forgets case, marks, punctuation, spaces and a leading article; `soft_words` further what tapers write either
way: `goin'` and `going`, `&` and `and`, singular and plural, `St.` and `Saint`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from segue.core.text import fold

_FOOTNOTES = re.compile(r"[\s*^#%+~†‡§¹²³]+\Z")
_APOSTROPHES = re.compile(r"['’`´]")
_WORDS = re.compile(r"[^\W_]+")
_PART_ONE = re.compile(r"\b(part|pt\.?|set|act|movement) i\b")
_ARTICLES = frozenset({"the", "a", "an"})
_SAME_WORDS = {
    "n": "and", "st": "saint", "mr": "mister", "dr": "doctor", "pt": "part", "feat": "featuring", "ol": "old",
    "one": "1", "two": "2", "three": "3", "four": "4", "first": "1", "second": "2", "third": "3", "1st": "1", "2nd": "2",
    "3rd": "3", "i": "i", "ii": "2", "iii": "3", "iv": "4", "vs": "verse", "til": "till", "until": "till", "gonna": "goin to",
    "thru": "through", "nite": "night", "lite": "light",
}  # fmt: skip
"""English as it is written on tape covers; numbers in words and in Roman figures."""


def without_footnotes(name: str) -> str:
    """`name` without the marks that point to a note below a setlist: `Dark Star**` is Dark Star."""
    return _FOOTNOTES.sub("", name).strip()


@lru_cache(maxsize=32_768)
def song_key(name: str) -> str:
    """What names of one song have in common: folded letters and digits without spaces, without a leading article and
    without the marks of footnotes. Empty for a name without letters or digits."""
    words = words_of(name)
    if len(words) > 1 and words[0] in _ARTICLES:
        words = words[1:]
    return "".join(words)


def words_of(name: str) -> list[str]:
    """The words of `name`: folded, apostrophes dropped (`don't` is dont), `&` spelled out."""
    text = _APOSTROPHES.sub("", fold(name)).replace("&", " and ")
    if " i" in text:
        text = _PART_ONE.sub(r"\1 1", text)
    return _WORDS.findall(text)


class _SoftWords(dict[str, str]):
    """Filled as words are met: each as it is compared, articles as nothing."""

    def __missing__(self, word: str) -> str:
        soft = "" if word in _ARTICLES else _SAME_WORDS.get(word, word)
        if (len(soft) > 4 and soft.endswith("ing")) or (len(soft) > 3 and soft[-1] == "s" and soft[-2] != "s"):
            soft = soft[:-1]
        if len(self) < _MOST_WORDS:
            self[word] = soft
        return soft


_MOST_WORDS = 50_000
_soft_words = _SoftWords()


def soft_words(words: list[str]) -> list[str]:
    """`words` as they are compared where spelling is loose: without articles, endings and spellings of one kind."""
    return [soft for word in words if (soft := _soft_words[word])] or words


def soft_key(name: str) -> str:
    """`song_key` with loose spelling: `Goin' Down The Road` and `Going Down the Roads` have the same."""
    return "".join(soft_words(words_of(name)))


def initials(words: Sequence[str]) -> str:
    """The first letters: `gdtrfb` of Goin' Down The Road Feeling Bad."""
    return "".join(word[0] for word in words)
