"""Genres are a tree that one can walk, and a person may put them elsewhere."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from segue.core.access import Actor
from segue.core.db import Database
from segue.library.fields import ENTITIES
from segue.library.genres.seed import Seed, seed
from segue.library.genres.service import (
    Branch,
    GenreInUse,
    GenreNotFound,
    GenreService,
    GenreThere,
    MayNotPlace,
    WouldCircle,
)
from segue.library.models import Genre
from segue.library.service import LibraryService
from segue.query import Entities
from tests.library.scan.ground import House, house
from tests.library.scan.recount import differences

pytestmark = pytest.mark.anyio
ANN = Actor(1, "ann", frozenset({"admin"}), libraries=None)
BO = Actor(2, "bo", libraries=None)


@pytest.fixture
async def home(db: Database, tmp_path: Path) -> AsyncIterator[House]:
    async with house(db, tmp_path) as home:
        yield home


def shown(branches: list[Branch]) -> dict[str, object]:
    return {branch.name: shown(branch.children) for branch in branches}


async def id_of(home: House, name: str) -> int:
    return next(row.id for row in await home.rows(Genre) if row.name == name)


async def with_music(home: House, *genres: str) -> GenreService:
    for number, genre in enumerate(genres):
        home.song(f"{number}/song.flac", title=f"Song {number}", artist="A", album=f"Album {number}", genre=genre)
    await home.scan()
    return GenreService(home.db)


def test_every_genre_of_the_file_stands_once_and_is_found_by_its_other_names() -> None:
    assert len(seed().parents) > 500
    assert seed().path("indie rock") == ["Rock", "Alternative Rock"]
    assert seed().path("Hip-Hop") == []
    assert seed().called("hip hop") == seed().called("Rap") == "Hip Hop"
    assert seed().called("Drum & Bass") == seed().called("drum n bass") == seed().called("D&B") == "Drum and Bass"
    assert seed().called("Whatever") is None
    with pytest.raises(ValueError, match="twice"):
        Seed("A\n  B\nC\n  B\n")


async def test_a_genre_from_a_tag_stands_below_the_wider_ones(home: House) -> None:
    genres = await with_music(home, "Indie Rock", "Shoegaze", "Polka of the Moon")
    assert shown(await genres.tree(BO)) == {
        "Polka of the Moon": {},
        "Rock": {"Alternative Rock": {"Indie Rock": {}, "Shoegaze": {}}},
    }
    assert await differences(home.db) == []


async def test_a_genre_that_comes_later_finds_its_place_too(home: House) -> None:
    genres = await with_music(home, "Midwest Emo")
    home.song("later/song.flac", title="Later", artist="A", album="Later", genre="rock")
    home.song("last/song.flac", title="Last", artist="A", album="Last", genre="Emo")
    await home.scan()
    assert shown(await genres.tree(BO)) == {"Rock": {"Alternative Rock": {"Emo": {"Midwest Emo": {}}}}}
    (rock,) = await genres.tree(BO)
    assert (rock.track_count, rock.children[0].track_count) == (1, 0)


async def test_browsing_a_genre_shows_what_is_below_it_and_counts_each_once(home: House) -> None:
    genres = await with_music(home, "Indie Rock", "Shoegaze; Indie Rock", "Jazz")
    library = LibraryService(home.db, Entities(ENTITIES))
    rock = await id_of(home, "Rock")
    where = library.filters("albums", [("genre_within", f"ge-{rock}")])
    assert {album.title for album in (await library.list_albums(BO, where)).items} == {"Album 0", "Album 1"}
    exactly = library.filters("tracks", [("genre", f"ge-{rock}")])
    assert (await library.list_tracks(BO, exactly)).items == []
    within = library.filters("tracks", [("genre_within", f"ge-{rock}")])
    assert len((await library.list_tracks(BO, within)).items) == 2
    place = await genres.place(await id_of(home, "Alternative Rock"), BO)
    assert (place.tracks_within, place.albums_within) == (2, 2)
    assert [name for _, name in place.path] == ["Rock"]
    assert {child.name for child in place.children} == {"Indie Rock", "Shoegaze"}


async def test_what_a_person_moved_stays_there(home: House) -> None:
    genres = await with_music(home, "Shoegaze", "Ambient")
    shoegaze, ambient = await id_of(home, "Shoegaze"), await id_of(home, "Ambient")
    await genres.move(ANN, shoegaze, ambient)
    await genres.place_by_file(ANN)
    await home.scan(full=True)
    assert shown(await genres.tree(BO)) == {"Ambient": {"Shoegaze": {}}}
    await genres.place_by_file(ANN, also_persons=True)
    assert shown(await genres.tree(BO)) == {"Ambient": {}, "Rock": {"Alternative Rock": {"Shoegaze": {}}}}
    await genres.move(ANN, shoegaze, None)
    assert "Shoegaze" in shown(await genres.tree(BO))


async def test_a_tree_stays_a_tree(home: House) -> None:
    genres = await with_music(home, "Indie Rock")
    indie, rock = await id_of(home, "Indie Rock"), await id_of(home, "Rock")
    for parent in (indie, rock):
        with pytest.raises(WouldCircle):
            await genres.move(ANN, rock, parent)
    with pytest.raises(GenreNotFound):
        await genres.move(ANN, rock, 99_999)
    with pytest.raises(MayNotPlace):
        await genres.move(BO, indie, None)


async def test_a_genre_can_be_added_to_put_others_below_and_taken_away_when_empty(home: House) -> None:
    genres = await with_music(home, "Jazz")
    mine = await genres.add(ANN, "Sunday", None)
    with pytest.raises(GenreThere):
        await genres.add(ANN, "sunday", None)
    await genres.move(ANN, await id_of(home, "Jazz"), mine)
    assert shown(await genres.tree(BO)) == {"Sunday": {"Jazz": {}}}
    with pytest.raises(GenreInUse):
        await genres.remove(ANN, mine)
    await genres.move(ANN, await id_of(home, "Jazz"), None)
    await genres.remove(ANN, mine)
    assert shown(await genres.tree(BO, everything=True)) == {"Jazz": {}}


async def test_genres_of_libraries_one_may_not_see_are_not_in_the_tree(home: House) -> None:
    genres = await with_music(home, "Jazz")
    assert await genres.tree(Actor(3, "cy", libraries=frozenset())) == []


async def test_a_database_from_before_the_tree_is_placed_once(home: House) -> None:
    genres = await with_music(home)
    async with home.db.write() as tx:
        await tx.execute(Genre.__table__.insert().values(name="Bebop", name_key="bebop", sort_key="bebop"))
    await genres.bring_up_to_date()
    await genres.bring_up_to_date()
    assert shown(await genres.tree(ANN, everything=True)) == {"Jazz": {"Bebop": {}}}
