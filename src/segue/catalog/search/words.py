"""The words that names are found by, and the form in which whole names are compared.

The words are those of `core.text`; here they are made fast, for a catalogue has hundreds of millions of names, and nearly
all of them are plain ASCII that FTS5's own tokenizer splits and folds as `core.text` would. Beside them stand Han
characters alone (each is a word), and the Latin spelling of what is in other scripts.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise
from zlib import crc32

from segue.catalog.search.romanising import romanised
from segue.core.text import MAX_TEXT, MAX_TOKEN, fold, search_tokens

plain = re.compile(f"[A-Za-z0-9]{{1,{MAX_TOKEN}}}(?: [A-Za-z0-9]{{1,{MAX_TOKEN}}})*").fullmatch
"""Whether a name is words of ASCII with one blank between: then it is its own `indexed`, and in lower case its own `key`."""
_WORDS = re.compile(r"[^\W_]+").findall
_WORD = re.compile(r"[^\W_]+").search
_CONTRACTED = re.compile(r"[\W_]*[^\W_]+'(?:s|t|d|m|re|ve|ll)[\W_]*").fullmatch
_SAID = re.compile(r"[$!@]").search
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]").findall
_paired = re.compile("[\u3041-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]+").fullmatch
is_han = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]").fullmatch
"""Of one character, whether it is a word wherever it stands."""
_BETWEEN_WORDS = frozenset(["-", "--", "–", "—", "/", "|", "&", "+", "•", "·", ".", ",", ":", ";", "*", "~", "_", "="])
"""Symbols that stand between words of a name without being part of it."""


class _Folded(dict[int, str]):
    """`fold` character by character, filled as characters are met; for text in NFC it gives the same."""

    def __missing__(self, code: int) -> str:
        self[code] = fold(chr(code))
        return self[code]


_folded = _Folded(
    {code: chr(code).lower() for code in range(32, 127)} | dict.fromkeys((*range(32), 127), " ") | {ord("`"): "'"}
)


class _Kept(dict[str, bool]):
    """Whether a character stands in the index as it is, filled as characters are met."""

    def __missing__(self, char: str) -> bool:
        self[char] = search_tokens(char) == [char]
        return self[char]


_kept = _Kept()


def folded(text: str) -> str:
    """What `core.text.fold` gives, several times as fast; control characters are blanks."""
    if not unicodedata.is_normalized("NFC", text):
        return fold(text)
    return text[:MAX_TEXT].translate(_folded)


def indexed(text: str) -> str:
    """The words of a name for FTS5's `ascii` tokenizer, blanks between."""
    return read(text)[0]


def key(text: str) -> str:
    """A whole name as it is compared with others: folded words, one blank between; its symbols where it has no words."""
    return read(text)[1]


def artist_key(name: str) -> str:
    """`key` without a leading "the": one looks for The Beatles as Beatles."""
    found = key(name)
    return found[4:] if found.startswith("the ") else found


def read(text: str) -> tuple[str, str]:
    """`indexed` and `key` of a name."""
    return (text, text.lower()) if plain(text) else read_folded(text)


def read_folded(text: str) -> tuple[str, str]:
    """`read` of a name that is not `plain`."""
    simple = folded(text)
    if plain(simple):
        return simple, simple
    words: list[str] = []
    parts: list[str] = []
    symbols: list[str] = []
    for chunk in simple.split():
        if chunk.isascii() and chunk.isalnum() and len(chunk) <= MAX_TOKEN:
            words.append(chunk)
            parts.append(chunk)
        elif chunk.isalnum() or _WORD(chunk):
            found, part = _in_pairs(chunk) if _paired(chunk) else _chunk(chunk)
            words.append(found)
            parts.append(part)
        else:
            symbols.append(chunk)
    for chunk in symbols:
        if not parts or chunk not in _BETWEEN_WORDS:
            words += search_tokens(chunk)
    return " ".join(words), " ".join(parts or symbols)


def _in_pairs(chunk: str) -> tuple[str, str]:
    """Of a chunk of Han, kana or Hangul alone, which hardly ever comes twice. As `search_tokens` has it, only sooner."""
    if not all(map(_kept.__getitem__, chunk)):
        return _chunk(chunk)
    words = [first + second for first, second in pairwise(chunk)]
    words.append(chunk[-1])
    words += _HAN(chunk[:-1])
    if len(words) < 2 * len(chunk) - 1:  # not Han alone
        words += romanised(chunk)
    return " ".join(words), chunk


@lru_cache(maxsize=65_536)
def _chunk(chunk: str) -> tuple[str, str]:
    """Of what stands between two blanks and has a letter or digit."""
    found = _WORDS(chunk)
    joins = len(found) > 1 and (bool(_CONTRACTED(chunk)) or all(len(word) == 1 for word in found))
    part = ("" if joins else " ").join(found)
    if chunk.isascii():
        if len(found) == 1 and len(found[0]) <= MAX_TOKEN and not _SAID(chunk):
            return found[0], part
        return " ".join(search_tokens(chunk)), part
    words = search_tokens(chunk)
    words += _HAN(chunk)
    words += romanised(chunk)
    return " ".join(dict.fromkeys(words)), part


def hash_of_key(text: str) -> int:
    """32 bits that stand for a `key`; many keys may share them."""
    return crc32(text.encode("utf-8", "surrogatepass"))
