"""Asking: fields that domains declare, a tree of conditions, and pages of rows. An engine that knows no domain.

`fields` declares, `parameters` and `sort` read what a caller wrote, `compile` makes SQL of it, `page` fetches ids.
"""

from segue.query.ast import (
    EVERYTHING,
    NOTHING,
    And,
    Compare,
    Has,
    In,
    Node,
    Not,
    Or,
    Range,
    Text,
    Value,
    both,
)
from segue.query.cursor import read_offset, write_offset
from segue.query.deep import Deep
from segue.query.errors import BadCursor, BadQuery, BadValue, NotSortable, TooBig, UnknownField, WrongOperation
from segue.query.fields import (
    Entities,
    Entity,
    Family,
    Field,
    Many,
    Named,
    Scope,
    Sort,
    SortKey,
    Sparse,
    Type,
    declared,
    sorted_by,
)
from segue.query.page import DEFAULT_LIMIT, MAX_LIMIT, Found, Question, Window, count, find
from segue.query.parameters import parse_filters
from segue.query.sort import Order, parse_sort

__all__ = [
    "DEFAULT_LIMIT",
    "EVERYTHING",
    "MAX_LIMIT",
    "NOTHING",
    "And",
    "BadCursor",
    "BadQuery",
    "BadValue",
    "Compare",
    "Deep",
    "Entities",
    "Entity",
    "Family",
    "Field",
    "Found",
    "Has",
    "In",
    "Many",
    "Named",
    "Node",
    "Not",
    "NotSortable",
    "Or",
    "Order",
    "Question",
    "Range",
    "Scope",
    "Sort",
    "SortKey",
    "Sparse",
    "Text",
    "TooBig",
    "Type",
    "UnknownField",
    "Value",
    "Window",
    "WrongOperation",
    "both",
    "count",
    "declared",
    "find",
    "parse_filters",
    "parse_sort",
    "read_offset",
    "sorted_by",
    "write_offset",
]
