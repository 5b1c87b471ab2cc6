"""What can be wrong with a request to write tags, each with its sentence."""

from __future__ import annotations

from segue.core.errors import Conflict, Invalid, NotFound
from segue.core.ids import format_id


class BatchNotFound(NotFound):
    def __init__(self, number: int) -> None:
        typed = format_id("tw", number)
        super().__init__("not_found", f"There is no act of writing tags {typed}.", id=typed)


class NothingNamed(Invalid):
    def __init__(self) -> None:
        super().__init__("nothing_named", "No file is named: give targets, or a filter that finds some.")


class TooManyFiles(Invalid):
    def __init__(self, count: int, most: int) -> None:
        super().__init__(
            "too_many", f"{count:,} files are more than the {most:,} one act may be about.", count=count, most=most
        )


class UnknownFields(Invalid):
    def __init__(self, names: list[str]) -> None:
        super().__init__("unknown_field", f"These fields cannot be written: {', '.join(names)}.", names=names)


class NotWhatTagsAreOf(Invalid):
    def __init__(self, target: str) -> None:
        super().__init__(
            "bad_target", f"{target} is neither a track, an album, an artist, a file nor a library.", target=target
        )


class NotUndoable(Conflict):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
