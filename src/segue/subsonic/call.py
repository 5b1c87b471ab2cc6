"""One call of a method: who asks, with which parameters, and the services that know the answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response

from segue.core.access import Actor
from segue.core.rest import Services
from segue.subsonic.envelope import Format, Reply
from segue.subsonic.parameters import Parameters

S = TypeVar("S")


@dataclass(slots=True)
class Call:
    """What a handler gets. `client` is the name the app sent as `c`, empty when it sent none."""

    actor: Actor
    parameters: Parameters
    client: str
    format: Format
    request: Request
    services: Services

    def service(self, kind: type[S]) -> S:
        """The service of this type."""
        return self.services.get(kind)


Handler = Callable[[Call], Awaitable[Reply | Response]]
"""A handler answers in the protocol's terms, or with bytes (a stream, a picture)."""


@dataclass(frozen=True, slots=True)
class Method:
    """A method of the protocol. `public` ones ask for no credentials."""

    handler: Handler
    public: bool = False
