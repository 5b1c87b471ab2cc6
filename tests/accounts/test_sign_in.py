"""Signing in with the login password: by either name, never faster for the unknown, slower for guessers."""

from __future__ import annotations

import asyncio
import json

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select
from structlog.testing import capture_logs

from segue.accounts.errors import TooManyAttempts, WrongCredentials, WrongCurrentPassword
from segue.accounts.models import AppPassword, AuditEntry, Session, User
from segue.accounts.passwords import WAITING_AT_MOST, Passwords, SignInBusy
from segue.accounts.service import AccountService
from segue.core.access import SYSTEM, Actor
from segue.core.db import Database
from tests.accounts.conftest import Make
from tests.accounts.ground import CHEAP, Clock

pytestmark = pytest.mark.anyio


class CountingHasher(PasswordHasher):
    """Argon2id that counts its verifications."""

    def __init__(self, **cost: int) -> None:
        super().__init__(**(cost or {"time_cost": 1, "memory_cost": 8, "parallelism": 1}))
        self.verified = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # type: ignore[override]
        self.verified += 1
        return super().verify(hash, password)


async def test_one_signs_in_by_username_or_email_in_any_case(accounts: AccountService, ann: Actor) -> None:
    for login in ("ann", "ANN", " Ann ", "ann@example.org", "Ann@Example.ORG"):
        assert (await accounts.authenticate_password(login, "battery staple")).user_id == ann.user_id


async def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(accounts: AccountService, ann: Actor) -> None:
    for number, (login, password) in enumerate(
        [
            ("ann", "wrong"),
            ("ann", ""),
            ("nobody", "battery staple"),
            ("", ""),
            ("ann\0", "x"),
            ("ann", "\ud800"),
            ("a" * 9999, "x" * 9999),
        ]
    ):
        with pytest.raises(WrongCredentials) as refused:
            await accounts.authenticate_password(login, password, f"192.0.2.{number}")
        assert (refused.value.code, refused.value.message) == ("wrong_credentials", "Wrong username or password.")


async def test_an_unknown_name_costs_the_same_verification(make: Make, ann: Actor) -> None:
    hasher = CountingHasher()
    accounts = make(hasher=hasher)
    for number, login in enumerate(("ann", "nobody")):
        with pytest.raises(WrongCredentials):
            await accounts.authenticate_password(login, "wrong")
        assert hasher.verified == number + 1


async def test_a_verified_password_is_believed_for_minutes(make: Make, ann: Actor, clock: Clock) -> None:
    hasher = CountingHasher()
    accounts = make(hasher=hasher, verified_minutes=10)
    for _ in range(5):
        await accounts.authenticate_password("ann", "battery staple")
    assert hasher.verified == 1
    clock.advance(minutes=11)
    await accounts.authenticate_password("ann", "battery staple")
    assert hasher.verified == 2


async def test_many_first_requests_at_once_verify_once(make: Make, ann: Actor) -> None:
    hasher = CountingHasher()
    accounts = make(hasher=hasher)
    actors = await asyncio.gather(*(accounts.authenticate_password("ann", "battery staple") for _ in range(20)))
    assert {actor.user_id for actor in actors} == {ann.user_id}
    assert hasher.verified == 1


async def test_a_changed_password_ends_what_was_believed(accounts: AccountService, ann: Actor) -> None:
    await accounts.authenticate_password("ann", "battery staple")
    await accounts.set_password(ann, ann.person, "another staple")
    with pytest.raises(WrongCredentials):
        await accounts.authenticate_password("ann", "battery staple")
    assert await accounts.authenticate_password("ann", "another staple")


async def test_a_change_in_one_process_reaches_the_other_within_a_second(make: Make, ann: Actor, clock: Clock) -> None:
    web, command = make(recheck_s=1.0), make()
    await web.authenticate_password("ann", "battery staple")
    await command.set_password(SYSTEM, ann.person, "another staple")
    clock.advance(seconds=1)
    with pytest.raises(WrongCredentials):
        await web.authenticate_password("ann", "battery staple")


async def test_a_disabled_person_is_nobody_and_comes_back(accounts: AccountService, ann: Actor, admin: Actor) -> None:
    await accounts.authenticate_password("ann", "battery staple")
    await accounts.change_user(admin, ann.person, {"disabled": True})
    with pytest.raises(WrongCredentials):
        await accounts.authenticate_password("ann", "battery staple")
    await accounts.change_user(admin, ann.person, {"disabled": False})
    assert await accounts.authenticate_password("ann", "battery staple")


async def test_an_old_hash_is_renewed_at_the_next_sign_in(make: Make, db: Database, ann: Actor) -> None:
    stronger = CountingHasher(time_cost=2, memory_cost=16, parallelism=1)
    accounts = make(hasher=stronger)
    first, second = await asyncio.gather(*(accounts.sign_in("ann", "battery staple") for _ in range(2)))
    assert first.person.id == second.person.id == ann.user_id
    async with db.read() as conn:
        kept = await conn.scalar(select(User.password_hash).where(User.id == ann.person))
    assert "m=16,t=2" in str(kept)
    assert await accounts.sign_in("ann", "battery staple")


async def test_guesses_are_slowed_down_and_told_when_to_come_back(
    accounts: AccountService, ann: Actor, clock: Clock
) -> None:
    for number in range(6):
        with pytest.raises(WrongCredentials):
            await accounts.authenticate_password("ann", f"guess {number}", "192.0.2.1")
    with pytest.raises(TooManyAttempts) as refused:
        await accounts.authenticate_password("ann", "battery staple", "192.0.2.1")
    assert refused.value.status == 429
    assert 0 < refused.value.retry_after_s <= 300
    clock.advance(seconds=refused.value.retry_after_s)
    assert await accounts.authenticate_password("ann", "battery staple", "192.0.2.1")


