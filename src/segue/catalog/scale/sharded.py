"""A catalogue in shards as one Backend: lookups go to the shard of an id, a search to all, and what comes back is merged.

Albums and artists lie on every shard, so any that answers will do. A track's id is known to one shard alone: where that
one is down, ShardDown is raised for it; a search without it says that it is partial.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, TypeVar
from zlib import crc32

from segue.catalog.documents import own
from segue.catalog.local import NothingToSearch
from segue.catalog.records import Counts, Kind
from segue.catalog.scale.errors import ShardDown, ShardsDiffer
from segue.catalog.scale.searching import Placed, Question
from segue.catalog.scale.shard import About, Shard
from segue.catalog.scale.shares import of_id, of_isrc, of_rank
from segue.catalog.search import substrings
from segue.catalog.search.asking import asked
from segue.catalog.search.cursors import Place, read, written
from segue.catalog.search.errors import NoSubstringIndex
from segue.catalog.search.searcher import MOST_COUNTED
from segue.catalog.snapshot.layout import KINDS
from segue.catalog.store import Found, Match, Store

T = TypeVar("T")

KNOWN = 65_536
"""Ranks of which is remembered, at most, by which id's shard they were found."""


class ShardedBackend:
    """A Backend over all shards of one split. `open` makes one."""

    def __init__(self, shards: Sequence[Shard], abouts: Sequence[About]) -> None:
        self._shards = shards
        self._shares = [about.share for about in abouts]
        first = abouts[0]
        self.id = first.share.whole
        self.namespace = first.namespace
        self.licence = first.licence
        self.substring = all(about.substring for about in abouts)
        self._searches = all(about.searches for about in abouts)
        self._counts = first.counts
        self._by_id: dict[int, int] = {}

    @classmethod
    async def open(cls, shards: Sequence[Shard]) -> ShardedBackend:
        """Raises ShardDown, NotAShard, ShardsDiffer."""
        abouts = await asyncio.gather(*(shard.about() for shard in shards))
        if not shards:
            raise ShardsDiffer("there is none")
        wholes = sorted({about.share.whole for about in abouts})
        if len(wholes) > 1:
            raise ShardsDiffer(f"they are of {', '.join(wholes)}")
        ordered = sorted(zip(abouts, range(len(shards)), strict=True), key=lambda pair: pair[0].share.number)
        numbers = [about.share.number for about, _ in ordered]
        if numbers != list(range(1, abouts[0].share.of + 1)):
            raise ShardsDiffer(f"there are to be {abouts[0].share.of}, and these are {', '.join(map(str, numbers))}")
        return cls([shards[place] for _, place in ordered], [about for about, _ in ordered])

    @property
    def store(self) -> Store | None:
        return None

    async def counts(self) -> Counts:
        return self._counts

    async def ranks(self, kind: Kind, ids: Sequence[str]) -> list[int | None]:
        number = len(self._shards)
        if kind != "track":
            return await self._anywhere(ids, crc32, lambda shard, some: shard.ranks(kind, some))
        places = [of_id(id, number) for id in ids]
        found = await self._spread(ids, places, lambda shard, some: shard.ranks(kind, some))
        if len(self._by_id) > KNOWN:
            self._by_id.clear()
        self._by_id.update((rank, place) for rank, place in zip(found, places, strict=True) if rank is not None)
        return found

    async def isrcs(self, codes: Sequence[str]) -> list[list[int]]:
        places = [of_isrc(code, len(self._shards)) for code in codes]
        return await self._spread(codes, places, lambda shard, some: shard.isrcs(some))

    async def upcs(self, codes: Sequence[str]) -> list[list[int]]:
        return await self._anywhere(codes, crc32, lambda shard, some: shard.upcs(some))

    async def external(self, ids: Sequence[str]) -> list[tuple[Kind, int] | None]:
        """The catalogue's own ids where they belong; those of others are asked of all shards."""
        found: list[tuple[Kind, int] | None] = [None] * len(ids)
        mine = [(place, *named) for place, id in enumerate(ids) if (named := own(self.namespace, id)) is not None]
        for kind in KINDS:
            some = [(place, native) for place, its, native in mine if its == kind]
            if some:
                ranks = await self.ranks(kind, [native for _, native in some])
                for (place, _), rank in zip(some, ranks, strict=True):
                    found[place] = None if rank is None else (kind, rank)
        rest = [place for place, one in enumerate(found) if one is None]
        if rest:
            texts = [ids[place] for place in rest]
            every = await asyncio.gather(*(shard.external(texts) for shard in self._shards))
            for place, *hits in zip(rest, *every, strict=True):
                there = [hit for hit in hits if hit is not None]
                found[place] = min(there, key=lambda hit: (KINDS.index(hit[0]), hit[1])) if there else None
        return found

    async def tracks(self, ranks: Sequence[int], *, album: bool = True) -> list[bytes]:
        return await self._of_tracks(ranks, lambda shard, some: shard.documents("track", some, album))

    async def albums(self, ranks: Sequence[int]) -> list[bytes]:
        return await self._anywhere(ranks, _itself, lambda shard, some: shard.documents("album", some, True))

    async def artists(self, ranks: Sequence[int]) -> list[bytes]:
        return await self._anywhere(ranks, _itself, lambda shard, some: shard.documents("artist", some, True))

    async def album_tracks(self, rank: int) -> list[int]:
        return await self._one_of(rank, lambda shard: shard.album_tracks(rank))

    async def artist_albums(self, rank: int) -> list[int]:
        return await self._one_of(rank, lambda shard: shard.artist_albums(rank))

    async def more(self, kind: Kind, ranks: Sequence[int]) -> list[dict[str, Any]]:
        if kind == "track":
            return await self._of_tracks(ranks, lambda shard, some: shard.more(kind, some))
        return await self._anywhere(ranks, _itself, lambda shard, some: shard.more(kind, some))

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
        """Raises BadQuery; ShardDown where no shard answers. Without one of them, what is found is partial."""
        if not self._searches:
            raise NothingToSearch
        place = read(after, kind, text, match)
        everywhere = kind == "track"
        if match == "substring":
            if not self.substring:
                raise NoSubstringIndex
            substrings.needle_of(text)
        else:
            # what bears an ISRC is known where the track lies
            everywhere |= bool(asked(kind, text).isrcs)
        question = Question(
            kind=kind,
            text=text,
            limit=limit,
            place=(place.part, place.rank, place.corrected),
            match=match,
            deadline_s=deadline_s,
            count=count,
            correcting=bool(place.corrected),
        )
        found = await self._merged(question, everywhere)
        if not (found.ranks or found.partial or place != Place() or match == "substring"):
            question = Question(kind=kind, text=text, limit=limit, deadline_s=deadline_s, count=count, correcting=True)
            corrected = await self._merged(question, everywhere)
            if corrected.ranks or corrected.partial:
                found = corrected
        return found

    async def close(self) -> None:
        await asyncio.gather(*(shard.close() for shard in self._shards))

    async def _merged(self, question: Question, everywhere: bool) -> Found:
        start = crc32(question.text.encode("utf-8", "surrogatepass"))
        if everywhere:
            answers = await self._each(lambda shard: shard.placed(question))
        else:
            answers = [await self._one_of(start, lambda shard: shard.placed(question))]
        whole = not everywhere or len(answers) == len(self._shards)
        if question.correcting:
            # each shard gave the first correction that finds something there; the first of these is that of all
            first = min((one.attempt for one in answers if one.ranks), default=0)
            answers = [one for one in answers if one.attempt == first] if first else answers
        return _found(question, answers, whole)

    async def _each(self, ask: Callable[[Shard], Awaitable[Placed]]) -> list[Placed]:
        """What all of them say that answer. Raises ShardDown where none does."""
        said = await asyncio.gather(*(ask(shard) for shard in self._shards), return_exceptions=True)
        answers: list[Placed] = []
        down: ShardDown | None = None
        for one in said:
            if isinstance(one, ShardDown):
                down = one
            elif isinstance(one, BaseException):
                raise one
            else:
                answers.append(one)
        if down is not None and not answers:
            raise down
        return answers

    async def _of_tracks(
        self, ranks: Sequence[int], ask: Callable[[Shard, list[int]], Coroutine[Any, Any, list[T]]]
    ) -> list[T]:
        """From where the id was found, else from where the rank is searched; the one stands in for the other."""
        searched = [of_rank(rank, self._shares) for rank in ranks]
        known = [self._by_id.get(rank, place) for rank, place in zip(ranks, searched, strict=True)]
        try:
            return await self._spread(ranks, known, ask)
        except ShardDown:
            if known == searched:
                raise
        return await self._spread(ranks, searched, ask)

    async def _anywhere(
        self,
        items: Sequence[Any],
        number: Callable[[Any], int],
        ask: Callable[[Shard, list[Any]], Coroutine[Any, Any, list[T]]],
    ) -> list[T]:
        """Spread evenly; where one is down, from the next."""
        shards = len(self._shards)
        keys = [number(item.encode("utf-8", "surrogatepass")) if isinstance(item, str) else item for item in items]
        groups = _grouped([key % shards for key in keys])

        async def some(shard: int, places: list[int]) -> list[T]:
            wanted = [items[place] for place in places]
            return await self._one_of(shard, lambda one: ask(one, wanted))

        return await _gathered(len(items), groups, some)

    async def _spread(
        self, items: Sequence[Any], shards: Sequence[int], ask: Callable[[Shard, list[Any]], Awaitable[list[T]]]
    ) -> list[T]:
        async def some(shard: int, places: list[int]) -> list[T]:
            return await ask(self._shards[shard], [items[place] for place in places])

        return await _gathered(len(items), _grouped(shards), some)

    async def _one_of(self, start: int, ask: Callable[[Shard], Awaitable[T]]) -> T:
        """What the first says that answers, beginning with that number."""
        shards = len(self._shards)
        down: ShardDown | None = None
        for step in range(shards):
            try:
                return await ask(self._shards[(start + step) % shards])
            except ShardDown as error:
                down = down or error
        assert down is not None
        raise down


