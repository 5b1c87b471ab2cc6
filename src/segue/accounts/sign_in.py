"""Who is it? Passwords, Subsonic's ways of signing in, and what comes with a request.

A wrong answer says the same and takes as long whether or not there is such a person.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from starlette.requests import HTTPConnection

from segue.accounts import repository, rules
from segue.accounts.app_passwords import PURPOSE, AppPasswords
from segue.accounts.attempts import network
from segue.accounts.errors import (
    ConflictingMechanisms,
    CrossSiteRequest,
    InvalidApiKey,
    InvalidToken,
    MissingCredentials,
    TokenAuthUnsupported,
    WrongCredentials,
)
from segue.accounts.ground import log
from segue.accounts.known import Known, StoredAppPassword
from segue.accounts.origin import SAFE_METHODS, is_same_origin
from segue.accounts.passwords import MAX_LENGTH, MIN_LENGTH, normal
from segue.accounts.sessions import Sessions, SignedIn
from segue.accounts.tokens import COOKIE_PREFIX, looks_like_jwt
from segue.core.access import Actor
from segue.core.secrets import CannotDecrypt, sha256_hex

COOKIE = "segue_session"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is behind a request, and by which credential: a session's key, or the number of an app password.

    `cookie_max_age_s` is how long a remembered browser session lives from its last use.
    """

    actor: Actor
    kind: Literal["access_token", "cookie", "app_password"]
    session_key: str | None = None
    app_password_id: int | None = None
    cookie_max_age_s: int | None = None


