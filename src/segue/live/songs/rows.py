"""Every statement that writes songs, their aliases and performances."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Table, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.clock import utc_now
from segue.core.db import Transaction, upsert_into
from segue.live import bulk
from segue.live.models import LiveConcert, LivePerformance, LiveSong, LiveSongAlias

BATCH = 500
"""Values in one list of a statement."""
SONG = cast(Table, LiveSong.__table__)
ALIAS = cast(Table, LiveSongAlias.__table__)
PERFORMANCE = cast(Table, LivePerformance.__table__)
CONCERT = cast(Table, LiveConcert.__table__)


@dataclass(frozen=True, slots=True)
class PerformanceRow:
    """A song in a setlist, as it is kept; its gap is settled later."""

    position: int
    set_number: int
    set_name: str
    place: str
    song_id: int
    segue: bool
    note: str

    @property
    def kept(self) -> tuple[Any, ...]:
        """What makes it the same as another."""
        return (self.position, self.set_number, self.set_name, self.place, self.song_id, self.segue, self.note)


def batches(values: Collection[Any]) -> Iterator[list[Any]]:
    """The values in runs that fit one statement."""
    ordered = list(values)
    for start in range(0, len(ordered), BATCH):
        yield ordered[start : start + BATCH]


# --- songs ------------------------------------------------------------------------------------------------------------


async def songs_by_key(tx: Transaction, artist_id: int, keys: Collection[str]) -> dict[str, int | None]:
    """The songs with these keys, by their own key or an alias; None for what is no song. An alias goes first, for it may
    say that a song is another one."""
    found: dict[str, int | None] = {}
    for some in batches(keys):
        mine = (SONG.c.artist_id == artist_id, SONG.c.key.in_(some))
        found |= {row.key: row.id for row in await tx.execute(select(SONG.c.key, SONG.c.id).where(*mine))}
        named = (ALIAS.c.artist_id == artist_id, ALIAS.c.key.in_(some))
        found |= {row.key: row.song_id for row in await tx.execute(select(ALIAS.c.key, ALIAS.c.song_id).where(*named))}
    return found


async def make_songs(
    tx: Transaction, artist_id: int, names: Mapping[str, str], learnt: str = "setlist"
) -> dict[str, int]:
    """New songs by key; which were made."""
    values = [(artist_id, key, name, learnt) for key, name in names.items()]
    await bulk.put(tx, SONG, ("artist_id", "key", "name", "learnt"), values)
    made: dict[str, int] = {}
    for some in batches(list(names)):
        mine = (SONG.c.artist_id == artist_id, SONG.c.key.in_(some))
        made |= {row.key: row.id for row in await tx.execute(select(SONG.c.key, SONG.c.id).where(*mine))}
    tx.all_changed("song", made.values())
    return made


async def song(conn: AsyncConnection, song_id: int) -> Any | None:
    """The row of a song; None where there is none."""
    return (await conn.execute(select(SONG).where(SONG.c.id == song_id))).one_or_none()


async def alias_of(conn: AsyncConnection, artist_id: int, key: str) -> Any | None:
    """What a person or the data say that `key` means for this artist; None where nothing is said."""
    mine = (ALIAS.c.artist_id == artist_id, ALIAS.c.key == key)
    return (await conn.execute(select(ALIAS).where(*mine))).one_or_none()


async def standing(conn: AsyncConnection, song_id: int) -> Any | None:
    """The row of a song, or of the one that a person says it is; None where there is none."""
    row = await song(conn, song_id)
    if row is None:
        return None
    said = await alias_of(conn, row.artist_id, row.key)
    return row if said is None or said.song_id in (None, row.id) else await song(conn, said.song_id)


async def names_of(conn: AsyncConnection, artist_id: int) -> dict[int, str]:
    """The names of an artist's songs."""
    rows = await conn.execute(select(SONG.c.id, SONG.c.name).where(SONG.c.artist_id == artist_id))
    return {row.id: row.name for row in rows}


async def aliases_of(conn: AsyncConnection, artists: Collection[int]) -> dict[int, dict[str, str | None]]:
    """What titles mean by people's word, by artist: the title as written, and its song; None for no song."""
    found: dict[int, dict[str, str | None]] = defaultdict(dict)
    columns = (ALIAS.c.artist_id, ALIAS.c.title, ALIAS.c.key, SONG.c.name)
    joined = ALIAS.outerjoin(SONG, SONG.c.id == ALIAS.c.song_id)
    for some in batches(artists):
        mine = select(*columns).select_from(joined).where(ALIAS.c.artist_id.in_(some))
        for row in await conn.execute(mine):
            found[row.artist_id][row.title or row.key] = row.name
    return found


