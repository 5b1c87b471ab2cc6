"""The words of a song, as plain values: lines, with times where the source has them, down to single words.

Times are milliseconds from the beginning of the track. They are kept in a document of compact JSON, compressed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from zstandard import ZstdCompressor, ZstdDecompressor

UNKNOWN_LANGUAGE = "und"
"""ISO 639's word for a language that nobody stated."""

Kind = Literal["main", "translation", "pronunciation"]
Role = Literal["main", "voice", "bg", "group"]
KINDS: tuple[Kind, ...] = ("main", "translation", "pronunciation")
_LARGEST_DOCUMENT = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Word:
    """A word or syllable: its text, where it begins in its line's text (in characters), and when."""

    text: str
    at: int
    start_ms: int
    end_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `start_ms` counts from the beginning of the track, None where the words have no times."""

    text: str
    start_ms: int | None = None
    end_ms: int | None = None
    words: tuple[Word, ...] = ()
    agent: str | None = None
    """Who sings it: the id of an agent."""


@dataclass(frozen=True, slots=True)
class Agent:
    """A voice. `role` is main, voice, bg (background) or group; `name` where the source tells."""

    id: str
    role: Role
    name: str | None = None


@dataclass(frozen=True, slots=True)
class SongWords:
    """One set of words. `language` is an ISO 639 code or `und`; `offset_ms` positive means that lines come sooner."""

    language: str
    synced: bool
    lines: tuple[Line, ...]
    offset_ms: int = 0
    kind: Kind = "main"
    agents: tuple[Agent, ...] = ()
    source: str = field(default="embedded", compare=False)
    """Where it comes from: embedded, sidecar, person."""
    format: str = field(default="text", compare=False)
    """How it was written: text, lrc, elrc (with the times of words), ttml, srt, vtt."""
    name: str | None = field(default=None, compare=False)
    """The name of its file, of a sidecar."""

    @property
    def plain(self) -> str:
        """The words without times."""
        return "\n".join(line.text for line in self.lines)

    @property
    def word_timed(self) -> bool:
        """Whether single words have times."""
        return any(line.words for line in self.lines)


def pack(words: SongWords) -> bytes:
    """The document of a set of words."""
    lines = [
        [line.text, line.start_ms, line.end_ms, [[w.text, w.at, w.start_ms, w.end_ms] for w in line.words], line.agent]
        for line in words.lines
    ]
    body = {
        "lines": lines, "offset": words.offset_ms, "agents": [[one.id, one.role, one.name] for one in words.agents],
    }  # fmt: skip
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return ZstdCompressor(level=3).compress(text.encode("utf-8", "replace"))


def unpack(document: bytes, about: SongWords) -> SongWords:
    """The inverse of `pack`; `about` says what the document does not: language, kind, source."""
    body: dict[str, Any] = json.loads(ZstdDecompressor().decompress(document, max_output_size=_LARGEST_DOCUMENT))
    lines = tuple(
        Line(text, start, end, tuple(Word(*word) for word in words), agent)
        for text, start, end, words, agent in body["lines"]
    )
    return replace(
        about, lines=lines, offset_ms=body["offset"], agents=tuple(Agent(*agent) for agent in body["agents"])
    )


def rank(words: SongWords) -> tuple[int, int, int, str]:
    """What sets of words are ordered by: a person's own first, main before translations, then the more exact the times."""
    exactness = 0 if words.word_timed else 1 if words.synced else 2
    return (words.source != "person", KINDS.index(words.kind), exactness, words.language)
