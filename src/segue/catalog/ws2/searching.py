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
from dataclasses import dataclass, field
from math import log
from typing import NamedTuple

from segue.catalog.ws2.fields import COLUMNS, DEFAULT, NOWHERE, OWN_ID, asked_fact, asked_range, is_fact
from segue.catalog.ws2.layout import TABLE, Entity
from segue.catalog.ws2.lucene import Clause, Group, Range, Term
from segue.catalog.ws2.reading import Ws2
from segue.catalog.ws2.words import asked_words, exact, words

COUNTED = 10_000
"""Hits are counted up to here."""
DEADLINE_S = 5.0
_STEP = 50
_BESIDE = 20
"""Candidates beyond those places that a question is asked for, so that the best of equals is among them."""
_MOST_COMBINATIONS = 8
_DF_COUNTED = 2_000
_NOTHING = '"xnothing"'


class Hits(NamedTuple):
    """`total` up to COUNTED; numbers with scores of 1 to 100, best first; `partial` where the time was up."""

    total: int
    found: list[tuple[int, int]]
    partial: bool = False


@dataclass
class _Part:
    """A part of what was asked for that may match or not: words of some columns, or a fact. `strict` asks for all of it;
    of a `loose` one any word is enough."""

    columns: tuple[str, ...]
    tokens: list[str] = field(default_factory=list)
    text: str = ""
    strict: str = ""
    weight: float = 1.0
    loose: bool = False

    @property
    def named(self) -> bool:
        return "name" in self.columns


