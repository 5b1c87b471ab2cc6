"""MP4 files (ISO 14496-12 and -14, QuickTime): AAC and ALAC, iTunes' tags, chapters.

Boxes are walked in memory: `moov` is read whole (it holds the tags and covers), media data only where the audio key
samples it. The samples' sizes and places come from the sample table, so moving `moov` or growing the tags changes no
key.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from segue.library.scan.facts import Chapter
from segue.library.scan.formats.audio_key import PACKETS, SAMPLE_BYTES, new_digest
from segue.library.scan.formats.mp4_tags import read_item_list
from segue.library.scan.formats.source import Source
from segue.library.scan.found import Damaged, Found, NoAudio
from segue.library.scan.problems import ProblemCode

_MAX_MOOV_BYTES = 96 * 1024 * 1024
_MAX_FRAGMENT_BYTES = 1024 * 1024
_MAX_BOXES = 20_000
_U32 = struct.Struct(">I").unpack_from


class Box(NamedTuple):
    """A box within some bytes: its name, and where its content begins and ends."""

    name: bytes
    start: int
    end: int


def boxes(data: bytes, start: int, end: int) -> Iterator[Box]:
    """Walk the boxes that lie between `start` and `end`; a size that does not fit ends the walk."""
    for _ in range(_MAX_BOXES):
        if start + 8 > end:
            return
        size = _U32(data, start)[0]
        body = start + 8
        if size == 1 and start + 16 <= end:
            size = int.from_bytes(data[start + 8 : start + 16], "big")
            body = start + 16
        elif size == 0:
            size = end - start
        if size < body - start or start + size > end:
            return
        yield Box(data[start + 4 : start + 8], body, start + size)
        start += size


def find(data: bytes, start: int, end: int, *names: bytes) -> Box | None:
    """Follow names from box to box inside; None where one is missing."""
    found = None
    for name in names:
        found = next((box for box in boxes(data, start, end) if box.name == name), None)
        if found is None:
            return None
        start, end = found.start, found.end
    return found


def read_mp4(source: Source, found: Found, *, want_pictures: bool = True) -> None:
    """Read an MP4 file's first audio track and its tags; raises Damaged or NoAudio."""
    moov = b""
    media: list[tuple[int, int]] = []
    fragment: tuple[int, int] | None = None
    position = 0
    for _ in range(_MAX_BOXES):
        header = source.at(position, 16)
        if len(header) < 8:
            break
        size, name = _U32(header, 0)[0], header[4:8]
        body = 8
        if size == 1 and len(header) == 16:
            size = int.from_bytes(header[8:16], "big")
            body = 16
        elif size == 0:
            size = source.size - position
        if size < body:
            if position == 0:
                raise Damaged("a box smaller than its header")
            found.trouble(ProblemCode.CUT_AT_END)
            break
        if position + size > source.size:
            if name == b"mdat" and moov:
                percent = (source.size - position) * 100 // size
                found.trouble(ProblemCode.TRUNCATED, percent=percent)
            else:
                found.trouble(ProblemCode.CUT_AT_END)
        if name == b"moov" and not moov:
            if size > _MAX_MOOV_BYTES:
                raise Damaged("its index claims to be larger than anything real")
            moov = source.at(position + body, size - body)
        elif name == b"mdat":
            media.append((position + body, min(position + size, source.size)))
        elif name == b"moof":
            fragment = (position + body, min(size - body, _MAX_FRAGMENT_BYTES))
        position += size
    if not moov:
        raise Damaged("it has no index (moov)")
    track = _read_movie(moov, found, want_pictures)
    if track is None:
        raise NoAudio
    unit = _read_track(moov, track, found)
    if not found.duration_ms and fragment is not None and unit:
        found.duration_ms = _fragmented_ms(moov, track, source.at(*fragment), unit)
    if not found.chapters and find(moov, track.start, track.end, b"tref", b"chap"):
        from segue.library.scan.formats.mp4_chapters import text_chapters

        found.chapters = text_chapters(source, moov, track)
    payload = _audio_key(source, moov, track, media, found)
    if found.duration_ms and payload:
        found.bitrate_kbps = round(payload * 8 / found.duration_ms)


