"""What texts mean in the catalogue that mean nothing in the library: rows of playlists, plays of what is not here.

A job looks for those that came since last time; what a page shows before the job was there is looked for at once, a few at
a time, and remembered in this process.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.catalog.documents import named
from segue.catalog.service import CatalogService
from segue.catalog.store import Backend
from segue.core.changes import fact, set_fact
from segue.core.clock import utc_now
from segue.core.db import Database
from segue.core.errors import SegueError
from segue.core.text import fold
from segue.jobs import JobContext
from segue.library.finding.facts import KnownTrack
from segue.library.finding.wanted import Wanted
from segue.metadata.links import repository
from segue.metadata.links.choosing import NOTHING, Choice, choose_track
from segue.metadata.links.gathering import Gathering

AT_ONCE = 100
MOST_AT_A_GLANCE = 10
"""Texts that are looked for while somebody waits for a page."""
REMEMBERED = 2_000
_FACT = "catalog_mentions_"
_SNAPSHOT = "catalog_mentions_snapshot"

Texts = Callable[[AsyncConnection, int, int], Awaitable[Sequence[tuple[int, Wanted]]]]
"""Called as (conn, after, limit): texts without a track, by a number that grows with each new one."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A track of the catalogue that a text means: its ids there, its words, and why."""

    value: str
    title: str
    artists: list[list[str]]
    album: str
    album_value: str | None
    state: str
    score: float | None
    reasons: list[Any]


def key_of(wanted: Wanted) -> str:
    """What makes two texts the same: words without case and marks, length in seconds, ids."""
    said = [fold(text).strip() for text in (wanted.title, "\x1e".join(wanted.artists), wanted.album)]
    said.append(str(round((wanted.duration_ms or 0) / 1000)))
    said += sorted(f"{name}:{value}" for name, value in wanted.ids())
    return hashlib.blake2b("\x1f".join(said).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


class Mentions:
    """Looks for texts in the catalogue, and says what was found. `sources` give them, by name."""

    def __init__(self, db: Database, catalog: CatalogService) -> None:
        self._db = db
        self._catalog = catalog
        self.sources: dict[str, Texts] = {}
        self._glanced: OrderedDict[tuple[str, str], Mention | None] = OrderedDict()

    async def of(self, texts: Sequence[Wanted]) -> list[Mention | None]:
        """What each of these means, None where that is not known. Never raises: a page is shown without it as well."""
        keys = [key_of(text) for text in texts]
        if not keys:
            return []
        async with self._db.read() as conn:
            rows = await repository.mentions(conn, keys)
        found = {key: _mention(row) for key, row in rows.items()}
        unknown = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        if unknown:
            found |= await self._glance(unknown)
        return [found.get(key) for key in keys]

    async def look(self, job: JobContext) -> int:
        """Look for the texts that came since last time; how many there were."""
        try:
            async with self._catalog.use() as backend:
                snapshot = backend.id
        except SegueError:
            return 0
        async with self._db.read() as conn:
            anew = await fact(conn, _SNAPSHOT) != snapshot
        count = 0
        for name, texts in self.sources.items():
            count += await self._source(job, name, texts, snapshot, anew)
        async with self._db.write() as tx:
            await job.guard(tx)
            await set_fact(tx, _SNAPSHOT, snapshot)
        return count

    async def _source(self, job: JobContext, name: str, texts: Texts, snapshot: str, anew: bool) -> int:
        done = job.checkpoint.get("mentions", {})
        async with self._db.read() as conn:
            after = int(await fact(conn, _FACT + name) or 0)
        if anew and done.get("snapshot") != snapshot:
            after = 0
        count = 0
        while True:
            job.check()
            async with self._db.read() as conn:
                some = await texts(conn, after, AT_ONCE)
                keys = {key_of(text): text for _, text in some}
                known = await repository.mentions(conn, keys)
            if not some:
                return count
            after = some[-1][0]
            wanted = {
                key: text
                for key, text in keys.items()
                if key not in known or (known[key].state != "linked" and known[key].snapshot != snapshot)
            }
            async with self._catalog.use() as backend:
                found = await self._found(backend, wanted)
                now = utc_now()
                rows = [{"key": key, "snapshot": backend.id, "looked_at": now, **row} for key, row in found.items()]
            async with self._db.write() as tx:
                await job.guard(tx)
                await repository.put_mentions(tx, rows)
                await set_fact(tx, _FACT + name, str(after))
                await job.save({**job.checkpoint, "mentions": {"snapshot": snapshot}}, tx=tx)
            count += len(wanted)
            job.progress(count, phase="mentions", unit="texts")

    async def _glance(self, unknown: Mapping[str, Wanted]) -> dict[str, Mention | None]:
        try:
            async with self._catalog.use() as backend:
                known = {key: self._glanced[backend.id, key] for key in unknown if (backend.id, key) in self._glanced}
                rest = {key: text for key, text in unknown.items() if key not in known}
                some = dict(list(rest.items())[:MOST_AT_A_GLANCE])
                fresh = {key: _mention_of(row) for key, row in (await self._found(backend, some)).items()}
                for key, mention in fresh.items():
                    self._glanced[backend.id, key] = mention
                while len(self._glanced) > REMEMBERED:
                    self._glanced.popitem(last=False)
                return known | fresh
        except SegueError:
            return {}

    async def _found(self, backend: Backend, wanted: Mapping[str, Wanted]) -> dict[str, dict[str, Any]]:
        """What each text means, as it is kept."""
        gathering = Gathering(backend)
        facts = {key: text.facts() for key, text in wanted.items()}
        numbered = dict(enumerate(wanted))
        by_id = await gathering.tracks_by_ids(
            [KnownTrack(number, 0, 0, (), None, facts[key]) for number, key in numbered.items()]
        )
        choices: dict[str, Choice] = {}
        for number, key in numbered.items():
            candidates = by_id.get(number, [])
            choice = choose_track(facts[key], candidates) if candidates else NOTHING
            if not choice.is_linked and facts[key].title:
                candidates = [*candidates, *await gathering.tracks_called(facts[key])]
                choice = await asyncio.to_thread(choose_track, facts[key], candidates)
            choices[key] = choice
        documents = await gathering.documents_of([choice.value for choice in choices.values() if choice.value])
        found = {}
        for key, choice in choices.items():
            row = choice.as_row()
            del row["others"]
            document = documents.get(choice.value or "")
            album = document.album if document is not None else None
            found[key] = {
                **row,
                "title": document.name if document is not None else "",
                "artists": [[named(backend.namespace, "artist", one.id), one.name] for one in document.artists]
                if document is not None
                else None,
                "album": album.name if album is not None else "",
                "album_value": named(backend.namespace, "album", album.id) if album is not None else None,
            }
        return found


def _mention(row: Any) -> Mention | None:
    return _mention_of(row._mapping)


def _mention_of(row: Mapping[str, Any]) -> Mention | None:
    if not row["value"]:
        return None
    return Mention(
        row["value"], row["title"], list(row["artists"] or ()), row["album"], row["album_value"], row["state"],
        row["score"], list(row["reasons"] or ()),
    )  # fmt: skip
