"""From a written query to a tree.

    query     = or ;
    or        = and , { "OR" , and } ;
    and       = unary , { [ "AND" ] , unary } ;
    unary     = ( "NOT" | "-" ) , unary | "(" , or , ")" | clause | condition | phrase ;
    condition = name , ":" , [ operator ] , [ mode ] , value , { "," , value } ;
    clause    = ( "sort" | "limit" | "offset" | "has" | "is" ) , ":" , value , { "," , value } ;
    phrase    = word | '"' words '"' | "*" ;

and, where what is asked about has things in an order (the songs of a concert), chains of `language.chains` in the place of a
phrase and of a value.

docs/query.md is the language's manual. The parser goes over a text once; parentheses and NOTs may be `MAX_DEPTH` deep,
so that no text can exhaust the stack, and what is too long or has too many conditions ends at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn, cast
from zoneinfo import ZoneInfo

from segue.query import values
from segue.query.ast import EVERYTHING, And, Compare, Has, Mode, Node, Not, Or, Text, normal
from segue.query.compile import MAX_DEPTH, MAX_NODES, MAX_VALUES
from segue.query.errors import BadValue, QuerySyntax
from segue.query.fields import UTC_ZONE, Entity, Field, Type
from segue.query.language import clauses, names
from segue.query.language.chains import ChainReader
from segue.query.language.checks import TOO_DEEP, Warning, check, too_many, warnings_of
from segue.query.language.clauses import Clauses
from segue.query.language.conditions import MODES, Maker, Operator
from segue.query.language.limits import Limit
from segue.query.language.printer import write
from segue.query.language.tokens import Piece, Reader
from segue.query.sort import Order

MAX_LENGTH = 10_000
"""Characters of a query."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A query that was understood. `normalized` is its one spelling, which parses to the same again.

    `order` is None where the query names no order; whoever lists takes the entity's own.
    """

    entity: str
    where: Node
    order: Order | None = None
    limit: Limit | None = None
    offset: int = 0
    warnings: tuple[Warning, ...] = ()
    normalized: str = ""


def parse(entity: Entity, text: str, zone: ZoneInfo = UTC_ZONE, now: datetime | None = None) -> Parsed:
    """What `text` asks of `entity`. Raises QuerySyntax, which names the place.

    Dates that move (`last-month`) stay as they are written; they are worked out in the asker's zone when the question is
    compiled, which is why `zone` and `now` are only needed to see that such a date exists.
    """
    if len(text) > MAX_LENGTH:
        raise QuerySyntax(
            "query_too_long",
            f"A query has at most {MAX_LENGTH:,} characters; this one has {len(text):,}.",
            text[:MAX_LENGTH],
            MAX_LENGTH,
            len(text) - MAX_LENGTH,
            limit=MAX_LENGTH,
        )
    return _Parser(entity, text).query()


class _Parser:
    def __init__(self, entity: Entity, text: str) -> None:
        self.entity = entity
        self.text = text
        self.reader = Reader(text)
        self.make = Maker(entity, text)
        self.clauses = Clauses(entity, text)
        self.chains = ChainReader(self.reader, self._warn)
        self.warnings: list[Warning] = []
        self._groups: list[int] = []
        self._keyword_at = 0
        self._nots = 0
        self._conditions = 0
        self._listed = 0

    # --- the grammar -------------------------------------------------------------------------------------------------

    def query(self) -> Parsed:
        self.reader.space()
        if self.reader.ended:
            self._fail(
                "empty_query", "The query is empty.", 0, len(self.text), "words, a condition, or * for everything"
            )
        where = normal(self._or())
        if not self.reader.ended:
            self._fail(
                "unbalanced_parenthesis", "No parenthesis was opened for this one.", self.reader.at, 1, "the end"
            )
        check(self.text, where)
        self.warnings += warnings_of(self.entity, where)
        said = self.clauses
        normalized = write(self.entity, where, said.order, said.limit, said.offset)
        return Parsed(self.entity.name, where, said.order, said.limit, said.offset, tuple(self.warnings), normalized)

    def _or(self) -> Node:
        parts = [self._and()]
        while self._keyword("or"):
            parts.append(self._and(after="OR"))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _and(self, after: str | None = None) -> Node:
        parts: list[Node] = []
        dashes: list[Node] = []
        clauses = len(self.clauses.said)
        expected = after
        while True:
            self.reader.space()
            something = bool(parts or dashes or len(self.clauses.said) > clauses)
            if self._stops(expected, something):
                break
            if self._keyword("and"):
                if expected is not None or not something:
                    self._fail("term_expected", "Something is missing before this AND.", self.reader.at - 3, 3, _TERM)
                expected = "AND"
                continue
            dash = self.reader.peek() in "-–—" and self._alone()
            part = self._unary()
            expected = None
            if part is not None:
                (dashes if dash else parts).append(part)
        return And(tuple(parts or dashes))

    def _stops(self, expected: str | None, something: bool) -> bool:
        """Whether the parts of an And end here: at the end, before `)` or OR. Fails where something was to come."""
        ends = self.reader.ended or self.reader.peek() == ")"
        if not ends and self.reader.keyword() != "or":
            return False
        if expected is not None:
            self._fail(
                "term_expected", f"Something is missing after {expected}.", self._keyword_at, len(expected), _TERM
            )
        if not ends and not something:
            self._fail("term_expected", "Something is missing before this OR.", self.reader.at, 2, _TERM)
        return True

    def _alone(self) -> bool:
        """Whether one character stands here by itself: a dash between an artist and a title says nothing."""
        after = self.text[self.reader.at + 1 : self.reader.at + 2]
        return not after or after.isspace()

    def _unary(self) -> Node | None:
        """One part; None for a clause, which is no condition."""
        start = self.reader.at
        nots = 0
        while True:
            if self._keyword("not"):
                self.reader.space()
            elif self.reader.peek() != "-" or self._alone() or not self.reader.take("-"):
                break
            nots += 1
            self._too_deep(start, nots)
        if nots and (self.reader.ended or self.reader.peek() == ")" or self.reader.keyword() in ("and", "or")):
            self._fail("term_expected", "Something is missing after NOT.", start, self.reader.at - start, _TERM)
        self._nots += nots
        part = self._primary(negated=nots > 0)
        self._nots -= nots
        for _ in range(nots):
            part = Not(cast(Node, part))
        return part

    def _primary(self, *, negated: bool) -> Node | None:
        if self.reader.peek() == "(":
            return self._group()
        if self.entity.chained is not None:
            self.chains.nothing_before()
        phrase = self.reader.quoted() or self.reader.pattern()
        if phrase is not None:
            return self._chain(phrase) or self._phrase(phrase)
        word = self.reader.word()
        if word is None:
            self._fail("unexpected", "A colon needs a field's name before it.", self.reader.at, 1, "a field's name")
        if self.reader.colon():
            return self._named(word, negated)
        chain = self._chain(word)
        if chain is not None:
            return chain
        return EVERYTHING if word.text == "*" else self._phrase(word)

    def _group(self) -> Node:
        opened = self.reader.at
        self._groups.append(opened)
        self._too_deep(opened)
        self.reader.take("(")
        self.reader.space()
        if self.reader.peek() == ")":
            self._fail("term_expected", "There is nothing between these parentheses.", opened, 2, _TERM)
        part = self._or()
        if not self.reader.take(")"):
            self._fail("unbalanced_parenthesis", "This parenthesis is not closed.", opened, 1, "a closing parenthesis")
        self._groups.pop()
        return part

    # --- what stands by itself ---------------------------------------------------------------------------------------

    def _chain(self, first: Piece, field: Field | None = None) -> Node | None:
        """The chain that `first` begins, of songs or of values of a field; None where no arrow follows."""
        if field is None and self.entity.chained is not None and not first.pattern:
            field = self.entity.field(self.entity.chained)
        chain = self.chains.chain(field, first) if field is not None and field.chained else None
        if chain is not None:
            if not first.closed:
                self._warn("unclosed_quote", "The quotation mark is not closed; the text goes to the end.", first)
            self._count(len(chain.parts), first)
        return chain

    def _phrase(self, piece: Piece) -> Node:
        if not piece.closed:
            self._warn("unclosed_quote", "The quotation mark is not closed; the text goes to the end.", piece)
        if piece.pattern:
            self.make.condition(_NO_FIELD, "", None, [piece], piece)
        try:
            written = str(values.parse(_NO_FIELD, piece.text))
        except BadValue as error:
            self._fail("bad_value", error.message, piece.start, piece.length, error.wanted)
        asked = names.phrase_of(self.entity)
        self._count(len(asked), piece)
        return Or(tuple(Text(name, "contains", written) for name in asked))

    # --- what has a name ---------------------------------------------------------------------------------------------

    def _named(self, name: Piece, negated: bool) -> Node | None:
        lower = name.text.lower()
        if lower in clauses.NAMES and lower not in self.entity.aliases:
            self.clauses.begin(lower, name, inside=negated or bool(self._groups))
            self.clauses.say(lower, self._values(None, name, modes=False)[0])
            return None
        if lower == "has":
            return self._has(name)
        if lower == "is":
            return self._is(name)
        found = names.find(self.entity, name.text)
        if found is None:
            self._unknown(name)
        if lower == "missing" and found.type is Type.BOOLEAN and (missing := self._missing_field()):
            return Not(Has(missing.name))
        operator = self._operator()
        if negated and not operator and self._nothing_follows():
            return Has(found.name)
        wanted, mode = self._values(found, name, modes=operator in ("", "=", "!="))
        if not operator and mode is None and len(wanted) == 1 and (chain := self._chain(wanted[0], found)) is not None:
            return chain
        self._count(1, name, listed=len(wanted))
        return self.make.condition(found, operator, mode, wanted, name)

    def _operator(self) -> Operator:
        """The comparison after a colon, perhaps after white space."""
        before = self.reader.at
        self.reader.space()
        operator = self.reader.operator()
        if not operator:
            self.reader.at = before
        return cast(Operator, operator)

    def _values(self, found: Field | None, name: Piece, *, modes: bool) -> tuple[list[Piece], Mode | None]:
        """The values after a colon, with the word before them that says how they are compared."""
        path = found is not None and ("path" in found.name or "folder" in found.name)
        wanted = [self._value(name, path=path)]
        mode = MODES.get(wanted[0].text.lower()) if modes and not wanted[0].quoted else None
        if mode is not None:
            before = self.reader.at
            if (
                self.reader.space()
                and not self.reader.ended
                and self.reader.peek() not in "(),"
                and self.reader.keyword() is None
                and (self.reader.peek() in '"“„' or not self.reader.begins_field())
            ):
                wanted = [self._value(name, path=path)]
            else:
                self.reader.at, mode = before, None
        while self.reader.take(","):
            wanted.append(self._value(name, path=path))
            if len(wanted) > MAX_VALUES:
                self._too_big("values", MAX_VALUES, name)
        return wanted, mode

    def _value(self, name: Piece, *, path: bool = False) -> Piece:
        spaced = self.reader.space()
        piece = None
        if not (spaced and (self.reader.keyword() is not None or self._field_follows())):
            piece = self.reader.value(path=path)
        if piece is None:
            written = self.text[: self.reader.at].rstrip()
            start, what = (
                (len(written) - 1, "the comma") if written.endswith(",") else (name.start, f"'{name.text[:80]}:'")
            )
            self._fail("value_expected", f"A value is missing after {what}.", start, len(written) - start, "a value")
        if not piece.closed:
            self._warn("unclosed_quote", "The quotation mark is not closed; the text goes to the end.", piece)
        return piece

    def _field_follows(self) -> bool:
        """Whether the name of a field and its colon come next."""
        before = self.reader.at
        word = self.reader.word()
        found = word is not None and self.reader.colon() and names.find(self.entity, word.text) is not None
        self.reader.at = before
        return found

    def _nothing_follows(self) -> bool:
        before = self.reader.at
        spaced = self.reader.space()
        nothing = (
            self.reader.ended or self.reader.peek() == ")" or (spaced and self.reader.keyword() in ("and", "or", "not"))
        )
        self.reader.at = before
        return nothing

    def _has(self, name: Piece) -> Node:
        wanted, _ = self._values(None, name, modes=False)
        parts: list[Node] = []
        for piece in wanted:
            unwanted = piece.text.startswith("-")
            bare = Piece(piece.text[unwanted:], piece.start + unwanted, piece.end)
            part: Node = Has(self._field_called(bare).name)
            parts.append(Not(part) if unwanted else part)
        self._count(len(parts), name)
        return And(tuple(parts))

    def _is(self, name: Piece) -> Node:
        """`is:starred`, `is:missing`, and `is:missing year` for what has no year."""
        piece = self._value(name)
        lower = piece.text.lower()
        if lower == "missing":
            before = self.reader.at
            self.reader.space()
            if (missing := self._missing_field()) is not None:
                return Not(Has(missing.name))
            self.reader.at = before
        self._count(1, name)
        found = self._field_called(piece)
        return Compare(found.name, "=", True) if found.type is Type.BOOLEAN else Has(found.name)

    def _missing_field(self) -> Field | None:
        """The field whose name stands here by itself; passed where there is one."""
        before = self.reader.at
        word = self.reader.word()
        if word is not None and not self.reader.colon():
            found = names.find(self.entity, word.text)
            if found is not None and found.type is not Type.BOOLEAN:
                return found
        self.reader.at = before
        return None

    def _field_called(self, piece: Piece) -> Field:
        found = names.find(self.entity, piece.text)
        if found is None:
            self._unknown(piece)
        return found

    # --- limits and errors -------------------------------------------------------------------------------------------

    def _keyword(self, wanted: str) -> bool:
        """Whether this keyword comes next; if so it is passed."""
        before = self.reader.at
        self.reader.space()
        if self.reader.keyword() == wanted:
            self._keyword_at = self.reader.at
            self.reader.at += len(wanted)
            return True
        self.reader.at = before
        return False

    def _count(self, conditions: int, at: Piece, *, listed: int = 0) -> None:
        self._conditions += conditions
        self._listed += listed
        if self._conditions > MAX_NODES:
            self._too_big("conditions", MAX_NODES, at)
        if self._listed > MAX_VALUES:
            self._too_big("values", MAX_VALUES, at)

    def _too_big(self, what: str, most: int, at: Piece) -> NoReturn:
        raise QuerySyntax("query_too_big", too_many(what, most), self.text, at.start, at.length, limit=most)

    def _too_deep(self, start: int, nots: int = 0) -> None:
        if len(self._groups) + self._nots + nots > MAX_DEPTH:
            raise QuerySyntax("query_too_deep", TOO_DEEP, self.text, start, 1, limit=MAX_DEPTH)

    def _warn(self, code: str, message: str, at: Piece) -> None:
        self.warnings.append(Warning(code, message, at.start, at.length))

    def _unknown(self, name: Piece) -> NoReturn:
        near = names.near(self.entity, name.text)
        shown = name.text if len(name.text) <= 80 else name.text[:79] + "…"
        self._fail(
            "unknown_field",
            f"There is no {shown!r} to ask about {self.entity.name}. A text with a colon goes in double quotes.",
            name.start, name.length, f"a field of {self.entity.name}", near,
        )  # fmt: skip

    def _fail(
        self,
        code: str,
        message: str,
        start: int,
        length: int,
        expected: str | None = None,
        suggestions: Iterable[str] = (),
    ) -> NoReturn:
        raise QuerySyntax(code, message, self.text, start, length, expected=expected, suggestions=suggestions)


_TERM = "a word, a condition such as artist:Beatles, or an opening parenthesis"
_NO_FIELD = Field("q", Type.TEXT, "Words without a field.")
