"""Was a request with a cookie made by our own pages?

A browser sends our cookie along whoever wrote the page. Two of its headers cannot be forged by a page: Sec-Fetch-Site (sent
to https and localhost) and Origin (sent with every request that changes something). The order is that of
https://web.dev/articles/fetch-metadata; unlike there, a request with neither is refused, for no browser in use sends one.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


def is_same_origin(headers: Mapping[str, str]) -> bool:
    """Whether the browser says that one of our own pages, or the person's own hand, made the request.

    `headers` has lower-case names or ignores case; `host` in it is the host the browser asked for, as trusted proxies say.
    The scheme is not compared: behind a proxy that ends TLS it may be known to the browser alone.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is not None and _same_host(origin, headers.get("host", ""))


def is_foreign(headers: Mapping[str, str]) -> bool:
    """Whether the browser says that another site made the request; a program that says nothing is not foreign."""
    return ("origin" in headers or "sec-fetch-site" in headers) and not is_same_origin(headers)


def _same_host(origin: str, host: str) -> bool:
    try:
        from_page = urlsplit(origin)
        asked = urlsplit(f"//{host}")
        if from_page.scheme not in DEFAULT_PORTS or not from_page.hostname or not asked.hostname:
            return False
        default = DEFAULT_PORTS[from_page.scheme]
        return from_page.hostname == asked.hostname and (from_page.port or default) == (asked.port or default)
    except ValueError:
        return False
