"""One request and its answer over httpx2: limits on time, size and redirects; every failure a fault.

Nothing of a request is logged but its kind, and no cookie is kept. Redirects of reads are followed three times, to the
service's own host or one that it declares; a write is never sent to another place than it was meant for.
"""

from __future__ import annotations

import asyncio
import ssl
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ipaddress import ip_address
from typing import Any, TypeVar

import httpx2

from segue.core.outside.answer import Answer
from segue.core.outside.declare import Ask, Service
from segue.core.outside.faults import ProviderBug, Transient

MAX_REDIRECTS = 3
CONNECT_S = 10.0
T = TypeVar("T")


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
        title = service.title
        timeout_s = ask.timeout_s or service.timeout_s
        try:
            async with asyncio.timeout(timeout_s):
                return await self._follow(service, ask)
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

    async def _follow(self, service: Service, ask: Ask[T]) -> Answer:
        url = _url_of(service, ask)
        home = url.host
        for _ in range(MAX_REDIRECTS + 1):
            answer = await self._one(service, ask, url)
            to = answer.headers.get("location")
            if answer.status not in (301, 302, 303, 307, 308) or not to or ask.method not in ("GET", "HEAD"):
                return answer
            url = url.join(to)
            if url.scheme not in ("http", "https") or url.host not in {home, *service.redirect_hosts}:
                raise ProviderBug(service.title, reason="redirect", said=f"{url.scheme}://{url.host}")
        raise ProviderBug(service.title, reason="redirect", said=f"more than {MAX_REDIRECTS}")

    async def _one(self, service: Service, ask: Ask[T], url: httpx2.URL) -> Answer:
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
        request = self._open().build_request(ask.method, url, headers=headers, extensions=extensions, **sent)
        response = await self._open().send(request, stream=True)
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
