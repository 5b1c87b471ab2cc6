"""Names that every file system takes: one component of a path, whatever text it is made of; and names nobody has yet.

The rules of Windows are the strictest and are the default, since a music folder is often shared over the network:
https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file. A component is at most 255 bytes (ext4, XFS, Btrfs,
ZFS; NTFS and APFS count 255 UTF-16 units, which is never less).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

LONGEST_COMPONENT_BYTES = 255
_WINDOWS = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_POSIX = re.compile(r"[/\x00-\x1f\x7f]")
_SPACES = re.compile(r"\s+")
_DEVICES = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?=\s*(?:\.|$))", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NameRules:
    """What a name must do without. `any` is safe on Windows, macOS and Linux; `posix` changes only what Linux cannot hold."""

    system: Literal["any", "posix"] = "any"
    device_names: bool = True
    """Whether names that Windows keeps for devices (`con`, `nul`, `com1`) get a `_`; with `any` alone."""
    replacement: str = "_"
    """Stands for a character that cannot be in a name; one safe character, or nothing."""
    longest_bytes: int = LONGEST_COMPONENT_BYTES


def safe_component(text: str, rules: NameRules | None = None, *, suffix: str = "") -> str:
    """`text` as the name of one folder or file; empty where nothing of it is left.

    It holds no separator, control character or NUL, is neither `.` nor `..`, does not begin with a single dot (which would
    hide it), and fits together with `suffix` into the longest component, cut between characters.
    """
    rules = rules or NameRules()
    anywhere = rules.system == "any"
    text = unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode("utf-8"))
    text = (_WINDOWS if anywhere else _POSIX).sub(rules.replacement, _SPACES.sub(" ", text)).strip()
    text = "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cs", "Zl", "Zp"))
    text = _tidy(text, anywhere, suffix)
    if anywhere and rules.device_names and (device := _DEVICES.match(text)):
        text = f"{device[0]}_{text[device.end() :]}"
    if text[:1] == "." and text[1:2] != ".":
        text = "_" + text[1:]
    text = cut(text, rules.longest_bytes - len(suffix.encode()))
    return _tidy(text, anywhere, suffix)


def _tidy(text: str, anywhere: bool, suffix: str) -> str:
    """Without spaces around, without dots at the end where they are not allowed, and never `.` or `..`."""
    text = text.strip()
    if anywhere and not suffix:
        text = text.rstrip(". ")
    return "" if text.strip(".") == "" and len(text) < 3 else text


def cut(text: str, longest: int) -> str:
    """As much of `text` as fits into `longest` bytes of UTF-8; a letter keeps its marks or goes with them."""
    if len(text.encode()) <= longest:
        return text
    kept = text.encode()[: max(0, longest)].decode("utf-8", "ignore")
    if unicodedata.combining(text[len(kept) : len(kept) + 1] or " "):
        kept = kept.rstrip("".join({c for c in kept if unicodedata.combining(c)}))[:-1]
    return kept.rstrip()


def comparable(path: str) -> str:
    """Two paths that a file system may take for one are equal in this form: without case, and composed."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def free_name(path: str, taken: Callable[[str], bool], *, longest: int = LONGEST_COMPONENT_BYTES) -> str:
    """`path` where it is not `taken`, else with ` (2)`, ` (3)` … before its extension, cut to fit."""
    if not taken(path):
        return path
    folder, slash, name = path.rpartition("/")
    stem, dot, extension = name.rpartition(".")
    if not dot or not stem or len(extension) > 16:
        stem, extension = name, ""
    ending = f".{extension}" if extension else ""
    number = 2
    while True:
        suffix = f" ({number})"
        shorter = cut(stem, longest - len(f"{suffix}{ending}".encode()))
        candidate = f"{folder}{slash}{shorter}{suffix}{ending}"
        if not taken(candidate):
            return candidate
        number += 1
