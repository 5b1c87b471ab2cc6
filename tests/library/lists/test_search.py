"""Searching as one types, the same on both databases."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, insert, select, text, true

from segue.core.db import Database
from segue.library import search
from segue.library.models import Album, AlbumCredit, Artist, ArtistAlias, Library

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 1, 1, tzinfo=UTC)

TITLES = {
    1: "Help!",
    2: "Helpless",
    3: "The Help",
    4: "I Need Help",
    5: "!!!",
    6: "愛の讃歌",
    7: "Björk's Café",
    8: "Кино",
    9: "AC/DC Tribute",
    10: "The Wall",
    11: "Another Brick in the Wall",
}


@pytest.fixture
async def albums(db: Database) -> Database:
    """Albums with the titles above, by Nobody (artist 1), alias Keiner."""
    async with db.write() as tx:
        await tx.execute(
            insert(Library).values(id=1, name="Music", root=b"/music", display_root="/music", created_at=NOW)
        )
        await tx.execute(insert(Artist).values(id=1, name="Nobody", name_key="nobody", sort_key="nobody", added_at=NOW))
        await tx.execute(
            insert(ArtistAlias).values(artist_id=1, name="Keiner", name_key="keiner", sort_key="keiner", source="hand")
        )
        rows = [
            {
                "id": number,
                "library_id": 1,
                "group_key": str(number),
                "rule": "folder",
                "rule_params": {},
                "title": title,
                "sort_key": title,
                "artist_display": "Nobody",
                "artist_sort_key": "nobody",
                "added_at": NOW,
                "updated_at": NOW,
            }
            for number, title in TITLES.items()
        ]
        await tx.execute(insert(Album), rows)
        await tx.execute(
            insert(AlbumCredit),
            [{"album_id": number, "position": 0, "artist_id": 1, "role": "album_artist"} for number in TITLES],
        )
        await search.index(tx, "album", list(TITLES))
        await search.index(tx, "artist", [1])
    return db


async def found(db: Database, typed: str, kind: search.Kind = "album", limit: int = 100, offset: int = 0) -> list[int]:
    async with db.read() as conn:
        return await search.search(conn, kind, typed, true(), limit=limit, offset=offset, dialect=db.dialect)


async def test_an_exact_title_comes_first_then_titles_that_begin_so_then_the_others(albums: Database) -> None:
    assert await found(albums, "help") == [1, 3, 2, 4]
    assert await found(albums, "the wall") == [10, 11]
    assert await found(albums, "wall") == [10, 11]


TYPED = (
    ("bjork cafe", 7),
    ("BJÖRKS", 7),
    ("!!!", 5),
    ("愛", 6),
    ("讃歌", 6),
    ("кин", 8),
    ("acdc", 9),
    ("ac/dc trib", 9),
    ("brick w", 11),
    ("wall brick", 11),
)


async def test_it_finds_what_a_person_types(albums: Database) -> None:
    for typed, wanted in TYPED:
        assert await found(albums, typed) == [wanted], typed


async def test_an_album_is_found_by_its_artist_and_an_artist_by_another_spelling(albums: Database) -> None:
    assert await found(albums, "nobody helpl") == [2]
    assert await found(albums, "keiner", "artist") == [1]


async def test_pages_of_results_put_together_are_all_results(albums: Database) -> None:
    whole = await found(albums, "nobody")
    assert sorted(whole) == list(TITLES)
    for size in (1, 3, 4):
        pages = [
            number for offset in range(0, 12, size) for number in await found(albums, "nobody", "album", size, offset)
        ]
        assert pages == whole
    everything = await found(albums, "help")
    assert [await found(albums, "help", "album", 1, at) for at in range(5)] == [[one] for one in everything] + [[]]


async def test_a_renamed_album_is_found_by_its_new_name_only_and_a_removed_one_not_at_all(albums: Database) -> None:
    async with albums.write() as tx:
        await search.index_rows(tx, "album", [search.SearchRow(1, "Revolver", ("Nobody",))])
        await search.remove_rows(tx, "album", [2])
        await tx.execute(delete(Album).where(Album.id == 2))
    assert await found(albums, "revolver") == [1]
    assert await found(albums, "help") == [3, 4]


async def test_rebuilding_gives_the_same_index(albums: Database) -> None:
    before = await found(albums, "help")
    async with albums.write() as tx:
        await search.rebuild(tx)
    assert await found(albums, "help") == before
    if albums.dialect == "sqlite":
        async with albums.write() as tx:
            await tx.execute(
                text("INSERT INTO search_albums_fts(search_albums_fts, rank) VALUES ('integrity-check', 1)")
            )


SYMBOLS = ("'", '"a', "a*", "(", "a:b", "NEAR(", "\\", "a' OR 1=1 --", "-", "^x", "a\x00b", "\x00")


async def test_symbols_of_the_databases_own_languages_are_only_text(albums: Database) -> None:
    for typed in SYMBOLS:
        assert isinstance(await found(albums, typed) if search.search_query(typed) else [], list)


async def test_the_condition_for_lists_finds_the_same_rows(albums: Database) -> None:
    for typed in ("help", "nobody", "nothing of the kind", ""):
        async with albums.read() as conn:
            condition = search.has_words("album", Album.id, typed, albums.dialect)  # type: ignore[arg-type]
            ids = (await conn.scalars(select(Album.id).where(condition).order_by(Album.id))).all()
        assert list(ids) == (sorted(await found(albums, typed)) if typed else list(TITLES))
