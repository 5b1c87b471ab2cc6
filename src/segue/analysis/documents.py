"""What was heard as JSON and back, loss-free: `from_json(to_json(heard)) == heard`.

`to_json` gives all of a `records.Heard`; bytes (the waveform) as base64. `packed` is what is kept of a sound: zstd-compressed
JSON without waveform and embedding, which have places of their own. A member that is not there has its default, and one that
is not known is passed over, so that documents of other versions are read as far as they go.
"""

from __future__ import annotations

import json
import types
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from zstandard import ZstdCompressor, ZstdDecompressor

from segue.analysis.records import Heard, Waveform

LARGEST = 64 * 2**20
"""Bytes of a document that is unpacked: the beats of 24 hours are about 3 MB."""
LEVEL = 6
Record = TypeVar("Record")


def to_json(heard: Heard) -> dict[str, Any]:
    """All of `heard` as what JSON can hold."""
    said = _plain(heard)
    assert isinstance(said, dict)
    return said


def from_json(document: Mapping[str, Any]) -> Heard:
    """What `to_json` was given. Raises ValueError, TypeError, KeyError over what is no such document."""
    return record_of(Heard, document)


def record_of(kind: type[Record], document: Mapping[str, Any]) -> Record:
    """One record (`Tempo`, `Heard` …) from what `plain` made of it."""
    wanted: Any = kind
    made: Record = _reader(wanted)(document)
    return made


def plain(record: object) -> Any:
    """A record as what JSON can hold."""
    return _plain(record)


def packed(heard: Heard) -> bytes:
    """`heard` without waveform and embedding, to be kept. Raises ValueError where a number of it is none (NaN)."""
    said = to_json(replace(heard, waveform=None, embedding=None))
    text = json.dumps(said, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    return ZstdCompressor(level=LEVEL).compress(text.encode("utf-8"))


def unpacked(document: bytes, *, waveform: Waveform | None = None, embedding: tuple[float, ...] | None = None) -> Heard:
    """What `packed` was given, with what is kept elsewhere put back where it is at hand."""
    text = ZstdDecompressor().decompress(document, max_output_size=LARGEST)
    return replace(from_json(json.loads(text)), waveform=waveform, embedding=embedding)


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, bytes):
        return b64encode(value).decode("ascii")
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(one) for one in value]
    return value


Reader = Callable[[Any], Any]


@cache
def _reader(kind: Any) -> Reader:
    """How a value of this type is read from JSON."""
    origin, inside = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        (some,) = [one for one in inside if one is not type(None)]
        read = _reader(some)
        return lambda value: None if value is None else read(value)
    if origin is tuple:
        if len(inside) == 2 and inside[1] is Ellipsis:
            each = _reader(inside[0])
            if each is _as_it_is:
                return tuple
            return lambda value: tuple(each(one) for one in value)
        several = [_reader(one) for one in inside]
        return lambda value: tuple(read(one) for read, one in zip(several, value, strict=True))
    if is_dataclass(kind):
        return _record_reader(kind)
    if kind is bytes:
        return b64decode
    if kind is float:
        return float
    if origin is Mapping or kind in (int, str, bool, Any) or origin is Literal:
        return _as_it_is
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _as_it_is
    raise TypeError(f"{kind!r} cannot be read from JSON")


def _record_reader(kind: Any) -> Reader:
    hints = get_type_hints(kind)
    readers = {one.name: _reader(hints[one.name]) for one in fields(kind)}

    def read(value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise TypeError(f"{kind.__name__} is no object")
        return kind(**{name: reader(value[name]) for name, reader in readers.items() if name in value})

    return read


def _as_it_is(value: Any) -> Any:
    return value
