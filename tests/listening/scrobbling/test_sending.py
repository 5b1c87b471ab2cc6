"""Every play is told to every account, once and as it was, whatever the service does meanwhile."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text, update

from segue.core.access import Actor
from segue.core.changes import ChangeFeed
from segue.core.clock import utc_now
from segue.core.db import Database, Transaction
from segue.core.ids import TypedId
from segue.core.outside import Fault, gate
from segue.emulator import Emulator
from segue.jobs.models import Job
from segue.library.models import Track
from segue.listening.models import Play
from segue.listening.plays import Listen
from segue.listening.scrobbling import rows
from segue.listening.scrobbling.errors import (
    AccountNotFound,
    BadAddress,
    LinkExpired,
    NotApproved,
    NotRefused,
    PrivateAddress,
    ScrobbleNotFound,
    TokenRefused,
)
from segue.listening.scrobbling.metrics import scrobbling_metrics
from segue.listening.scrobbling.models import Scrobble, ScrobbleAccount
from segue.metadata.providers import lastfm
from tests.jobs.ground import until
from tests.library.finding.ground import Song, library_of
from tests.listening.scrobbling.ground import (
    Ground,
    linked_lastfm,
    linked_listenbrainz,
    stored_accounts,
    try_at_once,
)
from tests.rows import some_music

pytestmark = pytest.mark.anyio
BEN = Actor(2, "ben", libraries=None)


async def waiting(house: Ground, state: str = "waiting") -> list[Any]:
    return await house.scrobbling.queue(house.anna, state=state, limit=1000)  # type: ignore[arg-type]


async def linked(house: Ground, emulator: Emulator, kind: str) -> int:
    return await (linked_lastfm if kind == "lastfm" else linked_listenbrainz)(house, emulator)


def heard_at(emulator: Emulator, kind: str) -> list[int]:
    service: Any = emulator.services[kind]
    return sorted(one.at for one in service.person("anna").heard.values())


@pytest.mark.parametrize("kind", ["lastfm", "listenbrainz"])
async def test_plays_arrive_with_their_moments_and_words(house: Ground, emulator: Emulator, kind: str) -> None:
    account = await linked(house, emulator, kind)
    moments = await house.plays(3)
    async with house.working():
        await house.emptied()
    assert heard_at(emulator, kind) == moments
    one = emulator.services[kind].person("anna").newest_first()[-1]  # type: ignore[attr-defined]
    assert (one.artist, one.track, one.album) == ("Ann", "Song 0", "Sea")
    view = await house.account(account)
    assert (view.sent, view.waiting, view.refused, view.error) == (3, 0, 0, None)
    assert view.last_sent_at is not None


async def test_last_fm_gets_fifty_at_once_the_oldest_first(house: Ground, emulator: Emulator) -> None:
    await linked_lastfm(house, emulator)
    moments = await house.plays(120)
    async with house.working():
        await house.emptied()
    calls = emulator.world.calls.of("lastfm", "track.scrobble")
    assert [len([name for name in call.params if name.startswith("timestamp")]) for call in calls] == [50, 50, 20]
    sent = [
        int(call.params[f"timestamp[{n}]"]) for call in calls for n in range(50) if f"timestamp[{n}]" in call.params
    ]
    assert sent == moments


async def test_listenbrainz_gets_one_as_it_happens_and_many_together(house: Ground, emulator: Emulator) -> None:
    await linked_listenbrainz(house, emulator)
    async with house.working():
        await house.plays(1)
        await house.emptied()
    start = utc_now() - timedelta(hours=20)
    await house.plays(1100, start)
    async with house.working():
        await house.emptied()
    calls = emulator.world.calls.of("listenbrainz", "submit-listens")
    assert [(call.params["listen_type"], len(call.params["payload"])) for call in calls] == [
        ("single", 1), ("import", 1000), ("import", 100),
    ]  # fmt: skip


async def test_each_account_of_a_person_is_told_and_nobody_elses(house: Ground, emulator: Emulator) -> None:
    await linked_lastfm(house, emulator, "anna")
    await linked_lastfm(house, emulator, "anna2")
    await linked_listenbrainz(house, emulator)
    await house.play(1, utc_now(), actor=BEN)
    await house.plays(2)
    async with house.working():
        await house.emptied()
    assert [len(emulator.lastfm.person(name).heard) for name in ("anna", "anna2")] == [2, 2]
    assert len(emulator.listenbrainz.person("anna").heard) == 2


async def test_a_play_is_queued_with_its_transaction_or_not_at_all(house: Ground, emulator: Emulator) -> None:
    await linked_lastfm(house, emulator)
    with pytest.raises(ZeroDivisionError):
        async with house.db.write() as tx:
            listen = Listen(utc_now(), title="Song", artist="Ann")
            await house.listening.import_plays(tx, 1, [listen], live=True)
            raise ZeroDivisionError
    assert await waiting(house) == []


async def test_what_is_imported_is_told_to_nobody(house: Ground, emulator: Emulator) -> None:
    await linked_lastfm(house, emulator)
    async with house.db.write() as tx:
        listen = Listen(utc_now(), title="Song", artist="Ann", source="import:lastfm")
        await house.listening.import_plays(tx, 1, [listen])
    assert await waiting(house) == []


@pytest.mark.parametrize("kind", ["lastfm", "listenbrainz"])
@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 503},
        {"kind": "status", "status": 404},
        {"kind": "status", "status": 405},
        {"kind": "reset"},
        {"kind": "lost"},
        {"kind": "truncated"},
        {"kind": "html"},
        {"kind": "nonsense"},
        {"kind": "empty"},
        {"kind": "huge"},
        {"kind": "error", "code": 500},
    ],
    ids=lambda fault: "-".join(str(value) for value in fault.values()),
)
async def test_nothing_is_lost_and_nothing_doubled_whatever_goes_wrong(
    house: Ground, emulator: Emulator, kind: str, fault: dict[str, Any]
) -> None:
    account = await linked(house, emulator, kind)
    moments = await house.plays(3)
    emulator.world.faults.add(fault["kind"], service=kind, times=2, **{k: v for k, v in fault.items() if k != "kind"})
    async with house.working():
        await house.emptied()
    assert heard_at(emulator, kind) == moments
    assert emulator.services[kind].person("anna").changed == []  # type: ignore[attr-defined]
    view = await house.account(account)
    assert (view.refused, view.attempts, view.error) == (0, 0, None)


@pytest.mark.parametrize("kind", ["timeout", "slow"])
async def test_an_answer_that_does_not_come_in_time_is_no_answer(
    house: Ground, emulator: Emulator, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    await linked_lastfm(house, emulator)
    monkeypatch.setattr(lastfm, "SERVICE", replace(lastfm.SERVICE, timeout_s=0.3))
    moments = await house.plays(2)
    emulator.world.faults.add(kind, service="lastfm", route="track.scrobble", times=2, delay_s=1.5)
    async with house.working():
        await house.emptied()
    assert heard_at(emulator, "lastfm") == moments
    assert emulator.lastfm.person("anna").changed == []


@pytest.mark.parametrize("code", [8, 11, 16])
async def test_an_error_that_looks_like_a_success_is_no_success(house: Ground, emulator: Emulator, code: int) -> None:
    await linked_lastfm(house, emulator)
    moments = await house.plays(2)
    emulator.world.faults.add("error", service="lastfm", code=code, status=200, times=3)
    async with house.working():
        await house.emptied()
    assert heard_at(emulator, "lastfm") == moments


async def test_a_day_of_29_is_waited_out(house: Ground, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    account = await linked_lastfm(house, emulator)
    moments = await house.plays(2)
    emulator.world.faults.add("error", service="lastfm", code=29, until=emulator.world.clock() + 86_400)
    async with house.working():

        async def complains() -> Any:
            return (await house.account(account)).error

        error = await until(complains)
        assert error["code"] == "outside_throttled"
        view = await house.account(account)
        assert view.next_try_at is not None
        assert view.next_try_at > utc_now() + timedelta(minutes=10)
        assert len(emulator.world.calls.of("lastfm", "track.scrobble")) == 1
        emulator.world.clock.advance(86_401)
        house.outside._clock = lambda: emulator.world.clock()
        await try_at_once(house, account)
        await house.emptied()
    assert heard_at(emulator, "lastfm") == moments


async def test_days_without_a_connection_are_waited_out_ever_longer(house: Ground, emulator: Emulator) -> None:
    account = await linked_listenbrainz(house, emulator)
    emulator.world.faults.add("reset", service="listenbrainz")
    await house.plays(1)
    async with house.working():

        async def several() -> bool:
            return (await house.account(account)).attempts >= 3

        await until(several)
        moments = await house.plays(5)
        emulator.world.faults.clear()
        await house.emptied(60)
    assert set(moments) <= set(heard_at(emulator, "listenbrainz"))
    waits = [house.scrobbling._again_at(n, ConnectionFault()) - utc_now() for n in (1, 5, 30)]  # type: ignore[arg-type]
    assert waits[0] < timedelta(seconds=1)
    usual = replace(house.scrobbling._backoff, base_s=60.0, cap_s=6 * 3600.0)
    assert usual.ceiling_s(1) == 60
    assert usual.ceiling_s(30) == 6 * 3600


class ConnectionFault(Fault):
    def __init__(self) -> None:
        super().__init__("outside_transient", "no", "it")


async def test_the_breaker_keeps_a_service_that_is_down_in_peace(
    house: Ground, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "FIRST_OPEN_S", 0.3)
    await linked_listenbrainz(house, emulator)
    emulator.world.faults.add("status", service="listenbrainz", status=500, times=7)
    moments = await house.plays(1)
    async with house.working():
        await house.emptied()
    assert heard_at(emulator, "listenbrainz") == moments


async def test_a_refused_row_is_shown_with_its_reason_and_sent_again_by_hand(house: Ground, emulator: Emulator) -> None:
    account = await linked_lastfm(house, emulator)
    emulator.world.faults.add("refuse", service="lastfm", match="Song 1", code=2)
    moments = await house.plays(3)
    async with house.working():
        await house.emptied()
        assert heard_at(emulator, "lastfm") == [moments[0], moments[2]]
        (row,) = await waiting(house, "refused")
        assert (row.code, row.said, row.listen.title) == ("track_ignored", "Track was ignored", "Song 1")
        assert (await house.account(account)).refused == 1
        emulator.world.faults.clear()
        await house.scrobbling.retry(house.anna, row.id)
        with pytest.raises(NotRefused):
            await house.scrobbling.retry(house.anna, row.id)
        await house.emptied()
    assert heard_at(emulator, "lastfm") == moments
    with pytest.raises(ScrobbleNotFound):
        await house.scrobbling.retry(house.anna, row.id)


async def test_of_a_batch_that_is_refused_as_a_whole_only_the_bad_row_stays(house: Ground, emulator: Emulator) -> None:
    account = await linked_listenbrainz(house, emulator)
    emulator.world.faults.add("refuse", service="listenbrainz", match="Song 13")
    moments = await house.plays(40)
    async with house.working():
        await house.emptied()
    assert heard_at(emulator, "listenbrainz") == [at for n, at in enumerate(moments) if n != 13]
    (row,) = await waiting(house, "refused")
    assert row.said == "'Song 13' is not accepted."
    assert await house.scrobbling.dismiss_all(house.anna, account) == 1
    assert await waiting(house, "refused") == []


async def test_a_listen_too_old_for_last_fm_is_refused_and_the_others_are_not(
    house: Ground, emulator: Emulator
) -> None:
    await linked_lastfm(house, emulator)
    await house.play(1, utc_now() - timedelta(days=20))
    moments = await house.plays(2)
    async with house.working():
        await house.emptied()
    assert heard_at(emulator, "lastfm") == moments
    assert [row.code for row in await waiting(house, "refused")] == ["too_old"]


async def test_the_daily_limit_is_waited_out_and_refuses_nothing(house: Ground, emulator: Emulator) -> None:
    account = await linked_lastfm(house, emulator)
    emulator.lastfm.per_day = 2
    moments = await house.plays(3)
    async with house.working():

        async def waits() -> bool:
            return (await house.account(account)).error is not None

        await until(waits)
        view = await house.account(account)
        assert (view.error or {})["code"] == "daily_limit"
        assert (view.waiting, view.refused, view.sent) == (1, 0, 2)
        emulator.world.clock.advance(86_401)
        await try_at_once(house, account)
        await house.emptied()
    assert heard_at(emulator, "lastfm") == moments


@pytest.mark.parametrize("kind", ["lastfm", "listenbrainz"])
async def test_when_the_key_dies_a_sign_in_is_asked_for_and_nothing_is_lost(
    house: Ground, emulator: Emulator, kind: str
) -> None:
    account = await linked(house, emulator, kind)
    feed = ChangeFeed(house.db)
    cursor = await feed.newest()
    emulator.services[kind].revoke("anna")  # type: ignore[attr-defined]
    moments = await house.plays(2)
    async with house.working():
        view = await house.in_state(account, "needs_login")
        assert (view.error or {})["code"] == "needs_login"
        heard = await feed.since(cursor, house.anna, kinds=["scrobble_account"])
        assert [item.id for item in heard.items] == [f"sc-{account}"]
        assert (await feed.since(cursor, BEN, kinds=["scrobble_account"])).items == []
        calls = len(emulator.world.calls.of(kind))
        moments += await house.plays(1, utc_now() + timedelta(minutes=1))
        assert await house.scrobbling.sweep() == 0
        assert len(emulator.world.calls.of(kind)) == calls
        assert await linked(house, emulator, kind) == account, "the same account, with a new key"
        await house.emptied()
    assert heard_at(emulator, kind) == moments
    assert (await house.account(account)).state == "active"


async def test_wrong_keys_of_the_installation_wait_for_an_administrator(house: Ground, emulator: Emulator) -> None:
    account = await linked_lastfm(house, emulator)
    moments = await house.plays(1)
    secrets = dict(emulator.lastfm.keys)
    emulator.lastfm.keys = dict.fromkeys(secrets, "another")
    async with house.working():

        async def complains() -> bool:
            return (await house.account(account)).attempts > 1

        await until(complains)
        assert ((await house.account(account)).error or {})["code"] == "outside_auth"
        emulator.lastfm.keys = secrets
        await house.emptied()
    assert heard_at(emulator, "lastfm") == moments
    assert (await house.account(account)).refused == 0


async def test_stars_become_loves_and_only_the_newest_word_is_told(house: Ground, emulator: Emulator) -> None:
    music = await some_music(house.db)
    await linked_lastfm(house, emulator)
    track, other = (TypedId("tr", number) for number in music.tracks[0][:2])
    await house.listening.star(house.anna, [track, other])
    await house.listening.unstar(house.anna, [other])
    assert len(await waiting(house)) == 2
    async with house.working():
        await house.emptied()
        assert len(emulator.lastfm.person("anna").loved) == 1
        await house.listening.unstar(house.anna, [track])
        await house.emptied()
    assert emulator.lastfm.person("anna").loved == {}


async def test_hate_takes_the_place_of_a_love_at_listenbrainz_and_gives_it_back(
    house: Ground, emulator: Emulator
) -> None:
    music = await some_music(house.db)
    track, other = music.tracks[0][:2]
    mbids = {track: "9d2a8c9f-6a9e-4d9b-8d9a-0c3c57e40001", other: "9d2a8c9f-6a9e-4d9b-8d9a-0c3c57e40002"}
    async with house.db.write() as tx:
        for number, mbid in mbids.items():
            await tx.execute(update(Track).where(Track.id == number).values(musicbrainz_recording_id=mbid))
    await linked_lastfm(house, emulator)
    await linked_listenbrainz(house, emulator)
    both = [TypedId("tr", track), TypedId("tr", other)]
    there = emulator.listenbrainz.person("anna").feedback
    async with house.working():
        await house.listening.star(house.anna, both[:1])
        await house.listening.hate(house.anna, both)
        await house.emptied()
        assert there == {mbids[track]: -1, mbids[other]: -1}
        await house.listening.unhate(house.anna, both)
        await house.emptied()
    assert there == {mbids[track]: 1}, "what is starred is loved again, the other is neither"
    assert len(emulator.lastfm.person("anna").loved) == 1, "Last.fm only knows loves"


async def test_what_has_no_musicbrainz_id_cannot_be_loved_at_listenbrainz_and_says_so(
    house: Ground, emulator: Emulator
) -> None:
    music = await some_music(house.db)
    await linked_listenbrainz(house, emulator)
    await house.listening.star(house.anna, [TypedId("tr", music.tracks[0][0])])
    async with house.working():
        await house.emptied()
    assert [row.code for row in await waiting(house, "refused")] == ["no_mbid"]


async def test_loves_are_imported_and_do_not_go_round_in_circles(house: Ground, emulator: Emulator) -> None:
    _, tracks = await library_of(house.db, [Song("Sea", "Ann"), Song("Shore", "Ann")])
    account = await linked_lastfm(house, emulator)
    person = emulator.lastfm.person("anna")
    async with house.db.read() as conn:
        known = await house.listening._music.remembered(conn, house.anna, "track", tracks)
    loved, unstarred = (known[number] for number in tracks)
    when = int(utc_now().timestamp()) - 1000
    person.loved = {(loved.artist, loved.title): when, (unstarred.artist, unstarred.title): when, ("No", "One"): when}
    await house.listening.star(house.anna, [TypedId("tr", unstarred.id)])
    async with house.working():
        await house.emptied()
        emulator.world.faults.add("reset", service="lastfm", route="track.unlove")
        await house.listening.unstar(house.anna, [TypedId("tr", unstarred.id)])
        await house.scrobbling.import_loves_soon(house.anna, account)

        async def done() -> Any:
            return (await house.account(account)).loves_result

        assert await until(done) == {"loved": 3, "found": 2, "new": 1}
        assert [row.act for row in await waiting(house)] == ["unlove"], (
            "the star that came from there is not told there"
        )
        emulator.world.faults.clear()
        await try_at_once(house, account)
        await house.emptied()
    assert sorted(person.loved) == sorted([(loved.artist, loved.title), ("No", "One")])


async def test_the_nightly_round_imports_for_those_who_want_it(house: Ground, emulator: Emulator) -> None:
    account = await linked_lastfm(house, emulator)
    assert await house.scrobbling.import_all_loves() == 0
    await house.scrobbling.change_account(house.anna, account, choices={"import_loves": True})
    assert await house.scrobbling.import_all_loves() == 1


async def test_what_plays_now_is_told_at_once_or_not_at_all(house: Ground, emulator: Emulator) -> None:
    music = await some_music(house.db)
    await linked_lastfm(house, emulator)
    account = await linked_listenbrainz(house, emulator)
    await house.listening.now_playing(house.anna, music.tracks[0][0], client="Deck")

    async def told() -> bool:
        return bool(emulator.lastfm.person("anna").playing and emulator.listenbrainz.person("anna").playing)

    await until(told)
    await house.scrobbling.change_account(house.anna, account, choices={"now_playing": False})
    emulator.world.faults.add("reset")
    calls = len(emulator.world.calls.of("listenbrainz"))
    await house.listening.now_playing(house.anna, music.tracks[0][1], client="Deck")
    assert await waiting(house) == []

    async def tried() -> bool:
        return len(emulator.world.calls.of("lastfm", "track.updateNowPlaying")) == 2

    await until(tried)
    assert len(emulator.world.calls.of("listenbrainz")) == calls


async def test_choices_decide_what_is_sent(house: Ground, emulator: Emulator) -> None:
    account = await linked_lastfm(house, emulator)
    now = utc_now()
    await house.scrobbling.change_account(
        house.anna, account, choices={"without_sources": ["Subsonic"], "without_clients": ["kitchen"], "minimum_s": 60}
    )
    await house.play(1, now, source="subsonic")
    await house.play(2, now, client="Kitchen")
    await house.play(3, now, duration_ms=59_000)
    await house.play(4, now, title="")
    await house.play(5, now, duration_ms=61_000)
    assert [row.listen.title for row in await waiting(house)] == ["Song 5"]
    await house.scrobbling.change_account(house.anna, account, choices={"plays": False})
    await house.play(6, now)
    assert len(await waiting(house)) == 1


async def test_what_is_hated_is_not_sent_unless_it_is_wished(house: Ground, emulator: Emulator) -> None:
    music = await some_music(house.db)
    account = await linked_lastfm(house, emulator)
    track, other = music.tracks[0][:2]
    await house.listening.hate(house.anna, [TypedId("tr", track), TypedId("tr", other)])
    await house.scrobbling.change_account(house.anna, account, choices={"minimum_s": 0})
    await house.listening.play(house.anna, track)
    assert await waiting(house) == []
    await house.scrobbling.change_account(house.anna, account, choices={"hated": True})
    await house.listening.play(house.anna, other)
    assert len(await waiting(house)) == 1


async def test_a_paused_account_collects_and_goes_on(house: Ground, emulator: Emulator) -> None:
    account = await linked_lastfm(house, emulator)
    await house.scrobbling.change_account(house.anna, account, paused=True)
    moments = await house.plays(2)
    async with house.working():
        assert await house.scrobbling.sweep() == 0
        assert (await house.account(account)).waiting == 2
        await house.scrobbling.change_account(house.anna, account, paused=False)
        await house.emptied()
    assert heard_at(emulator, "lastfm") == moments


async def test_a_play_that_comes_as_the_queue_empties_is_sent_as_well(house: Ground, emulator: Emulator) -> None:
    """Jobs end beside plays that are counted, again and again, and no sweep helps."""
    await linked_listenbrainz(house, emulator)
    start = (utc_now() - timedelta(days=2)).replace(microsecond=0)
    chance = random.Random(4)

    async def listen(first: int) -> None:
        for number in range(first, first + 30):
            await house.play(number, start + timedelta(minutes=number))
            await asyncio.sleep(chance.uniform(0, 0.05))

    async with house.working():
        await asyncio.gather(*(listen(first) for first in (0, 100, 200)))
        await house.emptied()
    assert len(heard_at(emulator, "listenbrainz")) == 90
    assert emulator.listenbrainz.person("anna").sent == 90, "each was sent once"
    assert len(emulator.world.calls.of("listenbrainz", "submit-listens")) > 5


WAITS_FOR_A_LOCK = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


async def test_a_play_that_is_put_in_the_queue_while_the_last_one_is_sent_is_sent_as_well(
    house: Ground, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has seen that something waits; meanwhile the job sends that, and would end."""
    await linked_listenbrainz(house, emulator)
    start = (utc_now() - timedelta(days=2)).replace(microsecond=0)
    await house.play(1, start)
    looked, put = asyncio.Event(), rows.put

    async def job_is_at_its_end() -> bool:
        async with house.db.read() as conn:
            if await conn.scalar(select(Job.id).where(Job.state == "done")):
                return True
            return bool(await conn.scalar(text(WAITS_FOR_A_LOCK)))

    async def late(tx: Transaction, fresh: Any) -> None:
        looked.set()
        if tx.dialect == "postgresql":  # SQLite lets one write at a time
            await until(job_is_at_its_end)
        await put(tx, fresh)

    monkeypatch.setattr(rows, "put", late)
    second = asyncio.create_task(house.play(2, start + timedelta(minutes=1)))
    await looked.wait()
    async with house.working():
        await second
        await house.emptied()
    assert heard_at(emulator, "listenbrainz") == [int(start.timestamp()), int(start.timestamp()) + 60]


