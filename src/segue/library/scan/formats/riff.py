"""WAV (RIFF, RF64, BW64) and AIFF/AIFC: chunks of PCM with tags beside them.

RF64 and BW64 are WAV beyond 4 GiB (EBU Tech 3306): the real size of `data` stands in the `ds64` chunk.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterator

from segue.library.scan.formats.audio_key import packets_key
from segue.library.scan.formats.id3 import MAX_TAG_BYTES, read_id3_bytes
from segue.library.scan.formats.source import Source
from segue.library.scan.found import Damaged, Found, NoAudio
from segue.library.scan.problems import ProblemCode

_MAX_CHUNKS = 2000
_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_CODECS = {_PCM: "pcm", _FLOAT: "pcm", 0x55: "mp3", 0x50: "mp2", 6: "alaw", 7: "mulaw", 2: "adpcm", 0x11: "adpcm"}
_STREAMED = frozenset((0, 0x7FFFFFFF, 0x7FFFF000, 0x80000000, 0xFFFFFFFF))
"""Sizes of `data` that writers to a pipe leave behind: not a size at all."""


def _chunks(source: Source, start: int, order: str) -> Iterator[tuple[bytes, int, int]]:
    header = struct.Struct(f"{order}4sI")
    for _ in range(_MAX_CHUNKS):
        data = source.at(start, 8)
        if len(data) < 8:
            return
        name, size = header.unpack(data)
        yield name, start + 8, size
        start += 8 + size + (size & 1)


def _tag(source: Source, start: int, size: int, found: Found, want_pictures: bool) -> None:
    if size > MAX_TAG_BYTES:
        found.trouble(ProblemCode.TAGS_TOO_LARGE, bytes=size)
        return
    data = source.at(start, size)
    if data[:3] == b"ID3":
        read_id3_bytes(data, found, want_pictures=want_pictures)


def read_wav(source: Source, found: Found, *, want_pictures: bool = True) -> None:
    """Read a WAV file; raises Damaged without a format and NoAudio without data."""
    found.codec, found.lossless = "pcm", True
    frame_bytes = byte_rate = 0
    data_at = data_size = -1
    real_size = None
    info: tuple[int, int] | None = None
    tag: tuple[int, int] | None = None
    jumped = False
    for name, start, size in _chunks(source, 12, "<"):
        if name == b"fmt ":
            frame_bytes, byte_rate = _read_format(source.at(start, min(size, 40)), found)
        elif name == b"ds64":
            real_size = int.from_bytes(source.at(start + 8, 8), "little")
        elif name == b"data" and data_at < 0:
            data_at, data_size = start, size
            if size == 0xFFFFFFFF and real_size is not None:
                data_size = real_size
                jumped = True
                break
        elif name in (b"id3 ", b"ID3 "):
            tag = start, size
        elif name == b"LIST" and source.at(start, 4) == b"INFO":
            info = start + 4, size - 4
    if jumped:
        after = data_at + data_size + (data_size & 1)
        for name, start, size in _chunks(source, after, "<"):
            if name in (b"id3 ", b"ID3 "):
                tag = start, size
            elif name == b"LIST" and source.at(start, 4) == b"INFO":
                info = start + 4, size - 4
    if not byte_rate:
        raise Damaged("no description of its audio (fmt)")
    if data_at < 0:
        raise NoAudio
    if tag is not None:
        _tag(source, *tag, found, want_pictures)
    if info is not None:
        _read_info(source.at(info[0], min(info[1], 1 << 20)), found)
    _measure(source, data_at, data_size, frame_bytes, byte_rate, found, streamed=data_size in _STREAMED)


def _read_format(data: bytes, found: Found) -> tuple[int, int]:
    if len(data) < 16:
        raise Damaged("a short description of its audio (fmt)")
    code, channels, rate, byte_rate, frame_bytes, bits = struct.unpack_from("<HHIIHH", data)
    if code == _EXTENSIBLE and len(data) >= 26:
        code = int.from_bytes(data[24:26], "little")
    found.codec = _CODECS.get(code, f"wav-{code:x}")
    found.lossless = found.codec == "pcm"
    found.sample_rate_hz, found.channels = rate, channels
    found.bit_depth = bits if found.lossless else 0
    if found.lossless and rate and frame_bytes:
        byte_rate = rate * frame_bytes
    return frame_bytes, byte_rate


def _measure(
    source: Source, start: int, size: int, frame_bytes: int, byte_rate: int, found: Found, *, streamed: bool
) -> None:
    present = max(0, source.size - start)
    if streamed:
        size = present
    elif size > present + 1:
        found.trouble(ProblemCode.TRUNCATED, percent=present * 100 // size)
        size = present
    size -= size % frame_bytes if frame_bytes else 0
    found.duration_ms = round(size * 1000 / byte_rate)
    found.bitrate_kbps = round(byte_rate * 8 / 1000)
    found.key, found.key_kind = packets_key(found.codec.encode(), source, start, start + size)


def _read_info(data: bytes, found: Found) -> None:
    taken = frozenset(found.fields)
    position = 0
    while position + 8 <= len(data):
        name = data[position : position + 4].decode("latin-1")
        size = int.from_bytes(data[position + 4 : position + 8], "little")
        value = data[position + 8 : position + 8 + size].split(b"\0", 1)[0]
        position += 8 + size + (size & 1)
        try:
            text = value.decode("utf-8")
        except UnicodeDecodeError:
            text = value.decode("cp1252", "replace")
        add_info(name, text, taken, found)


def add_info(name: str, text: str, taken: Collection[str], found: Found) -> None:
    """One text of LIST/INFO; fields that are `taken` have been said by ID3."""
    found.keep_raw(f"INFO:{name}", text)
    field = found.rules.riff.get(name)
    if field is not None and field[0] not in taken:
        found.add(field[0], text, field[1])


_AIFC_PCM = frozenset(
    (b"NONE", b"sowt", b"twos", b"raw ", b"in24", b"in32", b"fl32", b"FL32", b"fl64", b"FL64", b"23ni")
)
_AIFF_TEXT = frozenset((b"NAME", b"AUTH", b"(c) ", b"ANNO"))


def read_aiff(source: Source, found: Found, *, want_pictures: bool = True) -> None:
    """Read an AIFF or AIFC file; raises Damaged without its common chunk and NoAudio without sound data."""
    compressed = source.at(8, 4) == b"AIFC"
    found.codec, found.lossless = "pcm", True
    frames = -1
    sound: tuple[int, int] | None = None
    texts: list[tuple[str, str]] = []
    for name, start, size in _chunks(source, 12, ">"):
        if name == b"COMM":
            frames = _read_common(source.at(start, min(size, 64)), found, compressed=compressed)
        elif name == b"SSND" and sound is None:
            sound = start + 8, size - 8
        elif name in (b"ID3 ", b"id3 "):
            _tag(source, start, size, found, want_pictures)
        elif name in _AIFF_TEXT:
            text = source.at(start, min(size, 4096)).decode("utf-8", "replace").strip("\0 ")
            texts.append((name.decode("latin-1"), text))
    if frames < 0:
        raise Damaged("no description of its audio (COMM)")
    if sound is None:
        raise NoAudio
    add_chunk_texts(texts, found)
    start, size = sound
    present = max(0, source.size - start)
    found.duration_ms = round(frames * 1000 / found.sample_rate_hz)
    if size > present + 1:
        found.trouble(ProblemCode.TRUNCATED, percent=present * 100 // size)
        found.duration_ms = found.duration_ms * present // size
        size = present
    if found.duration_ms:
        found.bitrate_kbps = round(size * 8 / found.duration_ms)
    found.key, found.key_kind = packets_key(found.codec.encode() + b"-be", source, start, start + size)


def add_chunk_texts(texts: list[tuple[str, str]], found: Found) -> None:
    """What AIFF's own text chunks say, for what the ID3 tag does not."""
    for name, text in texts:
        found.keep_raw(f"AIFF:{name}", text)
        field = found.rules.aiff.get(name)
        if field is not None and field[0] not in found.fields:
            found.add(field[0], text)


def _read_common(data: bytes, found: Found, *, compressed: bool) -> int:
    if len(data) < 18:
        raise Damaged("a short description of its audio (COMM)")
    channels, frames, bits, exponent, mantissa = struct.unpack_from(">HIHHQ", data)
    try:
        rate = mantissa * 2.0 ** ((exponent & 0x7FFF) - 16383 - 63)
    except OverflowError:
        rate = 0.0
    if not 1 <= rate < 1e8:
        raise Damaged("a sample rate that makes no sense")
    found.channels, found.bit_depth, found.sample_rate_hz = channels, bits, round(rate)
    if compressed and len(data) >= 22 and data[18:22] not in _AIFC_PCM:
        found.codec = data[18:22].decode("latin-1").strip().lower()
        found.lossless, found.bit_depth = found.codec == "alac", 0
    return int(frames)
