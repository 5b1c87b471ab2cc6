"""What takes a change of a playlist back, and how a change reads in its history. Pure functions.

Every change of a list is `Steps`: rows to drop, to put, to move, to alter, and values of the list itself. Taking steps
gives the steps that lead back; those are what history keeps. Several steps back are folded into one change.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from zstandard import ZstdCompressor, ZstdDecompressor

MOST_REVISIONS = 200
"""Changes that are remembered of one list."""
MOST_BYTES = 8 * 2**20
"""How large what leads back may be altogether, of one list; the oldest changes are forgotten first."""

ACTIONS: dict[str, str] = {
    "created": "Made with {count} tracks.",
    "imported": "Imported with {count} rows.",
    "updated": "Brought up to date with its file: {count} rows.",
    "matched": "Found {count}: {titles}",
    "chose": "Chose the track of {titles}",
    "added": "Added {count}: {titles}",
    "removed": "Removed {count}: {titles}",
    "moved": "Moved {count}: {titles}",
    "ordered": "Put in another order.",
    "replaced": "Filled anew with {count} tracks.",
    "row_commented": "A note on {titles}",
    "changed": "Changed {what}.",
    "covered": "Another cover.",
    "made_smart": "Made to fill itself from {query}",
    "frozen": "Frozen with {count} tracks.",
    "sharing": "Changed who may see it.",
    "handed_over": "Given to somebody else.",
    "undone": "Took back change {revision}.",
    "restored": "Brought back as it was after change {revision}.",
}
"""The codes of changes, with what they say."""


@dataclass(slots=True)
class Steps:
    """A change of one list: `put` holds whole rows (those without an id are new), `move` ranks and `alter` other columns
    by row, `values` columns of the list."""

    drop: list[int] = field(default_factory=list)
    put: list[dict[str, Any]] = field(default_factory=list)
    move: dict[int, str] = field(default_factory=dict)
    alter: dict[int, dict[str, Any]] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)

    def rows(self) -> set[int]:
        """The ids of all rows that are there, or were, and are spoken of."""
        put = (row["id"] for row in self.put if "id" in row)
        return {*self.drop, *put, *self.move, *self.alter}


def folded(chain: Iterable[Steps], rows: Mapping[int, Mapping[str, Any]], values: Mapping[str, Any]) -> Steps:
    """All of `chain`, taken in turn, as one. `rows` are the present rows that it speaks of, `values` those of the list."""
    now = {number: dict(row) for number, row in rows.items()}
    listed = dict(values)
    for steps in chain:
        for number in steps.drop:
            now.pop(number, None)
        now.update((row["id"], dict(row)) for row in steps.put)
        for number, rank in steps.move.items():
            if number in now:
                now[number]["rank"] = rank
        for number, columns in steps.alter.items():
            if number in now:
                now[number].update(columns)
        listed.update(steps.values)
    made = Steps(
        drop=[number for number in rows if number not in now],
        put=[row for number, row in now.items() if number not in rows],
        values={name: value for name, value in listed.items() if values.get(name) != value},
    )
    for number, before in rows.items():
        after = now.get(number)
        if after is None:
            continue
        if after["rank"] != before["rank"]:
            made.move[number] = after["rank"]
        columns = {name: value for name, value in after.items() if name != "rank" and before.get(name) != value}
        if columns:
            made.alter[number] = columns
    return made


def pack(steps: Steps) -> bytes:
    """Steps as they are stored."""
    body = {
        "drop": steps.drop,
        "put": [_written(row) for row in steps.put],
        "move": list(steps.move.items()),
        "alter": [(number, _written(columns, empty=True)) for number, columns in steps.alter.items()],
        "values": steps.values,
    }
    text = json.dumps({name: part for name, part in body.items() if part}, ensure_ascii=False, separators=(",", ":"))
    return ZstdCompressor().compress(text.encode("utf-8", "surrogatepass"))


def unpack(data: bytes) -> Steps:
    """What `pack` made."""
    body = json.loads(ZstdDecompressor().decompress(data))
    return Steps(
        drop=body.get("drop", []),
        put=[_read(row) for row in body.get("put", [])],
        move=dict(body.get("move", [])),
        alter={number: _read(columns) for number, columns in body.get("alter", [])},
        values=body.get("values", {}),
    )


def sentence(action: str, params: Mapping[str, Any]) -> str:
    """What was changed, in plain English."""
    said = {"count": 0, "titles": "", "what": "", "query": "", "revision": ""} | {
        name: _plain(value) for name, value in params.items()
    }
    text = ACTIONS.get(action, action).format_map(said)
    return text if text.endswith(".") or not text else text + "."


def _plain(value: Any) -> Any:
    return ", ".join(str(one) for one in value) if isinstance(value, list) else value


def _written(row: Mapping[str, Any], *, empty: bool = False) -> dict[str, Any]:
    """With `empty` also what is nothing now, since altering may make it nothing again."""
    kept = {name: value for name, value in row.items() if empty or value is not None}
    if kept.get("added_at") is not None:
        kept["added_at"] = kept["added_at"].isoformat()
    return kept


def _read(row: dict[str, Any]) -> dict[str, Any]:
    if "added_at" in row:
        row["added_at"] = datetime.fromisoformat(row["added_at"])
    return row
