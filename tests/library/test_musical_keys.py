import pytest

from segue.library.musical_keys import CAMELOT, camelot_of, key_of


@pytest.mark.parametrize(
    ("key", "place"),
    [
        ("Am", "8A"), ("A minor", "8A"), ("a-moll", "8A"), ("8A", "8A"), ("08a", "8A"), ("1m", "8A"),
        ("C", "8B"), ("C major", "8B"), ("C-Dur", "8B"), ("1d", "8B"),
        ("F#m", "11A"), ("F♯ minor", "11A"), ("Gb", "2B"), ("Bbm", "3A"), ("Abm", "1A"), ("G#m", "1A"),
        ("h-moll", "10A"), ("Es-dur", "5B"), ("B", "1B"), ("EM", "12B"), ("Em", "9A"), ("12B", "12B"),
        ("o", None), ("", None), (None, None), ("13A", None), ("Ambient", None), ("x" * 200, None),
    ],
)  # fmt: skip
def test_a_key_has_its_place_on_the_wheel_however_it_is_spelled(key: str | None, place: str | None) -> None:
    assert camelot_of(key) == place


def test_each_place_of_the_wheel_is_itself() -> None:
    assert [camelot_of(place) for place in CAMELOT] == list(CAMELOT)
    assert len(set(CAMELOT)) == 24


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Am", (9, "minor")), ("8A", (9, "minor")), ("1m", (9, "minor")), ("1d", (0, "major")), ("Ebm", (3, "minor")),
        ("D#m", (3, "minor")), ("B-dur", (10, "major")), ("b-moll", (10, "minor")), ("H-dur", (11, "major")),
        ("Bb", (10, "major")), ("B", (11, "major")), ("Cb", (11, "major")), ("off", None),
    ],
)  # fmt: skip
def test_a_key_has_a_tonic_and_a_mode(text: str, key: tuple[int, str] | None) -> None:
    assert key_of(text) == key
