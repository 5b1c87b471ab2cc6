"""Damage of every kind: bytes that flipped, stretches that are missing or come twice, ends that were cut. Whatever is left is
heard or there is a reason, in a child that never dies and never hangs."""

from __future__ import annotations

import os
import random
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from segue.analysis.decode import blocks
from segue.analysis.errors import Unheard
from segue.core.pool import ProcessPool
from tests.analysis.files import coded, wav
from tests.analysis.sounded import noise

pytestmark = pytest.mark.anyio

NAMES = ("a.wav", "a.mp3", "a.flac", "a.opus", "a.m4a", "a.mka")
SEEDS = 400 if os.environ.get("SEGUE_TEST_LONG") else 12
"""Files of each format."""


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("whole")
    rate = 48_000
    fade = np.linspace(0, 1, rate)
    sound = noise(1, rate) * fade + 0.3 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)
    wav(folder / "a.wav", sound, rate)
    for name in NAMES[1:]:
        coded(folder / name, sound, rate)
    return {name: (folder / name).read_bytes() for name in NAMES}


@pytest.fixture(scope="module")
async def pool() -> AsyncIterator[ProcessPool]:
    async with ProcessPool(1, memory_mb=300) as children:
        yield children


def corrupted(body: bytes, chance: random.Random) -> bytes:
    """The same file after an accident."""
    damaged = bytearray(body)
    for _ in range(chance.choice((1, 1, 2, 5))):
        kind = chance.randrange(6)
        at = chance.randrange(len(damaged)) if chance.random() < 0.6 else chance.randrange(min(400, len(damaged)))
        length = chance.choice((1, 4, 50, 1000, 20_000))
        if kind == 0:
            damaged[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            damaged[at : at + length] = chance.randbytes(min(length, len(damaged) - at))
        elif kind == 2:
            damaged[at : at + length] = bytes(min(length, len(damaged) - at))
        elif kind == 3:
            del damaged[at : at + length]
        elif kind == 4:
            damaged[at:at] = damaged[at : at + length]
        else:
            del damaged[max(at, 1) :]
        damaged = damaged or bytearray(b"\0")
    return bytes(damaged)


def decoded(path: str) -> str:
    """What became of a file: the code of the reason, or `heard`."""
    try:
        with blocks(path) as sound:
            samples = 0
            for block in sound:
                assert np.isfinite(block.samples).all()
                assert np.isfinite(block.mono).all()
                assert block.samples.shape[0] == sound.channels
                samples += block.samples.shape[1]
            assert samples
            assert all(one.code for one in sound.doubts)
    except Unheard as error:
        return error.code
    return "heard"


@pytest.mark.parametrize("name", NAMES)
async def test_damaged_files_are_heard_or_have_a_reason(
    pool: ProcessPool, whole: dict[str, bytes], tmp_path: Path, name: str
) -> None:
    paths = []
    for seed in range(SEEDS):
        path = tmp_path / f"{seed}{Path(name).suffix}"
        path.write_bytes(corrupted(whole[name], random.Random(f"{name} {seed}")))
        paths.append(str(path))
    outcomes = {one.item: one async for one in pool.map_chunks(decoded, paths, chunk=4, deadline_s=30)}
    assert set(outcomes) == set(paths)
    assert {path: one.error for path, one in outcomes.items() if one.error is not None} == {}
    assert sum(one.value == "heard" for one in outcomes.values()) >= SEEDS // 8
