"""What is found and in which order: against a plain Python search over made-up titles, on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, true

from segue.core.db import Database
from segue.core.text import search_query, search_tokens
from segue.library import search
from segue.library.models import (
    Album,
    AlbumLabel,
    Artist,
    ExternalIdRow,
    File,
    Folder,
    Genre,
    Label,
    Library,
    Track,
    TrackCredit,
)
from segue.library.search import find as finding
from segue.library.search import tops, vocabulary

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 1, 1, tzinfo=UTC)
WORDS = "love lover glove night nights moonlight light a i the Björk Café 愛 東京タワー AC/DC !!! 1999 mp3 of".split()


@dataclass(frozen=True)
class Row:
    """An artist: name, another spelling, plays."""

    name: str
    other: str
    plays: int


async def write(db: Database, rows: Sequence[Row]) -> None:
    async with db.write() as tx:
        old = list((await tx.conn.scalars(select(Artist.id))).all())
        await search.remove_rows(tx, "artist", old)
        await tx.execute(delete(Artist))
        if rows:
            values = [
                {"id": at, "name": row.name, "name_key": row.name, "sort_key": row.name, "added_at": NOW}
                for at, row in enumerate(rows, 1)
            ]
            await tx.execute(insert(Artist), values)
            await search.index_rows(
                tx, "artist", [search.SearchRow(at, row.name, (row.other,)) for at, row in enumerate(rows, 1)]
            )
            await search.played(tx, "artist", {at: row.plays for at, row in enumerate(rows, 1) if row.plays})


async def found(db: Database, typed: str, limit: int = 1000, offset: int = 0) -> list[int]:
    async with db.read() as conn:
        return await search.search(conn, "artist", typed, true(), limit=limit, offset=offset, dialect=db.dialect)


def expected(rows: Sequence[Row], typed: str) -> list[tuple[int, int]]:
    """(tier, id) of what is to be found: 1 exact, 2 begins so, 3 has the words, 4 has them inside words."""
    wanted, terms = search.title_key(typed), finding.terms_of(typed)
    ranked = []
    for at, row in enumerate(rows, 1):
        key = search.title_key(row.name)
        tokens = {token for text in (row.name, row.other) for token in search_tokens(text)}
        if wanted and key == wanted:
            tier = 1
        elif wanted and key.startswith(wanted):
            tier = 2
        elif all(any(has(token, term.token, term.prefix) for token in tokens) for term in terms):
            tier = 3
        elif all(any(inside(token, term.token, term.prefix) for token in tokens) for term in terms):
            tier = 4
        else:
            continue
        ranked.append((tier, -row.plays, key if tier == 2 and not row.plays else "", at))
    return [(tier, at) for tier, _, _, at in sorted(ranked)]


def has(token: str, wanted: str, prefix: bool) -> bool:
    return token.startswith(wanted) if prefix else token == wanted


def inside(token: str, wanted: str, prefix: bool) -> bool:
    kept = vocabulary.kept(token)
    if (
        kept is not None
        and len(wanted) >= vocabulary.SHORTEST
        and wanted in (kept[:-1] if kept.endswith("0") else kept)
    ):
        return True
    return has(token, wanted, False)


texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)
rows_of = st.lists(st.builds(Row, texts, texts, st.sampled_from([0, 0, 0, 1, 2, 5, 9, 70])), max_size=25)
typed_texts = st.one_of(
    texts,
    st.builds(lambda text, start, end: text[start:end], texts, st.integers(0, 4), st.integers(1, 8)),
    st.sampled_from(["l", "lo", "ight", "ove", "oonl", "night lov", "京", "afé", "19", "xyz", "love glove"]),
)


@given(rows=rows_of, typed=typed_texts, size=st.integers(1, 7), few=st.sampled_from([1, 3, 200]))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_both_databases_find_what_plain_python_finds_in_the_same_order(
    db: Database, rows: list[Row], typed: str, size: int, few: int
) -> None:
    if not search_query(typed):
        return
    before, finding.FEW = finding.FEW, few
    try:
        await write(db, rows)
        wanted = expected(rows, typed)
        whole = await found(db, typed)
        assert whole == [at for _, at in wanted]
        pages = [
            number for offset in range(0, len(rows) + size, size) for number in await found(db, typed, size, offset)
        ]
        assert pages == whole
    finally:
        finding.FEW = before


async def test_what_is_played_most_here_comes_first_and_keeps_its_plays_when_it_is_renamed(db: Database) -> None:
    rows = [Row("Night One", "", 0), Row("Night Two", "", 3), Row("Night Three", "", 70), Row("Late", "Night", 9)]
    await write(db, rows)
    assert await found(db, "night") == [3, 2, 1, 4]
    async with db.write() as tx:
        await search.played(tx, "artist", {1: 100})
    assert await found(db, "night") == [1, 3, 2, 4]
    async with db.write() as tx:
        await search.index_rows(tx, "artist", [search.SearchRow(1, "Nightfall")])
    assert await found(db, "night") == [1, 3, 2, 4]
    assert (await found(db, "n"))[:3] == [1, 3, 2]
    async with db.write() as tx:
        await search.move_plays(tx, "artist", 1, 2)
    assert await found(db, "night") == [2, 3, 1, 4]


async def test_one_and_two_letters_are_answered_from_the_prefix_table_which_stays_small(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tops, "MOST", 3)
    await write(db, [Row(f"Lo {at:02d}", "", at % 7) for at in range(30)])
    async with db.read() as conn:
        kept = (await conn.execute(select(search.TOPS.c.prefix, search.TOPS.c.id))).all()
    for prefix in ("l", "lo"):
        assert 3 <= sum(1 for row in kept if row[0] == prefix) <= 6
    best = await found(db, "lo", 3)
    assert sorted(best) == [at + 1 for at in (6, 13, 20)]
    assert sorted(await found(db, "l")) == list(range(1, 31))


@pytest.fixture
async def shelf(db: Database) -> Database:
    """One track with everything one can type: a label, a composer, a catalogue number, a barcode, an ISRC."""
    album = {
        "id": 1,
        "library_id": 1,
        "group_key": "1",
        "rule": "folder",
        "rule_params": {},
        "title": "Kind of Blue",
        "sort_key": "kind of blue",
        "artist_display": "Miles Davis",
        "artist_sort_key": "miles davis",
        "barcode": "0074646493526",
        "musicbrainz_release_id": "6ef989e3-ea6a-4c5f-a6d4-9c9f5ee3f2c1",
        "added_at": NOW,
        "updated_at": NOW,
    }
    async with db.write() as tx:
        await tx.execute(
            insert(Library), [{"id": 1, "name": "M", "root": b"/m", "display_root": "/m", "created_at": NOW}]
        )
        await tx.execute(insert(Folder), [{"id": 1, "library_id": 1, "path": b"", "name": "", "sort_key": ""}])
        file = {"id": 1, "library_id": 1, "folder_id": 1, "path": b"a", "display_path": "a", "size_bytes": 1}
        await tx.execute(insert(File), [{**file, "mtime_ns": 1, "added_at": NOW}])
        people = [("Miles Davis", 1), ("Bill Evans", 2)]
        await tx.execute(
            insert(Artist),
            [{"id": at, "name": name, "name_key": name, "sort_key": name, "added_at": NOW} for name, at in people],
        )
        await tx.execute(insert(Album), [album])
        track = {"id": 1, "library_id": 1, "file_id": 1, "album_id": 1, "title": "Blue in Green", "sort_key": "blue"}
        track |= {"artist_display": "Miles Davis", "artist_sort_key": "miles", "added_at": NOW, "updated_at": NOW}
        await tx.execute(insert(Track), [track])
        credits = [{"track_id": 1, "position": 0, "artist_id": 1, "role": "artist"}]
        credits.append({"track_id": 1, "position": 1, "artist_id": 2, "role": "composer"})
        await tx.execute(insert(TrackCredit), credits)
        await tx.execute(insert(Label), [{"id": 1, "name": "Columbia", "name_key": "columbia", "sort_key": "columbia"}])
        await tx.execute(
            insert(AlbumLabel), [{"album_id": 1, "position": 0, "label_id": 1, "catalog_number": "CS 8163"}]
        )
        await tx.execute(
            insert(Genre), [{"id": 1, "name": "Cool Jazz", "name_key": "cool jazz", "sort_key": "cool jazz"}]
        )
        ids = {"kind": "track", "entity_id": 1}
        await tx.execute(
            insert(ExternalIdRow),
            [
                {**ids, "namespace": "isrc", "value": "USSM15900113"},
                {**ids, "namespace": "spotify:track", "value": "0aWMVrwxPNYkKmFthzmpRi"},
            ],
        )
        for kind in search.KINDS:
            await search.index(tx, kind, [1, 2])
    return db


EVERYTHING: tuple[tuple[str, search.Kind], ...] = (
    ("bill evans", "track"),
    ("evan", "track"),
    ("columbia", "album"),
    ("olumbi", "album"),
    ("columbia", "label"),
    ("cool", "genre"),
    ("CS 8163", "album"),
    ("cs8163", "album"),
    ("0074646493526", "album"),
    ("74646493526", "album"),
    ("USSM15900113", "track"),
    ("us-sm1-59-00113", "track"),
    ("spotify:track:0aWMVrwxPNYkKmFthzmpRi", "track"),
    ("tr-1", "track"),
    ("al-1", "album"),
    ("6EF989E3-ea6a-4c5f-a6d4-9c9f5ee3f2c1", "album"),
)


async def test_labels_credits_genres_numbers_and_ids_are_found_as_they_are_typed(shelf: Database) -> None:
    for typed, kind in EVERYTHING:
        async with shelf.read() as conn:
            ids = await search.search(conn, kind, typed, true(), limit=5, dialect=shelf.dialect)
        assert ids[:1] == [1], (typed, kind)


async def test_a_person_finds_only_what_is_in_their_libraries(shelf: Database) -> None:
    for libraries, wanted in ((frozenset({1}), [1]), (frozenset({2}), []), (frozenset(), [])):
        async with shelf.read() as conn:
            ids = await search.search(
                conn,
                "track",
                "green",
                Track.library_id.in_(libraries),
                limit=5,
                dialect=shelf.dialect,
                libraries=libraries,
            )
        assert ids == wanted
