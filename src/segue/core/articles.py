"""Leading words that do not count when titles and names are sorted, by language.

A list is written `de: der die das ein eine`; the one of `*` is for titles whose language nobody knows, and is what
Subsonic apps are told. The lists in use are the server's setting `library.articles`, taken over at the start and
whenever it changes; sort keys that are stored already are then made anew by a job.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

ANY = "*"
DEFAULT_LISTS: tuple[str, ...] = (
    "*: the a an der die das ein eine le la les l' un une el los las una il gli os het",
    "en: the a an",
    "de: der die das ein eine",
    "fr: le la les l' un une",
    "es: el la los las un una",
    "it: il lo la i gli le l' un una uno",
    "pt: o a os as um uma",
    "nl: de het een",
)
"""`I`, `As`, `De` and `O` are left out where the language is not known: more names need them than not."""

_CODES = {
    "eng": "en",
    "deu": "de",
    "ger": "de",
    "fra": "fr",
    "fre": "fr",
    "spa": "es",
    "ita": "it",
    "por": "pt",
    "nld": "nl",
    "dut": "nl",
}
"""ISO 639-2, as tags have it, to ISO 639-1."""
MOST_LISTS, LONGEST_LIST, LONGEST_ARTICLE = 50, 50, 16


def parsed(lists: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The lists by language. Raises ValueError, saying which cannot be read."""
    found: dict[str, tuple[str, ...]] = {}
    for text in lists:
        language, colon, words = text.partition(":")
        language = language.strip().lower()
        articles = tuple(dict.fromkeys(word.replace("’", "'") for word in words.lower().split()))
        if not colon or not (
            language == ANY or (language.isascii() and language.isalpha() and len(language) in (2, 3))
        ):
            raise ValueError(f"{text[:60]!r} is not a list such as 'de: der die das', or '*: the a an'")
        if len(articles) > LONGEST_LIST or any(len(word) > LONGEST_ARTICLE for word in articles):
            raise ValueError(f"the list of {language} has more than {LONGEST_LIST} articles, or one that is no article")
        found[_CODES.get(language, language)] = articles
    if len(found) > MOST_LISTS:
        raise ValueError(f"there are more than {MOST_LISTS} lists of articles")
    return found


def checked(lists: tuple[str, ...]) -> tuple[str, ...]:
    """The lists, unchanged, for a setting. Raises ValueError."""
    parsed(lists)
    return lists


_in_use: Mapping[str, tuple[str, ...]] = parsed(DEFAULT_LISTS)


def use(lists: Iterable[str]) -> None:
    """From now on, these are the lists of this process."""
    global _in_use
    _in_use = parsed(lists)


def in_use(language: str | None = None) -> tuple[str, ...]:
    """What does not count now in a title of this language; see `chosen`."""
    return chosen(_in_use, language)


def chosen(lists: Mapping[str, tuple[str, ...]], language: str | None) -> tuple[str, ...]:
    """What does not count in a title of this language (ISO 639, two or three letters; None where nobody knows).

    A language with a list also leaves English articles out, for English titles are everywhere; one without a list leaves
    out only those.
    """
    code = (language or "").strip().lower()
    code = _CODES.get(code, code)
    if not code.isalpha():
        return lists.get(ANY, ())
    return tuple(dict.fromkeys((*lists.get(code, ()), *lists.get("en", ()))))


def written(lists: Iterable[str]) -> str:
    """The lists as one text, to be kept and compared; `read` reads it."""
    return "; ".join(f"{language}: {' '.join(articles)}" for language, articles in sorted(parsed(lists).items()))


def read(text: str) -> dict[str, tuple[str, ...]]:
    """What `written` wrote."""
    return parsed(text.split("; ")) if text else {}
