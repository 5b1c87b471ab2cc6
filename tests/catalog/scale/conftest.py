"""One small catalogue, made up, as a snapshot and as four shards of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from segue.catalog.build.building import Options, build
from segue.catalog.local import LocalBackend
from segue.catalog.scale.splitting import split
from segue.catalog.snapshot.opening import open_snapshot
from segue.catalog.sources import open_source
from segue.catalog.synth import tables
from segue.catalog.synth.making import make

TRACKS = 1_000
SHARDS = 4


@pytest.fixture(scope="package")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    make(folder, TRACKS)
    source = open_source(main=folder / tables.MAIN, files=folder / tables.FILES, scratch=folder / "scratch")
    build(source, folder / "snapshot", Options(trigram=True))
    return folder / "snapshot"


@pytest.fixture(scope="package")
def whole(built: Path) -> Iterator[LocalBackend]:
    backend = open_snapshot(built, threads=1)
    yield backend
    backend.close_now()


@pytest.fixture(scope="package")
def shards(built: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    out = tmp_path_factory.mktemp("shards")
    return [Path(folder) for folder in split(built, SHARDS, out).shards]
