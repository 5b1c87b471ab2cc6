"""Any audio file becomes blocks of float32 samples, and the same sound at 22,050 Hz mono beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segue.analysis.decode import blocks
from segue.analysis.decode.samples import mixed_down
from tests.analysis.files import RATE, coded, dsf, tone, video, wav
from tests.analysis.sounded import noise


def whole(path: Path | bytes, **wanted: Any) -> tuple[Any, Any, Any]:
    """All samples, all of the mono mix, and what decoded them."""
    with blocks(path, **wanted) as decoded:
        parts = list(decoded)
    return np.concatenate([part.samples for part in parts], 1), np.concatenate([part.mono for part in parts]), decoded


KINDS = [("u8", 2**-7), ("s16", 2**-15), ("s24", 2**-22), ("s32", 2**-22), ("flt", 0), ("dbl", 1e-7)]


@pytest.mark.parametrize(("kind", "error"), KINDS)
def test_samples_of_every_kind_come_at_full_scale_1(tmp_path: Path, kind: str, error: float) -> None:
    given = noise(0.3, RATE)
    samples, _, decoded = whole(wav(tmp_path / "a.wav", given, kind=kind))
    assert samples.dtype == np.float32
    assert samples.shape == given.shape
    assert np.abs(samples - given).max() <= error
    assert (decoded.rate, decoded.channels, decoded.layout, decoded.doubts) == (RATE, 2, "stereo", ())


def test_blocks_follow_one_another_without_a_gap(tmp_path: Path) -> None:
    given = noise(2.5, RATE)
    path = wav(tmp_path / "a.wav", given, kind="flt")
    with blocks(path, block_s=1.0) as decoded:
        parts = list(decoded)
    assert [part.samples.shape[1] for part in parts] == [RATE, RATE, RATE // 2]
    assert np.array_equal(np.concatenate([part.samples for part in parts], 1), given)
    assert decoded.duration_ms == 2500


def test_the_mono_mix_is_the_mean_of_the_channels_in_its_place(tmp_path: Path) -> None:
    left, right = tone(1, channels=1, hz=440)[0], tone(1, channels=1, hz=1000)[0]
    _, mono, _ = whole(wav(tmp_path / "a.wav", [left, right], kind="flt"), block_s=0.13)
    expected = (tone(1, 22_050, 1, 440)[0] + tone(1, 22_050, 1, 1000)[0]) / 2
    assert len(mono) == 22_050
    assert np.abs(mono - expected)[100:-100].max() < 1e-4


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (22_050, 2), (384_000, 2), (48_000, 8)])
def test_rates_and_channels_stay_as_they_are(tmp_path: Path, rate: int, channels: int) -> None:
    samples, mono, decoded = whole(wav(tmp_path / "a.wav", tone(0.5, rate, channels), rate, "s24"))
    assert (decoded.rate, decoded.channels) == (rate, channels)
    assert samples.shape == (channels, rate // 2)
    assert abs(len(mono) - 11_025) <= 1
    assert np.abs(mono[200:-200]).max() == pytest.approx(10 ** (-6 / 20), rel=0.01)


def test_many_channels_at_high_rates_come_in_shorter_blocks(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", np.zeros((8, 600_000), np.float32), 384_000)
    with blocks(path) as decoded:
        assert max(part.samples.size for part in decoded) <= 4_000_000


def test_the_order_of_channels_is_told(tmp_path: Path) -> None:
    _, _, decoded = whole(coded(tmp_path / "a.flac", tone(0.2, channels=6)))
    assert decoded.layout == "5.1"


@pytest.mark.parametrize("name", ["a.mp3", "a.flac", "a.opus", "a.m4a", "a.mka"])
def test_encoded_sound_begins_where_it_began(tmp_path: Path, name: str) -> None:
    """The delay that the encoder put before it is taken away: a click is where it was, within a millisecond."""
    rate = 48_000
    given = np.zeros((2, rate * 2), np.float32)
    given[:, rate : rate + 24] = 0.8
    samples, mono, decoded = whole(coded(tmp_path / name, given, rate))
    assert abs(int(np.abs(samples[0]).argmax()) / rate - 1.0) < 0.001
    assert abs(int(np.abs(mono).argmax()) / 22_050 - 1.0) < 0.001
    assert abs(decoded.duration_ms - 2000) < 40
    assert decoded.doubts == ()


def test_dsd_is_heard_at_an_eighth_of_its_rate(tmp_path: Path) -> None:
    wave = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(2_822_400 // 4) / 2_822_400)
    bits, error = np.zeros(len(wave), np.uint8), 0.0
    for place, value in enumerate(wave.tolist()):
        error += value
        bits[place] = error > 0
        error -= 1 if error > 0 else -1
    _, mono, decoded = whole(dsf(tmp_path / "a.dsf", np.tile(bits, (2, 1))))
    assert (decoded.rate, decoded.channels) == (352_800, 2)
    spectrum = np.abs(np.fft.rfft(mono[1000:4000] * np.hanning(3000)))
    assert int(spectrum.argmax()) * 22_050 / 3000 == pytest.approx(1000, abs=8)
    assert float(np.abs(mono[1000:4000]).max()) == pytest.approx(0.5, abs=0.03)


def test_a_video_is_heard_by_its_sound(tmp_path: Path) -> None:
    samples, _, decoded = whole(video(tmp_path / "a.mp4", tone(0.5)))
    assert decoded.codec == "aac"
    assert samples.shape[1] == pytest.approx(RATE // 2, abs=2048)


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.mp3", "a.opus", "a.m4a"])
@pytest.mark.parametrize("start_ms", [0, 300, 4000])
def test_a_slice_is_what_the_whole_has_there(tmp_path: Path, name: str, start_ms: int) -> None:
    rate = 48_000
    at = np.arange(6 * rate) / rate
    given = np.stack([0.3 * np.sin(2 * np.pi * (300 + 100 * at) * at), 0.3 * np.sin(2 * np.pi * (900 - 70 * at) * at)])
    path = tmp_path / name
    wav(path, given, rate) if name == "a.wav" else coded(path, given, rate)
    all_of_it, _, _ = whole(path)
    part, _, decoded = whole(path, start_ms=start_ms, end_ms=start_ms + 1234)
    assert decoded.duration_ms == 1234
    expected = all_of_it[:, start_ms * 48 : (start_ms + 1234) * 48]
    assert np.abs(part - expected).max() < 2e-4


def test_a_slice_may_reach_to_the_end(tmp_path: Path) -> None:
    part, _, decoded = whole(wav(tmp_path / "a.wav", tone(1.5)), start_ms=1000)
    assert part.shape[1] == RATE // 2
    assert decoded.doubts == ()


def test_an_mp3_that_states_no_delay_keeps_it(tmp_path: Path) -> None:
    """As players do that know no better: the click is late by encoder and decoder, 1,105 samples."""
    given = np.zeros((2, RATE), np.float32)
    given[:, RATE // 2 : RATE // 2 + 24] = 0.8
    samples, _, _ = whole(coded(tmp_path / "a.mp3", given, write_xing="0"))
    assert int(np.abs(samples[0]).argmax()) - RATE // 2 == pytest.approx(1105, abs=30)


def test_the_mean_of_many_channels_is_of_all_of_them() -> None:
    sound = noise(0.1, 8000, 6)
    assert np.allclose(mixed_down(sound), sound.mean(axis=0), atol=1e-6)
    assert mixed_down(sound[:1]).shape == (800,)
