"""A build is killed at any of its steps, or finds its disk full: what is served stays, and the next build ends the work.

The seed is fixed; SEGUE_TEST_SEED replays another, and SEGUE_TEST_LONG=1 kills at every step.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
from pathlib import Path

import pytest

from segue.catalog.build.building import build
from segue.catalog.snapshot.manifest import previous, read_manifest
from segue.catalog.snapshot.opening import finish_swap, open_snapshot
from tests.catalog.build import building_worker
from tests.catalog.build.building_worker import source
from tests.catalog.build.compared import compare
from tests.waiting import PATIENCE_S

LONG = os.environ.get("SEGUE_TEST_LONG") == "1"
SEED = int(os.environ.get("SEGUE_TEST_SEED", "1965"))
KILLS = 14
pytestmark = [
    pytest.mark.timeout(7_200 if LONG else 900),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs POSIX signals"),
]

server = multiprocessing.get_context("forkserver") if hasattr(os, "fork") else None


def run(target: str, *arguments: object) -> int | None:
    """The exit code of a worker's function in a process of its own."""
    assert server is not None
    server.set_forkserver_preload(["tests.catalog.build.building_worker"])
    process = server.Process(target=getattr(building_worker, target), args=arguments)
    process.start()
    process.join(PATIENCE_S)
    return process.exitcode


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """A snapshot of version 1, and how many steps a build of version 2 has."""
    folder = tmp_path_factory.mktemp("ground")
    build(source(1), folder / "served")
    assert run("work", str(folder / "counted"), 2, 0, str(folder / "steps")) == 0
    return folder / "served", int((folder / "steps").read_text())


def test_a_kill_at_any_step_leaves_what_is_served_and_the_next_build_ends_the_work(
    ground: tuple[Path, int], tmp_path: Path
) -> None:
    served, steps = ground
    assert steps > 150
    old = read_manifest(served).id
    chance = random.Random(SEED)
    points = (
        range(1, steps + 1) if LONG else sorted({*chance.sample(range(1, steps - 12), KILLS), *range(steps - 8, steps)})
    )
    for point in points:
        out = tmp_path / f"at-{point}"
        shutil.copytree(served, out)
        assert run("work", str(out), 2, point, str(tmp_path / "said")) == -9
        finish_swap(out)
        backend = open_snapshot(out)
        known = backend.id
        backend.close_now()
        if known == old:
            compare(out, source(1))
        again = build(source(2), out)
        compare(out, source(2))
        assert again.problems == {}
        assert read_manifest(previous(out)).id == known or known == again.id
        assert {path.name for path in tmp_path.iterdir()} == {out.name, previous(out).name}
        shutil.rmtree(previous(out))
        shutil.rmtree(out)


def test_kills_again_and_again_do_not_begin_the_work_anew(ground: tuple[Path, int], tmp_path: Path) -> None:
    """Every process comes so many steps far: fewer than a build has, but they add up."""
    _, steps = ground
    out = tmp_path / "snapshot"
    for _ in range(40):
        if run("work", str(out), 2, steps // 3, str(tmp_path / "said")) == 0:
            break
    else:
        pytest.fail("it never ended")
    compare(out, source(2))


def test_a_full_disk_is_named_and_nothing_is_put_into_place(ground: tuple[Path, int], tmp_path: Path) -> None:
    served, _ = ground
    old = read_manifest(served).id
    out = tmp_path / "snapshot"
    shutil.copytree(served, out)
    for most_bytes in (50, 3_000, 12_000, 40_000, 70_000):
        assert run("work_with_little_room", str(out), 2, most_bytes, str(tmp_path / "said")) == 0
        said = (tmp_path / "said").read_text()
        assert said.startswith("no_room") and "snapshot.building" in said, (most_bytes, said)
        assert read_manifest(out).id == old
    built = build(source(2), out)
    assert built.resumed
    compare(out, source(2))
