"""Passwords: hashing the ones people remember, making the ones apps do.

Login passwords are argon2id (RFC 9106's second recommended setting, the default of argon2-cffi: 64 MiB, about 170 ms), two
at a time in threads, so that a burst of sign-ins neither stops the server nor takes its memory.
"""

from __future__ import annotations

import asyncio
import base64
import secrets
import unicodedata
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from segue.accounts.errors import BadField
from segue.core.errors import Unavailable

P = ParamSpec("P")
R = TypeVar("R")

AT_ONCE = 2
WAITING_AT_MOST = 64
"""At two times 170 ms this is a wait of about 5 s, longer than which nobody looks at a sign-in page."""
MIN_LENGTH = 8
"""The least that NIST SP 800-63B asks of a password a person chooses."""
MAX_LENGTH = 1024
KEY_PREFIX = "segue_"

CONSONANTS = "bdfghjkmnprstvwxz"
VOWELS = "aeiou"


class SignInBusy(Unavailable):
    def __init__(self) -> None:
        super().__init__("sign_in_busy", "Too many people are signing in just now.", retry_after_s=5)


class Passwords:
    """Hashes and verifies login passwords, off the event loop."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0
        self._nobody = _hash_of_nothing(self._hasher)

    async def hash(self, password: str) -> str:
        """The argon2id hash to keep. Raises SignInBusy."""
        return await self._in_turn(self._hash, password)

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether `password` made `password_hash`; None (no such person) takes as long and is False. Raises SignInBusy."""
        return await self._in_turn(self._verify, password_hash, password)

    def outdated(self, password_hash: str) -> bool:
        """Whether the hash was made with weaker settings than today's."""
        return self._hasher.check_needs_rehash(password_hash)

    async def _in_turn(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        if self._waiting >= WAITING_AT_MOST:
            raise SignInBusy
        self._waiting += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(work, *args, **kwargs)
        finally:
            self._waiting -= 1

    def _hash(self, password: str) -> str:
        return self._hasher.hash(normal(password))

    def _verify(self, password_hash: str | None, password: str) -> bool:
        if len(password) > MAX_LENGTH:
            password_hash, password = None, ""
        try:
            self._hasher.verify(password_hash or self._nobody, normal(password))
        except (VerificationError, InvalidHashError, UnicodeEncodeError):
            return False
        return password_hash is not None


def _hash_of_nothing(hasher: PasswordHasher) -> str:
    """A hash that no password makes and that takes as long to verify as a real one."""
    salt, digest = (
        base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (hasher.salt_len, hasher.hash_len)
    )
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${cost}${salt}${digest}"


def normal(password: str) -> str:
    """`password` in Unicode NFC: an ä typed on a Mac and on Windows is the same password."""
    return unicodedata.normalize("NFC", password)


def check_strength(field: str, password: str, *, at_least: int = MIN_LENGTH) -> None:
    """Raise BadField when `password` is too short, too long, or one character over and over."""
    if len(password) < at_least:
        raise BadField(field, "too_short", f"A password needs at least {at_least} characters.")
    if len(password) > MAX_LENGTH:
        raise BadField(field, "too_long", f"A password has at most {MAX_LENGTH} characters.")
    if at_least > 1 and len(set(password)) == 1:
        raise BadField(field, "too_simple", "A password needs more than one different character.")
    if "\x00" in password or any("\ud800" <= character <= "\udfff" for character in password):
        raise BadField(field, "bad_character", "A password cannot contain NUL or broken text.")


def make_words() -> str:
    """Four words of seven letters that can be said and typed on a phone, such as `tomarek-bivusan-kodifep-lurapos`.

    Each is consonant and vowel in turn: 4 · (4 · log2 17 + 3 · log2 5) = 93 bits in all.
    """
    return "-".join("".join(secrets.choice(VOWELS if i % 2 else CONSONANTS) for i in range(7)) for _ in range(4))


def make_key() -> str:
    """A key for programs: `segue_` and 256 random bits."""
    return KEY_PREFIX + secrets.token_urlsafe(32)


def make_login_password() -> str:
    """A login password to print once: as make_words, two words and four digits, 59 bits, behind argon2id."""
    words = make_words().split("-")[:2]
    return "-".join([*words, f"{secrets.randbelow(10_000):04d}"])
