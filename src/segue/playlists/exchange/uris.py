"""Paths as URIs and back, as XSPF and JSPF want them."""

from __future__ import annotations

from urllib.parse import quote, unquote, urlsplit

from segue.playlists.exchange.locations import is_address


def as_uri(location: str) -> str:
    """An address as it is; a path percent-encoded, an absolute one as `file:` URI. Bytes that are no text keep their value."""
    if not location or is_address(location) or location.lower().startswith("file:"):
        return location
    encoded = quote(location.encode("utf-8", "surrogateescape"), safe="/")
    if location.startswith("/"):
        return f"file://{encoded}"
    return encoded


def from_uri(text: str) -> str:
    """The path of a `file:` URI or of a relative one; an address as it is. Paths that were never encoded stay."""
    if not text or is_address(text):
        return text
    if text[:5].lower() == "file:":
        try:
            parts = urlsplit(text)
        except ValueError:
            return text
        path = f"//{parts.netloc}{parts.path}" if parts.netloc and parts.netloc != "localhost" else parts.path
        plain = unquote(path, errors="surrogateescape")
        return plain[1:] if len(plain) > 2 and plain[0] == "/" and plain[2] == ":" else plain
    return unquote(text, errors="surrogateescape") if "%" in text else text
