"""What both faces share: reading a request within limits, its address, open doors for browsers' extensions."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from segue.core.access import SCROBBLE, Actor
from segue.core.errors import SegueError

OPEN = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "Authorization, Content-Type"}
"""Any page may call: nothing here looks at cookies but the page on which one says yes, which has no such header."""


class TooLarge(SegueError):
    status = 413

    def __init__(self, most: int) -> None:
        super().__init__("too_large", f"A request has at most {most} bytes.")


async def body_of(request: Request, most: int) -> bytes:
    """The body. Raises TooLarge as soon as it is longer than `most` bytes."""
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most:
            raise TooLarge(most)
        chunks.append(chunk)
    return b"".join(chunks)


def form_of(body: bytes) -> dict[str, str]:
    """The fields of a form; of several with one name the last."""
    text = body.decode("utf-8", "replace")
    return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=10_000))


def address_of(request: Request) -> str:
    return request.client.host if request.client else ""


def may_report(actor: Actor) -> bool:
    """Whether a credential may report listens: one without scopes, or with the scope `scrobble`."""
    return not actor.scopes or SCROBBLE in actor.scopes


def program_of(request: Request) -> str:
    """What the caller calls itself: the first product of its User-Agent."""
    return request.headers.get("user-agent", "").split("/")[0].split(" ")[0][:60]


def preflight() -> Response:
    methods = {"Access-Control-Allow-Methods": "GET, POST, OPTIONS", "Access-Control-Max-Age": "86400"}
    return Response(status_code=204, headers=OPEN | methods)


def cleaned(value: object) -> str:
    """A text as it is kept: without NUL, within 1,000 characters."""
    return str(value).replace("\0", "").strip()[:1000] if isinstance(value, str | int | float) else ""
