"""What things are found by in search. Pure text, so that those who read files can work it out as well."""

from __future__ import annotations

import re
from functools import lru_cache

from segue.core.text import DEFAULT_ARTICLES, fold

MAX_TITLE_KEY = 160
"""Characters: at most 640 bytes, well inside the 2,704 bytes of a PostgreSQL index row."""
_ARTICLES = frozenset(article.rstrip("'") for article in DEFAULT_ARTICLES)
_NOT_WORDS = re.compile(r"[\W_]+")


@lru_cache(maxsize=4_096)
def title_key(title: str) -> str:
    """A title as it is compared: folded words without a leading article; its symbols where it has no words."""
    folded = fold(title.replace("\0", " "))
    words = _NOT_WORDS.sub(" ", folded).split()
    if len(words) > 1 and words[0] in _ARTICLES:
        del words[0]
    return (" ".join(words) or " ".join(folded.split()))[:MAX_TITLE_KEY]


def is_article(text: str) -> bool:
    """Whether `text` is nothing but a word that does not count at the beginning of a title."""
    return fold(text).strip() in _ARTICLES


def number_spellings(number: str | None) -> list[str]:
    """A catalogue number or barcode as written, and as one word: `CDP 7 46001 2` is also looked for as cdp7460012."""
    if not number:
        return []
    whole = "".join(char for char in number if char.isalnum())
    return list(dict.fromkeys((number, whole, whole.lstrip("0")) if whole.isdigit() else (number, whole)))
