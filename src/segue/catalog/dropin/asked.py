"""One request as the routes see it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

from segue.catalog.dropin.answers import BadRequest, Refusal

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGI = Callable[[Scope, Receive, Send], Awaitable[None]]

MOST_BODY_BYTES = 1 << 20
BODY_TIMEOUT_S = 30.0
MOST_PARAMETERS = 32

DEFAULT_LIMIT = 20
MOST_LIMIT = 50


class BodyTooLarge(Refusal):
    def __init__(self) -> None:
        super().__init__(413, "body_too_large", f"A body has at most {MOST_BODY_BYTES:,} bytes.")


class BodyTooSlow(Refusal):
    def __init__(self) -> None:
        super().__init__(408, "body_too_slow", f"The body did not arrive within {BODY_TIMEOUT_S:.0f} seconds.")


class ClientGone(Exception):
    """Nobody waits for the answer any more."""


@dataclass(slots=False)
class Asked:
    """`parts` are those of the path, decoded: `/lookup/track/x` is ("lookup", "track", "x")."""

    scope: Scope
    receive: Receive
    parts: tuple[str, ...]
    headers: dict[bytes, bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.headers = dict(self.scope["headers"])

    @property
    def method(self) -> str:
        method: str = self.scope["method"]
        return method

    @cached_property
    def parameters(self) -> dict[str, str]:
        """Of the query; of several with one name the first. Raises BadRequest."""
        found: dict[str, str] = {}
        try:
            pairs = parse_qsl(
                self.scope["query_string"].decode("latin-1"), keep_blank_values=True, max_num_fields=MOST_PARAMETERS
            )
        except ValueError:
            raise BadRequest("too_many_parameters", f"A query has at most {MOST_PARAMETERS} parameters.") from None
        for name, value in pairs:
            found.setdefault(name, value)
        return found

    def limit(self) -> int:
        """As the Go server reads it: 20 where it is missing, no number, less than 1 or more than 50."""
        text = self.parameters.get("limit", "")
        digits = text[1:] if text[:1] in "+-" else text
        if not digits.isascii() or not digits.isdigit() or len(digits) > 18:
            return DEFAULT_LIMIT
        return int(text) if 0 < int(text) <= MOST_LIMIT else DEFAULT_LIMIT

    def accepts(self, media_type: bytes) -> bool:
        """Whether the client asks for exactly that type, besides whatever else."""
        return media_type in self.headers.get(b"accept", b"").lower()

    async def body(self) -> bytes:
        """Raises BodyTooLarge, BodyTooSlow, ClientGone."""
        length = self.headers.get(b"content-length", b"0")
        if length.isdigit() and int(length) > MOST_BODY_BYTES:
            raise BodyTooLarge
        parts: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(BODY_TIMEOUT_S):
                while True:
                    message = await self.receive()
                    if message["type"] == "http.disconnect":
                        raise ClientGone
                    parts.append(message.get("body", b""))
                    size += len(parts[-1])
                    if size > MOST_BODY_BYTES:
                        raise BodyTooLarge
                    if not message.get("more_body", False):
                        return b"".join(parts)
        except TimeoutError:
            raise BodyTooSlow from None
