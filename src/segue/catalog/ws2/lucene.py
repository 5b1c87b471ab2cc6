"""Lucene's query syntax, as the search of MusicBrainz takes it, to a tree.

Words stand side by side and any of them may match (the operator is OR where none is written), `+` and AND ask for what
follows or stands on both sides, `-`, `!` and NOT forbid it. `field:word`, `field:"a phrase"`, `field:(several words)`,
`begins*`, ranges `[a TO b]` and `{a TO b}`; `~` and `^` with a number are read and do not count. A backslash takes the
meaning from the next character. What is not closed is taken to end with the text, for clients send what people type.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

MOST_CHARACTERS = 4_000
MOST_CLAUSES = 100
_DEEPEST = 10

Occurs = Literal["should", "must", "not"]


@dataclass(frozen=True)
class Term:
    """A word, or with `phrase` words in order; of a field, or of those that are searched where none is named (None)."""

    field: str | None
    text: str
    phrase: bool = False
    prefix: bool = False
    occurs: Occurs = "should"


@dataclass(frozen=True)
class Range:
    """From `low` to `high`, None where it is open (`*`); the ends belong to it or not."""

    field: str | None
    low: str | None
    high: str | None
    with_low: bool = True
    with_high: bool = True
    occurs: Occurs = "should"


@dataclass(frozen=True)
class Group:
    clauses: tuple[Term | Range | Group, ...]
    field: str | None = None
    occurs: Occurs = "should"


Clause = Term | Range | Group

_LOOSE = r"(?:~\d*(?:\.\d+)?)?(?:\^\d*(?:\.\d+)?)?"
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_END = rf"(?:{_QUOTED}|(?:\\.|[^\s\]}}])+)"
_TOKEN = re.compile(
    rf"""\s+
    | (?P<open>\() | (?P<close>\))
    | (?P<and>AND\b|&&) | (?P<or>OR\b|\|\|) | (?P<not>NOT\b|(?<![^\s(])!(?=[\w"(]))
    | (?P<sign>(?<![^\s(])[+-](?=[\w"(\[{{\\]))
    | (?P<phrase>{_QUOTED}|"(?:[^"\\]|\\.)*$){_LOOSE}
    | (?P<range>[\[{{]\s*{_END}\s+TO\s+{_END}\s*[\]}}]){_LOOSE}
    | (?P<field>[A-Za-z*][\w*]*):(?=\S)
    | (?P<word>(?:\\.|[^\s()"\[\]{{}}^~:\\])+){_LOOSE}
    | (?P<other>.)(?:\d+(?:\.\d+)?)?
    """,
    re.VERBOSE | re.DOTALL,
)
"""`_LOOSE` is what makes a word fuzzy or gives it a weight; both are passed over."""
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_RANGE = re.compile(r"([\[{])\s*(.*?)\s+TO\s+(.*?)\s*([\]}])", re.DOTALL)


def parsed(query: str) -> Group:
    """The whole query; empty where nothing was asked. A query of one word repeated without end is cut, not refused."""
    return _Reader(query[:MOST_CHARACTERS]).group(0)


def plain(text: str) -> Group:
    """Words that are only words (`dismax=true`): what is escaped is taken as it is, and no sign has a meaning."""
    words = _ESCAPED.sub(r"\1", text[:MOST_CHARACTERS]).split()
    return Group(tuple(Term(None, word) for word in words[:MOST_CLAUSES]))


class _Reader:
    def __init__(self, query: str) -> None:
        self._tokens = [
            (match.lastgroup, match[match.lastgroup])
            for match in _TOKEN.finditer(query)
            if match.lastgroup is not None and match.lastgroup != "other"
        ]
        self._place = 0
        self._clauses = 0

    def group(self, depth: int) -> Group:
        """Clauses up to the closing bracket. AND binds what stands on both sides of it."""
        clauses: list[Clause] = []
        joined = False
        occurs: Occurs = "should"
        field: str | None = None
        while self._place < len(self._tokens):
            kind, text = self._tokens[self._place]
            self._place += 1
            if kind == "close":
                if depth:
                    break
            elif kind == "and":
                joined = bool(clauses)
                if clauses and clauses[-1].occurs == "should":
                    clauses[-1] = replace(clauses[-1], occurs="must")
            elif kind == "or":
                joined = False
            elif kind == "not":
                occurs = "not"
            elif kind == "sign":
                occurs = "must" if text == "+" else "not"
            elif kind == "field":
                field = text.lower()
            else:
                clause = self._clause(str(kind), text, field, depth)
                if clause is not None and self._clauses < MOST_CLAUSES:
                    self._clauses += 1
                    if joined and occurs == "should":
                        occurs = "must"
                    clauses.append(replace(clause, occurs=occurs))
                joined, occurs, field = False, "should", None
        return Group(tuple(clauses))

    def _clause(self, kind: str, text: str, field: str | None, depth: int) -> Clause | None:
        if kind == "open":
            if depth >= _DEEPEST:
                return None
            group = self.group(depth + 1)
            return replace(group, field=field) if group.clauses else None
        if kind == "phrase":
            inner = _ESCAPED.sub(r"\1", text[1:].removesuffix('"') if len(text) > 1 else "")
            return Term(field, inner, phrase=True) if inner.strip() else None
        if kind == "range":
            return _range(field, text)
        prefix = text.endswith("*") and not text.endswith("\\*")
        if not prefix and field is None and text in ("*", ""):
            return None
        wild = re.search(r"(?<!\\)[*?]", text)
        bare = _ESCAPED.sub(r"\1", text[: wild.start()] if wild else text)
        if not bare:
            return Term(field, "*") if wild else None
        return Term(field, bare, prefix=wild is not None)


def _range(field: str | None, text: str) -> Range | None:
    match = _RANGE.fullmatch(text)
    if match is None:
        return None
    low, high = (_ESCAPED.sub(r"\1", part.strip('"')) for part in (match[2], match[3]))
    return Range(
        field,
        None if low == "*" else low,
        None if high == "*" else high,
        with_low=match[1] == "[",
        with_high=match[4] == "]",
    )
