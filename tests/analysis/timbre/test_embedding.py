"""The embedding: what changes it and what does not. Distances are of features scaled over a small set of made-up pieces."""

from __future__ import annotations

import io

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from segue.analysis.frames import Frames
from segue.analysis.parts import MONO_RATE, Block
from segue.analysis.timbre.layout import SIZE, SLICES
from segue.analysis.timbre.part import TimbrePart
from segue.analysis.timbre.records import Timbre
from tests.analysis.key.played import cadences, drums
from tests.analysis.sounded import Samples, noise

SECONDS = 8


def timbre(samples: Samples, size: int = 10 * MONO_RATE) -> Timbre | None:
    frames, part = Frames(), TimbrePart()
    for at in range(0, len(samples), size):
        mono = samples[at : at + size]
        part.hear_frames(frames.of(Block(mono[None], MONO_RATE, mono)))
    part.hear_frames(frames.last())
    return part.found()


def vector(samples: Samples, size: int = 10 * MONO_RATE) -> NDArray[np.float64]:
    found = timbre(samples, size)
    assert found is not None
    return np.array(found.embedding)


def pieces() -> list[Samples]:
    tunes = [cadences(tonic, mode, SECONDS) for tonic, mode in ((0, "major"), (5, "minor"), (9, "major"))]
    beat = drums(SECONDS)
    hiss = noise(SECONDS, MONO_RATE, channels=1)[0]
    dull = np.convolve(tunes[1], np.ones(24) / 24, "same").astype(np.float32)
    slow = np.repeat(tunes[2], 2)[: len(tunes[2])]
    return [*tunes, beat, tunes[0] + beat, dull, tunes[1] + 0.1 * hiss, slow, 0.7 * beat + 0.3 * hiss]


@pytest.fixture(scope="module")
def known() -> NDArray[np.float64]:
    return np.array([vector(piece) for piece in pieces()])


def nearest(found: NDArray[np.float64], known: NDArray[np.float64]) -> int:
    spread = known.std(axis=0) + 1e-6
    return int(np.argmin(np.linalg.norm((known - found) / spread, axis=1)))


def as_mp3(samples: Samples) -> Samples:
    """Encoded at 128 kbit/s and decoded again."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp3") as container:
        stream = container.add_stream("libmp3lame", rate=MONO_RATE, layout="mono", bit_rate=128_000)
        frame = av.AudioFrame.from_ndarray(samples[None].astype(np.float32), format="fltp", layout="mono")
        frame.sample_rate = MONO_RATE
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    file.seek(0)
    with av.open(file) as container:
        return np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])


def still(seconds: float) -> Samples:
    return np.zeros(round(seconds * MONO_RATE), np.float32)


CHANGES = {
    "quieter": lambda samples: 0.1 * samples,
    "louder": lambda samples: 2.5 * samples,
    "as an MP3": as_mp3,
    "with silence around": lambda samples: np.concatenate([still(3), samples, still(5.5)]),
    "with faint noise": lambda samples: samples + noise(SECONDS, MONO_RATE, channels=1, level=1e-4)[0],
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_piece_is_nearest_to_itself_however_it_was_brought(change: str, known: NDArray[np.float64]) -> None:
    for number, piece in enumerate(pieces()):
        assert nearest(vector(CHANGES[change](piece).astype(np.float32)), known) == number


def test_gain_changes_next_to_nothing(known: NDArray[np.float64]) -> None:
    assert vector(0.25 * pieces()[4]) == pytest.approx(known[4], abs=0.25, rel=0.05)


def test_another_key_leaves_harmony_rhythm_and_level_as_they_are() -> None:
    here, there = vector(cadences(0, "minor", SECONDS)), vector(cadences(3, "minor", SECONDS))
    for group, least in (("harmony", 0.97), ("rhythm", 0.97), ("level", 0.97), ("timbre", 0.9)):
        first, second = here[SLICES[group]], there[SLICES[group]]
        assert first @ second / np.linalg.norm(first) / np.linalg.norm(second) > least, group


def test_blocks_of_any_size_give_the_same() -> None:
    piece = pieces()[4]
    assert vector(piece, size=5_000) == pytest.approx(vector(piece), abs=0.1, rel=0.05)


def test_every_group_has_its_place_and_every_feature_is_a_number(known: NDArray[np.float64]) -> None:
    assert [part.start for part in SLICES.values()] == [0, *(part.stop for part in SLICES.values())][: len(SLICES)]
    assert list(SLICES) == ["timbre", "rhythm", "harmony", "level"]
    assert known.shape[1] == SIZE
    assert np.isfinite(known).all()


@pytest.mark.parametrize("samples", [still(0), still(4), np.full(4 * MONO_RATE, 1e-7, np.float32)])
def test_silence_sounds_like_nothing(samples: Samples) -> None:
    assert timbre(samples) is None


def test_memory_does_not_grow_with_the_length() -> None:
    part, power = TimbrePart(), np.full((400, 1025), 1e-3, np.float32)
    part.hear_frames(power)
    before = sum(value.nbytes for value in vars(part).values() if isinstance(value, np.ndarray))
    for _ in range(5):
        part.hear_frames(power)
    assert sum(value.nbytes for value in vars(part).values() if isinstance(value, np.ndarray)) == before