async def test_a_queue_that_nobody_sends_is_found_by_the_sweep(house: Ground, emulator: Emulator) -> None:
    await linked_lastfm(house, emulator)
    moments = await house.plays(1)
    async with house.db.write() as tx:
        await tx.execute(Job.__table__.update().values(state="failed"))  # type: ignore[attr-defined]
    async with house.working():
        assert await house.scrobbling.sweep() == 1
        await house.emptied()
    assert heard_at(emulator, "lastfm") == moments


async def test_the_sweep_wakes_a_job_that_sleeps_though_its_account_may_be_sent_to(
    house: Ground, emulator: Emulator
) -> None:
    """As where a person says "send now" in the moment in which the job goes to sleep."""
    account = await linked_lastfm(house, emulator)
    emulator.lastfm.per_day = 1
    await house.plays(2)
    async with house.working():
        await until(lambda: sleeps(house))
        emulator.world.clock.advance(86_401)
        async with house.db.write() as tx:
            table = ScrobbleAccount.__table__
            await tx.execute(table.update().where(table.c.id == account).values(next_try_at=None))  # type: ignore[attr-defined]
        assert await house.scrobbling.sweep() == 1
        await house.emptied()


async def sleeps(house: Ground) -> bool:
    async with house.db.read() as conn:
        return (
            await conn.execute(select(Job.id).where(Job.state == "queued", Job.run_at > utc_now()))
        ).first() is not None


