"""From samples to a tagged file in FLAC, MP3, Opus, M4A or WAV."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from segue.demo.instruments import RATE
from segue.demo.plan import Format, Piece, Record

CODECS: dict[Format, tuple[str, str, int, str, int]] = {
    # format: encoder, container, sample rate in Hz, sample format, bits per second (0: lossless)
    "flac": ("flac", "flac", RATE, "s16", 0),
    "mp3": ("libmp3lame", "mp3", RATE, "s16p", 256_000),
    "opus": ("libopus", "ogg", 48_000, "s16", 128_000),
    "m4a": ("aac", "ipod", RATE, "fltp", 192_000),
    "wav": ("pcm_s16le", "wav", RATE, "s16", 0),
}
BLOCK = RATE * 5


def encode(samples: NDArray[np.float32], target: Path, format: Format) -> None:
    """Write `samples` (n, 2) to `target`."""
    encoder, container, rate, layout, bits = CODECS[format]
    packed = np.clip(samples * 32767, -32768, 32767).astype(np.int16)
    with av.open(str(target), "w", format=container) as out:
        stream: Any = out.add_stream(encoder, rate=rate)
        stream.layout = "stereo"
        stream.format = layout
        if bits:
            stream.bit_rate = bits
        if format == "mp3":
            stream.options = {"compression_level": "8"}  # LAME's own scale; its default takes three times as long
        resampler = av.AudioResampler(format=layout, layout="stereo", rate=rate, frame_size=stream.frame_size or 0)
        for start in range(0, len(packed), BLOCK):
            frame = av.AudioFrame.from_ndarray(packed[start : start + BLOCK].reshape(1, -1), "s16", "stereo")
            frame.sample_rate = RATE
            frame.pts = start
            for ready in resampler.resample(frame):
                out.mux(stream.encode(ready))
        for ready in resampler.resample(None):
            out.mux(stream.encode(ready))
        out.mux(stream.encode(None))


def tag(target: Path, record: Record, piece: Piece, number: int, total: int, picture: bytes | None) -> None:
    """Write what is known of the track into the file, each format in its own way."""
    tags = names(record, piece, number, total)
    write = {"flac": _flac, "opus": _opus, "mp3": _id3, "wav": _id3, "m4a": _m4a}[record.format]
    write(target, tags, picture)


def names(record: Record, piece: Piece, number: int, total: int) -> dict[str, list[str]]:
    """The tags under the names of Vorbis comments."""
    artists = list(piece.artists or (record.artist,))
    found = {
        "TITLE": [piece.title],
        "ARTIST": [piece.join.join(artists)],
        "ARTISTS": artists if len(artists) > 1 else [],
        "ALBUM": [record.title],
        "ALBUMARTIST": [record.artist],
        "DATE": [record.year],
        "GENRE": [piece.genre or record.genre],
        "TRACKNUMBER": [str(number)],
        "TRACKTOTAL": [str(total)],
        "DISCNUMBER": [str(piece.disc)] if record.disc_titles else [],
        "DISCTOTAL": [str(len(record.disc_titles))] if record.disc_titles else [],
        "DISCSUBTITLE": [record.disc_titles[piece.disc - 1]] if record.disc_titles else [],
        "LABEL": [record.label] if record.label else [],
        "CATALOGNUMBER": [record.catalog_number] if record.catalog_number else [],
        "COMPILATION": ["1"] if record.compilation else [],
        "PERFORMER": [f"{name} ({role})" for role, name in (*record.credits, *piece.credits)],
        "COMPOSER": [record.artist] if piece.work else [],
        "CONDUCTOR": ["Jonas Weiß"] if piece.work else [],
        "WORK": [piece.work] if piece.work else [],
        "MOVEMENTNAME": [piece.movement] if piece.movement else [],
        "MOVEMENT": [str(piece.movement_number)] if piece.movement else [],
        "BPM": [f"{piece.bpm:g}"],
        "INITIALKEY": [piece.key.replace(" major", "").replace(" minor", "m").replace("♭", "b").replace("♯", "#")],
    }
    return {name: values for name, values in found.items() if values}


def _flac(target: Path, tags: dict[str, list[str]], picture: bytes | None) -> None:
    from mutagen.flac import FLAC, Picture

    file = FLAC(target)
    for name, values in tags.items():
        file[name] = values
    if picture:
        front = Picture()
        front.type, front.mime, front.data = 3, "image/jpeg", picture
        file.add_picture(front)
    file.save()


def _opus(target: Path, tags: dict[str, list[str]], picture: bytes | None) -> None:
    from mutagen.flac import Picture
    from mutagen.oggopus import OggOpus

    file = OggOpus(target)
    for name, values in tags.items():
        file[name] = values
    if picture:
        front = Picture()
        front.type, front.mime, front.data = 3, "image/jpeg", picture
        file["METADATA_BLOCK_PICTURE"] = [base64.b64encode(front.write()).decode()]
    file.save()


ID3_FRAMES = {
    "TITLE": "TIT2",
    "ARTIST": "TPE1",
    "ALBUM": "TALB",
    "ALBUMARTIST": "TPE2",
    "DATE": "TDRC",
    "GENRE": "TCON",
    "DISCSUBTITLE": "TSST",
    "LABEL": "TPUB",
    "COMPILATION": "TCMP",
    "COMPOSER": "TCOM",
    "CONDUCTOR": "TPE3",
    "BPM": "TBPM",
    "INITIALKEY": "TKEY",
}


def _id3(target: Path, tags: dict[str, list[str]], picture: bytes | None) -> None:
    from mutagen import id3
    from mutagen.mp3 import MP3
    from mutagen.wave import WAVE

    file: Any = MP3(target) if target.suffix == ".mp3" else WAVE(target)
    if file.tags is None:
        file.add_tags()
    frames: Any = file.tags
    paired = {"TRACKNUMBER": ("TRCK", "TRACKTOTAL"), "DISCNUMBER": ("TPOS", "DISCTOTAL")}
    for name, values in tags.items():
        if name in paired:
            frame, total = paired[name]
            frames.add(getattr(id3, frame)(encoding=3, text=[f"{values[0]}/{tags[total][0]}"]))
        elif name == "PERFORMER":
            people = [[value.rpartition(" (")[2].rstrip(")"), value.rpartition(" (")[0]] for value in values]
            frames.add(id3.TMCL(encoding=3, people=people))
        elif name in ID3_FRAMES:
            frames.add(getattr(id3, ID3_FRAMES[name])(encoding=3, text=values))
        elif not name.endswith("TOTAL"):
            frames.add(id3.TXXX(encoding=3, desc=name, text=values))
    if picture:
        frames.add(id3.APIC(encoding=3, mime="image/jpeg", type=3, desc="", data=picture))
    file.save()


M4A_ATOMS = {
    "TITLE": "\xa9nam",
    "ARTIST": "\xa9ART",
    "ALBUM": "\xa9alb",
    "ALBUMARTIST": "aART",
    "DATE": "\xa9day",
    "GENRE": "\xa9gen",
    "COMPOSER": "\xa9wrt",
    "WORK": "\xa9wrk",
    "MOVEMENTNAME": "\xa9mvn",
}


def _m4a(target: Path, tags: dict[str, list[str]], picture: bytes | None) -> None:
    from mutagen.mp4 import MP4, MP4Cover, MP4FreeForm

    file = MP4(target)
    for name, values in tags.items():
        if name == "TRACKNUMBER":
            file["trkn"] = [(int(values[0]), int(tags["TRACKTOTAL"][0]))]
        elif name == "DISCNUMBER":
            file["disk"] = [(int(values[0]), int(tags["DISCTOTAL"][0]))]
        elif name == "BPM":
            file["tmpo"] = [round(float(values[0]))]
        elif name == "COMPILATION":
            file["cpil"] = True
        elif name in M4A_ATOMS:
            file[M4A_ATOMS[name]] = values
        elif not name.endswith("TOTAL"):
            file[f"----:com.apple.iTunes:{name}"] = [MP4FreeForm(value.encode()) for value in values]
    if picture:
        file["covr"] = [MP4Cover(picture, MP4Cover.FORMAT_JPEG)]
    file.save()
