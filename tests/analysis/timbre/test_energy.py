"""Energy and danceability follow their definitions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from segue.analysis.records import Energy, Loudness
from segue.analysis.timbre.energy import REFERENCE, danceability, energy, of_ten
from segue.analysis.timbre.records import Timbre

USUAL = Timbre(
    embedding=(), onsets_a_second=3.6, flux=1.0, low_flux=0.3, centroid_octaves=2.6, low_regularity=0.35
)  # fmt: skip


def loud(integrated: float | None, range: float | None = 6.0) -> Loudness:
    return Loudness(integrated=integrated, range=range, true_peak=-1.0, sample_peak=-1.0)


def of(timbre: Timbre, loudness: Loudness) -> Energy:
    found = energy(timbre, loudness)
    assert found is not None
    return found


def test_what_is_usual_in_everything_is_in_the_middle() -> None:
    found = of(USUAL, loud(-14.0))
    assert found.value == 0.5
    assert set(found.parts) == set(REFERENCE)
    assert all(abs(part) < 1e-9 for part in found.parts.values())


@pytest.mark.parametrize(
    ("timbre", "loudness"),
    [
        (USUAL, loud(-8.0)),
        (USUAL, loud(-14.0, 3.0)),
        (replace(USUAL, onsets_a_second=6.0), loud(-14.0)),
        (replace(USUAL, low_flux=0.6), loud(-14.0)),
        (replace(USUAL, centroid_octaves=3.4), loud(-14.0)),
    ],
    ids=["louder", "more even", "more onsets", "more low end", "brighter"],
)
def test_each_part_adds_to_it(timbre: Timbre, loudness: Loudness) -> None:
    assert of(timbre, loudness).value > 0.55


def test_no_part_decides_alone() -> None:
    assert of(USUAL, loud(-60.0)).value > 0.2
    assert of(replace(USUAL, onsets_a_second=1_000.0), loud(-14.0)).value < 0.8


def test_without_loudness_there_is_no_energy() -> None:
    assert energy(USUAL, None) is None
    assert energy(USUAL, loud(None, None)) is None


def test_djs_count_from_one_to_ten() -> None:
    assert [of_ten(value) for value in (0.0, 0.05, 0.1, 0.11, 0.7, 0.95, 1.0)] == [1, 1, 1, 2, 7, 10, 10]


def test_danceability_needs_a_steady_beat_and_a_regular_low_end() -> None:
    regular = replace(USUAL, low_regularity=0.9)
    assert danceability(regular, 1.0) == 1.0
    assert danceability(regular, 0.0) == danceability(replace(USUAL, low_regularity=0.0), 1.0) == 0.0
    assert danceability(USUAL, 0.5) < danceability(USUAL, 0.8) < danceability(regular, 0.8)
