"""A library of the release tables of the reference, and how well its tracks are found: for the tests and the benchmark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.matching import Known, quality, tables
from segue.core.db import Database
from segue.library.finding import FindingService, Wanted
from segue.library.finding import service as finding
from segue.match import take_apart
from tests.conftest import fill_template, open_database
from tests.library.finding.ground import Song, library_of


async def scores_of(db: Database, known: list[Known]) -> dict[str, Any]:
    """Put the tracks into a library and ask for each in every way."""
    songs = [
        Song(one.title, one.artist, one.album, one.duration_ms / 1000, one.path, recording=one.recording)
        for one in known
    ]
    _, ids = await library_of(db, songs)
    places = {number: place for place, number in enumerate(ids)}
    service = FindingService(db)
    hidden: set[int] = set()
    candidates = finding.repository.candidates

    async def without_hidden(conn: Any, wanted: Any, libraries: Any) -> Any:
        return await candidates(conn, set(wanted) - hidden, libraries)

    async def find(wanted: list[Wanted], without: int | None) -> list[tuple[int, bool] | None]:
        hidden.clear()
        if without is not None:
            hidden.update(ids[place] for place in range(len(known)) if same(place, without))
        async with db.read() as conn:
            found = await service.find(conn, wanted, None)
        return [(places[one.track_id], one.sure) if one is not None else None for one in found]

    def same(a: int, b: int) -> bool:
        """Whether both are one recording as far as a listener can tell: the album and its deluxe edition have it."""
        ours, theirs = take_apart(known[a].title), take_apart(known[b].title)
        close = abs(known[a].duration_ms - known[b].duration_ms) <= 3_000
        return a == b or (ours.core == theirs.core and ours.hard == theirs.hard and close)

    finding.repository.candidates = without_hidden  # type: ignore[assignment]
    try:
        return {way: score.as_json() for way, score in (await quality(find, known, same)).items()}
    finally:
        finding.repository.candidates = candidates


async def library_of_tables(url: str, reference: Path) -> dict[str, Any]:
    """`scores_of` in an empty database at `url`."""
    await fill_template(url)
    db = open_database(url)
    try:
        return await scores_of(db, list(tables(reference)))
    finally:
        await db.close()
