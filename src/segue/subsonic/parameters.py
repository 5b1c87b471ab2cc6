"""Reading a request's parameters: query and form together, with the sentence for each that is missing or wrong.

Broken UTF-8 becomes U+FFFD and NUL is dropped, so that nothing behind this face ever sees either.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import parse_qsl

from segue.core.ids import BadId, TypedId
from segue.subsonic.faults import Code, Fault, MissingParameter, NotHere, WrongParameter

_TRUE = frozenset({"true", "1", "yes", "on"})
_FALSE = frozenset({"false", "0", "no", "off"})
_LARGEST = 2**62
_LAST_MILLISECOND = 253_402_300_799_999  # the end of the year 9999, where datetime ends

MAX_PARAMETERS = 200_000
"""Reading this many takes a good part of a second, and no playlist is longer."""

T = TypeVar("T")


class Parameters:
    """The parameters of one request. A name sent twice has two values; the form's values come before the query's."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)

    @classmethod
    def parse(cls, query: bytes, form: bytes = b"") -> Parameters:
        """The parameters of a query string and of an `application/x-www-form-urlencoded` body.

        Raises a Fault where there are more than `MAX_PARAMETERS`.
        """
        pairs: list[tuple[str, str]] = []
        for part in (form, query):
            if part:
                if part.count(b"&") >= MAX_PARAMETERS:
                    raise Fault(Code.GENERIC, f"A request may carry {MAX_PARAMETERS:,} parameters at most.")
                read = parse_qsl(part.decode("utf-8", "replace"), keep_blank_values=True, errors="replace")
                pairs += [(name, value.replace("\x00", "")) for name, value in read]
        return cls(pairs)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def optional(self, name: str) -> str | None:
        """The first value, or None where the parameter is absent or empty."""
        values = self._values.get(name)
        return (values[0] or None) if values else None

    def raw(self, name: str) -> str | None:
        """The first value, empty or not, or None where the parameter is absent."""
        values = self._values.get(name)
        return values[0] if values else None

    def required(self, name: str) -> str:
        """The first value. Raises MissingParameter where it is absent or empty."""
        value = self.optional(name)
        if value is None:
            raise MissingParameter(name)
        return value

    def many(self, name: str) -> list[str]:
        """Every value that is not empty, in the order sent."""
        return [value for value in self._values.get(name, ()) if value]

    def integer(self, name: str, default: int, *, least: int = 0, most: int = _LARGEST) -> int:
        """A whole number. Below `least` is wrong; above `most` is brought down to it, as every server does."""
        value = self.integer_or_none(name, least=least, most=most)
        return default if value is None else value

    def integer_or_none(self, name: str, *, least: int = 0, most: int = _LARGEST) -> int | None:
        """Like `integer`, and None where the parameter is absent or empty."""
        text = self.optional(name)
        if text is None:
            return None
        try:
            value = int(text) if len(text) <= 20 and text.isascii() else None
        except ValueError:
            value = None
        if value is None:
            raise WrongParameter(name, text, "a whole number")
        if value < least:
            raise WrongParameter(name, text, f"at least {least}")
        return min(value, most)

    def boolean(self, name: str, default: bool) -> bool:
        """`true` or `false` in any case; 1/0, yes/no and on/off are understood too."""
        value = self.boolean_or_none(name)
        return default if value is None else value

    def boolean_or_none(self, name: str) -> bool | None:
        """Like `boolean`, and None where the parameter is absent or empty."""
        text = self.optional(name)
        if text is None:
            return None
        folded = text.lower()
        if folded not in _TRUE and folded not in _FALSE:
            raise WrongParameter(name, text, "true or false")
        return folded in _TRUE

    def moment(self, name: str) -> datetime | None:
        """Milliseconds since 1970, UTC, as an aware datetime; None where the parameter is absent."""
        return self.moments(name)[0] if self.many(name) else None

    def moments(self, name: str) -> list[datetime]:
        """Every value of a repeatable time in milliseconds since 1970, UTC."""
        return [_moment(name, text) for text in self.many(name)]

    def choice(self, name: str, choices: dict[str, T]) -> T:
        """The member of `choices` that the required parameter names."""
        text = self.required(name)
        if text not in choices:
            raise WrongParameter(name, text, "one of " + ", ".join(choices))
        return choices[text]

    def id(self, name: str, what: str, *prefixes: str) -> TypedId:
        """The required id of one of our rows, of one of these kinds. Raises NotHere for any other text."""
        return typed_id(self.required(name), what, *prefixes)

    def ids(self, name: str, what: str, *prefixes: str) -> list[TypedId]:
        """The ids of a repeatable parameter, in the order sent."""
        return [typed_id(text, what, *prefixes) for text in self.many(name)]


def typed_id(text: str, what: str, *prefixes: str) -> TypedId:
    """The row that `text` names. An id of another kind, or no id at all, names nothing that could be found: NotHere."""
    try:
        found = TypedId.parse(text)
    except BadId:
        raise NotHere(what, text) from None
    if found.prefix not in prefixes:
        raise NotHere(what, text)
    return found


def _moment(name: str, text: str) -> datetime:
    digits = text if text.isascii() and text.isdigit() and len(text) <= 15 else None
    if digits is None or int(digits) > _LAST_MILLISECOND:
        raise WrongParameter(name, text, "milliseconds since 1970")
    seconds, milliseconds = divmod(int(digits), 1000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=milliseconds * 1000)
