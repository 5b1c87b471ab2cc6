"""What can be wrong when the catalogue is asked through the full server."""

from __future__ import annotations

from segue.core.errors import Conflict, FieldProblem, Invalid, NotFound


class NoCatalogue(NotFound):
    def __init__(self) -> None:
        super().__init__(
            "no_catalog",
            "There is no catalogue here.",
            hint="An administrator can have one built, or name the folder of one in the setting catalog.snapshot.",
        )


class NotInCatalogue(NotFound):
    """`kind` is what was asked for: track, album or artist; `row` where it might have been any."""

    def __init__(self, kind: str, text: str) -> None:
        shown = text if len(text) <= 100 else text[:99] + "…"
        super().__init__("not_in_catalog", f"The catalogue has no {kind} {shown!r}.", id=shown)


class BadBatch(Invalid):
    def __init__(self, code: str, message: str, *, field: str = "ids") -> None:
        super().__init__(f"bad_batch_{code}", message, fields=[FieldProblem(field, code, message)])


class BadBuild(Invalid):
    """`field` is the member of the request that is wrong or missing."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__("bad_build", message, fields=[FieldProblem(field, "bad_build", message)])


class NothingToUpdate(Conflict):
    def __init__(self) -> None:
        super().__init__(
            "nothing_to_update",
            "No dumps are named to update the catalogue from.",
            hint="The setting catalog.update.source names them: musicbrainz, discogs or two-file.",
        )
