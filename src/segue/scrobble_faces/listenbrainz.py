"""ListenBrainz' API 1 as other players speak it: tokens, submit-listens, loves, and the little that players read.

The user token is an app password. Reading is about the caller's own listens alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import structlog
from starlette._utils import get_route_path
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from segue.accounts.service import AccountService
from segue.core.access import Actor
from segue.core.errors import SegueError, TooMany, Unauthorized
from segue.core.rest import Services
from segue.listening.plays import PlayRow
from segue.listening.scrobbling.service import Report, ScrobblingService
from segue.scrobble_faces.asked import OPEN, TooLarge, address_of, body_of, cleaned, may_report, preflight, program_of

log = structlog.get_logger("segue.scrobble_faces")

MOST_LISTENS = 1000
MOST_BYTES = 10_240_000
MOST_ITEMS = 1000
ROUTE = "/compat/listenbrainz"
OURSELVES = "Segue"
_SPOTIFY = re.compile(r"(?:spotify:track:|open\.spotify\.com/track/)([0-9A-Za-z]{22})")


class Refused(Exception):
    """An error of the API."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class ListenBrainzFace:
    """The face as an ASGI application."""

    def __init__(self, services: Services) -> None:
        self._accounts = services.get(AccountService)
        self._scrobbling = services.get(ScrobblingService)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        request.state.route = f"{ROUTE}/…"
        try:
            response = preflight() if request.method == "OPTIONS" else await self._respond(request)
        except ClientDisconnect:
            return
        response.headers.update(OPEN)
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        try:
            return JSONResponse(await self._call(request))
        except Refused as refused:
            return _error(refused.status, refused.message)
        except TooMany as error:
            return _error(429, error.message, {"X-RateLimit-Reset-In": str(max(1, round(error.retry_after_s)))})
        except Unauthorized:
            return _error(401, "Invalid authorization token.")
        except SegueError as error:
            return _error(error.status, error.message)
        except ClientDisconnect:
            raise
        except Exception:
            log.exception("report_failed", face="listenbrainz")
            return _error(500, "Something went wrong inside Segue; its log says more.")

    async def _call(self, request: Request) -> dict[str, Any]:
        parts = get_route_path(request.scope).strip("/").split("/")
        parts = parts[1:] if parts[0] == "1" else parts
        verbs: dict[tuple[str, ...], Callable[[Request, Actor], Awaitable[dict[str, Any]]]] = {
            ("POST", "submit-listens"): self._submit,
            ("GET", "latest-import"): self._latest_import,
            ("POST", "latest-import"): self._latest_import,
            ("POST", "feedback", "recording-feedback"): self._feedback,
        }
        if request.method == "GET" and parts == ["validate-token"]:
            request.state.route = f"{ROUTE}/1/validate-token"
            return await self._validate(request)
        verb = verbs.get((request.method, *parts))
        if verb is not None:
            request.state.route = f"{ROUTE}/1/{'/'.join(parts)}"
            return await verb(request, await self._actor(request))
        reads: dict[str, Callable[[Request, Actor], Awaitable[dict[str, Any]]]] = {
            "listens": self._listens,
            "listen-count": self._count,
            "playing-now": self._playing,
        }
        if request.method == "GET" and len(parts) == 3 and parts[0] == "user" and parts[2] in reads:
            request.state.route = f"{ROUTE}/1/user/…/{parts[2]}"
            actor = await self._actor(request)
            if parts[1].casefold() != actor.name.casefold():
                raise Refused(404, f"User {parts[1][:100]} not found")
            return await reads[parts[2]](request, actor)
        raise Refused(404, "The requested URL was not found on the server.")

    # who

    async def _actor(self, request: Request) -> Actor:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if not token.strip():
            raise Refused(401, "You need to provide an Authorization header.")
        if scheme.lower() not in ("token", "bearer"):
            raise Refused(401, "Invalid authorization token.")
        return await self._owner(token.strip(), request)

    async def _owner(self, token: str, request: Request) -> Actor:
        actor = await self._accounts.authenticate_subsonic(api_key=token, address=address_of(request))
        if not may_report(actor):
            raise Refused(401, "This app password is not for reporting listens.")
        request.state.actor = actor
        return actor

    async def _validate(self, request: Request) -> dict[str, Any]:
        _, _, sent = request.headers.get("authorization", "").partition(" ")
        token = sent.strip() or request.query_params.get("token", "")
        if not token:
            raise Refused(400, "You need to provide an Authorization token.")
        try:
            actor = await self._owner(token, request)
        except (Unauthorized, Refused):
            return {"code": 200, "message": "Token invalid.", "valid": False}
        return {"code": 200, "message": "Token valid.", "valid": True, "user_name": actor.name}

    # reports

    async def _submit(self, request: Request, actor: Actor) -> dict[str, Any]:
        sent = await _json(request)
        kind, payload = sent.get("listen_type"), sent.get("payload")
        if kind not in ("single", "playing_now", "import"):
            raise Refused(400, "JSON document requires a valid listen_type key.")
        if not isinstance(payload, list) or not payload:
            raise Refused(400, "JSON document does not contain any listens.")
        if kind != "import" and len(payload) > 1:
            raise Refused(400, f"JSON document contains more than one listen for a {kind}.")
        if len(payload) > MOST_LISTENS:
            raise Refused(400, f"You may submit no more than {MOST_LISTENS} listens at once.")
        program = program_of(request)
        reports = [report_of(listen, program, with_moment=kind != "playing_now") for listen in payload]
        if kind == "playing_now":
            await self._scrobbling.received_playing(actor, reports[0], tell=program != OURSELVES)
        else:
            await self._scrobbling.received(actor, reports, "listenbrainz")
        return {"status": "ok"}

    async def _feedback(self, request: Request, actor: Actor) -> dict[str, Any]:
        sent = await _json(request)
        score, mbid = sent.get("score"), sent.get("recording_mbid")
        if score not in (-1, 0, 1):
            raise Refused(400, "Feedback can have a value of 1, 0 or -1.")
        if not isinstance(mbid, str) or not mbid:
            raise Refused(400, "Segue needs a recording_mbid.")
        report = Report("", "", external_ids={"musicbrainz:recording": mbid[:100]})
        await self._scrobbling.received_love(actor, report, score == 1)
        return {"status": "ok"}

    # reading

    async def _listens(self, request: Request, actor: Actor) -> dict[str, Any]:
        before, after = (_number(request, name) for name in ("max_ts", "min_ts"))
        count = min(_number(request, "count") or 25, MOST_ITEMS)
        if before is not None and after is not None and before <= after:
            raise Refused(400, "max_ts should be greater than min_ts")
        plays, newest, oldest = await self._scrobbling.heard(actor, before=before, after=after, count=count)
        return {
            "payload": {
                "count": len(plays),
                "user_id": actor.name,
                "listens": [_shown(play, actor.name) for play in plays],
                "latest_listen_ts": newest,
                "oldest_listen_ts": oldest,
            }
        }

    async def _count(self, request: Request, actor: Actor) -> dict[str, Any]:
        return {"payload": {"count": await self._scrobbling.heard_count(actor)}}

    async def _playing(self, request: Request, actor: Actor) -> dict[str, Any]:
        track = await self._scrobbling.playing_now(actor)
        listens: list[dict[str, Any]] = []
        if track is not None:
            about = _metadata(track.title, track.artist, track.album, track.duration_ms, track.external_ids, "")
            listens = [{"playing_now": True, "user_name": actor.name, "track_metadata": about}]
        shown = {"count": len(listens), "listens": listens, "playing_now": True, "user_id": actor.name}
        return {"payload": shown}

    async def _latest_import(self, request: Request, actor: Actor) -> dict[str, Any]:
        """Importers ask from where on; Segue recognises what it has, so that they may always begin at the beginning."""
        if request.method == "POST":
            return {"status": "ok"}
        return {"latest_import": 0, "musicbrainz_id": actor.name}


