"""Reading a text piece by piece: words, quoted texts, values, patterns. Knows characters, not what they mean.

Nothing here goes over a piece twice, so that a text of any kind costs what its length is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_SPACE = re.compile(r"\s*")
_WORD = re.compile(r"[^\s():\"][^\s():]*")
_VALUE = re.compile(r"[^\s()\",][^\s(),]*")
_COLON = re.compile(r"\s*:")
_OPERATOR = re.compile(r"!=|<=|>=|<|>|=")
_PATTERN = re.compile(r"/(?:[^/\\\n]|\\.)*+/[gimsux]{0,4}(?=[\s)]|\Z)")
_PLAIN = re.compile(r"/[\w\s.'-]*/\Z")
_ARROW = re.compile(r">>>|>>|-{0,2}>|=>|→|⇒")
_CHAINED = re.compile(r"[^\s()\",:<>=!/~“„→⇒-][^\s()\",:]*\Z")
_KEYWORD = re.compile(r"(?:and|or|not)\Z", re.IGNORECASE)
_CLOSING = {'"': '"', "“": "”", "„": "“”"}
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


@dataclass(frozen=True, slots=True)
class Piece:
    """Something that was written, from `start` to `end` (excluded). `text` is what it says, without quotes."""

    text: str
    start: int
    end: int
    quoted: bool = False
    closed: bool = True
    pattern: bool = False

    @property
    def length(self) -> int:
        return self.end - self.start


class Reader:
    """A place in a text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    @property
    def ended(self) -> bool:
        return self.at >= len(self.text)

    def space(self) -> bool:
        """Skip white space. Whether there was any."""
        before = self.at
        self.at = _SPACE.match(self.text, before).end()  # type: ignore[union-attr]
        return self.at > before

    def peek(self) -> str:
        """The next character; empty at the end."""
        return self.text[self.at : self.at + 1]

    def take(self, text: str) -> bool:
        """Whether `text` stands here; if so it is passed."""
        if self.text.startswith(text, self.at):
            self.at += len(text)
            return True
        return False

    def colon(self) -> bool:
        """Whether a colon comes next, perhaps after white space; if so it is passed."""
        found = _COLON.match(self.text, self.at)
        if found:
            self.at = found.end()
        return found is not None

    def operator(self) -> str:
        """The comparison that stands here, or an empty text."""
        found = _OPERATOR.match(self.text, self.at)
        if not found:
            return ""
        self.at = found.end()
        return found[0]

    def word(self) -> Piece | None:
        """A word that may be a field's name or a part of a phrase; None where none begins here."""
        return self._matched(_WORD)

    def value(self, *, path: bool = False) -> Piece | None:
        """A value: quoted, a pattern between slashes, or up to white space, a comma or a parenthesis.

        Of a path, only what has more than letters between its slashes is a pattern: `/music/` is a folder.
        """
        return self.quoted() or self.pattern(path=path) or self._matched(_VALUE)

    def quoted(self) -> Piece | None:
        """A text in double quotes, straight or curly. One that is not closed goes to the end."""
        closing = _CLOSING.get(self.peek())
        if closing is None:
            return None
        start, kept, text = self.at, [], self.text
        at = start + 1
        while at < len(text):
            char = text[at]
            at += 1
            if char == "\\" and at < len(text):
                kept.append(_ESCAPES.get(text[at], text[at]))
                at += 1
            elif char in closing:
                self.at = at
                return Piece("".join(kept), start, at, quoted=True)
            else:
                kept.append(char)
        self.at = at
        return Piece("".join(kept), start, at, quoted=True, closed=False)

    def pattern(self, *, path: bool = False) -> Piece | None:
        """A pattern between slashes, `/^the/i`; None where there is none."""
        if self.peek() != "/":
            return None
        found = _PATTERN.match(self.text, self.at)
        if not found or (path and _PLAIN.match(found[0])):
            return None
        return self._piece(found.end(), pattern=True)

    def arrow(self) -> Piece | None:
        """What joins songs, `>` and its like, where it stands here, perhaps after white space, and is passed; else None."""
        before = self.at
        self.space()
        found = self._matched(_ARROW)
        if found is None:
            self.at = before
        return found

    def keyword(self) -> str | None:
        """`and`, `or` or `not` where one stands here as a word of its own, not passed; else None."""
        found = _WORD.match(self.text, self.at)
        if not found or not _KEYWORD.match(found[0]) or _COLON.match(self.text, found.end()):
            return None
        return found[0].lower()

    def begins_field(self) -> bool:
        """Whether a name and its colon come next."""
        found = _WORD.match(self.text, self.at)
        return found is not None and _COLON.match(self.text, found.end()) is not None

    def _matched(self, expression: re.Pattern[str]) -> Piece | None:
        found = expression.match(self.text, self.at)
        return self._piece(found.end()) if found else None

    def _piece(self, end: int, *, pattern: bool = False) -> Piece:
        start, self.at = self.at, end
        return Piece(self.text[start:end], start, end, pattern=pattern)


def may_be_chained(text: str) -> bool:
    """Whether a word may stand beside an arrow without quotes."""
    return _CHAINED.match(text) is not None and not is_keyword(text)


def is_keyword(text: str) -> bool:
    return _KEYWORD.match(text) is not None
