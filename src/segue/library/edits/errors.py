"""What can be wrong with an edit, each with its sentence."""

from __future__ import annotations

from typing import Any

from segue.core.errors import Conflict, FieldProblem, Forbidden, Invalid, NotFound, SegueError
from segue.core.ids import format_id


class BadEdit(Invalid):
    """A value that a field cannot have. `field` is the field, `code` what is wrong."""

    def __init__(self, field: str, code: str, message: str, **params: Any) -> None:
        super().__init__(code, message, fields=[FieldProblem(field, code, message)], field=field, **params)


class NoSuchField(BadEdit):
    """A field that this kind of thing does not have."""

    def __init__(self, kind: str, field: str, near: str | None) -> None:
        hint = f" Did you mean {near}?" if near else ""
        super().__init__(field[:60], "unknown_field", f"The {kind} has no field {field[:60]!r} to edit.{hint}")


class NothingToDo(Invalid):
    """An edit that neither sets nor clears anything."""

    def __init__(self) -> None:
        super().__init__("nothing_to_do", "This edit sets and clears nothing.")


class TooManyTargets(Invalid):
    """More than one edit may be about."""

    def __init__(self, count: int, most: int) -> None:
        super().__init__(
            "too_many", f"{count:,} are more than the {most:,} one edit may be about.", count=count, most=most
        )


class MayNotEdit(Forbidden):
    """Somebody who is neither an administrator nor an editor."""

    def __init__(self) -> None:
        super().__init__(
            "may_not_edit",
            "You may not edit the music.",
            hint="An administrator can give you the role of an editor.",
        )


class EditedMeanwhile(SegueError):
    """Somebody else has edited it since the revision that was named."""

    status = 412

    def __init__(self, revision: int, **params: Any) -> None:
        super().__init__(
            "edited_meanwhile",
            "Somebody has edited this since you looked.",
            hint="Look again, and repeat your edit if it is still right.",
            revision=revision,
            **params,
        )


class NotReadYet(Conflict):
    """A track whose file must be read again first: what it said is not kept."""

    def __init__(self, number: int) -> None:
        typed = format_id("tr", number)
        super().__init__(
            "not_read_yet",
            f"What the file of {typed} says is not known, so nothing can be laid over it.",
            hint="Scan its library in full, then edit it.",
            id=typed,
        )


class NameTaken(Conflict):
    """Another label or genre is called so."""

    def __init__(self, kind: str, name: str, other: str) -> None:
        super().__init__("name_taken", f"There is another {kind} called “{name}”: {other}.", id=other)


class IdTaken(Conflict):
    """Another artist has this MusicBrainz id."""

    def __init__(self, other: int) -> None:
        typed = format_id("ar", other)
        super().__init__(
            "id_taken", f"{typed} has this MusicBrainz id.", hint="Merge the two, if they are one.", id=typed
        )


class AliasTaken(Conflict):
    """An alias that is the name of somebody whom MusicBrainz says is another one."""

    def __init__(self, name: str, other: int) -> None:
        typed = format_id("ar", other)
        super().__init__(
            "alias_taken",
            f"“{name}” is the name of {typed}, who has another MusicBrainz id.",
            hint="Merge the two, if they are one.",
            id=typed,
        )


class BatchNotFound(NotFound):
    """No such act of editing, or none that this person may see."""

    def __init__(self, number: int) -> None:
        typed = format_id("ed", number)
        super().__init__("not_found", f"There is no edit {typed}.", id=typed)


class CannotUndo(Conflict):
    """An edit that was undone already, or is not of a kind that can be."""

    def __init__(self, code: str, message: str, **params: Any) -> None:
        super().__init__(code, message, **params)


class BadMerge(Invalid):
    """A merge of an artist with itself, or of nobody."""

    def __init__(self, message: str) -> None:
        super().__init__("bad_merge", message)


class BadSplit(Invalid):
    """A split that leaves nothing to somebody."""

    def __init__(self, message: str) -> None:
        super().__init__("bad_split", message)
