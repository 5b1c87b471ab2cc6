"""From a file that appears to all that is known of it: a real scan, a real worker, real children, real sound."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from segue.core.access import SYSTEM
from segue.core.db import Database
from tests.analysis.files import RATE, wav
from tests.analysis.sounded import sine
from tests.analysis.store.ground import Studio, studio
from tests.waiting import until

pytestmark = pytest.mark.anyio


@pytest.fixture
def db_kind() -> str:
    return "sqlite"


def beat(bpm: float, seconds: float) -> np.ndarray:
    """A kick on every beat, a noise between them, and a chord of A minor over it."""
    rng = np.random.default_rng(5)
    sound = sum(sine(hz, seconds, -24, RATE) for hz in (220.0, 261.63, 329.63, 440.0))
    for number in range(int(seconds * bpm / 30)):
        at = round(number * 30 / bpm * RATE)
        length = min(RATE // 12, len(sound) - at)
        fading = np.exp(-np.arange(length) / (RATE / 60))
        hit = (
            np.sin(2 * np.pi * 60 * np.arange(length) / RATE) if number % 2 == 0 else 0.2 * rng.standard_normal(length)
        )
        sound[at : at + length] += 0.6 * hit * fading
    return np.tile(sound, (2, 1))


async def _state(here: Studio, track: int) -> str:
    return (await here.analysis.of_track(SYSTEM, track)).state


async def test_a_file_that_appears_is_known_soon(db: Database, tmp_path: Path):
    async with studio(db, tmp_path) as here:
        here.ground.listener = here.ground.children = None
        wav(here.home.music / "new.wav", beat(120, 8))
        async with here.worker():
            await here.scan()
            (track,) = await here.home.tracks()
            await until(lambda: _done(here, track.id))
        found = await here.analysis.of_track(SYSTEM, track.id)
        assert found.heard.engine == "segue" and 7_900 < found.heard.duration_ms < 8_100
        assert found.tempo.bpm == pytest.approx(120, rel=0.04) and found.bpm.source == "analysis"
        assert len(found.tempo.beats_ms) >= 14 and found.musical_key.source == "analysis"
        assert -30 < found.heard.loudness.integrated < 0 and 0 <= found.heard.energy.value <= 1
        whole = await here.analysis.heard(found.sound_id)
        assert whole.embedding and len(whole.waveform.peaks) > 1_000
        shown = await here.library.track(track.id, SYSTEM)
        assert shown.bpm == pytest.approx(found.tempo.bpm, abs=0.01) and shown.loudness_lufs is not None
        assert [
            row.title for row in (await here.library.list_tracks(SYSTEM, q="bpm:115-125 key.confidence:>0")).items
        ] == ["new"]
        status = await here.analysis.status()
        assert (status.engine, status.missing, status.states["done"], status.outdated) == ("segue", None, 1, 0)


async def _done(here: Studio, track: int) -> bool:
    await asyncio.sleep(0.05)
    return await _state(here, track) in ("done", "failed")
