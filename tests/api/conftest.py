"""One Segue over the golden library for the tests of a module, and what its description says."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from segue.asgi import describe_api
from tests.api.in_process import House, running
from tests.golden import copy_data, make_golden


@pytest.fixture(scope="session")
def golden(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a scanned library (`music`) and its data (`data`); not to be changed."""
    folder = tmp_path_factory.mktemp("golden")
    asyncio.run(make_golden(folder))
    return folder


@pytest.fixture(scope="module")
def house(golden: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A running Segue over a copy of the golden library, for the tests of a module to change as they like."""
    data = copy_data(golden, tmp_path_factory.mktemp("house") / "data")
    with running(data, **{"metrics.allowed": ["10.9.8.7"]}) as house:
        yield house


@pytest.fixture(scope="session")
def description() -> dict[str, Any]:
    """The OpenAPI description without its examples."""
    return describe_api(examples=False)
