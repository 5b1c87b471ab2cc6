"""The formats whose audio mutagen describes: Monkey's Audio, WavPack, Musepack, TTA, DSF, DSDIFF, ASF (WMA), ADTS
(AAC).

Tags are read by our own mapping; mutagen's stream info classes read the rest.
"""

from __future__ import annotations

import struct
from typing import Any

from segue.library.scan.formats.apev2 import read_ape_tag
from segue.library.scan.formats.audio_key import packets_key, trailer_start
from segue.library.scan.formats.id3 import MAX_TAG_BYTES, id3_size, read_id3, read_id3_bytes, read_id3v1
from segue.library.scan.formats.source import Source
from segue.library.scan.found import Damaged, Embedded, Found, NoAudio
from segue.library.scan.problems import ProblemCode

_WAVPACK_TAIL = 128 * 1024


def _describe(info: Any, found: Found, size: int) -> None:
    found.duration_ms = round(max(0.0, info.length) * 1000)
    found.sample_rate_hz = int(info.sample_rate)
    found.channels = int(getattr(info, "channels", 0))
    found.bit_depth = int(getattr(info, "bits_per_sample", 0) or 0) if found.lossless else 0
    found.bitrate_kbps = round(size * 8 / found.duration_ms) if found.duration_ms else 0


def _with_tags_around(source: Source, start: int, found: Found, want_pictures: bool) -> int:
    """Read ID3v2 in front and APEv2 or ID3v1 behind; returns where the tags behind begin."""
    if start:
        read_id3(source, 0, found, want_pictures=want_pictures)
    end = trailer_start(source)
    if end < source.size:
        read_ape_tag(source, found, want_pictures=want_pictures)
        read_id3v1(source, found)
    found.key, found.key_kind = packets_key(found.format.encode(), source, start, end)
    return end


