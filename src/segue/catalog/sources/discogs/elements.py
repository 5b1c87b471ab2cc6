"""A dump of Discogs cut into its elements: each `<release …>…</release>` by itself, with where it begins.

Cutting first and parsing each piece by itself keeps memory small, confines damage to the element that has it, and leaves no room
for a document type with entities: nothing outside an element is ever given to the parser.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, XMLParser, fromstring

from segue.catalog.records import Damage
from segue.catalog.sources.archives import tell
from segue.catalog.sources.compressed import Broken, Compressed

LONGEST = 32 << 20
"""Bytes of one element; a longer one is taken for damage."""


class Elements:
    """The elements called `tag` that are direct children of the dump's root, as bytes.

    `position` is the byte in the unpacked text behind the element that was given last, and `after` begins there. Damage
    is appended to `damage`: a file that ends too early ends the stream.
    """

    def __init__(self, path: Path, tag: str, after: int = 0, damage: list[Damage] | None = None) -> None:
        self.path = path
        self.damage: list[Damage] = [] if damage is None else damage
        self.position = self.begin = after
        self.size = path.stat().st_size
        self.done = 0
        self._tag = tag
        self._opens = re.compile(rb"<%s[ >]" % tag.encode())
        self._closes = f"</{tag}>".encode()

    @property
    def place(self) -> str:
        """Where the element that was given last begins, for a report of damage."""
        return f"byte {self.begin}"

    def __iter__(self) -> Iterator[bytes]:
        with Compressed(self.path) as file:
            try:
                yield from self._cut(file)
            except Broken as broken:
                tell(self.damage, broken.damage)

    def parsed(self) -> Iterator[Element]:
        """Each element as a tree; one that is not well-formed is a damage, and passed over."""
        for text in self:
            try:
                tree = fromstring(text, XMLParser(encoding="utf-8"))
            except ParseError as error:
                tell(self.damage, Damage(str(self.path), self.place, f"a {self._tag} is left out: {error}"))
                continue
            yield tree

    def _cut(self, file: Compressed) -> Iterator[bytes]:
        skip = at = self.position
        held, looked = b"", 0
        closes, length = self._closes, len(self._closes)
        while part := file.read():
            if skip:
                cut = min(skip, len(part))
                skip, part = skip - cut, part[cut:]
            self.done = file.done
            held += part
            begin = 0
            while (end := held.find(closes, max(begin, looked))) >= 0:
                end += length
                opens = self._opens.search(held, begin, end)
                if opens is not None:
                    self.begin, self.position = at + opens.start(), at + end
                    yield held[opens.start() : end]
                begin, looked = end, 0
            held, at = held[begin:], at + begin
            looked = max(0, len(held) - length)
            if len(held) > LONGEST:
                raise Broken(self.path, file.done, f"a {self._tag} is longer than any that can be")
        if self._opens.search(held):
            tell(self.damage, Damage(str(self.path), f"byte {at}", f"the file ends in the middle of a {self._tag}"))
