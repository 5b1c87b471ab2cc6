"""What happens is put down for every account that wants it, in the same transaction: a play is kept and queued, or neither."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from contextvars import ContextVar
from datetime import datetime
from typing import Any

import structlog

from segue import __version__
from segue.core.clock import utc_now
from segue.core.db import Database, Transaction
from segue.core.errors import Unavailable
from segue.core.remembered import Remembered
from segue.jobs import JobService
from segue.listening.plays import PlayRow
from segue.listening.scrobbling import rows
from segue.listening.scrobbling.choices import Choices
from segue.listening.scrobbling.speaking import Speaking
from segue.metadata.service import Listened

log = structlog.get_logger("segue.scrobbling")

SEND = "scrobbling.send"
MBID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
is_quiet: ContextVar[bool] = ContextVar("is_quiet", default=False)
"""Whether what plays now is to be told to nobody."""
PLAYING_TASKS = 50
"""Now-playing calls that may be under way at once; more are left out."""


class Outbox(Speaking):
    """The hooks that listening calls."""

    _db: Database
    _jobs: JobService

    async def play_counted(self, tx: Transaction, user_id: int, play: PlayRow) -> None:
        """Called in the transaction that counts a play."""
        for account in await rows.accounts_of(tx.conn, user_id):
            choices = Choices.of(account.choices)
            hated = not choices.hated and await rows.is_hated(tx.conn, user_id, play.track_id)
            if choices.takes(play, hated):
                row = _row(account, "listen", play.played_at, listened(play), play_id=play.id)
                await self._put(tx, account.id, [row])

    async def loved(self, tx: Transaction, user_id: int, tracks: Sequence[Remembered], loved: bool) -> None:
        """Called in the transaction in which stars are given or taken; only the newest word about a track is told."""
        act = "love" if loved else "unlove"
        for account in await rows.accounts_of(tx.conn, user_id):
            await self._say(tx, account, [(track, act) for track in tracks])

    async def hated(self, tx: Transaction, user_id: int, tracks: Sequence[Remembered], hated: bool) -> None:
        """Called in the transaction in which tracks are hated, or no longer: those that are starred are loved again then.
        Told where a service knows of hate, which is ListenBrainz."""
        accounts = [each for each in await rows.accounts_of(tx.conn, user_id) if each.kind != "lastfm"]
        if not accounts:
            return
        loved = set() if hated else await rows.starred(tx.conn, user_id, [track.id for track in tracks])
        said = [(track, "hate" if hated else "love" if track.id in loved else "unlove") for track in tracks]
        for account in accounts:
            await self._say(tx, account, said)

    async def _say(self, tx: Transaction, account: Any, said: Sequence[tuple[Remembered, str]]) -> None:
        """Tell an account what a person thinks of tracks, in the place of what it was to be told of them before."""
        told = [(track, act) for track, act in said if track.title and track.artist]
        if not told or not Choices.of(account.choices).loves:
            return
        now = utc_now()
        fresh = [_row(account, act, now, remembered(track), subject=f"tr-{track.id}") for track, act in told]
        await self._put(tx, account.id, fresh)

    async def now_playing(self, tx: Transaction, user_id: int, track: Remembered, client: str) -> None:
        """Called in the transaction in which a player begins with a track. Told at once or not at all."""
        if is_quiet.get():
            return
        wants = [
            account
            for account in await rows.accounts_of(tx.conn, user_id)
            if account.state == "active" and Choices.of(account.choices).takes_client(client)
        ]
        if wants and track.title and track.artist:
            listen = remembered(track, client)
            tx.after_commit(lambda: self._tell_playing(wants, listen))

    async def _put(self, tx: Transaction, account_id: int, fresh: Sequence[dict[str, Any]]) -> None:
        """Add to an account's queue; loves in the place of what it says of these tracks so far.

        Where something waits already, somebody is about to send it: a job ends only in a transaction that has the account for
        itself and sees an empty queue. So the account is held before we look, else the job could send the last and end between
        our look and our commit, and nobody would send what we add.
        """
        account = await rows.account_to_put(tx, account_id)
        if account is None:
            return
        subjects = [row["subject"] for row in fresh if row["subject"] is not None]
        if subjects:
            await rows.drop_loves(tx, account_id, subjects)
        was_empty = not await rows.any_waiting(tx.conn, account_id)
        await rows.put(tx, fresh)
        if was_empty:
            await self.send_soon(tx, account)

    async def send_soon(self, tx: Transaction, account: Any) -> None:
        """Have an account's queue sent, when it may be."""
        if account.state != "active":
            return
        now = utc_now()
        at = account.next_try_at if account.next_try_at is not None and account.next_try_at > now else now
        await self._jobs.enqueue(
            tx, SEND, {"account": account.id}, dedup_key=job_key(account.id), run_at=at, created_by=account.user_id
        )

    def _tell_playing(self, accounts: Sequence[Any], listen: Listened) -> None:
        for account in accounts:
            if len(self._playing_tasks) < PLAYING_TASKS:
                task = asyncio.get_running_loop().create_task(self._tell_one(account, listen))
                self._playing_tasks.add(task)
                task.add_done_callback(self._playing_tasks.discard)

    async def _tell_one(self, account: Any, listen: Listened) -> None:
        try:
            tongue = await self.tongue(account)
            if tongue is not None:
                await tongue.now_playing(listen)
        except Unavailable as fault:
            log.info("now_playing_not_told", account=account.id, code=fault.code, reason=fault.params.get("reason"))


def job_key(account_id: int) -> str:
    return f"scrobble:{account_id}"


def listened(play: PlayRow) -> Listened:
    """A play as services are told of it."""
    return _listened(
        play.title,
        play.artist,
        play.album,
        play.album_artist,
        play.duration_ms,
        play.external_ids,
        at=int(play.played_at.timestamp()),
        player=play.client,
    )


def remembered(track: Remembered, client: str = "") -> Listened:
    """A track as services are told of it when it is loved, or plays now."""
    return _listened(
        track.title,
        track.artist,
        track.album,
        track.album_artist,
        track.duration_ms,
        track.external_ids,
        at=None,
        player=client,
    )


def _listened(
    title: str, artist: str, album: str, album_artist: str, duration_ms: int | None, ids: Any, *, at: int | None,
    player: str,
) -> Listened:  # fmt: skip
    def first(namespace: str) -> str:
        value = (ids or {}).get(namespace) or ""
        return str(value[0] if isinstance(value, list | tuple) and value else value or "")

    recording = first("musicbrainz:recording")
    return Listened(
        artist,
        title,
        album,
        album_artist,
        duration_ms,
        at,
        recording.lower() if MBID.fullmatch(recording) else "",
        first("isrc"),
        player,
        __version__,
    )


def _row(
    account: Any, act: str, at: datetime, listen: Listened, *, play_id: int | None = None, subject: str | None = None
) -> dict[str, Any]:
    return {
        "account_id": account.id,
        "user_id": account.user_id,
        "act": act,
        "play_id": play_id,
        "subject": subject,
        "at": at,
        "payload": listen.as_json(),
        "state": "waiting",
        "attempts": 0,
        "changed_at": utc_now(),
    }
