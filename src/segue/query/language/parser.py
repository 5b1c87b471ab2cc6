"""From a written query to a tree.

    query     = or ;
    or        = and , { "OR" , and } ;
    and       = unary , { [ "AND" ] , unary } ;
    unary     = ( "NOT" | "-" ) , unary | "(" , or , ")" | clause | condition | phrase ;
    condition = name , ":" , [ operator ] , [ mode ] , value , { "," , value } ;
    clause    = ( "sort" | "limit" | "offset" | "has" | "is" ) , ":" , value , { "," , value } ;
    phrase    = word | '"' words '"' | "*" ;

docs/query.md is the language's manual. The parser goes over a text once; parentheses and NOTs may be `MAX_DEPTH` deep,
so that no text can exhaust the stack, and what is too long or has too many conditions ends at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NoReturn, cast
from zoneinfo import ZoneInfo

from segue.query import values
from segue.query.ast import EVERYTHING, And, Compare, Has, Mode, Node, Not, Or, Range, Text, fields_of, normal, walk
from segue.query.compile import MAX_DEPTH, MAX_NODES, MAX_VALUES
from segue.query.errors import BadQuery, BadValue, QuerySyntax
from segue.query.fields import UTC_ZONE, Entity, Field, Type
from segue.query.language import names
from segue.query.language.conditions import MODES, Maker, Operator
from segue.query.language.cost import MAX_COST, cost
from segue.query.language.limits import Limit, parse_limit
from segue.query.language.printer import write
from segue.query.language.tokens import Piece, Reader
from segue.query.sort import Order, parse_sort

MAX_LENGTH = 10_000
"""Characters of a query."""
MAX_OFFSET = 1_000_000


@dataclass(frozen=True, slots=True)
class Warning:
    """Something that is right and yet worth telling: a code, a sentence, and the place it is about."""

    code: str
    message: str
    start: int = 0
    length: int = 0
    params: dict[str, Any] = field(default_factory=dict)


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
        self.order: Order | None = None
        self.limit: Limit | None = None
        self.offset = 0
        self.warnings: list[Warning] = []
        self._seen: set[str] = set()
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
        self._check_size(where)
        self._tell_absent(where)
        normalized = write(self.entity, where, self.order, self.limit, self.offset)
        return Parsed(self.entity.name, where, self.order, self.limit, self.offset, tuple(self.warnings), normalized)

    def _or(self) -> Node:
        parts = [self._and()]
        while self._keyword("or"):
            parts.append(self._and(after="OR"))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _and(self, after: str | None = None) -> Node:
        parts: list[Node] = []
        dashes: list[Node] = []
        clauses = len(self._seen)
        expected = after
        while True:
            self.reader.space()
            something = bool(parts or dashes or len(self._seen) > clauses)
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
        phrase = self.reader.quoted() or self.reader.pattern()
        if phrase is not None:
            return self._phrase(phrase)
        word = self.reader.word()
        if word is None:
            self._fail("unexpected", "A colon needs a field's name before it.", self.reader.at, 1, "a field's name")
        if self.reader.colon():
            return self._named(word, negated)
        return EVERYTHING if word.text == "*" else self._phrase(word)

    def _group(self) -> Node:
        opened = self.reader.at
        self._groups.append(opened)
        self._too_deep(opened)
        self.reader.take("(")
        self.reader.space()
        if self.reader.peek() == ")":
            self._fail("term_expected", "There is nothing between these parentheses.", opened, 2, _TERM)
        seen = self._seen
        part = self._or()
        if not self.reader.take(")"):
            self._fail("unbalanced_parenthesis", "This parenthesis is not closed.", opened, 1, "a closing parenthesis")
        self._groups.pop()
        self._seen = seen
        return part

    # --- what stands by itself ---------------------------------------------------------------------------------------

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
        if lower in ("sort", "limit", "offset") and lower not in self.entity.aliases:
            self._clause(lower, name, negated)
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
        if not (spaced and self.reader.keyword() is not None):
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

    def _clause(self, clause: str, name: Piece, negated: bool) -> None:
        if self._groups or negated:
            self._fail("clause_misplaced", f"{clause}: stands outside of parentheses and NOT.", name.start, name.length)
        if clause in self._seen:
            self._fail("clause_twice", f"{clause}: is said twice.", name.start, name.length)
        self._seen.add(clause)
        wanted, _ = self._values(None, name, modes=False)
        whole = Piece(",".join(piece.text for piece in wanted), wanted[0].start, wanted[-1].end)
        if clause == "sort":
            self._sort(wanted, whole)
        elif clause == "limit":
            self.limit = parse_limit(whole.text)
            if self.limit is None:
                self._fail(
                    "bad_value", f"{whole.text[:80]!r} is no limit.", whole.start, whole.length,
                    "a number of rows, minutes or bytes: 100, 90min, 2gb, 10%",
                )  # fmt: skip
        elif not whole.text.isascii() or not whole.text.isdigit() or int(whole.text[:9]) > MAX_OFFSET:
            self._fail(
                "bad_value", f"{whole.text[:80]!r} is no offset.", whole.start, whole.length,
                f"a number of rows up to {MAX_OFFSET:,}",
            )  # fmt: skip
        else:
            self.offset = int(whole.text[:9])

    def _sort(self, wanted: list[Piece], whole: Piece) -> None:
        spelled = []
        for piece in wanted:
            sign = piece.text[:1] if piece.text[:1] in "+-" else ""
            found = names.find(self.entity, piece.text[len(sign) :])
            spelled.append(sign + (found.name if found else piece.text[len(sign) :]))
        for piece, spelling in zip(wanted, spelled, strict=True):
            if len(wanted) > 1 or not spelling.lower().startswith("random"):
                self._sorted_by(spelling, piece)
        self.order = self._sorted_by(",".join(spelled), whole)

    def _sorted_by(self, spelling: str, piece: Piece) -> Order:
        try:
            return parse_sort(self.entity, spelling)
        except BadQuery as error:
            near: Iterable[str] = getattr(error, "suggestions", ())
            self._fail(error.code, error.message, piece.start, piece.length, "a field to sort by, or random", near)

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
        message = f"The query has too many {what}; the limit is {most}."
        raise QuerySyntax("query_too_big", message, self.text, at.start, at.length, limit=most)

    def _too_deep(self, start: int, nots: int = 0) -> None:
        if len(self._groups) + self._nots + nots > MAX_DEPTH:
            message = f"Parentheses and NOTs are nested too deeply; the limit is {MAX_DEPTH}."
            raise QuerySyntax("query_too_deep", message, self.text, start, 1, limit=MAX_DEPTH)

    def _check_size(self, where: Node) -> None:
        for count, (_, depth) in enumerate(walk(where), 1):
            if count > MAX_NODES:
                self._too_big("conditions", MAX_NODES, Piece("", 0, len(self.text)))
            if depth > MAX_DEPTH:
                message = f"Parentheses and NOTs are nested too deeply; the limit is {MAX_DEPTH}."
                raise QuerySyntax("query_too_deep", message, self.text, 0, len(self.text), limit=MAX_DEPTH)

        dear = cost(where)
        if dear > MAX_COST:
            message = f"The query asks too much: its cost is {dear:,}, and the limit is {MAX_COST:,}."
            raise QuerySyntax("query_too_dear", message, self.text, 0, len(self.text), limit=MAX_COST)

    def _tell_absent(self, where: Node) -> None:
        for name in sorted(fields_of(where)):
            if self.entity.field(name).absent:
                message = f"Nothing here knows {name!r} yet; it finds no rows."
                self.warnings.append(Warning("no_data_yet", message, 0, 0, {"field": name}))
        for part, _ in walk(where):
            if isinstance(part, Range) and _backwards(part):
                message = f"Nothing lies from {part.low} to {part.high}."
                self.warnings.append(Warning("empty_range", message, 0, 0, {"field": part.field}))

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


def _backwards(part: Range) -> bool:
    low, high = part.low, part.high
    return isinstance(low, int | float) and isinstance(high, int | float) and low > high
