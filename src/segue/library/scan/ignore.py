"""`.segueignore`: files and folders that a scan leaves alone, in the syntax of `.gitignore`.

A file of this name says for its own folder and everything below what is not looked at: one pattern a line, `#` begins a
comment, `*`, `?` and `[…]` stand for parts of a name, `**` for any number of folders, a pattern with a slash before its
end counts from the folder of the file, one with a slash at its end means folders only, and `!` takes back what an
earlier line said. The last line that fits decides, and files further down decide before those above. What lies in an
ignored folder cannot be taken back. A file without any pattern means its whole folder.

Names are bytes, as everywhere in a scan; case counts.
"""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from segue.library.scan.paths import join, parent_of
from segue.library.scan.walk import IGNORE_FILE

LARGEST = 1 << 20
"""Bytes of an ignore file that are read."""


class Pattern(NamedTuple):
    """One line. `fits` matches a path relative to the folder of its file."""

    fits: re.Pattern[bytes]
    folders_only: bool
    takes_back: bool


class Rules(NamedTuple):
    """What one ignore file says about the folder `base`."""

    base: bytes
    patterns: tuple[Pattern, ...]

    @property
    def everything(self) -> bool:
        """It says no pattern, which means the whole folder."""
        return not self.patterns


def parse(base: bytes, text: bytes) -> Rules:
    """The rules of an ignore file in the folder `base`. A line that is no pattern is left out."""
    return Rules(base, tuple(pattern for line in text.splitlines() if (pattern := _pattern(line)) is not None))


def _pattern(line: bytes) -> Pattern | None:
    line = line.removeprefix(b"\xef\xbb\xbf")
    if line.startswith(b"#"):
        return None
    line = re.sub(rb"(?<!\\)[ \t]+$", b"", line)
    takes_back = line.startswith(b"!")
    if takes_back:
        line = line[1:]
    folders_only = line.endswith(b"/")
    line = line.rstrip(b"/") if folders_only else line
    if not line:
        return None
    anchored = b"/" in line
    line = line.lstrip(b"/")
    try:
        return Pattern(re.compile(_expression(line, anchored), re.DOTALL), folders_only, takes_back)
    except re.error:
        return None


def _expression(glob: bytes, anchored: bool) -> bytes:
    """A regular expression for a whole path relative to the folder of the file."""
    made = [b"\\A" if anchored else b"\\A(?:.*/)?"]
    place = 0
    while place < len(glob):
        rest = glob[place:]
        if rest.startswith(b"**/") and (place == 0 or glob[place - 1 : place] == b"/"):
            made.append(b"(?:[^/]+/)*")
            place += 3
        elif rest == b"**" and (place == 0 or glob[place - 1 : place] == b"/"):
            made.append(b".+")
            place += 2
        elif rest.startswith(b"*"):
            made.append(b"[^/]*")
            place += len(rest) - len(rest.lstrip(b"*"))
        elif rest.startswith(b"?"):
            made.append(b"[^/]")
            place += 1
        elif rest.startswith(b"[") and (end := _class_end(rest)):
            inside = rest[1:end].replace(b"\\", b"\\\\")
            if inside[:1] in (b"!", b"^"):
                inside = b"^/" + inside[1:]
            made.append(b"[" + inside.replace(b"[", b"\\[") + b"]")
            place += end + 1
        elif rest.startswith(b"\\") and len(rest) > 1:
            made.append(re.escape(rest[1:2]))
            place += 2
        else:
            made.append(re.escape(rest[:1]))
            place += 1
    made.append(b"\\Z")
    return b"".join(made)


def _class_end(text: bytes) -> int:
    """Where the `[…]` at the beginning of `text` ends; 0 where it does not."""
    start = 2 if text[1:2] in (b"!", b"^") else 1
    return max(0, text.find(b"]", start + 1))


class IgnoreBook:
    """The ignore files of one library during one scan; each is read once. May be used from several threads."""

    def __init__(self, root: bytes) -> None:
        self._root = root
        self._files: dict[bytes, Rules | None] = {}
        self._chains: dict[bytes, tuple[Rules, ...]] = {}
        self.any = False
        """Some ignore file has been met."""

    def learn(self, folder: bytes, has_file: bool) -> tuple[Rules, ...]:
        """Note whether the folder, which has just been listed, holds an ignore file; the rules that count in it."""
        if not has_file:
            self._files[folder] = None
        return self.rules(folder)

    def rules(self, folder: bytes) -> tuple[Rules, ...]:
        """The rules that count in a folder, its own last."""
        known = self._chains.get(folder)
        if known is None:
            above = self.rules(parent_of(folder)) if folder else ()
            own = self._own(folder)
            known = (*above, own) if own is not None else above
            if len(self._chains) > 10_000:
                self._chains.clear()
            self._chains[folder] = known
        return known

    def leaves_alone(self, folder: bytes) -> bool:
        """Whether a folder says of itself that it is left alone, by an ignore file without a pattern."""
        own = self._own(folder)
        return own is not None and own.everything

    def hides(self, path: bytes, is_folder: bool) -> bool:
        """Whether the ignore files above a file or folder say that it is left alone; what they say of folders above it
        is not asked."""
        for rules in reversed(self.rules(parent_of(path)) if path else ()):
            relative = path[len(rules.base) + 1 :] if rules.base else path
            if rules.everything:
                return True
            for pattern in reversed(rules.patterns):
                if (is_folder or not pattern.folders_only) and pattern.fits.match(relative):
                    return not pattern.takes_back
        return False

    def hides_all_of(self, folder: bytes) -> bool:
        """Whether a folder is left alone, in itself or because one above it is."""
        if self.leaves_alone(folder) or self.hides(folder, True):
            return True
        return bool(folder) and self.hides_all_of(parent_of(folder))

    def hides_file(self, path: bytes) -> bool:
        """Whether a file is left alone, in itself or because a folder above it is."""
        return self.hides_all_of(parent_of(path)) or self.hides(path, False)

    def _own(self, folder: bytes) -> Rules | None:
        if folder not in self._files:
            self._files[folder] = self._read(folder)
        return self._files[folder]

    def _read(self, folder: bytes) -> Rules | None:
        path = os.path.join(self._root, join(folder, IGNORE_FILE))  # noqa: PTH118 - bytes
        try:
            with open(path, "rb") as file:
                text = file.read(LARGEST)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        except OSError:
            return None  # whatever is in it, nobody may know; the folder itself will say what is wrong
        self.any = True
        return parse(folder, text)
