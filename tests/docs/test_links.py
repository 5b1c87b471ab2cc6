"""A reader who follows a link of the documentation arrives."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.docs.pages import DOCS, ROOT, anchors, links, pages, read, tracked

MOST_BYTES_OF_A_PICTURE = 250_000


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_and_picture_of_a_page_is_there(page: Path) -> None:
    for link in links(read(page)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{link} leads nowhere"
        if anchor:
            assert anchor in anchors(read(target)), f"{link}: no such heading"


def test_pages_lead_to_pages_of_documentation_only_inside_docs() -> None:
    """docs/ is built into a site by itself, where what lies outside is not there."""
    for page in DOCS.rglob("*.md"):
        for link in links(read(page)):
            if not re.match(r"[a-z]+:|#", link):
                assert (page.parent / link.partition("#")[0]).resolve().is_relative_to(DOCS), f"{page.name}: {link}"


class _Loader(yaml.SafeLoader):
    """Reads a builder's own tags as nothing."""


_Loader.add_multi_constructor("tag:yaml.org,2002:python/", lambda _loader, _suffix, _node: None)


def _files(nav: Any) -> list[str]:
    if isinstance(nav, str):
        return [nav]
    parts = nav.values() if isinstance(nav, dict) else nav
    return [name for part in parts for name in _files(part)]


def test_the_contents_list_every_page_once() -> None:
    listed = _files(yaml.load(read("mkdocs.yml"), _Loader)["nav"])
    assert sorted(listed) == sorted(str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md"))


def test_the_front_page_leads_to_every_page() -> None:
    reached = {(DOCS / link.partition("#")[0]).resolve() for link in links(read("docs/index.md"))}
    assert {page for page in DOCS.rglob("*.md") if page.name != "index.md"} <= reached


def test_pictures_are_small_and_used() -> None:
    used = {(page.parent / link).resolve() for page in pages() for link in links(read(page)) if ":" not in link}
    for picture in (DOCS / "images").glob("*"):
        assert picture.stat().st_size <= MOST_BYTES_OF_A_PICTURE, picture.name
        assert picture in used, f"{picture.name} is shown nowhere"


PRIVATE = re.compile(
    # a slash is written as [/] so that this line does not find itself
    r"(?<![\w.~)}-])[/](?:root|work|tmp|home)[/]\w|"
    r"https?:[/][/][\w.-]*(?:registry|artifactory|nexus|pythonhosted|npmjs)[\w.-]*|--(?:extra-)?index-url[= ]\S"
)


def test_no_file_names_a_machine_of_ours() -> None:
    """No paths of one person's machine, and no host packages were fetched from."""
    for name in tracked():
        data = (ROOT / name).read_bytes()
        if b"\0" in data[:4096]:
            continue
        found = PRIVATE.search(data.decode("utf-8", "replace"))
        assert found is None, f"{name}: {found and found[0]}"
