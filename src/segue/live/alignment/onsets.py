"""The rhythm of a recording as a curve: how much sound begins at each hundredth of a second.

Two recordings of one performance share hardly a sample, since microphones, boards, equalisers and tape decks differ, but
notes begin together in both. The curve is the rise of the level in twelve bands (spectral flux), each measured against its
own rises nearby, so that neither loudness nor equalisation counts; three neighbouring bands make a voice, and a curve has four
voices, so that bass and cymbals of a steady rhythm are not taken for one another.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from segue.live.alignment.records import NoSound, Sound

Curve = npt.NDArray[np.floating[Any]]

RATE_HZ = 8000
"""Sampling rate that is listened at: onsets below 4 kHz are on every tape, above it not on every one."""
HOP = 80
FRAMES_A_SECOND = RATE_HZ // HOP
"""A hundred: the curve has a value every 10 ms."""
WINDOW = 256
POWER = 0.25
"""Of the energy: the square root of the amplitude. The logarithm hears the faint begin of a note on a quiet tape 10 ms
before it is heard on a noisy one; at this power it is 3 ms (bench/live/alignment.py)."""
LOWEST_HZ, HIGHEST_HZ = 60.0, 3800.0
BANDS = 12
VOICES = 4
LEVEL_S = 1.0
"""What is near: a band is measured against the mean and deviation of so many seconds around."""
TOP = 4.0
"""Where a beginning counts no more: a clap into the microphone must not outweigh the music."""
LONGEST_S = 6 * 3600
"""Of a longer file only the beginning is listened to; a curve of six hours takes 35 MB."""
BLOCK_FRAMES = 4096


def curve_of(sound: Sound) -> Curve:
    """The onset curve of a sound, FRAMES_A_SECOND rows a second. Raises NoSound."""
    curve = onset_curve(samples_of(sound))
    if len(curve) < FRAMES_A_SECOND:
        raise NoSound("less than a second of it can be decoded")
    return curve


def samples_of(sound: Sound) -> Iterator[Curve]:
    """Its samples, mixed to one channel at RATE_HZ, a piece at a time. Damaged packets are left out. Raises NoSound."""
    import av  # heavy, and only whoever listens needs it

    try:
        container = av.open(os.fsdecode(sound.path), metadata_errors="ignore")
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise NoSound(str(error)) from error
    with container:
        if not container.streams.audio:
            raise NoSound("no audio")
        stream = container.streams.audio[0]
        resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE_HZ)
        skip = sound.start_ms * RATE_HZ // 1000
        last = LONGEST_S * RATE_HZ if sound.end_ms is None else (sound.end_ms - sound.start_ms) * RATE_HZ // 1000
        left = min(last, LONGEST_S * RATE_HZ)
        for packet in container.demux(stream):
            try:
                frames = packet.decode()
            except av.error.FFmpegError:
                continue
            for frame in frames:
                for out in resampler.resample(frame):
                    piece: Curve = out.to_ndarray().reshape(-1).astype(np.float32)
                    piece, skip = piece[skip:], max(0, skip - len(piece))
                    if len(piece):
                        yield piece[:left]
                        left -= len(piece)
                    if left <= 0:
                        return


def onset_curve(pieces: Iterator[Curve]) -> Curve:
    """The onset curve of samples at RATE_HZ, a row a frame and a column a voice: zero mean, about one wide. Frame n is centred
    on n · HOP samples."""
    blocks = list(_levels(pieces))
    if not blocks:
        return np.zeros((0, VOICES), np.float32)
    levels = np.concatenate(blocks)
    voices = np.zeros((len(levels), VOICES), np.float32)
    for band in range(BANDS):
        rise = np.zeros(len(levels), np.float32)
        if len(rise) > 2:
            np.maximum(levels[2:, band] - levels[:-2, band], 0, out=rise[1:-1])
        voices[:, band * VOICES // BANDS] += _against_nearby(rise)
    for voice in range(VOICES):
        voices[:, voice] = _against_nearby(voices[:, voice])
    return voices


def _levels(pieces: Iterator[Curve]) -> Iterator[Curve]:
    """The level of each band, a row a frame."""
    shape = np.hanning(WINDOW).astype(np.float32)
    spread = _bands()
    held = np.zeros(WINDOW // 2, np.float32)
    for piece in _gathered(pieces):
        held = np.concatenate([held, piece])
        count = (len(held) - WINDOW) // HOP + 1
        if count <= 0:
            continue
        frames = np.lib.stride_tricks.sliding_window_view(held, WINDOW)[::HOP][:count]
        lines = np.abs(np.fft.rfft(frames * shape, axis=1)).astype(np.float32)
        yield ((lines * lines) @ spread) ** np.float32(POWER)
        held = held[count * HOP :]


def _gathered(pieces: Iterator[Curve]) -> Iterator[Curve]:
    """The samples in larger pieces, ended by half a window of silence."""
    waiting: list[Curve] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= BLOCK_FRAMES * HOP:
            yield np.concatenate(waiting)
            waiting, size = [], 0
    yield np.concatenate([*waiting, np.zeros(WINDOW // 2, np.float32)])


def _bands() -> Curve:
    """Which line of the spectrum counts for which band: a row a line."""
    edges = np.geomspace(LOWEST_HZ, HIGHEST_HZ, BANDS + 1)
    lines = np.fft.rfftfreq(WINDOW, 1 / RATE_HZ)
    spread = np.zeros((len(lines), BANDS), np.float32)
    for band in range(BANDS):
        inside = (lines >= edges[band]) & (lines < edges[band + 1])
        if not inside.any():
            inside[np.argmin(np.abs(lines - (edges[band] + edges[band + 1]) / 2))] = True
        spread[inside, band] = 1 / inside.sum()
    return spread


def _against_nearby(curve: Curve) -> Curve:
    """How far each value stands out of those of a second around it, at most TOP deviations."""
    mean = _nearby(curve)
    deviation = np.sqrt(np.maximum(_nearby(curve * curve) - mean * mean, 0)) + 1e-3
    outstanding: Curve = np.clip((curve - mean) / deviation, -TOP, TOP).astype(np.float32)
    return outstanding


def _nearby(curve: Curve) -> Curve:
    """The mean over LEVEL_S around each value."""
    half = int(LEVEL_S * FRAMES_A_SECOND / 2)
    sums = np.concatenate([[0.0], np.cumsum(curve, dtype=np.float64)])
    at = np.arange(len(curve))
    low, high = np.maximum(at - half, 0), np.minimum(at + half + 1, len(curve))
    means: Curve = ((sums[high] - sums[low]) / (high - low)).astype(np.float32)
    return means