def _read_movie(moov: bytes, found: Found, want_pictures: bool) -> Box | None:
    """Read the tags and return the first audio track."""
    track = None
    for box in boxes(moov, 0, len(moov)):
        if box.name == b"trak" and track is None:
            handler = find(moov, box.start, box.end, b"mdia", b"hdlr")
            if handler and moov[handler.start + 8 : handler.start + 12] == b"soun":
                track = box
        elif box.name == b"udta":
            _read_user_data(moov, box, found, want_pictures)
        elif box.name == b"meta":
            _read_meta(moov, box, found, want_pictures)
    return track


def _read_user_data(moov: bytes, udta: Box, found: Found, want_pictures: bool) -> None:
    for box in boxes(moov, udta.start, udta.end):
        if box.name == b"meta":
            _read_meta(moov, box, found, want_pictures)
        elif box.name == b"chpl":
            _read_chapters(moov[box.start : box.end], found)


def _read_meta(moov: bytes, meta: Box, found: Found, want_pictures: bool) -> None:
    start = meta.start if moov[meta.start + 4 : meta.start + 8] == b"hdlr" else meta.start + 4
    items = find(moov, start, meta.end, b"ilst")
    if items is not None:
        read_item_list(moov, boxes(moov, items.start, items.end), found, want_pictures=want_pictures)


def _read_chapters(data: bytes, found: Found) -> None:
    """Nero's chapter list: a count, then for each a start in units of 100 ns and a short title."""
    position = 9 if data[:1] == b"\x01" else 5
    if len(data) < position:
        return
    for _ in range(data[position - 1]):
        if position + 9 > len(data):
            return
        start = int.from_bytes(data[position : position + 8], "big") // 10_000
        length = data[position + 8]
        title = data[position + 9 : position + 9 + length].decode("utf-8", "replace").strip()
        position += 9 + length
        found.chapters.append(Chapter(start, None, title or None))


def _read_track(moov: bytes, track: Box, found: Found) -> int:
    """Read length and sample entry of a track; returns its units of time in a second."""
    header = find(moov, track.start, track.end, b"mdia", b"mdhd")
    table = find(moov, track.start, track.end, b"mdia", b"minf", b"stbl")
    if header is None or table is None:
        raise Damaged("its audio track has no header")
    wide = moov[header.start : header.start + 1] == b"\x01"
    fields = moov[header.start + (20 if wide else 12) : header.end]
    if len(fields) < (12 if wide else 8):
        raise Damaged("its audio track has a short header")
    unit: int = _U32(fields, 0)[0]
    length = int.from_bytes(fields[4 : 12 if wide else 8], "big")
    if unit and length < 1 << 48 and length != 0xFFFFFFFF:
        found.duration_ms = round(length * 1000 / unit)
    description = find(moov, table.start, table.end, b"stsd")
    if description is not None:
        _read_sample_entry(moov[description.start + 8 : min(description.end, description.start + 4096)], found)
    return unit


