"""Last.fm 2.0: sign-in on its own page, scrobbles, now playing, loves, and what it has kept of somebody.

Writes are signed: parameters in order of their names, joined name and value, our secret at the end, MD5 of that. Errors come
in the body (`{"error": 9, …}`), with status 200 as well as with others. Answers are XML turned to JSON: one row is an object,
several are an array, numbers are text. See docs/developers/outside.md.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from segue.core.errors import Unavailable
from segue.core.outside import (
    Answer,
    Ask,
    AuthFailed,
    Limit,
    Outside,
    ProviderBug,
    Service,
    Terms,
    Throttled,
    Transient,
)
from segue.core.outside.classify import by_status
from segue.metadata.listened import ACCEPTED, Listened, Loved, LovedPage, Past, PastPage, Session, Verdict

T = TypeVar("T")

BATCH = 50
"""Scrobbles in one request, at most."""
PAGE = 200
"""Rows of a page, at most."""
RATE_LIMITED_S = 900.0
"""Error 29 does not say for how long; who keeps failing backs off for hours beyond this."""
UNSIGNED = frozenset(("format", "callback"))
SIGN_IN_AGAIN = frozenset((4, 9, 14, 15, 17))
KEYS_ARE_WRONG = frozenset((10, 13, 26))
TRY_AGAIN = frozenset((8, 11, 16))
IGNORED = {1: "artist_ignored", 2: "track_ignored", 3: "too_old", 4: "in_the_future", 5: "daily_limit"}
DAILY_LIMIT = 5
_XML_ERROR = re.compile(r'<error code="(\d+)">([^<]*)<')


class LastfmNotSetUp(Unavailable):
    def __init__(self) -> None:
        super().__init__(
            "lastfm_not_set_up",
            "Last.fm needs an API key and its secret, which are not set.",
            hint="An administrator makes one at https://www.last.fm/api/account/create and sets lastfm.api_key and "
            "lastfm.secret.",
        )


def classify(answer: Answer) -> Any:
    """The answer's object. An error in the body outweighs the status."""
    error = _error_in(answer)
    if error is not None:
        raise _fault(answer, *error)
    if 200 <= answer.status < 300:
        if not isinstance(answer.data, dict):
            raise ProviderBug(answer.service, said=answer.said)
        return answer.data
    if answer.status in (
        401,
        403,
    ):  # without an error of the API: something before it, which says nothing about the key
        raise Transient(answer.service, reason="server_error", said=answer.said)
    return by_status(answer)


def _error_in(answer: Answer) -> tuple[int, str] | None:
    code = answer.members.get("error")
    if code is not None and str(code).isdigit():
        return int(code), str(answer.members.get("message", ""))
    found = _XML_ERROR.search(answer.said)
    return (int(found[1]), found[2]) if found else None


def _fault(answer: Answer, code: int, said: str) -> Exception:
    service, reason = answer.service, f"lastfm_{code}"
    if code in SIGN_IN_AGAIN:
        return AuthFailed(service, reason=reason, said=said)
    if code in KEYS_ARE_WRONG:
        return AuthFailed(service, reauth=False, reason=reason, said=said)
    if code in TRY_AGAIN:
        return Transient(service, reason="server_error", said=said)
    if code == 29:
        wait = answer.seconds_in("retry-after")
        return Throttled(service, answer.moment_in(RATE_LIMITED_S if wait is None else wait), reason=reason, said=said)
    return ProviderBug(service, reason="refused", said=said, error=code)


SERVICE = Service(
    name="lastfm",
    title="Last.fm",
    base_url="https://ws.audioscrobbler.com/2.0/",
    terms=Terms("Last.fm API terms of service", "Powered by Last.fm, with a link", commercial=False),
    limits=(Limit(5, 1.0),),
    classify=classify,
)


@dataclass(frozen=True, slots=True)
class LastfmKeys:
    """Which application asks, and where. `approval_url` is the page on which a person allows it."""

    api_key: str | None
    secret: str | None = field(repr=False)
    base_url: str
    approval_url: str