async def test_a_play_that_is_taken_away_before_it_was_sent_is_not_sent(house: Ground, emulator: Emulator) -> None:
    await linked_lastfm(house, emulator)
    moments = await house.plays(3)
    async with house.db.read() as conn:
        plays = (await conn.scalars(select(Play.id).order_by(Play.played_at))).all()
    await house.listening.delete_plays(house.anna, [plays[1]])
    async with house.working():
        await house.emptied()
    assert heard_at(emulator, "lastfm") == [moments[0], moments[2]]


# linking


async def test_a_sign_in_is_for_who_began_it_for_a_while(house: Ground, emulator: Emulator) -> None:
    login = await house.scrobbling.begin_lastfm(house.anna, "https://segue.test/back")
    assert "cb=https%3A%2F%2Fsegue.test%2Fback%3Fstate%3D" in login.url
    with pytest.raises(LinkExpired):
        await house.scrobbling.finish_lastfm(BEN, login.state, "token")
    with pytest.raises(LinkExpired):
        await house.scrobbling.finish_lastfm(house.anna, "made up", "token")
    with pytest.raises(NotApproved):
        await house.scrobbling.finish_lastfm(house.anna, login.state)
    with pytest.raises(LinkExpired):
        await house.scrobbling.finish_lastfm(house.anna, login.state, "a token of nobody")
    desktop = await house.scrobbling.begin_lastfm(house.anna)
    with pytest.raises(NotApproved):
        await house.scrobbling.finish_lastfm(house.anna, desktop.state)
    emulator.lastfm.approve(desktop.url.rpartition("token=")[2], "anna")
    view = await house.scrobbling.finish_lastfm(house.anna, desktop.state, label="Mine")
    assert (view.name, view.label, view.state) == ("anna", "Mine", "active")


