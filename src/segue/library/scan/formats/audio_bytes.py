"""Which bytes of a file are the music itself, and the exact hash over all of them.

A file is a head (everything before the music), the music, and a tail (tags behind it). The exact hash is over the encoded
audio and the few numbers that a decoder needs for it, never over tags, pictures, padding or the container's bookkeeping:
two files have the same hash if and only if every packet of audio in them is the same. A retag keeps it; that is how the
writer of tags knows that it did no harm.
"""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from segue.library.scan.formats.audio_key import trailer_start
from segue.library.scan.formats.detect import detect
from segue.library.scan.formats.id3 import id3_size
from segue.library.scan.formats.mp4 import boxes, find, sample_chunks
from segue.library.scan.formats.ogg import Packets, pages
from segue.library.scan.formats.source import CannotOpen, Source
from segue.library.scan.found import Damaged, NoAudio

_READ_BYTES = 1024 * 1024
_MOST_BOXES = 20_000
_MOST_MOOV_BYTES = 256 * 1024 * 1024

__all__ = ["AudioBytes", "CannotOpen", "Damaged", "NoAudio", "audio_bytes", "exact_audio_hash", "hash_of_spans"]


@dataclass(frozen=True, slots=True)
class AudioBytes:
    """Where the music lies: `head` ends where it begins, `tail` begins where it ends, in bytes of the file.

    `spans` are the pieces of the audio in the order they play; `setup` is what else a decoder needs. `moves` says that the
    bytes between head and tail hold bookkeeping besides the audio (Ogg's page numbers), which a retag may change.
    """

    format: str
    head: int
    tail: int
    spans: tuple[tuple[int, int], ...]
    setup: bytes = b""
    moves: bool = False


def exact_audio_hash(path: bytes | str) -> bytes:
    """32 bytes that say exactly which audio the file holds. Reads all of it: about a second a gigabyte.

    Raises CannotOpen, Damaged, NoAudio.
    """
    source = Source(os.fsencode(path))
    try:
        return hash_of(source, audio_bytes(source, os.fsencode(path)))
    finally:
        source.close()


def hash_of(source: Source, where: AudioBytes) -> bytes:
    """The exact hash of an opened file whose music lies at `where`."""
    prefix = f"{where.format}:{len(where.setup)}:".encode() + where.setup
    return hash_of_spans(source, where.spans, prefix)


def hash_of_spans(source: Source, spans: Iterable[tuple[int, int]], prefix: bytes = b"") -> bytes:
    """BLAKE2b-256 over `prefix` and the bytes of the file within `spans`. Raises CannotOpen where they cannot be read."""
    digest = hashlib.blake2b(prefix, digest_size=32)
    for start, end in spans:
        while start < end:
            try:
                data = os.pread(source.fd, min(_READ_BYTES, end - start), start)
            except OSError as error:
                raise Damaged(error.strerror or "it cannot be read") from error
            if not data:
                raise Damaged("it is shorter than it says")
            digest.update(data)
            start += len(data)
    return digest.digest()


def audio_bytes(source: Source, path: bytes) -> AudioBytes:
    """Find the music in an opened file. Raises Damaged for a container that does not hold together, NoAudio, CannotOpen."""
    kind, start = detect(source, path)
    if kind is None:
        raise NoAudio
    match kind:
        case "flac":
            return _flac(source, start)
        case "ogg":
            return _ogg(source)
        case "mp4":
            return _mp4(source)
        case "mp3":
            return _one_piece("mp3", source, _behind_id3(source))
        case "wav":
            return _chunked("wav", source, "<", (b"fmt ",), b"data")
        case "aiff":
            return _chunked("aiff", source, ">", (b"COMM",), b"SSND")
        case "asf":
            return _asf(source)
        case "dsf":
            return _dsf(source)
        case "dff":
            return _dff(source)
        case _:
            return _one_piece(kind, source, start)


def _one_piece(kind: str, source: Source, start: int) -> AudioBytes:
    end = trailer_start(source)
    if end <= start:
        raise NoAudio
    return AudioBytes(kind, start, end, ((start, end),))


def _behind_id3(source: Source) -> int:
    start = 0
    while size := id3_size(source, start):
        start += size
        if start >= source.size:
            raise Damaged("its tag claims to be longer than the file")
    return start


def _flac(source: Source, start: int) -> AudioBytes:
    position, info, last = start + 4, b"", False
    while not last:
        header = source.at(position, 4)
        if len(header) < 4:
            raise Damaged("the metadata is cut short")
        size = int.from_bytes(header[1:], "big")
        if header[0] & 0x7F == 0 and not info:
            info = source.at(position + 4, min(size, 34))
        position += 4 + size
        last = bool(header[0] & 0x80)
    end = trailer_start(source)
    if end <= position or len(info) < 34:
        raise NoAudio
    return AudioBytes("flac", position, end, ((position, end),), info)


def _ogg(source: Source) -> AudioBytes:
    """Every page behind the headers, whatever stream it belongs to; a page's own header is bookkeeping."""
    first = next(pages(source), None)
    if first is None:
        raise Damaged("no first page")
    serial, head = first.serial, source.at(first.body, min(first.end - first.body, 512))
    for page in pages(source):
        if not page.flags & 2:
            break
        begin = source.at(page.body, min(page.end - page.body, 512))
        if begin.startswith((b"\x01vorbis", b"OpusHead", b"\x7fFLAC", b"Speex   ")):
            serial, head = page.serial, begin
            break
    else:
        raise NoAudio
    packets = Packets(source, serial)
    packets.next(512)
    setup = _ogg_headers(packets, head)
    music = packets.page_end
    spans = tuple((page.body, page.end) for page in pages(source, None, music))
    if not spans:
        raise NoAudio
    if spans[-1][1] != source.size:
        raise Damaged("something that is no page stands between or behind its pages")
    return AudioBytes("ogg", music, source.size, spans, setup, moves=True)


