"""Files of a folder and the CUE sheets that speak of them: which sheet holds, which tracks a file becomes, which rows they had.

A sheet beside the music comes before one inside a file, since a person can change it; of several that speak of one file,
the one named like it, else the one that says most. Only lossless files are divided; in others the sheet's tracks are
chapters. A file with a sheet is read whenever its folder is looked at, so what the sheet says is never stale.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from hashlib import blake2b
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.text import sort_key
from segue.library.scan import documents, repository
from segue.library.scan.cue import slices
from segue.library.scan.cue.sheet import SheetFile
from segue.library.scan.cue.slices import Cue, Slice
from segue.library.scan.facts import FileFacts, TrackTags
from segue.library.scan.paths import displayed, name_of
from segue.library.scan.plan import FilePlan, FolderPlan, StoredFile, Unit
from segue.library.scan.problems import Problem, ProblemCode
from segue.library.scan.walk import extension_of

NEAR_MS = 2_000
"""How far a track's beginning may move in an edited sheet and still be the same place."""


def concerns(file: FilePlan, body: dict[str, Any]) -> bool:
    """Whether a file that has not changed must be read for its sheet: it has one, had one, or one may lie beside it."""
    if "cue" in body or (file.stored is not None and file.stored.start_ms is not None):
        return True
    return any(extension_of(entry.name) == b"cue" for entry in file.folder.listing.sidecars)


def has_beside(file: FilePlan) -> bool:
    """Whether a file has a sheet inside it, or is known to have had one, or words, so that it must be looked into."""
    if file.facts is not None and file.facts.cue_sheet:
        return True
    return file.stored is not None and (file.stored.start_ms is not None or bool(file.stored.has_lyrics))


async def divide(conn: AsyncConnection, unit: Unit) -> None:
    """Put the tracks of a unit's files in the place of those files that a sheet divides."""
    in_force = {file: cue for folder in unit.folders for file, cue in _in_force(folder, _read(unit, folder)).items()}
    known = [file for file in unit.files if file.facts is not None and file.stored is not None]
    asked = [file for file in known if file in in_force or (file.stored and file.stored.start_ms is not None)]
    rows: dict[int, list[StoredFile]] = {}
    for row in await repository.files_by_id(conn, {file.stored.id for file in asked if file.stored}) if asked else []:
        rows.setdefault(row.id, []).append(row)
    if not in_force and not rows:
        return
    files: list[FilePlan] = []
    for file in unit.files:
        former = rows.get(file.stored.id, []) if file.stored else []
        cue = in_force.get(file)
        if cue is None and not former:
            files.append(file)
        else:
            files.extend(_divided(file, cue, former))
    unit.files = files


def _read(unit: Unit, folder: FolderPlan) -> list[FilePlan]:
    return [file for file in unit.files if file.folder is folder and file.facts is not None and file.tags is not None]


# --- which sheet ------------------------------------------------------------------------------------------------------


def _in_force(folder: FolderPlan, files: list[FilePlan]) -> dict[FilePlan, Cue]:
    """The sheet of each file that has one."""
    offers: dict[FilePlan, list[tuple[tuple[int, int], Cue, SheetFile]]] = {}
    for sheet_text in folder.sheets:
        if sheet_text.text is None:
            for file in files:
                _doubt(file, ProblemCode.CUE_UNREADABLE, sheet=displayed(sheet_text.name))
            continue
        sheet = slices.sheet_of(sheet_text.text)
        for place, part in enumerate(sheet.files):
            matched = _file_named(part, sheet_text.name, len(sheet.files), files) if part.tracks else None
            if matched is None:
                continue
            if sheet_text.guessed:
                _doubt(
                    matched, ProblemCode.ENCODING_GUESSED, name=displayed(sheet_text.name), encoding=sheet_text.guessed
                )
            own = _stem(name_of(matched.path)) == _stem(sheet_text.name)
            cue = Cue(displayed(sheet_text.name), sheet_text.text, place)
            offers.setdefault(matched, []).append(((int(own), sheet.said), cue, part))
    found: dict[FilePlan, Cue] = {}
    for file, sheets in offers.items():
        _, cue, part = max(sheets, key=lambda offer: offer[0])
        found[file] = cue
        for _, other, _ in sheets:
            if other is not cue and other.name and cue.name:
                _doubt(file, ProblemCode.CUE_NOT_USED, sheet=other.name, other=cue.name)
        if _folded(part.name) != _folded(displayed(name_of(file.path))) and cue.name:
            _doubt(file, ProblemCode.CUE_OTHER_NAME, sheet=cue.name, file=part.name[:200])
    for file in files:
        text = file.facts.cue_sheet if file.facts else None
        if text and file not in found:
            parts = slices.sheet_of(text).files
            first = next((number for number, part in enumerate(parts) if part.tracks), None)
            if first is not None:
                found[file] = Cue(None, text, first)
    return found