async def test_keys_are_kept_encrypted(house: Ground, emulator: Emulator) -> None:
    await linked_lastfm(house, emulator)
    await linked_listenbrainz(house, emulator)
    kept = repr(await stored_accounts(house.db))
    for secret in (*emulator.lastfm.sessions, *emulator.listenbrainz.tokens):
        assert secret not in kept


@pytest.mark.parametrize(
    "address",
    ["ftp://it", "no address", "http://", "http://a b", "https://it?x=1", "https://u:p@it", "http://it:99999"],
)
async def test_what_is_no_address_is_said(house: Ground, emulator: Emulator, address: str) -> None:
    with pytest.raises(BadAddress):
        await house.scrobbling.link_listenbrainz(house.anna, "token", address)


async def test_an_address_of_its_own_can_be_linked_and_a_wrong_token_is_said(
    house: Ground, emulator: Emulator, url: str
) -> None:
    token = emulator.listenbrainz.token_of("anna")
    root = replace(house.anna, roles=frozenset({"admin"}))
    with pytest.raises(PrivateAddress):
        await house.scrobbling.link_listenbrainz(house.anna, token, f"{url}/listenbrainz/./")
    with pytest.raises(TokenRefused):
        await house.scrobbling.link_listenbrainz(root, "wrong", f"{url}/listenbrainz")
    with pytest.raises(BadAddress):
        await house.scrobbling.link_listenbrainz(root, token, f"{url}/_control")
    usual = await house.scrobbling.link_listenbrainz(root, token, f"{url}/listenbrainz/1/")
    assert usual.base_url == "", "that is the usual one"
    other = url.replace("127.0.0.1", "localhost")
    view = await house.scrobbling.link_listenbrainz(root, token, f"{other}/listenbrainz/1")
    assert view.base_url == f"{other}/listenbrainz"
    assert view.id != usual.id
    moments = await house.plays(1)
    async with house.working():
        await house.emptied()
    assert heard_at(emulator, "listenbrainz") == moments
    assert emulator.listenbrainz.person("anna").sent == 2


