"""Make small, valid audio files of every format for tests, with the tags and cover a test asks for.

`make_audio(path, "mp3", tags={"title": "Song"}, cover=png())` writes a real file: sound encoded by PyAV (no ffmpeg binary
needed), tags written by mutagen. Formats that nothing here can encode (Musepack, Monkey's Audio, DSF, DSDIFF) get a
valid container by hand around made-up frames, which is all a tag reader sees. Encodings are kept for the session, so
thousands of files cost little more than their tags. A different `seed` is different audio; the same arguments give
the same bytes.
"""

from __future__ import annotations

import functools
import hashlib
import io
import struct
from collections.abc import Mapping
from pathlib import Path

Tags = Mapping[str, str | list[str]]

FORMATS: dict[str, str] = {
    "mp3": "mp3",
    "flac": "flac",
    "vorbis": "ogg",
    "opus": "opus",
    "oggflac": "oga",
    "aac": "m4a",
    "alac": "m4a",
    "wav": "wav",
    "aiff": "aiff",
    "wma": "wma",
    "ape": "ape",
    "wavpack": "wv",
    "musepack": "mpc",
    "tta": "tta",
    "dsf": "dsf",
    "dff": "dff",
    "adts": "aac",
}
"""Every format `make_audio` knows, with the extension its files usually have."""

_BY_EXTENSION = {"ogg": "vorbis", "m4a": "aac", "oga": "oggflac", "wv": "wavpack", "mpc": "musepack", "aif": "aiff"}

_ENCODERS: dict[str, tuple[str, str, int, dict[str, str]]] = {
    "mp3": ("mp3", "libmp3lame", 44100, {"id3v2_version": "0", "write_xing": "1"}),
    "flac": ("flac", "flac", 44100, {}),
    "vorbis": ("ogg", "vorbis", 44100, {"strict": "-2"}),
    "opus": ("ogg", "libopus", 48000, {}),
    "oggflac": ("ogg", "flac", 44100, {}),
    "aac": ("ipod", "aac", 44100, {}),
    "alac": ("ipod", "alac", 44100, {}),
    "wav": ("wav", "pcm_s16le", 44100, {}),
    "aiff": ("aiff", "pcm_s16be", 44100, {}),
    "wma": ("asf", "wmav2", 44100, {}),
    "wavpack": ("wv", "wavpack", 44100, {}),
    "tta": ("tta", "tta", 44100, {}),
    "adts": ("adts", "aac", 44100, {}),
}


def make_audio(
    path: Path | str | bytes,
    fmt: str | None = None,
    *,
    seconds: float = 0.3,
    tags: Tags | None = None,
    cover: bytes | None = None,
    seed: int = 0,
) -> Path | str | bytes:
    """Write an audio file and return its path; parent folders are made.

    `fmt` is a key of `FORMATS`, or taken from the extension. `tags` are neutral names: `title album artist artists
    albumartist albumartists composer genre date originaldate tracknumber tracktotal discnumber disctotal label
    catalognumber compilation musicbrainz_* …` (lists become several values). ADTS and DSDIFF carry tags as ID3.
    """
    file = Path(path.decode("utf-8", "surrogateescape")) if isinstance(path, bytes) else Path(path)
    if fmt is None:
        extension = file.suffix.lstrip(".").lower()
        fmt = _BY_EXTENSION.get(extension, extension)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(tagged(fmt, seconds=seconds, tags=tags, cover=cover, seed=seed))
    return path


def tagged(
    fmt: str, *, seconds: float = 0.3, tags: Tags | None = None, cover: bytes | None = None, seed: int = 0
) -> bytes:
    """Return the bytes `make_audio` would write."""
    data = bare(fmt, seconds, seed)
    if not tags and cover is None:
        return data
    return _write_tags(fmt, data, {k: [v] if isinstance(v, str) else list(v) for k, v in (tags or {}).items()}, cover)


