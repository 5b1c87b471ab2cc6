"""Damaged files of every format, thousands of them: the reader answers each one, quickly, and never raises.

Each case is made from its seed alone, so a failure names what to run again: `damage(fmt, seed)`.
"""

from __future__ import annotations

import os
import pickle
import random
import time
from functools import lru_cache
from pathlib import Path

import pytest

from segue.library.scan.facts import FileFacts
from segue.library.scan.problems import Problem, ProblemCode, plays, sentence
from segue.library.scan.read import read_file
from tests.library.media import FORMATS, noise, png, tagged

ROUNDS = 2_000 * (20 if os.environ.get("SEGUE_TEST_LONG") == "1" else 1)
DEADLINE_S = 60.0
"""What one small file may take, with very much room for a busy machine; a hang is minutes."""

_TAGS = {
    "title": "Tïtle",
    "artist": ["One", "Two"],
    "album": "Album",
    "date": "1977-05-08",
    "tracknumber": "3",
    "tracktotal": "9",
    "genre": ["Rock", "Folk"],
    "musicbrainz_artistid": ["0b0d0f6e-0000-4000-8000-000000000001", "0b0d0f6e-0000-4000-8000-000000000002"],
    "lyrics": "[00:01.00]La\n[00:02.00]La",
    "replaygain_track_gain": "-3.5 dB",
}


@lru_cache
def seed_file(fmt: str) -> bytes:
    return tagged(fmt, seconds=0.2, tags=_TAGS, cover=png())


def damage(fmt: str, seed: int) -> bytes:
    """Return a damaged file: bits flipped, cut short, pieces overwritten, repeated, dropped or swapped in from elsewhere."""
    chance = random.Random(f"{fmt}-{seed}")
    data = bytearray(seed_file(fmt))
    for _ in range(chance.randint(1, 4)):
        if not data:
            break
        # Headers and tags are where parsers live: most damage goes to the first and last 2 KiB.
        near = min(len(data), 2048)
        at = chance.choice(
            (chance.randrange(near), len(data) - 1 - chance.randrange(near), chance.randrange(len(data)))
        )
        match chance.randrange(9):
            case 0 | 1:
                for _ in range(chance.randint(1, 12)):
                    data[(at + chance.randrange(64)) % len(data)] ^= 1 << chance.randrange(8)
            case 2:
                del data[at:]
            case 3:
                del data[at : at + chance.randint(1, 600)]
            case 4:
                data[at : at + 4] = chance.choice((b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\0", b"\0\0\0\1"))
            case 5:
                data[at : at + 8] = b"\xff" * 8
            case 6:
                other = seed_file(chance.choice(tuple(FORMATS)))
                start = chance.randrange(len(other))
                data[at:at] = other[start : start + chance.randint(1, 3000)]
            case 7:
                data[at:at] = data[max(0, at - chance.randint(1, 400)) : at] * chance.randint(1, 30)
            case 8:
                data[at : at + chance.randint(1, 300)] = noise(chance.randint(1, 300), seed)
    return bytes(data)


def check(facts: FileFacts) -> None:
    """What holds for the facts of any file whatever."""
    assert (facts.tags is None) == (not plays(facts.problem)), facts.problem
    for problem in (facts.problem, *facts.doubts):
        if problem is not None:
            assert problem.code in set(ProblemCode)
            assert "{" not in sentence(Problem(problem.code, problem.params)), problem
    assert 0 <= facts.duration_ms < 2**31
    assert 0 <= facts.bitrate_kbps < 2**31
    assert 0 <= facts.sample_rate_hz < 2**31
    assert 0 <= facts.channels < 2**16
    assert 0 <= facts.bit_depth < 2**16
    assert facts.audio_key is None or len(facts.audio_key) == 16
    assert sum(len(k) + len(v) for k, values in (facts.raw or {}).items() for v in values) <= 66_000
    pickled = pickle.dumps(facts)
    assert pickle.loads(pickled) == facts
    assert len(pickled) < 2_000_000
    if facts.tags is not None:
        for text in (facts.tags.title, facts.tags.album, facts.tags.artist_display, *facts.tags.genres):
            assert text is None or (text.strip() == text and text and "\0" not in text)
            if text:
                text.encode()


@pytest.mark.parametrize("fmt", FORMATS)
def test_no_damage_raises_or_hangs(tmp_path: Path, fmt: str) -> None:
    root = bytes(tmp_path)
    name = f"x.{FORMATS[fmt]}".encode()
    for seed in range(ROUNDS // len(FORMATS)):
        data = damage(fmt, seed)
        (tmp_path / name.decode()).write_bytes(data)
        began = time.monotonic()
        try:
            check(read_file(root, name))
        except Exception as error:
            raise AssertionError(f"damage({fmt!r}, {seed})") from error
        assert time.monotonic() - began < DEADLINE_S, f"damage({fmt!r}, {seed}) took too long"


@pytest.mark.parametrize("fmt", FORMATS)
def test_every_length_of_a_cut_file_is_answered(tmp_path: Path, fmt: str) -> None:
    data = seed_file(fmt)
    chance = random.Random(fmt)
    lengths = {*range(0, 256, 5), *(chance.randrange(len(data)) for _ in range(40)), len(data) - 1}
    for length in sorted(lengths):
        (tmp_path / "x").write_bytes(data[:length])
        check(read_file(bytes(tmp_path), b"x"))
