"""What can go wrong with an outside service: five kinds, and nothing else escapes.

`None` is no fault: it is the service's definite "there is no such thing". Each fault names the service, and carries a
short `reason` (a code) beside the sentence, so that it can be kept and told in another language.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from segue.core.clock import rfc3339, utc_now
from segue.core.errors import Unavailable

SAID = 300
"""Characters of what a service said that are kept: an answer may be a whole page."""


class Fault(Unavailable):
    """Something is wrong with `service`. `retry_at` is when to ask again, where that is known."""

    status = 502

    def __init__(
        self,
        code: str,
        message: str,
        service: str,
        *,
        reason: str = "",
        retry_at: datetime | None = None,
        **params: Any,
    ) -> None:
        wait = None if retry_at is None else max(0.0, (retry_at - utc_now()).total_seconds())
        super().__init__(
            code, message, retry_after_s=wait, service=service, reason=reason, retry_at=rfc3339(retry_at), **params
        )
        self.service = service
        self.reason = reason
        self.retry_at = retry_at


class Throttled(Fault):
    """Asked too often; `retry_at` is when to ask again."""

    status = 503
    retry_at: datetime

    def __init__(self, service: str, retry_at: datetime, *, reason: str = "throttled", said: str = "") -> None:
        message = f"{service} wants to be asked less often, and again at {rfc3339(retry_at)}."
        super().__init__("outside_throttled", message, service, reason=reason, retry_at=retry_at, said=said[:SAID])


class QuotaExhausted(Fault):
    """What one may ask in a day (or so) is used up; there is more at `until`."""

    status = 503

    def __init__(self, service: str, until: datetime, *, reason: str = "quota", said: str = "") -> None:
        message = f"What {service} allows in this time is used up; there is more at {rfc3339(until)}."
        super().__init__("outside_quota", message, service, reason=reason, retry_at=until, said=said[:SAID])
        self.until = until


class AuthFailed(Fault):
    """The service does not accept who is asking. With `reauth` a person has to sign in there again; without, the keys of
    this installation are wrong."""

    status = 409

    def __init__(self, service: str, *, reauth: bool = True, reason: str = "auth", said: str = "") -> None:
        message = (
            f"{service} no longer accepts this sign-in."
            if reauth
            else f"{service} does not accept the keys of this installation."
        )
        super().__init__("outside_auth", message, service, reason=reason, said=said[:SAID], reauth=reauth)
        self.reauth = reauth


class Transient(Fault):
    """It did not work this time: no connection, no answer in time, a server that is busy or broken."""

    def __init__(
        self, service: str, *, reason: str = "unreachable", said: str = "", retry_at: datetime | None = None
    ) -> None:
        message = f"{service} could not be asked just now ({_TRANSIENT.get(reason, reason)})."
        super().__init__("outside_transient", message, service, reason=reason, retry_at=retry_at, said=said[:SAID])


class ProviderBug(Fault):
    """The answer makes no sense, or says that the question did not. `said` is its beginning."""

    def __init__(self, service: str, *, reason: str = "nonsense", said: str = "", **params: Any) -> None:
        message = f"{service} answered something that cannot be understood ({_BUGS.get(reason, reason)})."
        super().__init__("outside_nonsense", message, service, reason=reason, said=said[:SAID], **params)


_TRANSIENT = {
    "unreachable": "no connection",
    "timeout": "no answer in time",
    "broken_off": "the connection broke",
    "server_error": "an error on its side",
    "breaker": "it failed several times in a row and is left in peace for a while",
    "off": "outside services are switched off",
}
_BUGS = {
    "nonsense": "not what was asked for",
    "not_json": "not JSON",
    "html": "a web page",
    "empty": "nothing at all",
    "too_large": "far too much",
    "content_range": "another part than was asked for",
    "redirect": "a redirect to another place",
    "refused": "it does not accept the request",
    "url": "its address cannot be used",
    "private_address": "its address is inside this server's own network, which is not allowed",
}
