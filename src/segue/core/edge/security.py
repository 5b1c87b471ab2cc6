"""Headers that keep a browser from doing what nobody meant: foreign scripts, guessed types, leaked addresses."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

PAGE_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "manifest-src 'self'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)
"""For pages: no foreign host at all; inline styles only, which components set while they run."""

FILE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""For documents that came from outside and could hold a script, such as an SVG as cover."""

Headers = tuple[tuple[bytes, bytes], ...]

_ALWAYS: Headers = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
)
_PAGE: Headers = (
    (b"content-security-policy", PAGE_POLICY.encode()),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"x-frame-options", b"SAMEORIGIN"),
)
_FILE: Headers = ((b"content-security-policy", FILE_POLICY.encode()),)
_SCRIPTABLE = (b"image/svg+xml", b"text/xml", b"application/xhtml+xml")


class SecurityHeaders:
    """Adds what an answer does not set itself; a page that needs another policy sends its own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                present = {name.lower() for name, _ in headers}
                kind = next((value for name, value in headers if name.lower() == b"content-type"), b"")
                added: Headers = _ALWAYS
                if kind.startswith(b"text/html"):
                    added = _ALWAYS + _PAGE
                elif kind.startswith(_SCRIPTABLE):
                    added = _ALWAYS + _FILE
                headers.extend(header for header in added if header[0] not in present)
                message["headers"] = headers
            await send(message)

        await self.app(scope, receive, send_with_headers)
