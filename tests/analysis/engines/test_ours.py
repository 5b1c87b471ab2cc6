"""Our engine: every part hears one decoding, and a part that fails is missing alone."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segue.analysis.ours import NAME, VERSION, engine
from segue.analysis.ours.child import GRACE_S, deadline_s
from segue.analysis.records import Finding, Heard, Knowledge
from tests.analysis.files import RATE, coded, tone, wav

CHORDS = ((0, 3, 7), (5, 8, 12), (7, 11, 14), (0, 3, 7))
"""Semitones over A: the first, fourth, fifth and first degree of A minor."""


def music(seconds: float = 8.0, bpm: float = 120.0, rate: int = RATE) -> Any:
    """Chords of A minor, a bar each, over a drum on every beat: (2, n)."""
    at = np.arange(round(seconds * rate)) / rate
    sound = np.zeros(len(at))
    bar = (at * bpm / 240).astype(int) % len(CHORDS)
    for number, chord in enumerate(CHORDS):
        here = bar == number
        for note in (chord[0] - 24, *chord, chord[0] + 12):
            for overtone in range(1, 6):
                sound[here] += np.sin(2 * np.pi * 220 * 2 ** (note / 12) * overtone * at[here]) * 0.04 / overtone
    since = at % (60 / bpm)
    drum = 0.5 * np.sin(2 * np.pi * 60 * since) * np.exp(-since * 25)
    return np.stack([sound + drum, sound + 0.9 * drum])


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wav(tmp_path_factory.mktemp("song") / "song.wav", music())


@pytest.fixture(scope="module")
def heard(song: Path) -> Heard:
    return engine.listen(song)


def test_every_part_says_something(heard: Heard) -> None:
    assert (heard.engine, heard.version, heard.duration_ms) == (NAME, VERSION, 8000)
    assert (heard.sample_rate, heard.channels) == (RATE, 2)
    assert heard.doubts == ()
    for name in ("tempo", "key", "loudness", "energy", "danceability", "shape", "quality", "waveform", "embedding"):
        assert getattr(heard, name) is not None, name
    assert heard.seconds > 0


def test_what_is_heard_is_what_was_played(heard: Heard) -> None:
    assert heard.tempo is not None
    assert heard.tempo.bpm is not None
    assert min(abs(heard.tempo.bpm * ratio - 120) for ratio in (0.5, 1, 2)) < 2
    assert heard.key is not None
    assert (heard.key.tonic, heard.key.mode) in ((9, "minor"), (0, "major"))


def test_a_slice_is_heard_alone(song: Path) -> None:
    part = engine.listen(song, start_ms=2000, end_ms=7000)
    assert part.duration_ms == 5000
    assert part.tempo is not None
    assert all(0 <= beat <= 5000 for beat in part.tempo.beats_ms)


def test_a_persons_word_is_the_tempo(song: Path) -> None:
    said = engine.listen(song, knowledge=Knowledge(said=60.0))
    assert said.tempo is not None
    assert said.tempo.bpm == pytest.approx(60, rel=0.02)


@pytest.mark.parametrize("part", ["loudness", "tempo", "key", "timbre", "waveform", "shape", "quality"])
def test_a_part_that_fails_is_missing_alone(song: Path, monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    class Broken:
        def hear(self, *_: Any) -> None:
            raise ZeroDivisionError("on purpose")

        hear_frames = hear

    kinds = {name: kind for name, kind in engine.KINDS.items() if name in ("frames", "loudness", "key")}
    monkeypatch.setattr(engine, "KINDS", kinds | {part: Broken})
    heard = engine.listen(song)
    assert heard.doubts == (Finding("part_failed", {"part": part, "error": "ZeroDivisionError"}),)
    assert (heard.key is None) == (part == "key")
    assert (heard.loudness is None) == (part == "loudness")


def test_a_part_that_fails_at_its_end_or_its_beginning_is_missing_alone(
    song: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ends:
        def hear(self, *_: Any) -> None:
            pass

        def found(self) -> None:
            raise ValueError("on purpose")

    def begins() -> None:
        raise OSError("on purpose")

    monkeypatch.setattr(engine, "KINDS", {**engine.KINDS, "waveform": Ends, "shape": begins})
    heard = engine.listen(song)
    assert {one.params["part"] for one in heard.doubts} == {"waveform", "shape"}
    assert heard.tempo is not None
    assert heard.energy is not None


def test_without_the_shared_frames_nothing_is_made_up(song: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Frames:
        def of(self, _: Any) -> None:
            raise ValueError("on purpose")

    monkeypatch.setattr(engine, "KINDS", {**engine.KINDS, "frames": Frames})
    heard = engine.listen(song)
    assert (heard.tempo, heard.embedding, heard.energy) == (None, None, None)
    assert heard.key is not None
    assert [one.params["part"] for one in heard.doubts] == ["frames"]


@pytest.mark.parametrize(
    ("name", "sound", "rate"),
    [
        ("silence", np.zeros((2, RATE * 3)), RATE),
        ("one click", np.eye(1, RATE, 4000), RATE),
        ("a fifth of a second", tone(0.2), RATE),
        ("one sample", tone(1 / RATE), RATE),
        ("8 kHz mono", music(4, rate=8000)[:1], 8000),
        ("384 kHz", music(1, rate=384_000), 384_000),
        ("7.1", np.tile(music(2, rate=48_000), (4, 1)), 48_000),
        ("numbers that are none", np.where(np.arange(RATE) % 100, music(1), np.nan), RATE),
        ("an offset", music(2) * 0.3 + 0.4, RATE),
        ("clipped", music(3) * 10, RATE),
        ("full-scale noise", np.random.default_rng(1).choice([-1.0, 1.0], (2, RATE)), RATE),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_strange_sound_is_heard_without_a_failing_part(tmp_path: Path, name: str, sound: Any, rate: int) -> None:
    heard = engine.listen(wav(tmp_path / "a.wav", sound, rate, "flt" if "none" in name else "s16"))
    assert [one for one in heard.doubts if one.code == "part_failed"] == []
    for value in (heard.energy and heard.energy.value, heard.danceability, heard.tempo and heard.tempo.confidence):
        assert value is None or 0 <= value <= 1
    if heard.embedding is not None:
        assert np.isfinite(heard.embedding).all()
    if name == "silence":
        assert heard.key is None
        assert heard.tempo is None or heard.tempo.bpm is None
        assert heard.loudness is not None
        assert heard.loudness.integrated is None


def test_of_a_long_sound_tempo_and_key_are_those_of_its_beginning(song: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "LONGEST_S", {"tempo": 5.0, "key": 5.0})
    heard = engine.listen(song)
    assert heard.tempo is not None
    assert max(heard.tempo.beats_ms) <= 5000
    assert {(one.code, one.params["heard_ms"]) for one in heard.doubts} == {
        ("tempo_in_part", 5000),
        ("key_in_part", 5000),
    }
    assert heard.duration_ms == 8000
    assert heard.shape is not None
    assert heard.shape.sound_end_ms > 7900


def test_damage_is_told_beside_what_was_heard(tmp_path: Path) -> None:
    path = coded(tmp_path / "a.mp3", music(4))
    body = path.read_bytes()
    path.write_bytes(body[: len(body) // 2])
    heard = engine.listen(path)
    assert [one.code for one in heard.doubts] == ["cut_short"]
    assert heard.loudness is not None


def test_how_long_a_file_may_take_follows_its_length() -> None:
    assert deadline_s(0, 0) == GRACE_S
    assert deadline_s(0, 240_000) == GRACE_S + 24
    assert deadline_s(10_000_000) > deadline_s(1_000_000) > GRACE_S


def test_what_a_damaged_file_was_guessed_to_be_has_no_loudness(tmp_path: Path) -> None:
    """A decoder makes samples far above full scale of bytes that were overwritten: no gain may follow from them."""
    noise = np.random.default_rng(1977).normal(0, 0.2, (2, 4 * RATE))
    whole = coded(tmp_path / "noise.m4a", noise).read_bytes()
    heard = [_overwritten(whole, seed, tmp_path / f"{seed}.m4a") for seed in range(12)]
    unsure = [one for one in heard if any(doubt.code == "loudness_unsure" for doubt in one.doubts)]
    assert unsure
    assert all(one.loudness is None for one in unsure)
    assert all(one.loudness is not None for one in heard if not one.doubts)


def _overwritten(whole: bytes, seed: int, path: Path) -> Heard:
    chance = random.Random(seed)
    cut = bytearray(whole)
    for _ in range(60):
        cut[chance.randrange(len(cut) // 5, len(cut) * 4 // 5)] = chance.randrange(256)
    path.write_bytes(cut)
    return engine.listen(path)