class SignIn(Sessions, AppPasswords):
    """The verbs that find out who it is."""

    async def sign_in(
        self,
        login: str,
        password: str,
        *,
        browser: bool = False,
        remember: bool = True,
        address: str = "",
        user_agent: str = "",
    ) -> SignedIn:
        """Sign in with the login password. Raises WrongCredentials, TooManyAttempts, SignInBusy."""
        known = await self._check_login(login, password, address)
        return await self.start_session(
            known, browser=browser, remember=remember, address=address, user_agent=user_agent
        )

    async def authenticate_password(self, login: str, password: str, address: str = "") -> Actor:
        """Who has this username or e-mail address and this login password.

        Raises WrongCredentials, TooManyAttempts, SignInBusy.
        """
        known = await self._check_login(login, password, address)
        assert known.actor is not None
        return known.actor

    async def authenticate_subsonic(
        self,
        username: str | None = None,
        password: str | None = None,
        enc: str | None = None,
        token: str | None = None,
        salt: str | None = None,
        api_key: str | None = None,
        address: str = "",
    ) -> Actor:
        """Who signs in with Subsonic's parameters: `u` with `p` (`password`, or `enc` for its hex digits), `u` with `t`
        and `s`, or `apiKey` alone. `password` may itself begin with `enc:`.

        The login password and app passwords work as `p`; app passwords alone work for `t` and `s` and as `apiKey`.
        Raises an error of SubsonicSignInError.
        """
        if api_key is not None:
            if any(part is not None for part in (username, password, enc, token, salt)):
                raise ConflictingMechanisms
            return await self._by_key(api_key, address)
        if (password is not None or enc is not None) and (token is not None or salt is not None):
            raise ConflictingMechanisms
        if not username:
            raise MissingCredentials("u")
        if token is not None or salt is not None:
            if not token or not salt:
                raise MissingCredentials("t" if not token else "s")
            return await self._by_token(username, token, salt, address)
        if enc is not None:
            clear = _from_hex(enc)
            if clear is None:
                raise WrongCredentials
            return await self._by_any_password(username, clear, address)
        if not password:
            raise MissingCredentials("p")
        clear = _from_hex(password.removeprefix("enc:")) if password.startswith("enc:") else None
        return await self._by_any_password(username, clear if clear is not None else password, address)

    async def authenticate(self, request: HTTPConnection) -> Actor | None:
        """Who makes this request; None when nobody says so. Raises InvalidToken, InvalidApiKey, CrossSiteRequest."""
        identity = await self.identify(request)
        return identity.actor if identity else None

    async def identify(self, request: HTTPConnection) -> Identity | None:
        """As authenticate, and by which credential. The host and address are those that trusted proxies vouch for."""
        address = request.client.host if request.client else ""
        method = request.scope.get("method", "WEBSOCKET")
        cookie = session_cookie(request)
        return await self.identity_from_request(request.headers, {COOKIE: cookie} if cookie else {}, address, method)

    async def actor_from_request(
        self, headers: Mapping[str, str], cookies: Mapping[str, str], client_address: str, method: str = "GET"
    ) -> Actor | None:
        """As authenticate, from a request's parts; the names in `headers` are lower case or ignore case."""
        identity = await self.identity_from_request(headers, cookies, client_address, method)
        return identity.actor if identity else None

    async def identity_from_request(
        self, headers: Mapping[str, str], cookies: Mapping[str, str], client_address: str, method: str = "GET"
    ) -> Identity | None:
        """Who: `Authorization: Bearer` with an access token or an app password, else the session cookie.

        A wrong bearer is an error (InvalidToken, InvalidApiKey, TooManyAttempts); an old cookie is nobody. A cookie with
        a method that changes something, or with a WebSocket, needs one of our own pages behind it (CrossSiteRequest).
        """
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and bearer.strip():
            return await self._by_bearer(bearer.strip(), client_address)
        cookie = cookies.get(COOKIE)
        if not cookie or not cookie.startswith(COOKIE_PREFIX):
            return None
        session = await self._known.session_by_secret(sha256_hex(cookie), self._clock())
        if session is None or session.kind != "browser":
            return None
        known = await self._known.person(session.user_id)
        if known is None or known.actor is None:
            return None
        if method not in SAFE_METHODS and not is_same_origin(headers):
            raise CrossSiteRequest
        self._touch_session(session)
        life_s = int(self._cookie_life(True).total_seconds()) if session.remembered else None
        return Identity(known.actor, "cookie", session_key=session.key, cookie_max_age_s=life_s)

    # ways in

    async def _by_bearer(self, bearer: str, address: str) -> Identity:
        if not looks_like_jwt(bearer):
            actor, app_password_id = await self._owner_of_key(bearer, address)
            return Identity(actor, "app_password", app_password_id=app_password_id)
        claims = self._access_tokens.read(bearer, self._clock())
        session = await self._known.session(claims.session_key, self._clock()) if claims else None
        if claims is None or session is None or session.user_id != claims.user_id:
            raise InvalidToken
        known = await self._known.person(session.user_id)
        if known is None or known.actor is None:
            raise InvalidToken
        self._touch_session(session)
        return Identity(known.actor, "access_token", session_key=session.key)

    async def _by_key(self, key: str, address: str) -> Actor:
        return (await self._owner_of_key(key, address))[0]

    async def _owner_of_key(self, key: str, address: str) -> tuple[Actor, int]:
        where = ("key", network(address))
        key = normal(key)
        owner = None
        if MIN_LENGTH <= len(key) <= MAX_LENGTH:
            owner = await self._known.app_password_owner(self._keys.keyed_hashes(PURPOSE, key))
        known = await self._known.person(owner[0]) if owner else None
        self._attempts_of_address.check(where)
        if owner is None or known is None or known.actor is None:
            self._attempts_of_address.count(where, self._keys.keyed_hash("guess", key))
            log.info("sign_in_failed", way="api key", address=address)
            raise InvalidApiKey
        return self._accept(known, owner[1], address), owner[1]

    async def _by_token(self, username: str, token: str, salt: str, address: str) -> Actor:
        login = rules.login_key(username)
        where = ("token", login, network(address))
        known = await self._known.by_login(login)
        self._attempts.check(where)
        found = None
        for app_password in known.app_passwords if known else ():
            secret = self._decrypted(app_password)
            if secret is not None and _equal(_token_of(secret, salt), token.lower()):
                found = app_password
        if known is None or known.actor is None or found is None:
            self._attempts.count(where, self._keys.keyed_hash("guess", token, salt))
            log.info("sign_in_failed", way="token", address=address)
            raise TokenAuthUnsupported
        self._attempts.forgive(where)
        return self._accept(known, found.id, address)

    async def _by_any_password(self, username: str, password: str, address: str) -> Actor:
        login = rules.login_key(username)
        known = await self._known.by_login(login)
        self._attempts.check(("password", login, network(address)))
        if known is not None and known.actor is not None:
            found = self._matching(known, normal(password))
            if found is not None:
                self._attempts.forgive(("password", login, network(address)))
                return self._accept(known, found.id, address)
        return await self.authenticate_password(username, password, address)

    async def _check_login(self, login: str, password: str, address: str) -> Known:
        """The person with this login password, from memory where it was verified lately."""
        login = rules.login_key(login)
        account, place = ("password", login, network(address)), ("password", network(address))
        guess = self._keys.keyed_hash("verified-password", login, normal(password))
        version = await self._known.version()
        known = await self._known.by_login(login)
        self._attempts.check(account)
        verdict = self._verified.verdict(guess, version)
        if verdict is None:
            self._attempts_of_address.check(place)
        # counted before the answer and without a pause since the check: a hundred guesses at once are not a hundred free ones
        if not verdict:
            self._attempts.count(account, guess)
            self._attempts_of_address.count(place, guess)
        if verdict is None:
            usable = known.password_hash if known and known.actor else None
            verdict = await self._verified.verify(guess, version, lambda: self._passwords.verify(usable, password))
        if not verdict or known is None or known.actor is None:
            log.info("sign_in_failed", way="password", address=address)
            raise WrongCredentials
        self._attempts.forgive(account)
        self._attempts_of_address.forgive(place, guess)
        if self._passwords.outdated(known.password_hash):
            await self._rehash(known, password)
        return known

    # inside

    async def _rehash(self, known: Known, password: str) -> None:
        """Keep the password under today's settings of argon2id, unless it was changed meanwhile."""
        password_hash = await self._passwords.hash(password)
        async with self._change() as tx:
            row = await repository.get_user(tx.conn, known.person.id)
            if row is not None and row.password_hash == known.password_hash:
                await repository.update_user(tx, known.person.id, {"password_hash": password_hash})

    def _matching(self, known: Known, password: str) -> StoredAppPassword | None:
        """The person's app password with these words; by its keyed hash, or decrypted where it is too short for one."""
        lookups = self._keys.keyed_hashes(PURPOSE, password)
        for app_password in known.app_passwords:
            if app_password.lookup is None:
                secret = self._decrypted(app_password)
                if secret is not None and _equal(secret, password):
                    return app_password
            elif any(hmac.compare_digest(app_password.lookup, lookup) for lookup in lookups):
                return app_password
        return None

    def _decrypted(self, app_password: StoredAppPassword) -> str | None:
        try:
            return self._keys.decrypt(PURPOSE, app_password.encrypted)
        except CannotDecrypt as error:
            log.warning("app_password_unreadable", id=app_password.id, advice=error.hint)
            return None

    def _accept(self, known: Known, app_password_id: int, address: str) -> Actor:
        self._touch_app_password(app_password_id, address)
        assert known.actor is not None
        scopes = next((entry.scopes for entry in known.app_passwords if entry.id == app_password_id), frozenset())
        return replace(known.actor, scopes=scopes) if scopes else known.actor


def session_cookie(request: HTTPConnection) -> str | None:
    """The session cookie that a browser sent.

    Of several of that name the first, which is the one of the longest path (RFC 6265 §5.4): another Segue may live at
    another path of the same host.
    """
    for header in request.headers.getlist("cookie"):
        for pair in header.split(";"):
            name, _, value = pair.strip().partition("=")
            if name == COOKIE:
                return value
    return None


def _token_of(secret: str, salt: str) -> str:
    data = (secret + salt).encode("utf-8", "surrogatepass")
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))


def _from_hex(digits: str) -> str | None:
    try:
        return bytes.fromhex(digits).decode("utf-8")
    except ValueError:
        return None
