"""What a scan knows of the pictures of one folder, before it writes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class PictureFile:
    """A picture file of a folder: what its name says, and where it stands for something its content or what is wrong."""

    name: bytes
    size: int
    mtime_ns: int
    role: str
    disc: int | None
    key: str
    id: int | None = None
    sha256: str | None = None
    problem: tuple[str, dict[str, Any]] | None = None
    changed: bool = True
    """It is new, or says something else than its row."""


@dataclass(slots=True)
class FolderPictures:
    """The pictures of one folder as they are now; `cover` is the SHA-256 of the one that stands for the folder, and `rank`
    the place in the order of sources of what gave it."""

    files: list[PictureFile] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    gone_artists: set[int] = field(default_factory=set)
    cover: str | None = None
    rank: int | None = None
    roles_changed: set[str] = field(default_factory=set)
    """Roles of files that are new, changed or gone."""
    cover_changed: bool = False
    written: bool = False
    """Its rows say so: a large folder, which is worked on in parts, is written with the first of them."""

    @property
    def contents(self) -> set[str]:
        """The SHA-256 of every picture that was looked at."""
        return {file.sha256 for file in self.files if file.sha256}
