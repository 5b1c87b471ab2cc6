"""Which keys and tempos go together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.analysis.mixing.keys import ALLOWED, SCORES, at_hour, compatible, fit, hour, relation
from segue.analysis.mixing.records import PROFILES, Key, Manner, Relation
from segue.analysis.mixing.tempo import match, windows
from segue.library.musical_keys import key_of, place_of

KEYS = st.builds(Key, st.integers(0, 11), st.sampled_from(["major", "minor"]))


def key(text: str) -> Key:
    found = key_of(text)
    assert found is not None
    return Key(*found)


@given(one=KEYS)
def test_hours_are_those_of_the_wheel(one: Key) -> None:
    assert place_of(one.tonic, one.mode)[:-1] == str(hour(one))
    assert at_hour(hour(one), one.mode) == one


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("8A", "8A", "same"),
        ("8A", "9A", "fifth_up"),
        ("12B", "1B", "fifth_up"),
        ("1A", "12A", "fifth_down"),
        ("8A", "8B", "relative"),
        ("8B", "8A", "relative"),
        ("8A", "7B", "diagonal"),
        ("7B", "8A", "diagonal"),
        ("1A", "12B", "diagonal"),
        ("8A", "10A", "two_fifths_up"),
        ("8A", "6A", "apart"),
        ("8A", "3A", "semitone_up"),
        ("Am", "Bbm", "semitone_up"),
        ("Am", "A", "parallel"),
        ("C", "Cm", "parallel"),
        ("8A", "9B", "apart"),
        ("8A", "2A", "apart"),
    ],
)
def test_what_one_key_is_to_another(first: str, second: str, expected: Relation) -> None:
    assert relation(key(first), key(second)) == expected


@given(first=KEYS, second=KEYS)
def test_neighbours_are_so_in_both_directions(first: Key, second: Key) -> None:
    backwards: dict[Relation, Relation] = {"fifth_up": "fifth_down", "fifth_down": "fifth_up"}
    there, back = relation(first, second), relation(second, first)
    if there in ("same", "relative", "diagonal", "parallel", "fifth_up", "fifth_down"):
        assert back == backwards.get(there, there)


def test_every_profile_allows_what_the_one_before_does() -> None:
    strict, standard, adventurous = (ALLOWED[profile] for profile in PROFILES)
    assert strict < standard < adventurous
    am = key("8A")
    assert [place_of(k.tonic, k.mode) for _, k in compatible(am, "strict")] == ["8A", "7A", "9A", "8B"]
    assert len(compatible(am, "standard")) == 5 and len(compatible(am, "adventurous")) == 8


def test_without_key_lock_keys_are_compared_as_they_sound() -> None:
    semitone = 2 ** (1 / 12)
    free = Manner(pitch_limit=0.08, key_lock=False)
    assert fit(key("Am"), key("G#m"), semitone, free)[:2] == ("same", 1.0)
    assert fit(key("Am"), key("Am"), semitone, free).relation == "apart"
    assert fit(key("Am"), key("Am"), semitone, Manner()).relation == "same"
    off = fit(key("Am"), key("Am"), 1.02, free)
    assert off.relation == "same" and off.cents == pytest.approx(34.3, abs=0.1) and 0.5 < off.score < 0.7
    assert fit(key("Am"), key("Am"), 1.006, free).score == 1


def test_an_unknown_key_is_neither_good_nor_bad() -> None:
    assert fit(None, key("Am"), 1, Manner()) == ("unknown", SCORES["unknown"], 0)


def test_tempos_come_together_within_the_limit_and_by_octaves() -> None:
    assert match(124, 124, Manner()) == (1, 1, 1, True)
    near = match(124, 126, Manner())
    assert near.fits and near.rate == pytest.approx(124 / 126) and near.factor == 1
    assert match(170, 86, Manner()).factor == 0.5 and match(86, 170, Manner()).factor == 2
    assert not match(120, 130, Manner()).fits and match(120, 130, Manner(pitch_limit=0.08)).fits
    assert not match(120, 90, Manner()).fits
    three = match(120, 180, Manner("adventurous"))
    assert three.fits and three.factor == 1.5 and three.score < near.score
    assert not match(None, 120, Manner()).fits


@given(first=st.floats(50, 220), second=st.floats(50, 220), profile=st.sampled_from(PROFILES))
def test_what_fits_lies_within_the_windows_and_keeps_the_limit(first: float, second: float, profile: str) -> None:
    manner = Manner(profile)  # type: ignore[arg-type]
    found = match(first, second, manner)
    inside = any(low - 1e-6 <= second <= high + 1e-6 for low, high in windows(first, manner))
    assert found.fits == inside or abs(abs(found.rate - 1) - manner.pitch_limit) < 1e-6
    assert 0 <= found.score <= 1 and abs(found.rate - 1) <= manner.pitch_limit + 1e-6
    if found.fits:
        assert second * found.rate / found.factor == pytest.approx(first)
