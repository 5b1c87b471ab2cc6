"""What else a query may have been meant as, where it finds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from segue.catalog.search.asking import Asked, Word
from segue.catalog.search.spelling import Speller
from segue.catalog.search.vocabulary import Vocabulary, begun

MOST_TRIES = 8
PER_WORD = 4


def corrections(asked: Asked, vocabulary: Vocabulary, speller: Speller) -> Iterator[str]:
    """Other texts, the likeliest first. Words that no name has are replaced; where there are none, each word in turn."""
    kind = asked.kind
    known = [(word, vocabulary.count_of(kind, word)) for word in asked.words if word.start is not None]
    unknown = [word for word, count in known if not count and not (word.prefix and begun(vocabulary, kind, word))]
    tries = 0
    if unknown:
        others = [_others(word, asked, vocabulary, speller) for word in unknown]
        chosen = sorted(product(*map(enumerate, others)), key=lambda choice: sum(number for number, _ in choice))
        for choice in chosen[:MOST_TRIES]:
            yield _replaced(asked.text, list(zip(unknown, (other for _, other in choice), strict=True)))
        return
    for word, _ in sorted(known, key=lambda pair: pair[1]):
        for other in _others(word, asked, vocabulary, speller)[:2]:
            if tries >= MOST_TRIES:
                return
            tries += 1
            yield _replaced(asked.text, [(word, other)])


def _others(word: Word, asked: Asked, vocabulary: Vocabulary, speller: Speller) -> list[str]:
    near = (other for token in {way[0]: None for way in word.ways if len(way) == 1} for other in speller.near(token))
    there = (other for other in near if vocabulary.count(asked.kind, other) or word.column.startswith("album"))
    return list(dict.fromkeys(there))[:PER_WORD]


def _replaced(text: str, words: list[tuple[Word, str]]) -> str:
    for word, other in sorted(words, key=lambda pair: -(pair[0].start or 0)):
        text = text[: word.start] + other + text[word.end :]
    return text