def _file_named(part: SheetFile, sheet: bytes, parts: int, files: list[FilePlan]) -> FilePlan | None:
    """The file that a sheet means: by its name; by its name with another extension; by the sheet's own name; or, where
    the sheet speaks of one file alone, the only one there that is divided or long enough."""
    name = part.name.replace("\\", "/").rpartition("/")[2]
    wanted, stem = _folded(name), _folded(name.rpartition(".")[0])
    by_name = {_folded(displayed(name_of(file.path))): file for file in files}
    if wanted in by_name:
        return by_name[wanted]
    by_stem: dict[str, FilePlan] = {}
    for file in files:
        by_stem.setdefault(_stem(name_of(file.path)), file)
    if stem and stem in by_stem:
        return by_stem[stem]
    if parts > 1:
        return None
    if _stem(sheet) in by_stem:
        return by_stem[_stem(sheet)]
    last = max(track.start_ms for track in part.tracks)
    possible = [file for file in files if file.facts and file.facts.duration_ms > last]
    return possible[0] if len(possible) == 1 and len(files) == 1 else None


def _stem(name: bytes) -> str:
    return _folded(displayed(name).rpartition(".")[0])


def _folded(name: str) -> str:
    return sort_key(name) or name.casefold()


# --- which tracks -----------------------------------------------------------------------------------------------------


def _divided(file: FilePlan, cue: Cue | None, rows: list[StoredFile]) -> list[FilePlan]:
    """The tracks of one file: its slices, or itself."""
    assert file.facts is not None
    if file.tags is None:
        file.former = [row for row in rows if file.stored is None or row.track_id != file.stored.track_id]
        return [file]
    made: tuple[Slice, ...] = ()
    if cue is not None:
        made = _cut(file, file.facts, cue)
        if file.document is not None:
            file.document = documents.with_cue(file.document, cue, file.facts.chapters)
        said = repr((cue, made)).encode()
        file.tag_hash = blake2b((file.tag_hash or b"") + said, digest_size=16).digest()
    own = file.tags
    if not made:
        file.tags = slices.tags_for(own, cue, None)
        whole = next((row for row in rows if row.start_ms is None), None)
        _settle(file, [(file, whole)], rows)
        return [file]
    plans: list[FilePlan] = []
    for piece in made:
        plan = file if not plans else FilePlan(file.folder, file.path, file.entry, None, facts=file.facts, carrier=file)
        plan.piece, plan.tag_hash = piece, file.tag_hash
        plan.tags = slices.tags_for(own, cue, piece.start_ms)
        plans.append(plan)
    _settle(file, _matched(plans, [row for row in rows if row.start_ms is not None]), rows)
    return plans


def _cut(file: FilePlan, facts: FileFacts, cue: Cue) -> tuple[Slice, ...]:
    name = cue.name or ""
    if not facts.lossless:
        file.facts = facts._replace(chapters=facts.chapters or slices.chapters(cue))
        return ()
    cut = slices.cut(cue, facts.duration_ms)
    if cut.refused:
        _doubt(file, ProblemCode.CUE_DOES_NOT_FIT, sheet=name)
    if cut.hidden_ms:
        _doubt(file, ProblemCode.CUE_HIDDEN, seconds=round(cut.hidden_ms / 1000))
    return cut.slices


def _settle(
    file: FilePlan, matched: Iterable[tuple[FilePlan, StoredFile | None]], rows: Collection[StoredFile]
) -> None:
    """Give each track the row it had; one of a known file that had none is a new track of that file."""
    known = file.stored
    used = set()
    for plan, row in matched:
        if row is not None:
            used.add(row.track_id)
            plan.stored = row
        elif known is not None:
            plan.stored = known._replace(
                track_id=None, album_id=None, track_missing_since=None, artwork_id=None, duration_ms=None, disc=None,
                position=None, title_key=None, recording=None, start_ms=None, end_ms=None, has_lyrics=None,
            )  # fmt: skip
    file.former = [row for row in rows if row.track_id is not None and row.track_id not in used]


def _matched(plans: list[FilePlan], rows: list[StoredFile]) -> list[tuple[FilePlan, StoredFile | None]]:
    """Which track each slice was: the same title and number, else the same place in the file, else the same title, else
    the same number."""
    found: dict[FilePlan, StoredFile] = {}
    free = {row.track_id: row for row in rows}
    for alike in (_same, _same_place, _same_title, _same_number):
        for plan in plans:
            if plan in found:
                continue
            row = next((row for row in free.values() if alike(plan, row)), None)
            if row is not None:
                found[plan] = free.pop(row.track_id)
    return [(plan, found.get(plan)) for plan in plans]


def _same(plan: FilePlan, row: StoredFile) -> bool:
    return _same_title(plan, row) and _same_number(plan, row)


def _same_title(plan: FilePlan, row: StoredFile) -> bool:
    tags: TrackTags | None = plan.tags
    return bool(tags and tags.title) and sort_key(tags.title) == row.title_key  # type: ignore[union-attr, arg-type]


def _same_place(plan: FilePlan, row: StoredFile) -> bool:
    assert plan.piece is not None
    return row.start_ms is not None and abs(row.start_ms - plan.piece.start_ms) <= NEAR_MS


def _same_number(plan: FilePlan, row: StoredFile) -> bool:
    return plan.tags is not None and row.position is not None and row.position == plan.tags.track_number


def _doubt(plan: FilePlan, code: ProblemCode, **params: str | int) -> None:
    if plan.facts is not None:
        plan.facts = plan.facts._replace(doubts=(*plan.facts.doubts, Problem(code, params)))