def _ogg_headers(packets: Packets, head: bytes) -> bytes:
    """Pass over the header packets of the stream; returns those that say how to decode it."""
    if head.startswith(b"\x01vorbis"):
        packets.next(0)
        return head[:30] + (packets.next(1 << 24) or b"")
    if head.startswith(b"OpusHead"):
        packets.next(0)
        return head
    if head.startswith(b"\x7fFLAC"):
        while packet := packets.next(1):
            if packet[0] & 0x80:
                break
        return head[:51]
    packets.next(0)
    for _ in range(min(int.from_bytes(head[68:72], "little"), 64)):
        packets.next(0)
    return head[:80]


def _mp4(source: Source) -> AudioBytes:
    """The samples of the first audio track, by its sample table."""
    moov = b""
    media: list[tuple[int, int]] = []
    for name, start, end in _top_boxes(source):
        if name == b"moov" and not moov:
            if end - start > _MOST_MOOV_BYTES:
                raise Damaged("its index claims to be larger than anything real")
            moov = source.at(start, end - start)
        elif name == b"mdat":
            media.append((start, end))
        elif name == b"moof":
            raise Damaged("it is made of fragments")
    if not moov or not media:
        raise NoAudio
    for box in boxes(moov, 0, len(moov)):
        handler = find(moov, box.start, box.end, b"mdia", b"hdlr") if box.name == b"trak" else None
        table = find(moov, box.start, box.end, b"mdia", b"minf", b"stbl") if handler else None
        if handler is None or table is None or moov[handler.start + 8 : handler.start + 12] != b"soun":
            continue
        chunks = sample_chunks(moov, table)
        if chunks is None:
            break
        described = find(moov, table.start, table.end, b"stsd")
        setup = moov[described.start : described.end] if described else b""
        spans = tuple((offset, offset + size) for offset, size in chunks if size)
        if not spans or max(end for _, end in spans) > source.size:
            raise Damaged("its samples lie beyond the end of the file")
        return AudioBytes("mp4", media[0][0], media[-1][1], spans, setup)
    raise NoAudio


def _top_boxes(source: Source) -> Iterator[tuple[bytes, int, int]]:
    position = 0
    for _ in range(_MOST_BOXES):
        header = source.at(position, 16)
        if len(header) < 8:
            return
        size, body = int.from_bytes(header[:4], "big"), 8
        if size == 1:
            size, body = int.from_bytes(header[8:16], "big"), 16
        elif size == 0:
            size = source.size - position
        if size < body or position + size > source.size:
            raise Damaged("a box does not fit into the file")
        yield header[4:8], position + body, position + size
        position += size


def _chunked(kind: str, source: Source, order: str, described: tuple[bytes, ...], sound: bytes) -> AudioBytes:
    """WAV and AIFF. Chunks of 4 GiB and more (RF64) are none of these."""
    if source.at(0, 4) not in (b"RIFF", b"FORM"):
        raise Damaged("it is a WAV beyond 4 GiB")
    setup, music, position = b"", (0, 0), 12
    while len(header := source.at(position, 8)) == 8:
        name, size = struct.unpack(f"{order}4sI", header)
        start = position + 8
        if start + size > source.size:
            raise Damaged("a chunk does not fit into the file")
        if name in described:
            setup += source.at(start, min(size, 4096))
        elif name == sound and not music[1]:
            music = start, start + size
        position = start + size + (size & 1)
    if music[1] <= music[0]:
        raise NoAudio
    return AudioBytes(kind, *music, (music,), setup)


def _asf(source: Source) -> AudioBytes:
    head = int.from_bytes(source.at(16, 8), "little")
    size = int.from_bytes(source.at(head + 16, 8), "little")
    if size <= 50 or head + size > source.size:
        raise Damaged("its data does not fit into the file")
    return AudioBytes("asf", head, head + size, ((head + 50, head + size),))


def _dsf(source: Source) -> AudioBytes:
    fmt = int.from_bytes(source.at(32, 8), "little")
    at = 28 + fmt
    size = int.from_bytes(source.at(at + 4, 8), "little")
    if source.at(at, 4) != b"data" or size <= 12 or at + size > source.size:
        raise Damaged("its data does not fit into the file")
    return AudioBytes("dsf", at + 12, at + size, ((at + 12, at + size),), source.at(28, min(fmt, 128)))


def _dff(source: Source) -> AudioBytes:
    setup, music, position = b"", (0, 0), 16
    while len(header := source.at(position, 12)) == 12:
        name, size = header[:4], int.from_bytes(header[4:], "big")
        start = position + 12
        if start + size > source.size:
            raise Damaged("a chunk does not fit into the file")
        if name == b"PROP":
            setup += source.at(start, min(size, 65536))
        elif name in (b"DSD ", b"DST ") and not music[1]:
            music = start, start + size
        position = start + size + (size & 1)
    if music[1] <= music[0]:
        raise NoAudio
    return AudioBytes("dff", *music, (music,), setup)
