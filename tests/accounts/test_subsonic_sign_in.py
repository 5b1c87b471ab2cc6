"""Signing in as Subsonic apps do: password, token and salt, API key; and what each refusal says."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segue.accounts.errors import (
    BadField,
    ConflictingMechanisms,
    InvalidApiKey,
    MissingCredentials,
    NameTaken,
    TokenAuthUnsupported,
    TooManyAttempts,
    WrongCredentials,
)
from segue.accounts.service import AccountService
from segue.core.access import Actor
from segue.core.db import Database
from tests.accounts.conftest import Make
from tests.accounts.ground import KEYS, Clock

pytestmark = pytest.mark.anyio
WORDS = "four words for ann"


def token_of(secret: str, salt: str) -> dict[str, str]:
    return {"token": hashlib.md5((secret + salt).encode()).hexdigest(), "salt": salt}


@pytest.fixture
async def phone(accounts: AccountService, ann: Actor) -> int:
    """Ann's app password `four words for ann`; its number."""
    return (await accounts.create_app_password(ann, "Phone", secret=WORDS)).view.id


async def test_the_login_password_and_app_passwords_work_as_p(accounts: AccountService, ann: Actor, phone: int) -> None:
    for secret in ("battery staple", WORDS):
        encoded = secret.encode().hex()
        for given_as in ({"password": secret}, {"enc": encoded}, {"password": f"enc:{encoded}"}):
            assert await accounts.authenticate_subsonic("ann", **given_as) == ann


async def test_a_password_that_only_looks_encoded_is_taken_as_it_is(accounts: AccountService, ann: Actor) -> None:
    await accounts.create_app_password(ann, "Odd", secret="enc:not hex at all")
    assert await accounts.authenticate_subsonic("ann", "enc:not hex at all") == ann


async def test_token_and_salt_work_with_an_app_password(accounts: AccountService, ann: Actor, phone: int) -> None:
    assert await accounts.authenticate_subsonic("ann", **token_of(WORDS, "c19b2d")) == ann
    upper = token_of(WORDS, "c19b2d")["token"].upper()
    assert await accounts.authenticate_subsonic("ANN", token=upper, salt="c19b2d") == ann


async def test_any_of_several_app_passwords_signs_in(accounts: AccountService, ann: Actor, phone: int) -> None:
    made = [await accounts.create_app_password(ann, f"App {number}") for number in range(5)]
    for each in made:
        assert await accounts.authenticate_subsonic("ann", **token_of(each.secret, "salty!")) == ann


async def test_a_token_of_the_login_password_is_refused_with_what_to_do(
    accounts: AccountService, ann: Actor, phone: int
) -> None:
    with pytest.raises(TokenAuthUnsupported) as refused:
        await accounts.authenticate_subsonic("ann", **token_of("battery staple", "c19b2d"))
    assert refused.value.subsonic_code == 41
    assert "Make an app password" in refused.value.message
    assert "Settings" in refused.value.message


async def test_a_refused_token_does_not_tell_who_exists(accounts: AccountService, ann: Actor, admin: Actor) -> None:
    await accounts.create_app_password(ann, "Phone", secret=WORDS)
    said = set()
    for name in ("ann", "root", "nobody"):  # with an app password, without one, unknown
        with pytest.raises(TokenAuthUnsupported) as refused:
            await accounts.authenticate_subsonic(name, **token_of("wrong", "c19b2d"))
        said.add((refused.value.code, refused.value.message))
    assert len(said) == 1


async def test_an_app_password_is_an_api_key_alone(accounts: AccountService, ann: Actor, phone: int) -> None:
    made = await accounts.create_app_password(ann, "Script", kind="key")
    assert made.secret.startswith("segue_")
    assert await accounts.authenticate_subsonic(api_key=made.secret) == ann
    assert await accounts.authenticate_subsonic(api_key=WORDS) == ann


async def test_an_unknown_key_and_a_login_password_are_no_api_keys(
    accounts: AccountService, ann: Actor, phone: int
) -> None:
    for key in ("", "x", "unknown but long enough", "battery staple", "x" * 5000):
        with pytest.raises(InvalidApiKey) as refused:
            await accounts.authenticate_subsonic(api_key=key)
        assert refused.value.subsonic_code == 44


async def test_words_that_two_people_chose_name_neither_of_them(
    accounts: AccountService, ann: Actor, admin: Actor, phone: int
) -> None:
    await accounts.create_app_password(admin, "Phone", secret=WORDS)
    with pytest.raises(InvalidApiKey):
        await accounts.authenticate_subsonic(api_key=WORDS)
    assert (await accounts.authenticate_subsonic("ann", WORDS)).name == "ann"
    assert (await accounts.authenticate_subsonic("root", **token_of(WORDS, "c19b2d"))).name == "root"


