"""What can be wrong with a decision about albums."""

from __future__ import annotations

from segue.core.errors import Conflict, FieldProblem, Invalid, NotFound
from segue.core.ids import format_id


class OverrideNotFound(NotFound):
    def __init__(self, number: int) -> None:
        text = format_id("go", number)
        super().__init__("grouping_override_not_found", f"There is no decision {text}.", id=text)


class NothingToGroup(NotFound):
    def __init__(self, what: str) -> None:
        super().__init__("nothing_to_group", f"There is no {what}.", what=what)


class SeveralLibraries(Conflict):
    def __init__(self) -> None:
        super().__init__("several_libraries", "Albums of different libraries cannot be made one.")


class WrongDecision(Invalid):
    def __init__(self, message: str, field: str) -> None:
        super().__init__(
            "wrong_grouping_decision", message, fields=[FieldProblem(field, "wrong_grouping_decision", message)]
        )


class NothingToSplit(Conflict):
    def __init__(self, by: str) -> None:
        super().__init__("nothing_to_split", f"All tracks of the album have the same {by.replace('_', ' ')}.", by=by)


class TooLargeToTry(Conflict):
    def __init__(self, files: int, most: int) -> None:
        super().__init__(
            "too_large_to_try",
            f"The folder holds {files} files; up to {most} are tried at once.",
            hint="POST /api/v1/scan/previews tells the same in the background.",
            files=files,
            most=most,
        )
