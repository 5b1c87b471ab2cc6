"""What a mounted catalogue cannot do, and what is wrong with its files while they are read."""

from __future__ import annotations

from pathlib import Path

from segue.catalog.search.errors import BadQuery
from segue.core.errors import SegueError


class MountDamaged(SegueError):
    """A page of a mounted file cannot be read; everything on other pages still can."""

    def __init__(self, file: Path, why: str) -> None:
        super().__init__("mount_damaged", f"A part of {file} cannot be read: {why}.", file=str(file))


class NotIndexed(SegueError):
    """The files have no index for this, and reading all of them is nothing that a request may do."""

    status = 501

    def __init__(self, what: str) -> None:
        super().__init__(
            "not_indexed",
            f"These files have no index of {what}, so a mounted catalogue cannot look them up.",
            hint="`segue catalog build` makes a snapshot that can.",
        )


class FieldsNeedABuild(BadQuery):
    def __init__(self, field: str) -> None:
        super().__init__(
            "fields_need_a_build",
            f"{field}: cannot be asked of a mounted catalogue, only words of names.",
            hint="`segue catalog build` makes a snapshot that can.",
            field=field,
        )
