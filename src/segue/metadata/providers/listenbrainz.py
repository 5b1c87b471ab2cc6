"""ListenBrainz' API 1, and whatever else speaks it: tokens, listens, playing now, feedback, and what it has kept.

The base URL is the account's own; the usual one is a setting. Limits come in headers (`X-RateLimit-Reset-In`), and a wrong
token is a 200 that says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from pydantic_core import to_json

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
from segue.core.outside.classify import USUAL_PAUSE_S, by_status
from segue.metadata.listened import Listened, Loved, LovedPage, Past, PastPage, Session

BATCH = 1000
"""Listens in one request, at most."""
LISTEN_BYTES = 10_240
"""Bytes of one listen, at most."""
PAGE = 1000
CLIENT = "Segue"
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def classify(answer: Answer) -> Any | None:
    """As the status says; a 429 tells in a header when there is more."""
    if answer.status == 429:
        wait = answer.seconds_in("x-ratelimit-reset-in", "retry-after")
        raise Throttled(answer.service, answer.moment_in(USUAL_PAUSE_S if wait is None else wait), said=_said(answer))
    if answer.status in (400, 413, 422):
        raise ProviderBug(answer.service, reason="refused", said=_said(answer), status_code=answer.status)
    if answer.status == 401:
        raise AuthFailed(answer.service, reason="http_401", said=_said(answer))
    if answer.status == 403:  # no word of the API: something before it, which says nothing about the token
        raise Transient(answer.service, reason="server_error", said=_said(answer))
    value = by_status(answer)
    if value is not None and not isinstance(value, dict):
        raise ProviderBug(answer.service, said=answer.said)
    return value


def pause_s(answer: Answer) -> float | None:
    """After the last request that is allowed, the time until there are more."""
    if answer.headers.get("x-ratelimit-remaining", "").strip() == "0":
        return answer.seconds_in("x-ratelimit-reset-in")
    return None


def _said(answer: Answer) -> str:
    return str(answer.members.get("error") or answer.said)


SERVICE = Service(
    name="listenbrainz",
    title="ListenBrainz",
    base_url="https://api.listenbrainz.org",
    terms=Terms("CC0-1.0", commercial=True),
    limits=(Limit(30, 10.0, burst=3),),
    classify=classify,
    pause_s=pause_s,
)


@dataclass(frozen=True, slots=True)
class At:
    """Where and as whom: a base URL without `/1`, the person's token. `public_only`: no addresses of our own network."""

    base_url: str
    token: str = field(repr=False, default="")
    public_only: bool = False


class ListenBrainz:
    """Asks ListenBrainz or something like it. `usual_url` gives the present setting. Every verb raises a Fault."""

    def __init__(self, outside: Outside, usual_url: Callable[[], str]) -> None:
        self._outside = outside
        self._usual_url = usual_url

    @property
    def usual_url(self) -> str:
        return self._usual_url()

    async def session(self, at: At) -> Session | None:
        """Whose token this is; None where it is nobody's."""
        value = await self._ask(at, Ask("validate-token", "1/validate-token", read=read_token))
        if value is None:
            raise ProviderBug(SERVICE.title, reason="url", said="There is no such page at the API's address.")
        return Session(value, at.token) if value else None

    async def submit(self, at: At, listens: Sequence[Listened]) -> None:
        """Tell of at most 1,000 listens; all are taken, or a ProviderBug `refused` says why none is."""
        kind = "single" if len(listens) == 1 else "import"
        await self._post(at, "submit-listens", {"listen_type": kind, "payload": [payload(one) for one in listens]})

    async def now_playing(self, at: At, listen: Listened, max_wait_s: float = 2.0) -> None:
        """Say what plays now; given up where it is not Segue's turn within `max_wait_s`."""
        told = payload(listen)
        told.pop("listened_at", None)
        await self._post(at, "submit-listens", {"listen_type": "playing_now", "payload": [told]}, max_wait_s)

    async def love(self, at: At, recording_mbid: str, loved: bool) -> None:
        """Love a recording, or no longer. Only what has a MusicBrainz id can be loved."""
        said = {"recording_mbid": recording_mbid, "score": 1 if loved else 0}
        await self._post(at, "feedback/recording-feedback", said)

    async def hate(self, at: At, recording_mbid: str) -> None:
        """Hate a recording, which takes the place of loving it; `love(…, False)` takes it back."""
        await self._post(at, "feedback/recording-feedback", {"recording_mbid": recording_mbid, "score": -1})

    async def listens(self, at: At, user: str, *, before: int | None = None, count: int = PAGE) -> PastPage | None:
        """What `user` has listened to before a moment in seconds, newest first; None where there is no such user."""
        query = {"count": str(count)} | ({"max_ts": str(before)} if before is not None else {})
        ask = Ask("listens", f"1/user/{quote(user, safe='')}/listens", query=query, read=read_listens)
        return await self._ask(at, ask)

    async def loves(self, at: At, user: str, page: int = 0) -> LovedPage | None:
        """What `user` loves, 1,000 at a time from page 0; None where there is no such user."""
        query = {"score": "1", "count": str(PAGE), "offset": str(page * PAGE), "metadata": "true"}
        path = f"1/feedback/user/{quote(user, safe='')}/get-feedback"
        return await self._ask(at, Ask("get-feedback", path, query=query, read=lambda value: read_loves(value, page)))

    async def _post(self, at: At, kind: str, said: Mapping[str, Any], max_wait_s: float | None = None) -> None:
        headers = {"Content-Type": "application/json"}
        ask: Ask[str] = Ask(
            kind, f"1/{kind}", "POST", body=to_json(said), headers=headers, read=read_ok, max_wait_s=max_wait_s
        )
        if await self._ask(at, ask) is None:
            raise ProviderBug(SERVICE.title, reason="url", said="There is no such page at the API's address.")

    async def _ask(self, at: At, ask: Ask[Any]) -> Any | None:
        headers = {**ask.headers, "Authorization": f"Token {at.token}"} if at.token else ask.headers
        asked = Ask(
            ask.kind, ask.path, ask.method, ask.query, None, ask.body, headers, ask.read,
            base_url=at.base_url, max_wait_s=ask.max_wait_s, public_only=at.public_only,
        )  # fmt: skip
        return await self._outside.ask(SERVICE, asked)


