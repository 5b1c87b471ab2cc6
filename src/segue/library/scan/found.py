"""What a format's reader puts together while it reads: the audio's properties, tag values by our names, pictures.

Readers fill a `Found`; `tags.track_tags` and `read.read_file` make the final facts of it.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from segue.library.scan.facts import Chapter, Lyrics
from segue.library.scan.problems import Problem, ProblemCode
from segue.library.scan.tags.rules import Rules, shipped

RAW_BYTES = 64 * 1024
"""How much raw tag text is kept of one file."""
_MAX_VALUES = 500
"""Values of one field that are used; the most credited real recordings have about 200."""


class Damaged(ValueError):
    """The container cannot be parsed; the text names what is wrong in a few words."""


class NoAudio(ValueError):
    """The container is sound, and nothing in it is music."""


class Embedded(NamedTuple):
    """One picture as it lies in the file; `kind` is ID3's picture type (3 is the front cover)."""

    kind: int
    mime: str
    description: str
    data: bytes


class Found:
    """The growing result of reading one file."""

    __slots__ = (
        "bit_depth",
        "bitrate_kbps",
        "channels",
        "chapters",
        "codec",
        "cue_sheet",
        "doubts",
        "duration_ms",
        "fields",
        "format",
        "key",
        "key_kind",
        "lossless",
        "lyrics",
        "performers",
        "pictures",
        "problem",
        "ranks",
        "raw",
        "raw_left",
        "rules",
        "sample_rate_hz",
    )

    def __init__(self, format: str, rules: Rules | None = None) -> None:
        self.rules = rules or shipped()
        self.format = format
        self.codec = format
        self.lossless = False
        self.duration_ms = 0
        self.bitrate_kbps = 0
        self.sample_rate_hz = 0
        self.bit_depth = 0
        self.channels = 0
        self.key: bytes | None = None
        self.key_kind: str | None = None
        self.problem: Problem | None = None
        self.doubts: list[Problem] = []
        self.fields: dict[str, list[str]] = {}
        self.ranks: dict[str, int] = {}
        self.performers: list[tuple[str, str, str | None]] = []
        """(role, name, instrument) from tags that state the role beside the name."""
        self.raw: dict[str, list[str]] = {}
        self.raw_left = RAW_BYTES
        self.pictures: list[Embedded] = []
        self.lyrics: list[Lyrics] = []
        self.chapters: list[Chapter] = []
        self.cue_sheet: str | None = None

    def add(self, field: str, value: str, rank: int = 0) -> None:
        """Add a value to a field; it is cleaned later.

        Of several names for one field only the best (lowest `rank`) is heard. Values beyond 500 are only counted.
        """
        values = self.fields.get(field)
        if values is None or rank < self.ranks[field]:
            self.fields[field] = [value]
            self.ranks[field] = rank
        elif rank == self.ranks[field]:
            if len(values) < _MAX_VALUES:
                values.append(value)
            else:
                self.cut(field)

    def cut(self, field: str) -> None:
        """Note that a field had more values than are used."""
        for index, doubt in enumerate(self.doubts):
            if doubt.code == ProblemCode.VALUES_CUT and doubt.params["field"] == field:
                params = {**doubt.params, "count": int(doubt.params["count"]) + 1}
                self.doubts[index] = Problem(doubt.code, params)
                return
        params = {"field": field, "count": _MAX_VALUES + 1, "kept": _MAX_VALUES}
        self.doubts.append(Problem(ProblemCode.VALUES_CUT, params))

    def keep_raw(self, name: str, value: str) -> None:
        """Keep a tag as it is spelled in the file, as long as there is room for it."""
        self.raw_left -= len(name) + len(value)
        if self.raw_left < 0:
            value = value[: max(0, self.raw_left + len(value))]
            if not value:
                return
        values = self.raw.get(name)
        if values is None:
            self.raw[name] = [value]
        else:
            values.append(value)

    def keep_raw_bytes(self, name: str, data: bytes) -> None:
        """Keep the size and hash of a binary tag."""
        self.keep_raw(name, f"<{len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()}>")

    def trouble(self, code: ProblemCode, **params: str | int) -> None:
        """Mark the file; the first problem stays the file's, later ones become doubts."""
        problem = Problem(code, params)
        if self.problem is None:
            self.problem = problem
        else:
            self.doubts.append(problem)