def report_of(listen: Any, program: str, *, with_moment: bool) -> Report:
    """What one member of a payload says. Raises Refused with what is wrong with it."""
    about = listen.get("track_metadata") if isinstance(listen, Mapping) else None
    if not isinstance(about, Mapping):
        raise Refused(400, "JSON document does not contain required track_metadata.")
    at = None
    if with_moment:
        at = _moment(listen.get("listened_at"))
    elif "listened_at" in listen:
        raise Refused(400, "JSON document should not contain listened_at while submitting playing_now.")
    title, artist = cleaned(about.get("track_name")), cleaned(about.get("artist_name"))
    if not title or not artist:
        raise Refused(400, "required fields track_name and artist_name must not be empty.")
    found = about.get("additional_info")
    more: Mapping[str, Any] = found if isinstance(found, Mapping) else {}
    names = more.get("artist_names")
    return Report(
        title,
        artist,
        at,
        cleaned(about.get("release_name")),
        cleaned(more.get("release_artist_name")),
        _duration_ms(more),
        _ids(more),
        cleaned(more.get("media_player") or more.get("submission_client") or program),
        tuple(map(cleaned, names))[:50] if isinstance(names, Sequence) and not isinstance(names, str) else (),
    )


def _moment(value: Any) -> datetime:
    try:
        seconds = int(value)
        if seconds <= 0 or isinstance(value, bool):
            raise ValueError
        return datetime.fromtimestamp(seconds, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        raise Refused(400, "JSON document must contain the key listened_at as an integer.") from None


def _duration_ms(more: Mapping[str, Any]) -> int | None:
    try:
        told = more.get("duration_ms")
        found = int(told) if told else round(float(more.get("duration") or 0) * 1000)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if 0 < found < 2**31 else None


def _ids(more: Mapping[str, Any]) -> dict[str, str]:
    given = {
        "musicbrainz:recording": more.get("recording_mbid"),
        "musicbrainz:track": more.get("track_mbid"),
        "isrc": more.get("isrc"),
    }
    spotify = _SPOTIFY.search(str(more.get("spotify_id") or more.get("origin_url") or ""))
    if spotify:
        given["spotify:track"] = spotify[1]
    return {name: value[:100] for name, value in given.items() if isinstance(value, str) and value}


def _shown(play: PlayRow, name: str) -> dict[str, Any]:
    about = _metadata(play.title, play.artist, play.album, play.duration_ms, play.external_ids, play.client)
    return {
        "listened_at": int(play.played_at.timestamp()),
        "inserted_at": int(play.played_at.timestamp()),
        "recording_msid": str(uuid5(NAMESPACE_URL, f"{play.artist}\n{play.title}\n{play.album}")),
        "user_name": name,
        "track_metadata": about,
    }


def _metadata(
    title: str, artist: str, album: str, duration_ms: int | None, ids: Mapping[str, Any], client: str
) -> dict[str, Any]:
    more = {
        "media_player": client or None,
        "duration_ms": duration_ms,
        "recording_mbid": ids.get("musicbrainz:recording"),
        "isrc": ids.get("isrc"),
    }
    return {
        "artist_name": artist,
        "track_name": title,
        "release_name": album,
        "additional_info": {key: value for key, value in more.items() if value},
    }


async def _json(request: Request) -> dict[str, Any]:
    try:
        sent = json.loads(await body_of(request, MOST_BYTES))
    except TooLarge:
        raise Refused(413, "Payload too large.") from None
    except (ValueError, RecursionError):
        raise Refused(400, "Cannot parse JSON document.") from None
    if not isinstance(sent, dict):
        raise Refused(400, "Top level of JSON document should be a json object.")
    return sent


def _number(request: Request, name: str) -> int | None:
    text = request.query_params.get(name)
    if text is None or text == "":
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 11:
        raise Refused(400, f"Invalid {name} argument: {text[:30]}")
    return int(text)


def _error(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"code": status, "error": message}, status, headers)
