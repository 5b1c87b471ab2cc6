"""The tapes of the archive for tests: a few seconds of every song, as each tape has it, made when somebody wants them.

A performance sounds the same on every tape of its night but for the tape: its speed, its place in the room, its hiss. What was
made lies in a cache folder and is the same each time; it appears whole or not at all.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import zlib
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segue.emulator.archive_bands import BANDS
from segue.emulator.archive_shows import Recording, Take, Track

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RATE = 44_100
MP3_RATE = 22_050
GENERATION = 1
"""Raised when the sound changes, so that what was kept is made anew."""
TONIC = {band.key: band.tonic for band in BANDS}


@dataclass(frozen=True, slots=True)
class Made:
    """One file of an item. `fingerprint` is the MD5 of its audio, of FLAC alone."""

    name: str
    format: str
    size: int
    md5: str
    sha1: str
    crc32: str
    length_s: float = 0.0
    title: str = ""
    track: str = ""
    original: str = ""
    fingerprint: str = ""
    bitrate: str = ""


def usual_folder() -> Path:
    """Where tapes are kept between runs."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "segue" / "archive-for-tests"


def made(recording: Recording, folder: Path) -> tuple[Path, list[Made]]:
    """The folder with a recording's audio and what is in it; made now where it is not there."""
    told = f"{GENERATION} {recording!r}"
    place = folder / f"{recording.identifier}.{hashlib.sha256(told.encode()).hexdigest()[:12]}"
    manifest = place / ".manifest.json"
    if not manifest.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        making = Path(tempfile.mkdtemp(prefix=".making-", dir=folder))
        try:
            files = [
                file
                for number, track in enumerate(recording.tracks, 1)
                for file in _make(recording, number, track, making)
            ]
            (making / manifest.name).write_text(json.dumps([asdict(file) for file in files]), "utf-8")
            making.rename(place)
        except OSError:
            if not manifest.is_file():  # somebody else may have made it meanwhile
                raise
        finally:
            shutil.rmtree(making, ignore_errors=True)
    return place, [Made(**one) for one in json.loads(manifest.read_text("utf-8"))]


def about(name: str, format: str, data: bytes, **more: Any) -> Made:
    """What the archive says of a file's bytes."""
    return Made(
        name,
        format,
        len(data),
        hashlib.md5(data).hexdigest(),
        hashlib.sha1(data).hexdigest(),
        f"{zlib.crc32(data):x}",
        **more,
    )


def length_of(track: Track, recording: Recording) -> float:
    """Seconds of a track on its tape."""
    return round(sum(_length(take) for take in track.takes) / recording.speed, 2)


def _length(take: Take) -> float:
    return 1.5 if take.number < 0 else 3.0 + zlib.crc32(f"{take.show} {take.number}".encode()) % 50 / 10


def _make(recording: Recording, number: int, track: Track, folder: Path) -> list[Made]:
    samples = _taped(recording, track)
    title, tag = track.title, f"{number:02}"
    seconds = len(samples) / RATE
    lossless = f"{track.stem}.{'shn' if recording.shorten else 'flac'}"
    files = []
    if recording.shorten:
        noise = hashlib.shake_128(f"{recording.identifier} {number}".encode()).digest(int(len(samples) * 1.9))
        data = b"ajkg\x02" + noise
        (folder / lossless).write_bytes(data)
        files.append(about(lossless, "Shorten", data, length_s=round(len(data) / 176_400, 2), title=title, track=tag))
    else:
        _encode(samples, folder / lossless, "flac", {"title": title, "track": tag, "artist": recording.creator})
        data = (folder / lossless).read_bytes()
        heard = hashlib.md5(samples.tobytes()).hexdigest()
        files.append(
            about(lossless, "Flac", data, length_s=round(seconds, 2), title=title, track=tag, fingerprint=heard)
        )
    lossy = f"{track.stem}.mp3"
    _encode(samples, folder / lossy, "mp3", {"title": title, "track": str(number), "artist": recording.creator})
    data = (folder / lossy).read_bytes()
    more = {"length_s": round(seconds + 0.04, 2), "title": title, "track": tag, "original": lossless, "bitrate": "64"}
    return [*files, about(lossy, "VBR MP3", data, **more)]


