"""Searches: from the tree of a query to numbers and scores, best first.

The index streams rows in the order of their numbers (the most named first), so a question is asked from strict to lax, each
time for a page and a little more: the very name, everything that was asked for, all but one part, single words. What was
found so is scored by what it says, and the best has 100, as Lucene's answers have. Nothing walks through all rows that have
a common word.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from typing import NamedTuple

from segue.catalog.ws2.layout import TABLE, Entity
from segue.catalog.ws2.lucene import Group
from segue.catalog.ws2.question import Question
from segue.catalog.ws2.reading import Ws2
from segue.catalog.ws2.words import exact, words

COUNTED = 10_000
"""Hits are counted, and can be paged through, up to here."""
DEADLINE_S = 5.0
_STEP = 50
_BESIDE = 20
"""Candidates beyond those places that a question is asked for, so that the best of equals is among them."""
_MOST_COMBINATIONS = 8
_LOOK_EVERY = 100
"""Steps of SQLite's machine from one look at the clock to the next. What common words have in common is found inside of one
step; the machine runs then only to read pages of the index, about four steps a page, so this is some 25 pages."""


class Hits(NamedTuple):
    """`total` up to COUNTED; numbers with scores of 1 to 100, best first; `partial` where the time was up."""

    total: int
    found: list[tuple[int, int]]
    partial: bool = False


class Search:
    """One search in one entity's index."""

    def __init__(self, ws2: Ws2, entity: Entity, query: Group, *, deadline_s: float = DEADLINE_S) -> None:
        self._ws2 = ws2
        self._entity = entity
        self._table = TABLE[entity]
        self._until = time.monotonic() + deadline_s
        self._question = Question(ws2, entity, query)
        self._parts = self._question.parts
        self._cut = False
        """Whether the last question had more hits than were asked for."""

    def hits(self, limit: int, offset: int) -> Hits:
        """A page. What answers all of the question is looked at for fifty places and more, whichever page is asked for, so that
        pages follow one another; lax questions are asked only for what then lacks of the page."""
        if offset >= COUNTED:
            return Hits(self._count() if self._question.everything is not None else len(self._question.ids), [])
        wanted = -(-(offset + limit) // _STEP) * _STEP
        self._ws2.database.set_progress_handler(lambda: time.monotonic() > self._until, _LOOK_EVERY)
        candidates: dict[int, set[int]] = {n: set() for n in self._question.ids}
        partial = False
        total = len(self._question.ids)
        try:
            if self._question.everything is not None:
                asked: set[str] = set()
                for match, parts, lax in self._questions():
                    if len(candidates) >= (offset + limit if lax else wanted):
                        break
                    if match in asked:
                        continue
                    asked.add(match)
                    for n in self._ask(match, wanted + _BESIDE):
                        candidates.setdefault(n, set()).update(parts)
                self._look_for_facts(list(candidates)[: offset + limit], candidates)
                total += self._count()
            elif self._question.only_ids is not None:
                candidates = {n: set() for n in self._question.only_ids}
                total = len(candidates)
            for n in self._question.not_ids & candidates.keys():
                del candidates[n]
                total -= 1
            scored = self._scored(candidates)
        except sqlite3.OperationalError as error:
            if "interrupted" not in str(error):
                raise
            partial = True
            self._until += DEADLINE_S
            scored = self._scored(candidates)
        finally:
            self._ws2.database.set_progress_handler(None, 0)
        best = scored[0][0] if scored else 1.0
        page = scored[offset : offset + limit]
        return Hits(max(total, len(scored)), [(-n, max(1, round(100 * score / best))) for score, n in page], partial)

    def _questions(self) -> Iterator[tuple[str, list[int], bool]]:
        """From strict to lax, with the numbers of the parts that each asks for; and whether it is a lax one."""
        assert self._question.everything is not None
        texts = [at for at, part in enumerate(self._parts) if part.tokens]
        facts = [at for at, part in enumerate(self._parts) if not part.tokens]
        for at in texts:
            part = self._parts[at]
            if part.named and (token := exact(part.text)):
                others = [self._parts[other].strict for other in texts if other != at]
                yield self._question.together([f'facts : "{token}"', *others]), texts, False
                if others:
                    yield self._question.together([f'facts : "{token}"']), [at], False
        if texts:
            yield self._question.together([self._parts[at].strict for at in texts]), texts, False
            if facts and self._cut:
                yield (
                    self._question.together([self._parts[at].strict for at in (*texts, *facts)]),
                    [*texts, *facts],
                    False,
                )
        elif facts:
            yield self._question.together([self._parts[at].strict for at in facts]), facts, False
        if not self._question.must:
            for match, parts in self._laxer(texts, facts):
                yield match, parts, True
        yield self._question.everything, [], True

    def _laxer(self, texts: list[int], facts: list[int]) -> Iterator[tuple[str, list[int]]]:
        """All but one part; then of each part all but one word, then one word, the rarest first."""
        if len(texts) > 1:
            for left_out in sorted(texts, key=lambda at: self._parts[at].weight)[:_MOST_COMBINATIONS]:
                kept = [at for at in texts if at != left_out]
                yield self._question.together([self._parts[at].strict for at in kept]), kept
        for at in texts:
            part = self._parts[at]
            if not part.loose:
                yield self._question.together([part.strict]), [at]
                continue
            tokens = sorted(dict.fromkeys(part.tokens), key=self._question.rarity)
            if len(tokens) > 2:
                for left_out_token in tokens[:_MOST_COMBINATIONS]:
                    kept_words = [
                        self._question.word(part.columns, token) for token in tokens if token != left_out_token
                    ]
                    yield self._question.together(kept_words), []
            for token in reversed(tokens[-_MOST_COMBINATIONS:]):
                yield self._question.together([self._question.word(part.columns, token)]), []
        for at in facts if not texts else []:
            yield self._question.together([self._parts[at].strict]), [at]

    def _ask(self, match: str, limit: int) -> list[int]:
        query, values = self._hits_of(match, limit)
        found = [n for (n,) in self._ws2.database.execute(query, values)]
        self._cut = len(found) == limit
        return found

    def _hits_of(self, match: str, limit: int) -> tuple[str, list[str]]:
        """The statement that gives the first hits of a question; of an empty one, everybody."""
        name = f"{self._table}_words"
        number, where, values = "rowid", f"{name} MATCH ?", [match]
        if not match:
            name, number, where, values = self._table, "n", "1", []
            if self._question.forbidden:
                where = f"n NOT IN (SELECT rowid FROM {self._table}_words WHERE {self._table}_words MATCH ?)"
                values = [self._question.forbidden]
        if (only := self._question.only_ids) is not None:
            where += f" AND {number} IN ({','.join(map(str, sorted(only)))})"
        return f"SELECT {number} FROM {name} WHERE {where} LIMIT {limit}", values

    def _look_for_facts(self, some: list[int], candidates: dict[int, set[int]]) -> None:
        """Which of the facts those have whose words were found."""
        name = f"{self._table}_words"
        asked = f"SELECT rowid FROM {name} WHERE {name} MATCH ? AND rowid IN ({','.join('?' * len(some))})"
        facts = [at for at, part in enumerate(self._parts) if not part.tokens]
        for at in facts if len(facts) < len(self._parts) else ():
            for (n,) in self._ws2.database.execute(asked, (self._parts[at].strict, *some)):
                candidates[n].add(at)

    def _count(self) -> int:
        if not self._question.everything and not self._question.forbidden and self._question.only_ids is None:
            return self._ws2.counts[self._entity]
        query, values = self._hits_of(self._question.everything or "", COUNTED)
        (count,) = self._ws2.database.execute(f"SELECT count(*) FROM ({query})", values).fetchone()
        return int(count)

    # What was found

    def _scored(self, candidates: dict[int, set[int]]) -> list[tuple[float, int]]:
        """Best first, as (score, minus the number): of equals the one that most others name."""
        scored = [(self._score(n, parts), -n) for n, parts in candidates.items()]
        scored.sort(reverse=True)
        return scored

    def _score(self, n: int, matched: set[int]) -> float:
        body = self._ws2.body(self._entity, n)
        name = words(body.get("title") or body.get("name") or "")
        beside: set[str] | None = None
        score = 0.01
        for at, part in enumerate(self._parts):
            if not part.tokens:
                score += part.weight * (at in matched)
                continue
            have: set[str] = set()
            if part.named:
                have.update(name)
            if part.columns != ("name",):
                if beside is None:
                    beside = self._names_beside(body)
                have |= beside
            wanted = set(part.tokens)
            found = wanted & have
            if at in matched:
                found = wanted
            share = sum(map(self._question.rarity, found)) / (sum(map(self._question.rarity, wanted)) or 1.0)
            if part.named and name:
                in_name = len(set(name) & wanted)
                share *= 0.55 + 0.35 * in_name / max(len(set(name)), len(wanted)) + 0.1 * (name == part.tokens)
            score += part.weight * share
        return score

    def _names_beside(self, body: dict[str, object]) -> set[str]:
        """Words of aliases and of those who are credited."""
        found: set[str] = set()
        for alias in body.get("aliases") or ():  # type: ignore[attr-defined]
            found.update(words(alias.get("name") or ""))
        if isinstance(sort_name := body.get("sort-name"), str):
            found.update(words(sort_name))
        for artist, name, _ in body.get("artist-credit") or ():  # type: ignore[attr-defined]
            found.update(words(self._ws2.body("artist", artist).get("name") or ""))
            if name:
                found.update(words(name))
        return found
