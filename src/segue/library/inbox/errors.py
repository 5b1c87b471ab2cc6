"""What can be wrong with a request about an inbox, each with its sentence."""

from __future__ import annotations

from typing import Any

from segue.core.errors import Conflict, Invalid, NotFound
from segue.core.ids import format_id


class ItemNotFound(NotFound):
    def __init__(self, number: int) -> None:
        typed = format_id("in", number)
        super().__init__("not_found", f"There is no {typed} in any inbox.", id=typed)


class NoInbox(Invalid):
    def __init__(self, library: int) -> None:
        typed = format_id("li", library)
        super().__init__(
            "no_inbox", f"The library {typed} has no inbox.", hint="Its option `inbox` names the folder.", id=typed
        )


class WrongState(Conflict):
    def __init__(self, state: str, wanted: str) -> None:
        super().__init__("wrong_state", f"It is {state}, so it cannot be {wanted}.", state=state)


class NotReady(Conflict):
    """Something must be settled first."""

    def __init__(self, code: str, message: str, **params: Any) -> None:
        super().__init__(code, message, **params)


class NoSuchFile(Invalid):
    def __init__(self, name: str) -> None:
        super().__init__("no_such_file", f"{name[:40]!r} is no file of this album.", id=name[:40])
