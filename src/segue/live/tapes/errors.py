"""What can go wrong with tapes at home."""

from __future__ import annotations

from segue.core.errors import Conflict, FieldProblem, Invalid, NotFound
from segue.core.ids import format_id


class TapeNotFound(NotFound):
    def __init__(self, number: int) -> None:
        id = format_id("ta", number)
        super().__init__("not_found", f"There is no tape {id}.", id=id)


class NoSuchTapeFolder(Invalid):
    def __init__(self, folder: str, why: str) -> None:
        message = f"{folder[:300]!r} {why}."
        super().__init__("no_such_folder", message, fields=[FieldProblem("folder", "no_such_folder", message)])


class AlreadyDecided(Conflict):
    def __init__(self, number: int, state: str) -> None:
        id = format_id("ta", number)
        super().__init__(
            "already_decided", f"{id} was {state} before.", hint="Take that back first.", id=id, state=state
        )


class BadProposal(Invalid):
    def __init__(self, message: str) -> None:
        super().__init__("bad_proposal", message, fields=[FieldProblem("proposal", "bad_proposal", message)])