def _fragmented_ms(moov: bytes, track: Box, last: bytes, unit: int) -> int:
    """Return where the last movie fragment ends: its decode time and the durations of its samples (14496-12, 8.8)."""
    defaults = find(moov, 0, len(moov), b"mvex", b"trex")
    each = _U32(moov, defaults.start + 12)[0] if defaults and defaults.end - defaults.start >= 24 else 0
    header = find(moov, track.start, track.end, b"tkhd")
    number = b""
    if header is not None:
        at = header.start + (20 if moov[header.start : header.start + 1] == b"\x01" else 12)
        number = moov[at : at + 4]
    for traf in boxes(last, 0, len(last)):
        tfhd = find(last, traf.start, traf.end, b"tfhd") if traf.name == b"traf" else None
        if tfhd is None or last[tfhd.start + 4 : tfhd.start + 8] != number:
            continue
        flags = int.from_bytes(last[tfhd.start + 1 : tfhd.start + 4], "big")
        at = tfhd.start + 8 + (8 if flags & 1 else 0) + (4 if flags & 2 else 0)
        if flags & 8 and at + 4 <= tfhd.end:
            each = _U32(last, at)[0]
        end = 0
        for box in boxes(last, traf.start, traf.end):
            if box.name == b"tfdt":
                wide = last[box.start] == 1
                end = int.from_bytes(last[box.start + 4 : box.start + (12 if wide else 8)], "big")
            elif box.name == b"trun":
                end += _run_length(last[box.start : box.end], each)
        return round(end * 1000 / unit) if end < 1 << 48 else 0
    return 0


def _run_length(run: bytes, each: int) -> int:
    """Return the sum of the durations of a track run's samples; `each` where they do not state their own."""
    if len(run) < 8:
        return 0
    flags, count = int.from_bytes(run[1:4], "big"), _U32(run, 4)[0]
    if not flags & 0x100:
        return int(count) * each
    start = 8 + (4 if flags & 1 else 0) + (4 if flags & 4 else 0)
    width = sum(4 for flag in (0x100, 0x200, 0x400, 0x800) if flags & flag)
    return sum(_U32(run, at)[0] for at in range(start, min(len(run) - width, start + count * width) + 1, width)[:count])


_CODECS = {
    b"mp4a": "aac", b"alac": "alac", b"fLaC": "flac", b"Opus": "opus", b".mp3": "mp3", b"ac-3": "ac3", b"ec-3": "eac3",
    b"sowt": "pcm", b"twos": "pcm", b"lpcm": "pcm", b"in24": "pcm", b"raw ": "pcm", b"dtsc": "dts", b"enca": "aac",
    b"drms": "aac",
}  # fmt: skip


def _read_sample_entry(data: bytes, found: Found) -> None:
    """Read the first audio sample entry: codec, channels, rate; what ALAC's and AAC's own boxes say is better."""
    if len(data) < 36:
        return
    codec = data[4:8]
    found.codec = _CODECS.get(codec, codec.decode("latin-1").strip().lower())
    version = int.from_bytes(data[16:18], "big")
    found.channels = int.from_bytes(data[24:26], "big")
    bits = int.from_bytes(data[26:28], "big")
    found.sample_rate_hz = int.from_bytes(data[32:34], "big")
    start = 36 + {1: 16, 2: 36}.get(version, 0)
    end = min(len(data), _U32(data, 0)[0])
    if found.codec in ("alac", "flac", "pcm"):
        found.lossless = True
        found.bit_depth = bits
    for box in boxes(data, start, end):
        if box.name == b"alac" and box.end - box.start >= 28:
            config = data[box.start + 4 : box.end]
            found.bit_depth, found.channels = config[5], config[9]
            found.sample_rate_hz = _U32(config, 20)[0]
        elif box.name == b"esds":
            _read_decoder_config(data[box.start + 4 : box.end], found)
        elif box.name == b"wave":
            inner = find(data, box.start, box.end, b"esds")
            if inner is not None:
                _read_decoder_config(data[inner.start + 4 : inner.end], found)


_AAC_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)


