"""A damaged snapshot is found out, and its damaged file named."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest

from segue.catalog.build.building import build
from segue.catalog.build.verifying import verify
from segue.catalog.snapshot.bodies import FILES, Bodies, BodyWriter, Packed
from segue.catalog.snapshot.layout import CATALOG, MANIFEST, SEARCH
from segue.catalog.snapshot.manifest import NoSnapshot, read_manifest, write_manifest
from tests.catalog.build.given import made_up
from tests.waiting import PATIENCE_S


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole") / "snapshot"
    build(made_up(300), folder)
    return folder


@pytest.fixture
def snapshot(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "snapshot"))


def damaged(folder: Path) -> list[str]:
    return [one.file for one in verify(folder).damaged]


def test_a_whole_snapshot_is_whole(snapshot: Path) -> None:
    told = []
    found = verify(snapshot, lambda done, total, what: told.append((done, total)))
    assert found.damaged == () and found.rows == 200 + 60 + 30
    assert (found.bytes, found.bytes) in told


@pytest.mark.parametrize("file", [CATALOG, SEARCH, *FILES])
@pytest.mark.parametrize("seed", range(3))
def test_one_changed_byte_is_found(file: str, seed: int, snapshot: Path) -> None:
    data = bytearray((snapshot / file).read_bytes())
    data[random.Random(seed).randrange(len(data))] ^= 0x10
    (snapshot / file).write_bytes(data)
    assert damaged(snapshot) == [file]


def test_a_file_that_is_short_or_away_is_named(snapshot: Path) -> None:
    with (snapshot / SEARCH).open("r+b") as file:
        file.truncate(5_000)
    (snapshot / CATALOG).unlink()
    assert {one.file: one.why for one in verify(snapshot).damaged} == {
        CATALOG: "no such file or directory",
        SEARCH: f"it has 5,000 bytes, the manifest says {read_manifest(snapshot).parts[SEARCH].bytes:,}",
    }


def test_documents_that_do_not_go_together_are_found_even_where_the_sums_agree(snapshot: Path) -> None:
    rows = _rows(snapshot)
    rows[1] = rows[2]._replace(rank=1)
    with BodyWriter(snapshot, "track") as writer:
        albums = np.array([row.album for row in rows.values()], np.uint32)
        frames, artists = [row.frame for row in rows.values()], [row.artists for row in rows.values()]
        writer.add(np.array(list(rows), np.int64), frames, artists, albums)
    manifest = read_manifest(snapshot)
    from segue.catalog.build.building import _part

    for name in ("track.bodies", "track.index"):
        manifest.parts[name] = _part(snapshot / name)
    write_manifest(snapshot, manifest)
    (found,) = verify(snapshot).damaged
    assert (found.file, found.why) == ("track.bodies", "the id of track 1 does not lead to it")


def _rows(snapshot: Path) -> dict[int, Packed]:
    bodies = Bodies(snapshot, "track", b"")
    found = {row.rank: row for row in bodies.packed()}
    bodies.close()
    return found


def test_a_folder_that_is_no_snapshot_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(NoSnapshot):
        verify(tmp_path)


def test_the_command_builds_and_verifies_and_ends_with_1_where_something_is_damaged(tmp_path: Path) -> None:
    def segue(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "segue", "catalog", *words], capture_output=True, text=True, timeout=PATIENCE_S
        )

    files, out = tmp_path / "files", tmp_path / "snapshot"
    assert segue("synth", "--tracks", "300", "--out", str(files)).returncode == 0
    main, other = str(files / "main_database.sqlite3"), str(files / "track_files.sqlite3")
    made = segue("build", "--main", main, "--files", other, "--out", str(out), "--json")
    said = json.loads(made.stdout)
    assert said["counts"]["tracks"] == 300 and said["bytes"][CATALOG] == (out / CATALOG).stat().st_size
    assert {"snapshot", "seconds", "cpu_seconds", "peak_bytes", "problems"} <= set(said)
    assert "writing tracks" in made.stderr
    assert segue("verify", str(out)).returncode == 0
    (out / MANIFEST).write_bytes((out / MANIFEST).read_bytes()[:40])
    found = segue("verify", str(out), "--json")
    assert found.returncode == 1
    assert msgspec.json.decode(found.stdout)["damaged"][0]["file"] == MANIFEST
    assert segue("build", "--out", str(out)).returncode == 2
