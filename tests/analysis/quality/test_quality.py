"""What is wrong with a recording: every case is made, and sound recordings are left in peace."""

from __future__ import annotations

import io
from typing import Any

import av
import numpy as np
import pytest
import scipy.signal
import soxr

from segue.analysis.quality import conclude, lossless
from segue.analysis.quality.conclusion import likely_kbps
from segue.analysis.quality.part import QualityPart
from segue.analysis.records import Finding, Quality
from tests.analysis.sounded import Samples, heard, noise, sine

RATE = 44_100


def music(seconds: float = 6, level: float = 0.5) -> Samples:
    """Tones up to 4 kHz, a snare and hats that reach to the top, two different channels."""
    at = np.arange(round(seconds * RATE)) / RATE
    tones = sum(0.06 * np.sin(2 * np.pi * hz * at) for hz in (55, 110, 220, 441.3, 1108, 2210, 4435))
    rough = noise(seconds, RATE, 2, 1.0, seed=4)
    bright = rough - 0.8 * np.roll(rough, 1, axis=1)
    drums = 0.08 * bright * np.exp(-30 * (at % 0.234)) + 0.12 * rough * np.exp(-14 * ((at + 0.468) % 0.937))
    return (level * (tones + drums)).astype(np.float32)


def coded(samples: Samples, codec: str, container: str, kbps: int) -> Samples:
    """Through a lossy encoder and back, as 16-bit samples."""
    file = io.BytesIO()
    with av.open(file, "w", format=container) as out:
        stream: Any = out.add_stream(codec, rate=RATE)
        stream.bit_rate = kbps * 1000
        stream.layout = "stereo"
        whole = np.ascontiguousarray((samples.T * 32_767).astype(np.int16).reshape(1, -1))
        frame = av.AudioFrame.from_ndarray(whole, format="s16", layout="stereo")
        frame.sample_rate = RATE
        convert = av.AudioResampler(format=stream.codec_context.format, layout="stereo", rate=RATE)
        fifo = av.AudioFifo()
        for each in convert.resample(frame):
            fifo.write(each)
        size = stream.codec_context.frame_size or 1152
        while (piece := fifo.read(size)) is not None:
            out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    file.seek(0)
    with av.open(file) as back:
        pieces = [each.to_ndarray() for each in back.decode(audio=0)]
    samples = np.concatenate(pieces, axis=1)
    return (np.rint(samples * 32_767) / 32_768).astype(np.float32)


def quality(samples: Any, rate: int = RATE) -> Quality:
    found: Quality = heard(QualityPart(), samples, rate)
    return found


def told(samples: Any, rate: int = RATE) -> list[Finding]:
    """What is found of a lossless file, but for the edge itself."""
    concluded = conclude(quality(samples, rate), lossless=True, sample_rate=rate)
    return [finding for finding in concluded.findings if finding.code != "edge"]


def test_a_sound_recording_is_left_in_peace() -> None:
    assert quality(music()) == Quality(dc_offset=pytest.approx(0, abs=1e-3), cutoff_hz=None)


@pytest.mark.parametrize(
    ("codec", "container", "kbps", "likely", "hz"),
    [
        ("libmp3lame", "mp3", 64, {64}, 11_000),
        ("libmp3lame", "mp3", 128, {128}, 16_800),
        ("libmp3lame", "mp3", 192, {192}, 18_800),
        ("libmp3lame", "mp3", 320, {256, 320}, 20_200),
        ("aac", "adts", 96, {112, 128, 160}, 16_700),
    ],
)
def test_a_lossless_file_made_from_a_lossy_one_is_told(
    codec: str, container: str, kbps: int, likely: set[int], hz: int
) -> None:
    found = quality(coded(music(), codec, container, kbps))
    assert found.cutoff_hz == pytest.approx(hz, abs=500)
    (finding,) = (
        each for each in conclude(found, lossless=True, sample_rate=RATE).findings if each.code == "lossy_source"
    )
    assert finding.params["kbps"] in likely and finding.params["cutoff_hz"] == found.cutoff_hz
    for of_a_lossy_file in (False, None):
        codes = [each.code for each in conclude(found, lossless=of_a_lossy_file, sample_rate=RATE).findings]
        assert "lossy_source" not in codes


@pytest.mark.parametrize("hz", [3000, 6000, 10_000, 14_000])
@pytest.mark.parametrize("order", [1, 2, 4])
def test_a_dull_recording_is_not_taken_for_a_lossy_one(hz: int, order: int) -> None:
    dull = scipy.signal.sosfilt(scipy.signal.butter(order, hz, fs=RATE, output="sos"), music(3), axis=1)
    hissing = dull + noise(3, RATE, 2, 1e-4, seed=9)[:, : dull.shape[1]]
    assert told(hissing) == []
    assert told(np.rint(dull * 32_767) / 32_768) == []


