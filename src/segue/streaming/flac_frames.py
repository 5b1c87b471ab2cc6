"""Cut a FLAC at its frames (RFC 9639): the frames of a part as they are, numbered anew, behind a STREAMINFO of their own.

Frames hold their music independently of each other, but count themselves, and a player that seeks believes the numbers. So
each frame's header is written anew with its checksum (CRC-8), and the frame's own checksum (CRC-16) follows from the old one
without a look at the music: a CRC is linear, so what changed in the header is shifted over the rest and added.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

Piece = bytes | tuple[int, int]
"""Bytes of our own, or (start, length) in the file."""

_LONGEST_HEADER = 16
_WINDOW = 1 << 20
_NARROW = 256 * 1024
_MOST_FRAMES = 400_000
_POLYNOMIAL = 0x8005


class Stream(NamedTuple):
    """What STREAMINFO says, and where the frames are."""

    info: bytes
    block: int
    rate: int
    samples: int
    start: int
    end: int


class Frame(NamedTuple):
    """One frame: where it is, how long its header is, the number in it, and how many samples it holds."""

    at: int
    header: bytes
    number: int
    samples: int
    first: int
    """Its first sample."""


@dataclass(slots=True)
class _Reader:
    descriptor: int
    stream: Stream

    def frames(self, at: int, end: int) -> Iterator[Frame]:
        """The headers that can be frames from `at` on; some may be music that looks like one."""
        while at < end:
            data = os.pread(self.descriptor, min(_WINDOW, self.stream.end - at), at)
            if len(data) < 6:
                return
            place = data.find(b"\xff", 0)
            while 0 <= place < len(data) - (_LONGEST_HEADER if at + len(data) < self.stream.end else 5):
                if data[place + 1] & 0xFE == 0xF8:
                    frame = _header(data[place : place + _LONGEST_HEADER], at + place, self.stream)
                    if frame is not None:
                        yield frame
                place = data.find(b"\xff", place + 1)
            step = len(data) - _LONGEST_HEADER
            if at + len(data) >= self.stream.end or step <= 0:
                return
            at += step


def cut_flac(descriptor: int, size: int, start_ms: int, end_ms: int | None) -> list[Piece] | None:
    """The pieces of a FLAC that holds the frames from the one in which `start_ms` lies up to the one in which `end_ms` lies;
    None where the file cannot be followed frame by frame."""
    stream = _stream(descriptor, size)
    if stream is None:
        return None
    reader = _Reader(descriptor, stream)
    first_sample = start_ms * stream.rate // 1000
    last_sample = None if end_ms is None else end_ms * stream.rate // 1000
    frames: list[Frame] = []
    behind = stream.end
    for frame in reader.frames(_near(reader, first_sample), stream.end):
        if frames and frame.first != frames[-1].first + frames[-1].samples:
            continue  # music that looks like a header
        if not frames and frame.first + frame.samples <= first_sample:
            continue
        if not frames and frame.first > first_sample:
            return None
        if last_sample is not None and frame.first + frame.samples > last_sample and frames:
            behind = frame.at
            break
        frames.append(frame)
        if len(frames) > _MOST_FRAMES:
            return None
    if not frames:
        return None
    last = frames[-1]
    if behind == stream.end and stream.samples not in (0, last.first + last.samples):
        return None
    if behind == stream.end and not _ends_there(descriptor, last.at, stream.end):
        return None
    return _pieces(descriptor, stream, frames, behind)


def _pieces(descriptor: int, stream: Stream, frames: list[Frame], behind: int) -> list[Piece] | None:
    total = frames[-1].first + frames[-1].samples - frames[0].first
    packed = int.from_bytes(stream.info[10:18], "big") & ~0xFFFFFFFFF | total
    info = stream.info[:10] + packed.to_bytes(8, "big") + bytes(16)
    pieces: list[Piece] = [b"fLaC\x80\x00\x00\x22" + info]
    zero = frames[0].number
    ends = [*(frame.at for frame in frames[1:]), behind]
    for frame, end in zip(frames, ends, strict=True):
        body = frame.at + len(frame.header)
        if end - 2 <= body:
            return None
        header = _renumbered(frame.header, frame.number - zero)
        if header == frame.header:
            pieces.append((frame.at, end - frame.at))
            continue
        old = int.from_bytes(os.pread(descriptor, 2, end - 2), "big")
        changed = _crc16(frame.header) ^ _crc16(header)
        pieces += [header, (body, end - 2 - body), (old ^ _shifted(changed, end - 2 - body)).to_bytes(2, "big")]
    return pieces


def _stream(descriptor: int, size: int) -> Stream | None:
    at = 0
    head = os.pread(descriptor, 10, 0)
    if head[:3] == b"ID3" and len(head) == 10:
        at = 10 + (head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9])
    if os.pread(descriptor, 4, at) != b"fLaC":
        return None
    at += 4
    info = b""
    for _ in range(4096):
        head = os.pread(descriptor, 4, at)
        if len(head) < 4:
            return None
        length = int.from_bytes(head[1:], "big")
        if head[0] & 0x7F == 0:
            info = os.pread(descriptor, 34, at + 4)
        at += 4 + length
        if head[0] & 0x80:
            break
    if len(info) < 34:
        return None
    packed = int.from_bytes(info[10:18], "big")
    block, rate = int.from_bytes(info[2:4], "big"), packed >> 44
    end = size - 128 if size > 128 and os.pread(descriptor, 3, size - 128) == b"TAG" else size
    return Stream(info, block, rate, packed & 0xFFFFFFFFF, at, end) if rate and block and at < end else None


def _near(reader: _Reader, sample: int) -> int:
    """A place in the file at or before the frame that holds `sample`, and not far from it."""
    low, high = reader.stream.start, reader.stream.end
    while high - low > _NARROW:
        middle = (low + high) // 2
        frame = _sure_frame(reader, middle, min(high, middle + _NARROW))
        if frame is None or frame.first > sample:
            high = middle
        else:
            low = frame.at
    return low


def _sure_frame(reader: _Reader, start: int, end: int) -> Frame | None:
    """The first frame from `start` on that is followed by its successor."""
    waiting: list[Frame] = []
    for frame in reader.frames(start, end + _NARROW):
        for earlier in waiting:
            if frame.first == earlier.first + earlier.samples and frame.at > earlier.at:
                return earlier if earlier.at < end else None
        waiting.append(frame)
        if len(waiting) > 200:
            return None
    return None


def _ends_there(descriptor: int, at: int, end: int) -> bool:
    """Whether the frame at `at` ends at `end`, told by its checksum."""
    data = os.pread(descriptor, min(end - at, 1 << 20), at)
    return len(data) >= 4 and at + len(data) == end and _crc16(data[:-2]) == int.from_bytes(data[-2:], "big")


def _header(data: bytes, at: int, stream: Stream) -> Frame | None:
    """The frame whose header stands at the beginning of `data`, None where it is none."""
    if len(data) < 6 or data[3] & 1:
        return None
    block_code, rate_code, channels = data[2] >> 4, data[2] & 15, data[3] >> 4
    if block_code == 0 or rate_code == 15 or channels > 10:
        return None
    first, extra = data[4], 0
    while first & (0x80 >> extra) and extra < 8:
        extra += 1
    if extra in (1, 8):
        return None
    number = first & (0x7F >> extra)
    place = 4 + max(1, extra)
    for byte in data[5:place]:
        if byte & 0xC0 != 0x80:
            return None
        number = number << 6 | byte & 0x3F
    wide = {6: 1, 7: 2}.get(block_code, 0)
    samples = int.from_bytes(data[place : place + wide], "big") + 1 if wide else _block_size(block_code)
    place += wide + {12: 1, 13: 2, 14: 2}.get(rate_code, 0)
    if place >= len(data) or _crc8(data[:place]) != data[place]:
        return None
    begins = number if data[1] & 1 else number * stream.block
    if stream.samples and begins + samples > stream.samples:
        return None
    return Frame(at, data[: place + 1], number, samples, begins)


def _block_size(code: int) -> int:
    return 192 if code == 1 else 576 << (code - 2) if code < 6 else 256 << (code - 8)


def _renumbered(header: bytes, number: int) -> bytes:
    """The header with another number, and the checksum that goes with it."""
    first, extra = header[4], 0
    while first & (0x80 >> extra) and extra < 8:
        extra += 1
    made = header[:4] + _coded(number) + header[4 + max(1, extra) : -1]
    return made + bytes([_crc8(made)])


def _coded(number: int) -> bytes:
    """A number as FLAC codes it: like UTF-8, up to 36 bits."""
    if number < 0x80:
        return bytes([number])
    extra = next(count for count in range(1, 7) if number < 1 << (5 * count + 6) or count == 6)
    lead = 0xFF00 >> (extra + 1) & 0xFF
    parts = [number >> (6 * extra) | lead]
    parts += [0x80 | number >> (6 * left) & 0x3F for left in range(extra - 1, -1, -1)]
    return bytes(parts)


# --- checksums --------------------------------------------------------------------------------------------------------


def _table(polynomial: int, bits: int) -> list[int]:
    top, mask = 1 << (bits - 1), (1 << bits) - 1
    table = []
    for byte in range(256):
        value = byte << (bits - 8)
        for _ in range(8):
            value = (value << 1 ^ polynomial if value & top else value << 1) & mask
        table.append(value)
    return table


_CRC8 = _table(0x07, 8)
_CRC16 = _table(_POLYNOMIAL, 16)


def _crc8(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc = _CRC8[crc ^ byte]
    return crc


def _crc16(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc = crc << 8 & 0xFFFF ^ _CRC16[crc >> 8 ^ byte]
    return crc


def _product(left: int, right: int) -> int:
    """Two remainders multiplied, modulo the polynomial of CRC-16."""
    result = 0
    while right:
        if right & 1:
            result ^= left
        left = (left << 1 ^ _POLYNOMIAL if left & 0x8000 else left << 1) & 0xFFFF
        right >>= 1
    return result


@lru_cache(maxsize=64)
def _power(bit: int) -> int:
    """x to the power of 8 · 2^bit."""
    return 1 << 8 if bit == 0 else _product(_power(bit - 1), _power(bit - 1))


def _shifted(crc: int, length: int) -> int:
    """What a checksum becomes when so many zero bytes follow."""
    bit = 0
    while length:
        if length & 1:
            crc = _product(crc, _power(bit))
        length >>= 1
        bit += 1
    return crc
