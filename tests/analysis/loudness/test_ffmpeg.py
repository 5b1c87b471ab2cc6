"""Beside FFmpeg's ebur128, on sound of every sort: within 0.1 LU and 0.1 dB."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from scipy.io import wavfile

from segue.analysis.loudness.part import LoudnessPart
from segue.analysis.records import Loudness
from tests.analysis.sounded import Samples, heard, noise

pytestmark = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg to compare with")
PRINTED = 0.051
"""FFmpeg prints one decimal."""


def music(rate: int, channels: int, seed: int) -> Samples:
    """Noise as dull as music is, that comes and goes with a beat."""
    samples = noise(3, rate, channels, seed=seed)
    spectrum = np.fft.rfft(samples, axis=1)
    spectrum /= np.sqrt(np.maximum(np.fft.rfftfreq(samples.shape[1], 1 / rate), 30) / 300)
    dull = np.fft.irfft(spectrum, samples.shape[1], axis=1)
    at = np.arange(samples.shape[1]) / rate
    shaped = dull * np.exp(-4 * (at % 0.5)) * (0.3 + 0.7 * (at > 1))
    return (0.7 * shaped / np.abs(shaped).max()).astype(np.float32)


def ffmpeg_says(path: Path) -> tuple[float, float, float]:
    done = subprocess.run(
        [
            "ffmpeg",
            "-hide_banner",
            "-nostats",
            "-i",
            path,
            "-af",
            "ebur128=peak=true:framelog=verbose",
            "-f",
            "null",
            "-",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    summary = done.stderr[done.stderr.rindex("Integrated loudness") :]
    integrated, range_, peak = (
        float(re.search(rf"{name}:\s+(-?[\d.]+)", summary)[1])  # type: ignore[index]
        for name in (r"\bI", r"\bLRA", r"\bPeak")
    )
    return integrated, range_, peak


@pytest.mark.parametrize(
    ("rate", "channels", "layout"),
    [(44_100, 2, "stereo"), (48_000, 1, "mono"), (8000, 1, "mono"), (96_000, 2, "stereo"), (44_100, 6, "5.1")],
)
def test_it_agrees_with_ffmpeg(rate: int, channels: int, layout: str, tmp_path: Path) -> None:
    samples = music(rate, channels, rate // 100 + channels)
    wavfile.write(tmp_path / "sound.wav", rate, np.ascontiguousarray(samples.T))
    ours: Loudness = heard(LoudnessPart(), samples, rate, layout)
    integrated, _range, peak = ffmpeg_says(tmp_path / "sound.wav")
    assert ours.integrated == pytest.approx(integrated, abs=0.1 + PRINTED)
    assert ours.true_peak == pytest.approx(peak, abs=0.1 + PRINTED)


def test_the_range_agrees_where_it_lasts_long_enough(tmp_path: Path) -> None:
    """FFmpeg counts windows that begin before the sound does; in a minute that is little."""
    rate = 8000
    samples = np.concatenate(
        [music(rate, 1, seed) * level for seed, level in enumerate((0.2, 1, 0.1, 0.5) * 3)], axis=1
    )
    wavfile.write(tmp_path / "sound.wav", rate, np.ascontiguousarray(samples.T))
    ours: Loudness = heard(LoudnessPart(), samples, rate, "mono")
    integrated, range_, _peak = ffmpeg_says(tmp_path / "sound.wav")
    assert ours.integrated == pytest.approx(integrated, abs=0.1 + PRINTED)
    assert ours.range == pytest.approx(range_, abs=0.2 + PRINTED)
