"""Workers that download are killed with SIGKILL at random steps while the line has every fault at random: in the end every file
is whole or says why it is not, and nothing that was on the disk was fetched twice.

The seed is fixed; SEGUE_TEST_SEED replays another, and SEGUE_TEST_LONG=1 has twenty times the files and kills.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from segue.core.db import Database
from segue.emulator import Emulator
from segue.emulator.serving import running
from tests.live.downloads import trial
from tests.live.downloads.ground import House

LONG = 20 if os.environ.get("SEGUE_TEST_LONG") == "1" else 1
SEED = int(os.environ.get("SEGUE_TEST_SEED", "1977"))
pytestmark = [
    pytest.mark.anyio,
    pytest.mark.timeout(900 * LONG),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs POSIX signals"),
]


@pytest.fixture
def db_kind() -> str:
    return "sqlite"


async def test_of_many_files_each_is_whole_or_honestly_failed_and_none_fetched_twice(
    db: Database, db_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(SEED)
    root = tmp_path / "live"
    monkeypatch.setattr(Emulator, "__call__", Emulator.__call__)
    with running() as (emulator, url):
        data = trial.add_items(emulator, 4 * LONG, 10, chance)
        house = House(db, url, root)
        await trial.want_all(house, data)
        trial.add_faults(emulator, chance)
        witness = trial.Witness(root)
        witness.watch(emulator)
        kills = trial.kill_and_go_on(db_url, url, root, 3 * LONG, chance)
        outcome = await trial.judged(house, data, root)
        await house.close()
    assert outcome.corrupt == []
    assert outcome.good + outcome.failed == len(data)
    assert witness.wrong == []
    assert kills >= 2 * LONG and witness.resumed >= 1
    assert outcome.failed <= len(data) // 10, outcome.codes
