"""Lines of text inside a file, which may be compressed and may be a tar archive: read once from the front to the back, in
bounded memory, whatever the size.

Python's own tarfile is not used for reading: it hides where damage lies and drops what was read before it.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from segue.catalog.records import Damage
from segue.catalog.sources.compressed import Broken, Compressed

BLOCK = 512
LONGEST_LINE = 64 << 20
"""Bytes of one line; a longer one is taken for damage."""
_LONG_NAME, _EXTENDED, _GLOBAL = b"L", b"x", b"g"
_KEPT = 1_000
"""Damages of one file that are kept one by one."""


class Lines:
    """The lines of a text file, or of one member of a tar archive, without their ends.

    `position` is the byte in the unpacked text behind the line that was given last; `after` such a position begins there
    (what lies before is unpacked once more, but not looked at: no compression of these dumps can seek). Damage ends the
    stream and is appended to `damage`; the whole lines before it have been given.
    """

    def __init__(self, path: Path, member: str | None, after: int = 0, damage: list[Damage] | None = None) -> None:
        self.path = path
        self.damage: list[Damage] = [] if damage is None else damage
        self.position = after
        self.begin = after
        self.size = path.stat().st_size
        self.done = 0
        self._member = member

    def __iter__(self) -> Iterator[bytes]:
        with Compressed(self.path) as file:
            try:
                parts = whole(file) if self._member is None else self._inside(file, self._member)
                yield from self._lines(parts, file)
            except Broken as broken:
                tell(self.damage, broken.damage)

    @property
    def place(self) -> str:
        """Where the line that was given last begins, for a report of damage."""
        return f"byte {self.begin} of {self._member}" if self._member else f"byte {self.begin}"

    def _inside(self, file: Compressed, wanted: str) -> Iterator[bytes]:
        for name, parts in Archive(file):
            if name.removeprefix("./") == wanted:
                yield from parts
                return
        tell(self.damage, Damage(str(self.path), f"byte {file.done}", f"the archive has no {wanted}"))

    def _lines(self, parts: Iterator[bytes], file: Compressed) -> Iterator[bytes]:
        for begin, lines in split(_behind(parts, self.position), self.path, self.position):
            self.done = file.done
            for line in lines:
                self.begin = begin
                begin += len(line) + 1
                self.position = begin
                yield line


def split(parts: Iterable[bytes], path: Path, at: int = 0) -> Iterator[tuple[int, list[bytes]]]:
    """The lines of a text that comes in parts, some at a time, with the byte at which the first of them begins; the text
    begins at byte `at`. `path` is for Broken, which is raised where a line is longer than any that can be."""
    rest = b""
    for part in parts:
        if b"\n" not in part:
            rest += part
            if len(rest) > LONGEST_LINE:
                raise Broken(path, at, "a line is longer than any that can be")
            continue
        text = rest + part
        lines = text.split(b"\n")
        rest = lines.pop()
        yield at, lines
        at += len(text) - len(rest)
    if rest:
        yield at, [rest]


class Archive:
    """The plain files of a tar archive, in its order, as name and bytes (once; what is not read is passed over).

    Raises Broken where the archive is damaged or ends too early.
    """

    def __init__(self, file: Compressed) -> None:
        self._file = file
        self._held = b""
        self._left = 0
        self._padding = 0

    def __iter__(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        name, size = "", -1
        while header := self._header():
            length, kind = header.size, header.type
            if kind in (_LONG_NAME, _EXTENDED, _GLOBAL):
                text = b"".join(self._given(length))
                self._end()
                if kind == _LONG_NAME:
                    name = text.rstrip(b"\0").decode("utf-8", "replace")
                elif kind == _EXTENDED:
                    told = _extended(text)
                    name, size = told.get("path", name), int(told.get("size", size))
                continue
            if size >= 0:
                length = size
            self._left, self._padding = length, -length % BLOCK
            if header.isreg():
                yield name or header.name, self._given(length)
            self._end()
            name, size = "", -1

    def _header(self) -> tarfile.TarInfo | None:
        block = b"".join(self._take(BLOCK))
        if not block.strip(b"\0"):
            return None
        if len(block) < BLOCK:
            raise Broken(self._file.path, self._file.done, "the archive ends in the middle of a header")
        try:
            header = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        except tarfile.HeaderError as error:
            raise Broken(
                self._file.path, self._file.done, f"this is no tar archive, or a damaged one ({error})"
            ) from None
        self._left, self._padding = header.size, -header.size % BLOCK
        return header

    def _given(self, length: int) -> Iterator[bytes]:
        """The next bytes of the member. Raises Broken when the archive has fewer."""
        for part in self._take(length):
            self._left -= len(part)
            yield part
        if self._left:
            raise Broken(
                self._file.path, self._file.done, f"the archive ends {self._left:,} bytes before its member does"
            )

    def _end(self) -> None:
        """Past what is left of the member, and its padding."""
        for _ in self._given(self._left):
            pass
        for _ in self._take(self._padding):
            pass
        self._padding = 0

    def _take(self, length: int) -> Iterator[bytes]:
        while length > 0:
            part = self._held or self._file.read()
            if not part:
                return
            self._held = part[length:] if len(part) > length else b""
            part = part[:length] if len(part) > length else part
            length -= len(part)
            yield part


def tell(damage: list[Damage], one: Damage) -> None:
    """Add one damage, unless so many are known that more of the same would tell nothing new."""
    if len(damage) < _KEPT:
        damage.append(one)


def whole(file: Compressed) -> Iterator[bytes]:
    """All of a file that is no archive."""
    while part := file.read():
        yield part


def _behind(parts: Iterator[bytes], skip: int) -> Iterator[bytes]:
    """The parts of a text without its first `skip` bytes."""
    for part in parts:
        if skip >= len(part):
            skip -= len(part)
            continue
        yield part[skip:] if skip else part
        skip = 0


def _extended(text: bytes) -> dict[str, str]:
    """The records of a pax header: `length name=value`."""
    found: dict[str, str] = {}
    while text:
        length, _, _ = text.partition(b" ")
        if not length.isdigit() or not 0 < int(length) <= len(text):
            break
        name, _, value = text[len(length) + 1 : int(length) - 1].partition(b"=")
        found[name.decode("utf-8", "replace")] = value.decode("utf-8", "replace")
        text = text[int(length) :]
    return found
