from __future__ import annotations

import bz2
import gzip
import lzma
import random
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from segue.catalog.sources.archives import Archive, Lines
from segue.catalog.sources.compressed import Broken, Compressed
from tests.catalog.dumps import tar

DATA = b"".join(f"{number} {random.Random(number).random()}\n".encode() for number in range(60_000))
PACKED: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "xz": lambda data: lzma.compress(data[:500_000], preset=0) + lzma.compress(data[500_000:], preset=0),
    "gz": lambda data: gzip.compress(data, 1),
    "bz2": lambda data: bz2.compress(data, 1),
    "zst": lambda data: zstandard.compress(data[:500_000]) + zstandard.compress(data[500_000:]),
}


@pytest.mark.parametrize("kind", PACKED)
def test_files_are_unpacked_by_what_they_are(tmp_path: Path, kind: str) -> None:
    (tmp_path / "file").write_bytes(PACKED[kind](DATA))
    with Compressed(tmp_path / "file") as file:
        parts = []
        while part := file.read():
            parts.append(part)
            assert 0 < file.done <= file.size
        assert b"".join(parts) == DATA and file.read() == b"" and file.done == file.size


@pytest.mark.parametrize("kind", ["xz", "gz", "bz2"])
def test_what_comes_before_the_end_of_a_cut_file_is_given(tmp_path: Path, kind: str) -> None:
    packed = PACKED[kind](DATA)
    (tmp_path / "file").write_bytes(packed[: len(packed) * 3 // 4])
    found = b""
    with Compressed(tmp_path / "file") as file:
        with pytest.raises(Broken, match="cannot be read beyond byte"):
            while part := file.read():
                found += part
        with pytest.raises(Broken):
            file.read()
    assert len(found) > len(DATA) // 2 and DATA.startswith(found)


def test_whoever_stops_early_leaves_nothing_running(tmp_path: Path) -> None:
    (tmp_path / "file.xz").write_bytes(PACKED["xz"](DATA * 8))
    lines = iter(Lines(tmp_path / "file.xz", None))
    next(lines)
    lines.close()  # type: ignore[attr-defined]
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("unpacking")]


def test_members_of_an_archive_may_be_passed_over(tmp_path: Path) -> None:
    long_name = f"mbdump/{'x' * 150}"
    members = {"A": b"", "mbdump/one": DATA[:1_000], long_name: DATA[:513], "last": DATA}
    (tmp_path / "all.tar").write_bytes(tar(members))
    with Compressed(tmp_path / "all.tar") as file:
        found = {name: b"".join(parts) if name != "mbdump/one" else b"" for name, parts in Archive(file)}
    assert found == members | {"mbdump/one": b""}


def test_lines_go_on_behind_a_position_anywhere(tmp_path: Path) -> None:
    (tmp_path / "file.gz").write_bytes(gzip.compress(DATA, 1))
    wanted = DATA.splitlines()
    for number in (1, 777, 59_999, 60_000):
        at = sum(len(line) + 1 for line in wanted[:number])
        assert list(Lines(tmp_path / "file.gz", None, at)) == wanted[number:]
