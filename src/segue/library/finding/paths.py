"""Paths as playlists write them, taken apart so that a file is found by how its path ends."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from segue.core.text import fold

MOST_PARTS = 12
"""Components of a path that are looked at, counted from its end."""
_DRIVE = re.compile(r"^[A-Za-z]:(?=[\\/]|$)")
_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,5}$")
_NUMBER = re.compile(r"^(?:\d{1,2}[-.])?\d{1,3}(?:\s*[-–—._)]\s*|\s+)(?=\S)|^\[?\d{1,3}\]\s*")
_WORDS = re.compile(r"[\W_]+")
_SEPARATED = re.compile(r"\s+[-–—]\s+")


def parts_of(path: str) -> tuple[str, ...]:
    """The components of a path or a `file:` URL; `..` takes one away, a drive and a leading slash are dropped."""
    if path[:7].lower() == "file://":
        path = unquote(urlsplit(path).path, errors="surrogateescape")
    text = _DRIVE.sub("", path.strip())
    if "/" not in text or ("\\" in text and _DRIVE.match(path.strip())):
        text = text.replace("\\", "/")
    parts: list[str] = []
    for part in text.split("/"):
        if part == "..":
            if parts:
                parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return tuple(parts[-MOST_PARTS:])


def spellings(parts: Sequence[str]) -> Iterable[tuple[int, bytes]]:
    """How the end of a path may lie in a library: (components, bytes), the longest first, as written and in both normal
    forms of Unicode (one system writes é as one character, another as two)."""
    for start in range(len(parts)):
        text = "/".join(parts[start:])
        for form in dict.fromkeys((text, unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text))):
            yield len(parts) - start, form.encode("utf-8", "surrogateescape")


@lru_cache(maxsize=4_096)
def folded(part: str) -> str:
    """One component as it is compared: its folded words."""
    return " ".join(_WORDS.sub(" ", fold(part.encode("utf-8", "replace").decode())).split())


def stem(name: str) -> str:
    """A file's name without its extension."""
    return _EXTENSION.sub("", name)


def shared_end(a: Sequence[str], b: Sequence[str]) -> int:
    """How many components two paths have in common, counted from the end; case, marks and the extension do not count."""
    count = 0
    for ours, theirs in zip(reversed(a), reversed(b), strict=False):
        if count == 0:
            ours, theirs = stem(ours), stem(theirs)
        if not (mine := folded(ours)) or mine != folded(theirs):
            break
        count += 1
    return count


def titles_in(name: str) -> list[str]:
    """What the title may be, by a file's name: `07 - Ann - Late Trains.mp3` says `Late Trains`, then all of it."""
    bare = stem(name).replace("_", " ").strip()
    plain = _NUMBER.sub("", bare).strip() or bare
    pieces = [piece for piece in _SEPARATED.split(plain) if piece.strip()]
    pieces = [_NUMBER.sub("", piece) or piece for piece in pieces]
    guesses = [pieces[-1], plain, bare] if pieces else [bare]
    if len(pieces) > 2:
        guesses.insert(1, " - ".join(pieces[1:]))
    joined = plain.split("-")[:8]  # `101-phil_collins-going_back-xyz`, as some have always named files
    if len(joined) > 1:
        guesses += ["-".join(joined[place:]) for place in range(1, len(joined))] + joined[1:-1]
    cleaned = (_NUMBER.sub("", guess.strip()) for guess in guesses)
    return list(dict.fromkeys(guess for guess in cleaned if guess))
