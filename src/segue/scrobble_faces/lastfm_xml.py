"""Last.fm's answers as XML, which is what comes where JSON was not asked for: the same tree, spelled otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

ATTRIBUTES = frozenset({"code", "corrected", "accepted", "ignored"})
"""Members that are attributes of their element in XML."""


def as_xml(body: Mapping[str, Any]) -> str:
    """`body` inside `<lfm status=…>`."""
    if "error" in body:
        inner = f'<error code="{body["error"]}">{escape(_plain(body["message"]))}</error>'
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<lfm status="failed">{inner}</lfm>\n'
    inner = "".join(_element(name, value) for name, value in body.items())
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<lfm status="ok">{inner}</lfm>\n'


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_element(name, one) for one in value)
    if not isinstance(value, Mapping):
        return f"<{name}>{escape(_plain(value))}</{name}>"
    attributes = dict(value.get("@attr", {}))
    attributes |= {key: inner for key, inner in value.items() if key in ATTRIBUTES}
    rest = {key: inner for key, inner in value.items() if key not in ATTRIBUTES and key not in ("@attr", "#text")}
    spelled = "".join(f" {key}={quoteattr(_plain(inner))}" for key, inner in attributes.items())
    text = escape(_plain(value.get("#text", "")))
    return f"<{name}{spelled}>{text}{''.join(_element(key, inner) for key, inner in rest.items())}</{name}>"


def _plain(value: Any) -> str:
    """Text without what XML 1.0 cannot hold."""
    return "".join(char for char in str(value) if char in "\t\n\r" or (char >= " " and char not in "\ufffe\uffff"))
