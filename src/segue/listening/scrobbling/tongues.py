"""How each kind of account is spoken to: the same verbs, whichever service it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol
from urllib.parse import urlsplit

from segue.core.outside import AuthFailed, ProviderBug
from segue.listening.scrobbling.errors import BadAddress
from segue.metadata.service import (
    ACCEPTED,
    LASTFM_BATCH,
    LISTENBRAINZ_BATCH,
    At,
    Listened,
    LovedPage,
    MetadataService,
    Verdict,
)


class Tongue(Protocol):
    """One account at one service. Every verb raises a Fault."""

    batch: int
    """Listens that one request takes."""

    async def tell(self, listens: Sequence[Listened]) -> list[Verdict]:
        """Tell of listens; a verdict for each, in their order. A ProviderBug `refused` is about all of them."""
        ...

    async def love(self, listen: Listened, loved: bool) -> Verdict: ...

    async def hate(self, listen: Listened) -> Verdict:
        """Say that it is not to be heard, in the place of a love; a service that knows nothing of the kind is told nothing."""
        ...

    async def now_playing(self, listen: Listened) -> None: ...

    async def loved(self, page: int | None) -> LovedPage:
        """A page of what is loved there; None is the first."""
        ...

    async def check(self) -> str:
        """The name at the service: it answers, and accepts the key. Raises AuthFailed where it does not."""
        ...


class _Lastfm:
    batch = LASTFM_BATCH

    def __init__(self, metadata: MetadataService, name: str, session_key: str) -> None:
        self._lastfm = metadata.lastfm
        self._name = name
        self._key = session_key

    async def tell(self, listens: Sequence[Listened]) -> list[Verdict]:
        return await self._lastfm.scrobble(self._key, listens)

    async def love(self, listen: Listened, loved: bool) -> Verdict:
        await self._lastfm.love(self._key, listen, loved)
        return ACCEPTED

    async def hate(self, listen: Listened) -> Verdict:
        return ACCEPTED

    async def now_playing(self, listen: Listened) -> None:
        await self._lastfm.now_playing(self._key, listen)

    async def loved(self, page: int | None) -> LovedPage:
        return await self._lastfm.loved_tracks(self._name, page or 1, session_key=self._key)

    async def check(self) -> str:
        return await self._lastfm.user(self._key)


class _ListenBrainz:
    batch = LISTENBRAINZ_BATCH

    def __init__(self, metadata: MetadataService, name: str, at: At) -> None:
        self._listenbrainz = metadata.listenbrainz
        self._name = name
        self._at = at

    async def tell(self, listens: Sequence[Listened]) -> list[Verdict]:
        await self._listenbrainz.submit(self._at, listens)
        return [ACCEPTED] * len(listens)

    async def love(self, listen: Listened, loved: bool) -> Verdict:
        if not listen.recording_mbid:
            return Verdict(False, "no_mbid")
        await self._listenbrainz.love(self._at, listen.recording_mbid, loved)
        return ACCEPTED

    async def hate(self, listen: Listened) -> Verdict:
        if not listen.recording_mbid:
            return Verdict(False, "no_mbid")
        await self._listenbrainz.hate(self._at, listen.recording_mbid)
        return ACCEPTED

    async def now_playing(self, listen: Listened) -> None:
        await self._listenbrainz.now_playing(self._at, listen)

    async def loved(self, page: int | None) -> LovedPage:
        found = await self._listenbrainz.loves(self._at, self._name, page or 0)
        return found if found is not None else LovedPage([], None, 0)

    async def check(self) -> str:
        session = await self._listenbrainz.session(self._at)
        if session is None:
            raise AuthFailed("ListenBrainz", reason="token_invalid")
        return session.name


def tongue_of(metadata: MetadataService, account: Any, secret: str, *, private_ok: bool) -> Tongue:
    """How to speak to `account`. Addresses of our own network are asked only where `private_ok`, or where the settings
    name them."""
    if account.kind == "lastfm":
        return _Lastfm(metadata, account.name, secret)
    return _ListenBrainz(metadata, account.name, place_of(metadata, account.base_url, secret, private_ok=private_ok))


def place_of(metadata: MetadataService, base_url: str, token: str, *, private_ok: bool) -> At:
    url = base_url or metadata.listenbrainz.usual_url
    return At(url, token, public_only=bool(base_url) and not private_ok)


def checked_address(url: str) -> str:
    """`url` as it is kept: without a slash, query or `/1` at its end. Raises BadAddress."""
    text = url.strip()
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise BadAddress(text[:200], str(error)) from None
    if parts.scheme not in ("http", "https") or not parts.hostname or any(one.isspace() for one in text):
        raise BadAddress(text[:200], "it must begin with http:// or https://")
    if parts.username or parts.password or parts.query or parts.fragment or len(text) > 500 or port == 0:
        raise BadAddress(text[:200], "it must be an address alone, without a name, a query or a fragment")
    path = parts.path.rstrip("/").removesuffix("/1").rstrip("/")
    return f"{parts.scheme}://{parts.netloc.lower()}{path}"


def is_refusal(fault: Exception) -> bool:
    """Whether the service understood and will not have it, so that asking again is of no use: Last.fm's errors 6 and 7
    (parameters), and the statuses with which an API says so."""
    if not isinstance(fault, ProviderBug) or fault.reason != "refused":
        return False
    error = fault.params.get("error")
    return error in (6, 7) if error is not None else fault.params.get("status_code") in (400, 413, 422)
