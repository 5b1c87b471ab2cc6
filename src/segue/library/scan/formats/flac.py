"""FLAC files (RFC 9639): stream info, tags, pictures, and whether the music is all there."""

from __future__ import annotations

from segue.library.scan.formats.audio_key import FLAC_MD5, packets_key, trailer_start
from segue.library.scan.formats.source import Source
from segue.library.scan.formats.vorbis import read_comments, read_picture_block
from segue.library.scan.found import Damaged, Found
from segue.library.scan.problems import ProblemCode

_STREAMINFO, _COMMENTS, _CUESHEET, _PICTURE = 0, 4, 5, 6
_MAX_BLOCKS = 4096


def read_flac(source: Source, start: int, found: Found, *, want_pictures: bool = True) -> None:
    """Read a FLAC stream whose `fLaC` stands at `start`; raises Damaged when there is no usable stream info."""
    found.codec, found.lossless = "flac", True
    position = start + 4
    info = b""
    for _ in range(_MAX_BLOCKS):
        header = source.at(position, 4)
        if len(header) < 4:
            raise Damaged("the metadata is cut short")
        kind = header[0] & 0x7F
        size = int.from_bytes(header[1:], "big")
        position += 4
        if kind == _STREAMINFO:
            info = info or source.at(position, 34)
        elif kind == _COMMENTS:
            if not found.raw:
                read_comments(source.at(position, size), found, want_pictures=want_pictures)
        elif kind == _PICTURE:
            if want_pictures:
                read_picture_block(source.at(position, size), found)
        elif kind == _CUESHEET:
            found.cue_sheet = _cue_text(source.at(position, size))
        position += size
        if header[0] & 0x80:
            break
    if len(info) < 34:
        raise Damaged("no stream info")
    read_stream_info(info, found)
    end = trailer_start(source)
    if found.key is None:
        found.key, found.key_kind = packets_key(b"flac", source, position, end)
    _look_at_the_end(source, info, position, end, found)
    if found.duration_ms:
        found.bitrate_kbps = round(max(0, end - position) * 8 / found.duration_ms)


def read_stream_info(info: bytes, found: Found) -> int:
    """Read the 34 bytes of STREAMINFO into `found`, the MD5 of the audio as its key; returns the samples in all."""
    packed = int.from_bytes(info[10:18], "big")
    rate = packed >> 44
    samples = packed & 0xFFFFFFFFF
    if not rate:
        raise Damaged("a sample rate of zero")
    found.sample_rate_hz = rate
    found.channels = (packed >> 41 & 7) + 1
    found.bit_depth = (packed >> 36 & 31) + 1
    found.duration_ms = round(samples * 1000 / rate)
    md5 = info[18:34]
    if any(md5):
        found.key, found.key_kind = md5, FLAC_MD5
    return samples


_SYNCS = (b"\xff\xf8", b"\xff\xf9")
"""How a frame begins, with blocks of one size or of several; all of a file's alike."""


def _look_at_the_end(source: Source, info: bytes, start: int, end: int, found: Found) -> None:
    """Find the last frame and compare where it plays with what the stream info promises."""
    packed = int.from_bytes(info[10:18], "big")
    samples = packed & 0xFFFFFFFFF
    block = int.from_bytes(info[2:4], "big")
    largest_frame = int.from_bytes(info[7:10], "big")
    if end <= start:
        found.trouble(ProblemCode.TRUNCATED, percent=0)
        return
    span = min(max(largest_frame + 16, 16 * 1024), 160 * 1024, end - start)
    tail = source.at(end - span, span)
    at = len(tail)
    sync = source.at(start, 2)
    for _ in range(64):
        at = tail.rfind(sync, 0, at) if sync in _SYNCS else max(tail.rfind(each, 0, at) for each in _SYNCS)
        if at < 0:
            break
        last = _frame_position(tail, at, block)
        if last is None or (samples and last > samples + 65536):
            continue
        if not samples:
            found.duration_ms = round((last + block) * 1000 / found.sample_rate_hz)
        elif last + block < samples:
            found.trouble(ProblemCode.TRUNCATED, percent=int((last + block) * 100 / samples))
        return
    if largest_frame and span >= largest_frame + 16 and samples:
        expected = samples * found.channels * found.bit_depth // 8
        found.trouble(ProblemCode.TRUNCATED, percent=min(99, int((end - start) * 100 / max(1, expected))))


def _frame_position(data: bytes, at: int, block: int) -> int | None:
    """Return the first sample of the frame whose header stands at `at`; None where there is no valid header."""
    header = data[at : at + 16]
    if len(header) < 6 or header[3] & 1:
        return None
    block_code, rate_code = header[2] >> 4, header[2] & 15
    if block_code == 0 or rate_code == 15 or (header[3] >> 4) > 10:
        return None
    first = header[4]
    extra = 0
    while first & (0x80 >> extra) and extra < 8:
        extra += 1
    if extra == 1 or extra == 8:
        return None
    number = first & (0x7F >> extra)
    length = max(1, extra)
    for byte in header[5 : 4 + length]:
        if byte & 0xC0 != 0x80:
            return None
        number = number << 6 | byte & 0x3F
    position = 4 + length
    position += {6: 1, 7: 2}.get(block_code, 0)
    position += {12: 1, 13: 2, 14: 2}.get(rate_code, 0)
    if position >= len(header) or _crc8(header[:position]) != header[position]:
        return None
    return number if header[1] & 1 else number * block


def _crc_table() -> list[int]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value << 1 ^ 0x07) & 0xFF if value & 0x80 else value << 1
        table.append(value)
    return table


_CRC8 = _crc_table()


def _crc8(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc = _CRC8[crc ^ byte]
    return crc


def _cue_text(block: bytes) -> str | None:
    """Write a CUESHEET block as the text of a cue sheet; frames of 1/75 s at 44.1 kHz, as on a disc."""
    if len(block) < 396:
        return None
    lines = ['FILE "" WAVE']
    position = 396
    for _ in range(block[395]):
        if position + 36 > len(block):
            return None
        offset = int.from_bytes(block[position : position + 8], "big")
        number = block[position + 8]
        isrc = block[position + 9 : position + 21].strip(b"\0").decode("latin-1")
        points = block[position + 35]
        position += 36
        if number not in (170, 255):
            lines.append(f"  TRACK {number:02} AUDIO")
            if isrc:
                lines.append(f"    ISRC {isrc}")
        for _ in range(points):
            if position + 12 > len(block):
                return None
            at = offset + int.from_bytes(block[position : position + 8], "big")
            index = block[position + 8]
            position += 12
            if number not in (170, 255):
                frames = at * 75 // 44100
                lines.append(f"    INDEX {index:02} {frames // 4500:02}:{frames // 75 % 60:02}:{frames % 75:02}")
    return "\n".join(lines) + "\n" if len(lines) > 1 else None
