"""What can be wrong with a question. Each error names the parameter or field and, where one is near, the right one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from segue.core.errors import FieldProblem, Invalid


def nearest(word: str, known: Iterable[str], count: int = 3) -> list[str]:
    """The known words most like `word`, best first; empty where none is near (difflib's ratio of 0.6 and more)."""
    return difflib.get_close_matches(word.lower()[:64], sorted(known), n=count, cutoff=0.6)


def _shown(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"


class BadQuery(Invalid):
    """A filter, a sort or a page that cannot be answered. `parameter` is what the caller called it."""

    def __init__(self, code: str, parameter: str, message: str, *, hint: str | None = None, **params: object) -> None:
        parameter = _shown(parameter)
        super().__init__(code, message, hint=hint, fields=(FieldProblem(parameter, code, message),), **params)
        self.parameter = parameter


class UnknownField(BadQuery):
    def __init__(self, name: str, entity: str, known: Iterable[str], *, parameter: str | None = None) -> None:
        known = sorted(known)
        self.suggestions = nearest(name, known)
        hint = f"Did you mean {self.suggestions[0]}?" if self.suggestions else f"Known here: {', '.join(known)}."
        message = f"There is no {_shown(name)!r} to ask about {entity}."
        super().__init__("unknown_field", parameter or name, message, hint=hint, suggestions=self.suggestions)


class NotSortable(BadQuery):
    def __init__(self, name: str, entity: str, known: Iterable[str]) -> None:
        known = sorted(known)
        self.suggestions = nearest(name, known)
        hint = f"Did you mean {self.suggestions[0]}?" if self.suggestions else f"Known here: {', '.join(known)}."
        message = f"{entity.capitalize()} cannot be sorted by {_shown(name)!r}."
        super().__init__("unknown_sort", "sort", message, hint=hint, suggestions=self.suggestions)


class BadValue(BadQuery):
    def __init__(self, field: str, text: str, wanted: str, *, suggestions: Iterable[str] = ()) -> None:
        self.suggestions = list(suggestions)
        self.wanted = wanted
        hint = f"Did you mean {self.suggestions[0]}?" if self.suggestions else None
        message = f"{_shown(text)!r} is not {wanted}."
        super().__init__("bad_value", field, message, hint=hint, suggestions=self.suggestions)


class WrongOperation(BadQuery):
    def __init__(self, field: str, operation: str, type_name: str) -> None:
        super().__init__(
            "wrong_operation", field, f"{_shown(field)!r} is {type_name}; it cannot be asked with {operation}."
        )


class TooBig(BadQuery):
    def __init__(self, parameter: str, what: str, limit: int) -> None:
        super().__init__(
            "query_too_big", parameter, f"The query has too many {what}; the limit is {limit}.", limit=limit
        )


class BadCursor(BadQuery):
    def __init__(self, reason: str) -> None:
        super().__init__(
            "bad_cursor", "cursor", reason, hint="Ask again without a cursor; keep sort and filters while paging."
        )


class QuerySyntax(BadQuery):
    """A written query that is wrong at one place: `start` and `length` in characters, `line` and `column` from 1.

    `expected` says what could stand there, `suggestions` the nearest right words. docs/query.md lists the codes.
    """

    def __init__(
        self,
        code: str,
        message: str,
        text: str,
        start: int,
        length: int,
        *,
        expected: str | None = None,
        suggestions: Iterable[str] = (),
        **params: object,
    ) -> None:
        self.suggestions = list(suggestions)
        self.expected = expected
        self.start, self.length = start, length
        before = text[:start]
        self.line = before.count("\n") + 1
        self.column = start - (before.rfind("\n") + 1) + 1
        hint = f"Did you mean {self.suggestions[0]}?" if self.suggestions else expected and f"Expected: {expected}."
        super().__init__(code, "q", message, hint=hint, suggestions=self.suggestions, **params)
        self.members = {"position": self.position, "expected": expected, "suggestions": self.suggestions}

    @property
    def position(self) -> dict[str, int]:
        return {"start": self.start, "length": self.length, "line": self.line, "column": self.column}


class QueryTooSlow(Invalid):
    """A question that was not answered within the time a question may take."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            "query_too_slow",
            f"This could not be answered within {seconds:g} seconds.",
            hint="Ask for less: add a condition that few rows meet, such as an artist, a year or a library.",
            seconds=seconds,
        )