def payload(listen: Listened) -> dict[str, Any]:
    """One listen as it is submitted: no larger than the service takes, and nothing that it would refuse."""
    more: dict[str, Any] = {"submission_client": CLIENT, "media_player": listen.player or CLIENT}
    if listen.version:
        more["submission_client_version"] = listen.version
    if listen.duration_ms:
        more["duration_ms"] = listen.duration_ms
    if _UUID.fullmatch(listen.recording_mbid):
        more["recording_mbid"] = listen.recording_mbid.lower()
    if listen.isrc:
        more["isrc"] = listen.isrc
    if listen.album_artist and listen.album_artist != listen.artist:
        more["release_artist_name"] = listen.album_artist
    about: dict[str, Any] = {"artist_name": listen.artist, "track_name": listen.title, "additional_info": more}
    if listen.album:
        about["release_name"] = listen.album
    told: dict[str, Any] = {"track_metadata": about}
    if listen.at is not None:
        told["listened_at"] = listen.at
    for name in ("additional_info", "release_name"):
        if len(to_json(told)) > LISTEN_BYTES:
            about.pop(name, None)
    return told


def read_token(value: Any) -> str:
    """The name, empty where the token is nobody's."""
    return str(value["user_name"]) if value["valid"] else ""


def read_ok(value: Any) -> str:
    """That all was taken; Maloja and others say `ok` in other words, an error never."""
    if "error" in value:
        raise ValueError(str(value["error"]))
    return str(value.get("status", ""))


def read_listens(value: Any) -> PastPage:
    told = value["payload"]
    listens = [_past(row) for row in told["listens"] if row.get("listened_at") is not None]
    oldest = told.get("oldest_listen_ts")
    return PastPage(listens, oldest_at=int(oldest) if oldest is not None else None)


def _past(row: Any) -> Past:
    about = row["track_metadata"]
    more = about.get("additional_info") or {}
    mapped = about.get("mbid_mapping") or {}
    recording = more.get("recording_mbid") or mapped.get("recording_mbid")
    ids: dict[str, Any] = {"musicbrainz:recording": recording} if recording else {}
    if more.get("isrc"):
        ids["isrc"] = more["isrc"]
    seconds = more.get("duration")
    duration = more.get("duration_ms") or (int(float(seconds) * 1000) if seconds else None)
    return Past(
        datetime.fromtimestamp(int(row["listened_at"]), UTC),
        str(about["track_name"]),
        str(about["artist_name"]),
        str(about.get("release_name") or ""),
        int(duration) if duration else None,
        ids,
        str(more.get("media_player") or more.get("listening_from") or ""),
    )


def read_loves(value: Any, page: int) -> LovedPage:
    rows = value["feedback"]
    loves = []
    for row in rows:
        about = row.get("track_metadata") or {}
        at = row.get("created")
        loves.append(
            Loved(
                str(about.get("track_name") or ""),
                str(about.get("artist_name") or ""),
                str(row.get("recording_mbid") or ""),
                datetime.fromtimestamp(int(at), UTC) if at else None,
            )
        )
    total = int(value.get("total_count", len(rows)))
    more = bool(rows) and int(value.get("offset", 0)) + len(rows) < total
    return LovedPage(loves, page + 1 if more else None, total)