async def test_two_ways_at_once_conflict(accounts: AccountService, ann: Actor, phone: int) -> None:
    conflicts: list[dict[str, str]] = [
        {"username": "ann", "api_key": WORDS},
        {"password": WORDS, "api_key": WORDS},
        {"token": "x", "salt": "y", "api_key": WORDS},
        {"username": "ann", "password": WORDS, "token": "x", "salt": "y"},
        {"username": "ann", "enc": "00", "salt": "y"},
    ]
    for parameters in conflicts:
        with pytest.raises(ConflictingMechanisms) as refused:
            await accounts.authenticate_subsonic(**parameters)
        assert refused.value.subsonic_code == 43


async def test_a_missing_part_is_named(accounts: AccountService) -> None:
    incomplete: list[tuple[dict[str, str], str]] = [
        ({}, "u"),
        ({"password": "x"}, "u"),
        ({"username": "ann"}, "p"),
        ({"username": "ann", "token": "x"}, "s"),
        ({"username": "ann", "salt": "x"}, "t"),
    ]
    for parameters, missing in incomplete:
        with pytest.raises(MissingCredentials) as refused:
            await accounts.authenticate_subsonic(**parameters)
        assert (refused.value.parameter, refused.value.subsonic_code) == (missing, 10)


async def test_wrong_passwords_are_error_40(accounts: AccountService, ann: Actor, phone: int) -> None:
    for parameters in ({"password": "wrong"}, {"enc": "zz"}, {"enc": "ff"}, {"password": "enc:"}):
        with pytest.raises(WrongCredentials) as refused:
            await accounts.authenticate_subsonic("ann", **parameters)
        assert refused.value.subsonic_code == 40


async def test_a_revoked_app_password_ends_at_once_everywhere(
    make: Make, ann: Actor, clock: Clock, accounts: AccountService, phone: int
) -> None:
    other = make()
    ways: list[dict[str, Any]] = [{"username": "ann", "password": WORDS}, {"api_key": WORDS}]
    ways.append({"username": "ann", **token_of(WORDS, "c19b2d")})
    for service in (accounts, other):
        for way in ways:
            assert await service.authenticate_subsonic(**way) == ann
    await accounts.revoke_app_password(ann, phone)
    clock.advance(seconds=1)
    for service in (accounts, other):
        for way in ways:
            with pytest.raises((WrongCredentials, TokenAuthUnsupported, InvalidApiKey)):
                await service.authenticate_subsonic(**way)


async def test_a_disabled_person_cannot_use_app_passwords(
    accounts: AccountService, ann: Actor, admin: Actor, phone: int
) -> None:
    await accounts.change_user(admin, ann.person, {"disabled": True})
    with pytest.raises(InvalidApiKey):
        await accounts.authenticate_subsonic(api_key=WORDS)
    with pytest.raises(WrongCredentials):
        await accounts.authenticate_subsonic("ann", WORDS)
    with pytest.raises(TokenAuthUnsupported):
        await accounts.authenticate_subsonic("ann", **token_of(WORDS, "c19b2d"))


async def test_app_passwords_outlive_a_changed_login_password(accounts: AccountService, ann: Actor, phone: int) -> None:
    await accounts.set_password(ann, ann.person, "another staple")
    assert await accounts.authenticate_subsonic("ann", **token_of(WORDS, "c19b2d"))


async def test_an_app_at_work_writes_its_last_use_at_most_once_a_minute(
    accounts: AccountService, ann: Actor, clock: Clock, phone: int
) -> None:
    async def last_use() -> Any:
        for _ in range(10):
            await accounts.authenticate_subsonic("ann", **token_of(WORDS, "c19b2d"), address="192.0.2.5")
        await accounts.settle()
        return (await accounts.app_passwords(ann))[0].last_used_at

    assert (await accounts.app_passwords(ann))[0].last_used_at is None
    first = await last_use()
    assert first == clock.now()
    clock.advance(seconds=59)
    assert await last_use() == first
    clock.advance(seconds=2)
    assert await last_use() == clock.now()
    assert (await accounts.app_passwords(ann))[0].last_used_from == "192.0.2.5"


