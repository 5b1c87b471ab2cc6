"""A band playing, rendered from a seed, and what a tape makes of it: for measuring and testing alignment.

`perform` gives a performance in samples; `tape` records it the way audience tapes, boards and bad decks do: other speed, other
equalisation, the room, noise, parts that are missing. Both know the truth exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

RATE = 16_000
Samples = npt.NDArray[np.float32]


def perform(seed: int, seconds: float, *, arrangement: int | None = None) -> Samples:
    """A performance of `seconds`. Two with one `arrangement` and different seeds are two nights of one song."""
    song = np.random.default_rng(seed if arrangement is None else arrangement)
    night = np.random.default_rng(seed + 10_000)
    beat_s = 60 / song.uniform(84, 138)
    chords = song.choice(12, 8)
    notes = song.integers(0, 7, 64)
    out = np.zeros(int(seconds * RATE) + RATE * 3, np.float32)
    at, number = 0.2, 0
    pace = 1.0 + night.normal(0, 0.01)
    while at < seconds:
        pace = float(np.clip(pace + night.normal(0, 0.004), 0.94, 1.06))
        root = 55 * 2 ** (chords[number // 8 % 8] / 12)
        loud = 0.7 + 0.3 * night.random()
        if number % 2 == 0 or night.random() < 0.15:
            _add(out, at + night.normal(0, 0.006), _drum(night, 90, 0.12), 0.8 * loud)
        if number % 4 in (1, 3) or night.random() < 0.1:
            _add(out, at + night.normal(0, 0.006), _snare(night), 0.4 * loud)
        for half in (0.0, 0.5):
            if night.random() < 0.8:
                _add(out, at + half * beat_s * pace + night.normal(0, 0.008), _hat(night), 0.12 * loud)
        if night.random() < 0.75:
            _add(out, at + night.normal(0, 0.01), _note(root, 0.4, night), 0.5)
        if number % 2 == 0:
            for step in (0, 4, 7):
                _add(out, at + night.normal(0, 0.015), _note(root * 4 * 2 ** (step / 12), 0.8, night), 0.15)
        for _ in range(night.poisson(0.9)):
            degree = (0, 2, 4, 5, 7, 9, 11)[(notes[number % 64] + night.integers(0, 3)) % 7]
            when = at + night.random() * beat_s
            _add(out, when, _note(root * 8 * 2 ** (degree / 12), 0.3, night), 0.25 * night.random() + 0.1)
        at += beat_s * pace
        number += 1
    return out[: int(seconds * RATE)] * np.float32(0.3)


@dataclass(frozen=True)
class Tape:
    """How a performance was recorded. `start_s` and `end_s` are cut off; `gap_at_s` says where in the middle `gap_s` are left
    out (the tape was turned over: time goes on after it), and `silent` makes them silence instead."""

    speed: float = 1.0
    """1.02: it runs 2 % fast, everything lasts 2 % less and sounds higher."""
    start_s: float = 0.0
    end_s: float = 0.0
    gap_at_s: float | None = None
    gap_s: float = 0.0
    silent: bool = False
    noise_db: float | None = None
    """Level of the noise against the music; -10 is 10 dB under it."""
    tilt: float = 0.0
    """Equalisation, dB an octave around 800 Hz."""
    room_s: float = 0.0
    """How long the room rings."""
    crowd: bool = False
    """Claps here and there that the other tape has not."""
    seed: int = 0

    def record(self, music: Samples) -> Samples:
        rng = np.random.default_rng(self.seed)
        sound = music[int(self.start_s * RATE) : len(music) - int(self.end_s * RATE)].copy()
        if self.gap_at_s is not None:
            low = int((self.gap_at_s - self.start_s) * RATE)
            high = low + int(self.gap_s * RATE)
            if self.silent:
                sound[low:high] = 0
            else:
                sound = np.concatenate([sound[:low], sound[high:]])
        if self.speed != 1.0:
            count = int(len(sound) / self.speed)
            sound = np.interp(np.arange(count) * self.speed, np.arange(len(sound)), sound).astype(np.float32)
        if self.room_s:
            count = int(self.room_s * RATE)
            ring = rng.normal(0, 1, count) * np.exp(-np.arange(count) / (count / 5))
            ring[0] = 12.0
            sound = _filtered(sound, ring / 12)
        if self.tilt:
            sound = _tilted(sound, self.tilt)
        level = float(np.sqrt(np.mean(sound**2)))
        if self.noise_db is not None:
            hiss = _tilted(rng.normal(0, 1, len(sound)).astype(np.float32), -2.0)
            sound = sound + hiss * np.float32(level * 10 ** (self.noise_db / 20) / float(np.sqrt(np.mean(hiss**2))))
        if self.crowd:
            for when in rng.uniform(0, len(sound) / RATE - 1, int(len(sound) / RATE)):
                _add(sound, when, _snare(rng), float(level * 2 * rng.random()))
        return (sound * (0.25 / max(float(np.sqrt(np.mean(sound**2))), 1e-9))).clip(-1, 1).astype(np.float32)

    def place(self, moment_s: float) -> float | None:
        """Where on the tape a moment of the performance is, in seconds; None where it is not on it."""
        at = moment_s - self.start_s
        if self.gap_at_s is not None and moment_s >= self.gap_at_s and not self.silent:
            if moment_s < self.gap_at_s + self.gap_s:
                return None
            at -= self.gap_s
        return at / self.speed if at >= 0 else None


def write(samples: Samples, target: Path) -> Path:
    """As FLAC (or what the name's end says), 16 bits, one channel."""
    import av

    codec = {".flac": "flac", ".wav": "pcm_s16le", ".mp3": "libmp3lame"}[target.suffix]
    with av.open(str(target), "w") as out:
        stream = out.add_stream(codec, rate=RATE)
        stream.layout = "mono"
        packed = (samples * 32767).astype(np.int16)
        resampler = av.AudioResampler(
            format=stream.codec_context.format or "s16", layout="mono", rate=RATE, frame_size=stream.frame_size or 0
        )
        for begin in range(0, len(packed), 65_536):
            frame = av.AudioFrame.from_ndarray(packed[begin : begin + 65_536].reshape(1, -1), "s16", "mono")
            frame.sample_rate = RATE
            for ready in resampler.resample(frame):
                out.mux(stream.encode(ready))
        for ready in resampler.resample(None):
            out.mux(stream.encode(ready))
        out.mux(stream.encode(None))
    return target


def _add(out: Samples, at: float, sound: Samples, loud: float) -> None:
    begin = int(at * RATE)
    if 0 <= begin < len(out):
        end = min(len(out), begin + len(sound))
        out[begin:end] += sound[: end - begin] * np.float32(loud)


def _drum(rng: np.random.Generator, hertz: float, seconds: float) -> Samples:
    t = np.arange(int(seconds * RATE)) / RATE
    return (np.sin(2 * np.pi * hertz * t * (1 - t)) * np.exp(-t * 25)).astype(np.float32)


def _snare(rng: np.random.Generator) -> Samples:
    t = np.arange(int(0.12 * RATE)) / RATE
    return (rng.normal(0, 0.5, len(t)) * np.exp(-t * 40)).astype(np.float32)


def _hat(rng: np.random.Generator) -> Samples:
    t = np.arange(int(0.05 * RATE)) / RATE
    return (np.diff(rng.normal(0, 0.5, len(t) + 1)) * np.exp(-t * 90)).astype(np.float32)


def _note(hertz: float, seconds: float, rng: np.random.Generator) -> Samples:
    t = np.arange(int(seconds * RATE)) / RATE
    rise = np.minimum(t / 0.004, 1)
    body = np.sin(2 * np.pi * hertz * t) + 0.4 * np.sin(4 * np.pi * hertz * t) + 0.2 * np.sin(6 * np.pi * hertz * t)
    return (body * rise * np.exp(-t * (3 + 3 * rng.random()))).astype(np.float32)


def _filtered(sound: Samples, ring: npt.NDArray[np.float64]) -> Samples:
    size = 1 << (len(sound) + len(ring) - 1).bit_length()
    return np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(ring, size), size)[: len(sound)].astype(np.float32)


def _tilted(sound: Samples, db_an_octave: float) -> Samples:
    size = 1 << len(sound).bit_length()
    hertz = np.maximum(np.fft.rfftfreq(size, 1 / RATE), 30)
    gain = 10 ** (db_an_octave * np.log2(hertz / 800) / 20)
    return np.fft.irfft(np.fft.rfft(sound, size) * gain, size)[: len(sound)].astype(np.float32)
