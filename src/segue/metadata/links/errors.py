"""What can be wrong when links to the catalogue are asked for or decided."""

from __future__ import annotations

from segue.core.errors import FieldProblem, Invalid, NotFound


class LinkNotFound(NotFound):
    """`id` is the typed id of the thing that has no link."""

    def __init__(self, id: str) -> None:
        super().__init__("no_link", f"{id} is not linked to the catalogue.", id=id)


class BadChoice(Invalid):
    """What a person names is no such thing in the catalogue."""

    def __init__(self, kind: str, value: str) -> None:
        shown = value if len(value) <= 100 else value[:99] + "…"
        message = f"The catalogue has no {kind} {shown!r}."
        super().__init__("bad_choice", message, fields=[FieldProblem("id", "bad_choice", message)])
