"""The documentation as text: every page, its headings, its links, its examples."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

_FENCED = re.compile(r"^[ ]*```.*?^[ ]*```[ ]*$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`[^`\n]+`")
_LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
_HTML = re.compile(r"""(?:src|href|srcset)\s*=\s*["']([^"'\s]+)""")
_HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)


def pages() -> list[Path]:
    """Every page: README, CHANGELOG and all of docs/."""
    return [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]


def read(page: Path | str) -> str:
    return (ROOT / page).read_text("utf-8")


def everything() -> str:
    """All pages, one behind the other."""
    return "\n".join(read(page) for page in pages())


def links(text: str) -> list[str]:
    """Where the links and pictures of a page lead."""
    prose = _SPAN.sub("``", _FENCED.sub("", text))
    return [*_LINK.findall(prose), *_HTML.findall(prose)]


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub and documentation builders make them."""
    found: set[str] = set()
    for heading in _HEADING.findall(_FENCED.sub("", text)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
        slug = re.sub(r"[^\w\- ]", "", plain).strip().replace(" ", "-")
        number = 0
        while slug in found:
            number += 1
            slug = f"{slug}-{number}"
        found.add(slug)
    return found


def sections(text: str) -> dict[str, str]:
    """The parts of a page under its second-level headings."""
    parts = re.split(r"^## +(.+)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def shell_lines() -> list[tuple[Path, str]]:
    """Every line of a `sh` example, with its page; without its comment."""
    found = []
    for page in pages():
        for block in re.findall(r"^ *```sh\n(.*?)^ *```", read(page), re.MULTILINE | re.DOTALL):
            found += [(page, line.split(" #")[0].strip()) for line in block.splitlines() if line.strip()]
    return found


@cache
def tracked() -> tuple[str, ...]:
    """The files of the repository, relative; where there is no git, those of the folders that are in it."""
    try:
        told = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
        return tuple(name for name in told.decode().split("\0") if name and (ROOT / name).is_file())
    except (OSError, subprocess.CalledProcessError):
        folders = ("src", "tests", "docs", "bench", "migrations")
        return tuple(str(path.relative_to(ROOT)) for name in folders for path in (ROOT / name).rglob("*.*"))
