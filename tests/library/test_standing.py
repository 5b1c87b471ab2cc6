"""Index and sort keys that are made anew: after an update, and when other leading words are to be left out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import delete, select, true, update

from bench.collection import fill
from segue.core import articles
from segue.core.access import Actor
from segue.core.changes import fact, set_fact
from segue.core.db import Database, Transaction
from segue.library import search, sort_rows, standing
from segue.library.fields import ENTITIES
from segue.library.models import Album, Artist, Track
from segue.library.service import LibraryService
from segue.library.standing import StandingService
from segue.listening.fields import FIELDS
from segue.listening.service import ListeningService
from segue.query import Entities

pytestmark = pytest.mark.anyio
ANN = Actor(1, "ann", libraries=None)


class Jobs:
    """Remembers what was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def enqueue(self, tx: Transaction, kind: str, **options: Any) -> None:
        self.asked.append(kind)


class Stopped(Exception):
    pass


class OneJob:
    """As much of a job's context as a job uses; stops after `steps` checkpoints."""

    def __init__(self, checkpoint: dict[str, Any] | None = None, steps: int = 1_000_000) -> None:
        self.checkpoint = checkpoint or {}
        self.steps = steps

    def check(self) -> None:
        if self.steps <= 0:
            raise Stopped

    async def guard(self, tx: Transaction) -> None:
        return

    async def save(self, checkpoint: dict[str, Any], *, tx: Transaction) -> None:
        self.steps -= 1
        self.checkpoint = checkpoint

    def progress(self, *args: Any, **options: Any) -> None:
        return


class Stored:
    """The settings, with these lists of articles."""

    def __init__(self, lists: tuple[str, ...]) -> None:
        self.lists = lists

    @property
    def current(self) -> Any:
        return SimpleNamespace(library=SimpleNamespace(articles=self.lists))

    async def load(self) -> Any:
        articles.use(self.lists)
        return self.current


@pytest.fixture
async def settings() -> AsyncIterator[Stored]:
    yield Stored(articles.DEFAULT_LISTS)
    articles.use(articles.DEFAULT_LISTS)


@pytest.fixture
async def service(db: Database, settings: Stored) -> StandingService:
    await fill(db, albums=30, tracks_per_album=3, seed=3)
    return StandingService(db, Jobs(), settings)  # type: ignore[arg-type]


async def _asked(service: StandingService) -> list[str]:
    jobs = service._jobs
    jobs.asked.clear()  # type: ignore[attr-defined]
    await service.check()
    return list(jobs.asked)  # type: ignore[attr-defined]


async def test_an_update_that_finds_by_other_words_asks_for_a_new_index_once(service: StandingService) -> None:
    assert await _asked(service) == [standing.INDEX]
    await service.index(OneJob())  # type: ignore[arg-type]
    assert await _asked(service) == []


async def test_a_new_and_empty_database_needs_nothing(db: Database, settings: Stored) -> None:
    service = StandingService(db, Jobs(), settings)  # type: ignore[arg-type]
    assert await _asked(service) == []
    async with db.read() as conn:
        assert await fact(conn, "indexed_as") == standing.INDEXED_AS


async def test_an_index_job_that_was_killed_goes_on_and_everything_is_found_with_its_plays(
    db: Database, service: StandingService
) -> None:
    listening = ListeningService(db, LibraryService(db, Entities(ENTITIES).extended(FIELDS)))
    service.plays = listening.plays_of
    async with db.read() as conn:
        before = {
            kind: {
                row[0]: row[1:] for row in await conn.execute(select(table.c.id, table.c.title_key, table.c.library_id))
            }
            for kind, table in search.TABLES.items()
        }
        counts = await listening.plays_of(conn, "track", list(before["track"]))
    assert counts
    async with db.write() as tx:
        for kind, table in search.TABLES.items():
            await search.remove_rows(tx, kind, sorted(before[kind]))
            assert not (await tx.conn.scalars(select(table.c.id))).all()
    job = OneJob(steps=2)
    with pytest.raises(Stopped):
        await service.index(job)  # type: ignore[arg-type]
    await service.index(OneJob(job.checkpoint))  # type: ignore[arg-type]
    async with db.read() as conn:
        after = {
            kind: {
                row[0]: row[1:] for row in await conn.execute(select(table.c.id, table.c.title_key, table.c.library_id))
            }
            for kind, table in search.TABLES.items()
        }
        words = search.TABLES["track"].c
        assert dict((await conn.execute(select(words.id, words.plays).where(words.plays > 0))).all()) == counts
    assert after == before


