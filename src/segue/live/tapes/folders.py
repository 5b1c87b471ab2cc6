"""Which folders are tapes: those with audio files, the discs of one tape together. Nothing is opened here."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from segue.live.downloads.formats import kind_of

MOST_FOLDERS = 100_000
MOST_FILES = 2_000
"""Audio files of one tape; a folder with more is a heap, and is left out with a reason."""
_DISC = re.compile(rb"^(?:cd|disc|disk|d|set|s|side|tape|reel|part)[ _.-]*\d{1,2}\b.{0,20}$", re.IGNORECASE)
_AUDIO = ("flac", "shn", "wav", "mp3", "ogg", "m4a", "aif", "aiff", "ape", "wv", "opus")


@dataclass(slots=True)
class Folder:
    """One tape: its folder (a whole path), its audio files and the texts beside them, relative to it, in order of names."""

    path: bytes
    audio: list[bytes] = field(default_factory=list)
    texts: list[bytes] = field(default_factory=list)

    @property
    def name(self) -> str:
        return printable(self.path.rstrip(b"/").rpartition(b"/")[2])


def tapes_in(root: bytes, unreadable: Callable[[OSError], None] | None = None) -> Iterator[Folder]:
    """The tapes in and below a folder. Links are not followed; folders that begin with a dot are left out."""
    held: dict[bytes, Folder] = {}
    for path, folders, files in islice(os.walk(root, onerror=unreadable), MOST_FOLDERS):
        folders[:] = sorted(name for name in folders if not name.startswith(b"."))
        owner, inside = path, b""
        above = path.rpartition(b"/")[0]
        if path != root and _DISC.match(path.rpartition(b"/")[2]):
            owner, inside = above, path[len(above) + 1 :] + b"/"
        audio = [inside + name for name in sorted(files) if _is_audio(name)]
        texts = [inside + name for name in sorted(files) if _is_text(name)]
        if audio or (texts and not inside):
            tape = held.setdefault(owner, Folder(owner))
            tape.audio += audio
            tape.texts += texts
    yield from (tape for _, tape in sorted(held.items()) if tape.audio)


def printable(path: bytes) -> str:
    """A path as it can be shown and kept as text: what is no UTF-8 becomes replacement characters."""
    return path.decode("utf-8", "replace").replace("\0", "")


def _is_audio(name: bytes) -> bool:
    return not name.startswith(b".") and os.fsdecode(name).rpartition(".")[2].lower() in _AUDIO


def _is_text(name: bytes) -> bool:
    shown = os.fsdecode(name)
    return not name.startswith(b".") and kind_of(shown, "") in ("text", "checksums", "fingerprints")