async def test_a_test_tells_whether_the_key_is_good(house: Ground, emulator: Emulator) -> None:
    for kind in ("lastfm", "listenbrainz"):
        account = await linked(house, emulator, kind)
        assert await house.scrobbling.test(house.anna, account) == "anna"
        emulator.services[kind].revoke("anna")  # type: ignore[attr-defined]
        with pytest.raises(Fault):
            await house.scrobbling.test(house.anna, account)
        assert (await house.account(account)).state == "needs_login"


async def test_nobody_sees_or_changes_anothers_accounts(house: Ground, emulator: Emulator) -> None:
    account = await linked_lastfm(house, emulator)
    emulator.world.faults.add("refuse", service="lastfm", code=1)
    await house.plays(1)
    async with house.working():
        await house.emptied()
    (row,) = await waiting(house, "refused")
    assert await house.scrobbling.accounts(BEN) == []
    assert await house.scrobbling.queue(BEN, state="refused") == []
    for verb in ("account", "unlink", "test", "send_now", "retry_all", "dismiss_all", "import_loves_soon"):
        with pytest.raises(AccountNotFound):
            await getattr(house.scrobbling, verb)(BEN, account)
    for verb in ("retry", "dismiss"):
        with pytest.raises(ScrobbleNotFound):
            await getattr(house.scrobbling, verb)(BEN, row.id)


