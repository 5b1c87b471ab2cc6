"""The manual says what is so: its examples are asked of a small library, and its tables are the fields there are."""

from __future__ import annotations

import os
import re

import pytest

from segue.analysis.fields import FIELDS as ANALYSIS
from segue.analysis.similar.fields import track_fields as similar_fields
from segue.library.fields import ENTITIES
from segue.listening.fields import FIELDS
from segue.live.fields import ENTITIES as LIVE
from segue.playlists.fields import PLAYLIST
from segue.query import Entities, Entity, Field
from segue.query.errors import QuerySyntax
from segue.query.language import parse
from tests.docs.pages import ROOT
from tests.query.language.shelf import Shelf

MANUAL = ROOT / "docs" / "query.md"
SIMILAR = {"tracks": similar_fields(lambda: None, lambda: None)}  # type: ignore[arg-type,return-value]
"""Nobody is asked: only what can be asked is told here."""
ALL = Entities((*ENTITIES, PLAYLIST, *LIVE)).extended(FIELDS).extended(ANALYSIS).extended(SIMILAR)
_FENCE = re.compile(r"^```query( \w+)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_WRONG = re.compile(r"^```query-error( \w+)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_TABLES = re.compile(r"(<!-- fields: [^>]*-->\n).*(<!-- /fields -->)", re.DOTALL)


def examples() -> list[tuple[str, str]]:
    """(entity, query) of every fenced example."""
    return [
        ((entity or " tracks").strip(), line)
        for entity, block in _FENCE.findall(MANUAL.read_text("utf-8"))
        for line in block.splitlines()
        if line.strip()
    ]


@pytest.mark.anyio
async def test_every_example_of_the_manual_is_answered(shelf: Shelf) -> None:
    found = {query: await shelf.ask(query, entity) for entity, query in examples()}
    assert len(found) > 40
    answered = [query for query, rows in found.items() if rows]
    assert len(answered) > 30, found
    for query in ("blink-182", "AC/DC", "1989", "plays:0", "is:missing year", "title:startsWith The", "path:Geogaddi/"):
        assert found[query], query
    assert [query for entity, query in examples() if entity == "concerts" and not found[query]] == []


def test_what_the_manual_calls_wrong_is_wrong_in_that_way() -> None:
    blocks = _WRONG.findall(MANUAL.read_text("utf-8"))
    lines = [((entity or " tracks").strip(), line) for entity, block in blocks for line in block.splitlines()]
    assert len(lines) > 15
    for entity, line in lines:
        query, _, code = line.rpartition(" → ")
        with pytest.raises(QuerySyntax) as told:
            parse(ALL[entity], query)
        assert told.value.code == code, query


def _row(field: Field) -> str:
    names = " ".join(f"`{name}`" for name in (field.name, *field.aliases))
    meaning = field.meaning.replace("|", "\\|")
    if field.absent:
        meaning += " Nothing here knows it yet."
    return f"| {names} | {field.type.value} | {meaning} |"


def _table(entity: Entity) -> str:
    hidden = {field.text for field in entity.fields.values() if field.text}
    rows = [_row(field) for field in entity.fields.values() if field.name not in hidden]
    rows += [f"| `{one.example}` | text | {one.meaning} |" for one in entity.families]
    return "\n".join([f"### Of {entity.name}", "", "| Field | Type | Meaning |", "|---|---|---|", *rows, ""])


def test_the_manual_has_every_field() -> None:
    """Write the tables anew with SEGUE_TEST_WRITE_DOCS=1."""
    kinds = (
        "tracks",
        "albums",
        "artists",
        "genres",
        "labels",
        "playlists",
        "files",
        "folders",
        "concerts",
        "recordings",
    )
    tables = "\n" + "\n".join(_table(ALL[name]) for name in kinds) + "\n"
    text = MANUAL.read_text("utf-8")
    written = _TABLES.sub(lambda found: found[1] + tables + found[2], text)
    if os.environ.get("SEGUE_TEST_WRITE_DOCS"):
        MANUAL.write_text(written, "utf-8")
    else:
        assert written == text, "the fields have changed"
