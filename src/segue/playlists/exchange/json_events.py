"""JSON of strangers, a value at a time: a file of any size is walked through, and only single values are ever whole.

    with members and items one goes down:  for key in reader.members(): … for _ in reader.items(): reader.value()

Whatever a walk does not take is to be skipped with `skip`.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from segue.core.plain_text import repaired

CHUNK = 64 * 1024
MAX_VALUE = 1024 * 1024
"""Characters of one value (a row of a list) that are read as a whole."""
MAX_DEPTH = 64
_SPACE = re.compile(r"[ \t\r\n\ufeff]*")


class JsonBroken(Exception):
    """The document is no JSON from here on; `code` is json_broken, json_value_too_large or json_too_deep."""

    def __init__(self, code: str, place: int) -> None:
        super().__init__(code)
        self.code = code
        self.place = place
        """Characters from the document's start."""


class JsonReader:
    """Walks through one document from its start."""

    def __init__(self, file: BinaryIO, encoding: str | None = None) -> None:
        file.seek(0)
        head = file.read(4)
        file.seek(0)
        self._file = file
        self._decode = codecs.getincrementaldecoder(encoding or _encoding(head))("segue.western").decode
        self._buffer = ""
        self._at = 0
        self._before = 0
        self._ended = False
        self._decoder = json.JSONDecoder(strict=False)
        self._depth = 0

    def peek(self) -> str:
        """The next character that is no space; empty at the end."""
        while True:
            self._at = _SPACE.match(self._buffer, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if self._ended:
                return ""
            self._fill()

    def members(self) -> Iterator[str]:
        """The keys of the object that begins here; each one's value is to be taken before the next."""
        for _ in self._inside("{", "}"):
            key = self.value()
            if not isinstance(key, str) or self.peek() != ":":
                raise self._broken()
            self._at += 1
            yield key

    def items(self) -> Iterator[None]:
        """The places of the array that begins here; each one's value is to be taken before the next."""
        yield from self._inside("[", "]")

    def value(self) -> Any:
        """The whole value that begins here. Raises JsonBroken, also where it is larger than MAX_VALUE."""
        self.peek()
        while True:
            try:
                found, end = self._decoder.raw_decode(self._buffer, self._at)
                if end < len(self._buffer) or self._ended:
                    self._at = end
                    return found
            except (ValueError, RecursionError) as error:
                if isinstance(error, RecursionError):
                    raise self._broken("json_too_deep") from None
                if self._ended:
                    raise self._broken() from None
            if len(self._buffer) - self._at > MAX_VALUE:
                raise self._broken("json_value_too_large")
            self._fill()

    def skip(self) -> None:
        """Pass over the value that begins here, however large it is."""
        first = self.peek()
        if first == "{":
            for _ in self.members():
                self.skip()
        elif first == "[":
            for _ in self.items():
                self.skip()
        else:
            self.value()

    def _inside(self, begin: str, end: str) -> Iterator[None]:
        if self.peek() != begin:
            raise self._broken()
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._broken("json_too_deep")
        self._at += 1
        first = True
        while True:
            following = self.peek()
            if following == end:
                self._at += 1
                self._depth -= 1
                return
            if not first:
                if following != ",":
                    raise self._broken()
                self._at += 1
                if self.peek() == end:  # a comma behind the last one, as some write it
                    continue
            first = False
            yield

    def _fill(self) -> None:
        self._before += self._at
        wanted = max(CHUNK, len(self._buffer) - self._at)
        chunk = self._file.read(wanted)
        self._ended = not chunk
        self._buffer = self._buffer[self._at :] + self._decode(chunk, final=self._ended)
        self._at = 0

    def _broken(self, code: str = "json_broken") -> JsonBroken:
        return JsonBroken(code, self._before + self._at)


def text(value: Any) -> str:
    """A text of a document, put right where it was decoded wrongly before; empty for anything else."""
    return repaired(value) if isinstance(value, str) else ""


def _encoding(head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head[1:2] == b"\0":
        return "utf-16-le"
    if head[:1] == b"\0":
        return "utf-16-be"
    return "utf-8-sig" if head.startswith(codecs.BOM_UTF8) else "utf-8"
