"""Ogg files (RFC 3533): Vorbis, Opus, FLAC and Speex in pages.

A retag rewrites every page (numbers, checksums, where packets are cut), so everything here looks at packets: the
audio key is made of the first and last bytes of audio packets, the setup header and the last granule position.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from segue.library.scan.formats.audio_key import FLAC_MD5, PACKETS, SAMPLE_BYTES, new_digest
from segue.library.scan.formats.flac import read_stream_info
from segue.library.scan.formats.source import Source
from segue.library.scan.formats.vorbis import read_comments, read_picture_block
from segue.library.scan.found import Damaged, Found, NoAudio
from segue.library.scan.problems import ProblemCode

_MAX_COMMENT_BYTES = 64 * 1024 * 1024
_MAX_HEADER_PACKETS = 64
_TAIL_BYTES = 64 * 1024
_UNKNOWN = 0xFFFFFFFFFFFFFFFF


class _Page(NamedTuple):
    flags: int
    granule: int
    serial: int
    body: int
    lacing: bytes
    end: int


def _page(data: bytes, at: int, base: int) -> _Page | None:
    """Parse the page header at `at` of `data`; positions in the answer count from `base`."""
    if data[at : at + 5] != b"OggS\0" or len(data) < at + 27:
        return None
    count = data[at + 26]
    lacing = data[at + 27 : at + 27 + count]
    if len(lacing) < count:
        return None
    body = base + at + 27 + count
    return _Page(
        data[at + 5],
        int.from_bytes(data[at + 6 : at + 14], "little"),
        int.from_bytes(data[at + 14 : at + 18], "little"),
        body,
        lacing,
        body + sum(lacing),
    )


def pages(source: Source, serial: int | None = None, position: int = 0) -> Iterator[_Page]:
    while position + 27 <= source.size:
        page = _page(source.at(position, 282), 0, position)
        if page is None:
            return
        if serial is None or page.serial == serial:
            yield page
        position = page.end


class Packets:
    """The packets of one stream from its beginning."""

    def __init__(self, source: Source, serial: int) -> None:
        self._source = source
        self._pages = pages(source, serial)
        self._queue: list[tuple[int, int, bool]] = []
        self.page_end = 0
        """Where the last page that was needed ends; after the headers, the music begins there."""

    def next(self, limit: int) -> bytes | None:
        """Return the next packet, at most `limit` bytes of it; None at the end."""
        parts: list[bytes] = []
        size = 0
        while True:
            if not self._queue:
                page = next(self._pages, None)
                if page is None:
                    return None
                self.page_end = page.end
                self._fill(page)
                continue
            start, length, complete = self._queue.pop(0)
            if size < limit:
                parts.append(self._source.at(start, length))
                size += length
            if complete:
                return b"".join(parts)

    def _fill(self, page: _Page) -> None:
        start = position = page.body
        for lace in page.lacing:
            position += lace
            if lace < 255:
                self._queue.append((start, position - start, True))
                start = position
        if position > start:
            self._queue.append((start, position - start, False))


def read_ogg(source: Source, found: Found, *, want_pictures: bool = True) -> None:
    """Read the first audio stream of an Ogg file; raises Damaged or NoAudio."""
    serial = None
    head = b""
    streams = 0
    for page in pages(source):
        if not page.flags & 2:
            break
        streams += 1
        first = source.at(page.body, min(sum(page.lacing), 512))
        if first.startswith(_AUDIO):
            serial, head = page.serial, first
            break
    if serial is None:
        if streams:
            raise NoAudio
        raise Damaged("no first page")
    packets = Packets(source, serial)
    packets.next(512)
    if head.startswith(b"\x01vorbis"):
        skip, setup = _vorbis(head, packets, found, want_pictures)
    elif head.startswith(b"OpusHead"):
        skip, setup = _opus(head, packets, found, want_pictures)
    elif head.startswith(b"\x7fFLAC"):
        skip, setup = _flac(head, packets, found, want_pictures)
    else:
        skip, setup = _speex(head, packets, found, want_pictures)
    music = packets.page_end
    last = _finish(source, serial, music, setup, found)
    if last is None:
        last = _last_granule(source, serial)
    if last is not None and found.sample_rate_hz:
        rate = 48_000 if found.codec == "opus" else found.sample_rate_hz
        found.duration_ms = max(0, round((last - skip) * 1000 / rate))
    if found.duration_ms:
        found.bitrate_kbps = round(max(0, source.size - music) * 8 / found.duration_ms)


_AUDIO = (b"\x01vorbis", b"OpusHead", b"\x7fFLAC", b"Speex   ")


def _comments(packet: bytes | None, skip: int, found: Found, want_pictures: bool) -> None:
    if packet is None:
        raise Damaged("it ends within the headers")
    if len(packet) > _MAX_COMMENT_BYTES:
        found.trouble(ProblemCode.TAGS_TOO_LARGE, bytes=len(packet))
    else:
        read_comments(packet[skip:], found, want_pictures=want_pictures)


def _vorbis(head: bytes, packets: Packets, found: Found, want_pictures: bool) -> tuple[int, bytes]:
    if len(head) < 30:
        raise Damaged("a short header")
    found.codec = "vorbis"
    found.channels = head[11]
    found.sample_rate_hz = int.from_bytes(head[12:16], "little")
    if not found.sample_rate_hz:
        raise Damaged("a sample rate of zero")
    _comments(packets.next(_MAX_COMMENT_BYTES + 1), 7, found, want_pictures)
    return 0, packets.next(1 << 20) or b""


def _opus(head: bytes, packets: Packets, found: Found, want_pictures: bool) -> tuple[int, bytes]:
    """RFC 7845: granules count at 48 kHz and include the pre-skip."""
    if len(head) < 19 or head[8] >> 4:
        raise Damaged("an unknown version of Opus")
    found.codec = "opus"
    found.channels = head[9]
    found.sample_rate_hz = 48_000
    _comments(packets.next(_MAX_COMMENT_BYTES + 1), 8, found, want_pictures)
    return int.from_bytes(head[10:12], "little"), head[8:10]


def _speex(head: bytes, packets: Packets, found: Found, want_pictures: bool) -> tuple[int, bytes]:
    if len(head) < 80:
        raise Damaged("a short header")
    found.codec = "speex"
    found.sample_rate_hz = int.from_bytes(head[36:40], "little")
    found.channels = int.from_bytes(head[48:52], "little")
    extra = int.from_bytes(head[68:72], "little")
    _comments(packets.next(_MAX_COMMENT_BYTES + 1), 0, found, want_pictures)
    for _ in range(min(extra, _MAX_HEADER_PACKETS)):
        packets.next(0)
    return 0, head[36:60]


def _flac(head: bytes, packets: Packets, found: Found, want_pictures: bool) -> tuple[int, bytes]:
    """RFC 9639 section 10.1: one metadata block a packet, after 9 bytes of mapping and `fLaC`."""
    if len(head) < 51:
        raise Damaged("a short header")
    found.codec, found.lossless = "flac", True
    samples = read_stream_info(head[17:51], found)
    for _ in range(_MAX_HEADER_PACKETS):
        packet = packets.next(_MAX_COMMENT_BYTES + 1)
        if packet is None:
            raise Damaged("it ends within the headers")
        if packet[:1] == b"\xff":
            break
        kind = packet[0] & 0x7F if packet else 1
        if kind == 4:
            _comments(packet, 4, found, want_pictures)
        elif kind == 6 and want_pictures:
            read_picture_block(packet[4:], found)
        if packet and packet[0] & 0x80:
            break
    return 0, head[27:35] + samples.to_bytes(8, "big")


def _finish(source: Source, serial: int, music: int, setup: bytes, found: Found) -> int | None:
    """Look at the end: mark a cut file, make the key; returns the last granule position where there is one.

    The bodies of a stream's pages, one after another, are its packets one after another, wherever the pages are cut.
    """
    span = _TAIL_BYTES
    while True:
        base = max(min(music, source.size), source.size - span)
        last, tail, complete = _tail(source.at(base, span), base, serial, source.size)
        if (last is not None and len(tail) >= SAMPLE_BYTES) or base <= music or span > 3 * _TAIL_BYTES:
            break
        span += 2 * _TAIL_BYTES
    if not complete:
        found.trouble(ProblemCode.CUT_AT_END)
    if found.key_kind == FLAC_MD5:
        return last
    bodies: list[bytes] = []
    size = 0
    for page in pages(source, serial, music):
        bodies.append(source.at(page.body, page.end - page.body))
        size += page.end - page.body
        if size >= SAMPLE_BYTES:
            break
    if size:
        digest = new_digest(found.codec.encode(), 0 if last is None else last)
        digest.update(setup)
        digest.update(b"".join(bodies)[:SAMPLE_BYTES])
        digest.update(tail[-SAMPLE_BYTES:])
        found.key, found.key_kind = digest.digest(), PACKETS
    return last


def _last_granule(source: Source, serial: int) -> int | None:
    """Walk the pages from the beginning, for files in which the stream ends long before the file does."""
    last = None
    for count, page in enumerate(pages(source, serial)):
        if page.granule != _UNKNOWN:
            last = page.granule
        if page.flags & 4 or count > 4096:
            break
    return last


def _tail(data: bytes, base: int, serial: int, file_size: int) -> tuple[int | None, bytes, bool]:
    """Return the last granule position, the bodies of the pages in `data`, and whether the last page is all there."""
    at = data.find(b"OggS")
    last: int | None = None
    bodies: list[bytes] = []
    complete = True
    while at >= 0:
        page = _page(data, at, base)
        if page is None:
            if len(data) - at < 27 + 255 and data[at + 4 : at + 5] in (b"", b"\0"):
                complete = False
            at = data.find(b"OggS", at + 4)
            continue
        if page.end > file_size:
            complete = False
            break
        after = page.end - base
        if len(data) - after >= 4 and data[after : after + 4] != b"OggS":
            # Not a page, or damage behind it: look for the next one that fits.
            at = data.find(b"OggS", at + 4)
            bodies.clear()
            continue
        if page.serial == serial:
            if page.granule != _UNKNOWN:
                last = page.granule
            bodies.append(data[page.body - base : after])
        at = after if after < len(data) else -1
    return last, b"".join(bodies), complete
