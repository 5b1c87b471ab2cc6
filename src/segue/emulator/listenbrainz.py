"""ListenBrainz' API 1: tokens, listens with the limits of the real server, feedback, and headers that tell the rate limit."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from segue.emulator.people import Heard, Listener
from segue.emulator.world import Asked, WindowedLimit, World

MAX_LISTENS = 1000
MAX_LISTEN_BYTES = 10_240
MAX_BYTES = MAX_LISTENS * MAX_LISTEN_BYTES
MAX_TAGS = 50
MAX_TAG = 64
FIRST_LISTEN = 1_033_430_400
"""2002-10-01: nothing can have been listened to before Audioscrobbler."""
PER_PERIOD = 30
PERIOD_S = 10
MAX_ITEMS = 1000
MBIDS = ("recording_mbid", "release_mbid", "release_group_mbid", "track_mbid")
MBID_LISTS = ("artist_mbids", "work_mbids")


class Refused(Exception):
    """An error of the API."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class ListenBrainz:
    """The service. `tokens` are those of people."""

    name = "listenbrainz"

    def __init__(self, world: World) -> None:
        self._world = world
        self.limit = WindowedLimit(world.clock, PER_PERIOD, PERIOD_S)
        self.reset()

    def reset(self) -> None:
        self.people: dict[str, Listener] = {}
        self.tokens: dict[str, str] = {}
        self.limit.reset()

    def person(self, name: str) -> Listener:
        return self.people.setdefault(name, Listener(name))

    def token_of(self, name: str) -> str:
        """A person's token, made where there is none."""
        self.person(name)
        found = next((token for token, owner in self.tokens.items() if owner == name), None)
        if found is None:
            found = str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{name}.{len(self.tokens)}.{self._world.clock()}"))
            self.tokens[found] = name
        return found

    def revoke(self, name: str) -> None:
        """The person makes a new token: the old one is no longer any."""
        self.tokens = {token: owner for token, owner in self.tokens.items() if owner != name}

    def state(self) -> dict[str, Any]:
        return {
            name: {
                "listens": len(one.heard),
                "sent": one.sent,
                "changed": len(one.changed),
                "feedback": one.feedback,
                "playing": one.playing.track if one.playing else None,
            }
            for name, one in self.people.items()
        }

    async def understand(self, request: Request, path: str) -> Asked:
        parts = path.strip("/").split("/")[1:]
        body = await request.body()
        params: dict[str, Any] = dict(request.query_params)
        if body:
            try:
                sent = json.loads(body)
                params = sent if isinstance(sent, dict) else {"body": sent}
            except ValueError:
                params = {"body": body.decode("utf-8", "replace")[:200]}
        route = "/".join(parts[:1] + parts[2:]) if parts[:1] == ["user"] else "/".join(parts)

        async def answer() -> Response:
            allowed, left, reset_in = self.limit.take(request.headers.get("authorization", "anonymous"))
            headers = {
                "X-RateLimit-Limit": str(self.limit.count),
                "X-RateLimit-Remaining": str(max(0, left)),
                "X-RateLimit-Reset": str(int(self._world.clock() + reset_in)),
                "X-RateLimit-Reset-In": str(max(1, round(reset_in))),
            }
            try:
                if not allowed:
                    raise Refused(429, TOO_MANY)
                return JSONResponse(self._call(request, parts, body), headers=headers)
            except Refused as refused:
                return JSONResponse({"code": refused.status, "error": refused.message}, refused.status, headers)

        return Asked(route, params, answer)

    def error(self, request: Request, code: int | None, status: int | None) -> Response:
        code = code or 500
        headers = {"X-RateLimit-Reset-In": "7", "X-RateLimit-Remaining": "0"} if code == 429 else {}
        body = {"code": code, "error": TOO_MANY if code == 429 else "Something went wrong."}
        return JSONResponse(body, code if status is None else status, headers)

    def _call(self, request: Request, parts: list[str], body: bytes) -> dict[str, Any]:
        match (request.method, parts):
            case ("GET", ["validate-token"]):
                return self._validate(request)
            case ("POST", ["submit-listens"]):
                return self._submit(request, body)
            case ("GET", ["user", name, "listens"]):
                return self._listens(name, request.query_params)
            case ("GET", ["user", name, "listen-count"]):
                return {"payload": {"count": len(self._known(name).heard)}}
            case ("GET", ["user", name, "playing-now"]):
                return self._playing(name)
            case ("POST", ["feedback", "recording-feedback"]):
                return self._feedback(request, body)
            case ("GET", ["feedback", "user", name, "get-feedback"]):
                return self._feedback_of(name, request.query_params)
            case _:
                raise Refused(404, "The requested URL was not found on the server.")

    def _token(self, request: Request) -> str:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "token" else ""

    def _owner(self, request: Request) -> Listener:
        if not request.headers.get("authorization"):
            raise Refused(401, "You need to provide an Authorization header.")
        name = self.tokens.get(self._token(request))
        if name is None:
            raise Refused(401, "Invalid authorization token.")
        return self.person(name)

    def _known(self, name: str) -> Listener:
        if name not in self.people:
            raise Refused(404, f"User {name} not found")
        return self.people[name]

    def _validate(self, request: Request) -> dict[str, Any]:
        name = self.tokens.get(request.query_params.get("token") or self._token(request))
        if name is None:
            return {"code": 200, "message": "Token invalid.", "valid": False}
        return {"code": 200, "message": "Token valid.", "valid": True, "user_name": name}

    # listens

    def _submit(self, request: Request, body: bytes) -> dict[str, Any]:
        person = self._owner(request)
        if len(body) > MAX_BYTES:
            raise Refused(413, "Payload too large.")
        sent = _json(body)
        kind, payload = sent.get("listen_type"), sent.get("payload")
        if kind not in ("single", "playing_now", "import"):
            raise Refused(400, "JSON document requires a valid listen_type key.")
        if not isinstance(payload, list) or not payload:
            raise Refused(400, "JSON document does not contain any listens")
        if kind in ("single", "playing_now") and len(payload) > 1:
            raise Refused(
                400, "JSON document contains more than listen for a single/playing_now. It should contain only one."
            )
        if len(payload) > MAX_LISTENS:
            raise Refused(400, f"Too many listens. You may submit no more than {MAX_LISTENS} listens at once.")
        now = self._world.clock()
        heard = [self._checked(listen, kind, now) for listen in payload]
        for one in heard:
            if self._world.faults.refused(self.name, "submit-listens", one.track, now) is not None:
                raise Refused(400, f"{one.track!r} is not accepted.")
        if kind == "playing_now":
            person.playing, person.playing_until = heard[0], now + 600
        else:
            for one in heard:
                person.hear(one)
        return {"status": "ok"}

    def _checked(self, listen: Any, kind: str, now: float) -> Heard:
        if not isinstance(listen, dict) or len(json.dumps(listen)) > MAX_LISTEN_BYTES:
            raise Refused(
                400,
                f"JSON document is too large. In total, JSON listens may not be larger than {MAX_LISTEN_BYTES} bytes.",
            )
        if kind == "playing_now":
            if "listened_at" in listen:
                raise Refused(400, "JSON document should not contain listened_at while submitting playing_now.")
            at: Any = int(now)
        else:
            at = listen.get("listened_at")
            if not isinstance(at, int) or isinstance(at, bool):
                raise Refused(400, "JSON document must contain the key listened_at as an integer.")
            if not FIRST_LISTEN < at <= now + 86_400:
                raise Refused(400, "Value for key listened_at is too low or in the future.")
        about = listen.get("track_metadata")
        if not isinstance(about, dict):
            raise Refused(400, "JSON document does not contain required track_metadata.")
        for name in ("track_name", "artist_name"):
            if not isinstance(about.get(name), str) or not about[name].strip():
                raise Refused(400, f"required field {name} is empty.")
        more = about.get("additional_info") or {}
        _check_more(more)
        if "\0" in json.dumps(listen, ensure_ascii=False):
            raise Refused(400, "JSON document contains a NUL character.")
        return Heard(at, about["artist_name"], about["track_name"], about.get("release_name") or "", dict(more), now)

    def _listens(self, name: str, given: Mapping[str, str]) -> dict[str, Any]:
        person = self._known(name)
        if given.get("max_ts") and given.get("min_ts") and int(given["max_ts"]) <= int(given["min_ts"]):
            raise Refused(400, "max_ts should be greater than min_ts")
        before, after = int(given.get("max_ts") or 2**62), int(given.get("min_ts") or 0)
        count = min(int(given.get("count") or 25), MAX_ITEMS)
        found = [one for one in person.newest_first() if after < one.at < before]
        page = found[-count:] if given.get("min_ts") and not given.get("max_ts") else found[:count]
        latest = max((one.at for one in person.heard.values()), default=0)
        oldest = min((one.at for one in person.heard.values()), default=0)
        return {
            "payload": {
                "count": len(page),
                "user_id": name,
                "listens": [_shown(name, one) for one in page],
                "latest_listen_ts": latest,
                "oldest_listen_ts": oldest,
            }
        }

    def _playing(self, name: str) -> dict[str, Any]:
        person = self._known(name)
        playing = person.playing if person.playing_until > self._world.clock() else None
        shown = [] if playing is None else [_shown(name, playing)]
        for one in shown:
            one.pop("listened_at")
            one.pop("inserted_at")
            one["playing_now"] = True
        return {"payload": {"count": len(shown), "user_id": name, "listens": shown, "playing_now": True}}

    # feedback

    def _feedback(self, request: Request, body: bytes) -> dict[str, Any]:
        person = self._owner(request)
        sent = _json(body)
        score, mbid = sent.get("score"), sent.get("recording_mbid")
        if score not in (-1, 0, 1):
            raise Refused(400, "Feedback can have a value of 1, 0 or -1.")
        if not mbid or not _is_uuid(mbid):
            raise Refused(400, "recording_mbid is not a valid UUID.")
        if score == 0:
            person.feedback.pop(mbid, None)
        else:
            person.feedback[mbid] = score
        return {"status": "ok"}

    def _feedback_of(self, name: str, given: Mapping[str, str]) -> dict[str, Any]:
        person = self._known(name)
        score = int(given["score"]) if given.get("score") else None
        offset, count = int(given.get("offset") or 0), min(int(given.get("count") or 25), MAX_ITEMS)
        rows = [(mbid, s) for mbid, s in person.feedback.items() if score in (None, s)]
        page = [
            {
                "created": int(self._world.clock()), "recording_mbid": mbid, "recording_msid": None, "score": s,
                "track_metadata": None, "user_id": name,
            }
            for mbid, s in rows[offset : offset + count]
        ]  # fmt: skip
        return {"feedback": page, "count": len(page), "total_count": len(rows), "offset": offset}


