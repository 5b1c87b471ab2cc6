"""What shards answer to routers: the verbs of `shard.Shard` below one path, in MessagePack, for who knows the token."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import structlog

from segue.catalog.current import Current
from segue.catalog.dropin.asked import Asked, ClientGone, Receive, Scope, Send
from segue.catalog.records import Kind
from segue.catalog.scale.errors import NotAShard
from segue.catalog.scale.remote import ID_HEADER, OTHER_CATALOGUE, PATH, Refused
from segue.catalog.scale.searching import Question
from segue.catalog.scale.shard import LocalShard
from segue.catalog.snapshot.manifest import SnapshotDamaged
from segue.catalog.snapshot.opening import SnapshotBackend
from segue.catalog.store import Backend
from segue.core.errors import Invalid, SegueError

log = structlog.get_logger("segue.catalog")

KEEP_S = 60.0
"""So long a shard goes on answering for the catalogue before, to routers whose other shards have not changed yet."""

_ARGUMENTS: dict[str, Any] = {
    "about": tuple[()],
    "ranks": tuple[Kind, list[str]],
    "isrcs": tuple[list[str]],
    "upcs": tuple[list[str]],
    "external": tuple[list[str]],
    "documents": tuple[Kind, list[int], bool],
    "album_tracks": tuple[int],
    "artist_albums": tuple[int],
    "more": tuple[Kind, list[int]],
    "placed": tuple[Question],
}


class WrongToken(SegueError):
    status = 401

    def __init__(self) -> None:
        super().__init__("wrong_token", "The token is not that of this shard.")


class OtherCatalogue(SegueError):
    status = OTHER_CATALOGUE

    def __init__(self, id: str) -> None:
        super().__init__("other_catalogue", f"Here {id} is served.", id=id)


class Inside:
    """An ASGI application; `recover` is told of damage, and says whether another catalogue answers now."""

    def __init__(
        self,
        current: Current,
        token: str,
        recover: Callable[[Backend, SnapshotDamaged], Awaitable[bool]] | None = None,
    ) -> None:
        self._current = current
        current.keep_s = KEEP_S
        self._token = f"Bearer {token}".encode()
        self._recover = recover

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        status, body = 200, b""
        try:
            body = await self._answer(Asked(scope, receive, ()), scope["path"].removeprefix(PATH).strip("/"))
        except ClientGone:
            return
        except SegueError as error:
            status = 400 if isinstance(error, Invalid) else error.status
            body = msgspec.msgpack.encode(Refused(error.code, error.message, error.hint))
        headers = [(b"content-type", b"application/msgpack"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, asked: Asked, verb: str) -> bytes:
        if not hmac.compare_digest(asked.headers.get(b"authorization", b""), self._token):
            raise WrongToken
        arguments_type = _ARGUMENTS.get(verb)
        if arguments_type is None:
            raise Invalid("no_such_verb", f"A shard does not know {verb[:40]!r}.")
        try:
            arguments = msgspec.msgpack.decode(await asked.body(), type=arguments_type)
        except msgspec.MsgspecError as error:
            raise Invalid("bad_body", f"The arguments are not as they should be: {error}.") from None
        wanted = asked.headers.get(ID_HEADER.encode(), b"").decode("latin-1")
        lease = self._current.lease_of(wanted) if wanted else self._current.lease()
        if lease is None:
            raise OtherCatalogue(self._current.now.id)
        with lease as backend:
            if not isinstance(backend, SnapshotBackend):
                raise NotAShard("What is served here")
            try:
                found = await getattr(LocalShard(backend), verb)(*arguments)
            except SnapshotDamaged as error:
                if self._recover is not None:
                    await self._recover(backend, error)
                raise
        return msgspec.msgpack.encode(found)
