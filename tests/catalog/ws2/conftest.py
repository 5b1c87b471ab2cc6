"""One small world for all tests that only ask."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from segue.catalog.ws2.reading import Ws2
from tests.catalog.ws2.given import SMALL, written


@pytest.fixture(scope="session")
def ws2(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ws2]:
    opened = written(tmp_path_factory.mktemp("ws2"), SMALL)
    yield opened
    opened.close()
