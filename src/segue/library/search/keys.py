"""The forms that titles and marks have in the tables of search."""

from __future__ import annotations

import re

from segue.core.text import DEFAULT_ARTICLES, fold

MAX_TITLE_KEY = 160
"""Characters: at most 640 bytes, well inside the 2,704 bytes of a PostgreSQL index row."""
_ARTICLES = frozenset(article.rstrip("'") for article in DEFAULT_ARTICLES)
_NOT_WORDS = re.compile(r"[\W_]+")
_SIGN = "§"
"""No word has it (`core.text` spells it out), so what begins with it is a mark. Both databases keep it."""

PLAYED_MARKS: tuple[tuple[str, ...], ...] = (
    (f"{_SIGN}p4",),
    (f"{_SIGN}p3",),
    (f"{_SIGN}p2",),
    (f"{_SIGN}p1",),
    (f"{_SIGN}p0",),
)
"""The marks by how often something was played, the most first: 64 times or more, 8 to 63, 2 to 7, once, never."""


def title_key(title: str) -> str:
    """A title as it is compared: folded words without a leading article; its symbols where it has no words."""
    folded = fold(title.replace("\0", " "))
    words = _NOT_WORDS.sub(" ", folded).split()
    if len(words) > 1 and words[0] in _ARTICLES:
        del words[0]
    return (" ".join(words) or " ".join(folded.split()))[:MAX_TITLE_KEY]


def library_mark(library_id: int) -> str:
    """The mark of a library; 0 is for what belongs to none alone."""
    return f"{_SIGN}l{library_id}"


def plays_mark(plays: int) -> str:
    """The mark for this many plays."""
    return f"{_SIGN}p{4 if plays >= 64 else 3 if plays >= 8 else 2 if plays >= 2 else plays}"
