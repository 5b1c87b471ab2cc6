"""Figures of the music and of work on it for /metrics, read from the tables, so that any process can tell them for all.

Nothing is asked that grows with the music, but the groups of duplicates, which an index counts: libraries and acts of people
are counted, and of what is written into files only what is under way or has failed. What a scan came to is added up when
it ends (`count_scan`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.changes import Fact, fact, set_fact
from segue.core.db import Database, Transaction
from segue.core.ids import format_id
from segue.library.duplicates.models import DuplicateGroup
from segue.library.edits.models import EditBatch
from segue.library.inbox.models import InboxItem
from segue.library.journal.models import ScanJournal
from segue.library.models import Library, ScanRequest
from segue.library.preview.models import ScanPreview
from segue.library.standing import INDEXED_AS
from segue.library.writing.models import TagWrite, TagWriteBatch

TOTALS = "scan_totals:"
"""Facts: by library, what its scans have come to so far, as JSON {files_read, problems, done, stopped}."""
UNDER_WAY = ("planned", "writing", "ready", "failed")
"""States of a write that few rows are in."""


async def count_scan(tx: Transaction, library_id: int, result: dict[str, Any]) -> None:
    """Add what a scan came to; in the transaction that ends it, which holds the library's lock."""
    said = json.loads(await fact(tx.conn, f"{TOTALS}{library_id}") or "{}")
    for name, more in (("files_read", result["files_read"]), ("problems", result["problems"]), (result["state"], 1)):
        said[name] = said.get(name, 0) + more
    await set_fact(tx, f"{TOTALS}{library_id}", json.dumps(said))


async def forget_library(tx: Transaction, library_id: int) -> None:
    """Drop what was added up; in the transaction that removes the library."""
    await tx.execute(delete(Fact).where(Fact.name == f"{TOTALS}{library_id}"))


async def library_metrics(db: Database) -> list[Metric]:
    """Libraries and their scans, duplicates, the inbox, writes into files, edits, previews and undos, search."""
    async with db.read() as conn:
        libraries = (await conn.execute(select(Library.__table__).order_by(Library.id))).all()
        scanned = (await conn.execute(select(ScanRequest.library_id).where(ScanRequest.job_id.is_not(None)))).scalars()
        running = set(scanned)
        totals = {row.id: json.loads(await fact(conn, f"{TOTALS}{row.id}") or "{}") for row in libraries}
        indexed = await fact(conn, "indexed_as")
        counted = [
            _gauge("segue_duplicate_groups", "Groups of duplicates.", "kind", await _by(conn, DuplicateGroup.kind)),
            _gauge("segue_inbox_items", "Albums in inboxes.", "state", await _by(conn, InboxItem.state)),
            _gauge(
                "segue_tag_writes", "Files whose tags are about to be written, or could not be.", "state",
                await _by(conn, TagWrite.state, TagWrite.state.in_(UNDER_WAY)),
            ),
            _counter(
                "segue_tag_write_files", "Files that acts of writing tags were about.", "action",
                await _by(conn, TagWriteBatch.action, amount=func.sum(TagWriteBatch.total)),
            ),
            _counter("segue_edits", "Acts of editing.", "action", await _by(conn, EditBatch.action)),
            _gauge("segue_scan_previews", "Previews that are kept.", "state", await _by(conn, ScanPreview.state)),
            _gauge("segue_scan_journals", "Journals of scans that are kept.", "state", await _by(conn, ScanJournal.state)),
        ]  # fmt: skip
    return [
        *_of_libraries(libraries),
        *_of_scans(libraries, running, totals),
        *counted,
        GaugeMetricFamily(
            "segue_search_rebuild_pending", "1 while what is searched is made anew for this version.",
            value=float(bool(libraries) and indexed != INDEXED_AS),
        ),
    ]  # fmt: skip


def _of_libraries(libraries: Iterable[Any]) -> list[Metric]:
    labels = ("library", "name")
    families = {
        "track_count": GaugeMetricFamily("segue_library_tracks", "Tracks that are there.", labels=labels),
        "album_count": GaugeMetricFamily("segue_library_albums", "Albums that are there.", labels=labels),
        "file_count": GaugeMetricFamily("segue_library_files", "Files that are there.", labels=labels),
        "missing_count": GaugeMetricFamily("segue_library_missing_files", "Files marked missing.", labels=labels),
        "size_bytes": GaugeMetricFamily("segue_library_bytes", "Size of the files of tracks.", labels=labels),
    }
    for row in libraries:
        for column, family in families.items():
            family.add_metric(_named(row), getattr(row, column))
    return list(families.values())


def _of_scans(libraries: Iterable[Any], running: set[int], totals: dict[int, dict[str, int]]) -> list[Metric]:
    read = CounterMetricFamily("segue_scan_files_read", "Files read by scans.", labels=["library", "name"])
    problems = CounterMetricFamily(
        "segue_scan_problems", "Files that scans read and found a problem with.", labels=["library", "name"]
    )
    ended = CounterMetricFamily("segue_scans", "Scans that ended, by outcome.", labels=["library", "name", "outcome"])
    state = GaugeMetricFamily(
        "segue_scan_state", "1 while a library is scanned, paused, or held.", labels=["library", "name", "state"]
    )
    took = GaugeMetricFamily("segue_scan_last_seconds", "Seconds of the last scan.", labels=["library", "name"])
    at = GaugeMetricFamily(
        "segue_scan_last_finished_timestamp_seconds", "When the last scan ended.", labels=["library", "name"]
    )
    for row in libraries:
        labels, said = _named(row), totals[row.id]
        read.add_metric(labels, said.get("files_read", 0))
        problems.add_metric(labels, said.get("problems", 0))
        for outcome in ("done", "stopped"):
            ended.add_metric([*labels, outcome], said.get(outcome, 0))
        is_on = {"running": row.id in running, "paused": row.paused_at is not None, "held": row.held is not None}
        for name, on in is_on.items():
            state.add_metric([*labels, name], float(on))
        if row.scan_finished_at is not None:
            took.add_metric(labels, float((row.scan_result or {}).get("seconds") or 0.0))
            at.add_metric(labels, row.scan_finished_at.timestamp())
    return [read, problems, ended, state, took, at]


def _named(row: Any) -> list[str]:
    return [format_id("li", row.id), row.name]


async def _by(
    conn: AsyncConnection, column: Any, *where: ColumnElement[bool], amount: ColumnElement[Any] | None = None
) -> dict[str, int]:
    """How many rows, or how much of `amount`, by what a column says."""
    figures = select(column, func.count() if amount is None else amount).where(*where).group_by(column)
    return {row[0]: int(row[1] or 0) for row in await conn.execute(figures.order_by(column))}


def _gauge(name: str, meaning: str, label: str, counts: dict[str, int]) -> Metric:
    family = GaugeMetricFamily(name, meaning, labels=[label])
    for value, count in counts.items():
        family.add_metric([value], count)
    return family


def _counter(name: str, meaning: str, label: str, counts: dict[str, int]) -> Metric:
    family = CounterMetricFamily(name, meaning, labels=[label])
    for value, count in counts.items():
        family.add_metric([value], count)
    return family