async def test_a_play_is_counted_for_the_track_its_album_and_its_artists_in_the_same_transaction(
    db: Database, service: StandingService
) -> None:
    library = LibraryService(db, Entities(ENTITIES).extended(FIELDS))
    listening = ListeningService(db, library)
    listening.on_played.append(service.played)
    track = await library.track(5, ANN)
    before = await plays(db, track.id, track.album.id, track.artists[0].artist_id)
    await listening.play(ANN, 5)
    after = await plays(db, track.id, track.album.id, track.artists[0].artist_id)
    assert after == [count + 1 for count in before]

    async def refuse(tx: Transaction, kind: str, ids: Any) -> None:
        raise Stopped

    listening.on_played.append(refuse)
    with pytest.raises(Stopped):
        await listening.play(ANN, 5, client="another")
    assert await plays(db, track.id, track.album.id, track.artists[0].artist_id) == after


async def plays(db: Database, track: int, album: int, artist: int) -> list[int]:
    found = []
    async with db.read() as conn:
        for kind, number in (("track", track), ("album", album), ("artist", artist)):
            table = search.TABLES[kind]  # type: ignore[index]
            found.append(int(await conn.scalar(select(table.c.plays).where(table.c.id == number)) or 0))
    return found


async def test_other_articles_sort_everything_again_but_what_was_sorted_by_hand(
    db: Database, service: StandingService, settings: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "SORTED_AT_ONCE", 7)
    async with db.write() as tx:
        await set_fact(tx, "indexed_as", standing.INDEXED_AS)
        await tx.execute(update(Album).where(Album.id == 1).values(title="The End", sort_key="end"))
        await tx.execute(update(Album).where(Album.id == 2).values(title="The End", sort_key="by hand"))
        await tx.execute(update(Album).where(Album.id == 3).values(title="O Mundo", sort_key="o mundo"))
        await tx.execute(update(Artist).where(Artist.id == 1).values(name="Os Mutantes", sort_key="mutantes"))
        german = {"title": "Die Die Die", "language": "deu", "sort_key": "die die"}
        await tx.execute(update(Track).where(Track.id == 1).values(german))
        await tx.execute(
            update(Track).where(Track.id == 2).values(german | {"language": "eng", "sort_key": "die die die"})
        )
    assert await _asked(service) == []
    settings.lists = ("*: o os", "en: the", "de: der die das")
    assert await _asked(service) == [standing.SORT]
    job = OneJob(steps=3)
    with pytest.raises(Stopped):
        await service.sort(job)  # type: ignore[arg-type]
    await service.sort(OneJob(job.checkpoint))  # type: ignore[arg-type]
    async with db.read() as conn:
        albums = dict((await conn.execute(select(Album.id, Album.sort_key).where(Album.id <= 3))).all())
        assert albums == {1: "the end", 2: "by hand", 3: "mundo"}
        assert await conn.scalar(select(Artist.sort_key).where(Artist.id == 1)) == "mutantes"
        tracks = dict((await conn.execute(select(Track.id, Track.sort_key).where(Track.id <= 2))).all())
        assert tracks == {1: "die die", 2: "die die die"}
    assert await _asked(service) == []


async def test_sort_keys_of_an_unchanged_list_stay_as_they_are(db: Database, service: StandingService) -> None:
    lists = articles.parsed(articles.DEFAULT_LISTS)
    async with db.write() as tx:
        for table in sort_rows.TABLES:
            ids = await sort_rows.ids_after(tx.conn, table, 0, 1000)
            assert await sort_rows.sort_again(tx, table, ids, lists, lists) == 0
        assert not tx.has_changes


async def test_what_is_removed_is_found_no_more(db: Database, service: StandingService) -> None:
    async with db.write() as tx:
        await search.remove_rows(tx, "artist", [1])
        await tx.execute(delete(search.TABLES["artist"]).where(search.TABLES["artist"].c.id == 1))
    async with db.read() as conn:
        name = await conn.scalar(select(Artist.name).where(Artist.id == 1))
        ids = await search.search(conn, "artist", name, true(), limit=100, dialect=db.dialect)
    assert 1 not in ids
