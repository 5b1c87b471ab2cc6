"""What is to be written into one file, worked out from what is kept of it: its changes, or why there are none."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from segue.core.clock import utc_now
from segue.library.options import options_of
from segue.library.scan import documents
from segue.library.writing import rewriting
from segue.library.writing.fields import Changes, fields_of
from segue.library.writing.measured import Measured
from segue.library.writing.reasons import Refused
from segue.library.writing.repository import WritableFile
from segue.library.writing.rewriting import Place
from segue.library.writing.wanted import planned_changes
from segue.library.writing.writer import standing_in_the_way


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be written into one file, or why nothing."""

    file_id: int
    track_id: int | None
    library_id: int | None
    path: str
    changes: Changes
    before: Changes
    reason: Refused | None
    artwork_id: int | None = None
    measured: tuple[str, ...] = ()
    """Those of its changes that are measures, not edits."""


def plan_of(
    file: WritableFile,
    document: bytes | None,
    of_tracks: dict[int, Any],
    of_albums: dict[int, Any],
    fields: Collection[str] | None,
    pictures: dict[int, int],
    written: Sequence[Any],
) -> Plan:
    """What a person's edits have written into a file. `written` are the writes that hold in it, the oldest first."""
    reason = standing_in_the_way(file)
    changes: Changes = {}
    before: Changes = {}
    if document is not None and reason is None:
        said = documents.tags_of(document)
        changes = planned_changes(
            said,
            of_tracks.get(file.track_id or 0, {}),
            of_albums.get(file.album_id or 0, {}),
            [_edited_by(row) for row in written],
        )
        if fields is not None:
            changes = {field: values for field, values in changes.items() if field in fields}
        known = fields_of(said)
        before = {field: known.get(field, []) for field in changes}
    artwork = pictures.get(file.album_id or 0)
    if reason is None and not changes and artwork is None:
        reason = Refused("nothing_to_write")
    return Plan(file.id, file.track_id, file.library_id, file.display_path, changes, before, reason, artwork)


def _edited_by(row: Any) -> tuple[Changes, Changes]:
    """What a write put into a file and what it replaced, without measures: those are the file's own from then on."""
    measured = (row.params or {}).get("measured") or ()
    changes = {field: values for field, values in (row.changes or {}).items() if field not in measured}
    return changes, {field: values for field, values in (row.before or {}).items() if field in changes}


def with_measured(plan: Plan, measured: Measured) -> Plan:
    """The plan with measures added, where the file is written at all."""
    fields = {field: values for field, values in measured.changes.items() if measured.before.get(field) != values}
    if not fields or (plan.reason is not None and plan.reason.code != "nothing_to_write"):
        return plan
    before = {field: measured.before.get(field, []) for field in fields}
    return replace(
        plan, changes=plan.changes | fields, before=plan.before | before, reason=None, measured=tuple(sorted(fields))
    )


def look_at(file: WritableFile) -> Refused | None:
    """Why the disk would not let a file be written; None where it would."""
    real = rewriting.real_place(file.root, file.path)
    if isinstance(real, Refused):
        return real
    break_links = options_of(file.options).write_hard_links == "break"
    return rewriting.why_not(Place(file.root, real, b"", (file.size, file.mtime_ns), break_links=break_links))


def row_of(batch_id: int, plan: Plan) -> dict[str, Any]:
    """The journal's row for a plan."""
    unchanged = plan.reason is not None and plan.reason.code == "nothing_to_write"
    return {
        "batch_id": batch_id,
        "file_id": plan.file_id,
        "library_id": plan.library_id,
        "display_path": plan.path,
        "state": "unchanged" if unchanged else "failed" if plan.reason is not None else "planned",
        "code": plan.reason.code if plan.reason else None,
        "params": dict(plan.reason.params) if plan.reason else {"measured": plan.measured} if plan.measured else None,
        "changes": plan.changes,
        "before": plan.before,
        "artwork_id": plan.artwork_id,
        "undoes": None,
        "changed_at": utc_now(),
    }
