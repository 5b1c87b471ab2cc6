"""Waveforms at every zoom and in audiowaveform's formats."""

from __future__ import annotations

import contextlib
import json
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.analysis.records import Waveform
from segue.analysis.waveform import NotAWaveform, as_json, coarser, dat, overview, read, zoomed


@st.composite
def waveforms(draw: st.DrawFn) -> Waveform:
    pixels = draw(st.integers(0, 60))
    pairs = [sorted(draw(st.tuples(st.integers(-128, 127), st.integers(-128, 127)))) for _ in range(pixels)]
    peaks = b"".join(struct.pack("bb", *pair) for pair in pairs)
    rate = draw(st.sampled_from([8000, 44_100, 192_000]))
    return Waveform(
        rate, draw(st.sampled_from([64, 512, 700])), peaks, draw(st.binary(min_size=3 * pixels, max_size=3 * pixels))
    )


def pairs_of(waveform: Waveform) -> list[tuple[int, int]]:
    values = list(memoryview(waveform.peaks).cast("b"))
    return list(zip(values[::2], values[1::2], strict=True))


@settings(max_examples=60, deadline=None)
@given(waveform=waveforms(), first=st.integers(1, 9), second=st.integers(1, 9))
def test_coarser_twice_is_coarser_once_by_both(waveform: Waveform, first: int, second: int) -> None:
    assert coarser(coarser(waveform, first), second) == coarser(waveform, first * second)


@settings(max_examples=60, deadline=None)
@given(waveform=waveforms(), factor=st.integers(1, 9))
def test_no_peak_gets_lost_and_every_minimum_is_under_its_maximum(waveform: Waveform, factor: int) -> None:
    fine, wide = pairs_of(waveform), pairs_of(coarser(waveform, factor))
    assert len(wide) == -(-len(fine) // factor)
    assert all(low <= high for low, high in wide)
    if fine:
        assert min(low for low, _ in wide) == min(low for low, _ in fine)
        assert max(high for _, high in wide) == max(high for _, high in fine)


@settings(max_examples=60, deadline=None)
@given(waveform=waveforms(), bits=st.sampled_from([8, 16]))
def test_what_is_written_reads_the_same(waveform: Waveform, bits: int) -> None:
    back = read(dat(waveform, bits=bits))
    assert (back.sample_rate, back.samples_per_pixel) == (waveform.sample_rate, waveform.samples_per_pixel)
    assert back.peaks == waveform.peaks


@settings(max_examples=80, deadline=None)
@given(data=st.binary(max_size=80))
def test_anything_else_is_refused_and_nothing_more(data: bytes) -> None:
    with contextlib.suppress(NotAWaveform):
        assert len(read(data).peaks) <= len(data)


TWO = Waveform(44_100, 512, struct.pack("4b", -128, 127, -3, 5), bytes([1, 2, 3, 250, 5, 6]))


def test_the_file_is_audiowaveforms_version_2() -> None:
    assert dat(TWO) == struct.pack("<iIiiIi4b", 2, 1, 44_100, 512, 2, 1, -128, 127, -3, 5)
    assert dat(TWO, bits=16) == struct.pack("<iIiiIi4h", 2, 0, 44_100, 512, 2, 1, -32_768, 32_512, -768, 1280)


def test_version_1_and_several_channels_are_read() -> None:
    assert read(struct.pack("<iIiiI2b", 1, 1, 8000, 64, 1, -7, 9)).peaks == struct.pack("2b", -7, 9)
    assert read(struct.pack("<iIiiIi4b", 2, 1, 8000, 64, 1, 2, -7, 9, -50, 3)).peaks == struct.pack("2b", -50, 9)
    assert read(struct.pack("<iIiiIi2h", 2, 0, 8000, 64, 1, 1, -255, 32_767)).peaks == struct.pack("2b", 0, 127)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "short"),
        (struct.pack("<iIiiI", 2, 1, 8000, 64, 1), "short"),
        (struct.pack("<iIiiIi", 3, 1, 8000, 64, 0, 1), "version"),
        (struct.pack("<iIiiIi", 2, 1, 8000, 64, 0, 0), "channels"),
        (struct.pack("<iIiiIi", 2, 1, 8000, 0, 0, 1), "zoom"),
        (struct.pack("<iIiiIi", 2, 1, 8000, 64, 4_000_000_000, 1), "length"),
    ],
)
def test_a_broken_file_says_where(data: bytes, reason: str) -> None:
    with pytest.raises(NotAWaveform) as refused:
        read(data)
    assert refused.value.params == {"reason": reason}


def test_the_json_has_the_names_of_the_format_and_our_bands() -> None:
    document = as_json(TWO)
    assert json.loads(json.dumps(document)) == {
        "version": 2,
        "channels": 1,
        "sample_rate": 44_100,
        "samples_per_pixel": 512,
        "bits": 8,
        "length": 2,
        "data": [-128, 127, -3, 5],
        "bands": [1, 2, 3, 250, 5, 6],
    }
    assert as_json(TWO, bits=16, bands=False)["data"] == [-32_768, 32_512, -768, 1280]
    assert "bands" not in as_json(TWO, bands=False)
    with pytest.raises(NotAWaveform):
        as_json(TWO, bits=12)


def test_a_zoom_is_the_nearest_that_is_as_coarse() -> None:
    assert zoomed(TWO, 100).samples_per_pixel == 512
    assert zoomed(TWO, 513).samples_per_pixel == 1024
    assert as_json(TWO, 1000)["data"] == [-128, 127] and as_json(TWO, 1000)["bands"] == [250, 5, 6]
    with pytest.raises(ValueError, match="finer"):
        coarser(TWO, 0)


def test_an_overview_is_heights_from_0_to_1() -> None:
    assert overview(TWO, 2) == [1.0, 0.039]
    assert overview(TWO, 1) == [1.0]
    assert overview(TWO, 1000) == [1.0, 0.039]
    assert overview(Waveform(8000, 64, b"", b""), 10) == []
