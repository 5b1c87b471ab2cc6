"""What names, addresses, roles and settings may be. Each check gives the form to store, or raises BadField."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Collection
from typing import Any

from segue.accounts.errors import BadField
from segue.core.clock import UnknownTimeZone, zone

ROLES = ("admin", "editor", "user")
"""Everybody has the role user; an editor may say what the music of the libraries they see is called and who made it; an
administrator sees every library and may change everything."""
MAX_NAME = 64
MAX_EMAIL = 254  # RFC 5321 §4.5.3.1.3: a path of 256 with its angle brackets
MAX_SETTINGS_BYTES = 64 * 1024


def login_key(name: str) -> str:
    """The form in which usernames and e-mail addresses are unique and compared: NFKC, case folded."""
    storable = name.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", storable).strip().casefold())


def username(text: str) -> str:
    """A username: 1 to 64 visible characters, without `@` (which would make it an e-mail address) and `:`."""
    name = _visible("username", text, MAX_NAME)
    if "@" in name or ":" in name:
        raise BadField("username", "bad_character", "A username cannot contain @ or a colon.")
    return name


def display_name(text: str) -> str:
    return _visible("display_name", text, 2 * MAX_NAME)


def label(field: str, text: str) -> str:
    """The name of a group or an app password."""
    return _visible(field, text, 2 * MAX_NAME)


def email(text: str | None) -> str | None:
    """An e-mail address, or None for none. Only its shape is checked: something, an @, something."""
    if text is None or not text.strip():
        return None
    address = _visible("email", text, MAX_EMAIL)
    before, at, after = address.rpartition("@")
    if not at or not before or not after or any(character.isspace() for character in address):
        raise BadField("email", "bad_email", f"{address!r} is not an e-mail address.")
    return address


def time_zone(name: str | None) -> str | None:
    """A zone of the IANA database, or None for the server's."""
    if not name:
        return None
    try:
        zone(name)
    except UnknownTimeZone as error:
        raise BadField("time_zone", error.code, error.message) from None
    return name


def roles(names: Collection[str]) -> list[str]:
    """The roles in their order, `user` always among them."""
    for name in names:
        if name not in ROLES:
            raise BadField("roles", "unknown_role", f"There is no role {name!r}; there are {', '.join(ROLES)}.")
    return [role for role in ROLES if role in names or role == "user"]


def settings(values: dict[str, Any]) -> dict[str, Any]:
    """A person's own settings, which the web app keeps here: any JSON of at most 64 KiB."""
    try:
        written = json.dumps(values, allow_nan=False, ensure_ascii=False).encode()
    except ValueError:  # UnicodeEncodeError of half a surrogate pair is one
        raise BadField(
            "settings", "not_json", "Settings must be JSON, without NaN, infinities or broken text."
        ) from None
    if len(written) > MAX_SETTINGS_BYTES:
        raise BadField("settings", "too_large", "Settings are at most 64 KiB of JSON.")
    if b"\\u0000" in written:
        raise BadField("settings", "nul", "Settings cannot contain a NUL character.")
    return values


def _visible(field: str, text: str, longest: int) -> str:
    name = unicodedata.normalize("NFC", text).strip()
    if not name:
        raise BadField(field, "empty", f"The {field.replace('_', ' ')} is empty.")
    if len(name) > longest:
        raise BadField(field, "too_long", f"The {field.replace('_', ' ')} has at most {longest} characters.")
    if any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") for character in name):
        raise BadField(field, "bad_character", f"The {field.replace('_', ' ')} contains an invisible character.")
    return name
