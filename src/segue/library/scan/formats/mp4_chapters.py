"""Chapters of an MP4 that are a track of texts, as QuickTime and Apple's tools write them: the sound's track names it in
`tref/chap`, its samples are titles, and their lengths are the chapters' (QuickTime File Format, "Chapter Lists")."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from segue.library.scan.facts import Chapter
from segue.library.scan.formats.mp4 import Box, boxes, find
from segue.library.scan.formats.source import Source

MOST = 1000
_LONGEST_TITLE = 2048


def text_chapters(source: Source, moov: bytes, sound: Box) -> list[Chapter]:
    """The chapters that the track `sound` refers to; none where there are none, or their tables make no sense."""
    named = find(moov, sound.start, sound.end, b"tref", b"chap")
    if named is None:
        return []
    wanted = {_number(moov, at) for at in range(named.start, min(named.end, named.start + 64) - 3, 4)}
    for track in boxes(moov, 0, len(moov)):
        if track.name != b"trak" or _track_id(moov, track) not in wanted:
            continue
        handler = find(moov, track.start, track.end, b"mdia", b"hdlr")
        if handler is None or moov[handler.start + 8 : handler.start + 12] not in (b"text", b"sbtl"):
            continue
        header = find(moov, track.start, track.end, b"mdia", b"mdhd")
        table = find(moov, track.start, track.end, b"mdia", b"minf", b"stbl")
        if header is None or table is None:
            continue
        unit = _number(moov, header.start + (20 if moov[header.start : header.start + 1] == b"\x01" else 12))
        if unit:
            return _read(source, moov, table, unit)
    return []


def _read(source: Source, moov: bytes, table: Box, unit: int) -> list[Chapter]:
    parts = {box.name: moov[box.start : box.end] for box in boxes(moov, table.start, table.end)}
    lengths = list(_lengths(parts.get(b"stts", b"")))
    found: list[Chapter] = []
    at = 0
    for length, (offset, size) in zip(lengths, _samples(parts), strict=False):
        start, at = at, at + length
        title = _title(source.at(offset, min(size, _LONGEST_TITLE))) if size > 2 else ""
        found.append(Chapter(start * 1000 // unit, at * 1000 // unit, title or None))
    return found


def _lengths(table: bytes) -> Iterator[int]:
    count = 0
    for at in range(8, len(table) - 7, 8):
        times, length = struct.unpack_from(">II", table, at)
        for _ in range(min(times, MOST - count)):
            yield length
        count += min(times, MOST - count)
        if count >= MOST:
            return


def _samples(parts: dict[bytes, bytes]) -> Iterator[tuple[int, int]]:
    """(offset, size) of each sample, in order."""
    sizes, runs = parts.get(b"stsz", b""), parts.get(b"stsc", b"")
    wide = parts.get(b"co64")
    chunks = wide if wide is not None else parts.get(b"stco", b"")
    width = 8 if wide is not None else 4
    if len(sizes) < 12 or len(runs) < 16 or len(chunks) < 8:
        return
    same, count = struct.unpack_from(">II", sizes, 4)
    count = min(count, MOST)
    firsts = [struct.unpack_from(">III", runs, at)[:2] for at in range(8, min(len(runs), 8 + 12 * MOST) - 11, 12)]
    sample, run = 0, 0
    for number in range(1, min((len(chunks) - 8) // width, MOST) + 1):
        while run + 1 < len(firsts) and firsts[run + 1][0] <= number:
            run += 1
        place = 8 + (number - 1) * width
        offset = int.from_bytes(chunks[place : place + width], "big")
        for _ in range(min(firsts[run][1], MOST)):
            if sample >= count:
                return
            size = same or _number(sizes, 12 + 4 * sample)
            yield offset, size
            offset += size
            sample += 1


def _title(sample: bytes) -> str:
    length = int.from_bytes(sample[:2], "big")
    text = sample[2 : 2 + length]
    if text[:2] in (b"\xfe\xff", b"\xff\xfe"):
        return text.decode("utf-16", "replace").strip()
    return text.decode("utf-8", "replace").strip()


def _track_id(moov: bytes, track: Box) -> int:
    header = find(moov, track.start, track.end, b"tkhd")
    if header is None:
        return -1
    return _number(moov, header.start + (20 if moov[header.start : header.start + 1] == b"\x01" else 12))


def _number(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "big")
