"""What a query asks of the index: the parts of it that may match, what must and what must not, in FTS5's words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import log

from segue.catalog.ws2.fields import COLUMNS, DEFAULT, NOWHERE, OWN_ID, asked_fact, asked_range, is_fact
from segue.catalog.ws2.layout import TABLE, Entity
from segue.catalog.ws2.lucene import Clause, Group, Range, Term
from segue.catalog.ws2.reading import Ws2
from segue.catalog.ws2.words import asked_words

_COUNTED = 2_000
"""Up to how many have a word is counted, to know how rare it is."""
_NOTHING = '"xnothing"'


@dataclass
class Part:
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


class Question:
    """A query, taken apart for one entity's index.

    `everything` is all of it: every hit answers it; empty where everybody is asked for, None where there is nothing to ask.
    `forbidden` is what no hit may answer, empty where nothing is. `ids` are numbers that were named by MBID and are hits by
    that, `only_ids` those that alone may be (None: anybody), `not_ids` those that may not.
    """

    def __init__(self, ws2: Ws2, entity: Entity, query: Group) -> None:
        self._ws2 = ws2
        self._entity = entity
        while len(query.clauses) == 1 and isinstance(only := query.clauses[0], Group) and only.field is None:
            query = only
        self.ids: set[int] = set()
        self.only_ids: set[int] | None = None
        self.not_ids: set[int] = set()
        clauses = self._without_ids(query.clauses)
        self.must = [text for one in clauses if one.occurs == "must" and (text := self._asked(one))]
        self.forbidden = " OR ".join(text for one in clauses if one.occurs == "not" and (text := self._asked(one)))
        self.parts = self._taken_apart([one for one in clauses if one.occurs != "not"])
        self.everything = self._all_of(clauses)

    def together(self, wanted: list[str]) -> str:
        """All of these, with what must be and without what must not."""
        return self._with_not(" AND ".join([*wanted, *self.must]))

    @staticmethod
    def word(columns: tuple[str, ...], token: str) -> str:
        return f'{{{" ".join(columns)}}} : "{token}"{"*" if _is_one_sign(token) else ""}'

    def rarity(self, token: str) -> float:
        """As Lucene weighs words: the logarithm of how few have it."""
        known = self._ws2.rarities.get((self._entity, token))
        if known is None:
            table = TABLE[self._entity]
            (count,) = self._ws2.database.execute(
                f"SELECT count(*) FROM (SELECT 1 FROM {table}_words WHERE {table}_words MATCH ? LIMIT ?)",
                (f'"{token}"', _COUNTED),
            ).fetchone()
            known = log(2 + self._ws2.counts[self._entity] / (count + 1))
            if len(self._ws2.rarities) > 20_000:
                self._ws2.rarities.clear()
            self._ws2.rarities[self._entity, token] = known
        return known

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
            if clause.occurs == "must" or (needed and clause.occurs == "should"):
                self.only_ids = ids if self.only_ids is None else self.only_ids & ids
            elif clause.occurs == "should":
                self.ids |= ids
            else:
                self.not_ids |= ids
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
            return self._with_not(" AND ".join(self.must)) if self.must else ""
        if not self.must and not self.parts:
            return None
        wanted = " AND ".join(self.must)
        if not wanted:
            wanted = " OR ".join(text for one in clauses if one.occurs == "should" and (text := self._asked(one)))
        return self._with_not(wanted) if wanted else None

    def _with_not(self, wanted: str) -> str:
        return f"({wanted}) NOT ({self.forbidden})" if self.forbidden else f"({wanted})"

    def _taken_apart(self, clauses: list[Clause]) -> list[Part]:
        parts: list[Part] = []
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
                parts.append(Part(("facts",), strict=text, weight=0.5))
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
            parts.append(Part(columns, asked_words(said), said, f"({strict})", loose=any_word))
        if tokens := asked_words(" ".join(loose)):
            columns = DEFAULT[self._entity]
            strict = " AND ".join(self.word(columns, token) for token in dict.fromkeys(tokens))
            parts.insert(0, Part(columns, tokens, " ".join(loose), f"({strict})", loose=True))
        for part in parts:
            if part.tokens:
                part.weight = sum(self.rarity(token) for token in part.tokens)
        facts = sum(part.weight for part in parts if not part.tokens) or 1.0
        texts = sum(part.weight for part in parts if part.tokens)
        for part in parts:
            if not part.tokens and texts:
                part.weight *= min(1.0, 0.3 * texts / facts)
        return parts


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
