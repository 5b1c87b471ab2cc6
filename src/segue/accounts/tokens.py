"""Tokens: what an access token says, and how a refresh token turns into the next one.

An access token is a JWT (HS256) that names its session, so that ending the session ends the token. A refresh token has two
halves: `segue_r_<family>.<turn>`. The family half finds the session; the turn half changes with each use. The next turn is
computed from the present token with the server's key, so that two requests racing with one token get the same answer, and
nothing but hashes is stored.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from segue.core.ids import BadId, format_id, parse_id
from segue.core.secrets import SecretKeys, random_token, sha256_hex

ISSUER = "segue"
REFRESH_PREFIX = "segue_r_"
COOKIE_PREFIX = "segue_c_"
KEPT = 2_000


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What an access token says: whose it is, by which session, until when."""

    user_id: int
    session_key: str
    expires_at: datetime


class AccessTokens:
    """Makes and reads access tokens with the server's keys; a token made with an earlier key still reads."""

    def __init__(self, keys: SecretKeys) -> None:
        self._keys = {
            sha256_hex(key.hex())[:16]: OctKey.import_key(key) for key in reversed(keys.derive_all("access-token"))
        }
        self._present = next(reversed(self._keys))
        self._seen: OrderedDict[str, AccessClaims] = OrderedDict()

    def make(self, user_id: int, session_key: str, now: datetime, life: timedelta) -> str:
        """A signed token (RFC 9068's `at+jwt`) that is good for `life` from `now`."""
        claims = {
            "iss": ISSUER,
            "sub": format_id("us", user_id),
            "sid": session_key,
            "jti": secrets.token_urlsafe(12),
            "iat": int(now.timestamp()),
            "exp": int((now + life).timestamp()),
        }
        header = {"alg": "HS256", "typ": "at+jwt", "kid": self._present}
        return jwt.encode(header, claims, self._keys[self._present])

    def read(self, token: str, now: datetime) -> AccessClaims | None:
        """What `token` says, or None when it is not ours, was changed, or has expired."""
        # a client sends the same token with hundreds of requests; verifying it takes 60 µs, finding its hash 2
        name = sha256_hex(token)
        claims = self._seen.get(name) or self._verified(token)
        if claims is None or claims.expires_at <= now:
            self._seen.pop(name, None)
            return None
        self._seen[name] = claims
        if len(self._seen) > KEPT:
            self._seen.popitem(last=False)
        return claims

    def _verified(self, token: str) -> AccessClaims | None:
        try:
            decoded = jwt.decode(token, self._key_of, algorithms=["HS256"])
            claims = decoded.claims
            if decoded.header.get("typ") != "at+jwt" or claims["iss"] != ISSUER:
                return None
            expires_at = datetime.fromtimestamp(int(claims["exp"]), UTC)
            return AccessClaims(parse_id(claims["sub"], "us"), str(claims["sid"]), expires_at)
        except (JoseError, BadId, KeyError, ValueError, TypeError, AttributeError, OverflowError):
            return None

    def _key_of(self, token: object) -> OctKey:
        headers = token.headers() if hasattr(token, "headers") else {}
        return self._keys.get(headers.get("kid", ""), self._keys[self._present])


def looks_like_jwt(token: str) -> bool:
    return token.count(".") == 2


def first_refresh_token() -> str:
    """The first token of a new family."""
    return f"{REFRESH_PREFIX}{secrets.token_urlsafe(24)}.{secrets.token_urlsafe(32)}"


def next_refresh_token(keys: SecretKeys, token: str) -> str:
    """The one token that follows `token`; without the server's key nobody can tell it."""
    turn = hmac.digest(keys.derive("refresh-token"), token.encode("utf-8", "surrogatepass"), "sha256")
    return f"{family_of(token)}.{base64.urlsafe_b64encode(turn).decode().rstrip('=')}"


def family_of(token: str) -> str:
    """The half of a refresh token that its whole family shares."""
    return token.partition(".")[0]


def make_cookie() -> str:
    """The value of a browser's session cookie: 256 random bits."""
    return random_token(COOKIE_PREFIX)
