"""Fetch a file from an address that a person gave, without letting them look into our own network.

Only http and https, only hosts all of whose addresses are of the public internet, asked again after every redirect; the
connection goes to the very address that was looked at, so that a name which changes its mind gains nothing. Size and time
are limited, and what is plainly no sound is not fetched to its end.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from pathlib import Path
from typing import Any

import httpx2

from segue.analysis.refusals import BadAddress
from segue.core.errors import SegueError
from segue.core.outside.faults import Fault
from segue.core.outside.sending import public_address

MAX_REDIRECTS = 5
CONNECT_S = 10.0
SILENT_S = 30.0
WHOLE_S = 1800.0
LONGEST = 2_000
"""Characters of an address."""
NO_SOUND = ("text/", "image/", "font/", "multipart/", "application/json", "application/xhtml", "application/pdf")
"""What such a type begins with is refused; anything else is for the decoder to judge, for servers often do not know."""
EMBEDDED = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
"""Networks whose last 32 bits are an address of IPv4 that a translator connects to (RFC 6052, RFC 8215)."""
AddressOf = Callable[[str, int], Awaitable[str]]
"""Which address to connect to for a host and a port. Raises BadAddress where it is not to be asked."""


class NotFetched(SegueError):
    """`code` says why: fetch_failed, fetch_refused (`status`), fetch_too_large, fetch_no_audio (`type`), fetch_timeout."""

    status = 502


async def public(host: str, port: int) -> str:
    """The address of a host of the public internet. Raises BadAddress for any other, NotFetched where there is none."""
    try:
        found = await public_address("The address", host, port)
    except Fault as fault:
        if fault.params.get("reason") == "private_address":
            raise _private(host) from None
        raise NotFetched("fetch_failed", f"{host} cannot be found.", reason="unknown_host") from None
    if not _outside(ip_address(found.partition("%")[0])):
        raise _private(host)
    return found


def _outside(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is of the public internet, also where it stands for another one."""
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast
    inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
    if inner is None and any(address in network for network in EMBEDDED):
        inner = IPv4Address(int(address) & 0xFFFFFFFF)
    return address.is_global and not address.is_multicast and (inner is None or _outside(inner))


def _private(host: str) -> BadAddress:
    return BadAddress("private", f"{host} is not a host of the public internet.")


def checked(url: str) -> httpx2.URL:
    """An address that may be looked at. Raises BadAddress for other schemes, for names and passwords in it, without a host."""
    if len(url) > LONGEST:
        raise BadAddress("length", f"An address has at most {LONGEST} characters.")
    try:
        parsed = httpx2.URL(url.strip())
    except (httpx2.InvalidURL, UnicodeError, ValueError):
        raise BadAddress("host", "This is no address that can be asked.") from None
    if parsed.scheme not in ("http", "https"):
        raise BadAddress("scheme", "Only http:// and https:// addresses are asked.")
    if not parsed.host:
        raise BadAddress("host", "There is no host in this address.")
    if parsed.userinfo:
        raise BadAddress("userinfo", "An address with a name or password in it is not asked.")
    return parsed


async def fetch(url: str, into: Path, limit: int, *, address_of: AddressOf = public, whole_s: float = WHOLE_S) -> int:
    """Fetch what is at `url` into a file; its size in bytes, at most `limit`. Raises BadAddress, NotFetched."""
    try:
        async with asyncio.timeout(whole_s):
            return await _fetch(checked(url), into, limit, address_of)
    except (TimeoutError, httpx2.TimeoutException):
        raise NotFetched("fetch_timeout", "It took too long to answer.") from None
    except (httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL, ssl.SSLError, OSError) as error:
        raise NotFetched(
            "fetch_failed", "The address does not answer as it should.", reason=type(error).__name__
        ) from None


async def _fetch(url: httpx2.URL, into: Path, limit: int, address_of: AddressOf) -> int:
    client = httpx2.AsyncClient(
        timeout=httpx2.Timeout(SILENT_S, connect=CONNECT_S),
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        follow_redirects=False,
        trust_env=False,
    )
    async with client:
        for _ in range(MAX_REDIRECTS + 1):
            response = await _ask(client, url, address_of)
            try:
                to = response.headers.get("location")
                if response.status_code in (301, 302, 303, 307, 308) and to:
                    url = checked(str(url.join(to)))
                    continue
                return await _saved(response, into, limit)
            finally:
                await response.aclose()
    raise BadAddress("redirects", f"It leads elsewhere more than {MAX_REDIRECTS} times.")


async def _ask(client: httpx2.AsyncClient, url: httpx2.URL, address_of: AddressOf) -> httpx2.Response:
    port = url.port or (443 if url.scheme == "https" else 80)
    address = await address_of(url.host, port)
    extensions: dict[str, Any] = {"sni_hostname": url.host}
    headers = {"Host": url.netloc.decode("ascii"), "Accept": "audio/*, */*;q=0.5", "User-Agent": "Segue"}
    request = client.build_request("GET", url.copy_with(host=address), headers=headers, extensions=extensions)
    return await client.send(request, stream=True)


async def _saved(response: httpx2.Response, into: Path, limit: int) -> int:
    if response.status_code != 200:
        raise NotFetched(
            "fetch_refused", f"The address answers with {response.status_code}.", http_status=response.status_code
        )
    kind = response.headers.get("content-type", "").partition(";")[0].strip().casefold()
    if kind.startswith(NO_SOUND):
        raise NotFetched("fetch_no_audio", f"What is there is {kind}, no sound.", type=kind[:60])
    declared = response.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared[:18]) > limit:
        raise _too_large(limit)
    size = 0
    with into.open("wb") as file:
        async for chunk in response.aiter_bytes():
            size += len(chunk)
            if size > limit:
                raise _too_large(limit)
            file.write(chunk)
    if not size:
        raise NotFetched("fetch_failed", "There is nothing at that address.", reason="empty")
    return size


def _too_large(limit: int) -> NotFetched:
    return NotFetched("fetch_too_large", f"It is larger than {limit // 2**20} MiB.", limit_mb=limit // 2**20)