async def played_songs(conn: AsyncConnection, artists: Collection[int]) -> dict[int, dict[str, int]]:
    """The songs of artists by name, with how often they were played; those that never were are left out."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for some in batches(artists):
        mine = select(SONG.c.artist_id, SONG.c.name, SONG.c.play_count)
        for row in await conn.execute(mine.where(SONG.c.artist_id.in_(some), SONG.c.play_count > 0)):
            found[row.artist_id][row.name] = row.play_count
    return found


async def aliases(conn: AsyncConnection, artist_id: int, *, song_id: int | None = None) -> list[Any]:
    """Rows of what was said about titles of an artist, of one song where that is given: title, key, song, decided_by."""
    asked = select(ALIAS, SONG.c.name.label("song")).select_from(ALIAS.outerjoin(SONG, SONG.c.id == ALIAS.c.song_id))
    asked = asked.where(ALIAS.c.artist_id == artist_id)
    if song_id is not None:
        asked = asked.where(ALIAS.c.song_id == song_id)
    return list(await conn.execute(asked.order_by(ALIAS.c.key)))


async def say(tx: Transaction, artist_id: int, title: str, key: str, song_id: int | None, person: int | None) -> None:
    """Keep that `title` means this song, or (None) no song."""
    statement = upsert_into(tx.dialect, LiveSongAlias).values(
        artist_id=artist_id, key=key, title=title, song_id=song_id, decided_by=person
    )
    changed = {name: statement.excluded[name] for name in ("title", "song_id", "decided_by")}
    await tx.execute(statement.on_conflict_do_update(index_elements=["artist_id", "key"], set_=changed))


async def unsay(tx: Transaction, artist_id: int, key: str) -> bool:
    """Forget what `key` means; whether something was said."""
    gone = await tx.execute(delete(ALIAS).where(ALIAS.c.artist_id == artist_id, ALIAS.c.key == key))
    return bool(gone.rowcount)


async def point_aliases(tx: Transaction, song_id: int, other: int | None) -> None:
    """Let every alias of a song mean another one, or none."""
    await tx.execute(update(ALIAS).where(ALIAS.c.song_id == song_id).values(song_id=other))


async def rename(tx: Transaction, song_id: int, name: str, key: str) -> None:
    """Call a song so, by a person's word."""
    await tx.execute(update(SONG).where(SONG.c.id == song_id).values(name=name, key=key, learnt="person"))


async def make_way(tx: Transaction, artist_id: int, key: str, for_song: int) -> None:
    """Free the key that a song is to have from a row that was merged, or said to be none, and is played nowhere; whoever
    asks for that one is led to the song."""
    there = (SONG.c.artist_id == artist_id, SONG.c.key == key, SONG.c.id != for_song)
    row = (await tx.execute(select(SONG.c.id, SONG.c.name).where(*there))).first()
    if row is not None:
        freed = f"{key}#{row.id}"
        await tx.execute(update(SONG).where(SONG.c.id == row.id).values(key=freed))
        await say(tx, artist_id, row.name, freed, for_song, None)


# --- performances -----------------------------------------------------------------------------------------------------


async def performances_of(tx: Transaction, concerts: Collection[int]) -> dict[int, list[PerformanceRow]]:
    """What is kept of these concerts, in order."""
    found: dict[int, list[PerformanceRow]] = defaultdict(list)
    columns = ("position", "set_number", "set_name", "place", "song_id", "segue", "note")
    for some in batches(concerts):
        statement = select(PERFORMANCE.c.concert_id, *(PERFORMANCE.c[name] for name in columns))
        mine = statement.where(PERFORMANCE.c.concert_id.in_(some)).order_by(
            PERFORMANCE.c.concert_id, PERFORMANCE.c.position
        )
        for number, *values in await tx.execute(mine):
            found[number].append(PerformanceRow(*values))
    return found


async def known_setlists(tx: Transaction, concerts: Collection[int]) -> dict[int, tuple[str, int]]:
    """Whose setlist these concerts have, and how many songs."""
    found: dict[int, tuple[str, int]] = {}
    columns = (CONCERT.c.id, CONCERT.c.setlist_source, CONCERT.c.song_count)
    for some in batches(concerts):
        rows = await tx.execute(select(*columns).where(CONCERT.c.id.in_(some)))
        found |= {row.id: (row.setlist_source, row.song_count) for row in rows}
    return found


async def replace_performances(tx: Transaction, setlists: Mapping[int, Sequence[PerformanceRow]]) -> None:
    """Make these the performances of concerts, by concert."""
    await bulk.drop(tx, PERFORMANCE, list(setlists), key="concert_id")
    columns = ("concert_id", "position", "set_number", "set_name", "place", "song_id", "segue", "note")
    values = [(concert, *row.kept) for concert, rows in setlists.items() for row in rows]
    await bulk.put(tx, PERFORMANCE, columns, values)


async def mark_setlists(tx: Transaction, marks: Sequence[tuple[int, str, int]]) -> None:
    """Keep whose setlist concerts have, and how many different songs were played: (concert, source, songs) each."""
    now = utc_now()
    values = [(*mark, now) for mark in marks]
    await bulk.change(tx, CONCERT, ("setlist_source", "song_count", "changed_at"), values)


async def concerts_with(tx: Transaction, song_id: int) -> list[int]:
    """Ids of the concerts with a song in their setlist."""
    rows = await tx.execute(select(PERFORMANCE.c.concert_id).where(PERFORMANCE.c.song_id == song_id).distinct())
    return [row.concert_id for row in rows]


async def play_instead(tx: Transaction, song_id: int, other: int) -> None:
    """Let every performance of a song be one of another."""
    await tx.execute(update(PERFORMANCE).where(PERFORMANCE.c.song_id == song_id).values(song_id=other))


async def count_songs(tx: Transaction, concerts: Collection[int]) -> None:
    """Keep again how many different songs these concerts had."""
    for some in batches(concerts):
        counted = (
            select(func.count(PERFORMANCE.c.song_id.distinct()))
            .where(PERFORMANCE.c.concert_id == CONCERT.c.id, PERFORMANCE.c.set_number > 0)
            .scalar_subquery()
        )
        change = update(CONCERT).where(CONCERT.c.id.in_(some))
        await tx.execute(change.values(song_count=counted, changed_at=utc_now()))