def _taped(recording: Recording, track: Track) -> NDArray[np.int16]:
    """A track as the tape has it: 16 bit, stereo."""
    import numpy as np

    show = recording.shows[0]
    whole = np.concatenate([_performance(take, TONIC[show.band.key]) for take in track.takes])
    if recording.speed != 1.0:
        places = np.arange(int(len(whole) / recording.speed)) * recording.speed
        whole = np.interp(places, np.arange(len(whole)), whole).astype(np.float32)
    rng = np.random.default_rng(zlib.crc32(f"{recording.tape} {track.stem}".encode()))
    hiss = rng.standard_normal((len(whole), 2), dtype=np.float32)
    room = np.zeros_like(whole)
    for delay, level in ((661, 0.4), (1543, 0.3), (2861, 0.22), (5003, 0.15)):
        room[delay:] += whole[: len(whole) - delay] * np.float32(level)
    wet, noise = {"S": (0.0, 0.0006), "F": (0.1, 0.002), "M": (0.5, 0.004)}.get(recording.kind, (1.0, 0.012))
    left = whole * np.float32(1 - 0.4 * wet) + room * np.float32(wet)
    right = np.roll(left, 23 if wet else 0)
    both = np.stack((left, right), axis=1) * np.float32(0.7) + hiss * np.float32(noise)
    return (np.clip(both, -1, 1) * 32_000).astype("<i2")


@lru_cache(maxsize=64)
def _performance(take: Take, tonic: int) -> NDArray[np.float32]:
    """What was played, as one heard it on the stage: chords, a tune, a beat; the same for every tape."""
    import numpy as np

    size = int(_length(take) * RATE)
    if take.number < 0:
        rng = np.random.default_rng(zlib.crc32(take.show.encode()))
        crowd = rng.standard_normal(size, dtype=np.float32)
        return np.asarray(np.convolve(crowd, np.ones(9, np.float32) / 9, "same") * 0.12, dtype=np.float32)
    of_song = np.random.default_rng(zlib.crc32(take.song.encode()))
    of_night = np.random.default_rng(zlib.crc32(f"{take.show} {take.number} {take.song}".encode()))
    beat = int(RATE * 60 / of_song.integers(80, 150))
    chords = of_song.choice((0, 2, 5, 7, 9), 8)
    tune = of_song.choice((0, 2, 4, 7, 9, 12, 14), 16)
    sound = np.zeros(size, dtype=np.float32)
    for number, start in enumerate(range(0, size, beat)):
        span = min(beat, size - start)
        t = np.arange(span, dtype=np.float32) / RATE
        fade = np.exp(-t * 3).astype(np.float32)
        root = tonic + int(chords[number // 4 % 8])
        step = int(tune[number % 16]) + (12 if of_night.random() < 0.3 else 0)
        for pitch, level in ((root - 12, 0.3), (root + 4, 0.12), (root + 7, 0.12), (root + step + 12, 0.25)):
            sound[start : start + span] += level * np.sin(2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * t) * fade
        click = of_night.standard_normal(min(900, span)).astype(np.float32)
        sound[start : start + len(click)] += click * np.exp(-np.arange(len(click)) / 150).astype(np.float32) * 0.15
    return sound


def _encode(samples: NDArray[np.int16], target: Path, codec: str, tags: dict[str, str]) -> None:
    """Write FLAC (16 bit, stereo) or a small MP3 (mono)."""
    import av
    import numpy as np

    lossless = codec == "flac"
    with av.open(str(target), "w", format=codec) as out:
        for name, value in tags.items():
            out.metadata[name] = value
        stream: Any = out.add_stream("flac" if lossless else "libmp3lame", rate=RATE if lossless else MP3_RATE)
        stream.layout = "stereo" if lossless else "mono"
        stream.format = "s16" if lossless else "s16p"
        if lossless:
            stream.options = {"compression_level": "3"}
        else:
            stream.bit_rate = 64_000
            stream.options = {"compression_level": "9"}
        resampler = av.AudioResampler(
            format=stream.format.name, layout=stream.layout.name, rate=stream.rate, frame_size=stream.frame_size or 0
        )
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples).reshape(1, -1), "s16", "stereo")
        frame.sample_rate = RATE
        frame.pts = 0
        for ready in (*resampler.resample(frame), *resampler.resample(None)):
            out.mux(stream.encode(ready))
        out.mux(stream.encode(None))