class Lastfm:
    """Asks Last.fm. `keys` gives the present settings. Every verb raises a Fault, or LastfmNotSetUp."""

    def __init__(self, outside: Outside, keys: Callable[[], LastfmKeys]) -> None:
        self._outside = outside
        self._keys = keys

    @property
    def is_set_up(self) -> bool:
        keys = self._keys()
        return bool(keys.api_key and keys.secret)

    # signing in

    async def token(self) -> str:
        """A token that a person is to approve at `approval_url`; good for an hour."""
        return await self._write("auth.getToken", {}, lambda value: str(value["token"]))

    def approval_url(self, *, token: str | None = None, callback: str | None = None) -> str:
        """Where the person says yes: to a `token`, or to be sent back to `callback` with one."""
        keys = self._known_keys()
        query = {"api_key": keys.api_key or ""}
        query |= {"token": token} if token else {"cb": callback or ""}
        return f"{keys.approval_url}?{urlencode(query)}"

    async def session(self, token: str) -> Session:
        """The session behind an approved token. Raises AuthFailed while it is not approved, or is past its time."""
        return await self._write("auth.getSession", {"token": token}, read_session)

    # telling

    async def scrobble(self, session_key: str, listens: Sequence[Listened]) -> list[Verdict]:
        """Tell of at most 50 listens; what became of each."""
        params: dict[str, str] = {"sk": session_key}
        for number, listen in enumerate(listens):
            params |= {f"{name}[{number}]": value for name, value in _fields(listen).items()}
        return await self._write("track.scrobble", params, lambda value: read_scrobbled(value, len(listens)))

    async def now_playing(self, session_key: str, listen: Listened, max_wait_s: float = 2.0) -> None:
        """Say what plays now; given up where it is not Segue's turn within `max_wait_s`."""
        params = {"sk": session_key, **_fields(listen)}
        await self._write("track.updateNowPlaying", params, lambda value: value["nowplaying"], max_wait_s=max_wait_s)

    async def love(self, session_key: str, listen: Listened, loved: bool) -> None:
        params = {"sk": session_key, "artist": listen.artist, "track": listen.title}
        await self._write("track.love" if loved else "track.unlove", params, lambda value: value)

    # what it has kept

    async def recent_tracks(
        self, user: str, page: int = 1, *, limit: int = PAGE, since: int | None = None, until: int | None = None,
        session_key: str | None = None,
    ) -> PastPage:  # fmt: skip
        """A page of what `user` has listened to, newest first, between two moments in seconds; a private user's needs
        their session. Without what plays now. Raises UnknownUser."""
        params = {"user": user, "page": str(page), "limit": str(limit), "extended": "0"}
        params |= {"from": str(since)} if since is not None else {}
        params |= {"to": str(until)} if until is not None else {}
        return await self._read("user.getRecentTracks", params, read_recent, session_key)

    async def loved_tracks(self, user: str, page: int = 1, *, session_key: str | None = None) -> LovedPage:
        """A page of what `user` loves, newest first."""
        params = {"user": user, "page": str(page), "limit": str(PAGE)}
        return await self._read("user.getLovedTracks", params, read_loved, session_key)

    async def user(self, session_key: str) -> str:
        """Whose session this is: asks whether it is good still. Raises AuthFailed where it is not."""
        return await self._read("user.getInfo", {}, lambda value: str(value["user"]["name"]), session_key)

    def check_keys(self) -> None:
        """Raises LastfmNotSetUp where nothing can be asked yet."""
        self._known_keys()

    # inside

    def _known_keys(self) -> LastfmKeys:
        keys = self._keys()
        if not keys.api_key or not keys.secret:
            raise LastfmNotSetUp
        return keys

    async def _write(
        self, method: str, params: Mapping[str, str], read: Callable[[Any], T], *, max_wait_s: float | None = None
    ) -> T:
        keys = self._known_keys()
        form = signed({**params, "method": method, "api_key": keys.api_key or ""}, keys.secret or "")
        ask: Ask[T] = Ask(method, "", "POST", form=form, read=read, base_url=keys.base_url, max_wait_s=max_wait_s)
        found: T | None = await self._outside.ask(SERVICE, ask)
        return _there(found)

    async def _read(
        self, method: str, params: Mapping[str, str], read: Callable[[Any], T], session_key: str | None
    ) -> T:
        keys = self._known_keys()
        query = {**params, "method": method, "api_key": keys.api_key or ""}
        query = signed({**query, "sk": session_key}, keys.secret or "") if session_key else {**query, "format": "json"}
        ask: Ask[T] = Ask(method, query=query, read=read, base_url=keys.base_url)
        found: T | None = await self._outside.ask(SERVICE, ask)
        return _there(found)


