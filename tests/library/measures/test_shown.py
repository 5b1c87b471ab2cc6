"""What a track shows is a pure function of its tags, its edits, what was measured, and a choice."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from segue.library.measures.doubts import doubts_of
from segue.library.measures.records import Measure, Said
from segue.library.measures.shown import COLUMNS, shown
from segue.library.scan.facts import ReplayGain

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def measure(**values: Any) -> Measure:
    return Measure(1, NOW, **values)


HEARD = measure(
    bpm=127.998, bpm_confidence=0.95, tonic=9, mode="minor", key_confidence=0.8, energy=0.7, danceability=0.9,
    loudness_lufs=-8.5, true_peak=1.1, album_loudness_lufs=-9.25, album_true_peak=1.2,
)  # fmt: skip


def test_what_nobody_says_is_shown_as_it_was_measured() -> None:
    found = shown(Said(), HEARD, "tags")
    assert set(found) == set(COLUMNS)
    assert (found["bpm"], found["bpm_measured"]) == (128.0, True)
    assert (found["musical_key"], found["camelot"], found["key_measured"]) == ("Am", "8A", True)
    assert (found["replaygain_track_gain_db"], found["replaygain_track_peak"]) == (-9.5, 1.1)
    assert (found["replaygain_album_gain_db"], found["replaygain_album_peak"]) == (-8.75, 1.2)
    assert (found["gain_measured"], found["gain_from_r128"]) == (True, False)
    assert (found["energy"], found["danceability"], found["loudness_lufs"]) == (0.7, 0.9, -8.5)


def test_a_tag_stands_before_the_measure_unless_a_person_turned_that_round() -> None:
    said = Said(64.0, "C", ReplayGain(-1.0, 0.5))
    found = shown(said, HEARD, "tags")
    assert (found["bpm"], found["bpm_measured"], found["musical_key"], found["camelot"]) == (64.0, False, "C", "8B")
    assert (found["replaygain_track_gain_db"], found["gain_measured"]) == (-1.0, False)
    turned = shown(said, HEARD, "analysis")
    assert (turned["bpm"], turned["bpm_measured"], turned["musical_key"]) == (128.0, True, "Am")
    assert turned["replaygain_track_gain_db"] == -1.0


@pytest.mark.parametrize("prefer", ["tags", "analysis"])
def test_a_person_stands_before_both_also_where_they_say_that_there_is_none(prefer: Any) -> None:
    said = Said(64.0, None, None, frozenset(("bpm", "key")))
    found = shown(said, HEARD, prefer)
    assert (found["bpm"], found["bpm_measured"]) == (64.0, False)
    assert (found["musical_key"], found["camelot"], found["key_measured"]) == (None, None, False)


def test_a_tag_that_names_no_key_gives_way() -> None:
    assert shown(Said(key="none"), HEARD, "tags")["musical_key"] == "Am"
    assert shown(Said(key="none"), None, "tags")["musical_key"] == "none"


def test_each_gain_stands_for_itself_and_a_peak_goes_with_its_gain() -> None:
    only_album = shown(Said(gain=ReplayGain(album_gain=-2.0, album_peak=0.9)), HEARD, "tags")
    assert (only_album["replaygain_track_gain_db"], only_album["gain_measured"]) == (-9.5, True)
    assert (only_album["replaygain_album_gain_db"], only_album["replaygain_album_peak"]) == (-2.0, 0.9)
    no_peak = shown(Said(gain=ReplayGain(track_gain=-2.0)), HEARD, "tags")
    assert (no_peak["replaygain_track_gain_db"], no_peak["replaygain_track_peak"]) == (-2.0, 1.1)
    of_opus = Said(gain=ReplayGain(track_gain=-2.0, from_r128=True))
    assert shown(of_opus, HEARD, "tags")["gain_from_r128"] is True


def test_where_nothing_was_measured_nothing_is_added() -> None:
    silence = shown(Said(120.0, "Am", ReplayGain(-3.0, 0.8, -2.0, 0.9)), measure(), "analysis")
    assert silence == shown(Said(120.0, "Am", ReplayGain(-3.0, 0.8, -2.0, 0.9)), None, "tags")
    assert (silence["bpm"], silence["energy"], silence["gain_measured"]) == (120.0, None, False)


@pytest.mark.parametrize("tagged", [64.0, 256.5, 85.4, 192.0, 42.7])
def test_a_tag_at_another_level_of_the_beat_is_doubted(tagged: float) -> None:
    (doubt,) = doubts_of(tagged, HEARD)
    assert (doubt.code, doubt.params["said"], doubt.params["heard"]) == ("bpm_octave", tagged, 128.0)
    assert "128 were heard" in doubt.sentence


@pytest.mark.parametrize(
    ("tagged", "heard"),
    [(128.5, HEARD), (100.0, HEARD), (None, HEARD), (64.0, None), (64.0, measure(bpm=128.0, bpm_confidence=0.5))],
)
def test_a_tag_near_to_it_or_an_unsure_measure_is_no_reason_to_doubt(
    tagged: float | None, heard: Measure | None
) -> None:
    assert doubts_of(tagged, heard) == []
