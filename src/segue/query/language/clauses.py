"""What is no condition: in which order, how much, and from where on."""

from __future__ import annotations

from typing import NoReturn

from segue.query.errors import BadQuery, QuerySyntax
from segue.query.fields import Entity
from segue.query.language import names
from segue.query.language.limits import Limit, parse_limit
from segue.query.language.tokens import Piece
from segue.query.sort import Order, parse_sort

MAX_OFFSET = 1_000_000
NAMES = ("sort", "limit", "offset")


class Clauses:
    """The clauses of one text, each said once."""

    def __init__(self, entity: Entity, text: str) -> None:
        self._entity = entity
        self._text = text
        self.said: set[str] = set()
        self.order: Order | None = None
        self.limit: Limit | None = None
        self.offset = 0

    def begin(self, clause: str, name: Piece, *, inside: bool) -> None:
        """Note that a clause is said. Raises QuerySyntax inside of parentheses or NOT, and where it was said before."""
        if inside:
            self._wrong("clause_misplaced", f"{clause}: stands outside of parentheses and NOT.", name, None)
        if clause in self.said:
            self._wrong("clause_twice", f"{clause}: is said twice.", name, None)
        self.said.add(clause)

    def say(self, clause: str, wanted: list[Piece]) -> None:
        """What it says. Raises QuerySyntax."""
        whole = Piece(",".join(piece.text for piece in wanted), wanted[0].start, wanted[-1].end)
        if clause == "sort":
            self._sort(wanted, whole)
        elif clause == "limit":
            self.limit = parse_limit(whole.text)
            if self.limit is None:
                expected = "a number of rows, minutes or bytes: 100, 90min, 2gb, 10%"
                self._wrong("bad_value", f"{whole.text[:80]!r} is no limit.", whole, expected)
        elif not whole.text.isascii() or not whole.text.isdigit() or int(whole.text[:9]) > MAX_OFFSET:
            expected = f"a number of rows up to {MAX_OFFSET:,}"
            self._wrong("bad_value", f"{whole.text[:80]!r} is no offset.", whole, expected)
        else:
            self.offset = int(whole.text[:9])

    def _sort(self, wanted: list[Piece], whole: Piece) -> None:
        spelled = []
        for piece in wanted:
            sign = piece.text[:1] if piece.text[:1] in "+-" else ""
            found = names.find(self._entity, piece.text[len(sign) :])
            spelled.append(sign + (found.name if found else piece.text[len(sign) :]))
        for piece, spelling in zip(wanted, spelled, strict=True):
            if len(wanted) > 1 or not spelling.lower().startswith("random"):
                self._sorted_by(spelling, piece)
        self.order = self._sorted_by(",".join(spelled), whole)

    def _sorted_by(self, spelling: str, piece: Piece) -> Order:
        try:
            return parse_sort(self._entity, spelling)
        except BadQuery as error:
            near = list(getattr(error, "suggestions", ()))
            self._wrong(error.code, error.message, piece, "a field to sort by, or random", near)

    def _wrong(
        self, code: str, message: str, at: Piece, expected: str | None, near: list[str] | None = None
    ) -> NoReturn:
        raise QuerySyntax(code, message, self._text, at.start, at.length, expected=expected, suggestions=near or ())
