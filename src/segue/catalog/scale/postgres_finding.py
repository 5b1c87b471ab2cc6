"""Searching a catalogue in PostgreSQL: the same queries, understood by the same rules, with the same rows in the same order.

    1. rows whose whole name is what was typed
    2. rows that have all words as they were typed
    3. rows that have a longer word for the last one

and in each of these by rank, bucket by bucket from the most popular down (see `postgres_tables`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any

import msgspec

from segue.catalog.records import Counts, Kind
from segue.catalog.scale.postgres_phrases import Phrases
from segue.catalog.scale.postgres_spelling import Near, Words
from segue.catalog.scale.postgres_tables import FREE, WEIGHTS, quoted, signed
from segue.catalog.search import cursors, substrings
from segue.catalog.search.asking import Asked, Column, Word, asked
from segue.catalog.search.correcting import corrections
from segue.catalog.search.cursors import Place
from segue.catalog.search.errors import NoSubstringIndex, WrongCursor
from segue.catalog.search.searcher import MOST_COUNTED
from segue.catalog.search.tables import TITLES
from segue.catalog.search.words import artist_key, hash_of_key, indexed, key
from segue.catalog.snapshot.maps import spread
from segue.catalog.store import Backend, Found, Match

Fetch = Callable[..., Coroutine[Any, Any, list[Any]]]

COUNTING_S = 0.25
"""So long counting may take at most; a total that takes longer is not told."""
_BATCH = 64
_SCOPED: tuple[Column, ...] = ("album_name", "album_label")
_OTHERS: tuple[Column, ...] = ("artist", "label", "genre")


class Finder:
    """Searches the schema `at`; `fetch` asks the database."""

    def __init__(self, backend: Backend, fetch: Fetch, at: str, counts: Counts, bucket: int, *, trigram: bool) -> None:
        self._backend = backend
        self._fetch = fetch
        self._at = at
        self._rows: dict[Kind, int] = {"track": counts.tracks, "album": counts.albums, "artist": counts.artists}
        self._bucket = bucket
        self._trigram = trigram

    async def search(
        self, kind: Kind, text: str, limit: int, after: str | None, match: Match, deadline: float, *, count: bool
    ) -> Found:
        """Raises BadQuery; DatabaseDown."""
        place = cursors.read(after, kind, text, match)
        if match == "substring":
            return await self._substring(kind, text, limit, place, deadline)
        query = asked(kind, text)
        if not place.corrected:
            found = await self._found(query, text, limit, place, deadline, count=count)
            if found.ranks or found.partial or place != Place():
                return found
        for attempt, other in enumerate(await self._corrections(query), 1):
            if place.corrected not in (0, attempt):
                continue
            instead = await self._found(asked(kind, other), text, limit, place, deadline, count=count, attempt=attempt)
            if instead.ranks or instead.partial or place.corrected:
                return msgspec.structs.replace(instead, corrected=other if instead.ranks else None)
        if place.corrected:
            raise WrongCursor
        return found

    async def _found(
        self, query: Asked, text: str, limit: int, place: Place, deadline: float, *, count: bool, attempt: int = 0
    ) -> Found:
        finding = _Finding(self, self._backend, query, deadline)
        rows: list[tuple[int, int]] = []
        partial = False
        total: int | None = None
        try:
            async for row in finding.in_order(place):
                rows.append(row)
                if len(rows) > limit:
                    break
            if count and len(rows) <= limit and place == Place():
                total = len(rows)
            elif count:
                total = await finding.count()
        except TimeoutError:
            partial = True
        following = None
        if len(rows) > limit or (partial and rows):
            part, rank = rows[min(len(rows), limit) - 1]
            following = cursors.written(Place(part, rank, attempt), query.kind, text, "words")
        return Found(
            tuple(rank for _, rank in rows[:limit]),
            partial=partial,
            total=None if total is None else min(total, MOST_COUNTED),
            capped=total is not None and total > MOST_COUNTED,
            next=following,
        )

    async def _substring(self, kind: Kind, text: str, limit: int, place: Place, deadline: float) -> Found:
        if not self._trigram:
            raise NoSubstringIndex
        pattern = substrings.needle_of(text).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        ranks: list[int] = []
        partial = False
        try:
            async for rank in self.walk(kind, ["w.folded LIKE $3"], [f"%{pattern}%"], place.rank, deadline):
                ranks.append(rank)
                if len(ranks) > limit:
                    break
        except TimeoutError:
            partial = True
        following = None
        if len(ranks) > limit or (partial and ranks):
            following = cursors.written(Place(0, ranks[min(len(ranks), limit) - 1]), kind, text, "substring")
        return Found(tuple(ranks[:limit]), partial=partial, next=following)

    async def walk(
        self, kind: Kind, conditions: Sequence[str], arguments: Sequence[Any], after: int, deadline: float
    ) -> AsyncIterator[int]:
        """Ranks that meet the conditions (their parameters begin with $3), from the first bucket behind `after` on; the
        fewer there are, the more buckets at a time."""
        sql = f"SELECT w.rank FROM {self._at}.{kind}_words w WHERE {' AND '.join(('w.rank > $1', 'w.rank <= $2', *conditions))}"
        # the sum keeps the planner from walking along the ranks in the hope of soon finding what is rare
        worded = any(column in condition for condition in conditions for column in ("w.words", "w.folded"))
        sql += f" ORDER BY w.rank{' + 0' if worded else ''} LIMIT {_BATCH}"
        top = self._rows[kind]
        buckets = 1
        while after < top:
            end = min((after // self._bucket + buckets) * self._bucket, top)
            rows = await self.ask(sql, after, end, *arguments, deadline=deadline)
            for row in rows:
                yield row[0]
            if len(rows) == _BATCH:
                after = rows[-1][0]
            else:
                after = end
                buckets *= 2

    async def ask(self, sql: str, *arguments: Any, deadline: float) -> list[Any]:
        return await self._fetch(sql, *arguments, deadline_s=deadline - time.monotonic())

    async def titled(self, kind: Kind, name: str, deadline: float) -> list[int]:
        sql = f"SELECT rank FROM {self._at}.{kind}_title WHERE key = $1 ORDER BY rank LIMIT {TITLES}"
        return [row[0] for row in await self.ask(sql, hash_of_key(name), deadline=deadline)]

    @property
    def at(self) -> str:
        return self._at

    async def _corrections(self, query: Asked) -> list[str]:
        """What else the query may have been meant as. The rules ask word by word, so they run beside the loop."""
        loop = asyncio.get_running_loop()

        def ask(sql: str, *arguments: Any) -> list[Any]:
            return asyncio.run_coroutine_threadsafe(self._fetch(sql, *arguments), loop).result()

        words, near = Words(ask, self._at), Near(ask, self._at)
        return await asyncio.to_thread(lambda: list(corrections(query, words, near)))


class _Finding:
    """One query. What it says of rows themselves is one tsquery; of others, conditions of SQL; phrases are read."""

    def __init__(self, finder: Finder, backend: Backend, query: Asked, deadline: float) -> None:
        self._finder = finder
        self._query = query
        self._kind = query.kind
        self._deadline = deadline
        self._own = [word for word in query.words if self._is_own(word)]
        last = self._own[-1] if self._own else None
        self._begun = last if last is not None and last.prefix else None
        self._conditions: list[str] = []
        self._arguments: list[Any] = []
        self._scoped = False
        self._phrases = Phrases(backend, query)
        self._exact: list[int] | None = None
        self._say_others()

    async def in_order(self, place: Place) -> AsyncIterator[tuple[int, int]]:
        """Part and rank, from behind that place."""
        exact = await self._exactly_named()
        if place.part == 0:
            for rank in exact:
                if rank > place.rank:
                    yield 0, rank
        named = set(exact)
        for part, query in ((1, self._worded()), (2, self._going_on())):
            if query is None or place.part > part:
                continue
            async for rank in self._rows(query, place.rank if place.part == part else 0):
                if rank not in named:
                    yield part, rank

    async def count(self) -> int | None:
        """How many there are, up to MOST_COUNTED + 1; None where that would have to be counted one by one, or takes too long."""
        if self._scoped or self._phrases or not self._own or self._one_letter():
            return None
        either = " | ".join(f"({one})" for one in (self._worded(), self._going_on()) if one)
        where = " AND ".join([f"w.words @@ ${len(self._arguments) + 3}::text::tsquery", *self._conditions])
        table = f"{self._finder.at}.{self._kind}_words w"
        # $1 and $2 are those of a walk
        sql = f"SELECT w.rank FROM {table} WHERE w.rank > $1 AND w.rank <= $2 AND {where} LIMIT {MOST_COUNTED + 1}"
        deadline = min(self._deadline, time.monotonic() + COUNTING_S)
        try:
            rows = await self._finder.ask(sql, 0, 1 << 30, *self._arguments, either, deadline=deadline)
        except TimeoutError:
            return None
        there = {row[0] for row in rows}
        if len(there) > MOST_COUNTED:
            return len(there)
        return len(there.union(await self._exactly_named()))

    async def _exactly_named(self) -> list[int]:
        """Rows whose whole name is what was typed, and that meet every other condition; by rank."""
        if self._exact is None:
            self._exact = await self._named()
        return self._exact

    async def _named(self) -> list[int]:
        wanted = self._query.exact
        if wanted is None:
            return []
        if self._kind == "artist":
            wanted = artist_key(wanted)
        ranks = await self._finder.titled(self._kind, wanted, self._deadline)
        if self._kind != "artist" and ranks:
            names = await self._phrases.names(ranks)
            ranks = [rank for rank in ranks if key(names[rank]) == wanted]
        if not ranks:
            return []
        others = [self._exactly(word) for word in self._own if word.column in _OTHERS]
        if self._kind == "artist":
            others += [f"{quoted(token)}:{WEIGHTS['name']}" for token in indexed(wanted).lower().split()]
        elif others or self._query.without or self._query.years:
            others += [self._exactly(word) for word in self._own if word.column not in _OTHERS]
        query = self._all(others)
        conditions = [*self._conditions, f"w.rank = ANY(${len(self._arguments) + 3})"]
        arguments = [*self._arguments, ranks]
        return [rank async for rank in self._walk(query, conditions, arguments, 0)]

    async def _rows(self, query: str, after: int) -> AsyncIterator[int]:
        async for rank in self._walk(query, self._conditions, self._arguments, after):
            yield rank

    async def _walk(
        self, query: str, conditions: Sequence[str], arguments: Sequence[Any], after: int
    ) -> AsyncIterator[int]:
        if query:
            conditions = [f"w.words @@ ${len(arguments) + 3}::text::tsquery", *conditions]
            arguments = [*arguments, query]
        rows = self._finder.walk(self._kind, conditions, arguments, after, self._deadline)
        if not self._phrases:
            async for rank in rows:
                yield rank
            return
        some: list[int] = []
        async for rank in rows:
            some.append(rank)
            if len(some) == _BATCH:
                for passed in await self._phrases.passing(some):
                    yield passed
                some.clear()
        for passed in await self._phrases.passing(some):
            yield passed

    # --- as PostgreSQL writes it --------------------------------------------------------------------------------------

    def _is_own(self, word: Word) -> bool:
        return word.column not in _SCOPED and (word.column != "genre" or self._kind == "artist")

    def _worded(self) -> str:
        """All words as they were typed; empty where none is asked for."""
        return self._all([self._exactly(word) for word in self._own])

    def _going_on(self) -> str | None:
        """A longer last word; None where the last word is not begun."""
        last = self._begun
        if last is None:
            return None
        words = [self._exactly(word) for word in self._own if word is not last]
        return self._all([*words, _longer(last, self._weights(last)), f"!({self._exactly(last)})"])

    def _all(self, wanted: Sequence[str]) -> str:
        unwanted = [f"!({self._exactly(word)})" for word in self._query.without]
        return " & ".join([*(f"({one})" for one in wanted), *unwanted])

    def _exactly(self, word: Word) -> str:
        return _exactly(word, self._weights(word))

    def _weights(self, word: Word) -> str:
        return FREE[self._kind] if word.column == "any" else WEIGHTS[word.column]

    def _one_letter(self) -> bool:
        last = self._begun
        if last is None or self._kind == "artist" or last.column not in ("any", "name", "artist"):
            return False
        return (
            len(last.ways) == 1 and len(last.ways[0]) == 1 and len(last.ways[0][0]) == 1 and last.ways[0][0] < "\u0e00"
        )

    def _say_others(self) -> None:
        """Conditions on years, codes, the album of a track, and genres of albums and artists."""
        kind, query, at = self._kind, self._query, self._finder.at
        if kind == "album":
            for first, last in query.years:
                self._conditions.append(f"w.year BETWEEN {self._argument(first)} AND {self._argument(last)}")
        names = {"album_name": WEIGHTS["name"], "album_label": WEIGHTS["label"]}
        of_album = [_either(word, names[word.column]) for word in query.words if word.column in names]
        if kind == "track" and (of_album or query.years):
            self._scoped = True
            said = [f"a.words @@ {self._argument(one)}::text::tsquery" for one in of_album]
            said += [
                f"a.year BETWEEN {self._argument(first)} AND {self._argument(last)}" for first, last in query.years
            ]
            self._conditions.append(
                f"EXISTS (SELECT 1 FROM {at}.album_words a WHERE a.rank = w.album AND {' AND '.join(said)})"
            )
        genres = [_either(word, WEIGHTS["genre"]) for word in query.words if word.column == "genre"]
        if kind != "artist" and genres:
            self._scoped = True
            wanted = f"{self._argument(' & '.join(f'({one})' for one in genres))}::text::tsquery"
            album = "w.album" if kind == "track" else "w.rank"
            self._conditions.append(
                f"(EXISTS (SELECT 1 FROM {at}.artist_words g WHERE g.rank = ANY(w.artists) AND g.words @@ {wanted})"
                f" OR EXISTS (SELECT 1 FROM {at}.album_words g WHERE g.rank = {album} AND g.words @@ {wanted}))"
            )
        for code in query.isrcs:
            tracks = f"SELECT rank FROM {at}.isrc WHERE key = {self._argument(signed(spread(code)))}"
            self._only(
                {
                    "track": f"w.rank IN ({tracks})",
                    "album": f"w.rank IN (SELECT t.album FROM {at}.track_words t WHERE t.rank IN ({tracks}))",
                    "artist": f"w.rank IN (SELECT unnest(t.artists) FROM {at}.track_words t WHERE t.rank IN ({tracks}))",
                }
            )
        for code in query.upcs:
            albums = f"SELECT rank FROM {at}.upc WHERE key = {self._argument(signed(spread(code)))}"
            self._only(
                {
                    "track": f"w.album IN ({albums})",
                    "album": f"w.rank IN ({albums})",
                    "artist": f"w.rank IN (SELECT unnest(b.artists) FROM {at}.album_words b WHERE b.rank IN ({albums}))",
                }
            )

    def _only(self, condition: dict[Kind, str]) -> None:
        self._scoped = True
        self._conditions.append(condition[self._kind])

    def _argument(self, value: Any) -> str:
        self._arguments.append(value)
        return f"${len(self._arguments) + 2}"


def _exactly(word: Word, weights: str) -> str:
    return " | ".join("(" + " & ".join(f"{quoted(token)}:{weights}" for token in way) + ")" for way in word.ways)


def _longer(word: Word, weights: str) -> str:
    """Also what is not longer: who asks leaves that out."""
    ways = []
    for way in word.ways:
        before = [f"{quoted(token)}:{weights}" for token in way[:-1]]
        ways.append("(" + " & ".join([*before, f"{quoted(way[-1])}:*{weights}"]) + ")")
    return " | ".join(ways)


def _either(word: Word, weights: str) -> str:
    return _longer(word, weights) if word.prefix else _exactly(word, weights)
