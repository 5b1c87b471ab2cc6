"""What is wrong with a query that cannot be asked."""

from __future__ import annotations

from typing import Any

from segue.core.errors import Invalid


class BadQuery(Invalid):
    """The text cannot be asked; the message says why, in a sentence for the person who typed it."""

    def __init__(self, code: str, message: str, *, hint: str | None = None, **params: Any) -> None:
        super().__init__(code, message, hint=hint, **params)


class NothingAsked(BadQuery):
    def __init__(self) -> None:
        super().__init__("no_words", "There is no word to search for in this query.")


class OnlyExcluded(BadQuery):
    def __init__(self) -> None:
        super().__init__(
            "only_excluded",
            "This query only says what is not wanted.",
            hint="Give at least one word or field that is wanted as well.",
        )


class QueryTooLong(BadQuery):
    def __init__(self, longest: int) -> None:
        super().__init__("query_too_long", f"A query has at most {longest:,} characters.", longest=longest)


class TooManyWords(BadQuery):
    def __init__(self, most: int) -> None:
        super().__init__("too_many_words", f"A query has at most {most} words.", most=most)


class CannotExclude(BadQuery):
    def __init__(self, field: str) -> None:
        super().__init__(
            "cannot_exclude", f"-{field}: cannot be asked; words, title: and artist: can be excluded.", field=field
        )


class WrongField(BadQuery):
    """A field whose value cannot be one: a year that is no number, an ISRC that is none."""

    def __init__(self, field: str, value: str, expected: str) -> None:
        shown = value if len(value) <= 40 else f"{value[:40]}…"
        super().__init__("wrong_field", f"{field}:{shown} cannot be asked: {expected}", field=field, value=shown)


class NotForKind(BadQuery):
    def __init__(self, field: str, kind: str) -> None:
        super().__init__("field_not_for_kind", f"{field}: cannot be asked of {kind}s.", field=field, kind=kind)


class WrongCursor(BadQuery):
    def __init__(self) -> None:
        super().__init__(
            "wrong_cursor",
            "This cursor is of another search or another catalogue.",
            hint="Search from the start again.",
        )


class NoSubstringIndex(BadQuery):
    def __init__(self) -> None:
        super().__init__(
            "no_substring_index",
            "This catalogue was built without an index of substrings.",
            hint="Build it again with `segue catalog build … --trigram`, or search by words.",
        )


class SubstringTooShort(BadQuery):
    def __init__(self, shortest: int) -> None:
        super().__init__("substring_too_short", f"A substring has at least {shortest} characters.", shortest=shortest)