TOO_MANY = (
    "You have exceeded your rate limit. See the X-RateLimit-* response headers for more information on your current "
    "rate limit."
)


def _json(body: bytes) -> dict[str, Any]:
    try:
        sent = json.loads(body)
    except ValueError:
        raise Refused(400, "Cannot parse JSON document.") from None
    if not isinstance(sent, dict):
        raise Refused(400, "Invalid JSON document submitted. Top level of JSON document should be a json object.")
    return sent


def _check_more(more: Any) -> None:
    if not isinstance(more, dict):
        raise Refused(400, "additional_info must be an object.")
    tags = more.get("tags") or []
    if len(tags) > MAX_TAGS or any(len(tag) > MAX_TAG for tag in tags):
        raise Refused(400, f"JSON document may not contain more than {MAX_TAGS} tags of {MAX_TAG} characters.")
    if "duration" in more and "duration_ms" in more:
        raise Refused(400, "JSON document should not contain both duration and duration_ms.")
    for name in ("duration", "duration_ms"):
        if name in more and (not isinstance(more[name], int) or more[name] <= 0):
            raise Refused(400, f"Value for {name} is invalid, should be a positive integer.")
    for name in MBIDS:
        if more.get(name) and not _is_uuid(more[name]):
            raise Refused(400, f"{name} has an invalid MBID.")
    for name in MBID_LISTS:
        if not isinstance(more.get(name, []), list) or not all(_is_uuid(one) for one in more.get(name, [])):
            raise Refused(400, f"{name} has an invalid MBID.")


def _is_uuid(text: Any) -> bool:
    try:
        uuid.UUID(text)
    except (ValueError, AttributeError, TypeError):
        return False
    return True


def _shown(name: str, one: Heard) -> dict[str, Any]:
    msid = str(uuid.UUID(hashlib.md5(repr(one.key[1:]).encode(), usedforsecurity=False).hexdigest()))
    about: dict[str, Any] = {
        "artist_name": one.artist,
        "track_name": one.track,
        "additional_info": {**one.more, "recording_msid": msid},
    }
    if one.album:
        about["release_name"] = one.album
    return {
        "listened_at": one.at,
        "inserted_at": int(one.inserted_at),
        "recording_msid": msid,
        "user_name": name,
        "track_metadata": about,
    }
