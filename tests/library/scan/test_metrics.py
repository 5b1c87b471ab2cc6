"""Figures of the music for whoever watches the server."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, update

from segue.core.changes import fact
from segue.core.clock import utc_now
from segue.core.db import Database
from segue.library.duplicates.models import DuplicateGroup
from segue.library.edits.models import EditBatch
from segue.library.inbox.models import InboxItem
from segue.library.metrics import TOTALS, forget_library, library_metrics
from segue.library.models import Library
from segue.library.writing.models import TagWrite, TagWriteBatch
from tests.jobs.ground import until
from tests.library.scan.ground import Place

pytestmark = pytest.mark.anyio


async def figures(db: Database) -> dict[tuple[str, ...], float]:
    """Every figure by its name and its labels' values, `name` left out."""
    found: dict[tuple[str, ...], float] = {}
    for metric in await library_metrics(db):
        for sample in metric.samples:
            labels = [value for label, value in sorted(sample.labels.items()) if label != "name"]
            found[sample.name, *labels] = sample.value
    return found


async def test_figures_of_scans_add_up(db: Database, place: Place) -> None:
    place.song("A/1.mp3", title="One")
    (place.music / "A/bad.mp3").write_bytes(b"nothing that plays")
    async with place.worker():
        library = await place.scans.add_library(str(place.music), "Music")
        await until(place.idle)
        place.song("A/2.mp3", title="Two more")
        await place.scans.request(library)
        await until(place.idle)
    told = await figures(db)
    name = f"li-{library}"
    assert (told["segue_scan_files_read_total", name], told["segue_scan_problems_total", name]) == (3, 1)
    assert (told["segue_scans_total", name, "done"], told["segue_scans_total", name, "stopped"]) == (2, 0)
    assert (told["segue_library_tracks", name], told["segue_library_files", name]) == (2, 3)
    assert told["segue_scan_last_seconds", name] > 0
    assert told["segue_scan_last_finished_timestamp_seconds", name] > 0
    assert [told["segue_scan_state", name, state] for state in ("running", "paused", "held")] == [0, 0, 0]
    async with db.write() as tx:
        await tx.execute(update(Library).values(paused_at=utc_now(), held={"code": "undone"}))
    told = await figures(db)
    assert [told["segue_scan_state", name, state] for state in ("running", "paused", "held")] == [0, 1, 1]
    async with db.write() as tx:
        await forget_library(tx, library)
        assert await fact(tx.conn, f"{TOTALS}{library}") is None


async def test_figures_of_what_people_do_are_by_kind_and_state(db: Database) -> None:
    now = utc_now()
    async with db.write() as tx:
        row = {"name": "M", "root": b"/m", "display_root": "/m", "created_at": now}
        library = int(await tx.scalar(insert(Library).values(row).returning(Library.id)))
        groups = [{"kind": kind, "track_count": 2, "found_at": now} for kind in ("copy", "copy", "perhaps")]
        await tx.execute(insert(DuplicateGroup), groups)
        await tx.execute(insert(EditBatch), [{"action": action, "made_at": now} for action in ("edit", "edit", "undo")])
        item = {
            "library_id": library, "root": b"/in", "folder": b"a", "display_folder": "a", "fingerprint": b"", "checks": [],
            "summary": {}, "edits": {}, "found_at": now, "changed_at": now,
        }  # fmt: skip
        await tx.execute(insert(InboxItem), [item | {"state": state} for state in ("checked", "moved", "moved")])
        batch = {"action": "write", "cause": "asked", "params": {}, "made_at": now, "total": 5}
        number = int(await tx.scalar(insert(TagWriteBatch).values(batch).returning(TagWriteBatch.id)))
        write = {"batch_id": number, "file_id": 1, "library_id": library, "display_path": "x", "changed_at": now}
        await tx.execute(insert(TagWrite), [write | {"state": state} for state in ("planned", "failed", "written")])
    told = await figures(db)
    assert (told["segue_duplicate_groups", "copy"], told["segue_duplicate_groups", "perhaps"]) == (2, 1)
    assert (told["segue_edits_total", "edit"], told["segue_edits_total", "undo"]) == (2, 1)
    assert (told["segue_inbox_items", "checked"], told["segue_inbox_items", "moved"]) == (1, 2)
    assert (told["segue_tag_writes", "planned"], told["segue_tag_writes", "failed"]) == (1, 1)
    assert ("segue_tag_writes", "written") not in told
    assert told["segue_tag_write_files_total", "write"] == 5
    assert told["segue_search_rebuild_pending",] == 1


async def test_nothing_is_told_of_an_empty_server_that_is_not_so(db: Database) -> None:
    assert (await figures(db)) == {("segue_search_rebuild_pending",): 0}
