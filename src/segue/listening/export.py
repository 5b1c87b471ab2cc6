"""Everything that is one's own, as text to take along: plays, opinions, tags, bookmarks, searches.

Three forms: JSON lines with everything; CSV of the plays; and the plays as ListenBrainz exports them, one JSON object a line
(https://listenbrainz.readthedocs.io/en/latest/users/json.html), which ListenBrainz and others import.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator, Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from segue.core.access import Actor
from segue.core.clock import rfc3339
from segue.core.db import Database
from segue.core.ids import format_id_or_none
from segue.listening import history_rows
from segue.listening.models import Annotation, Bookmark, OwnTag, OwnTagged, SearchEntry
from segue.listening.plays import PlayRow

ROWS_AT_ONCE = 1_000
COLUMNS = (
    "played_at",
    "zone_offset_minutes",
    "artist",
    "title",
    "album",
    "album_artist",
    "duration_ms",
    "duration_played_ms",
    "source",
    "client",
    "device",
    "track_id",
    "recording_mbid",
)
_PREFIXES = {"track": "tr", "album": "al", "artist": "ar"}


class Form(StrEnum):
    """How it is written."""

    jsonl = "jsonl"
    csv = "csv"
    listenbrainz = "listenbrainz"

    @property
    def media_type(self) -> str:
        return "text/csv; charset=utf-8" if self is Form.csv else "application/x-ndjson"

    @property
    def file_name(self) -> str:
        """A name for the file that a browser makes of it."""
        return {"jsonl": "listening.jsonl", "csv": "plays.csv", "listenbrainz": "listens.jsonl"}[self.value]


class Exports:
    """Writes what is one person's."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def export(self, actor: Actor, form: Form) -> AsyncIterator[str]:
        """The text in pieces, the oldest first. Each piece is read by itself, so that a long export holds nothing up."""
        if form is Form.csv:
            yield _csv_line(COLUMNS)
        async for plays in self._plays(actor):
            yield "".join(_WRITERS[form](play) for play in plays)
        if form is Form.jsonl:
            async for piece in self._everything_else(actor):
                yield piece

    async def _plays(self, actor: Actor) -> AsyncIterator[list[PlayRow]]:
        after = None
        while True:
            async with self._db.read() as conn:
                rows = await history_rows.oldest_first(conn, actor.person, after, ROWS_AT_ONCE)
            if not rows:
                return
            yield [PlayRow.of(row._mapping) for row in rows]
            after = rows[-1].played_at, rows[-1].id

    async def _everything_else(self, actor: Actor) -> AsyncIterator[str]:
        for kind in _PREFIXES:
            after = 0
            while rows := await self._annotations(actor, kind, after):
                yield "".join(_json_line(_annotation(row)) for row in rows)
                after = rows[-1].entity_id
        yield "".join([_json_line(_tagged(row)) for row in await self._tagged(actor)])
        for table, write in ((Bookmark, _bookmark), (SearchEntry, _search)):
            mine = select(table.__table__).where(table.user_id == actor.person)
            async with self._db.read() as conn:
                rows = (await conn.execute(mine.order_by(table.id))).all()
            yield "".join(_json_line(write(row)) for row in rows)

    async def _annotations(self, actor: Actor, kind: str, after: int) -> Sequence[Any]:
        table: Any = Annotation.__table__
        mine = select(table).where(table.c.user_id == actor.person, table.c.kind == kind, table.c.entity_id > after)
        async with self._db.read() as conn:
            return (await conn.execute(mine.order_by(table.c.entity_id).limit(ROWS_AT_ONCE))).all()

    async def _tagged(self, actor: Actor) -> Sequence[Any]:
        worn: Any = OwnTagged.__table__
        mine = select(OwnTag.name, worn).join_from(worn, OwnTag, OwnTag.id == worn.c.tag_id)
        ordered = mine.where(worn.c.user_id == actor.person).order_by(worn.c.tag_id, worn.c.kind, worn.c.entity_id)
        async with self._db.read() as conn:
            return (await conn.execute(ordered)).all()


def _json_line(value: dict[str, Any]) -> str:
    """One line; U+2028 and its like are escaped, so that nothing takes them for the end of it."""
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for mark in "\u2028\u2029\u0085":
        written = written.replace(mark, f"\\u{ord(mark):04x}")
    return written + "\n"


def _csv_line(values: Sequence[Any]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerow(["" if value is None else value for value in values])
    return written.getvalue()


def _play_json(play: PlayRow) -> str:
    named = {name: getattr(play, name) for name in COLUMNS if name not in ("played_at", "track_id", "recording_mbid")}
    return _json_line(
        {
            "type": "play",
            "played_at": rfc3339(play.played_at),
            **named,
            "track_id": format_id_or_none("tr", play.track_id),
            "external_ids": play.external_ids,
        }
    )


def _play_csv(play: PlayRow) -> str:
    values = {name: getattr(play, name, None) for name in COLUMNS} | {
        "played_at": rfc3339(play.played_at),
        "track_id": format_id_or_none("tr", play.track_id),
        "recording_mbid": play.external_ids.get("musicbrainz:recording"),
    }
    return _csv_line([_harmless(values[name]) for name in COLUMNS])


def _harmless(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula, with an apostrophe before it (OWASP, CSV injection)."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "@", "\t", "\r") else value


def _listen(play: PlayRow) -> str:
    told: dict[str, Any] = {
        "duration_ms": play.duration_ms,
        "media_player": play.client or None,
        "submission_client": "Segue",
        "recording_mbid": play.external_ids.get("musicbrainz:recording"),
        "isrc": play.external_ids.get("isrc"),
        "release_artist_name": play.album_artist or None,
    }
    track = {
        "artist_name": play.artist,
        "track_name": play.title,
        "release_name": play.album or None,
        "additional_info": {name: value for name, value in told.items() if value},
    }
    named = {name: value for name, value in track.items() if value is not None}
    return _json_line({"listened_at": int(play.played_at.timestamp()), "track_metadata": named})


def _annotation(row: Any) -> dict[str, Any]:
    return {
        "type": row.kind,
        "id": f"{_PREFIXES[row.kind]}-{row.entity_id}",
        "text": row.text,
        "starred_at": rfc3339(row.starred_at),
        "rating": row.rating or 0,
        "rated_at": rfc3339(row.rated_at),
        "hated_at": rfc3339(row.hated_at),
        "plays": row.play_count,
        "last_played_at": rfc3339(row.last_played_at),
        "external_ids": row.external_ids or {},
    }


def _tagged(row: Any) -> dict[str, Any]:
    thing = f"{_PREFIXES[row.kind]}-{row.entity_id}"
    return {"type": "tag", "name": row.name, "id": thing, "text": row.text, "tagged_at": rfc3339(row.tagged_at)}


def _bookmark(row: Any) -> dict[str, Any]:
    return {
        "type": "bookmark",
        "id": f"tr-{row.track_id}",
        "text": row.text,
        "position_ms": row.position_ms,
        "comment": row.comment,
        "changed_at": rfc3339(row.changed_at),
    }


def _search(row: Any) -> dict[str, Any]:
    return {
        "type": "search",
        "box": row.box,
        "query": row.query,
        "results": row.results,
        "searched_at": rfc3339(row.searched_at),
    }


_WRITERS = {Form.jsonl: _play_json, Form.csv: _play_csv, Form.listenbrainz: _listen}
