"""The parts of accounts that need no database: names, made words, waiting, tokens, origins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.accounts import rules
from segue.accounts.attempts import Attempts, network
from segue.accounts.errors import BadField, TooManyAttempts
from segue.accounts.origin import is_foreign, is_same_origin
from segue.accounts.passwords import CONSONANTS, VOWELS, Passwords, check_strength, make_key, make_words
from segue.accounts.tokens import AccessTokens, family_of, first_refresh_token, next_refresh_token
from segue.core.secrets import SecretKeys
from tests.accounts.ground import CHEAP, Clock

KEYS = SecretKeys([b"the key of these tests"])
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LIFE = timedelta(minutes=15)


def test_made_words_are_easily_typed_and_have_over_eighty_bits() -> None:
    words = make_words().split("-")
    assert len(words) == 4
    assert all(len(word) == 7 and set(word) <= set(CONSONANTS + VOWELS) for word in words)
    assert (len(CONSONANTS) ** 4 * len(VOWELS) ** 3) ** 4 > 2**80


def test_made_keys_carry_the_prefix_that_secret_scanners_look_for() -> None:
    assert make_key().startswith("segue_")
    assert len({make_key() for _ in range(100)}) == 100


@pytest.mark.parametrize("password", ["", "seven77", "aaaaaaaa", "x" * 1025, "with\0nul!", "half \ud800 pair"])
def test_weak_or_impossible_passwords_are_refused(password: str) -> None:
    with pytest.raises(BadField) as refused:
        check_strength("password", password)
    assert refused.value.fields[0].field == "password"


@pytest.mark.anyio
async def test_a_password_is_the_same_however_its_letters_are_composed() -> None:
    passwords = Passwords(CHEAP)
    assert await passwords.verify(await passwords.hash("Schöne Grüße"), "Scho\u0308ne Gru\u0308ße")


@pytest.mark.anyio
@pytest.mark.parametrize("password", ["", "x" * 100_000, "half \ud800 pair", "nul\0"])
async def test_odd_passwords_are_wrong_and_not_a_crash(password: str) -> None:
    passwords = Passwords(CHEAP)
    assert not await passwords.verify(await passwords.hash("right one"), password)
    assert not await passwords.verify(None, password)
    assert not await passwords.verify("not a hash", password)


# names


@given(st.text())
def test_any_text_has_a_login_key_that_both_databases_can_keep(name: str) -> None:
    key = rules.login_key(name)
    assert "\0" not in key
    assert key.encode().decode() == key


@pytest.mark.parametrize(("one", "other"), [("Ann", "ANN"), ("Straße", "STRASSE"), ("ａｎｎ", "ann"), (" ann ", "ann")])
def test_spellings_of_one_name_are_one_name(one: str, other: str) -> None:
    assert rules.login_key(one) == rules.login_key(other)


@pytest.mark.parametrize("name", ["", "  ", "a@b", "a:b", "x" * 65, "tab\there", "zero\u200bwidth", "nul\0", "\ud800"])
def test_usernames_that_could_confuse_are_refused(name: str) -> None:
    with pytest.raises(BadField):
        rules.username(name)


@pytest.mark.parametrize("name", ["ann", "Ann Smith", "山田", "Ольга", "!!!", "o'neill"])
def test_usernames_of_any_script_are_welcome(name: str) -> None:
    assert rules.username(name) == name


@pytest.mark.parametrize("address", ["ann", "@", "ann@", "@example.org", "an n@example.org"])
def test_what_is_no_email_address_is_refused(address: str) -> None:
    with pytest.raises(BadField):
        rules.email(address)


def test_an_unknown_time_zone_is_named() -> None:
    with pytest.raises(BadField, match="Atlantis"):
        rules.time_zone("Europe/Atlantis")


@pytest.mark.parametrize("settings", [{"x": float("nan")}, {"x": "a" * 70_000}, {"x": "\0"}, {"x": "\ud800"}])
def test_settings_that_no_database_can_keep_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(BadField):
        rules.settings(settings)


# waiting


def waits(attempts: Attempts, key: tuple[str, ...]) -> float:
    try:
        attempts.check(key)
    except TooManyAttempts as error:
        return error.retry_after_s
    return 0.0


def test_the_first_guesses_are_free_and_each_further_one_doubles_the_wait() -> None:
    clock = Clock()
    attempts = Attempts(clock.monotonic, free=3, longest_s=10)
    seen = []
    for number in range(8):
        attempts.count(("ann", "here"), f"guess {number}")
        seen.append(waits(attempts, ("ann", "here")))
        clock.advance(seconds=seen[-1])
        assert waits(attempts, ("ann", "here")) == 0
    assert seen == [0, 0, 0, 1, 2, 4, 8, 10]


def test_a_wait_here_is_no_wait_elsewhere() -> None:
    attempts = Attempts(Clock().monotonic, free=0)
    attempts.count(("ann", "here"), "guess")
    assert waits(attempts, ("ann", "here")) > 0
    assert waits(attempts, ("ann", "elsewhere")) == 0
    assert waits(attempts, ("ben", "here")) == 0


def test_the_same_wrong_guess_again_is_no_new_guess() -> None:
    attempts = Attempts(Clock().monotonic, free=2)
    for _ in range(100):
        attempts.count(("ann", "here"), "the old password of the phone")
    assert waits(attempts, ("ann", "here")) == 0


def test_success_and_time_forgive() -> None:
    clock = Clock()
    attempts = Attempts(clock.monotonic, free=0, longest_s=5, forget_s=60)
    for number in range(6):
        attempts.count(("ann", "here"), str(number))
    clock.advance(seconds=61)
    attempts.count(("ann", "here"), "later")
    assert waits(attempts, ("ann", "here")) == 1
    attempts.forgive(("ann", "here"))
    assert waits(attempts, ("ann", "here")) == 0


def test_forgetting_one_guess_leaves_the_others_counted() -> None:
    attempts = Attempts(Clock().monotonic, free=1)
    attempts.count(("here",), "wrong")
    attempts.count(("here",), "right")
    attempts.forgive(("here",), "right")
    assert waits(attempts, ("here",)) == 0
    attempts.count(("here",), "wrong too")
    assert waits(attempts, ("here",)) == 1


def test_memory_of_guessers_has_an_end() -> None:
    attempts = Attempts(Clock().monotonic, free=0, size=10)
    for number in range(1000):
        attempts.count((str(number),), "guess")
    assert len(attempts._records) == 10


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
        (None, ""),
    ],
)
def test_one_household_is_one_place(address: str | None, place: str) -> None:
    assert network(address) == place


# tokens


def test_an_access_token_says_whose_it_is_until_it_expires() -> None:
    tokens = AccessTokens(KEYS)
    token = tokens.make(7, "session", NOW, LIFE)
    claims = tokens.read(token, NOW)
    assert claims is not None
    assert (claims.user_id, claims.session_key, claims.expires_at) == (7, "session", NOW + LIFE)
    assert tokens.read(token, NOW + LIFE) is None


def test_two_access_tokens_of_one_moment_differ() -> None:
    tokens = AccessTokens(KEYS)
    assert tokens.make(7, "session", NOW, LIFE) != tokens.make(7, "session", NOW, LIFE)


def test_a_token_of_an_earlier_key_reads_and_of_a_foreign_key_does_not() -> None:
    token = AccessTokens(KEYS).make(7, "session", NOW, LIFE)
    assert AccessTokens(SecretKeys([b"a newer key for these tests", b"the key of these tests"])).read(token, NOW)
    assert AccessTokens(SecretKeys([b"a foreign key for these tests"])).read(token, NOW) is None


@given(st.text(max_size=60) | st.from_regex(r"[\w-]{1,20}\.[\w-]{1,20}\.[\w-]{0,20}"))
def test_garbage_is_no_access_token(token: str) -> None:
    assert AccessTokens(KEYS).read(token, NOW) is None


@given(st.data())
def test_one_changed_letter_spoils_an_access_token(data: st.DataObject) -> None:
    tokens = AccessTokens(KEYS)
    token = tokens.make(7, "session", NOW, LIFE)
    signed = token.rindex(".")
    at = data.draw(st.integers(0, signed - 1))
    letter = data.draw(st.sampled_from("abcXYZ059_-").filter(lambda letter: letter != token[at]))
    assert tokens.read(token[:at] + letter + token[at + 1 :], NOW) is None


def test_unsigned_and_otherwise_signed_tokens_are_refused() -> None:
    from joserfc import jwt
    from joserfc.jwk import OctKey

    claims = {"iss": "segue", "sub": "us-1", "sid": "s", "exp": int((NOW + LIFE).timestamp())}
    key = OctKey.import_key(KEYS.derive("access-token"))
    other_purpose = jwt.encode({"alg": "HS256", "typ": "JWT"}, claims, key)
    assert AccessTokens(KEYS).read(other_purpose, NOW) is None
    stronger = jwt.encode({"alg": "HS512", "typ": "at+jwt"}, claims, key, algorithms=["HS512"])
    assert AccessTokens(KEYS).read(stronger, NOW) is None
    head, body, _ = other_purpose.split(".")
    assert AccessTokens(KEYS).read(f"eyJhbGciOiJub25lIn0.{body}.", NOW) is None
    assert AccessTokens(KEYS).read(f"{head}.{body}.", NOW) is None


def test_the_next_refresh_token_is_one_alone_and_needs_the_key() -> None:
    first = first_refresh_token()
    following = next_refresh_token(KEYS, first)
    assert following == next_refresh_token(KEYS, first)
    assert family_of(following) == family_of(first)
    assert following != next_refresh_token(SecretKeys([b"a foreign key for these tests"]), first)
    assert next_refresh_token(KEYS, following) not in (first, following)


# origins


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "same-origin", "host": "segue.lan"},
        {"sec-fetch-site": "none", "host": "segue.lan"},
        {"sec-fetch-site": "same-origin", "origin": "https://music.example", "host": "127.0.0.1:4747"},
        {"origin": "http://segue.lan:4747", "host": "segue.lan:4747"},
        {"origin": "http://segue.lan", "host": "segue.lan:80"},
        {"origin": "https://segue.lan", "host": "segue.lan"},
        {"origin": "http://SEGUE.lan", "host": "segue.LAN"},
        {"origin": "http://[::1]:4747", "host": "[::1]:4747"},
    ],
)
def test_our_own_pages_are_ours(headers: dict[str, str]) -> None:
    assert is_same_origin(headers)
    assert not is_foreign(headers)


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site", "host": "segue.lan"},
        {"sec-fetch-site": "same-site", "origin": "http://segue.lan", "host": "segue.lan"},
        {"origin": "http://evil.example", "host": "segue.lan"},
        {"origin": "http://segue.lan:8080", "host": "segue.lan:4747"},
        {"origin": "null", "host": "segue.lan"},
        {"origin": "file://", "host": ""},
        {"origin": "http://segue.lan:99999", "host": "segue.lan:99999"},
        {"origin": "http://[", "host": "["},
        {"origin": "http://segue.lan.evil.example", "host": "segue.lan"},
        {"origin": "http://segue.lan@evil.example", "host": "segue.lan"},
    ],
)
def test_anothers_pages_are_foreign(headers: dict[str, str]) -> None:
    assert not is_same_origin(headers)
    assert is_foreign(headers)


def test_a_program_that_says_nothing_is_neither_ours_nor_foreign() -> None:
    assert not is_same_origin({"host": "segue.lan"})
    assert not is_foreign({"host": "segue.lan"})