async def test_guessing_tokens_and_keys_is_slowed_down(accounts: AccountService, ann: Actor, phone: int) -> None:
    async def guess(number: int, **way: str) -> type[BaseException]:
        try:
            await accounts.authenticate_subsonic(**way, address="192.0.2.1")
        except Exception as error:
            return type(error)
        raise AssertionError("a guess was right")

    tokens = await asyncio.gather(*(guess(n, username="ann", **token_of(str(n), "s")) for n in range(40)))
    assert tokens.count(TooManyAttempts) == 34
    keys = await asyncio.gather(*(guess(n, api_key=f"guess number {n}") for n in range(40)))
    assert keys.count(TooManyAttempts) == 9
    assert await accounts.authenticate_subsonic("ann", **token_of(WORDS, "s"), address="192.0.2.2")
    assert await accounts.authenticate_subsonic("ann", WORDS, address="192.0.2.1")


async def test_an_app_that_is_right_may_ask_as_often_as_it_likes(
    accounts: AccountService, ann: Actor, phone: int
) -> None:
    calls = (
        accounts.authenticate_subsonic("ann", **token_of(WORDS, f"salt{n}"), address="192.0.2.1") for n in range(200)
    )
    assert {actor.user_id for actor in await asyncio.gather(*calls)} == {ann.user_id}


async def test_scopes_of_an_app_password_narrow_its_actor(accounts: AccountService, ann: Actor) -> None:
    made = await accounts.create_app_password(ann, "Narrow", scopes=["stream"])
    assert (await accounts.authenticate_subsonic("ann", made.secret)).scopes == frozenset({"stream"})
    assert (await accounts.authenticate_subsonic("ann", "battery staple")).scopes == frozenset()


async def test_weak_doubled_and_countless_app_passwords_are_refused(
    accounts: AccountService, ann: Actor, phone: int
) -> None:
    with pytest.raises(BadField):
        await accounts.create_app_password(ann, "Weak", secret="short")
    with pytest.raises(NameTaken):
        await accounts.create_app_password(ann, "Phone")
    await accounts.revoke_app_password(ann, phone)
    assert await accounts.create_app_password(ann, "Phone")


async def test_nobody_sees_or_revokes_anothers_app_passwords(
    accounts: AccountService, ann: Actor, admin: Actor, phone: int
) -> None:
    assert await accounts.app_passwords(admin) == []
    with pytest.raises(Exception, match="no such app password"):
        await accounts.revoke_app_password(admin, phone)


async def test_app_passwords_survive_a_new_key_and_say_when_theirs_is_gone(
    make: Make, ann: Actor, accounts: AccountService, phone: int
) -> None:
    new = b"a new key for these tests, of 32"
    rotated = make(keys=[new, *KEYS])
    for way in (
        {"username": "ann", **token_of(WORDS, "s")},
        {"api_key": WORDS},
        {"username": "ann", "password": WORDS},
    ):
        assert await rotated.authenticate_subsonic(**way) == ann
    lost = make(keys=[new])
    assert await lost.unreadable_app_passwords() == 1
    assert [view.readable for view in await lost.app_passwords(ann)] == [False]
    with pytest.raises(TokenAuthUnsupported):
        await lost.authenticate_subsonic("ann", **token_of(WORDS, "s"))
    assert await rotated.renew_app_passwords() == 1
    renewed = make(keys=[new])
    assert await renewed.unreadable_app_passwords() == 0
    for way in ({"username": "ann", **token_of(WORDS, "s")}, {"api_key": WORDS}):
        assert await renewed.authenticate_subsonic(**way) == ann


async def test_a_short_secret_from_the_operator_is_no_key_by_itself(make: Make, db: Database) -> None:
    accounts = make()
    await accounts.first_admin("root", "correct horse", "abc")
    assert await accounts.authenticate_subsonic("root", "abc")
    assert await accounts.authenticate_subsonic("root", **token_of("abc", "salt"))
    with pytest.raises(InvalidApiKey):
        await accounts.authenticate_subsonic(api_key="abc")


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(salt=TEXT, wrong=TEXT)
async def test_a_token_is_right_for_its_own_secret_and_salt_alone(
    accounts: AccountService, ann: Actor, phone: int, clock: Clock, salt: str, wrong: str
) -> None:
    assert await accounts.authenticate_subsonic("ann", **token_of(WORDS, salt)) == ann
    if wrong == WORDS:
        return
    clock.advance(seconds=1000)
    for near in (
        token_of(wrong, salt),
        token_of(WORDS, salt) | {"salt": salt + wrong},
        {"token": WORDS, "salt": salt},
        {"token": token_of(WORDS, salt)["token"][:-1], "salt": salt},
    ):
        with pytest.raises(TokenAuthUnsupported):
            await accounts.authenticate_subsonic("ann", **near)
