"""The part of the archive's query language that its clients use: words, fields, ranges, AND, OR, NOT and brackets."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import Any

Doc = Mapping[str, Any]
Test = Callable[[Doc], bool]

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<open>\()|(?P<close>\))
        |(?P<word>AND\b|OR\b|NOT\b|-(?=\w+:|\())
        |(?:(?P<field>[\w-]+):)?(?:
            \[(?P<low>\S+)\s+TO\s+(?P<high>[^\]\s]+)\]
            |"(?P<quoted>(?:[^"\\]|\\.)*)"
            |(?P<group>\()
            |(?P<bare>[^\s()"]+))
    )""",
    re.VERBOSE,
)
_WORDS = ("title", "creator", "description", "venue", "coverage", "identifier", "subject")


class Unreadable(ValueError):
    """The query is none."""


def compiled(query: str) -> Test:
    """What tells whether an item is found. Raises Unreadable."""
    tokens: list[re.Match[str]] = []
    at = 0
    while at < len(query.rstrip()):
        found = _TOKEN.match(query, at)
        if found is None:
            raise Unreadable(f"cannot parse at {query[at : at + 20]!r}")
        tokens.append(found)
        at = found.end()
    if not tokens:
        return lambda doc: True
    test, rest = _any(tokens, 0, None)
    if rest != len(tokens):
        raise Unreadable("unbalanced brackets")
    return test


def _any(tokens: list[re.Match[str]], at: int, field: str | None) -> tuple[Test, int]:
    test, at = _all(tokens, at, field)
    while at < len(tokens) and tokens[at]["word"] == "OR":
        other, at = _all(tokens, at + 1, field)
        test = _either(test, other)
    return test, at


def _all(tokens: list[re.Match[str]], at: int, field: str | None) -> tuple[Test, int]:
    test, at = _one(tokens, at, field)
    while at < len(tokens) and tokens[at]["word"] != "OR" and not tokens[at]["close"]:
        at += tokens[at]["word"] == "AND"
        other, at = _one(tokens, at, field)
        test = _both(test, other)
    return test, at


def _one(tokens: list[re.Match[str]], at: int, field: str | None) -> tuple[Test, int]:
    if at >= len(tokens):
        raise Unreadable("something is missing at the end")
    token = tokens[at]
    if token["word"] in ("NOT", "-"):
        test, at = _one(tokens, at + 1, field)
        return _not(test), at
    if token["open"] or token["group"]:
        test, at = _any(tokens, at + 1, token["field"] or field)
        if at >= len(tokens) or not tokens[at]["close"]:
            raise Unreadable("a bracket is not closed")
        return test, at + 1
    if token["word"] or token["close"]:
        raise Unreadable(f"nothing between {token[0]!r}")
    return _term(token, token["field"] or field), at + 1


def _term(token: re.Match[str], field: str | None) -> Test:
    if token["low"] is not None:
        low, high = token["low"], token["high"]
        return lambda doc: any(_between(low, said, high) for said in _said(doc, field or "date"))
    text = token["quoted"]
    text = (token["bare"] or "") if text is None else re.sub(r"\\(.)", r"\1", text)
    wanted = text.casefold()
    if field in (None, "*"):
        if wanted in ("*", "*:*", ""):
            return lambda doc: True
        return lambda doc: any(wanted.strip("*") in said for name in _WORDS for said in _said(doc, name))
    assert field is not None
    if "*" in wanted:
        return lambda doc: any(fnmatchcase(said, wanted) for said in _said(doc, field))
    if field in _WORDS and field != "identifier":
        return lambda doc: any(wanted in said for said in _said(doc, field))
    return lambda doc: any(said == wanted or said.partition("t00:")[0] == wanted for said in _said(doc, field))


def _said(doc: Doc, field: str) -> list[str]:
    value = doc.get(field)
    values = value if isinstance(value, list) else [] if value is None else [value]
    return [str(one).casefold() for one in values]


def _between(low: str, said: str, high: str) -> bool:
    low, high = low.strip('"').casefold(), high.strip('"').casefold()
    return (low == "*" or said >= low) and (high == "*" or said <= high or said.startswith(high))


def _either(one: Test, other: Test) -> Test:
    return lambda doc: one(doc) or other(doc)


def _both(one: Test, other: Test) -> Test:
    return lambda doc: one(doc) and other(doc)


def _not(test: Test) -> Test:
    return lambda doc: not test(doc)
