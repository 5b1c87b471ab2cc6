"""What other rules make of files that were read before: pure functions from what was kept to what is to be kept."""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any, NamedTuple

from segue.library.scan import documents
from segue.library.scan.facts import Chapter, FileFacts, PictureFacts, TrackTags
from segue.library.scan.formats.apev2 import OWN_FORMATS
from segue.library.scan.problems import Problem
from segue.library.scan.tags.again import TAG_DOUBTS, tags_again
from segue.library.scan.tags.rules import Rules

FIRST_TOLD_APART = 2
"""The reader's version from which several kinds of tags in one file are told apart by their names."""
_FRAME = re.compile(r"[A-Z][A-Z0-9]{3}(:.*)?", re.DOTALL)
_ALSO_APE = frozenset(("YEAR", "ISRC", "DISC", "MOOD", "DATE"))


class Remade(NamedTuple):
    """What became of one file. `document` is None where nothing changed; `unread` where it must be read to know."""

    file_id: int
    document: bytes | None = None
    tag_hash: bytes | None = None
    doubts: list[list[Any]] | None = None
    unread: bool = False


def remade(rows: Iterable[Any], rules: Rules) -> list[Remade]:
    """What `rules` make of these files; a row has the columns of `repository.said`."""
    return [_remade(row, rules) for row in rows]


def _remade(row: Any, rules: Rules) -> Remade:
    if row.document is None:
        return Remade(row.id)
    body = documents.decode(row.document)
    if "tags" not in body:
        return Remade(row.id)
    if not enough(row.format, body, row.reader_version):
        return Remade(row.id, unread=row.missing_since is None)
    before = documents.tags_from_json(body["tags"])
    tags, own_doubts = tags_again(row.format, body.get("raw") or {}, rules)
    was = [Problem(code, params) for code, params in row.doubts or ()]
    doubts = with_doubts(was, own_doubts)
    if tags == before and doubts == was:
        return Remade(row.id)
    body["tags"] = documents.tags_to_json(tags)
    return Remade(
        row.id,
        documents.pack(body),
        _hash(row, body, before, tags, was, doubts, rules),
        [[doubt.code, dict(doubt.params)] for doubt in doubts],
    )


def enough(format: str | None, body: dict[str, Any], reader_version: int) -> bool:
    """Whether what was kept of a file is all that its tags said, so that nothing need be read from disk."""
    if format is None or body.get("raw_truncated"):
        return False
    if reader_version >= FIRST_TOLD_APART:
        return True
    names = body.get("raw") or {}
    if format in ("flac", "ogg", "mp4", "asf"):
        return True
    if any(name.startswith("ID3v1:") for name in names) or format == "musepack":
        return False
    if format in OWN_FORMATS:
        return not any(_FRAME.fullmatch(name) and name not in _ALSO_APE for name in names)
    return all(_FRAME.fullmatch(name) and name not in _ALSO_APE for name in names if not name.startswith("INFO:"))


def with_doubts(was: list[Problem], own: list[Problem]) -> list[Problem]:
    """The doubts of a file: those about single values of tags anew, in the place where they were; all others as they are."""
    places = [place for place, doubt in enumerate(was) if doubt.code in TAG_DOUBTS]
    at = places[0] if places else len(was)
    kept = [doubt for doubt in was if doubt.code not in TAG_DOUBTS]
    return [*kept[:at], *own, *kept[at:]][:50]


def _hash(
    row: Any,
    body: dict[str, Any],
    before: TrackTags,
    tags: TrackTags,
    was: list[Problem],
    doubts: list[Problem],
    rules: Rules,
) -> bytes | None:
    """What reading the file by these rules would give as its hash; another one where that cannot be told from here."""
    facts = _facts(row, body, before, was)
    if documents.hash_of(facts) == row.tag_hash:
        return documents.hash_of(facts._replace(tags=tags, doubts=tuple(doubts)))
    return None if row.tag_hash is None else blake2b(row.tag_hash + rules.hash, digest_size=16).digest()


def _facts(row: Any, body: dict[str, Any], tags: TrackTags, doubts: list[Problem]) -> FileFacts:
    return FileFacts(
        path=b"",
        size=0,
        mtime_ns=0,
        format=row.format,
        codec=row.codec,
        lossless=bool(row.lossless),
        content_type=row.content_type,
        duration_ms=row.duration_ms or 0,
        bitrate_kbps=row.bitrate_kbps or 0,
        sample_rate_hz=row.sample_rate_hz or 0,
        bit_depth=row.bit_depth or 0,
        channels=row.channels or 0,
        audio_key=row.audio_key,
        audio_key_kind=row.audio_key_kind,
        problem=Problem(row.problem_code, row.problem_params or {}) if row.problem_code else None,
        doubts=tuple(doubts),
        tags=tags,
        raw=body.get("raw"),
        raw_truncated=bool(body.get("raw_truncated")),
        pictures=tuple(
            PictureFacts(kind, mime, width, height, sha256, size, best)
            for kind, mime, width, height, sha256, size, best in body.get("pictures") or ()
        ),
        cue_sheet=body.get("cue_sheet"),
        chapters=tuple(Chapter(*chapter) for chapter in body.get("chapters") or ()),
    )
