"""Who is really asking, when a proxy stands between: X-Forwarded-* is believed from the configured networks only.

From anybody else these headers are removed, so that nothing further in can be fooled by them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from starlette.types import ASGIApp, Receive, Scope, Send

Networks = Sequence[IPv4Network | IPv6Network]

FORWARDED = (
    b"x-forwarded-for",
    b"x-forwarded-proto",
    b"x-forwarded-host",
    b"x-forwarded-prefix",
    b"x-forwarded-port",
    b"x-real-ip",
    b"forwarded",
)
_HOST = re.compile(rb"[A-Za-z0-9.-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")
_PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)+")


class ForwardedHeaders:
    """Puts the real client, scheme, host and prefix into the scope.

    `scope["state"]` gets `via_proxy`: None where nobody forwarded the request, else whether that proxy is trusted; and
    `prefix`, the path under which the proxy shows us, where it said so.
    """

    def __init__(self, app: ASGIApp, trusted: Networks = ()) -> None:
        self.app = app
        self._trusted = tuple(trusted)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            self._read(scope)
        await self.app(scope, receive, send)

    def _read(self, scope: Scope) -> None:
        found: dict[bytes, bytes] = {}
        kept: list[tuple[bytes, bytes]] = []
        for name, value in scope["headers"]:
            if name in FORWARDED:
                found[name] = found[name] + b"," + value if name in found else value
            else:
                kept.append((name, value))
        state = scope.setdefault("state", {})
        if not found:
            state["via_proxy"] = None
            return
        peer = scope.get("client")
        trusted = self._trusts(peer[0] if peer else None)
        state["via_proxy"] = trusted
        if trusted:
            self._believe(scope, found, kept)
        scope["headers"] = kept

    def _believe(self, scope: Scope, found: dict[bytes, bytes], kept: list[tuple[bytes, bytes]]) -> None:
        chain = _words(found.get(b"x-forwarded-for", b""))
        # nearest proxy last: the client is the first from the right that is none of ours
        place = len(chain) - 1
        while place > 0 and self._trusts(_bare(chain[place])):
            place -= 1
        if chain and _address(_bare(chain[place])) is not None:
            scope["client"] = (_bare(chain[place]), 0)
        scheme = _at(_words(found.get(b"x-forwarded-proto", b"")), place, len(chain)).lower()
        if scheme in ("http", "https", "ws", "wss"):
            secure = scheme in ("https", "wss")
            scope["scheme"] = ("wss" if secure else "ws") if scope["type"] == "websocket" else f"http{'s' * secure}"
        host = _at(_words(found.get(b"x-forwarded-host", b"")), place, len(chain)).encode("latin-1")
        if host and _HOST.fullmatch(host):
            kept[:] = [(name, value) for name, value in kept if name != b"host"] + [(b"host", host)]
        prefix = found.get(b"x-forwarded-prefix", b"").decode("latin-1").strip().rstrip("/")
        if _PREFIX.fullmatch(prefix) and ".." not in prefix:
            scope["state"]["prefix"] = prefix

    def _trusts(self, text: str | None) -> bool:
        if text is None:
            return bool(self._trusted)  # a Unix socket: whoever may open it is on this machine
        address = _address(text)
        return address is not None and contains(self._trusted, address)


def contains(networks: Networks, address: IPv4Address | IPv6Address) -> bool:
    """Whether `address` is in one of `networks`; an IPv4 address written as IPv6 counts as IPv4."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address.version == network.version and address in network for network in networks)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _words(value: bytes) -> list[str]:
    return [word.strip() for word in value.decode("latin-1").split(",") if word.strip()]


def _at(words: list[str], place: int, hops: int) -> str:
    """The word of the same hop as the client where every hop left one, else the nearest proxy's."""
    if not words:
        return ""
    return words[place] if len(words) == hops else words[-1]


def _bare(text: str) -> str:
    """An address without its port: `1.2.3.4:80` and `[::1]:80` as some proxies write them."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text