async def test_the_owner_is_never_locked_out_from_elsewhere(accounts: AccountService, ann: Actor) -> None:
    for number in range(6):
        with pytest.raises(WrongCredentials):
            await accounts.authenticate_password("ann", f"guess {number}", "192.0.2.1")
    with pytest.raises(TooManyAttempts):
        await accounts.authenticate_password("ann", "battery staple", "192.0.2.1")
    assert await accounts.authenticate_password("ann", "battery staple", "192.0.2.2")


async def test_a_believed_password_gives_a_waiting_guesser_nothing(accounts: AccountService, ann: Actor) -> None:
    await accounts.authenticate_password("ann", "battery staple", "192.0.2.2")
    for number in range(6):
        with pytest.raises(WrongCredentials):
            await accounts.authenticate_password("ann", f"guess {number}", "192.0.2.1")
    with pytest.raises(TooManyAttempts):
        await accounts.authenticate_password("ann", "battery staple", "192.0.2.1")


async def test_a_phone_with_an_old_password_does_not_lock_its_household_out(
    accounts: AccountService, ann: Actor
) -> None:
    for _ in range(50):
        with pytest.raises(WrongCredentials):
            await accounts.authenticate_password("ann", "last year's password", "192.0.2.1")
    assert await accounts.authenticate_password("ann", "battery staple", "192.0.2.1")


async def test_a_hundred_guesses_at_once_are_not_a_hundred_free_ones(make: Make, ann: Actor) -> None:
    hasher = CountingHasher()
    accounts = make(hasher=hasher)
    guesses = (accounts.authenticate_password("ann", f"guess {number}", "192.0.2.1") for number in range(60))
    results = await asyncio.gather(*guesses, return_exceptions=True)
    assert sum(isinstance(result, WrongCredentials) for result in results) == hasher.verified == 6
    assert sum(isinstance(result, TooManyAttempts) for result in results) == 54


async def test_one_address_that_tries_many_names_is_slowed_down_too(accounts: AccountService, ann: Actor) -> None:
    results = []
    for number in range(40):
        try:
            await accounts.authenticate_password(f"person {number}", "123456789", "192.0.2.1")
        except (WrongCredentials, TooManyAttempts) as error:
            results.append(type(error))
    assert TooManyAttempts in results
    assert results.index(TooManyAttempts) > 20


async def test_a_flood_of_sign_ins_is_turned_away_before_it_fills_the_memory() -> None:
    passwords = Passwords(CHEAP)
    results = await asyncio.gather(
        *(passwords.verify(None, f"guess {n}") for n in range(WAITING_AT_MOST + 10)), return_exceptions=True
    )
    assert sum(isinstance(result, SignInBusy) for result in results) == 10


async def test_one_needs_the_present_password_for_a_new_one(accounts: AccountService, ann: Actor) -> None:
    for current in (None, "", "wrong"):
        with pytest.raises(WrongCurrentPassword):
            await accounts.change_own(ann, {}, password="another staple", current_password=current)
    with pytest.raises(WrongCurrentPassword):
        await accounts.change_own(ann, {"email": "evil@example.org"})
    changes = {"email": "anna@example.org", "display_name": "Anna"}
    person = await accounts.change_own(ann, changes, password="another staple", current_password="battery staple")
    assert (person.email, person.display_name) == ("anna@example.org", "Anna")
    assert await accounts.authenticate_password("anna@example.org", "another staple")


async def test_no_secret_is_ever_logged_or_stored_readable(accounts: AccountService, db: Database) -> None:
    secrets = ["login-password-1", "login-password-2", "app password words", "guess-in-vain", "salt-and-token"]
    with capture_logs() as logs:
        person = await accounts.set_up("root", secrets[0], app_password=secrets[2])
        actor = await accounts.actor_for(person.id)
        made = await accounts.create_app_password(actor, "Phone")
        signed_in = await accounts.sign_in("root", secrets[0])
        browser = await accounts.sign_in("root", secrets[0], browser=True)
        assert signed_in.refresh_token
        refreshed = await accounts.refresh(signed_in.refresh_token)
        for attempt in (
            accounts.authenticate_password("root", secrets[3]),
            accounts.authenticate_subsonic("root", secrets[3]),
            accounts.authenticate_subsonic("root", token=secrets[3], salt=secrets[4]),
            accounts.authenticate_subsonic(api_key=secrets[3]),
            accounts.refresh(signed_in.refresh_token, user_agent="another"),
        ):
            with pytest.raises(Exception) as refused:
                await attempt
            assert not any(secret in f"{refused.value!r}{vars(refused.value)}" for secret in secrets)
        await accounts.set_password(actor, person.id, secrets[1])
        await accounts.settle()
    secrets += [
        made.secret,
        signed_in.access_token,
        signed_in.refresh_token,
        browser.cookie or "",
        refreshed.refresh_token or "",
    ]
    said = json.dumps(logs, default=str) + repr([made, signed_in, browser, refreshed, person])
    async with db.read() as conn:
        for table in (User, Session, AppPassword, AuditEntry):
            said += repr((await conn.execute(select(table.__table__))).all())
    assert len(logs) >= 4
    assert [secret for secret in secrets if secret in said] == []
