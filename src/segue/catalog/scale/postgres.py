"""A catalogue in PostgreSQL as a Backend: the documents of a snapshot, put together here, and `postgres_finding` to search."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec
import structlog

from segue.catalog.current import Current
from segue.catalog.documents import own
from segue.catalog.records import Counts, Kind
from segue.catalog.scale.postgres_finding import Finder
from segue.catalog.scale.postgres_tables import POINTER, signed
from segue.catalog.snapshot.layout import KINDS, decompressor, gtin, hash_of, isrc_code, unpacked
from segue.catalog.snapshot.maps import spread
from segue.catalog.store import Backend, Found, Match, Store
from segue.core.errors import SegueError, Unavailable

if TYPE_CHECKING:
    import asyncpg

log = structlog.get_logger("segue.catalog")

CONNECTIONS = 16
READ_DEADLINE_S = 10.0
LOOKS_EVERY_S = 1.0
KEPT = 16_384
"""Albums and artists that stay in memory as they were put together."""


class Facts(msgspec.Struct, frozen=True):
    """What `meta.facts` says of a catalogue."""

    id: str
    namespace: str
    licence: str
    counts: Counts
    bucket: int
    trigram: bool


class DatabaseDown(Unavailable):
    def __init__(self, why: str) -> None:
        super().__init__("catalog_unavailable", f"The catalogue's database does not answer: {why}", retry_after_s=5)


class NothingLoaded(SegueError):
    def __init__(self) -> None:
        super().__init__(
            "no_catalog",
            "There is no catalogue in this database.",
            hint="`segue catalog load SNAPSHOT --postgres URL` puts one there.",
        )


class PostgresBackend:
    """A Backend over one schema. `open` makes one. Raises DatabaseDown where the database does not answer in time."""

    def __init__(self, pool: asyncpg.Pool, schema: str, facts: Facts, dictionaries: dict[str, bytes]) -> None:
        self._pool = pool
        self._at = f'"{schema}"'
        self.schema = schema
        self.id = facts.id
        self.namespace = facts.namespace
        self.licence = facts.licence
        self.substring = facts.trigram
        self._counts = facts.counts
        self._plain = {kind: decompressor(dictionaries[f"zstd.{kind}"]).decompress for kind in KINDS}
        self._plain_more = decompressor(dictionaries["zstd.more"]).decompress
        self._kept: dict[tuple[Kind, int], bytes] = {}
        self._finder = Finder(self, self.fetch, self._at, facts.counts, facts.bucket, trigram=facts.trigram)

    @classmethod
    async def open(cls, url: str, *, connections: int = CONNECTIONS) -> PostgresBackend:
        """The catalogue in force. Raises NothingLoaded, DatabaseDown."""
        import asyncpg

        try:
            pool = await asyncpg.create_pool(url, min_size=1, max_size=connections)
        except (OSError, asyncpg.PostgresError, TimeoutError) as error:
            raise DatabaseDown(str(error)) from error
        try:
            schema = await _in_force(pool)
            rows = dict(await pool.fetch(f'SELECT name, value FROM "{schema}".meta'))
        except BaseException:
            await pool.close()
            raise
        return cls(pool, schema, msgspec.json.decode(rows.pop("facts"), type=Facts), rows)

    @property
    def store(self) -> Store | None:
        return None

    async def fetch(self, sql: str, *arguments: Any, deadline_s: float = READ_DEADLINE_S) -> list[Any]:
        """Rows. Raises TimeoutError once the time is over (what runs in the database is cancelled), DatabaseDown."""
        import asyncpg

        try:
            async with asyncio.timeout(max(deadline_s, 0)):
                rows: list[Any] = await self._pool.fetch(sql, *arguments)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            if isinstance(error, TimeoutError):
                raise
            raise DatabaseDown(str(error)) from error
        return rows

    async def in_force(self) -> str:
        """The schema that is to be asked."""
        return await _in_force(self._pool)

    async def counts(self) -> Counts:
        return self._counts

    async def ranks(self, kind: Kind, ids: Sequence[str]) -> list[int | None]:
        keys = [signed(hash_of(id)) for id in ids]
        by = f"{self._at}.{kind}_id m JOIN {self._at}.{kind} d USING (rank)"
        sql = f"SELECT m.key, m.rank, d.body FROM {by} WHERE m.key = ANY($1)"
        plain = self._plain[kind]
        found: dict[str, int] = {}
        for _, rank, body in await self._read(sql, keys):
            id: str = msgspec.json.decode(plain(body), type=_Id).id
            found[id] = min(rank, found.get(id, rank))
        return [found.get(id) for id in ids]

    async def isrcs(self, codes: Sequence[str]) -> list[list[int]]:
        return await self._mapped("isrc", [isrc_code(code) for code in codes])

    async def upcs(self, codes: Sequence[str]) -> list[list[int]]:
        return await self._mapped("upc", [gtin(code) for code in codes])

    async def external(self, ids: Sequence[str]) -> list[tuple[Kind, int] | None]:
        found: dict[str, tuple[Kind, int]] = {}
        for kind in KINDS:
            mine = {
                native: id for id in ids if (its := own(self.namespace, id)) and its[0] == kind for native in (its[1],)
            }
            for native, rank in zip(mine, await self.ranks(kind, list(mine)), strict=True) if mine else ():
                if rank is not None:
                    found[mine[native]] = (kind, rank)
        rest = {signed(hash_of(id)): id for id in ids if id not in found}
        sql = f"SELECT key, kind, rank FROM {self._at}.external_id WHERE key = ANY($1) ORDER BY kind, rank"
        for key, number, rank in await self._read(sql, list(rest)) if rest else ():
            id, kind = rest[key], KINDS[number]
            if id not in found and id in (await self.more(kind, (rank,)))[0].get("ids", ()):
                found[id] = (kind, rank)
        return [found.get(id) for id in ids]

    async def tracks(self, ranks: Sequence[int], *, album: bool = True) -> list[bytes]:
        sql = f"SELECT rank, body, album, artists FROM {self._at}.track WHERE rank = ANY($1)"
        rows = {row[0]: row for row in await self._read(sql, list(ranks))}
        artists = await self._artists({one for row in rows.values() for one in unpacked(row[3])})
        albums: dict[int, bytes] = {}
        if album:
            wanted = sorted({row[2] for row in rows.values() if row[2]})
            albums = dict(zip(wanted, await self.albums(wanted), strict=True))
        plain = self._plain["track"]
        made: dict[int, bytes] = {}
        for rank, body, its_album, packed in rows.values():
            text = plain(body)
            within = b',"album":' + albums[its_album] if album and its_album else b""
            credits = _credits(packed, artists)
            made[rank] = b"%s%s%s}" % (text[:-1], within, credits) if within or credits else text
        return [made[rank] for rank in ranks]

    async def albums(self, ranks: Sequence[int]) -> list[bytes]:
        missing = [rank for rank in ranks if ("album", rank) not in self._kept]
        made: dict[int, bytes] = {rank: self._kept["album", rank] for rank in ranks if ("album", rank) in self._kept}
        if missing:
            rows = await self._read(f"SELECT rank, body, artists FROM {self._at}.album WHERE rank = ANY($1)", missing)
            artists = await self._artists({one for row in rows for one in unpacked(row[2])})
            for rank, body, packed in rows:
                text = self._plain["album"](body)
                credits = _credits(packed, artists)
                made[rank] = b"%s%s}" % (text[:-1], credits) if credits else text
            self._keep("album", made)
        return [made[rank] for rank in ranks]

    async def artists(self, ranks: Sequence[int]) -> list[bytes]:
        found = await self._artists(ranks)
        return [found[rank] for rank in ranks]

    async def album_tracks(self, rank: int) -> list[int]:
        rows = await self._read(f"SELECT tracks FROM {self._at}.album WHERE rank = $1", rank)
        return list(unpacked(rows[0][0])) if rows else []

    async def artist_albums(self, rank: int) -> list[int]:
        rows = await self._read(f"SELECT albums FROM {self._at}.artist WHERE rank = $1", rank)
        return list(unpacked(rows[0][0])) if rows else []

    async def more(self, kind: Kind, ranks: Sequence[int]) -> list[dict[str, Any]]:
        sql = f"SELECT rank, more FROM {self._at}.{kind} WHERE rank = ANY($1) AND more IS NOT NULL"
        rows = dict(await self._read(sql, list(ranks)))
        return [msgspec.json.decode(self._plain_more(rows[rank])) if rows.get(rank) else {} for rank in ranks]

    async def search(
        self,
        kind: Kind,
        text: str,
        *,
        limit: int = 20,
        after: str | None = None,
        match: Match = "words",
        deadline_s: float = 10.0,
        count: bool = False,
    ) -> Found:
        """Raises BadQuery where `text` cannot be asked."""
        deadline = time.monotonic() + deadline_s
        return await self._finder.search(kind, text, limit, after, match, deadline, count=count)

    async def close(self) -> None:
        await self._pool.close()

    async def _read(self, sql: str, *arguments: Any) -> list[Any]:
        try:
            return await self.fetch(sql, *arguments)
        except TimeoutError as error:
            raise DatabaseDown(f"not within {READ_DEADLINE_S:.0f} seconds") from error

    async def _mapped(self, name: str, numbers: Sequence[int | None]) -> list[list[int]]:
        keys = [None if number is None else signed(spread(number)) for number in numbers]
        sql = f"SELECT key, rank FROM {self._at}.{name} WHERE key = ANY($1) ORDER BY rank"
        found: dict[int, list[int]] = {}
        for key, rank in await self._read(sql, [key for key in keys if key is not None]):
            found.setdefault(key, []).append(rank)
        return [[] if key is None else list(found.get(key, ())) for key in keys]

    async def _artists(self, ranks: Iterable[int]) -> dict[int, bytes]:
        wanted = set(ranks)
        made = {rank: self._kept["artist", rank] for rank in wanted if ("artist", rank) in self._kept}
        missing = sorted(wanted.difference(made))
        if missing:
            sql = f"SELECT rank, body FROM {self._at}.artist WHERE rank = ANY($1)"
            made |= {rank: self._plain["artist"](body) for rank, body in await self._read(sql, missing)}
            self._keep("artist", made)
        return made

    def _keep(self, kind: Kind, made: dict[int, bytes]) -> None:
        if len(self._kept) > KEPT:
            self._kept.clear()
        self._kept.update({(kind, rank): body for rank, body in made.items()})


class Loaded:
    """The catalogue in a database, for a server: asks the one in force, and notices another that is loaded."""

    def __init__(self, url: str, *, connections: int = CONNECTIONS) -> None:
        self._opened: Callable[[], Awaitable[PostgresBackend]] = lambda: PostgresBackend.open(
            url, connections=connections
        )

    async def open(self) -> Backend:
        return await self._opened()

    async def watch(self, current: Current, stop: asyncio.Event) -> None:
        while not stop.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), LOOKS_EVERY_S)
                return
            now = current.now
            if not isinstance(now, PostgresBackend):
                continue
            try:
                if await now.in_force() != now.schema:
                    current.change(await self._opened())
                    log.info("catalog_changed", id=current.now.id)
            except (SegueError, OSError) as error:
                log.warning("catalog_not_looked_at", why=str(error))


class _Id(msgspec.Struct):
    id: str


def _credits(packed: bytes | None, artists: dict[int, bytes]) -> bytes:
    if not packed:
        return b""
    return b',"artists":[%s]' % b",".join([artists[rank] for rank in unpacked(packed)])


async def _in_force(pool: asyncpg.Pool) -> str:
    import asyncpg

    try:
        found = await pool.fetchval(f"SELECT schema FROM {POINTER} ORDER BY number DESC LIMIT 1")
    except asyncpg.UndefinedTableError:
        found = None
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise DatabaseDown(str(error)) from error
    if found is None:
        raise NothingLoaded
    schema: str = found
    return schema
