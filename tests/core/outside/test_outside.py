"""Whatever a service does, who asks gets a value, None, or one of five faults; and nobody asks more often than allowed."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from segue.core.db import Database
from segue.core.outside import (
    Answer,
    AuthFailed,
    Fault,
    Kept,
    Limit,
    ProviderBug,
    QuotaExhausted,
    Throttled,
    Transient,
    sending,
)
from segue.core.outside import rows as stored
from segue.core.outside.metrics import outside_metrics
from segue.core.outside.models import OutsideAnswer
from tests.core.outside.ground import Moved, a_service, an_ask, asking

pytestmark = pytest.mark.anyio


def said(status: int = 200, *, headers: dict[str, str] | None = None, **body: Any) -> httpx2.Response:
    return httpx2.Response(status, json=body, headers=headers)


async def test_an_answer_is_read_and_a_definite_no_is_none(db: Database) -> None:
    answers = [said(word="yes"), said(404, error="no such thing")]
    async with asking(db, lambda _request: answers.pop(0)) as outside:
        assert await outside.ask(a_service(), an_ask(read=lambda value: value["word"])) == "yes"
        assert await outside.ask(a_service(), an_ask()) is None


@pytest.mark.parametrize(
    ("response", "kind", "reason"),
    [
        (said(429, headers={"Retry-After": "7"}), Throttled, "throttled"),
        (said(401), AuthFailed, "http_401"),
        (said(500), Transient, "server_error"),
        (said(400, error="what?"), ProviderBug, "refused"),
        (httpx2.Response(200, html="<html>Sign in to the hotel</html>"), ProviderBug, "html"),
        (httpx2.Response(200, content=b""), ProviderBug, "empty"),
        (httpx2.Response(200, content=b"\xff\x00{"), ProviderBug, "not_json"),
        (httpx2.Response(200, content=b"[" * 100_000), ProviderBug, "not_json"),
        (httpx2.DecodingError("no gzip"), ProviderBug, "nonsense"),
        (httpx2.Response(301, headers={"Location": "https://elsewhere.test/"}), ProviderBug, "redirect"),
        (httpx2.Response(301, headers={"Location": "file:///etc/passwd"}), ProviderBug, "redirect"),
        (httpx2.Response(301, headers={"Location": "/1/tell"}), ProviderBug, "redirect"),
        (httpx2.ConnectError("no route"), Transient, "unreachable"),
        (httpx2.ReadTimeout("slow"), Transient, "timeout"),
        (httpx2.RemoteProtocolError("half"), Transient, "broken_off"),
        (ssl.SSLError("bad certificate"), Transient, "broken_off"),
        (OSError("something"), Transient, "broken_off"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
async def test_whatever_happens_is_one_of_five_faults(
    db: Database, response: Any, kind: type[Fault], reason: str
) -> None:
    def answer(_request: httpx2.Request) -> httpx2.Response:
        if isinstance(response, Exception):
            raise response
        return response

    async with asking(db, answer) as outside:
        with pytest.raises(kind) as caught:
            await outside.ask(a_service(), an_ask(read=lambda value: value["word"]))
    assert caught.value.reason == reason
    async with db.read() as conn:
        (gate,) = await stored.gates(conn)
    assert gate.last_fault["reason"] == reason


async def test_an_answer_of_another_shape_is_the_services_bug(db: Database) -> None:
    async with asking(db, lambda _request: said(other=[1])) as outside:
        for read in (lambda value: value["word"], lambda value: int(value["other"]), lambda value: value.nothing):
            with pytest.raises(ProviderBug):
                await outside.ask(a_service(), an_ask(read=read))
        with pytest.raises(ProviderBug):
            await outside.ask(a_service(classify=lambda answer: answer.data["word"]), an_ask())


async def test_an_answer_without_end_is_cut_off(db: Database) -> None:
    taken = 0

    async def zeros() -> Any:
        nonlocal taken
        while True:
            taken += 65_536
            yield b"0" * 65_536

    async with asking(db, lambda _request: httpx2.Response(200, content=zeros())) as outside:
        with pytest.raises(ProviderBug) as caught:
            await outside.ask(a_service(max_bytes=100_000), an_ask())
    assert caught.value.reason == "too_large"
    assert taken < 1_000_000


async def test_a_read_is_led_on_within_the_service_and_a_write_nowhere(db: Database) -> None:
    asked: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(f"{request.method} {request.url}")
        if request.url.path == "/1/tell":
            return httpx2.Response(302, headers={"Location": "/1/there"})
        return said(word="yes")

    async with asking(db, answer) as outside:
        assert await outside.ask(a_service(), an_ask()) == {"word": "yes"}
        with pytest.raises(ProviderBug):
            await outside.ask(a_service(), an_ask(method="POST", form={"a": "b"}))
    assert asked == [
        "GET https://oracle.test/1/tell",
        "GET https://oracle.test/1/there",
        "POST https://oracle.test/1/tell",
    ]


async def test_a_cookie_is_not_kept(db: Database) -> None:
    cookies: list[str | None] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        cookies.append(request.headers.get("cookie"))
        return said(headers={"Set-Cookie": "who=anna; Path=/"})

    async with asking(db, answer) as outside:
        await outside.ask(a_service(), an_ask())
        await outside.ask(a_service(), an_ask())
    assert cookies == [None, None]


async def test_two_processes_keep_one_limit_together(db: Database) -> None:
    clock = Moved()
    sent: list[float] = []

    def answer(_request: httpx2.Request) -> httpx2.Response:
        sent.append(clock.now)
        return said()

    service = a_service(limits=(Limit(2, 1.0),))
    async with asking(db, answer, clock) as one, asking(db, answer, clock) as other:
        for _ in range(4):
            await one.ask(service, an_ask())
            await other.ask(service, an_ask())
    assert len(sent) == 8
    assert sent[-1] - sent[0] == pytest.approx(3.5)


async def test_what_one_process_was_told_all_keep_to(db: Database) -> None:
    clock = Moved()
    answers = [said(429, headers={"Retry-After": "120"}), said(word="yes")]
    async with (
        asking(db, lambda _r: answers.pop(0), clock) as one,
        asking(db, lambda _r: answers.pop(0), clock) as other,
    ):
        with pytest.raises(Throttled):
            await one.ask(a_service(), an_ask())
        with pytest.raises(Throttled) as caught:
            await other.ask(a_service(), an_ask())
        assert 100 < caught.value.retry_at.timestamp() - clock.now <= 121
        assert len(answers) == 1, "nobody was asked"
        clock.now += 121
        assert await other.ask(a_service(), an_ask()) == {"word": "yes"}


async def test_a_used_up_quota_is_waited_for(db: Database) -> None:
    clock = Moved()

    def classify(answer: Answer) -> Any:
        raise QuotaExhausted(answer.service, answer.moment_in(3600))

    async with asking(db, lambda _request: said(), clock) as outside:
        for _ in range(2):
            with pytest.raises(QuotaExhausted):
                await outside.ask(a_service(classify=classify), an_ask())


async def test_a_service_that_fails_is_left_in_peace_and_tried_again(db: Database) -> None:
    clock = Moved()
    asked = 0
    broken = True

    def answer(_request: httpx2.Request) -> httpx2.Response:
        nonlocal asked
        asked += 1
        return said(500) if broken else said(word="yes")

    async with asking(db, answer, clock) as outside:
        for _ in range(8):
            with pytest.raises(Transient) as caught:
                await outside.ask(a_service(), an_ask())
        assert asked == 5
        assert caught.value.reason == "breaker"
        assert caught.value.retry_at is not None
        broken = False
        clock.now += 31
        assert await outside.ask(a_service(), an_ask()) == {"word": "yes"}
        assert await outside.ask(a_service(), an_ask()) == {"word": "yes"}
    families = {family.name: family for family in await outside_metrics(db)}
    counts = {sample.labels["outcome"]: sample.value for sample in families["segue_outside_requests"].samples}
    assert counts == {"transient": 8, "ok": 2}
    assert families["segue_outside_breaker"].samples[0].labels["state"] == "closed"


async def test_a_wrong_question_is_no_failure_of_the_service(db: Database) -> None:
    async with asking(db, lambda _request: said(400, error="what?")) as outside:
        for _ in range(10):
            with pytest.raises(ProviderBug) as caught:
                await outside.ask(a_service(), an_ask())
    assert caught.value.reason == "refused"


async def test_many_who_ask_the_same_at_once_are_one_question(db: Database) -> None:
    asked = 0

    async def answer(_request: httpx2.Request) -> httpx2.Response:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0.02)
        return said(word="yes")

    async with asking(db, answer) as outside:
        ask = an_ask(kept=Kept(3600), name="the word")
        found = await asyncio.gather(*(outside.ask(a_service(), ask) for _ in range(20)))
    assert found == [{"word": "yes"}] * 20
    assert asked == 1


async def test_what_was_answered_is_kept_with_its_time_and_read_again_by_a_better_reader(db: Database) -> None:
    clock = Moved()
    answers = [said(word="yes"), said(word="no")]
    kept = Kept(fresh_s=600, stale_s=86_400)
    async with asking(db, lambda _request: answers.pop(0), clock) as outside:
        assert await outside.ask(a_service(), an_ask(kept=kept)) == {"word": "yes"}
    async with asking(db, lambda _request: answers.pop(0), clock) as later:
        shout = an_ask(kept=kept, read=lambda value: value["word"].upper())
        assert await later.ask(a_service(), shout) == "YES"
        assert len(answers) == 1
        clock.now += 601
        assert await later.ask(a_service(), shout) == "NO"
    async with db.read() as conn:
        (row,) = (await conn.execute(select(OutsideAnswer.__table__))).all()
    assert (row.service, row.kind, row.is_none) == ("oracle", "tell", False)


async def test_an_old_answer_is_better_than_a_fault(db: Database) -> None:
    clock = Moved()
    answers = [said(word="yes")]

    def answer(_request: httpx2.Request) -> httpx2.Response:
        return answers.pop(0) if answers else said(503)

    ask = an_ask(kept=Kept(fresh_s=60, stale_s=1000))
    async with asking(db, answer, clock) as outside:
        await outside.ask(a_service(), ask)
        clock.now += 500
        assert await outside.ask(a_service(), ask) == {"word": "yes"}
        clock.now += 600
        with pytest.raises(Transient):
            await outside.ask(a_service(), ask)


async def test_a_definite_no_is_remembered_for_a_while(db: Database) -> None:
    clock = Moved()
    answers = [said(404), said(word="yes")]
    ask = an_ask(kept=Kept(fresh_s=9999, none_s=60))
    async with asking(db, lambda _request: answers.pop(0), clock) as outside:
        assert await outside.ask(a_service(), ask) is None
        assert await outside.ask(a_service(), ask) is None
        clock.now += 61
        assert await outside.ask(a_service(), ask) == {"word": "yes"}


async def test_with_outside_services_off_nobody_is_asked(db: Database) -> None:
    def answer(_request: httpx2.Request) -> httpx2.Response:
        raise AssertionError("asked")

    async with asking(db, answer, enabled=lambda: False) as outside:
        with pytest.raises(Transient) as caught:
            await outside.ask(a_service(), an_ask())
    assert caught.value.reason == "off"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "10.1.2.3", "[::1]", "169.254.169.254", "[::ffff:192.168.1.1]", "localhost"]
)
async def test_an_address_of_our_own_network_is_not_asked_for_somebody_elses_sake(db: Database, host: str) -> None:
    def answer(_request: httpx2.Request) -> httpx2.Response:
        raise AssertionError("asked")

    async with asking(db, answer) as outside:
        with pytest.raises(ProviderBug) as caught:
            await outside.ask(a_service(), an_ask(base_url=f"http://{host}/", public_only=True))
    assert caught.value.reason == "private_address"


async def test_the_address_that_was_checked_is_the_one_that_is_asked(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, str, str]] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append((str(request.url), request.headers["host"], request.extensions["sni_hostname"]))
        return said(word="yes")

    async def looked_up(_service: str, host: str, _port: int) -> str:
        return {"oracle.test": "203.0.113.7"}[host]

    monkeypatch.setattr(sending, "public_address", looked_up)
    async with asking(db, answer) as outside:
        ask = an_ask(base_url="https://oracle.test:8443/x", public_only=True)
        assert await outside.ask(a_service(), ask) == {"word": "yes"}
    assert asked == [("https://203.0.113.7:8443/x/tell", "oracle.test:8443", "oracle.test")]


async def test_secrets_are_in_no_fault_and_in_no_table(db: Database, capfd: pytest.CaptureFixture[str]) -> None:
    async with asking(db, lambda _request: said(500)) as outside:
        ask = an_ask(
            method="POST", form={"sk": "HUSH-1"}, query={"token": "HUSH-2"}, headers={"Authorization": "HUSH-3"}
        )
        with pytest.raises(Transient) as caught:
            await outside.ask(a_service(), ask)
    assert "HUSH" not in repr(vars(caught.value))
    async with db.read() as conn:
        assert "HUSH" not in repr(await stored.gates(conn)) + repr(await stored.totals(conn))
    captured = capfd.readouterr()
    assert "HUSH" not in captured.out + captured.err


def streamed(status: int, body: bytes = b"") -> httpx2.Response:
    """An answer that is still to be read, as a real one is."""

    async def chunks() -> AsyncIterator[bytes]:
        yield body

    return httpx2.Response(status, content=chunks())


@pytest.mark.parametrize(
    ("to", "allowed"),
    [
        ("https://ia601500.us.oracle.test/file", True),
        ("https://oracle.test/file", True),
        ("https://ORACLE.test./file", True),
        ("https://evil-oracle.test/file", False),
        ("https://oracle.test.evil.test/file", False),
        ("http://127.0.0.1/file", False),
        ("https://user@evil.test/oracle.test", False),
    ],
)
async def test_a_redirect_leads_no_further_than_the_domain_that_a_service_declares(
    db: Database, to: str, allowed: bool
) -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.path == "/1/tell":
            return httpx2.Response(302, headers={"Location": to})
        return streamed(200, b"bytes")

    service = a_service(redirect_hosts=frozenset((".oracle.test",)))
    async with asking(db, answer) as outside:
        if allowed:
            async with outside.open(service, an_ask()) as opened:
                assert opened is not None and b"".join([chunk async for chunk in opened.chunks()]) == b"bytes"
        else:
            with pytest.raises(ProviderBug) as caught:
                async with outside.open(service, an_ask()):
                    pass
            assert caught.value.reason == "redirect"


async def test_a_large_answer_that_is_none_is_a_fault_or_a_definite_no(db: Database) -> None:
    answers = [streamed(404), streamed(500), streamed(418, b"tea")]
    async with asking(db, lambda _request: answers.pop(0)) as outside:
        async with outside.open(a_service(), an_ask()) as opened:
            assert opened is None
        for kind in (Transient, ProviderBug):
            with pytest.raises(kind):
                async with outside.open(a_service(), an_ask()):
                    pass


async def test_an_answer_that_must_be_new_is_asked_for_though_one_is_kept(db: Database) -> None:
    answers = [said(word="old"), said(word="new"), said(500)]
    kept = Kept(3600, stale_s=3600, in_memory=False)
    fresh = Kept(3600, stale_s=3600, oldest_s=0, in_memory=False)
    async with asking(db, lambda _request: answers.pop(0)) as outside:

        async def word(kept: Kept) -> Any:
            return await outside.ask(a_service(), an_ask(kept=kept, read=lambda value: value["word"]))

        assert [await word(kept), await word(kept), await word(fresh), await word(kept), await word(fresh)] == [
            *("old", "old", "new", "new", "new")
        ]
        figures = await outside.kept_of(a_service())
        assert figures.outcomes[("tell", "cached")] == 2 and figures.outcomes[("tell", "stale")] == 1
        assert await outside.forget(a_service()) == 1 and (await outside.kept_of(a_service())).by_kind == {}