@functools.lru_cache(maxsize=256)
def bare(fmt: str, seconds: float = 0.3, seed: int = 0) -> bytes:
    """Return an untagged file of a format as bytes; a bell-like tone and a little noise, both chosen by `seed`."""
    if fmt in _ENCODERS:
        return _encode(fmt, seconds, seed)
    return {"ape": _ape, "musepack": _musepack, "dsf": _dsf, "dff": _dff}[fmt](seconds, seed)


@functools.lru_cache(maxsize=32)
def png(width: int = 32, height: int = 32, colour: tuple[int, int, int] = (200, 60, 40)) -> bytes:
    """Return a plain PNG picture."""
    return _picture("PNG", width, height, colour)


@functools.lru_cache(maxsize=32)
def jpeg(width: int = 32, height: int = 32, colour: tuple[int, int, int] = (40, 90, 200)) -> bytes:
    """Return a plain JPEG picture."""
    return _picture("JPEG", width, height, colour)


def noise(size: int, seed: int = 0) -> bytes:
    """Return `size` bytes that look random and are the same for the same seed."""
    return hashlib.shake_128(b"noise %d" % seed).digest(size)


def _picture(kind: str, width: int, height: int, colour: tuple[int, int, int]) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, kind)
    return out.getvalue()


def _encode(fmt: str, seconds: float, seed: int) -> bytes:
    import av
    import numpy as np

    container, codec, rate, options = _ENCODERS[fmt]
    count = max(1, int(rate * seconds))
    time = np.arange(count) / rate
    pitch = 220.0 * 2 ** ((seed * 7 % 24) / 12) * (1 + seed / 10_000)
    wave = np.sin(2 * np.pi * pitch * time) * 7000 + np.random.default_rng(seed).normal(0, 300, count)
    frame = av.AudioFrame.from_ndarray(np.repeat(wave.astype(np.int16), 2)[None, :], format="s16", layout="stereo")
    frame.sample_rate = rate
    frame.pts = 0
    out = io.BytesIO()
    muxing = {k: v for k, v in options.items() if k != "strict"}
    with av.open(out, "w", format=container, options=muxing, container_options={"fflags": "+bitexact"}) as file:
        stream = file.add_stream(codec, rate=rate, options={"strict": "-2"} if "strict" in options else {})
        stream.layout = "stereo"
        if codec in ("wmav2", "libmp3lame", "aac"):
            stream.bit_rate = 96_000
        context = stream.codec_context
        context.open()
        resampler = av.AudioResampler(context.format, "stereo", rate, frame_size=context.frame_size or None)
        for part in (*resampler.resample(frame), *resampler.resample(None)):
            file.mux(stream.encode(part))
        file.mux(stream.encode(None))
    return out.getvalue()


def _ape(seconds: float, seed: int) -> bytes:
    """Monkey's Audio 3.99: descriptor, header, seek table, frames."""
    frames = noise(max(2_000, int(seconds * 60_000)), seed)
    blocks = int(44100 * seconds)
    descriptor = b"MAC " + struct.pack("<HH7I16s", 3990, 0, 52, 24, 4, 0, len(frames), 0, 0, noise(16, seed))
    header = struct.pack("<HHIIIHHI", 2000, 0, 73728, blocks, 1, 16, 2, 44100)
    return descriptor + header + struct.pack("<I", 80) + frames


def _musepack(seconds: float, seed: int) -> bytes:
    """Musepack stream version 8: stream header, encoder info, audio packets, end."""

    def varint(value: int) -> bytes:
        out = [value & 0x7F]
        while value := value >> 7:
            out.append(0x80 | value & 0x7F)
        return bytes(reversed(out))

    def packet(key: bytes, body: bytes) -> bytes:
        size = len(body) + 3
        while len(varint(size)) + 2 + len(body) != size:
            size += 1
        return key + varint(size) + body

    header = noise(4, seed) + b"\x08" + varint(int(44100 * seconds)) + varint(0) + bytes([0x1F, 0x18])
    audio = b"".join(packet(b"AP", noise(900, seed * 1000 + i)) for i in range(max(1, int(seconds * 20))))
    return b"MPCK" + packet(b"SH", header) + packet(b"RG", b"\x01" + bytes(8)) + audio + packet(b"SE", b"")


