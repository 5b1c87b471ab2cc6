"""From loudness to the gains of tags."""

from __future__ import annotations

import pytest

from segue.analysis.loudness import gain_db, linear_peak, r128_gain


def test_replaygain_brings_to_minus_18() -> None:
    assert gain_db(-18) == 0 and gain_db(-8.5) == -9.5 and gain_db(-30) == 12


def test_opus_is_brought_to_minus_23_in_256ths() -> None:
    assert r128_gain(-23) == 0
    assert r128_gain(-13) == -2560
    assert r128_gain(-23.5) == 128
    assert r128_gain(-200) == 32_767


def test_a_peak_is_of_full_scale() -> None:
    assert linear_peak(0) == 1 and linear_peak(-6.0206) == pytest.approx(0.5, abs=1e-4)
    assert linear_peak(1.5) > 1
