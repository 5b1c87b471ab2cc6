"""Rows of playlists and plays of what is not here say what they are in the catalogue."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from segue.core.access import Actor
from segue.core.db import Transaction
from segue.library.finding import FindingService
from segue.library.service import LibraryService
from segue.listening.plays import Listen
from segue.listening.service import ListeningService
from segue.listening.statistics.schemas import PlayItem
from segue.playlists.exchange.keeping import Keeping
from segue.playlists.exchange.matching import MatchingService
from segue.playlists.schemas import PlaylistRowItem
from segue.playlists.service import NewRow, PlaylistService
from tests.metadata.links.conftest import HARBOUR, once
from tests.metadata.links.ground import House

pytestmark = pytest.mark.anyio
ANN = Actor(3, "ann", libraries=None)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


async def test_rows_without_a_track_say_what_they_are_in_the_catalogue(home: House) -> None:
    library = home.services.get(LibraryService)
    lists = PlaylistService(home.db, library)
    keeping = Keeping(home.db, library)
    matching = MatchingService(home.db, keeping, FindingService(home.db), home.feed, home.jobs)
    told: list[Transaction] = []

    async def came(tx: Transaction) -> None:
        told.append(tx)

    keeping.on_awaiting.append(came)
    number = await lists.create_with_rows(ANN, "Sea", [])
    rows = [NewRow(title="Buoy", artist="The Tide", duration_ms=202_000, match_state="none"), NewRow(title="Silence")]
    async with home.db.write() as tx:
        await keeping.append(tx, ANN, number, rows)
    assert told
    _, page = await lists.rows(ANN, number)
    assert [row.catalog for row in page.rows] == [None, None]
    lists.catalog = home.links.mentions
    _, page = await lists.rows(ANN, number)
    first, second = (PlaylistRowItem.of(row) for row in page.rows)
    assert first.catalog is not None and second.catalog is None
    assert (first.catalog.id, first.catalog.title, first.catalog.album) == (HARBOUR.track(2), "Buoy", "Harbour Lights")
    assert first.catalog.artists[0].name == "The Tide" and first.catalog.reasons and first.catalog.sure

    home.links.mentions.sources = {"playlists": matching.texts_after}
    assert (await home.look())["mentions"] == 2
    async with home.db.read() as conn:
        texts = [text for _, text in await matching.texts_after(conn, 0, 10)]
    assert [found is not None for found in await home.links.mentions.of(texts)] == [True, False]


async def test_plays_of_what_is_not_here_say_what_it_is_in_the_catalogue(home: House) -> None:
    listening = ListeningService(home.db, home.services.get(LibraryService))
    told: list[Any] = []

    async def came(tx: Transaction) -> None:
        told.append(tx)

    listening.on_unmatched.append(came)
    listens = [
        Listen(NOON, title="Anchor", artist="The Tide", album="Harbour Lights", duration_ms=181_000),
        Listen(NOON + timedelta(hours=1), title="Anchor", artist="the tide"),
        Listen(NOON + timedelta(hours=2), title="Silence", artist="Nobody Known"),
    ]
    async with home.db.write() as tx:
        await listening.import_plays(tx, 3, listens)
    assert told
    plays = (await listening.history(ANN)).plays
    assert await listening.in_catalog(ANN, plays) == [None, None, None]
    listening.catalog = home.links.mentions
    found = await listening.in_catalog(ANN, plays)
    items = [PlayItem.of(play, mention) for play, mention in zip(plays, found, strict=True)]
    assert [item.catalog.id if item.catalog else None for item in items] == [None, HARBOUR.track(1), HARBOUR.track(1)]
    home.links.mentions.sources = {"listening": listening.names_after}
    assert (await home.look())["mentions"] == 2
    await listening.close()


@once
async def test_no_catalogue_leaves_pages_as_they_are(home: House) -> None:
    home.folder.rename(home.folder.with_name("away"))
    lists = PlaylistService(home.db, home.services.get(LibraryService))
    lists.catalog = home.links.mentions
    number = await lists.create_with_rows(ANN, "Sea", [NewRow(title="Buoy", artist="The Tide")])
    _, page = await lists.rows(ANN, number)
    assert [row.catalog for row in page.rows] == [None]