def _dsf(seconds: float, seed: int) -> bytes:
    """DSD64 stereo in DSF: chunks DSD, fmt and data."""
    samples = int(2822400 * seconds / 32) * 32
    data = noise(max(4096, samples // 8 // 4096 * 4096) * 2, seed)
    fmt = b"fmt " + struct.pack("<QIIIIIIQII", 52, 1, 0, 2, 2, 2822400, 1, samples, 4096, 0)
    body = fmt + b"data" + struct.pack("<Q", len(data) + 12) + data
    return b"DSD " + struct.pack("<QQQ", 28, 28 + len(body), 0) + body


def _dff(seconds: float, seed: int) -> bytes:
    """DSD64 stereo in DSDIFF: FVER, PROP (FS, CHNL, CMPR) and DSD chunks."""

    def chunk(key: bytes, body: bytes) -> bytes:
        return key + struct.pack(">Q", len(body)) + body + b"\0" * (len(body) % 2)

    data = noise(int(2822400 * seconds) // 8 * 2, seed)
    properties = b"SND " + chunk(b"FS  ", struct.pack(">I", 2822400))
    properties += chunk(b"CHNL", struct.pack(">H", 2) + b"SLFTSRGT") + chunk(b"CMPR", b"DSD \x0enot compressed")
    body = b"DSD " + chunk(b"FVER", struct.pack(">I", 0x01050000)) + chunk(b"PROP", properties) + chunk(b"DSD ", data)
    return b"FRM8" + struct.pack(">Q", len(body)) + body


def _write_tags(fmt: str, data: bytes, tags: dict[str, list[str]], cover: bytes | None) -> bytes:
    file = io.BytesIO(data)
    if fmt in ("flac", "vorbis", "opus", "oggflac"):
        _write_vorbis(fmt, file, tags, cover)
    elif fmt in ("aac", "alac"):
        _write_mp4(file, tags, cover)
    elif fmt in ("ape", "wavpack", "musepack"):
        _write_apev2(file, tags, cover)
    elif fmt == "wma":
        _write_asf(file, tags, cover)
    else:
        _write_id3(fmt, file, tags, cover)
    return file.getvalue()


def _mime(cover: bytes) -> str:
    return "image/png" if cover.startswith(b"\x89PNG") else "image/jpeg"


def _write_vorbis(fmt: str, file: io.BytesIO, tags: dict[str, list[str]], cover: bytes | None) -> None:
    import base64

    from mutagen.flac import FLAC, Picture
    from mutagen.oggflac import OggFLAC
    from mutagen.oggopus import OggOpus
    from mutagen.oggvorbis import OggVorbis

    audio = {"flac": FLAC, "vorbis": OggVorbis, "opus": OggOpus, "oggflac": OggFLAC}[fmt](file)
    if audio.tags is None:
        audio.add_tags()
    audio.tags.clear()
    for name, values in tags.items():
        audio[name] = values
    if cover is not None:
        picture = Picture()
        picture.type, picture.mime, picture.data = 3, _mime(cover), cover
        if fmt == "flac":
            audio.add_picture(picture)
        else:
            audio["metadata_block_picture"] = [base64.b64encode(picture.write()).decode()]
    file.seek(0)
    audio.save(file)


_ID3 = {
    "title": "TIT2", "album": "TALB", "artist": "TPE1", "albumartist": "TPE2", "composer": "TCOM", "genre": "TCON",
    "date": "TDRC", "originaldate": "TDOR", "conductor": "TPE3", "remixer": "TPE4", "lyricist": "TEXT", "label": "TPUB",
    "bpm": "TBPM", "key": "TKEY", "isrc": "TSRC", "titlesort": "TSOT", "albumsort": "TSOA", "artistsort": "TSOP",
    "albumartistsort": "TSO2", "discsubtitle": "TSST", "compilation": "TCMP", "grouping": "GRP1", "media": "TMED",
    "mood": "TMOO",
}  # fmt: skip

_MUSICBRAINZ = {
    "musicbrainz_artistid": "Artist Id", "musicbrainz_albumid": "Album Id",
    "musicbrainz_albumartistid": "Album Artist Id", "musicbrainz_releasegroupid": "Release Group Id",
    "musicbrainz_releasetrackid": "Release Track Id", "musicbrainz_workid": "Work Id",
    "releasetype": "Album Type", "releasestatus": "Album Status", "releasecountry": "Album Release Country",
}  # fmt: skip


def _pair(tags: dict[str, list[str]], number: str, total: str) -> str | None:
    if number not in tags:
        return None
    return f"{tags[number][0]}/{tags[total][0]}" if total in tags else tags[number][0]


def _write_id3(fmt: str, file: io.BytesIO, tags: dict[str, list[str]], cover: bytes | None) -> None:
    from mutagen import id3
    from mutagen.aiff import AIFF
    from mutagen.dsdiff import DSDIFF
    from mutagen.dsf import DSF
    from mutagen.id3 import ID3
    from mutagen.wave import WAVE

    kinds = {"wav": WAVE, "aiff": AIFF, "dsf": DSF, "dff": DSDIFF}
    frames = ID3()
    if fmt in kinds:
        audio = kinds[fmt](file)
        if audio.tags is None:
            audio.add_tags()
        frames = audio.tags
        frames.clear()
    done = {"tracktotal", "disctotal", "totaltracks", "totaldiscs"}
    for frame, number, total in (("TRCK", "tracknumber", "tracktotal"), ("TPOS", "discnumber", "disctotal")):
        if text := _pair(tags, number, total):
            frames.add(getattr(id3, frame)(encoding=3, text=[text]))
            done.add(number)
    for name, values in tags.items():
        if name in done:
            continue
        if name == "musicbrainz_trackid":
            frames.add(id3.UFID(owner="http://musicbrainz.org", data=values[0].encode()))
        elif name == "comment":
            frames.add(id3.COMM(encoding=3, lang="eng", desc="", text=values))
        elif name == "lyrics":
            frames.add(id3.USLT(encoding=3, lang="eng", desc="", text=values[0]))
        elif name in _ID3:
            frames.add(getattr(id3, _ID3[name])(encoding=3, text=values))
        elif name in _MUSICBRAINZ:
            frames.add(id3.TXXX(encoding=3, desc=f"MusicBrainz {_MUSICBRAINZ[name]}", text=values))
        else:
            frames.add(id3.TXXX(encoding=3, desc=name.upper(), text=values))
    if cover is not None:
        frames.add(id3.APIC(encoding=0, mime=_mime(cover), type=3, desc="", data=cover))
    file.seek(0)
    if fmt in kinds:
        audio.save(file)
    else:
        frames.save(file)


_MP4 = {
    "title": "\xa9nam", "album": "\xa9alb", "artist": "\xa9ART", "albumartist": "aART", "composer": "\xa9wrt",
    "genre": "\xa9gen", "date": "\xa9day", "grouping": "\xa9grp", "comment": "\xa9cmt", "lyrics": "\xa9lyr",
    "titlesort": "sonm", "albumsort": "soal", "artistsort": "soar", "albumartistsort": "soaa",
}  # fmt: skip


def _write_mp4(file: io.BytesIO, tags: dict[str, list[str]], cover: bytes | None) -> None:
    from mutagen.mp4 import MP4, MP4Cover

    audio = MP4(file)
    if audio.tags is None:
        audio.add_tags()
    audio.tags.clear()
    for atom, number, total in (("trkn", "tracknumber", "tracktotal"), ("disk", "discnumber", "disctotal")):
        if number in tags:
            audio[atom] = [(int(tags[number][0]), int(tags.get(total, ["0"])[0]))]
    for name, values in tags.items():
        if name in ("tracknumber", "tracktotal", "discnumber", "disctotal"):
            continue
        if name == "compilation":
            audio["cpil"] = values[0] == "1"
        elif name == "bpm":
            audio["tmpo"] = [int(values[0])]
        elif name in _MP4:
            audio[_MP4[name]] = values
        else:
            label = f"MusicBrainz {_MUSICBRAINZ[name]}" if name in _MUSICBRAINZ else name.upper()
            if name == "musicbrainz_trackid":
                label = "MusicBrainz Track Id"
            audio[f"----:com.apple.iTunes:{label}"] = [value.encode() for value in values]
    if cover is not None:
        kind = MP4Cover.FORMAT_PNG if _mime(cover) == "image/png" else MP4Cover.FORMAT_JPEG
        audio["covr"] = [MP4Cover(cover, kind)]
    file.seek(0)
    audio.save(file)


_APE = {
    "albumartist": "Album Artist", "date": "Year", "remixer": "MixArtist", "discsubtitle": "DiscSubtitle",
    "releasetype": "MUSICBRAINZ_ALBUMTYPE", "releasestatus": "MUSICBRAINZ_ALBUMSTATUS",
}  # fmt: skip


def _write_apev2(file: io.BytesIO, tags: dict[str, list[str]], cover: bytes | None) -> None:
    from mutagen.apev2 import BINARY, APEv2, APEValue

    frames = APEv2()
    if text := _pair(tags, "tracknumber", "tracktotal"):
        frames["Track"] = text
    if text := _pair(tags, "discnumber", "disctotal"):
        frames["Disc"] = text
    for name, values in tags.items():
        if name not in ("tracknumber", "tracktotal", "discnumber", "disctotal"):
            frames[_APE.get(name, name.title() if "_" not in name else name.upper())] = values
    if cover is not None:
        frames["Cover Art (Front)"] = APEValue(b"cover.png\0" + cover, BINARY)
    file.seek(0)
    frames.save(file)


_ASF = {
    "title": "Title", "artist": "Author", "album": "WM/AlbumTitle", "albumartist": "WM/AlbumArtist", "date": "WM/Year",
    "genre": "WM/Genre", "composer": "WM/Composer", "tracknumber": "WM/TrackNumber", "discnumber": "WM/PartOfSet",
    "label": "WM/Publisher", "isrc": "WM/ISRC", "comment": "Description", "lyrics": "WM/Lyrics",
    "compilation": "WM/IsCompilation", "bpm": "WM/BeatsPerMinute", "catalognumber": "WM/CatalogNo",
    "barcode": "WM/Barcode", "artists": "WM/ARTISTS", "originaldate": "WM/OriginalReleaseTime",
    "artistsort": "WM/ArtistSortOrder", "albumartistsort": "WM/AlbumArtistSortOrder",
    "musicbrainz_trackid": "MusicBrainz/Track Id",
}  # fmt: skip


def _write_asf(file: io.BytesIO, tags: dict[str, list[str]], cover: bytes | None) -> None:
    from mutagen.asf import ASF, ASFByteArrayAttribute

    audio = ASF(file)
    audio.tags.clear()
    for name, values in tags.items():
        label = f"MusicBrainz/{_MUSICBRAINZ[name]}" if name in _MUSICBRAINZ else _ASF.get(name, f"WM/{name.title()}")
        audio[label] = values
    if cover is not None:
        header = struct.pack("<bI", 3, len(cover)) + _mime(cover).encode("utf-16-le") + b"\0\0\0\0"
        audio["WM/Picture"] = [ASFByteArrayAttribute(header + cover)]
    file.seek(0)
    audio.save(file)
