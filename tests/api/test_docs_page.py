"""The page at /docs: everything is on it, nothing comes from elsewhere, and it can be read on a desk and on a phone."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from segue.api.docs_page import docs_page
from segue.asgi import describe_api
from tests.api.in_process import House, running
from tests.api.operations import operations
from tests.conftest import needs
from tests.golden import copy_data

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def page() -> str:
    return docs_page(describe_api())


def test_every_operation_has_its_place_and_its_example(page: str, description: dict[str, Any]) -> None:
    for operation in operations(description):
        assert f'id="{operation.id}"' in page
    assert "&quot;First Light&quot;" in page or '"First Light"' in page
    assert "Late trains" in page


def test_every_link_inside_the_page_leads_somewhere(page: str) -> None:
    targets = set(re.findall(r'href="docs#([^"]+)"', page))
    assert len(targets) > 10
    assert targets <= set(re.findall(r' id="([^"]+)"', page))


def test_no_script_and_nothing_from_another_host(page: str) -> None:
    assert "<script" not in page
    assert re.findall(r"(?:src|href)=[\"']?(?:https?:)?//", page) == []
    assert re.findall(r"url\([\"']?(?:https?:)?//", page) == []


def test_words_that_look_like_tags_are_words() -> None:
    hostile = {
        "openapi": "3.1.0",
        "info": {"title": "<b>x", "version": "<i>1", "description": "<script>alert(1)</script>. More."},
        "paths": {
            "/<a>": {
                "get": {
                    "summary": "<img src=x>",
                    "description": "`<u>`",
                    "tags": ["<t>"],
                    "responses": {
                        "200": {
                            "description": "",
                            "content": {"application/json": {"example": {"<k>": "</pre><script>"}}},
                        }
                    },
                }
            }
        },
    }
    page = docs_page(hostile)
    for tag in ("<script", "<img", "<b>x", "<i>1", "<u>", "<k>", "<t>", "<a>"):
        assert tag not in page, tag


@pytest.fixture(scope="module")
def below(golden: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A Segue under a base path."""
    data = copy_data(golden, tmp_path_factory.mktemp("below") / "data")
    with running(data, **{"server.base_path": "/music"}) as house:
        yield house


def test_the_page_works_under_a_base_path(below: House) -> None:
    with below.client() as client:
        answer = client.get(f"{below.url}/docs")
        assert answer.status_code == 200
        assert '<base href="/music/docs">' in answer.text
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert client.get(f"{below.url}/openapi.json").json()["servers"] == [{"url": "/music"}]


@pytest.mark.e2e
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_reads_well_in_a_browser(below: House, width: int, scheme: Any) -> None:
    needs("Chromium", CHROMIUM is not None, "install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("response", lambda answer: complaints.append(answer.url) if answer.status >= 400 else None)
        page.goto(f"{below.url}/docs#albums_list")
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.querySelector('#albums_list').closest('details').open")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        light = page.evaluate("matchMedia('(prefers-color-scheme: light)').matches")
        assert light == (scheme == "light")
        assert complaints == []
        page.get_by_role("link", name="Playlists").click()
        assert page.evaluate("document.querySelector('#playlists').getBoundingClientRect().top < innerHeight")
        assert page.url == f"{below.url}/docs#playlists"
        browser.close()
