"""The words that names are found by."""

from __future__ import annotations

from segue.core.text import search_tokens


def indexed(text: str) -> str:
    """The words of a name as the index takes them, blanks between."""
    return " ".join(search_tokens(text))
