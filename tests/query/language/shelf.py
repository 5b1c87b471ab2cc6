"""A small library of real files, and what its listener did with them, to ask with written queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, update

from segue.core.access import Actor
from segue.core.db import Database
from segue.core.pool import ProcessPool
from segue.library.fields import ENTITIES
from segue.library.models import Track
from segue.library.service import LibraryService
from segue.listening.fields import FIELDS
from segue.listening.models import Annotation
from segue.live.fields import CONCERT
from segue.query import Entities, Question, Scope, Window, find, parse_sort
from segue.query.language import parse
from tests.library.scan.ground import house
from tests.live.songs.ground import Show, play

ANN = Actor(1, "ann", libraries=None, time_zone="America/New_York")
NOW = datetime.now(UTC)

SONGS: dict[str, dict[str, Any]] = {
    "Pink Floyd/Wish/01.flac": {
        "title": "Wish You Were Here", "artist": "Pink Floyd", "album": "Wish You Were Here", "genre": "Rock",
        "date": "1975", "tracknumber": "4", "composer": "Roger Waters", "bpm": "122", "initialkey": "G",
    },
    "Pink Floyd/Wish/02.flac": {
        "title": "The Great Gig", "artist": "Pink Floyd", "album": "Wish You Were Here", "genre": "Rock",
        "date": "1975", "tracknumber": "3", "seconds": 1.2,
    },
    "The Beatles/Help/01.flac": {
        "title": "Yesterday", "artist": "The Beatles", "album": "Help!", "genre": "Pop", "date": "1965-08-06",
        "tracknumber": "13", "discnumber": "1", "comment": "live favourite",
    },
    "The Rolling Stones/Ya-Yas/01.flac": {
        "title": "Street Fighting Man (live)", "artist": "The Rolling Stones", "album": "Get Yer Ya-Ya's Out!",
        "genre": "Rock", "date": "1970",
    },
    "Miles Davis/Kind/01.flac": {
        "title": "So What", "artist": "Miles Davis", "album": "Kind of Blue", "genre": "Jazz", "date": "1959",
        "label": "Columbia", "isrc": "USSM15900113",
    },
    "blink-182/Enema/01.flac": {
        "title": "All the Small Things", "artist": "blink-182", "album": "Enema of the State", "genre": "Punk",
        "date": "1999",
    },
    "AC DC/Back/01.flac": {
        "title": "Back in Black", "artist": "AC/DC", "album": "Back in Black", "genre": "Hard Rock", "date": "1980",
        "mood": "Loud",
    },
    "Taylor Swift/1989/01.flac": {
        "title": "Style", "artist": "Taylor Swift", "album": "1989", "genre": "Pop", "date": "2014",
    },
    "Jay-Z/Black/01.flac": {
        "title": "99 Problems", "artist": "Jay-Z", "album": "The Black Album", "genre": "Hip Hop", "date": "2003",
    },
    "Perfume/Game/01.flac": {
        "title": "ポリリズム", "artist": "Perfume", "album": "GAME", "genre": "J-Pop", "date": "2008",
    },
    "Utada/First/01.flac": {
        "title": "初恋", "artist": "宇多田ヒカル", "album": "初恋", "genre": "J-Pop", "date": "2018",
    },
    "Daft Punk/Discovery/01.flac": {
        "title": "One More Time", "artist": "Daft Punk", "album": "Discovery", "genre": "Electronic", "date": "2001",
        "bpm": "123", "initialkey": "D", "producer": "Thomas Bangalter",
    },
    "Boards/Geogaddi/01.flac": {
        "title": "Music Is Math (part: one)", "artist": "Boards of Canada", "album": "Geogaddi", "genre": "Electronic",
        "tracknumber": "1",
    },
}  # fmt: skip
"""By path, the tags of each file."""
EVENINGS = (
    Show("1972-08-27", ("Bertha", "Dark Star > El Paso > Morning Dew")),
    Show("1977-05-07", ("Scarlet Begonias, Bertha", "Dark Star > St. Stephen")),
    Show(
        "1977-05-08",
        ("Loser", "Scarlet Begonias > Fire on the Mountain, Estimated Prophet", "E:Ripple"),
    ),
    Show("1977-05-09", ("Loser, Bertha",)),
)
"""What a band played."""


@dataclass
class Shelf:
    """The library, and Ann, who asks."""

    db: Database
    library: LibraryService
    ids: dict[str, int]
    dates: dict[int, str]

    async def ask(self, query: str, entity: str = "tracks") -> list[str]:
        """What the query finds, in order: titles of tracks and albums, names of artists, dates of concerts."""
        if entity == "concerts":
            return await self._concerts(query)
        listing = await self.library.page(entity, ANN, q=query, window=Window(100))
        return [getattr(view, "title", None) or view.name for view in listing.items]

    async def _concerts(self, query: str) -> list[str]:
        question = Question(CONCERT, parse(CONCERT, query).where, parse_sort(CONCERT, None), None)
        async with self.db.read() as conn:
            page = await find(conn, question, Window(100), Scope.of(ANN, self.db.dialect))
        return [self.dates[number] for number in page.ids]

    async def found(self, query: str, entity: str = "tracks") -> set[str]:
        return set(await self.ask(query, entity))


async def a_shelf(db: Database, tmp_path: Path, readers: ProcessPool | None = None) -> Shelf:
    """Scan the songs; Ann has played, rated and starred some."""
    async with house(db, tmp_path, readers) as here:
        for name, tags in SONGS.items():
            here.song(name, **tags)
        await here.scan()
        ids = {row.title: row.id for row in await here.tracks()}
    async with db.write() as tx:

        async def marked(title: str, **values: Any) -> None:
            known = {"user_id": ANN.user_id, "kind": "track", "entity_id": ids[title], "play_count": 0} | values
            await tx.execute(insert(Annotation).values(**known))

        await marked("So What", play_count=12, last_played_at=NOW - timedelta(days=2), rating=5)
        await marked("Yesterday", play_count=3, last_played_at=NOW - timedelta(days=400), rating=2)
        await marked("Style", starred_at=NOW - timedelta(days=10))
        long_ago = update(Track).where(Track.id.in_([ids["Yesterday"], ids["Back in Black"]]))
        await tx.execute(long_ago.values(added_at=NOW - timedelta(days=100)))
    async with db.read() as conn:
        assert len((await conn.scalars(select(Track.id))).all()) == len(SONGS)
    _, concerts = await play(db, EVENINGS, "Paper Lanterns")
    dates = {number: show.date for show, number in concerts.items()}
    return Shelf(db, LibraryService(db, Entities(ENTITIES).extended(FIELDS)), ids, dates)