class Search:
    """One search in one entity's index."""

    def __init__(self, ws2: Ws2, entity: Entity, query: Group, *, deadline_s: float = DEADLINE_S) -> None:
        self._ws2 = ws2
        self._entity = entity
        self._table = TABLE[entity]
        self._until = time.monotonic() + deadline_s
        while len(query.clauses) == 1 and isinstance(only := query.clauses[0], Group) and only.field is None:
            query = only
        self._ids: set[int] = set()
        self._only_ids: set[int] | None = None
        self._last = 0
        """How many hits the last question had."""
        clauses = self._without_ids(query.clauses)
        self._must = [text for one in clauses if one.occurs == "must" and (text := self._asked(one))]
        self._not = [text for one in clauses if one.occurs == "not" and (text := self._asked(one))]
        self._parts = self._taken_apart([one for one in clauses if one.occurs != "not"])
        self._everything = self._all_of(clauses)

    def hits(self, limit: int, offset: int) -> Hits:
        """A page. What answers all of the question is looked at for fifty places and more, whichever page is asked for, so that
        pages follow one another; lax questions are asked only for what then lacks of the page."""
        wanted = -(-(offset + limit) // _STEP) * _STEP
        self._ws2.database.set_progress_handler(lambda: time.monotonic() > self._until, 20_000)
        candidates: dict[int, set[int]] = {n: set() for n in self._ids}
        partial = False
        total = len(self._ids)
        try:
            if self._everything is not None:
                asked: set[str] = set()
                for match, parts, lax in self._questions():
                    if len(candidates) >= (offset + limit if lax else wanted):
                        break
                    if match in asked:
                        continue
                    asked.add(match)
                    for n in self._ask(match, wanted + _BESIDE):
                        candidates.setdefault(n, set()).update(parts)
                total += self._count()
            elif self._only_ids is not None:
                candidates = {n: set() for n in self._only_ids}
                total = len(candidates)
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

    # What is asked of the index

    def _without_ids(self, clauses: tuple[Clause, ...]) -> list[Clause]:
        """The clauses that are left when those that name MBIDs of the entity itself are answered."""
        left: list[Clause] = []
        named: list[tuple[Clause, set[int]]] = []
        for clause in clauses:
            ids = self._own_ids(clause, None)
            if ids is None:
                left.append(clause)
            else:
                named.append((clause, ids))
        needed = any(one.occurs == "must" for one in left)
        for clause, ids in named:
            if clause.occurs == "must" or needed:
                self._only_ids = ids if self._only_ids is None else self._only_ids & ids
            elif clause.occurs == "should":
                self._ids |= ids
        return left

    def _own_ids(self, clause: Clause, field: str | None) -> set[int] | None:
        if isinstance(clause, Group):
            found: set[int] = set()
            for inner in clause.clauses:
                ids = self._own_ids(inner, clause.field or field)
                if ids is None or inner.occurs != "should":
                    return None
                found |= ids
            return found if clause.clauses else None
        if isinstance(clause, Term) and (clause.field or field) in OWN_ID[self._entity]:
            try:
                n = self._ws2.number(self._entity, clause.text.strip())
            except ValueError:
                n = None
            return set() if n is None else {n}
        return None

    def _asked(self, clause: Clause, field: str | None = None) -> str | None:
        """A clause as FTS5 asks it; None where there is nothing to ask (a sign without a word)."""
        field = clause.field or field
        if isinstance(clause, Range):
            if field is None or not is_fact(field):
                return None
            return asked_range(field, clause.low, clause.high, clause.with_low, clause.with_high)
        if isinstance(clause, Term):
            return self._term(clause, field)
        must = [text for one in clause.clauses if one.occurs == "must" and (text := self._asked(one, field))]
        should = [text for one in clause.clauses if one.occurs == "should" and (text := self._asked(one, field))]
        forbidden = [text for one in clause.clauses if one.occurs == "not" and (text := self._asked(one, field))]
        wanted = " AND ".join(must) if must else " OR ".join(should)
        if not wanted:
            return None
        return f"(({wanted}) NOT ({' OR '.join(forbidden)}))" if forbidden else f"({wanted})"

    def _term(self, term: Term, field: str | None) -> str | None:
        columns = DEFAULT[self._entity]
        if field is not None:
            if is_fact(field) and (column := COLUMNS[self._entity].get(field)) is None:
                token = asked_fact(field, term.text, prefix=term.prefix)
                return token and f"facts : {token}"
            if field in NOWHERE:
                return _NOTHING
            column = COLUMNS[self._entity].get(field)
            columns = (column,) if column else columns
        tokens = asked_words(term.text)
        if not tokens or term.text == "*":
            return None
        prefix = term.prefix or (len(tokens) == 1 and _is_one_sign(tokens[0]))
        return f'{{{" ".join(columns)}}} : "{" ".join(tokens)}"{"*" if prefix else ""}'

    def _all_of(self, clauses: list[Clause]) -> str | None:
        """The whole question: every hit answers it."""
        if any(isinstance(one, Term) and one.field in ("*", None) and one.text == "*" for one in clauses):
            return ""
        if not self._must and not self._parts:
            return None
        wanted = " AND ".join(self._must)
        if not wanted:
            wanted = " OR ".join(text for one in clauses if one.occurs == "should" and (text := self._asked(one)))
        return self._with_not(wanted) if wanted else None

    def _with_not(self, wanted: str) -> str:
        return f"({wanted}) NOT ({' OR '.join(self._not)})" if self._not else f"({wanted})"

    def _taken_apart(self, clauses: list[Clause]) -> list[_Part]:
        parts: list[_Part] = []
        loose: list[str] = []
        for clause in clauses:
            text = self._asked(clause)
            if text is None:
                continue
            field = clause.field
            column = COLUMNS[self._entity].get(field) if field else None
            fact = column is None and field is not None and (is_fact(field) or field in NOWHERE)
            if isinstance(clause, Term) and field is None and not clause.phrase and not clause.prefix:
                loose.append(clause.text)
                continue
            if fact or isinstance(clause, Range):
                parts.append(_Part(("facts",), strict=text, weight=0.5))
                continue
            columns = (column,) if column else DEFAULT[self._entity]
            said = " ".join(one.text for one in _terms(clause))
            strict = text
            any_word = isinstance(clause, Group) and all(
                isinstance(one, Term) and one.occurs == "should" and one.field is None and not one.phrase
                for one in clause.clauses
            )
            if isinstance(clause, Group) and any_word:
                strict = " AND ".join(one for inner in clause.clauses if (one := self._asked(inner, field)))
            parts.append(_Part(columns, asked_words(said), said, f"({strict})", loose=any_word))
        if tokens := asked_words(" ".join(loose)):
            columns = DEFAULT[self._entity]
            strict = " AND ".join(self._word(columns, token) for token in dict.fromkeys(tokens))
            parts.insert(0, _Part(columns, tokens, " ".join(loose), f"({strict})", loose=True))
        for part in parts:
            if part.tokens:
                part.weight = sum(self._rarity(token) for token in part.tokens)
        facts = sum(part.weight for part in parts if not part.tokens) or 1.0
        texts = sum(part.weight for part in parts if part.tokens)
        for part in parts:
            if not part.tokens and texts:
                part.weight *= min(1.0, 0.3 * texts / facts)
        return parts

    @staticmethod
    def _word(columns: tuple[str, ...], token: str) -> str:
        return f'{{{" ".join(columns)}}} : "{token}"{"*" if _is_one_sign(token) else ""}'

    def _rarity(self, token: str) -> float:
        """As Lucene weighs words: the logarithm of how few have it."""
        known = self._ws2.rarities.get((self._entity, token))
        if known is None:
            (count,) = self._ws2.database.execute(
                f"SELECT count(*) FROM (SELECT 1 FROM {self._table}_words WHERE {self._table}_words MATCH ? LIMIT ?)",
                (f'"{token}"', _DF_COUNTED),
            ).fetchone()
            known = log(2 + self._ws2.counts[self._entity] / (count + 1))
            if len(self._ws2.rarities) > 20_000:
                self._ws2.rarities.clear()
            self._ws2.rarities[self._entity, token] = known
        return known

    def _questions(self) -> Iterator[tuple[str, list[int], bool]]:
        """From strict to lax, with the numbers of the parts that each asks for; and whether it is a lax one."""
        assert self._everything is not None
        texts = [at for at, part in enumerate(self._parts) if part.tokens]
        facts = [at for at, part in enumerate(self._parts) if not part.tokens]
        for at in texts:
            part = self._parts[at]
            if part.named and (token := exact(part.text)):
                others = [self._parts[other].strict for other in texts if other != at]
                yield self._and([f'facts : "{token}"', *others]), texts, False
                if others:
                    yield self._and([f'facts : "{token}"']), [at], False
        if texts:
            yield self._and([self._parts[at].strict for at in texts]), texts, False
            if facts and self._last:
                yield self._and([self._parts[at].strict for at in (*texts, *facts)]), [*texts, *facts], False
        elif facts:
            yield self._and([self._parts[at].strict for at in facts]), facts, False
        if not self._must:
            for match, parts in self._laxer(texts, facts):
                yield match, parts, True
        yield self._everything, [], True

    def _laxer(self, texts: list[int], facts: list[int]) -> Iterator[tuple[str, list[int]]]:
        """All but one part; then of each part all but one word, then one word, the rarest first."""
        if len(texts) > 1:
            for left_out in sorted(texts, key=lambda at: self._parts[at].weight)[:_MOST_COMBINATIONS]:
                kept = [at for at in texts if at != left_out]
                yield self._and([self._parts[at].strict for at in kept]), kept
        for at in texts:
            part = self._parts[at]
            if not part.loose:
                yield self._and([part.strict]), [at]
                continue
            tokens = sorted(dict.fromkeys(part.tokens), key=self._rarity)
            if len(tokens) > 2:
                for left_out_token in tokens[:_MOST_COMBINATIONS]:
                    kept_words = [self._word(part.columns, token) for token in tokens if token != left_out_token]
                    yield self._and(kept_words), []
            for token in reversed(tokens[-_MOST_COMBINATIONS:]):
                yield self._and([self._word(part.columns, token)]), []
        for at in facts if not texts else []:
            yield self._and([self._parts[at].strict]), [at]

    def _and(self, wanted: list[str]) -> str:
        return self._with_not(" AND ".join([*wanted, *self._must]))

    def _ask(self, match: str, limit: int) -> list[int]:
        name = f"{self._table}_words"
        only = ""
        values: list[object] = []
        if self._only_ids is not None:
            only = f"rowid IN ({','.join('?' * len(self._only_ids))})"
            values += sorted(self._only_ids)
        if not match:
            where = f"WHERE n {only.removeprefix('rowid ')}" if only else ""
            rows = self._ws2.database.execute(f"SELECT n FROM {self._table} {where} LIMIT ?", (*values, limit))
        else:
            also = f" AND {only}" if only else ""
            rows = self._ws2.database.execute(
                f"SELECT rowid FROM {name} WHERE {name} MATCH ?{also} LIMIT ?", (match, *values, limit)
            )
        found = [n for (n,) in rows]
        self._last = len(found)
        return found

    def _count(self) -> int:
        if not self._everything:
            return self._ws2.counts[self._entity] if self._only_ids is None else len(self._only_ids)
        if self._only_ids is not None:
            return len(self._ask(self._everything, len(self._only_ids)))
        name = f"{self._table}_words"
        (count,) = self._ws2.database.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM {name} WHERE {name} MATCH ? LIMIT ?)", (self._everything, COUNTED)
        ).fetchone()
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
            share = sum(map(self._rarity, found)) / (sum(map(self._rarity, wanted)) or 1.0)
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


def _is_one_sign(token: str) -> bool:
    """A single character of a script without spaces; the index has it together with the next."""
    return len(token) == 1 and not token.isascii()


def _terms(clause: Clause) -> Iterator[Term]:
    if isinstance(clause, Term):
        yield clause
    elif isinstance(clause, Group):
        for inner in clause.clauses:
            if inner.occurs != "not":
                yield from _terms(inner)
