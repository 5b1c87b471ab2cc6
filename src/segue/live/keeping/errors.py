"""What can be wrong with rules and with what is asked about a night."""

from __future__ import annotations

from segue.core.errors import Conflict, FieldProblem, Invalid, NotFound
from segue.core.ids import format_id


class RuleNotFound(NotFound):
    def __init__(self, number: int) -> None:
        id = format_id("lr", number)
        super().__init__("not_found", f"There is no rule {id}.", id=id)


class BadRule(Invalid):
    """`field` is the member of the rule that is wrong."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__("bad_rule", message, fields=[FieldProblem(field, "bad_rule", message)])


class NothingHere(Conflict):
    def __init__(self, concert: str) -> None:
        super().__init__(
            "nothing_here",
            f"No track of {concert} is on this server.",
            hint="Download a recording of it first.",
            concert=concert,
        )


class NoPlaylists(Conflict):
    def __init__(self) -> None:
        super().__init__("no_playlists", "Nobody keeps playlists here.")
