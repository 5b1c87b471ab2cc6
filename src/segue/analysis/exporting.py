"""Everything that was measured, as lines: JSON or CSV, one a track, by a question in the query language, as it is read."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator
from typing import Any, Literal

from segue.analysis.key import names
from segue.analysis.reading import Reading
from segue.analysis.views import TrackSummary
from segue.core.access import Actor
from segue.core.clock import rfc3339
from segue.core.ids import format_id
from segue.query import EVERYTHING, Node, Window

Format = Literal["jsonl", "csv"]
PAGE = 500
COLUMNS = (
    "track", "title", "artist", "album", "path", "state", "bpm", "bpm_source", "key", "key_source", "camelot", "open_key",
    "measured_bpm", "bpm_confidence", "steadiness", "measured_key", "key_confidence", "tuning_cents", "integrated_lufs",
    "range_lu", "true_peak_dbtp", "sample_peak_dbfs", "energy", "danceability", "cutoff_hz", "clipped_ms", "findings",
    "duration_ms", "engine", "version", "analyzed_at", "reason",
)  # fmt: skip
"""The members of a line, in order. Text that begins like a formula has a ' before it in CSV."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Exporting(Reading):
    """The verb of export."""

    async def export(
        self, actor: Actor, format: Format, *, q: str | None = None, where: Node = EVERYTHING
    ) -> AsyncIterator[bytes]:
        """Lines about the tracks that `actor` may see and that `q` and `where` mean. Raises BadQuery before the first."""
        first = await self.ground.library.list_tracks(actor, where, q=q, window=Window(PAGE))
        return self._lines(actor, format, first, q, where)

    async def _lines(self, actor: Actor, format: Format, page: Any, q: str | None, where: Node) -> AsyncIterator[bytes]:
        if format == "csv":
            yield _csv(COLUMNS)
        while True:
            lines = []
            for track, summary in zip(page.items, await self.summaries(page.items), strict=True):
                line = line_of(track, summary)
                lines.append(_csv(_cells(line)) if format == "csv" else _json(line))
            yield b"".join(lines)
            if page.next is None:
                return
            page = await self.ground.library.list_tracks(actor, where, q=q, window=Window(PAGE, page.next))


def line_of(track: Any, summary: TrackSummary) -> dict[str, Any]:
    """What is said of one track, by `COLUMNS`."""
    row = summary.row
    key = None if row is None or row.tonic is None else names(row.tonic, row.mode)
    line = {
        "track": format_id("tr", track.id),
        "title": track.title,
        "artist": track.artist_display,
        "album": track.album.name if track.album else None,
        "path": track.file.path,
        "state": summary.state,
        "bpm": summary.bpm.value,
        "bpm_source": summary.bpm.source,
        "key": summary.musical_key.value,
        "key_source": summary.musical_key.source,
        "camelot": key and key.camelot,
        "open_key": key and key.open_key,
        "measured_bpm": row and row.bpm,
        "measured_key": key and key.preferred,
        "findings": [one[0] for one in row.findings or ()] if row is not None else [],
        "analyzed_at": rfc3339(row.analyzed_at) if row is not None else None,
        "reason": summary.reason,
    }
    return {name: line[name] if name in line else (row and getattr(row, name)) for name in COLUMNS}


def _json(line: dict[str, Any]) -> bytes:
    text = json.dumps(line, ensure_ascii=False).replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return text.encode() + b"\n"


def _cells(line: dict[str, Any]) -> list[Any]:
    said = {**line, "findings": " ".join(line["findings"]), "reason": (line["reason"] or {}).get("code")}
    return [_safe(said[name]) for name in COLUMNS]


def _safe(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _csv(cells: Any) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue().encode()
