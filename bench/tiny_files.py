"""Thousands of small, valid, tagged music files in seconds, for benchmarks of the scan.

Sound is encoded once for each format; every file then gets its own tags, its own audio fingerprint and its album's cover,
written as bytes by hand. A tenth of the files have credits beside the artist, half the albums carry their cover inside
every file and half as `cover.jpg` in the folder.
"""

from __future__ import annotations

import hashlib
import io
import random
import struct
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from PIL import Image

from tests.library.media import bare

GENRES = ["Rock", "Jazz", "Folk", "Ambient", "Techno", "Soul", "Punk", "Classical", "Dub", "Metal", "Pop", "Blues"]
WORDS = tuple(
    "river golden light shadow morning winter road dream fire water stone silver heart blue black red city".split()  # noqa: SIM905
)


def make_library(root: Path, files: int, *, tracks_per_album: int = 12, padding: int = 0) -> int:
    """Write `files` tagged files below `root` and return their bytes; `padding` bytes of sound are added to each."""
    chance = random.Random(files)
    flac, mp3 = bare("flac", 0.1, 1), bare("mp3", 0.1, 1)
    total = 0
    for album in range((files + tracks_per_album - 1) // tracks_per_album):
        artist = f"{chance.choice(WORDS).title()} {chance.choice(WORDS).title()} {album // 3}"
        title = f"{chance.choice(WORDS).title()} {chance.choice(WORDS).title()} {album}"
        folder = root / artist / title
        folder.mkdir(parents=True, exist_ok=True)
        cover = _cover(album)
        inside = album % 2 == 0
        if not inside:
            (folder / "cover.jpg").write_bytes(cover)
            total += len(cover)
        for track in range(min(tracks_per_album, files - album * tracks_per_album)):
            number = album * tracks_per_album + track
            tags = {
                "TITLE": f"{chance.choice(WORDS).title()} {chance.choice(WORDS)} {number}",
                "ARTIST": artist,
                "ALBUM": title,
                "ALBUMARTIST": artist,
                "TRACKNUMBER": str(track + 1),
                "DATE": str(1960 + album % 65),
                "GENRE": GENRES[album % len(GENRES)],
            }
            if number % 10 == 0:
                tags["COMPOSER"] = f"Composer {number % 97}"
            picture = cover if inside else None
            if number % 5 < 3:
                data = flac_file(flac, tags, picture, number, padding)
                path = folder / f"{track + 1:02} - track.flac"
            else:
                data = mp3_file(mp3, tags, picture, number, padding)
                path = folder / f"{track + 1:02} - track.mp3"
            path.write_bytes(data)
            total += len(data)
    return total


def make_tiny(root: Path, albums: range, *, tracks_per_album: int = 12) -> int:
    """Write tagged files of about 1 KB without pictures, a folder for each album, and return how many: for a million."""
    flac, mp3 = bare("flac", 0.02, 1), bare("mp3", 0.02, 1)
    for album in albums:
        chance = random.Random(album)
        artist = f"{chance.choice(WORDS).title()} {chance.choice(WORDS).title()} {album // 2}"
        title = f"{chance.choice(WORDS).title()} {chance.choice(WORDS).title()} {album}"
        folder = root / f"{album // 1_000:04}" / artist / title
        folder.mkdir(parents=True, exist_ok=True)
        for track in range(tracks_per_album):
            number = album * tracks_per_album + track
            tags = {
                "TITLE": f"{chance.choice(WORDS).title()} {chance.choice(WORDS)} {number}", "ARTIST": artist, "ALBUM": title,
                "ALBUMARTIST": artist, "TRACKNUMBER": str(track + 1), "DATE": str(1960 + album % 65),
                "GENRE": GENRES[album % len(GENRES)],
            }  # fmt: skip
            if number % 10 == 0:
                tags["COMPOSER"] = f"Composer {number % 997}"
            if number % 5 < 3:
                (folder / f"{track + 1:02} - track.flac").write_bytes(flac_file(flac, tags, None, number))
            else:
                (folder / f"{track + 1:02} - track.mp3").write_bytes(mp3_file(mp3, tags, None, number))
    return len(albums) * tracks_per_album


def flac_file(base: bytes, tags: dict[str, str], cover: bytes | None, number: int, padding: int = 0) -> bytes:
    """A FLAC file with the sound of `base`, whose STREAMINFO claims an MD5 of its own."""
    position, info = 4, b""
    while True:
        head = base[position]
        size = int.from_bytes(base[position + 1 : position + 4], "big")
        if head & 0x7F == 0:
            info = base[position + 4 : position + 4 + size]
        position += 4 + size
        if head & 0x80:
            break
    info = info[:18] + hashlib.md5(b"%d" % number).digest()
    comments = [f"{name}={value}".encode("utf-8", "surrogateescape") for name, value in tags.items()]
    body = struct.pack("<I", 5) + b"bench" + struct.pack("<I", len(comments))
    body += b"".join(struct.pack("<I", len(comment)) + comment for comment in comments)
    blocks = [(0, info), (4, body)]
    if cover is not None:
        picture = (
            struct.pack(">II", 3, 10) + b"image/jpeg" + struct.pack(">IIIIII", 0, 200, 200, 24, 0, len(cover)) + cover
        )
        blocks.append((6, picture))
    out = [b"fLaC"]
    for place, (kind, data) in enumerate(blocks):
        last = 0x80 if place == len(blocks) - 1 else 0
        out.append(bytes([kind | last]) + len(data).to_bytes(3, "big") + data)
    sound = base[position:]
    return b"".join(out) + sound + _more(sound, padding)


def mp3_file(base: bytes, tags: dict[str, str], cover: bytes | None, number: int, padding: int = 0) -> bytes:
    """An MP3 file with an ID3v2.4 tag and the sound of `base`, one byte of which is its own."""
    names = {
        "TITLE": "TIT2",
        "ARTIST": "TPE1",
        "ALBUM": "TALB",
        "ALBUMARTIST": "TPE2",
        "TRACKNUMBER": "TRCK",
        "DATE": "TDRC",
        "GENRE": "TCON",
        "COMPOSER": "TCOM",
        "LABEL": "TPUB",
        "DISCNUMBER": "TPOS",
    }
    frames = b"".join(_frame(names[name], b"\x03" + value.encode()) for name, value in tags.items())
    if cover is not None:
        frames += _frame("APIC", b"\x00image/jpeg\x00\x03\x00" + cover)
    sound = bytearray(base[base.find(b"\xff\xfb") :])
    for place in range(4):
        sound[-20 + place] = (number >> (8 * place)) & 0xFF
    return b"ID3\x04\x00\x00" + _syncsafe(len(frames)) + frames + bytes(sound) + _more(bytes(sound), padding)


def _frame(name: str, data: bytes) -> bytes:
    return name.encode() + _syncsafe(len(data)) + b"\x00\x00" + data


def _syncsafe(size: int) -> bytes:
    return bytes((size >> shift) & 0x7F for shift in (21, 14, 7, 0))


def _more(sound: bytes, size: int) -> bytes:
    return (sound * (size // len(sound) + 1))[:size] if size else b""


def _cover(album: int) -> bytes:
    image = Image.new("RGB", (200, 200), ((album * 37) % 256, (album * 91) % 256, (album * 17) % 256))
    image.paste(((album * 53) % 256, (album * 11) % 256, 90), (20, 20, 20 + album % 150, 180))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()
