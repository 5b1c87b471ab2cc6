"""Bare AAC streams: ADTS frames (ISO 13818-7) one after another, with ID3 in front where they have it."""

from __future__ import annotations

from segue.library.scan.formats.apev2 import read_ape_tag
from segue.library.scan.formats.audio_key import packets_key, trailer_start
from segue.library.scan.formats.id3 import read_id3, read_id3v1
from segue.library.scan.formats.mpeg import Frame, estimated_ms
from segue.library.scan.formats.source import Source
from segue.library.scan.found import Damaged, Found

_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
_SEARCH_BYTES = 64 * 1024


def frame(data: bytes, at: int) -> Frame | None:
    """Parse the ADTS header at `at`; None where there is none."""
    header = data[at : at + 7]
    if len(header) < 7 or header[0] != 0xFF or header[1] & 0xF6 != 0xF0:
        return None
    rate = header[2] >> 2 & 15
    size = (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5
    if rate >= len(_RATES) or size < 8:
        return None
    channels = (header[2] & 1) << 2 | header[3] >> 6
    samples = 1024 * ((header[6] & 3) + 1)
    kbps = size * 8 * _RATES[rate] // samples // 1000
    return Frame(size, samples, _RATES[rate], kbps, 8 if channels == 7 else channels, 0, 0)


def read_adts(source: Source, start: int, found: Found, *, want_pictures: bool = True) -> None:
    """Read a bare AAC stream; raises Damaged when two frames in a row are not found in its first 64 KiB."""
    found.codec = "aac"
    if start:
        read_id3(source, 0, found, want_pictures=want_pictures)
    end = trailer_start(source)
    data = source.at(start, min(_SEARCH_BYTES, max(0, end - start)))
    at = -1
    while (at := data.find(b"\xff", at + 1)) >= 0:
        first = frame(data, at)
        if first is not None and (frame(data, at + first.size) is not None or at + first.size >= end - start):
            break
    else:
        raise Damaged("no frames of AAC")
    assert first is not None
    music = start + at
    found.sample_rate_hz, found.channels = first.rate, first.channels
    found.duration_ms = estimated_ms(source, music, end, frame)
    found.bitrate_kbps = round((end - music) * 8 / found.duration_ms) if found.duration_ms else first.kbps
    found.key, found.key_kind = packets_key(b"aac", source, music, end)
    if end < source.size:
        read_ape_tag(source, found, want_pictures=want_pictures)
        read_id3v1(source, found)