def read_ape(source: Source, start: int, found: Found, *, want_pictures: bool = True) -> None:
    """Read a Monkey's Audio file whose `MAC ` stands at `start`."""
    from mutagen.monkeysaudio import MonkeysAudioInfo

    found.lossless = True
    file = source.file()
    file.seek(start)
    info = MonkeysAudioInfo(file)
    end = _with_tags_around(source, start, found, want_pictures)
    _describe(info, found, end - start)
    header = source.at(start, 40)
    if len(header) == 40 and int.from_bytes(header[4:6], "little") >= 3980:
        expected = sum(struct.unpack_from("<6I", header, 8))
        if end - start < expected:
            found.trouble(ProblemCode.TRUNCATED, percent=(end - start) * 100 // expected)


def read_wavpack(source: Source, start: int, found: Found, *, want_pictures: bool = True) -> None:
    """Read a WavPack file; hybrid files without their correction file count as lossy."""
    from mutagen.wavpack import WavPackInfo

    file = source.file()
    file.seek(start)
    info = WavPackInfo(file)  # type: ignore[no-untyped-call]
    flags = int.from_bytes(source.at(start + 24, 4), "little")
    found.lossless = not flags & 0x8
    if flags & 0x80000000:
        found.codec = "dsd"
    end = _with_tags_around(source, start, found, want_pictures)
    _describe(info, found, end - start)
    total = int.from_bytes(source.at(start + 12, 4), "little")
    present = _wavpack_samples(source, start, end)
    if present is not None and present < total < 0xFFFFFFFF:
        found.trouble(ProblemCode.TRUNCATED, percent=present * 100 // total)


def _wavpack_samples(source: Source, start: int, end: int) -> int | None:
    """How many samples the blocks up to the last one hold; None where no block begins near the end.

    A block: `wvpk`, its size without these 8 bytes, version, 2 bytes, total, first sample, samples (WavPack 4 & 5 Binary File
    Format). Encoders make blocks of at most a second.
    """
    begin = max(start, end - _WAVPACK_TAIL)
    tail = source.at(begin, end - begin)
    at = tail.rfind(b"wvpk")
    while at >= 0:
        if at + 32 <= len(tail):
            size, version, _, first, samples = struct.unpack_from("<IHxxIII", tail, at + 4)
            if version >> 8 == 4 and samples:
                return int(first + samples if at + 8 + size <= len(tail) else first)
        at = tail.rfind(b"wvpk", 0, at)
    return None


def read_musepack(source: Source, start: int, found: Found, *, want_pictures: bool = True) -> None:
    """Read a Musepack file, stream versions 4 to 8."""
    from mutagen.musepack import MusepackInfo

    file = source.file()
    info = MusepackInfo(file)
    end = _with_tags_around(source, start, found, want_pictures)
    _describe(info, found, end - start)
    for field, name in (("track", "title"), ("album", "album")):
        gain, peak = getattr(info, f"{name}_gain", None), getattr(info, f"{name}_peak", None)
        if gain and f"replaygain_{field}_gain" not in found.fields:
            values = {f"replaygain_{field}_gain": f"{gain:.2f} dB"}
            if peak:
                values[f"replaygain_{field}_peak"] = f"{peak:.6f}"
            for name, text in values.items():
                found.keep_raw(f"Stream:{name}", text)
                found.add(name, text)


def read_tta(source: Source, start: int, found: Found, *, want_pictures: bool = True) -> None:
    """Read a True Audio file; its seek table states every frame's size, so a cut is known exactly."""
    from mutagen.trueaudio import TrueAudioInfo

    found.lossless = True
    file = source.file()
    info = TrueAudioInfo(file, start)
    end = _with_tags_around(source, start, found, want_pictures)
    header = source.at(start, 22)
    if len(header) < 22:
        raise Damaged("a short header")
    found.channels, found.bit_depth = struct.unpack_from("<HH", header, 6)
    _describe(info, found, end - start)
    found.channels, found.bit_depth = struct.unpack_from("<HH", header, 6)
    rate, samples = struct.unpack_from("<II", header, 10)
    frame = 256 * rate // 245
    count = -(-samples // frame) if frame else 0
    table = source.at(start + 22, count * 4) if count < 1 << 20 else b""
    if count and len(table) == count * 4:
        expected = 22 + len(table) + 4 + sum(struct.unpack(f"<{count}I", table))
        if end - start < expected:
            found.trouble(ProblemCode.TRUNCATED, percent=(end - start) * 100 // expected)


def read_dsf(source: Source, found: Found, *, want_pictures: bool = True) -> None:
    """Read a DSF file: chunks `DSD `, `fmt ` and `data`, then an ID3 tag that the first chunk points to."""
    header = source.at(0, 92)
    if len(header) < 92 or header[28:32] != b"fmt ":
        raise Damaged("a short header")
    (tag_at,) = struct.unpack_from("<Q", header, 20)
    channels, rate, _bits, samples = struct.unpack_from("<IIIQ", header, 52)
    found.codec, found.lossless, found.bit_depth = "dsd", True, 1
    if not rate:
        raise Damaged("a sample rate of zero")
    found.sample_rate_hz, found.channels = rate, channels
    found.duration_ms = round(samples * 1000 / rate) if samples < 1 << 48 else 0
    data_at = 28 + int.from_bytes(header[32:40], "little")
    data = source.at(data_at, 12)
    if data[:4] != b"data":
        raise NoAudio
    size = int.from_bytes(data[4:12], "little") - 12
    if tag_at and id3_size(source, tag_at):
        read_id3(source, tag_at, found, want_pictures=want_pictures)
    found.bitrate_kbps = round(rate * channels / 1000)
    if data_at + 12 + size > source.size:
        found.trouble(ProblemCode.TRUNCATED, percent=(source.size - data_at - 12) * 100 // max(1, size))
    found.key, found.key_kind = packets_key(b"dsd", source, data_at + 12, data_at + 12 + size)


def read_dff(source: Source, found: Found, *, want_pictures: bool = True) -> None:
    """Read a DSDIFF file (`FRM8`): properties, sound data (`DSD ` or `DST `) and an optional ID3 chunk."""
    found.codec, found.lossless, found.bit_depth = "dsd", True, 1
    position = 16
    sound: tuple[int, int] | None = None
    for _ in range(1000):
        header = source.at(position, 12)
        if len(header) < 12:
            break
        name, size = header[:4], int.from_bytes(header[4:], "big")
        start = position + 12
        if name == b"PROP":
            _read_dff_properties(source.at(start, min(size, 65536)), found)
        elif name in (b"DSD ", b"DST "):
            sound = start, size
            found.codec = "dsd" if name == b"DSD " else "dst"
        elif name == b"ID3 " and size <= MAX_TAG_BYTES:
            read_id3_bytes(source.at(start, size), found, want_pictures=want_pictures)
        position = start + size + (size & 1)
    if not found.sample_rate_hz or not found.channels:
        raise Damaged("no description of its audio (PROP)")
    if sound is None:
        raise NoAudio
    start, size = sound
    present = max(0, source.size - start)
    if found.codec == "dsd":
        found.duration_ms = round(size * 8000 / found.sample_rate_hz / found.channels) if size < 1 << 48 else 0
        found.bitrate_kbps = round(found.sample_rate_hz * found.channels / 1000)
    else:
        frames, rate = struct.unpack(">IH", source.at(start + 12, 6))
        found.duration_ms = round(frames * 1000 / rate) if rate else 0
        found.bitrate_kbps = round(size * 8 / found.duration_ms) if found.duration_ms else 0
    if size > present:
        found.trouble(ProblemCode.TRUNCATED, percent=present * 100 // size)
    found.key, found.key_kind = packets_key(b"dff", source, start, start + size)


def _read_dff_properties(data: bytes, found: Found) -> None:
    position = 4
    while position + 12 <= len(data):
        name, size = data[position : position + 4], int.from_bytes(data[position + 4 : position + 12], "big")
        body = data[position + 12 : position + 12 + min(size, 65536)]
        if name == b"FS  ":
            found.sample_rate_hz = int.from_bytes(body[:4], "big")
        elif name == b"CHNL":
            found.channels = int.from_bytes(body[:2], "big")
        position += 12 + size + (size & 1)


_ASF_DATA = bytes.fromhex("3626b2758e66cf11a6d900aa0062ce6c")
_ASF_FILE = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_MAX_ASF_HEADER = 64 * 1024 * 1024


def read_asf(source: Source, found: Found, *, want_pictures: bool = True) -> None:
    """Read an ASF file (WMA): the header object holds everything but the music."""
    from mutagen.asf import ASF

    header_size = int.from_bytes(source.at(16, 8), "little")
    if header_size > _MAX_ASF_HEADER:
        raise Damaged("its header claims to be larger than anything real")
    audio: Any = ASF(source.file())  # type: ignore[no-untyped-call]
    info = audio.info
    name = (info.codec_name or "").lower()
    found.lossless = "lossless" in name
    found.codec = "wmalossless" if found.lossless else "wma"
    if not info.sample_rate:
        raise NoAudio
    for key, value in audio.tags:
        _asf_value(key, value, found, want_pictures)
    data_header = source.at(header_size, 24)
    start, end = header_size + 50, source.size
    if data_header[:16] == _ASF_DATA:
        size = int.from_bytes(data_header[16:24], "little")
        if size >= 50:
            end = header_size + size
        if end > source.size:
            found.trouble(ProblemCode.TRUNCATED, percent=max(0, source.size - start) * 100 // max(1, end - start))
    _describe(info, found, min(end, source.size) - start)
    found.bitrate_kbps = round(info.bitrate / 1000) or found.bitrate_kbps
    found.key, found.key_kind = packets_key(b"asf", source, start, end)


def _asf_value(key: str, value: Any, found: Found, want_pictures: bool) -> None:
    content = value.value
    if isinstance(content, bytes):
        if key == "WM/Picture":
            if want_pictures:
                _asf_picture(content, found)
        else:
            found.keep_raw_bytes(key, content)
        return
    text = str(int(content)) if isinstance(content, bool) else str(content)
    found.keep_raw(key, text)
    field = found.rules.asf.get(key.lower())
    if field is not None:
        found.add(field[0], text, field[1])


def _asf_picture(data: bytes, found: Found) -> None:
    """WM/Picture: type, length, MIME and description in UTF-16, then the bytes."""
    if len(data) < 9:
        found.trouble(ProblemCode.PICTURE_UNREADABLE)
        return
    length = int.from_bytes(data[1:5], "little")
    texts = []
    position = 5
    for _ in range(2):
        end = position
        while end + 1 < len(data) and data[end : end + 2] != b"\0\0":
            end += 2
        texts.append(data[position:end].decode("utf-16-le", "replace"))
        position = end + 2
    found.pictures.append(Embedded(data[0], texts[0], texts[1], data[position : position + length]))
