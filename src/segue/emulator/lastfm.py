"""Last.fm's API 2.0: signed calls, the web login with a page to approve, scrobbles in batches, loves, recent tracks."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from segue.emulator.lastfm_answers import (
    STATUS_OF_ERROR,
    as_xml,
    error_body,
    loved_body,
    now_playing_body,
    recent_body,
    scrobble_body,
    user_body,
)
from segue.emulator.people import Heard, Listener
from segue.emulator.world import Asked, WindowedLimit, World

API_KEY = "e" * 32
SECRET = "5" * 32
BATCH = 50
TOKEN_S = 3600
OLDEST_S = 14 * 86_400
A_DAY = 86_400
PER_DAY = 2_800
"""Scrobbles a listener and day, from what people report; the service does not say."""
PER_10_S = 50
"""Five a second, from what client libraries keep to."""
MAX_PAGE = 200
WRITES = frozenset(
    ("track.scrobble", "track.updateNowPlaying", "track.love", "track.unlove", "auth.getSession", "auth.getToken")
)
_PLACE = re.compile(r"^(\w+)\[(\d+)\]$")


class Refused(Exception):
    """An error of the protocol."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Token:
    """Issued at `at`; whose it is once approved."""

    at: float
    user: str | None = None


class Lastfm:
    """The service. `keys` are the API keys with their secrets."""

    name = "lastfm"

    def __init__(self, world: World) -> None:
        self._world = world
        self.keys = {API_KEY: SECRET}
        self.limit = WindowedLimit(world.clock, PER_10_S, 10)
        self.per_day = PER_DAY
        self.reset()

    def reset(self) -> None:
        self.people: dict[str, Listener] = {}
        self.tokens: dict[str, Token] = {}
        self.sessions: dict[str, str] = {}
        self.private: set[str] = set()
        self._days: dict[str, list[float]] = {}
        self._answers = 0
        self.limit.reset()

    # what a test does

    def person(self, name: str) -> Listener:
        return self.people.setdefault(name, Listener(name))

    def approve(self, token: str, user: str) -> None:
        """The person presses "Yes, allow access"."""
        self.tokens[token].user = user

    def session_of(self, user: str) -> str:
        """A session key as auth.getSession gives it."""
        key = secrets.token_urlsafe(24)[:32]
        self.sessions[key] = user
        self.person(user)
        return key

    def revoke(self, user: str) -> None:
        """The person takes access back on Last.fm's settings page: every session key dies."""
        self.sessions = {key: name for key, name in self.sessions.items() if name != user}

    def state(self) -> dict[str, Any]:
        return {
            name: {
                "listens": len(one.heard),
                "sent": one.sent,
                "changed": len(one.changed),
                "loved": sorted(map(list, one.loved)),
                "playing": one.playing.track if one.playing else None,
            }
            for name, one in self.people.items()
        }

    # the wire

    async def understand(self, request: Request, path: str) -> Asked:
        if path.strip("/") == "api/auth":
            return Asked("auth", dict(request.query_params), lambda: self._page(request))
        params = {name: str(value) for name, value in request.query_params.items()}
        if request.method == "POST":
            params |= await _form(request)
        method = params.get("method", "")

        async def answer() -> Response:
            if path.strip("/") != "2.0":
                return Response("Not found", 404)
            try:
                return self._spelled(params, self._call(request, method, params))
            except Refused as refused:
                return self._failed(params, refused.code, None)

        return Asked(method, params, answer)

    def error(self, request: Request, code: int | None, status: int | None) -> Response:
        return self._failed({"format": "json"}, code or 8, status)

    def _failed(self, params: dict[str, str], code: int, status: int | None) -> Response:
        return self._spelled(params, error_body(code), STATUS_OF_ERROR.get(code, 400) if status is None else status)

    @staticmethod
    def _spelled(params: dict[str, str], body: dict[str, Any], status: int = 200) -> Response:
        if params.get("format") == "json":
            return JSONResponse(body, status)
        return Response(as_xml(body), status, media_type="text/xml; charset=UTF-8")

    def _call(self, request: Request, method: str, params: dict[str, str]) -> dict[str, Any]:
        verbs: dict[str, Callable[[dict[str, str]], dict[str, Any]]] = {
            "auth.getToken": self._get_token,
            "auth.getSession": self._get_session,
            "track.scrobble": self._scrobble,
            "track.updateNowPlaying": self._now_playing,
            "track.love": lambda given: self._love(given, True),
            "track.unlove": lambda given: self._love(given, False),
            "user.getRecentTracks": self._recent,
            "user.getLovedTracks": self._loved,
            "user.getInfo": self._info,
        }
        verb = verbs.get(method)
        if verb is None:
            raise Refused(3)
        if params.get("api_key") not in self.keys:
            raise Refused(10)
        if method in WRITES:
            self._check_signature(params)
        allowed, _, _ = self.limit.take(request.client.host if request.client else "")
        if not allowed:
            raise Refused(29)
        return verb(params)

    def _check_signature(self, params: dict[str, str]) -> None:
        signed = {name: value for name, value in params.items() if name not in ("format", "callback", "api_sig")}
        text = "".join(f"{name}{signed[name]}" for name in sorted(signed)) + self.keys[params["api_key"]]
        if hashlib.md5(text.encode(), usedforsecurity=False).hexdigest() != params.get("api_sig"):
            raise Refused(13)

    def _person_of(self, params: dict[str, str]) -> Listener:
        user = self.sessions.get(params.get("sk", ""))
        if user is None:
            raise Refused(9)
        return self.person(user)

    # auth

    def _get_token(self, params: dict[str, str]) -> dict[str, Any]:
        return {"token": self._issue()}

    def _issue(self) -> str:
        token = secrets.token_urlsafe(24)[:32]
        self.tokens[token] = Token(self._world.clock())
        return token

    def _get_session(self, params: dict[str, str]) -> dict[str, Any]:
        token = self.tokens.get(params.get("token", ""))
        if token is None or self._world.clock() - token.at > TOKEN_S:
            raise Refused(4)
        if token.user is None:
            raise Refused(14)
        del self.tokens[params["token"]]
        return {"session": {"subscriber": 0, "name": token.user, "key": self.session_of(token.user)}}

    async def _page(self, request: Request) -> Response:
        """The page on which a person allows access: of a token (desktop), or one that sends them back (web, `cb`)."""
        given = dict(request.query_params)
        if given.get("api_key") not in self.keys:
            return HTMLResponse("<h1>Invalid API key</h1>", 403)
        if request.method == "POST":
            user = (await _form(request)).get("user", "listener")
            token = given.get("token") or self._issue()
            if token not in self.tokens:
                return HTMLResponse("<h1>This token has not been issued</h1>", 403)
            self.approve(token, user)
            back = given.get("cb")
            if not back:
                return HTMLResponse("<h1>Application authenticated</h1><p>You can close this window.</p>")
            joined = "&" if urlsplit(back).query else "?"
            return RedirectResponse(f"{back}{joined}{urlencode({'token': token})}", 303)
        return HTMLResponse(
            "<!DOCTYPE html><html><head><title>Last.fm (emulated)</title></head><body>"
            "<h1>Allow access?</h1><p>Segue wants to scrobble for you. This page is an emulator's.</p>"
            f'<form method="post" action="?{escape(urlencode(given))}"><label>User name '
            '<input name="user" value="listener"></label> <button id="allow">Yes, allow access</button></form></body></html>'
        )

    # scrobbling

    def _scrobble(self, params: dict[str, str]) -> dict[str, Any]:
        person = self._person_of(params)
        rows = _rows(params)
        if not rows or len(rows) > BATCH:
            raise Refused(6)
        now = self._world.clock()
        told: list[tuple[Heard, int]] = []
        for row in rows:
            if not row.get("artist") or not row.get("track") or not row.get("timestamp", "").isdigit():
                raise Refused(6)
            more = {name: row[name] for name in ("albumArtist", "trackNumber", "duration", "mbid") if row.get(name)}
            one = Heard(int(row["timestamp"]), row["artist"], row["track"], row.get("album", ""), more, now)
            told.append((one, self._verdict(person, one, now)))
        for one, code in told:
            if code == 0:
                person.hear(one)
        self._answers += 1
        return scrobble_body(told, as_text=self._answers % 2 == 0)

    def _verdict(self, person: Listener, one: Heard, now: float) -> int:
        refused = self._world.faults.refused(self.name, "track.scrobble", one.track, now)
        if refused is not None:
            return refused
        if one.at < now - OLDEST_S:
            return 3
        if one.at > now + A_DAY:
            return 4
        if one.key in person.heard:
            return 0
        day = [moment for moment in self._days.get(person.name, []) if moment > now - A_DAY]
        if len(day) >= self.per_day:
            return 5
        self._days[person.name] = [*day, now]
        return 0

    def _now_playing(self, params: dict[str, str]) -> dict[str, Any]:
        person = self._person_of(params)
        if not params.get("artist") or not params.get("track"):
            raise Refused(6)
        now = self._world.clock()
        person.playing = Heard(int(now), params["artist"], params["track"], params.get("album", ""))
        person.playing_until = now + float(params.get("duration") or 600)
        return now_playing_body(person.playing, 0)

    def _love(self, params: dict[str, str], loved: bool) -> dict[str, Any]:
        person = self._person_of(params)
        if not params.get("artist") or not params.get("track"):
            raise Refused(6)
        key = (params["artist"], params["track"])
        if loved:
            person.loved.setdefault(key, self._world.clock())
        else:
            person.loved.pop(key, None)
        return {}

    # reading

    def _recent(self, params: dict[str, str]) -> dict[str, Any]:
        person = self._known(params)
        if person.name in self.private and self.sessions.get(params.get("sk", "")) != person.name:
            raise Refused(17)
        page, per_page = _paging(params)
        heard = [
            one
            for one in person.newest_first()
            if int(params.get("from") or 0) <= one.at <= int(params.get("to") or 2**62)
        ]
        start = (page - 1) * per_page
        playing = person.playing if person.playing_until > self._world.clock() else None
        return recent_body(
            person.name, heard[start : start + per_page], playing, page=page, per_page=per_page, total=len(heard)
        )

    def _loved(self, params: dict[str, str]) -> dict[str, Any]:
        person = self._known(params)
        page, per_page = _paging(params)
        loved = sorted(person.loved.items(), key=lambda entry: -entry[1])
        start = (page - 1) * per_page
        return loved_body(person.name, loved[start : start + per_page], page=page, per_page=per_page, total=len(loved))

    def _info(self, params: dict[str, str]) -> dict[str, Any]:
        person = self._known(params)
        return user_body(person.name, len(person.heard))

    def _known(self, params: dict[str, str]) -> Listener:
        if params.get("sk") and params["sk"] not in self.sessions:
            raise Refused(9)
        name = params.get("user") or self.sessions.get(params.get("sk", ""), "")
        if name not in self.people:
            raise Refused(6)
        return self.people[name]


async def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))


def _rows(params: dict[str, str]) -> list[dict[str, str]]:
    """The rows of `artist[0]`, `track[0]` …, in order; or the one row without numbers."""
    rows: dict[int, dict[str, str]] = {}
    for name, value in params.items():
        found = _PLACE.match(name)
        if found:
            rows.setdefault(int(found[2]), {})[found[1]] = value
    if rows:
        return [rows[number] for number in sorted(rows)]
    return [params] if "track" in params else []


def _paging(params: dict[str, str]) -> tuple[int, int]:
    try:
        page, per_page = int(params.get("page") or 1), int(params.get("limit") or 50)
    except ValueError:
        raise Refused(6) from None
    if page < 1 or per_page < 1:
        raise Refused(6)
    return page, min(per_page, MAX_PAGE)
