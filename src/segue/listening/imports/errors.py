"""What can be wrong with what somebody asks of imports."""

from __future__ import annotations

from segue.core.errors import Conflict, Forbidden, Invalid, NotFound
from segue.core.ids import format_id


class ImportNotFound(NotFound):
    def __init__(self, number: int) -> None:
        text = format_id("im", number)
        super().__init__("import_not_found", f"There is no import {text}.", id=text)


class WrongImportState(Conflict):
    def __init__(self, state: str, wanted: str) -> None:
        super().__init__(
            "wrong_import_state", f"An import that is {state} cannot be {wanted}.", state=state, wanted=wanted
        )


class ImportTooLarge(Invalid):
    def __init__(self, most: int) -> None:
        super().__init__("import_too_large", f"An upload has at most {most} bytes.", bytes=most)


class EmptyImport(Invalid):
    def __init__(self) -> None:
        super().__init__("empty_import", "Nothing was sent.", hint="The body of the request is the file itself.")


class UploadGone(Conflict):
    def __init__(self, number: int) -> None:
        super().__init__(
            "upload_gone", "The uploaded file is no longer kept.", id=format_id("im", number), hint="Upload it again."
        )


class UnknownPerson(Invalid):
    def __init__(self, name: str) -> None:
        super().__init__("unknown_person", f"The upload names nobody {name!r}.", name=name)


class NotYourPerson(Forbidden):
    def __init__(self) -> None:
        super().__init__("not_your_person", "Only an administrator may bring in a history for somebody else.")
