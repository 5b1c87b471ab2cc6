"""What the tests of scrobbling share: every part of it over a test's database, asking an emulator instead of the world."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from segue.core.access import Actor
from segue.core.cache import open_cache
from segue.core.clock import utc_now
from segue.core.db import Database
from segue.core.outside import Outside
from segue.core.secrets import SecretKeys
from segue.emulator import Emulator
from segue.emulator.lastfm import API_KEY, SECRET
from segue.jobs import JobService, Registry, RetryPolicy
from segue.jobs.models import Job
from segue.library.finding import FindingService
from segue.listening import tasks as listening_tasks
from segue.listening.plays import Listen
from segue.listening.scrobbling import tasks
from segue.listening.scrobbling.models import Scrobble, ScrobbleAccount
from segue.listening.scrobbling.service import AccountView, ScrobblingService
from segue.listening.service import IMPORT_BATCH, ListeningService
from segue.metadata.providers import lastfm, listenbrainz
from segue.metadata.service import MetadataService
from segue.settings import Settings
from tests.jobs.ground import until, working
from tests.rows import LibraryMemory
from tests.waiting import PATIENCE_S

QUICK = RetryPolicy(base_s=0.02, cap_s=0.1)
KEYS = SecretKeys([b"0" * 40])


def settings_at(url: str, **scrobbling: Any) -> Settings:
    """Settings that ask the emulator at `url`."""
    return Settings(
        lastfm={
            "api_key": API_KEY, "secret": SECRET, "base_url": f"{url}/lastfm/2.0/",
            "approval_url": f"{url}/lastfm/api/auth/",
        },
        listenbrainz={"base_url": f"{url}/listenbrainz"},
        scrobbling=scrobbling,
    )  # fmt: skip


def without_limits(patch: Callable[[Any, str, Any], None]) -> None:
    """Let Segue ask as often as it likes: what is tested elsewhere must not be waited for."""
    for provider in (lastfm, listenbrainz):
        patch(provider, "SERVICE", replace(provider.SERVICE, limits=(), pause_s=None))


def registry() -> Registry:
    """Scrobbling's jobs; what fails unexpectedly is tried again at once."""
    again = {"retry": QUICK, "max_attempts": 10_000}
    return Registry().add(
        listening_tasks,
        tasks.QUEUE,
        replace(tasks.send, **again),
        replace(tasks.import_loves, **again),
        tasks.sweep,
        tasks.loves_round,
    )


@dataclass
class Ground:
    """All parts, and a person."""

    db: Database
    jobs: JobService
    listening: ListeningService
    scrobbling: ScrobblingService
    outside: Outside
    anna: Actor
    settings: Settings

    def resolve(self, kind: type[Any]) -> Any:
        return {ScrobblingService: self.scrobbling, ListeningService: self.listening, JobService: self.jobs}[kind]

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        async with working(self.db, self.jobs.registry, resolve=self.resolve, service=self.jobs):
            yield

    async def play(self, number: int, at: datetime, *, actor: Actor | None = None, **more: Any) -> None:
        """A play of a track that is in no library, as another player tells of it."""
        listen = Listen(at, **{"title": f"Song {number}", "artist": "Ann", "album": "Sea", "client": "Deck", **more})
        person = actor or self.anna
        async with self.db.write() as tx:
            await self.listening.import_plays(tx, person.person, [listen], live=True)

    async def plays(self, count: int, start: datetime | None = None) -> list[int]:
        """Distinct plays, a minute apart, up to now; when each began, in seconds."""
        first = start or utc_now() - timedelta(minutes=count + 1)
        moments = [(first + timedelta(minutes=n)).replace(microsecond=0) for n in range(count)]
        listens = [
            Listen(at, title=f"Song {n}", artist="Ann", album="Sea", client="Deck") for n, at in enumerate(moments)
        ]
        for some in range(0, count, IMPORT_BATCH):
            async with self.db.write() as tx:
                await self.listening.import_plays(tx, 1, listens[some : some + IMPORT_BATCH], live=True)
        return [int(at.timestamp()) for at in moments]

    async def account(self, account_id: int) -> AccountView:
        return await self.scrobbling.account(self.anna, account_id)

    async def emptied(self, limit_s: float = PATIENCE_S) -> None:
        """Wait until nothing waits in any queue of an account that is active."""

        async def check() -> bool:
            async with self.db.read() as conn:
                waiting = select(func.count()).select_from(Scrobble).where(Scrobble.state == "waiting")
                return not await conn.scalar(waiting)

        await until(check, limit_s)

    async def in_state(self, account_id: int, state: str) -> AccountView:
        async def check() -> AccountView | None:
            found = await self.account(account_id)
            return found if found.state == state else None

        found: AccountView = await until(check)
        return found

    async def close(self) -> None:
        await self.scrobbling.close()
        await self.outside.close()


async def ground(db: Database, url: str, actor: Actor, **scrobbling: Any) -> Ground:
    settings = settings_at(url, **scrobbling)
    jobs = JobService(db, registry())
    await jobs.declare()
    outside = Outside(db, open_cache(None))
    metadata = MetadataService(outside, lambda: settings)
    listening = ListeningService(db, LibraryMemory(), jobs)
    service = ScrobblingService(db, KEYS, jobs, metadata, lambda: settings, backoff=QUICK)

    async def actor_for(user_id: int) -> Actor:
        return actor

    service.finding, service.listening, service.actor_for = FindingService(db), listening, actor_for
    service.music = LibraryMemory()
    listening.on_counted.append(service.play_counted)
    listening.on_loved.append(service.loved)
    listening.on_hated.append(service.hated)
    listening.on_now_playing.append(service.now_playing)
    return Ground(db, jobs, listening, service, outside, actor, settings)


async def linked_lastfm(ground: Ground, emulator: Emulator, name: str = "anna") -> int:
    """Link a Last.fm account as a person does, from the login page on; its number."""
    login = await ground.scrobbling.begin_lastfm(ground.anna)
    token = login.url.rpartition("token=")[2]
    emulator.lastfm.approve(token, name)
    return (await ground.scrobbling.finish_lastfm(ground.anna, login.state)).id


async def linked_listenbrainz(ground: Ground, emulator: Emulator, name: str = "anna") -> int:
    token = emulator.listenbrainz.token_of(name)
    return (await ground.scrobbling.link_listenbrainz(ground.anna, token)).id


async def try_at_once(ground: Ground, account_id: int) -> None:
    """Forget that an account waits. The job that found out is at rest by then: one that still runs would sleep all the same."""

    async def rests() -> bool:
        async with ground.db.read() as conn:
            return (await conn.execute(select(Job.id).where(Job.state == "running"))).first() is None

    await until(rests)
    await ground.scrobbling.send_now(ground.anna, account_id)


async def stored_accounts(db: Database) -> Any:
    async with db.read() as conn:
        return (await conn.execute(select(ScrobbleAccount.__table__))).all()
