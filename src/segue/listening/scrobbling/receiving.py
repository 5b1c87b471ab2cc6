"""Reports of other players: what they say was heard becomes plays, by the same verb as any other; matched where it can be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.ids import TypedId
from segue.core.remembered import Memory, Remembered
from segue.core.secrets import CannotDecrypt, sha256_hex
from segue.library.finding.wanted import Found, Wanted
from segue.listening.errors import ThingNotFound
from segue.listening.plays import Listen, Outcome, PlayRow
from segue.listening.scrobbling import rows
from segue.listening.scrobbling.loves import Loves
from segue.listening.scrobbling.outbox import is_quiet
from segue.listening.service import IMPORT_BATCH

LIVE_FOR = timedelta(days=14)
"""A report of something older is history that is handed in: it is kept, but sent on to nobody."""
LIVE_BATCH = 20
"""Listens that are kept at once where each is also put into queues, so that nobody waits long for his turn to write."""
AHEAD = timedelta(hours=24)
"""How far a player's clock may be ahead before its report is of no use."""

TOKEN_PURPOSE = "report-token"
TOKEN_LIFE = timedelta(hours=1)
Source = Literal["listenbrainz", "lastfm"]


@dataclass(frozen=True, slots=True)
class Report:
    """What a player says was heard, or loved, or plays now (`at` None)."""

    title: str
    artist: str
    at: datetime | None = None
    album: str = ""
    album_artist: str = ""
    duration_ms: int | None = None
    external_ids: Mapping[str, Any] = field(default_factory=dict)
    client: str = ""
    artists: tuple[str, ...] = ()
    """Each by itself, where the player says so."""

    def wanted(self) -> Wanted:
        return Wanted(
            self.title,
            self.artists or ((self.artist,) if self.artist else ()),
            self.album,
            self.album_artist,
            self.duration_ms,
            external_ids=self.external_ids,
        )


class Receiving(Loves):
    """The verbs that other players report through."""

    music: Memory

    async def received(self, actor: Actor, reports: Sequence[Report], source: Source) -> Outcome:
        """Keep listens, with the track each was found to be, or by their texts alone. What is known already is folded.

        What lies more than a day in the future is left out (and counted as refused).
        """
        whole = Outcome()
        usable = [one for one in reports if one.at is not None and one.at <= utc_now() + AHEAD]
        whole.refused = len(reports) - len(usable)
        usable.sort(key=lambda one: one.at or utc_now())
        found = await self._found(actor, usable)
        border = utc_now() - LIVE_FOR
        listens = [_listen(report, one, source) for report, one in zip(usable, found, strict=True)]
        for live, at_once in ((False, IMPORT_BATCH), (True, LIVE_BATCH)):
            some = [listen for listen in listens if (listen.played_at >= border) == live]
            for start in range(0, len(some), at_once):
                async with self._db.write() as tx:
                    done = await self.listening.import_plays(
                        tx, actor.person, some[start : start + at_once], time_zone=actor.time_zone, live=live
                    )
                for name in ("added", "folded", "refused", "unmatched"):
                    setattr(whole, name, getattr(whole, name) + getattr(done, name))
        return whole

    async def received_playing(self, actor: Actor, report: Report, *, tell: bool) -> bool:
        """Say what plays now, where it is a track here; whether it is. With `tell` it is sent on to the person's accounts:
        not what another Segue tells, for that may be told by this one."""
        (found,) = await self._found(actor, [report])
        if found is None:
            return False
        quiet = is_quiet.set(not tell)
        try:
            await self.listening.now_playing(actor, found.track_id, client=report.client)
        except ThingNotFound:
            return False
        finally:
            is_quiet.reset(quiet)
        return True

    async def received_love(self, actor: Actor, report: Report, loved: bool) -> bool:
        """Star a track, or take its star; whether it is here."""
        (found,) = await self._found(actor, [report])
        if found is None:
            return False
        change = self.listening.star if loved else self.listening.unstar
        await change(actor, [TypedId("tr", found.track_id)])
        return True

    async def heard(
        self, actor: Actor, *, before: int | None = None, after: int | None = None, count: int = 25
    ) -> tuple[list[PlayRow], int, int]:
        """The person's plays between two moments in seconds, newest first, and the moments of the newest and oldest of all
        (0 where there is none)."""
        async with self._db.read() as conn:
            found = await rows.plays_between(conn, actor.person, _moment(before), _moment(after), count)
            newest, oldest = await rows.plays_ends(conn, actor.person)
        plays = [PlayRow.of(row._mapping) for row in found]
        return plays, _seconds(newest), _seconds(oldest)

    async def heard_count(self, actor: Actor) -> int:
        """How many plays the person has."""
        async with self._db.read() as conn:
            return await rows.plays_count(conn, actor.person)

    async def playing_now(self, actor: Actor) -> Remembered | None:
        """What the person is playing right now, on whichever player began last."""
        mine = [one for one in await self.listening.playing(actor) if one.user_id == actor.person and not one.paused]
        if not mine:
            return None
        async with self._db.read() as conn:
            found = await self.music.remembered(conn, actor, "track", [mine[0].track_id])
        return found.get(mine[0].track_id)

    def report_token(self) -> str:
        """A token for a player that wants a session key; nothing is kept until a person says yes to it."""
        return self._keys.encrypt(TOKEN_PURPOSE, "token")

    async def approve_report_token(self, actor: Actor, token: str, key: str) -> bool:
        """Say yes: whoever comes with `token` within an hour gets `key`. False where the token is not ours."""
        try:
            self._keys.decrypt(TOKEN_PURPOSE, token)
        except CannotDecrypt:
            return False
        values = {
            "token_hash": sha256_hex(token),
            "user_id": actor.person,
            "secret": self._keys.encrypt(TOKEN_PURPOSE, key),
            "approved_at": utc_now(),
        }
        async with self._db.write() as tx:
            await rows.forget_report_keys(tx, utc_now() - TOKEN_LIFE)
            await rows.keep_report_key(tx, values)
        return True

    async def approved_report_token(self, token: str) -> tuple[int, str] | None:
        """Whose yes it was, and the key; once. None where nobody said yes to this token within the last hour."""
        async with self._db.write() as tx:
            row = await rows.take_report_key(tx, sha256_hex(token))
        if row is None or row.approved_at < utc_now() - TOKEN_LIFE:
            return None
        return row.user_id, self._keys.decrypt(TOKEN_PURPOSE, row.secret)

    async def _found(self, actor: Actor, reports: Sequence[Report]) -> list[Found | None]:
        """The track of each report, where one may be taken without asking a person. Equal reports are looked up once."""
        wanted = [report.wanted() for report in reports]
        keys = [repr(one) for one in wanted]
        each = dict(zip(keys, wanted, strict=True))
        found = dict(zip(each, await self.finding.find_for(actor, list(each.values())), strict=True)) if each else {}
        answers = [found[key] for key in keys]
        return [one if one is not None and one.sure else None for one in answers]


def _listen(report: Report, found: Found | None, source: Source) -> Listen:
    assert report.at is not None
    return Listen(
        min(report.at, utc_now()),
        report.title,
        report.artist,
        report.album,
        report.album_artist,
        report.duration_ms,
        external_ids=report.external_ids,
        track_id=found.track_id if found is not None else None,
        source=source,
        client=report.client,
    )


def _seconds(at: datetime | None) -> int:
    return 0 if at is None else int(at.timestamp())


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(min(seconds, 253_402_300_000), UTC)
