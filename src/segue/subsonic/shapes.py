"""The words in which answers are described: a shape is a list of fields, a field knows how it is spelled.

One shape gives all three formats. In XML a plain field is an attribute, a `text` field is the element's content
and everything else is a child element; in JSON a plain field is a member, text content is the member `value`, and a
repeated child is always an array, also with one element or none.

A field that has no value is left out when its default is `OMIT`, else its default is sent, so that a client can
see that the server knows the field (the OpenSubsonic rule for optional fields a server supports).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, Literal


class Scalar(Enum):
    """The types of single values; each has one spelling in JSON and one in XML."""

    TEXT = auto()
    INTEGER = auto()
    NUMBER = auto()
    BOOLEAN = auto()
    TIME = auto()
    """An aware datetime, sent in UTC with `Z`."""


class Absence(Enum):
    """What happens where a value is missing and there is no default."""

    REQUIRED = auto()
    OMIT = auto()


REQUIRED: Final = Absence.REQUIRED
OMIT: Final = Absence.OMIT

Kind = Literal["attribute", "content", "element", "one", "many"]
Default = Absence | str | int | float | bool


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a shape. `opensubsonic` marks what the original Subsonic protocol did not have."""

    name: str
    kind: Kind
    type: Scalar | Shape
    default: Default
    opensubsonic: bool = False
    left_out: bool = False
    """Of a list: it is left out where it is empty."""


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """A named list of fields in the order in which they are sent. Two shapes are equal only if they are one object."""

    name: str
    fields: tuple[Field, ...]

    def __post_init__(self) -> None:
        names = [field.name for field in self.fields]
        if len(set(names)) != len(names):
            raise ValueError(f"{self.name} declares a field twice")

    def inside(self, name: str) -> Shape:
        """The shape of the field `name`. Raises KeyError where there is none, or it holds a single value."""
        for field in self.fields:
            if field.name == name and isinstance(field.type, Shape):
                return field.type
        raise KeyError(name)

    def extended(self, name: str, *fields: Field) -> Shape:
        """A new shape with these fields after the ones of this shape."""
        return Shape(name, (*self.fields, *fields))


@dataclass(frozen=True, slots=True)
class Root:
    """What stands directly below `subsonic-response`: one object, or a list (`openSubsonicExtensions`)."""

    name: str
    shape: Shape
    many: bool = False


def shape(name: str, *fields: Field) -> Shape:
    """A shape of that name with these fields."""
    return Shape(name, fields)


def text(name: str, default: Default = OMIT, *, opensubsonic: bool = False) -> Field:
    """A text attribute. Ids are texts too."""
    return Field(name, "attribute", Scalar.TEXT, default, opensubsonic)


def integer(name: str, default: Default = OMIT, *, opensubsonic: bool = False) -> Field:
    """A whole number attribute."""
    return Field(name, "attribute", Scalar.INTEGER, default, opensubsonic)


def number(name: str, default: Default = OMIT, *, opensubsonic: bool = False) -> Field:
    """A decimal number attribute; what is not finite counts as missing."""
    return Field(name, "attribute", Scalar.NUMBER, default, opensubsonic)


def boolean(name: str, default: Default = OMIT, *, opensubsonic: bool = False) -> Field:
    """A true/false attribute."""
    return Field(name, "attribute", Scalar.BOOLEAN, default, opensubsonic)


def time(name: str, default: Default = OMIT, *, opensubsonic: bool = False) -> Field:
    """A point in time as an attribute."""
    return Field(name, "attribute", Scalar.TIME, default, opensubsonic)


def content(default: Default = REQUIRED) -> Field:
    """The element's own text; `value` in JSON and in what a handler hands over."""
    return Field("value", "content", Scalar.TEXT, default)


def element(name: str, default: Default = OMIT, *, opensubsonic: bool = False) -> Field:
    """A text that XML carries as a child element (`<biography>…</biography>`)."""
    return Field(name, "element", Scalar.TEXT, default, opensubsonic)


def one(name: str, of: Shape, default: Absence = OMIT, *, opensubsonic: bool = False) -> Field:
    """One child object."""
    return Field(name, "one", of, default, opensubsonic)


def many(name: str, of: Shape | Scalar, *, opensubsonic: bool = False, left_out: bool = False) -> Field:
    """A list of child objects or of plain values; no value is an empty list, or with `left_out` no member at all."""
    return Field(name, "many", of, OMIT, opensubsonic, left_out)
