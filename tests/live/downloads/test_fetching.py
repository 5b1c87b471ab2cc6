"""A recording is fetched and proven, whatever the line and the archive do."""

from __future__ import annotations

import hashlib

import pytest

from segue.emulator import Emulator
from segue.emulator.archive import Archive
from tests.live.downloads.ground import House, show

pytestmark = pytest.mark.anyio
ITEM = "gd1977-05-08.test"


async def test_a_recording_that_is_wanted_is_here_whole_and_verified(house: House, archive: Archive) -> None:
    files = show()
    archive.add(ITEM, files)
    row = await house.fetch(ITEM)
    assert (row.state, row.verified, row.error) == ("done", "whole", None)
    assert house.on_disk(ITEM) == files
    kept = await house.files(row.id)
    assert {file.verified for file in kept.values()} == {"md5"}
    assert row.done_bytes == row.size_bytes == sum(map(len, files.values()))
    assert (row.done_count, row.file_count) == (6, 6)
    assert all(file.doubts is None for file in kept.values())
    assert kept["showt01.flac"].md5 == hashlib.md5(files["showt01.flac"]).hexdigest()
