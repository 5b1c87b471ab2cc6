"""Keys in every notation, and back."""

from __future__ import annotations

import pytest

from segue.analysis.key import names, parse
from segue.analysis.records import Mode
from segue.library.musical_keys import camelot_of

KEYS: list[tuple[int, Mode]] = [(tonic, mode) for tonic in range(12) for mode in ("major", "minor")]
WORDS: dict[Mode, tuple[str, ...]] = {"major": ("", " major", "maj", "-Dur"), "minor": ("m", " minor", "min", "-Moll")}


@pytest.mark.parametrize(("tonic", "mode"), KEYS)
def test_each_spelling_of_a_key_is_read_as_that_key(tonic: int, mode: Mode) -> None:
    said = names(tonic, mode)
    assert {parse(text) for text in said} == {(tonic, mode)}
    for text in (said.flat, said.sharp, said.preferred):
        note = text.removesuffix("m")
        for word in WORDS[mode]:
            if word in ("-Dur", "-Moll") and note == "B":
                note = "H"
            assert parse(note + word) == (tonic, mode), note + word


@pytest.mark.parametrize(("tonic", "mode"), KEYS)
def test_the_wheel_of_analysis_is_that_of_tags(tonic: int, mode: Mode) -> None:
    said = names(tonic, mode)
    assert said.camelot == camelot_of(said.open_key) == camelot_of(said.preferred)


@pytest.mark.parametrize(
    ("tonic", "mode", "said"),
    [
        (9, "minor", ("8A", "1m", "Am", "Am", "Am")),
        (0, "major", ("8B", "1d", "C", "C", "C")),
        (3, "minor", ("2A", "7m", "Ebm", "D#m", "Ebm")),
        (6, "major", ("2B", "7d", "Gb", "F#", "F#")),
        (8, "minor", ("1A", "6m", "Abm", "G#m", "G#m")),
        (10, "major", ("6B", "11d", "Bb", "A#", "Bb")),
    ],
)
def test_keys_are_called_as_musicians_call_them(tonic: int, mode: Mode, said: tuple[str, ...]) -> None:
    assert tuple(names(tonic, mode)) == said


def test_there_is_no_thirteenth_tonic() -> None:
    with pytest.raises(ValueError):
        names(12, "major")
