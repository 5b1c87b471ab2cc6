"""Staying signed in: access tokens, refresh tokens that turn, browser sessions, and their ends."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from segue.accounts.errors import (
    AdminOnly,
    CrossSiteRequest,
    InvalidApiKey,
    InvalidRefreshToken,
    InvalidToken,
    SessionNotFound,
)
from segue.accounts.models import AuditEntry, Session
from segue.accounts.service import COOKIE, AccountService, SignedIn
from segue.core.access import Actor
from segue.core.db import Database
from tests.accounts.conftest import Make
from tests.accounts.ground import KEYS, Clock

pytestmark = pytest.mark.anyio


def bearer(signed_in: SignedIn) -> dict[str, str]:
    return {"authorization": f"Bearer {signed_in.access_token}"}


def refresh_token(signed_in: SignedIn) -> str:
    assert signed_in.refresh_token
    return signed_in.refresh_token


@pytest.fixture
async def client(accounts: AccountService, ann: Actor) -> SignedIn:
    return await accounts.sign_in("ann", "battery staple", address="192.0.2.1", user_agent="Player/1.0")


@pytest.fixture
async def browser(accounts: AccountService, ann: Actor) -> SignedIn:
    return await accounts.sign_in("ann", "battery staple", browser=True, user_agent="Firefox")


async def test_an_access_token_lives_a_quarter_of_an_hour(
    accounts: AccountService, ann: Actor, client: SignedIn, clock: Clock
) -> None:
    assert client.expires_in_s == 900
    assert await accounts.actor_from_request(bearer(client), {}, "192.0.2.1", "POST") == ann
    clock.advance(minutes=14, seconds=59)
    assert await accounts.actor_from_request(bearer(client), {}, "192.0.2.1") == ann
    clock.advance(seconds=1)
    with pytest.raises(InvalidToken):
        await accounts.actor_from_request(bearer(client), {}, "192.0.2.1")


async def test_a_refresh_gives_a_new_pair_and_lives_on_for_seven_days(
    accounts: AccountService, ann: Actor, client: SignedIn, clock: Clock
) -> None:
    turned = client
    for _ in range(5):
        clock.advance(days=6)
        following = await accounts.refresh(refresh_token(turned), user_agent="Player/1.0")
        assert following.refresh_token != turned.refresh_token
        assert following.session_key == client.session_key
        assert await accounts.actor_from_request(bearer(following), {}, "") == ann
        turned = following
    clock.advance(days=7)
    with pytest.raises(InvalidRefreshToken):
        await accounts.refresh(refresh_token(turned))


async def test_a_refresh_token_used_twice_ends_its_whole_family(
    accounts: AccountService, client: SignedIn, clock: Clock, db: Database
) -> None:
    stolen = refresh_token(client)
    owner = await accounts.refresh(stolen, user_agent="Player/1.0")
    clock.advance(minutes=5)
    with pytest.raises(InvalidRefreshToken):
        await accounts.refresh(stolen, user_agent="Player/1.0")
    with pytest.raises(InvalidRefreshToken):
        await accounts.refresh(refresh_token(owner), user_agent="Player/1.0")
    with pytest.raises(InvalidToken):
        await accounts.actor_from_request(bearer(owner), {}, "")
    async with db.read() as conn:
        assert await conn.scalar(select(Session.revoked_because)) == "reused"
        reuses = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "session.reused")
        assert await conn.scalar(reuses) == 1


async def test_an_older_token_than_the_last_is_reuse_too(
    accounts: AccountService, client: SignedIn, clock: Clock
) -> None:
    second = await accounts.refresh(refresh_token(client), user_agent="Player/1.0")
    third = await accounts.refresh(refresh_token(second), user_agent="Player/1.0")
    with pytest.raises(InvalidRefreshToken):
        await accounts.refresh(refresh_token(client), user_agent="Player/1.0")
    with pytest.raises(InvalidRefreshToken):
        await accounts.refresh(refresh_token(third), user_agent="Player/1.0")


async def test_two_tabs_that_refresh_at_once_both_go_on_with_one_token(
    make: Make, accounts: AccountService, ann: Actor, client: SignedIn, clock: Clock
) -> None:
    services = [accounts, make(), make()]
    results = await asyncio.gather(
        *(service.refresh(refresh_token(client), user_agent="Player/1.0") for service in services * 3)
    )
    assert len({result.refresh_token for result in results}) == 1
    for result in results:
        assert await accounts.actor_from_request(bearer(result), {}, "") == ann
    clock.advance(minutes=15)
    assert await accounts.refresh(refresh_token(results[0]), user_agent="Player/1.0")


async def test_another_program_with_the_same_token_is_no_second_tab(accounts: AccountService, client: SignedIn) -> None:
    await accounts.refresh(refresh_token(client), user_agent="Player/1.0")
    with pytest.raises(InvalidRefreshToken):
        await accounts.refresh(refresh_token(client), user_agent="curl/8")


async def test_garbage_refreshes_nothing(accounts: AccountService, client: SignedIn) -> None:
    for token in ("", "x", "segue_r_", "segue_r_unknown.turn", "segue_r_" + "x" * 500, "segue_r_\ud800"):
        with pytest.raises(InvalidRefreshToken):
            await accounts.refresh(token)
    assert await accounts.refresh(refresh_token(client))


async def test_a_forged_turn_of_a_known_family_ends_it(accounts: AccountService, client: SignedIn) -> None:
    family = refresh_token(client).partition(".")[0]
    with pytest.raises(InvalidRefreshToken):
        await accounts.refresh(f"{family}.forged")
    with pytest.raises(InvalidRefreshToken):
        await accounts.refresh(refresh_token(client))


async def test_a_cookie_is_no_refresh_token_and_a_refresh_token_no_cookie(
    accounts: AccountService, client: SignedIn, browser: SignedIn
) -> None:
    assert browser.refresh_token is None
    assert client.cookie is None
    with pytest.raises(InvalidRefreshToken):
        await accounts.refresh(browser.cookie or "")
    assert await accounts.actor_from_request({}, {COOKIE: refresh_token(client)}, "") is None
    assert await accounts.actor_from_request({}, {COOKIE: client.access_token}, "") is None


async def test_signing_out_ends_access_at_once_in_every_process(
    make: Make, accounts: AccountService, ann: Actor, client: SignedIn, clock: Clock
) -> None:
    other = make()
    assert await other.actor_from_request(bearer(client), {}, "") == ann
    await accounts.sign_out(client.session_key)
    await accounts.sign_out(client.session_key)
    with pytest.raises(InvalidToken):
        await accounts.actor_from_request(bearer(client), {}, "")
    clock.advance(seconds=1)
    with pytest.raises(InvalidToken):
        await other.actor_from_request(bearer(client), {}, "")
    with pytest.raises(InvalidRefreshToken):
        await accounts.refresh(refresh_token(client))


async def test_any_token_of_the_family_signs_it_out(accounts: AccountService, client: SignedIn) -> None:
    following = await accounts.refresh(refresh_token(client))
    await accounts.sign_out_refresh_token(refresh_token(client))
    with pytest.raises(InvalidToken):
        await accounts.actor_from_request(bearer(following), {}, "")
    await accounts.sign_out_refresh_token("segue_r_unknown.turn")


async def test_a_changed_password_ends_every_session_but_the_one_that_changed_it(
    accounts: AccountService, ann: Actor, client: SignedIn, browser: SignedIn
) -> None:
    await accounts.change_own(
        ann, {}, password="another staple", current_password="battery staple", keep_session=client.session_key
    )
    assert [session.key for session in await accounts.sessions(ann)] == [client.session_key]
    assert await accounts.actor_from_request(bearer(client), {}, "") == ann
    assert await accounts.actor_from_request({}, {COOKIE: browser.cookie or ""}, "") is None


async def test_an_administrator_sets_a_password_and_everything_ends(
    accounts: AccountService, ann: Actor, admin: Actor, client: SignedIn
) -> None:
    with pytest.raises(AdminOnly):
        await accounts.set_password(ann, admin.person, "another staple")
    await accounts.set_password(admin, ann.person, "another staple")
    assert await accounts.sessions(ann) == []
    with pytest.raises(InvalidToken):
        await accounts.actor_from_request(bearer(client), {}, "")


async def test_a_disabled_person_is_signed_out_everywhere(
    accounts: AccountService, ann: Actor, admin: Actor, client: SignedIn, browser: SignedIn
) -> None:
    await accounts.change_user(admin, ann.person, {"disabled": True})
    with pytest.raises(InvalidToken):
        await accounts.actor_from_request(bearer(client), {}, "")
    assert await accounts.actor_from_request({}, {COOKIE: browser.cookie or ""}, "") is None
    with pytest.raises(InvalidRefreshToken):
        await accounts.refresh(refresh_token(client))


async def test_new_roles_and_libraries_count_at_once_for_tokens_already_given(
    accounts: AccountService, ann: Actor, admin: Actor, client: SignedIn
) -> None:
    assert await accounts.actor_from_request(bearer(client), {}, "") == ann
    await accounts.change_user(admin, ann.person, {"roles": ["admin"]})
    actor = await accounts.actor_from_request(bearer(client), {}, "")
    assert actor is not None
    assert actor.is_admin


async def test_an_access_token_made_under_an_earlier_key_still_counts(make: Make, ann: Actor, client: SignedIn) -> None:
    rotated = make(keys=[b"a new key for these tests, of 32", *KEYS])
    assert await rotated.actor_from_request(bearer(client), {}, "") == ann
    foreign = make(keys=[b"a new key for these tests, of 32"])
    with pytest.raises(InvalidToken):
        await foreign.actor_from_request(bearer(client), {}, "")


async def test_people_see_where_they_are_signed_in_and_end_it(
    accounts: AccountService, ann: Actor, admin: Actor, client: SignedIn, browser: SignedIn
) -> None:
    views = {view.key: view for view in await accounts.sessions(ann, current=browser.session_key)}
    assert {(view.kind, view.user_agent, view.current) for view in views.values()} == {
        ("client", "Player/1.0", False),
        ("browser", "Firefox", True),
    }
    with pytest.raises(SessionNotFound):
        await accounts.revoke_session(admin, client.session_key)
    await accounts.revoke_session(ann, client.session_key)
    assert [view.key for view in await accounts.sessions(ann)] == [browser.session_key]
    with pytest.raises(SessionNotFound):
        await accounts.revoke_session(ann, client.session_key)


async def test_a_remembered_browser_stays_signed_in_while_it_is_used(
    accounts: AccountService, ann: Actor, browser: SignedIn, clock: Clock
) -> None:
    cookies = {COOKIE: browser.cookie or ""}
    assert browser.cookie_max_age_s == timedelta(days=30).total_seconds()
    for _ in range(4):
        clock.advance(days=25)
        assert await accounts.actor_from_request({}, cookies, "") == ann
        await accounts.settle()
    clock.advance(days=30)
    assert await accounts.actor_from_request({}, cookies, "") is None


async def test_a_browser_that_is_not_remembered_forgets_sooner(
    accounts: AccountService, ann: Actor, clock: Clock
) -> None:
    signed_in = await accounts.sign_in("ann", "battery staple", browser=True, remember=False)
    assert signed_in.cookie_max_age_s is None
    clock.advance(days=7)
    assert await accounts.actor_from_request({}, {COOKIE: signed_in.cookie or ""}, "") is None


async def test_a_cookie_changes_things_only_from_our_own_pages(
    accounts: AccountService, ann: Actor, browser: SignedIn
) -> None:
    cookies = {COOKIE: browser.cookie or ""}
    ours = {"host": "segue.lan:4747", "origin": "http://segue.lan:4747"}
    for method in ("POST", "PUT", "PATCH", "DELETE", "WEBSOCKET"):
        assert await accounts.actor_from_request(ours, cookies, "", method) == ann
        for theirs in (
            {**ours, "origin": "http://evil.example"},
            {**ours, "sec-fetch-site": "cross-site"},
            {"host": "x"},
        ):
            with pytest.raises(CrossSiteRequest):
                await accounts.actor_from_request(theirs, cookies, "", method)
    assert await accounts.actor_from_request({"sec-fetch-site": "cross-site"}, cookies, "", "GET") == ann


async def test_an_app_password_is_a_bearer_for_scripts(accounts: AccountService, ann: Actor) -> None:
    made = await accounts.create_app_password(ann, "Script", kind="key")
    identity = await accounts.identity_from_request({"authorization": f"bearer {made.secret}"}, {}, "", "DELETE")
    assert identity is not None
    assert (identity.actor, identity.kind, identity.app_password_id) == (ann, "app_password", made.view.id)
    with pytest.raises(InvalidApiKey):
        await accounts.actor_from_request({"authorization": "Bearer segue_unknown"}, {}, "")


async def test_who_says_nothing_is_nobody(accounts: AccountService) -> None:
    for header in ("", "Bearer", "Bearer ", "Basic YW5uOng=", "Digest x"):
        assert await accounts.actor_from_request({"authorization": header}, {}, "") is None
    assert await accounts.actor_from_request({}, {COOKIE: "segue_c_unknown"}, "") is None


async def test_housekeeping_forgets_what_is_past_its_time(
    accounts: AccountService, db: Database, ann: Actor, client: SignedIn, clock: Clock
) -> None:
    assert await accounts.purge() == {"sessions": 0, "audit": 0}
    clock.advance(days=10)
    assert await accounts.purge() == {"sessions": 0, "audit": 0}
    clock.advance(days=5)
    assert (await accounts.purge())["sessions"] == 1
    clock.advance(days=360)
    assert (await accounts.purge())["audit"] == 3
    async with db.read() as conn:
        assert await conn.scalar(select(func.count()).select_from(AuditEntry)) == 0


async def test_everything_at_once_waits_its_turn_and_nothing_breaks(
    make: Make, accounts: AccountService, ann: Actor, admin: Actor, client: SignedIn
) -> None:
    """Writes that end sessions, change people and turn tokens take their locks in one order."""
    services = [accounts, make(), make()]
    others = [await accounts.sign_in("ann", "battery staple") for _ in range(9)]

    async def one(number: int) -> None:
        service, session = services[number % 3], others[number]
        await service.refresh(refresh_token(session), user_agent="")
        await service.change_user(admin, ann.person, {"display_name": f"Ann {number}"})
        if number % 3 == 0:
            await service.sign_out(session.session_key)
        elif number % 3 == 1:
            await service.revoke_session(ann, session.session_key)
        else:
            with pytest.raises(InvalidRefreshToken):
                await service.refresh(refresh_token(session), user_agent="a thief")
        await service.create_app_password(ann, f"App {number}")

    await asyncio.gather(*(one(number) for number in range(9)))
    assert [view.key for view in await accounts.sessions(ann)] == [client.session_key]
    assert len(await accounts.app_passwords(ann)) == 9
