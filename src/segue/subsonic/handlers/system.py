"""System: ping, getLicense, getOpenSubsonicExtensions, tokenInfo."""

from __future__ import annotations

from segue.subsonic.call import Call, Method
from segue.subsonic.envelope import Reply
from segue.subsonic.extensions import EXTENSIONS


async def ping(_call: Call) -> Reply:
    """A plain ok: the credentials work."""
    return Reply()


async def get_license(_call: Call) -> Reply:
    """Segue is free software; the licence is always valid."""
    return Reply("license", {"valid": True})


async def get_open_subsonic_extensions(_call: Call) -> Reply:
    """What a client may use beyond Subsonic 1.16.1; asked before signing in."""
    listed = [{"name": name, "versions": versions} for name, versions in sorted(EXTENSIONS.items())]
    return Reply("openSubsonicExtensions", listed)


async def token_info(call: Call) -> Reply:
    """Whose API key this is."""
    return Reply("tokenInfo", {"username": call.actor.name})


METHODS = {
    "ping": Method(ping),
    "getLicense": Method(get_license),
    "getOpenSubsonicExtensions": Method(get_open_subsonic_extensions, public=True),
    "tokenInfo": Method(token_info),
}
