"""What can go wrong with live music, each as a type of its own."""

from __future__ import annotations

from segue.core.errors import Conflict, FieldProblem, Forbidden, Invalid, NotFound


class NoSuchConcert(NotFound):
    def __init__(self, id: str) -> None:
        super().__init__("not_found", f"There is no concert {id}.", id=id)


class NoSuchRecording(NotFound):
    def __init__(self, id: str) -> None:
        super().__init__(
            "not_found",
            f"There is no recording {id}.",
            id=id,
            hint="Only what is mirrored, or was opened, is known here.",
        )


class NoSuchThing(NotFound):
    """No band, venue, taper, doubt, override or mirror of this id. `kind` is how a sentence calls it."""

    def __init__(self, kind: str, id: str) -> None:
        super().__init__("not_found", f"There is no {kind} {id}.", id=id)


class MayNotDecide(Forbidden):
    def __init__(self) -> None:
        super().__init__(
            "may_not_decide",
            "Only people with the role editor say what concerts and recordings are.",
            hint="An administrator gives that role.",
        )


class BadWord(Invalid):
    """Something a person says of a recording or a concert that cannot be: an unknown field, a date in month 16."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__("bad_override", message, fields=[FieldProblem(field, "bad_override", message)])


class NotOfConcert(Invalid):
    def __init__(self) -> None:
        message = "That recording is none of this concert."
        super().__init__("not_of_concert", message, fields=[FieldProblem("recording", "not_of_concert", message)])


class AlreadyDecided(Conflict):
    def __init__(self, state: str) -> None:
        super().__init__("already_decided", f"That doubt was {state} before.", state=state)


class AlreadyMirrored(Conflict):
    def __init__(self, collection: str) -> None:
        super().__init__("already_mirrored", f"The collection {collection} is mirrored already.", collection=collection)
