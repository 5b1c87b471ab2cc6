"""Lists asked by what a person did: their own stars, ratings, dislikes, plays and tags, and those of album and artist."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.db import Database
from segue.core.ids import TypedId
from segue.library.fields import ENTITIES
from segue.library.service import LibraryService
from segue.listening.fields import FIELDS
from segue.listening.models import OwnTag, OwnTagged
from segue.listening.service import ListeningService
from segue.listening.unwanted import NOT_HATED
from segue.query import Entities
from tests.rows import LibraryMemory, Rows, some_music

pytestmark = pytest.mark.anyio
MOMENT = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
ANNA = Actor(1, "anna", libraries=None)
BEN = Actor(2, "ben", libraries=None)


@pytest.fixture
async def music(db: Database) -> Rows:
    return await some_music(db)


@pytest.fixture
def listening(db: Database) -> ListeningService:
    return ListeningService(db, LibraryMemory())


@pytest.fixture
def library(db: Database) -> LibraryService:
    return LibraryService(db, Entities(ENTITIES).extended(FIELDS))


async def found(library: LibraryService, kind: str, actor: Actor, *questions: tuple[str, str]) -> list[int]:
    where = library.filters(kind, list(questions))
    return sorted(item.id for item in (await library.page(kind, actor, where)).items)


async def test_tracks_are_found_by_what_one_did_with_their_album_and_artist(
    db: Database, listening: ListeningService, library: LibraryService, music: Rows
) -> None:
    await listening.rate(ANNA, TypedId("al", music.albums[1]), 4)
    await listening.star(ANNA, [TypedId("ar", music.artists[0])])
    await listening.play(ANNA, music.tracks[1][2], played_at=MOMENT)
    await listening.play(ANNA, music.tracks[1][2], played_at=MOMENT + timedelta(hours=1))
    assert await found(library, "tracks", ANNA, ("album_rating", ">=4")) == music.tracks[1]
    assert await found(library, "tracks", ANNA, ("artist_starred", "true")) == music.tracks[0]
    assert await found(library, "tracks", ANNA, ("artist_plays", "2")) == music.tracks[1]
    assert await found(library, "tracks", ANNA, ("plays", "2"), ("album_plays", "2")) == [music.tracks[1][2]]
    assert await found(library, "tracks", BEN, ("album_rating", ">=4")) == []
    assert await found(library, "tracks", BEN, ("artist_plays", "0")) == sorted(music.tracks[0] + music.tracks[1])


async def test_what_one_hates_and_tags_is_ones_own(
    db: Database, listening: ListeningService, library: LibraryService, music: Rows
) -> None:
    one, two, *_ = music.tracks[0]
    await listening.hate(ANNA, [TypedId("tr", one)])
    async with db.write() as tx:
        tag = await tx.scalar(
            insert(OwnTag)
            .values(user_id=1, name="Für's Auto", name_key="fur's auto", created_at=utc_now())
            .returning(OwnTag.id)
        )
        await tx.execute(
            insert(OwnTagged).values(tag_id=tag, kind="track", entity_id=two, user_id=1, tagged_at=utc_now())
        )
    assert await found(library, "tracks", ANNA, ("hated", "true")) == [one]
    assert await found(library, "tracks", ANNA, ("tagged", "FÜR'S AUTO")) == [two]
    assert await found(library, "tracks", BEN, ("hated", "true")) == []
    assert await found(library, "tracks", BEN, ("tagged", "FÜR'S AUTO")) == []
    (item,) = (await library.page("tracks", ANNA, library.filters("tracks", [("hated", "true")]))).items
    assert item.personal["hated_at"] is not None
    await listening.unhate(ANNA, [TypedId("tr", one)])
    assert await found(library, "tracks", ANNA, ("hated", "true")) == []


async def test_with_an_album_or_an_artist_its_tracks_are_not_drawn(
    listening: ListeningService, library: LibraryService, music: Rows
) -> None:
    async def drawn() -> list[int]:
        return sorted(track.id for track in (await library.page("tracks", ANNA, NOT_HATED, sort="random:x")).items)

    everything = sorted(music.tracks[0] + music.tracks[1])
    assert await drawn() == everything
    for thing, left in (
        (TypedId("al", music.albums[0]), sorted(music.tracks[1])),
        (TypedId("ar", music.artists[1]), sorted(music.tracks[0])),
        (TypedId("tr", music.tracks[0][0]), [track for track in everything if track != music.tracks[0][0]]),
    ):
        await listening.hate(ANNA, [thing])
        assert await drawn() == left
        await listening.unhate(ANNA, [thing])
