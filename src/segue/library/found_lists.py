"""The playlist files that a scan came by, for those who make lists of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from segue.library.options import LibraryOptions, options_of


@dataclass(frozen=True, slots=True)
class FoundLists:
    """What a scan of `library` (its row) saw of playlist files: below the folders `looked`, but not inside `blind` ones, which
    could not be listed. `lists` are paths inside the library with size and time of last change (ns)."""

    library: Any
    looked: Collection[bytes]
    blind: Collection[bytes]
    lists: Mapping[bytes, tuple[int, int]]

    @property
    def library_id(self) -> int:
        return int(self.library.id)

    @property
    def root(self) -> bytes:
        return bytes(self.library.root)

    @property
    def options(self) -> LibraryOptions:
        return options_of(self.library.options)
