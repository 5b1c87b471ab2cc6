"""MPEG audio: MP3 (and layers 1 and 2), with ID3 before it and ID3v1 or APEv2 behind.

Length and bit rate come from the Xing/Info or VBRI header where there is one
(http://gabriel.mp3-tech.org/mp3infotag.html), with LAME's encoder delay and padding taken off; else from the first
frames and the size of the audio.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from segue.library.scan.formats.apev2 import read_ape_tag
from segue.library.scan.formats.audio_key import packets_key, trailer_start
from segue.library.scan.formats.id3 import id3_size, read_id3, read_id3v1
from segue.library.scan.formats.source import Source
from segue.library.scan.found import Damaged, Found
from segue.library.scan.problems import ProblemCode

_SEARCH_BYTES = 1024 * 1024
_CHAIN = 4
_MAX_SYNCS = 3000

_BITRATES = {
    (1, 1): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_BITRATES[2, 3] = _BITRATES[2, 2]
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


class Frame(NamedTuple):
    """One frame header: sizes in bytes, `samples` per channel."""

    size: int
    samples: int
    rate: int
    kbps: int
    channels: int
    layer: int
    side_info: int


def frame(data: bytes, at: int) -> Frame | None:
    """Parse the frame header at `at`; None where there is none (free-format frames count as none)."""
    if at + 4 > len(data) or data[at] != 0xFF or data[at + 1] < 0xE0:
        return None
    return _parse(data[at + 1], data[at + 2], data[at + 3] & 0xC0)


@lru_cache(8192)
def _parse(second: int, third: int, fourth: int) -> Frame | None:
    version, layer = second >> 3 & 3, 4 - (second >> 1 & 3)
    rate_index, bitrate_index = third >> 2 & 3, third >> 4
    if version == 1 or layer == 4 or rate_index == 3 or bitrate_index in (0, 15):
        return None
    first = version == 3
    rate = _RATES[version][rate_index]
    kbps = _BITRATES[1 if first else 2, layer][bitrate_index]
    padding = third >> 1 & 1
    if layer == 1:
        samples, size = 384, (12_000 * kbps // rate + padding) * 4
    else:
        samples = 1152 if first or layer == 2 else 576
        size = samples // 8 * 1000 * kbps // rate + padding
    mono = fourth >> 6 == 3
    side = (17 if mono else 32) if first else (9 if mono else 17)
    return Frame(size, samples, rate, kbps, 1 if mono else 2, layer, side)


def read_mpeg(source: Source, found: Found, *, want_pictures: bool = True) -> None:
    """Read an MP3 file; raises Damaged when no run of frames is found in the first MiB after the tags."""
    start = 0
    while (size := id3_size(source, start)) and start + size < source.size and start < 1 << 30:
        read_id3(source, start, found, want_pictures=want_pictures)
        start += size
    if size:
        # The tag claims to reach beyond the file: what can be read of it is, and the music is searched for within.
        read_id3(source, start, found, want_pictures=want_pictures)
        start += 10
    end = trailer_start(source)
    at = _first_frame(source, start, end)
    if at is None:
        raise Damaged("no frames of MPEG audio")
    if not size and at - start > 4096 and any(source.at(start, min(at - start, 65536))):
        found.trouble(ProblemCode.GARBAGE_BEFORE_AUDIO, bytes=at - start)
    _read_frames(source, at, end, found)
    if end < source.size:
        read_ape_tag(source, found, want_pictures=want_pictures)
        read_id3v1(source, found)


def _first_frame(source: Source, start: int, end: int) -> int | None:
    """Return where the first of several frames that follow one another begins."""
    data = source.at(start, 16 * 1024)
    length, at_end = _chain(data, 0)
    if length == _CHAIN or (length and at_end):
        return start
    limit = min(end - start, _SEARCH_BYTES)
    data = source.at(start, min(limit + 16 * 1024, end - start))
    at = -1
    candidates = 0
    while candidates < _MAX_SYNCS and (at := data.find(b"\xff", at + 1, limit)) >= 0:
        if frame(data, at) is not None:
            candidates += 1
            length, at_end = _chain(data, at)
            if length == _CHAIN or (length > 1 and at_end and len(data) == end - start):
                return start + at
    return None


def _chain(data: bytes, at: int) -> tuple[int, bool]:
    """Count the frames of one kind that follow one another from `at`, up to four, and say whether the data ended."""
    first = None
    for count in range(_CHAIN):
        here = frame(data, at)
        if here is None:
            return count, at >= len(data)
        if first is None:
            first = here
        elif (here.rate, here.layer) != (first.rate, first.layer):
            return count, False
        at += here.size
    return _CHAIN, at >= len(data)


def _read_frames(source: Source, at: int, end: int, found: Found) -> None:
    data = source.at(at, 16 * 1024)
    first = frame(data, 0)
    if first is None:
        raise Damaged("no frames of MPEG audio")
    found.codec = f"mp{first.layer}"
    found.sample_rate_hz, found.channels = first.rate, first.channels
    music = at
    frames = size = 0
    trim = 0
    known = data[4 + first.side_info : 4 + first.side_info + 160]
    if known[:4] in (b"Xing", b"Info"):
        music = at + first.size
        flags = known[7]
        position = 8
        if flags & 1:
            frames = int.from_bytes(known[position : position + 4], "big")
            position += 4
        if flags & 2:
            size = int.from_bytes(known[position : position + 4], "big")
            position += 4
        position += (100 if flags & 4 else 0) + (4 if flags & 8 else 0)
        lame = known[position:]
        if lame[:4] in (b"LAME", b"Lavf", b"Lavc", b"L3.9") and len(lame) >= 24:
            delay = int.from_bytes(lame[21:24], "big")
            trim = (delay >> 12) + (delay & 0xFFF)
    elif data[36:40] == b"VBRI":
        music = at + first.size
        size = int.from_bytes(data[46:50], "big")
        frames = int.from_bytes(data[50:54], "big")
    found.key, found.key_kind = packets_key(b"mpeg", source, music, end)
    present = max(0, end - music)
    if frames and frames * first.samples < 2**40:
        found.duration_ms = max(0, round((frames * first.samples - trim) * 1000 / first.rate))
        found.bitrate_kbps = round(present * 8 / found.duration_ms) if found.duration_ms else first.kbps
        if size and end - at < size * 0.97 - 4096:
            found.trouble(ProblemCode.TRUNCATED, percent=(end - at) * 100 // size)
            found.bitrate_kbps = round(size * 8 / found.duration_ms) if found.duration_ms else first.kbps
        return
    found.duration_ms = estimated_ms(source, music, end, frame)
    found.bitrate_kbps = round(present * 8 / found.duration_ms) if found.duration_ms else first.kbps


_WINDOW = 8 * 1024
_PLACES = (4, 1, 7, 2, 6, 0, 8, 3, 5)
_MAX_FRAMES = 400


def estimated_ms(source: Source, start: int, end: int, parse: Callable[[bytes, int], Frame | None]) -> int:
    """Estimate the length of frames that do not state it, in milliseconds.

    Both ends are counted as they are, since silence is there and plays long for few bytes; runs of frames at up to nine
    places evenly spread between tell how long a byte plays. Where the first three agree the bit rate is constant.
    """
    between = end - start - 2 * _WINDOW
    if between <= _WINDOW * 2:
        size, seconds = _run(source.at(start, end - start), parse, _MAX_FRAMES * 16)
        return round(seconds * 1000 * (end - start) / size) if size else 0
    speeds: list[float] = []
    for part in _PLACES:
        place = start + _WINDOW + (between - _WINDOW) * (2 * part + 1) // (2 * len(_PLACES))
        size, seconds = _run(source.at(place, _WINDOW), parse, _MAX_FRAMES)
        if size:
            speeds.append(seconds / size)
        if len(speeds) == 3 and max(speeds) - min(speeds) < 0.005 * max(speeds):
            return round(sum(speeds) / 3 * (end - start) * 1000)
    if not speeds:
        return 0
    mean = sum(speeds) / len(speeds)
    total = mean * between
    for place in (start, end - _WINDOW):
        size, seconds = _run(source.at(place, _WINDOW), parse, _MAX_FRAMES)
        total += seconds * _WINDOW / size if size else mean * _WINDOW
    return round(total * 1000)


def _run(data: bytes, parse: Callable[[bytes, int], Frame | None], limit: int) -> tuple[int, float]:
    """Return the bytes and the seconds of the frames that follow one another in `data`."""
    at = -1
    for _ in range(_MAX_FRAMES):
        at = data.find(b"\xff", at + 1)
        if at < 0:
            break
        first = here = parse(data, at)
        position, seconds, count = at, 0.0, 0
        while here is not None and first is not None and here.rate == first.rate and count < limit:
            seconds += here.samples / here.rate
            position += here.size
            count += 1
            here = parse(data, position)
        if count >= 3 or (count and position >= len(data)):
            return position - at, seconds
    return 0, 0.0
