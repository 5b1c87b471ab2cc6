"""Making concerts, bands, venues and songs findable, in the transaction that writes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

from sqlalchemy import Table, select, text

from segue.core.db import Transaction
from segue.core.text import search_tokens
from segue.live import bulk
from segue.live.bulk import among
from segue.live.models import LiveArtist, LiveArtistAlias, LiveConcert, LiveSong, LiveVenue
from segue.live.search.tables import SEARCH, STEP, Kind, kind_mark, number_of, weight_mark

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
)  # fmt: skip
BATCH = 2_000
_STEPS = {
    "concert": (1, 2, 4, 8, 15),
    "artist": (1, 5, 25, 100, 500),
    "venue": (1, 3, 10, 30, 80),
    "song": (1, 5, 25, 100, 300),
}
"""How many recordings, concerts or plays weigh 1, 2, 3, 4 and 5."""


def date_tokens(date: str) -> list[str]:
    """The words of a date as people type it: `1977-05-08` is found by 1977, 05, 08, 5, 8, 77, 770508, May and more."""
    if not date:
        return []
    year, month, day = (*date.split("-"), "", "")[:3]
    words = [year, year[2:]]
    if month:
        words += [month, month.lstrip("0"), MONTHS[int(month) - 1], MONTHS[int(month) - 1][:3], f"{year}{month}"]
    if day:
        words += [day, day.lstrip("0"), f"{year}{month}{day}", f"{year[2:]}{month}{day}"]
    return list(dict.fromkeys(words))


def weight(kind: Kind, count: int) -> int:
    """How much a row weighs among others: 0 to 5."""
    return sum(1 for step in _STEPS[kind] if count >= step)


async def index_concerts(tx: Transaction, ids: Sequence[int]) -> None:
    """Make these concerts findable by band, place and date."""
    c, a, v = LiveConcert, LiveArtist, LiveVenue
    asked = (
        select(c.id, c.date, c.title, c.tour, c.recording_count, a.name, v.name, v.city, v.region)
        .join(a, a.id == c.artist_id)
        .join(v, v.id == c.venue_id, isouter=True)
    )
    for some in _batches(ids):
        rows = []
        for number, date, title, tour, count, *words in await tx.execute(asked.where(among(_id(c), some, tx.dialect))):
            tokens = [*_words(words[0], title, *words[1:], tour), *date_tokens(date)]
            rows.append((number_of("concert", number), tokens, weight("concert", count)))
        await _put(tx, "concert", rows)


async def index_artists(tx: Transaction, ids: Sequence[int]) -> None:
    """Make these bands findable by their names and what else they are called."""
    a, w = LiveArtist, LiveArtistAlias
    for some in _batches(ids):
        aliases: dict[int, list[str]] = {}
        told = select(w.artist_id, w.raw).where(among(_column(w, "artist_id"), some, tx.dialect), w.action != "block")
        for number, raw in await tx.execute(told):
            aliases.setdefault(number, []).append(raw)
        asked = select(a.id, a.name, a.collection, a.concert_count).where(among(_id(a), some, tx.dialect))
        rows = [
            (
                number_of("artist", number), _words(name, collection, *aliases.get(number, ())), weight("artist", count)
            )
            for number, name, collection, count in await tx.execute(asked)
        ]  # fmt: skip
        await _put(tx, "artist", rows)


async def index_venues(tx: Transaction, ids: Sequence[int]) -> None:
    """Make these venues findable by name and place."""
    v = LiveVenue
    for some in _batches(ids):
        asked = select(v.id, v.name, v.city, v.region, v.country, v.concert_count).where(
            among(_id(v), some, tx.dialect)
        )
        rows = [
            (number_of("venue", number), _words(*words), weight("venue", count))
            for number, *words, count in await tx.execute(asked)
        ]
        await _put(tx, "venue", rows)


async def index_songs(tx: Transaction, artist_id: int, *, only_new: bool = False) -> None:
    """Make an artist's songs findable by their name and the artist's; all of them, or those that are not yet."""
    s, a = LiveSong, LiveArtist
    asked = select(s.id, s.name, a.name, s.play_count).join(a, a.id == s.artist_id).where(s.artist_id == artist_id)
    if only_new:
        there = select(SEARCH.c.id).where(SEARCH.c.id == s.id * STEP + number_of("song", 0))
        asked = asked.where(~there.exists())
    rows = [
        (number_of("song", number), _words(*words), weight("song", count))
        for number, *words, count in await tx.execute(asked)
    ]
    for some in _batches(rows):
        await _put(tx, "song", some)


async def forget(tx: Transaction, kind: Kind, ids: Iterable[int]) -> None:
    """Make rows unfindable that are gone."""
    numbers = [number_of(kind, number) for number in ids]
    await _unlearn(tx, numbers)
    await bulk.drop(tx, SEARCH, numbers)


async def _put(tx: Transaction, kind: Kind, rows: Sequence[tuple[int, list[str], int]]) -> None:
    if not rows:
        return
    numbers = [row[0] for row in rows]
    await _unlearn(tx, numbers)
    values = [
        (number, heavy, _written([*dict.fromkeys(tokens), kind_mark(kind), weight_mark(kind, heavy)], tx.dialect))
        for number, tokens, heavy in rows
    ]
    await bulk.put(tx, SEARCH, ("id", "weight", "tokens"), values, key=("id",))
    if tx.dialect == "sqlite":
        learn = "INSERT INTO live_search_fts(rowid, tokens) SELECT id, tokens FROM live_search WHERE "
        await tx.execute(text(learn + bulk.listed("id", tx.dialect)), bulk.given(numbers, tx.dialect))


async def _unlearn(tx: Transaction, numbers: Sequence[int]) -> None:
    """FTS5 with outside content must be told the words it is to forget, while they are still written there."""
    if tx.dialect == "sqlite" and numbers:
        forget_words = "INSERT INTO live_search_fts(live_search_fts, rowid, tokens) SELECT 'delete', id, tokens "
        where = f"FROM live_search WHERE {bulk.listed('id', tx.dialect)}"
        await tx.execute(text(forget_words + where), bulk.given(numbers, tx.dialect))


def _words(*texts: str | None) -> list[str]:
    return [token for words in texts if words for token in search_tokens(words)]


def _written(tokens: Sequence[str], dialect: str) -> str:
    return " ".join(tokens) if dialect == "sqlite" else " ".join(f"'{token}'" for token in tokens)


def _id(model: Any) -> Any:
    return _column(model, "id")


def _column(model: Any, name: str) -> Any:
    return cast(Table, model.__table__).c[name]


def _batches(values: Sequence[Any]) -> Iterable[list[Any]]:
    listed = list(values)
    for start in range(0, len(listed), BATCH):
        yield listed[start : start + BATCH]