def test_a_quiet_passage_and_a_tone_say_nothing_of_the_spectrum() -> None:
    assert quality(music(level=0.0001)).cutoff_hz is None
    assert quality(sine(440, 4, -6, RATE)).cutoff_hz is None
    assert quality(noise(4, RATE)).cutoff_hz is None


def test_a_high_rate_without_anything_up_there_is_told() -> None:
    high = np.ascontiguousarray(soxr.resample(music(4).T, RATE, 96_000).T)
    (finding,) = told(high, 96_000)
    assert finding.code == "upsampled"
    assert finding.params["likely_rate"] == 44_100 and finding.params["sample_rate"] == 96_000
    assert told(noise(3, 96_000), 96_000) == []


def test_clipping_is_counted_in_runs() -> None:
    samples = sine(441, 1, -6, RATE)
    assert quality(np.clip(samples, -0.4, 0.4)).clipped_runs == 0
    found = quality(np.clip(samples * 4, -1, 1))
    assert found.clipped_runs == 882
    assert found.clipped_ms == pytest.approx(1000 * (1 - 2 / np.pi * np.arcsin(0.5)), rel=0.05)
    assert found.findings[0] == Finding("clipped", {"runs": 882, "ms": found.clipped_ms})
    two = samples.copy()
    two[100:102] = two[200:203] = 1.0
    two[300:302], two[302:304] = 1.0, -1.0
    assert quality(two).clipped_runs == 1


def test_runs_go_on_over_the_end_of_a_block() -> None:
    samples = np.clip(noise(0.2, 8000, 2, 2.0), -1, 1)
    samples[:, 60:90] = 1
    whole = quality(samples, 8000)
    for size in (2, 3, 64, 77):
        pieces: Quality = heard(QualityPart(), samples, 8000, "", [size, 0, size])
        assert (pieces.clipped_runs, pieces.clipped_ms) == (whole.clipped_runs, whole.clipped_ms)


def test_an_offset_is_told_with_its_channel() -> None:
    samples = music(2)
    samples[1] -= 0.02
    (finding,) = told(samples)
    assert finding.code == "dc_offset" and finding.params["channel"] == 1
    assert finding.params["offset"] == pytest.approx(-0.02, abs=2e-3)


def test_channels_that_are_one_or_none_or_upside_down_are_told() -> None:
    left = music(2)[0]
    assert told(np.stack([left, left])) == [Finding("mono_as_stereo")]
    assert told(np.stack([left, np.zeros_like(left)])) == [Finding("silent_channel", {"channel": 1})]
    assert [finding.code for finding in told(np.stack([left, -0.9 * left]))] == ["phase_inverted"]
    assert told(left) == []
    assert told(np.stack([left, 0.5 * left])) == []


def test_a_file_of_silence_is_told() -> None:
    assert told(np.zeros((2, RATE))) == [Finding("mostly_silence", {"share": 1.0})]
    assert told(np.concatenate([np.zeros((2, 6 * RATE)), music(2)], axis=1)) == [
        Finding("mostly_silence", {"share": 0.75})
    ]
    assert heard(QualityPart(), np.zeros((2, 0)), RATE).findings[0].code == "mostly_silence"


def test_a_cut_file_is_told_from_the_decoders_doubt() -> None:
    doubts = (Finding("gaps", {"ms": 3}), Finding("cut_short", {"by_ms": 900}))
    found = conclude(Quality(), lossless=False, sample_rate=RATE, doubts=doubts)
    assert found.findings == (Finding("truncated", {"by_ms": 900}),)
    assert conclude(found, lossless=True, sample_rate=RATE, doubts=doubts) == found


@pytest.mark.parametrize(
    ("hz", "kbps"),
    [(11_050, 64), (15_150, 96), (16_000, 128), (17_050, 128), (18_700, 192), (19_400, 224), (20_300, 320)],
)
def test_a_bit_rate_is_that_whose_encoder_would_have_ended_there(hz: int, kbps: int) -> None:
    assert likely_kbps(hz) == kbps


def test_codecs_that_keep_every_sample_are_known() -> None:
    assert all(map(lossless, ("flac", "alac", "pcm_s16le", "wavpack", "dsd_lsbf")))
    assert not any(map(lossless, ("mp3", "aac", "opus", "pcm_mulaw", "vorbis")))