def _found(question: Question, answers: Sequence[Placed], whole: bool) -> Found:
    rows = sorted({row for one in answers for row in zip(one.parts, one.ranks, strict=True)})
    limit = question.limit
    partial = not whole or any(one.partial for one in answers)
    attempt = max((one.attempt for one in answers), default=0)
    corrected = next((one.corrected for one in answers if one.ranks and one.corrected), None)
    following = None
    if len(rows) > limit or (partial and rows):
        part, rank = rows[min(len(rows), limit) - 1]
        following = written(Place(part, rank, attempt), question.kind, question.text, question.match)
    total: int | None = None
    if question.count and not partial and question.match == "words":
        if len(rows) <= limit and question.place[:2] == (0, 0):
            total = len(rows)
        else:
            counted = [one.counted for one in answers]
            known = [one for one in counted if one is not None]
            total = sum(known) if len(known) == len(counted) else None
    return Found(
        tuple(rank for _, rank in rows[:limit]),
        partial=partial,
        total=None if total is None else min(total, MOST_COUNTED),
        capped=total is not None and total > MOST_COUNTED,
        corrected=corrected,
        next=following,
    )


def _grouped(shards: Sequence[int]) -> dict[int, list[int]]:
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for place, shard in enumerate(shards):
        groups[shard].append(place)
    return groups


async def _gathered(
    number: int, groups: dict[int, list[int]], some: Callable[[int, list[int]], Coroutine[Any, Any, list[T]]]
) -> list[T]:
    """The answers in the order of the questions."""
    if len(groups) == 1:
        (group,) = groups.items()
        return await some(*group)
    answers = await asyncio.gather(*(some(shard, places) for shard, places in groups.items()))
    found: dict[int, T] = {}
    for places, values in zip(groups.values(), answers, strict=True):
        found.update(zip(places, values, strict=True))
    return [found[place] for place in range(number)]


def _itself(rank: int) -> int:
    return rank
