"""Sidecars with checksums: `.md5`, `.st5`, `.ffp` and the `md5s` field, as tapers and their tools write them."""

from __future__ import annotations

import re

_MD5_FIRST = re.compile(r"\b([0-9a-fA-F]{32})\s+[*]?(\S.*?)(?=\s+[0-9a-fA-F]{32}\b|\s*$)", re.MULTILINE)
_NAME_FIRST = re.compile(r"^\s*(\S.*?)\s*[:=]\s*([0-9a-fA-F]{32})\s*$", re.MULTILINE)
_LARGEST = 2 * 1024 * 1024


def md5s_of(text: str) -> dict[str, str]:
    """Name to MD5 (small hexadecimal) of a `.md5`: `HASH *name` on each line, or all on one as the `md5s` field has it."""
    text = _plain(text)
    found = {name.strip(): value.lower() for value, name in _MD5_FIRST.findall(text) if name.strip()}
    return found or fingerprints_of(text)


def fingerprints_of(text: str) -> dict[str, str]:
    """Name to the MD5 of the audio (FLAC's own, in STREAMINFO) of a `.ffp`: `name:HASH` on each line."""
    found = {name.strip(): value.lower() for name, value in _NAME_FIRST.findall(_plain(text))}
    return {name: value for name, value in found.items() if set(value) != {"0"}}


def _plain(text: str) -> str:
    lines = text[:_LARGEST].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line for line in lines if not line.lstrip().startswith((";", "#")))
