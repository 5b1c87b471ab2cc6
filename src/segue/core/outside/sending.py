"""One request and its answer over httpx2: limits on time, size and redirects; every failure a fault.

Nothing of a request is logged but its kind, and no cookie is kept. Redirects of reads are followed three times, to the
service's own host or one that it declares; a write is never sent to another place than it was meant for.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ipaddress import ip_address
from typing import Any, TypeVar

import httpx2

from segue.core.outside.answer import Answer
from segue.core.outside.declare import Ask, Service
from segue.core.outside.faults import ProviderBug, Transient

MAX_REDIRECTS = 3
CONNECT_S = 10.0
SILENT_S = 60.0
"""How long a service may be silent in the middle of a large answer."""
OF_A_FAILURE = 65_536
"""Bytes of an answer that is none which are read, to see what it says."""
T = TypeVar("T")


class Opened:
    """A large answer as it comes. `chunks` can be gone through once; whoever opened it closes it."""

    def __init__(self, service: str, response: httpx2.Response) -> None:
        self._service = service
        self._response = response

    @property
    def status(self) -> int:
        return self._response.status_code

    @property
    def headers(self) -> Mapping[str, str]:
        """Names in lower case."""
        return self._response.headers

    async def chunks(self) -> AsyncIterator[bytes]:
        """The bytes, as they were sent. Raises Transient where they end too early."""
        with _named(self._service, SILENT_S):
            async for chunk in self._response.aiter_raw():
                yield chunk

    async def beginning(self) -> bytes:
        """What an answer that is no success says."""
        found = b""
        async for chunk in self.chunks():
            found += chunk
            if len(found) >= OF_A_FAILURE:
                break
        return found[:OF_A_FAILURE]

    async def close(self) -> None:
        await self._response.aclose()


class Sender:
    """One client for all services. `transport` stands in for the network in tests."""

    def __init__(self, user_agent: str, transport: httpx2.AsyncBaseTransport | None = None) -> None:
        self._user_agent = user_agent
        self._transport = transport
        self._client: httpx2.AsyncClient | None = None

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def send(self, service: Service, ask: Ask[T]) -> Answer:
        """The answer, whatever its status. Raises Transient, ProviderBug."""
        timeout_s = ask.timeout_s or service.timeout_s
        with _named(service.title, timeout_s):
            async with asyncio.timeout(timeout_s):
                response = await self._follow(service, ask)
                try:
                    chunks, size = [], 0
                    async for chunk in response.aiter_bytes():
                        size += len(chunk)
                        if size > service.max_bytes:
                            raise ProviderBug(service.title, reason="too_large", status_code=response.status_code)
                        chunks.append(chunk)
                finally:
                    await response.aclose()
                return Answer(service.title, response.status_code, b"".join(chunks), dict(response.headers))

    async def open(self, service: Service, ask: Ask[T]) -> Opened:
        """The answer from its headers on, whatever its status; the time limit is for these. Raises as `send` does."""
        timeout_s = ask.timeout_s or service.timeout_s
        with _named(service.title, timeout_s):
            async with asyncio.timeout(timeout_s):
                return Opened(
                    service.title, await self._follow(service, ask, httpx2.Timeout(SILENT_S, connect=CONNECT_S))
                )

    async def _follow(self, service: Service, ask: Ask[T], timeout: httpx2.Timeout | None = None) -> httpx2.Response:
        url = _url_of(service, ask)
        home = url.host
        for _ in range(MAX_REDIRECTS + 1):
            response = await self._one(service, ask, url, timeout)
            to = response.headers.get("location")
            if response.status_code not in (301, 302, 303, 307, 308) or not to or ask.method not in ("GET", "HEAD"):
                return response
            await response.aclose()
            url = url.join(to)
            if url.scheme not in ("http", "https") or not may_lead_to(url.host, home, service.redirect_hosts):
                raise ProviderBug(service.title, reason="redirect", said=f"{url.scheme}://{url.host}")
        raise ProviderBug(service.title, reason="redirect", said=f"more than {MAX_REDIRECTS}")

    async def _one(
        self, service: Service, ask: Ask[T], url: httpx2.URL, timeout: httpx2.Timeout | None
    ) -> httpx2.Response:
        headers = {"Accept": "application/json", **service.headers, **ask.headers, "User-Agent": self._user_agent}
        extensions: dict[str, Any] = {}
        if ask.public_only:
            address = await public_address(service.title, url.host, url.port or 443)
            headers["Host"] = url.netloc.decode("ascii")
            extensions["sni_hostname"] = url.host
            url = url.copy_with(host=address)
        sent: dict[str, Any] = {"content": ask.body} if ask.body is not None else {}
        if ask.form is not None:
            sent = {"data": dict(ask.form)}
        if timeout is not None:
            sent["timeout"] = timeout
        request = self._open().build_request(ask.method, url, headers=headers, extensions=extensions, **sent)
        return await self._open().send(request, stream=True)

    def _open(self) -> httpx2.AsyncClient:
        if self._client is None:
            self._client = httpx2.AsyncClient(
                timeout=httpx2.Timeout(None, connect=CONNECT_S),
                limits=httpx2.Limits(max_connections=20, max_keepalive_connections=10, keepalive_expiry=30),
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
                follow_redirects=False,
                transport=self._transport,
            )
        return self._client


@contextmanager
def _named(title: str, timeout_s: float) -> Iterator[None]:
    """Whatever goes wrong with the connection is one of our faults."""
    try:
        yield
    except (TimeoutError, httpx2.TimeoutException) as error:
        raise Transient(title, reason="timeout", said=f"{timeout_s:g} s") from error
    except (httpx2.UnsupportedProtocol, httpx2.InvalidURL) as error:
        raise ProviderBug(title, reason="url", said=str(error)) from error
    except httpx2.ConnectError as error:
        raise Transient(title, reason="unreachable", said=str(error)) from error
    except httpx2.DecodingError as error:
        raise ProviderBug(title, reason="nonsense", said=str(error)) from error
    except (httpx2.HTTPError, httpx2.StreamError, ssl.SSLError, OSError) as error:
        raise Transient(title, reason="broken_off", said=str(error) or type(error).__name__) from error


def may_lead_to(host: str, home: str, allowed: frozenset[str]) -> bool:
    """Whether a redirect from `home` may lead to `host`; an allowed `.example.org` is that host and all under it."""
    host = host.casefold().rstrip(".")
    if host == home or host in allowed:
        return True
    return any(host == one[1:] or host.endswith(one) for one in allowed if one.startswith("."))


def _url_of(service: Service, ask: Ask[T]) -> httpx2.URL:
    base = ask.base_url or service.base_url
    whole = f"{base.rstrip('/')}/{ask.path.lstrip('/')}" if ask.path else base
    url = httpx2.URL(whole)
    if url.scheme not in ("http", "https") or not url.host:
        raise ProviderBug(service.title, reason="url", said=f"{url.scheme}://{url.host}")
    return url.copy_merge_params(dict(ask.query)) if ask.query else url


async def public_address(service: str, host: str, port: int) -> str:
    """The address of `host` to connect to, when all that it has are of the public internet. The caller connects to this very
    one, so that a name that changes its mind meanwhile gains nothing. Raises ProviderBug, Transient."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port)
    except OSError as error:
        raise Transient(service, reason="unreachable", said=str(error)) from error
    addresses = [str(entry[4][0]) for entry in found]
    for address in addresses:
        plain = ip_address(address.partition("%")[0])
        mapped = getattr(plain, "ipv4_mapped", None) or plain
        if not mapped.is_global or mapped.is_multicast:
            raise ProviderBug(service, reason="private_address", said=host)
    return addresses[0]
