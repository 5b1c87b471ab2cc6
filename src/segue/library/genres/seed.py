"""Where a genre belongs when nobody said otherwise: `tree.txt`, read once."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files

from segue.core.text import fold

VERSION = 1
"""Grows with the file, so that a database that was placed by an older one is looked at again."""
_SIGNS = re.compile(r"[\W_]+")


def genre_key(name: str) -> str:
    """What a genre is looked up by: letters and digits alone, `&` and `'n'` as `and`."""
    folded = re.sub(r"\s*(?:&|\+|\bn\b|'n'|\band\b)\s*", " and ", fold(name))
    return _SIGNS.sub("", folded) or folded.strip()


class Seed:
    """The file's tree. Names are as the file writes them."""

    def __init__(self, text: str) -> None:
        self.parents: dict[str, str | None] = {}
        """Each genre of the file with the wider one."""
        self._names: dict[str, str] = {}
        above: list[str] = []
        for line in text.splitlines():
            if not line.strip() or line.startswith("#"):
                continue
            depth = (len(line) - len(line.lstrip())) // 2
            name, *others = (part.strip() for part in re.split(r" = |;", line))
            if name in self.parents:
                raise ValueError(f"{name} stands twice in the tree of genres")
            del above[depth:]
            self.parents[name] = above[-1] if above else None
            above.append(name)
            for spelling in (name, *others):
                self._names.setdefault(genre_key(spelling), name)

    def called(self, name: str) -> str | None:
        """The genre of the file that `name` means, or None."""
        return self._names.get(genre_key(name))

    def path(self, name: str) -> list[str]:
        """The wider genres of what `name` means, widest first; empty where it is not in the file, or is a root."""
        known = self.called(name)
        path: list[str] = []
        while known is not None and (known := self.parents[known]) is not None:
            path.insert(0, known)
        return path


@lru_cache(maxsize=1)
def seed() -> Seed:
    """The tree of the file that comes with Segue."""
    return Seed(files("segue.library.genres").joinpath("tree.txt").read_text(encoding="utf-8"))