def _read_decoder_config(data: bytes, found: Found) -> None:
    """Read an elementary stream descriptor (ISO 14496-1): object type, then AAC's rate and channels."""
    position = 0
    while position + 2 <= len(data):
        tag = data[position]
        size = 0
        position += 1
        for _ in range(4):
            if position >= len(data):
                return
            byte = data[position]
            position += 1
            size = size << 7 | byte & 0x7F
            if byte < 0x80:
                break
        if tag == 3:
            position += 3
        elif tag == 4:
            if position < len(data) and data[position] in (0x69, 0x6B):
                found.codec = "mp3"
            position += 13
        elif tag == 5:
            config = data[position : position + size]
            if len(config) >= 2 and found.codec == "aac":
                rate = (config[0] & 7) << 1 | config[1] >> 7
                channels = config[1] >> 3 & 15
                if config[0] >> 3 != 31 and rate < len(_AAC_RATES):
                    found.sample_rate_hz = max(found.sample_rate_hz, _AAC_RATES[rate])
                    if 1 <= channels <= 7:
                        found.channels = (1, 2, 3, 4, 5, 6, 8)[channels - 1]
            return
        else:
            position += size


def _audio_key(source: Source, moov: bytes, track: Box, media: list[tuple[int, int]], found: Found) -> int:
    """Make the key from the first, middle and last samples; returns the payload's length in bytes."""
    codec = found.codec.encode()
    table = find(moov, track.start, track.end, b"mdia", b"minf", b"stbl")
    chunks = sample_chunks(moov, table) if table is not None else None
    if chunks is None:
        chunks = [(start, end - start) for start, end in media if end > start]
    payload = sum(size for _, size in chunks)
    digest = new_digest(codec, payload)
    if payload <= 3 * SAMPLE_BYTES:
        wanted = [(0, payload)]
    else:
        middle = (payload - SAMPLE_BYTES) // 2
        wanted = [(0, SAMPLE_BYTES), (middle, SAMPLE_BYTES), (payload - SAMPLE_BYTES, SAMPLE_BYTES)]
    position = 0
    pieces = iter(wanted)
    start, length = next(pieces)
    for offset, size in chunks:
        while position + size > start:
            skip = start - position
            take = min(length, size - skip)
            digest.update(source.at(offset + skip, take))
            start += take
            length -= take
            if length:
                break
            start, length = next(pieces, (1 << 62, 0))
        position += size
    if payload:
        found.key, found.key_kind = digest.digest(), PACKETS
    return payload


def sample_chunks(moov: bytes, table: Box) -> list[tuple[int, int]] | None:
    """Return (offset in the file, bytes) of every chunk of the track; None where the table is missing or nonsense."""
    parts = {box.name: moov[box.start : box.end] for box in boxes(moov, table.start, table.end)}
    sizes, runs = parts.get(b"stsz", b""), parts.get(b"stsc", b"")
    narrow = parts.get(b"stco", b"")
    offsets_box = narrow or parts.get(b"co64", b"")
    if len(sizes) < 12 or len(runs) < 8 or len(offsets_box) < 8:
        return None
    fixed, samples = struct.unpack_from(">II", sizes, 4)
    chunk_count, run_count = _U32(offsets_box, 4)[0], _U32(runs, 4)[0]
    width = 4 if narrow else 8
    if len(offsets_box) < 8 + chunk_count * width or len(runs) < 8 + run_count * 12 or not samples or not chunk_count:
        return None
    if not fixed and len(sizes) < 12 + samples * 4:
        return None
    offsets = struct.unpack_from(f">{chunk_count}{'I' if narrow else 'Q'}", offsets_box, 8)
    lengths = () if fixed else struct.unpack_from(f">{samples}I", sizes, 12)
    run = struct.unpack_from(f">{run_count * 3}I", runs, 8)
    out: list[tuple[int, int]] = []
    sample = 0
    for index in range(run_count):
        first, each = run[index * 3], run[index * 3 + 1]
        last = run[index * 3 + 3] if index + 1 < run_count else chunk_count + 1
        if not 1 <= first <= last <= chunk_count + 1:
            return None
        for chunk in range(first - 1, last - 1):
            size = fixed * min(each, samples - sample) if fixed else sum(lengths[sample : sample + each])
            out.append((offsets[chunk], size))
            sample += each
            if sample >= samples:
                return out
    return out or None
