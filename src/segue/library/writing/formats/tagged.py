"""What every tag system offers to the writer: set some fields, save, and say what else there is."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from typing import Any, BinaryIO, ClassVar, NamedTuple

from segue.library.scan.tags.rules import Rules
from segue.library.writing.fields import Changes
from segue.library.writing.names import System, names_of


class Picture(NamedTuple):
    """A front cover to put into files."""

    mime: str
    data: bytes
    width: int = 0
    height: int = 0


class Said(NamedTuple):
    """What a format could not hold as it was wanted: `year_only`, `whole_number`, `no_place`, `no_pictures`, `kept_in_part`."""

    code: str
    field: str


COVER = "#cover"
"""Stands for the front cover among what was touched."""


class Tagged(ABC):
    """The tags of one kind in an opened file (read and write). `touched` grows by the keys that were set or removed."""

    system: ClassVar[System]

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.touched: set[str] = set()
        self.said: list[Said] = []

    def write(self, changes: Changes, cover: Picture | None, rules: Rules | None = None) -> None:
        """Set the fields and save. Raises mutagen's MutagenError, OSError and ValueError."""
        known = names_of(self.system, rules)
        for field, values in changes.items():
            names = known.get(field, ())
            if names:
                self.set(field, names, values)
            elif values:
                self.said.append(Said("no_place", field))
        if cover is not None:
            self.set_cover(cover)
        self.file.seek(0)
        self.save()

    @abstractmethod
    def set(self, field: str, names: tuple[str, ...], values: list[str]) -> None:
        """Give a field these values under the first of its names, and none under the others."""

    @abstractmethod
    def set_cover(self, cover: Picture) -> None:
        """Put a front cover in, in the place of the one there is; other pictures stay."""

    @abstractmethod
    def save(self) -> None:
        """Write the tags into the file."""

    @abstractmethod
    def everything(self) -> dict[str, Any]:
        """All that the tags hold, comparable, by key; `touched` names keys of this."""


def digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()