def _there(value: T | None) -> T:
    if value is None:
        raise ProviderBug(SERVICE.title, reason="url", said="There is no such page at the API's address.")
    return value


def signed(params: Mapping[str, str], secret: str) -> dict[str, str]:
    """`params` with `api_sig` and `format`. Source of the form: https://www.last.fm/api/authspec (8, "signing calls")."""
    text = "".join(f"{name}{params[name]}" for name in sorted(params) if name not in UNSIGNED) + secret
    signature = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    return {**params, "api_sig": signature, "format": "json"}


def _fields(listen: Listened) -> dict[str, str]:
    told = {
        "artist": listen.artist,
        "track": listen.title,
        "timestamp": "" if listen.at is None else str(listen.at),
        "album": listen.album,
        "albumArtist": listen.album_artist if listen.album_artist != listen.artist else "",
        "duration": str(round(listen.duration_ms / 1000)) if listen.duration_ms else "",
        "mbid": listen.recording_mbid,
    }
    return {name: value for name, value in told.items() if value}


def read_session(value: Any) -> Session:
    session = value["session"]
    return Session(str(session["name"]), str(session["key"]))


def read_scrobbled(value: Any, count: int) -> list[Verdict]:
    """What became of each of `count` scrobbles, in their order. Raises ValueError where not each has an answer."""
    rows = _many(value["scrobbles"]["scrobble"])
    if len(rows) != count:
        raise ValueError(f"{len(rows)} answers to {count} scrobbles")
    return [_verdict(row.get("ignoredMessage") or {}) for row in rows]


def _verdict(said: Any) -> Verdict:
    code = int(said.get("code") or 0)
    if code == 0:
        return ACCEPTED
    return Verdict(False, IGNORED.get(code, f"ignored_{code}"), str(said.get("#text") or ""), code == DAILY_LIMIT)


def read_recent(value: Any) -> PastPage:
    recent = value["recenttracks"]
    listens = []
    for row in _many(recent.get("track", [])):
        if _attributes(row).get("nowplaying") == "true" or "date" not in row:
            continue
        mbid = str(row.get("mbid") or "")
        listens.append(
            Past(
                datetime.fromtimestamp(int(row["date"]["uts"]), UTC),
                str(row["name"]),
                _text(row["artist"]),
                _text(row.get("album") or ""),
                None,
                {"musicbrainz:recording": mbid} if mbid else {},
            )
        )
    paging = _attributes(recent)
    return PastPage(listens, int(paging.get("page", 1)), int(paging["totalPages"]), int(paging["total"]))


def read_loved(value: Any) -> LovedPage:
    loved = value["lovedtracks"]
    loves = [
        Loved(
            str(row["name"]),
            _text(row["artist"]),
            str(row.get("mbid") or ""),
            datetime.fromtimestamp(int(row["date"]["uts"]), UTC) if row.get("date") else None,
        )
        for row in _many(loved.get("track", []))
    ]
    paging = _attributes(loved)
    page, pages = int(paging.get("page", 1)), int(paging.get("totalPages", 1))
    return LovedPage(loves, page + 1 if page < pages else None, int(paging.get("total", len(loves))))


def _many(rows: Any) -> list[Any]:
    return rows if isinstance(rows, list) else [rows]


def _attributes(element: Any) -> dict[str, Any]:
    found = element.get("@attr")
    return found if isinstance(found, dict) else {}


def _text(element: Any) -> str:
    """The name in an artist or album, which may be text, {"#text": …} or {"name": …}."""
    if isinstance(element, dict):
        return str(element.get("#text") or element.get("name") or "")
    return str(element)
