"""Which leading words do not count, by language."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from segue.core import articles
from segue.core.text import sort_key


@pytest.fixture(autouse=True)
def usual() -> Iterator[None]:
    yield
    articles.use(articles.DEFAULT_LISTS)


@pytest.mark.parametrize(
    ("title", "language", "key"),
    [
        ("The End", None, "end"),
        ("Die Welt", None, "welt"),
        ("Die Young", "eng", "die young"),
        ("Die Young", "en", "die young"),
        ("Die Welt", "deu", "welt"),
        ("Die Welt", "ger", "welt"),
        ("The End", "deu", "end"),
        ("O Mundo", None, "o mundo"),
        ("O Mundo", "por", "mundo"),
        ("L’Été", "fra", "ete"),
        ("La Vie", "jpn", "la vie"),
        ("The Sea", "jpn", "sea"),
        ("De Dijk", "nld", "dijk"),
        ("De Dijk", None, "de dijk"),
        ("Die", "deu", "die"),
    ],
)
def test_articles_are_ignored_per_language(title: str, language: str | None, key: str) -> None:
    assert sort_key(title, language=language) == key


def test_the_lists_in_use_can_be_others() -> None:
    articles.use(("*: le", "en:"))
    assert sort_key("The End") == "the end"
    assert sort_key("Le Monde") == "monde"
    assert sort_key("The End", language="eng") == "the end"
    assert articles.in_use() == ("le",)


@pytest.mark.parametrize(
    "lists", [("the a",), ("12: x",), ("de: " + "x" * 40,), tuple(f"{a}{b}: x" for a in "abcdefgh" for b in "abcdefgh")]
)
def test_lists_that_cannot_be_read_are_refused(lists: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        articles.checked(lists)


def test_lists_are_kept_as_one_text() -> None:
    assert articles.read(articles.written(articles.DEFAULT_LISTS)) == articles.parsed(articles.DEFAULT_LISTS)
    assert articles.read("") == {}
