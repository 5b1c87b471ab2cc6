"""Finding, measured on what others test their matching with; skipped where the reference is absent."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.matching import pairs, tables
from segue.core.db import Database
from segue.library.finding import FindingService, Wanted
from tests.library.finding.ground import Song, library_of
from tests.library.finding.measuring import scores_of

pytestmark = pytest.mark.anyio

LEAST = {
    "as it is": 1.0, "without an album": 1.0, "title and artist": 1.0, "without marks and signs": 0.99,
    "with a version's words": 1.0, "with a guest": 0.99, "with a typing error": 0.95, "by its path elsewhere": 0.97,
    "by an id": 1.0,
}  # fmt: skip
"""What share of the tracks is at least found, by way of asking for them."""


@pytest.mark.parametrize("db_kind", ["sqlite"])
async def test_the_tracks_of_the_release_tables_are_found_and_no_other_is_taken_for_one(
    db: Database, reference: Path
) -> None:
    known = list(tables(reference))
    assert len(known) > 60
    scores = await scores_of(db, known)
    for way, least in LEAST.items():
        score = scores[way]
        assert score["found"] >= least, (way, score)
        assert score["wrong"] == score["wrong_without_it"] == 0, (way, score)


async def test_each_case_of_a_listens_server_finds_itself_in_any_case_and_no_neighbour(
    db: Database, reference: Path
) -> None:
    cases = list(dict.fromkeys(pairs(reference)))
    _, ids = await library_of(db, [Song(title.title(), artist.title(), seconds=200) for title, artist in cases])
    async with db.read() as conn:
        found = await FindingService(db).find(conn, [Wanted(title, (artist,)) for title, artist in cases], None)
    assert [one and one.track_id for one in found] == ids
    assert all(one and one.sure for one in found)
