"""Somebody who reads the pages knows where everything is, and what it stands on."""

from __future__ import annotations

import ast
import re
import tomllib
from html import unescape
from pathlib import Path
from typing import Any

from segue.api.docs_page import docs_page
from segue.app import registry
from segue.asgi import describe_api
from segue.settings import Settings
from tests.docs.pages import ROOT, everything, read, tracked

ARCHITECTURE = "docs/developers/architecture.md"
PROJECT: dict[str, Any] = tomllib.loads(read("pyproject.toml"))

IMPORTED_AS = {
    "argon2-cffi": "argon2",
    "pillow": "PIL",
    "prometheus-client": "prometheus_client",
    "pyyaml": "yaml",
    "starlette-compress": "starlette_compress",
}
BY_NAME_ONLY = {"aiosqlite", "asyncpg", "httptools", "tzdata", "websockets"}
"""Drivers that a URL names, protocols that the server names, data that zoneinfo finds."""


def runtime() -> list[str]:
    """What pyproject.toml has installed, extras too, by name."""
    extras = PROJECT["project"]["optional-dependencies"].values()
    wanted = [*PROJECT["project"]["dependencies"], *(one for extra in extras for one in extra)]
    return [re.split(r"[\[<>=!~; ]", one)[0].lower() for one in wanted]


def test_every_folder_and_module_of_the_program_is_named() -> None:
    page = read(ARCHITECTURE)
    parts = [name.split("/") for name in tracked() if name.startswith("src/segue/")]
    folders = {part[2] for part in parts if len(part) > 3}
    modules = {part[2] for part in parts if len(part) == 3 and re.fullmatch(r"[a-z]\w*\.py", part[2])}
    assert {name for name in folders if f"`src/segue/{name}/`" not in page} == set()
    assert {name for name in modules if name not in page} == set()
    inner = {f"{part[2]}/{part[3]}/" for part in parts if len(part) > 4 and part[3] != "handlers"}
    assert {name for name in inner if name not in page} == set()


def test_every_folder_of_the_repository_is_named() -> None:
    page = read(ARCHITECTURE) + read("README.md")
    folders = {name.split("/")[0] for name in tracked() if "/" in name} - {".ci"}
    assert {name for name in folders if f"{name}/" not in page and f"`{name}`" not in page} == set()
    assert ".ci/run" in page


def test_every_folder_of_tests_is_named() -> None:
    page = read("docs/developers/testing.md")
    mirrored = {path.name for path in (ROOT / "src" / "segue").iterdir()}
    folders = {name.split("/")[1] for name in tracked() if name.startswith("tests/") and name.count("/") > 1}
    assert {name for name in folders - mirrored if f"`tests/{name}/`" not in page} == set()


def test_every_file_and_folder_that_pages_name_is_there() -> None:
    named = re.findall(r"`((?:src/segue|tests|bench|migrations|ui/src|docs)/[\w./-]*)`", everything())
    there = set(tracked()) | {"src/segue/web/"}
    folders = {f"{parent}/" for name in there for parent in map(str, Path(name).parents)} | {"src/segue/web"}
    known = there | folders | {name.rstrip("/") for name in folders}
    assert len(named) > 40
    assert {name for name in named if name not in known} == set()


def test_the_layers_are_drawn_as_they_are_held() -> None:
    contract = next(one for one in PROJECT["tool"]["importlinter"]["contracts"] if one["type"] == "layers")
    held = [sorted(part.strip().removeprefix("segue.") for part in layer.split("|")) for layer in contract["layers"]]
    block = re.search(r"## Imports run downhill.*?```\n(.*?)```", read(ARCHITECTURE), re.DOTALL)
    assert block is not None
    drawn = [sorted(re.split(r"\s{2,}", line)[0].split(", ")) for line in block[1].splitlines() if line.strip()]
    assert drawn == held


def test_every_library_is_explained_and_none_that_is_not_used() -> None:
    told = set(re.findall(r"^\| `([^`]+)`", read("docs/dependencies.md").partition("## What is ours")[0], re.MULTILINE))
    assert told == set(runtime())


def test_nothing_is_installed_that_nothing_imports() -> None:
    imported: set[str] = set()
    for path in (ROOT / "src" / "segue").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                imported.add(node.module.split(".")[0])
    assert {name for name in runtime() if IMPORTED_AS.get(name, name) not in imported} <= BY_NAME_ONLY


def test_every_group_of_the_api_has_its_place() -> None:
    page = read("docs/developers/api.md")
    tags = {
        tag
        for operations in describe_api()["paths"].values()
        for operation in operations.values()
        for tag in operation.get("tags") or ("server",)
    }
    assert {tag for tag in tags if f"\n### {tag}\n" not in page} == set()
    assert set(re.findall(r"^### (.+)$", page, re.MULTILINE)) == tags


def test_the_page_at_docs_has_every_operation() -> None:
    described = describe_api()
    page = unescape(re.sub(r"<[^>]*>", "", docs_page(described)))
    assert {path for path in described["paths"] if path not in page} == set()


def test_every_subject_of_the_doctor_is_explained() -> None:
    page = read("docs/operators/troubleshooting.md")
    subjects = set(re.findall(r"Finding\(\s*\"([^\"]+)\"", read("src/segue/doctor.py")))
    assert {"database", "library"} <= subjects
    assert {subject for subject in subjects if f"`{subject}`" not in page} == set()


def test_every_kind_of_message_in_the_table_of_the_log_is_written_somewhere() -> None:
    table = re.findall(r"^\| (`[^|]+) \| (?:error|warning|info) \|", read("docs/operators/troubleshooting.md"), re.M)
    named = {event for cell in table for event in re.findall(r"`([a-z_]+)`", cell)}
    assert len(named) > 10
    written = "".join(
        (ROOT / name).read_text("utf-8") for name in tracked() if name.startswith("src/segue/") and name.endswith(".py")
    )
    assert {event for event in named if f'"{event}"' not in written} == set()


def test_every_schedule_is_told_with_its_time() -> None:
    table = re.findall(r"^\| `([a-z._]+)` \| (\d+):(\d+) \|", read("docs/operators/health.md"), re.M)
    declared = {(one.name, one.cron) for one in registry(Settings()).schedules.values()}
    often = re.findall(r"^\| `([a-z._]+)` \| every (\d+) minutes \|", read("docs/operators/health.md"), re.M)
    told = {(name, f"{int(minute)} {hour} * * *") for name, hour, minute in table}
    monthly = re.findall(r"^\| `([a-z._]+)` \| the (\d+)(?:st|nd|rd|th), (\d+):(\d+) \|", read("docs/operators/health.md"), re.M)
    told |= {(name, f"{int(minute)} {hour} {day} * *") for name, day, hour, minute in monthly}
    assert told | {(name, f"*/{minutes} * * * *") for name, minutes in often} == declared