async def test_an_unlinked_account_leaves_nothing(house: Ground, emulator: Emulator) -> None:
    account = await linked_lastfm(house, emulator)
    await house.plays(2)
    await house.scrobbling.unlink(house.anna, account)
    async with house.db.read() as conn:
        assert await conn.scalar(select(func.count()).select_from(Scrobble)) == 0
    async with house.working():
        await house.plays(1)
    assert emulator.lastfm.person("anna").heard == {}


async def test_an_erased_person_leaves_no_account(house: Ground, emulator: Emulator) -> None:
    await linked_lastfm(house, emulator)
    await house.plays(1)
    async with house.db.write() as tx:
        await house.scrobbling.on_user_erased(tx, 1)
    assert await stored_accounts(house.db) == []


async def test_the_figures_tell_how_much_waits_and_was_sent(house: Ground, emulator: Emulator) -> None:
    await linked_lastfm(house, emulator)
    await house.plays(2)
    families = {family.name: family for family in await scrobbling_metrics(house.db)}
    assert families["segue_scrobble_queue"].samples[0].value == 2
    assert families["segue_scrobble_oldest_seconds"].samples[0].value > 60
    async with house.working():
        await house.emptied()
    families = {family.name: family for family in await scrobbling_metrics(house.db)}
    assert families["segue_scrobbles_sent"].samples[0].value == 2


async def test_without_keys_of_last_fm_nobody_is_sent_there(
    db: Database, house: Ground, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = replace(house.scrobbling._metadata.lastfm._keys(), api_key=None)
    monkeypatch.setattr(house.scrobbling._metadata.lastfm, "_keys", lambda: nothing)
    with pytest.raises(lastfm.LastfmNotSetUp):
        await house.scrobbling.begin_lastfm(house.anna)
