"""One golden library, a server over a copy of it, and a browser that looks at it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from segue.api.web_app import FOLDER as WEB_FOLDER
from tests.conftest import needs
from tests.e2e.running import Running, serving
from tests.golden import copy_data, make_golden
from tests.waiting import PATIENCE_S

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="session")
def golden(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a scanned library (`music`) and its data (`data`); not to be changed."""
    folder = tmp_path_factory.mktemp("golden")
    with ThreadPoolExecutor(1) as thread:  # the browser's driver has a loop of its own in this one
        thread.submit(asyncio.run, make_golden(folder)).result()
    return folder


@pytest.fixture
def data(golden: Path, tmp_path: Path) -> Path:
    """A data folder of the test's own, already scanned."""
    return copy_data(golden, tmp_path / "data")


@pytest.fixture(scope="module")
def server(golden: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A running Segue over the golden library, shared by a module; signed in as its administrator."""
    folder = tmp_path_factory.mktemp("served")
    copy = copy_data(golden, folder / "data")
    with serving(folder, ["--data-dir", str(copy)]) as running:
        running.sign_in()
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Headless Chromium. Sound may start without a click, as in an installed web app."""
    needs("Chromium", CHROMIUM is not None, "install chromium")
    needs("the web app", (WEB_FOLDER / "index.html").is_file(), "build it: python hatch_build.py")
    from playwright.sync_api import sync_playwright

    quiet = ("--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=CHROMIUM,
            timeout=PATIENCE_S * 1000,
            args=["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required", *quiet],
        )
        yield launched
        launched.close()
