"""What of a document is searched by: words of names, and facts as words of their own.

A fact is one word that starts with `x` and its field: `xstatusofficial`, `xcatnoshvl804`, `xtracks12`, so that any
question is one question to the full-text index. A value of several words is each of them and all of them joined. A date is
joined, so that a year asks by prefix (`xdate1973*`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b

from segue.core.text import fold, search_tokens

_WORD = re.compile(r"[^\W_]+")
MOST_WORDS = 400
"""Of one column of one document; a recording is on thousands of compilations."""


@lru_cache(maxsize=65_536)
def _tokens(word: str) -> tuple[str, ...]:
    return tuple(search_tokens(word))


def words(text: str) -> list[str]:
    """In order, each as often as it occurs, as phrases need it; scripts without spaces as pairs of characters."""
    found: list[str] = []
    for chunk in fold(text).split():
        for part in _WORD.findall(chunk) or [chunk]:
            found.extend(_tokens(part))
    return found


def asked_words(text: str) -> list[str]:
    """The words that a text has to have which contains this one; of a script without spaces whole pairs alone, for what
    follows the last character there may be anything."""
    found: list[str] = []
    for chunk in fold(text).split():
        for part in _WORD.findall(chunk) or [chunk]:
            tokens = _tokens(part)
            found.extend(tokens[:-1] if len(tokens) > 1 and len(tokens[-1]) == 1 else tokens)
    return found


@lru_cache(maxsize=32_768)
def _in_column(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words of a text, and what stands behind all of them: those that are also said as one (`acdc` for AC/DC)."""
    found: list[str] = []
    behind: list[str] = []
    for chunk in fold(text).split():
        parts = _WORD.findall(chunk)
        for part in parts or [chunk]:
            found.extend(_tokens(part))
        if len(parts) > 1:
            behind.extend(token for token in _tokens(chunk) if token not in parts)
    return tuple(found), tuple(behind)


def column(texts: Iterable[str]) -> str:
    """Texts as the index takes them, each once."""
    found: list[str] = []
    behind: list[str] = []
    for text in dict.fromkeys(texts):
        one, another = _in_column(text)
        found.extend(one)
        behind.extend(another)
        if len(found) > MOST_WORDS:
            break
    return " ".join(found + behind)


def plain(value: str) -> str:
    """Letters and digits alone, folded: `shvl804` for `SHVL 804`, `12vinyl` for `12" Vinyl`."""
    return "".join(_WORD.findall(fold(value)))[:60]


@lru_cache(maxsize=32_768)
def fact(field: str, value: str) -> tuple[str, ...]:
    """The words of a fact, the joined one first; none for an empty value."""
    parts = [part[:60] for part in _WORD.findall(fold(value))]
    return tuple(f"x{field}{part}" for part in dict.fromkeys(["".join(parts)[:60], *parts])) if parts else ()


@lru_cache(maxsize=32_768)
def whole(field: str, value: object) -> str:
    """The one word of a fact that is asked for as a whole: a date, a number, a code."""
    return f"x{field}{plain(str(value))}"


def mbid_fact(field: str, mbid: str) -> str:
    """48 bits of the MBID: enough that nobody sees a wrong hit, and half the index."""
    return f"x{field}{mbid.replace('-', '').lower()[:12]}"


def exact(text: str) -> str | None:
    """One word for the whole name, so that the record called just so is found among thousands that contain its words."""
    parts = words(text)
    if not parts:
        return None
    return "xx" + blake2b(" ".join(parts).encode(), digest_size=6).hexdigest()
