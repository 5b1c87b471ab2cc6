"""What one file said, as a compressed JSON document: kept raw, and read again when its album is put together anew.

A document holds the tags as the format spells them (`raw`) and what the reader made of them (`tags`), so that a change in
one file of an album needs no look at the others on disk.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from hashlib import blake2b
from json.encoder import c_make_encoder, encode_basestring  # type: ignore[attr-defined]
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from zstandard import ZstdCompressor, ZstdDecompressor

from segue.library.scan.facts import OF_EACH, Chapter, Credit, FileFacts, Lyrics, ReplayGain, TrackTags, alike

if TYPE_CHECKING:
    from segue.library.scan.cue.slices import Cue

_EMPTY = TrackTags()
_LARGEST_DOCUMENT = 16 * 1024 * 1024

_tuples: dict[str, Callable[[Any], Any]] = {
    "artists": lambda rows: tuple(Credit(*row) for row in rows),
    "album_artists": lambda rows: tuple(Credit(*row) for row in rows),
    "credits": lambda rows: tuple(Credit(*row) for row in rows),
    "lyrics": lambda rows: tuple(Lyrics(*row) for row in rows),
    "replay_gain": lambda row: ReplayGain(*row),
    "external_ids": lambda rows: tuple((namespace, value) for namespace, value in rows),
    "own": lambda rows: tuple((name, value) for name, value in rows),
}
_NAMES = TrackTags._fields
_ALIKE = tuple(name for name in _NAMES if name not in OF_EACH)
_KNOWN = frozenset(_NAMES)
_of_each: Callable[[TrackTags], tuple[Any, ...]] = attrgetter(*OF_EACH)
_NOT_HEARD = (
    "path", "size", "mtime_ns", "bytes_read", "rules_hash", "raw", "raw_truncated", "pictures", "tags", "cue_sheet",
    "chapters", "problem", "doubts",
)  # fmt: skip
"""Where and when a file was read, what is in its document anyway, and what is wrong with it, which few files have."""
_heard: Callable[[FileFacts], tuple[Any, ...]] = attrgetter(
    *(name for name in FileFacts._fields if name not in _NOT_HEARD)
)
for _name, _default in zip(_NAMES, _EMPTY, strict=True):
    if _default == () and _name not in _tuples:
        _tuples[_name] = tuple


def tags_to_json(tags: TrackTags) -> dict[str, Any]:
    """The members of `tags` that say something."""
    return _said(_NAMES, tags, _EMPTY)


def _said(names: Sequence[str], values: Sequence[Any], silent: Sequence[Any]) -> dict[str, Any]:
    said = zip(names, values, silent, strict=True)
    return {name: value for name, value, nothing in said if value is not nothing and value != nothing}


def tags_from_json(members: dict[str, Any]) -> TrackTags:
    """The inverse of `tags_to_json`; members that a newer version wrote are left out."""
    return TrackTags(**{k: _tuples[k](v) if k in _tuples else v for k, v in members.items() if k in _KNOWN})


def encode(facts: FileFacts) -> bytes:
    """The document of a file: zstd-compressed JSON."""
    return _compressed(_text(facts))


def encode_and_hash(facts: FileFacts) -> tuple[bytes, bytes]:
    """`encode` and `hash_of`, at the price of one."""
    text = _text(facts)
    return _compressed(text), _hashed(facts, text)


def hash_of(facts: FileFacts) -> bytes:
    """16 bytes over everything the reading found, without where and when: equal means that there is nothing to write."""
    return _hashed(facts, _text(facts))


def _hashed(facts: FileFacts, text: bytes) -> bytes:
    digest = blake2b(text, digest_size=16)
    digest.update(repr(_heard(facts)).encode())
    if facts.problem is not None or facts.doubts:
        digest.update(json.dumps([facts.problem, facts.doubts], sort_keys=True).encode())
    return digest.digest()


def _text(facts: FileFacts) -> bytes:
    """The document as JSON: the tags first, of which those that a whole album says alike are written down once."""
    body: dict[str, Any] = {"raw": facts.raw}
    if facts.pictures:
        body["pictures"] = [[p.kind, p.mime, p.width, p.height, p.sha256, p.size, p.best] for p in facts.pictures]
    if facts.cue_sheet:
        body["cue_sheet"] = facts.cue_sheet
    if facts.chapters:
        body["chapters"] = facts.chapters
    if facts.raw_truncated:
        body["raw_truncated"] = True
    if facts.tags is None:
        return _as_text(body)
    own = _as_json(_said(OF_EACH, _of_each(facts.tags), _SILENT))
    tags = ",".join(filter(None, (own[1:-1], _alike_text(facts.tags))))
    return f'{{"tags":{{{tags}}},{_as_json(body)[1:]}'.encode("utf-8", "backslashreplace")


_SILENT = _of_each(_EMPTY)
_SILENT_ALIKE = alike(_EMPTY)
_met: tuple[tuple[Any, ...], str] = (), ""
"""What the tags met last have in common with those of their album, and its JSON."""


def _alike_text(tags: TrackTags) -> str:
    global _met
    members = alike(tags)
    known = _met
    if known[0] != members:
        known = _met = members, _as_json(_said(_ALIKE, members, _SILENT_ALIKE))[1:-1]
    return known[1]


def pack(body: dict[str, Any]) -> bytes:
    """The inverse of `decode`."""
    return _compressed(_as_text(body))


def _encoder() -> Callable[[Any], str]:
    """JSON as text; without what the standard encoder does anew for each text, where Python has its quick half."""
    plain = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
    if c_make_encoder is None:
        return plain.encode
    chunks = c_make_encoder(None, plain.default, encode_basestring, None, ":", ",", False, False, True)
    return lambda value: "".join(chunks(value, 0))


_as_json = _encoder()
_local = threading.local()
"""A compressor for each thread: making one costs more than a document."""


def _as_text(body: dict[str, Any]) -> bytes:
    return _as_json(body).encode("utf-8", "backslashreplace")


def _compressed(text: bytes) -> bytes:
    compressor: ZstdCompressor | None = getattr(_local, "compressor", None)
    if compressor is None:
        compressor = _local.compressor = ZstdCompressor(level=3)
    return compressor.compress(text)


def decode(document: bytes) -> dict[str, Any]:
    """The document as a dict with `raw`, and where the file is a track `tags`; see `encode`."""
    text = ZstdDecompressor().decompress(document, max_output_size=_LARGEST_DOCUMENT)
    body: dict[str, Any] = json.loads(text)
    return body


def tags_of(document: bytes, start_ms: int | None = None) -> TrackTags:
    """The tags that a document holds for the whole file, or for its track that begins at `start_ms`; empty where the
    file was no track."""
    return tags_for(decode(document), start_ms)


def tags_for(body: dict[str, Any], start_ms: int | None = None) -> TrackTags:
    """`tags_of` for a document that is decoded: what the file's tags say, and its CUE sheet where one is in force."""
    tags = tags_from_json(body.get("tags") or {})
    if "cue" not in body:
        return tags
    from segue.library.scan.cue import slices

    return slices.tags_for(tags, slices.Cue(**body["cue"]), start_ms)


def with_cue(document: bytes, cue: Cue, chapters: tuple[Chapter, ...]) -> bytes:
    """The document of a file for which this CUE sheet is in force."""
    body = decode(document) | {"cue": cue.as_json()}
    return pack(body | {"chapters": chapters} if chapters else body)


def chapters_of(document: bytes) -> tuple[Chapter, ...]:
    """The chapters that a document holds."""
    return tuple(Chapter(*row) for row in decode(document).get("chapters") or ())
