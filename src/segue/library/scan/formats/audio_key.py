"""The key that stays with the music when tags, pictures, padding or the file's name change.

Two kinds. `flac_md5` is the MD5 of the decoded audio that every good FLAC encoder writes into the stream info.
`packets_1` is a hash of the encoded audio itself: its length and three samples of 16 KiB, from its beginning, middle
and end. Only bytes of the audio payload are hashed, never container structure, since retagging rewrites that. At most
256 KiB are read for it, far less as a rule. Equal keys mean the same encoded audio with overwhelming likelihood, not
certainty: merging two files' histories asks for the exact hash, which a job adds later.
"""

from __future__ import annotations

import hashlib

from segue.library.scan.formats.source import Source

FLAC_MD5 = "flac_md5"
PACKETS = "packets_1"
SAMPLE_BYTES = 16 * 1024


def packets_key(codec: bytes, source: Source, start: int, end: int) -> tuple[bytes | None, str | None]:
    """Return key and kind for audio lying in one piece at `start`…`end` of the file; (None, None) where it is empty."""
    length = min(end, source.size) - start
    if length <= 0:
        return None, None
    digest = new_digest(codec, length)
    if length <= 3 * SAMPLE_BYTES:
        digest.update(source.at(start, length))
    else:
        digest.update(source.at(start, SAMPLE_BYTES))
        digest.update(source.at(start + (length - SAMPLE_BYTES) // 2, SAMPLE_BYTES))
        digest.update(source.at(start + length - SAMPLE_BYTES, SAMPLE_BYTES))
    return digest.digest(), PACKETS


def new_digest(codec: bytes, length: int) -> hashlib.blake2b:
    """Return the hash that a key is made with, begun with the codec's name and the payload's length in bytes."""
    digest = hashlib.blake2b(codec, digest_size=16)
    digest.update(length.to_bytes(8, "little"))
    return digest


def trailer_start(source: Source) -> int:
    """Return where the tags at a file's end begin: ID3v1, Lyrics3 and APEv2, in any order and number up to eight."""
    end = source.size
    for _ in range(8):
        tail = source.at(end - 128, 128) if end >= 128 else b""
        if tail[:3] == b"TAG":
            end -= 128
            continue
        if tail[-32:-24] == b"APETAGEX":
            size = int.from_bytes(tail[-20:-16], "little") + (32 if tail[-9] & 0x80 else 0)
            if not 32 <= size <= end:
                break
            end -= size
            continue
        if tail[-9:] == b"LYRICS200" and tail[-15:-9].isdigit():
            size = int(tail[-15:-9]) + 15
            if size > end:
                break
            end -= size
            continue
        break
    return end
