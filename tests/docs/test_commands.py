"""What the documentation says one can type is what one can type, and all of it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from segue.cli import app
from segue.settings import NOT_SETTINGS, SHORT, Settings
from tests.docs.pages import ROOT, everything, read, sections, shell_lines, tracked

COMMAND_LINE = "docs/operators/command-line.md"
SEGUE: Any = typer.main.get_command(app)


def commands(group: Any = SEGUE, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command with the words that reach it."""
    for name, command in group.commands.items():
        yield (*path, name), command
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))


def options(command: Any) -> set[str]:
    """The long options of a command."""
    return {name for parameter in command.params for name in parameter.opts if name.startswith("--")}


ALL = dict(commands())


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_every_command_and_option_is_on_its_page(words: tuple[str, ...]) -> None:
    parts = sections(read(COMMAND_LINE))
    found = [text for heading, text in parts.items() if re.match(rf"`segue {words[0]}\b", heading)]
    assert found, f"`segue {words[0]}` has no section"
    if len(words) > 1:
        assert f"`segue {' '.join(words)}" in found[0]
    missing = {option for option in options(ALL[words]) if f"`{option}`" not in found[0]}
    assert not missing, f"segue {' '.join(words)}: {sorted(missing)}"


def test_the_page_of_commands_names_nothing_that_is_not_there() -> None:
    for heading, text in sections(read(COMMAND_LINE)).items():
        named = re.match(r"`segue ([\w-]+)", heading)
        if named is None:
            continue
        assert (named[1],) in ALL, heading
        known = set().union(*(options(command) for words, command in ALL.items() if words[0] == named[1]))
        assert set(re.findall(r"`(--[a-z-]+)", text.replace("`--no-", "`--"))) <= known, heading


def test_every_example_of_a_command_can_be_typed() -> None:
    tried = 0
    for page, line in shell_lines():
        told = re.search(r"(?:^|&& |\| )(?:\./dev segue|\./dev(?= serve| demo)|segue) (\w.*)", line)
        if told is None:
            continue
        words = shlex.split(re.split(r"\s[|;&]+\s", told[1])[0])
        where = f"{page.name}: {line}"
        path = tuple(words[:1])
        assert path in ALL, where
        if len(words) > 1 and (*path, words[1]) in ALL:
            path = (*path, words[1])
        used = {word.partition("=")[0] for word in words if word.startswith("--")}
        assert used <= options(ALL[path]) | {"--help"}, where
        tried += 1
    assert tried > 8


def test_every_command_of_dev_is_told_and_nothing_else() -> None:
    script = read("dev")
    known = set(re.findall(r"^    ([a-z]+)\)$", script, re.MULTILINE))
    assert {"serve", "demo", "test", "lint"} <= known
    told = read("docs/developers/working.md")
    assert {name for name in known if f"`./dev {name}" not in told} == set()
    assert set(re.findall(r"\./dev ([a-z]+)\b", everything())) <= known


def test_every_bench_is_named_where_work_is_explained() -> None:
    told = read("docs/developers/working.md")
    runnable = [
        path.stem for path in (ROOT / "bench").glob("*.py") if f"./dev bench {path.stem}" in path.read_text("utf-8")
    ]
    assert runnable
    assert [name for name in runnable if f"`{name}`" not in told] == []


def test_every_variable_that_pages_name_exists() -> None:
    known = {f"SEGUE_{leaf.replace('.', '__').upper()}" for leaf in _keys()} | set(SHORT)
    known |= {f"{name}_FILE" for name in known} | {name for name in NOT_SETTINGS if not name.endswith("_")}
    other = tuple(name for name in NOT_SETTINGS if name.endswith("_"))
    wrong = {"SEGUE_SCAN__WACH"}  # the example of a slip
    named = set(re.findall(r"\bSEGUE_[A-Z][A-Z_]*[A-Z]\b", everything())) - wrong
    assert {name for name in named if name not in known and not name.startswith(other)} == set()


def _keys() -> list[str]:
    return [one.key for one in Settings().describe()]


def test_every_variable_of_the_tests_is_told() -> None:
    used: set[str] = set()
    for name in tracked():
        if name.startswith("tests/") and name.endswith(".py"):
            used |= set(re.findall(r"environ(?:\.get\(|\[)\"(SEGUE_(?:TEST_[A-Z_]+|REFERENCE))\"", read(name)))
    assert used
    told = read("docs/developers/testing.md")
    assert {name for name in used if name not in told} == set()


def test_every_key_of_the_web_app_is_told() -> None:
    source = read("ui/src/frame/actions.svelte.ts")
    page = read("docs/users/web-app.md")
    keys = {key for group in re.findall(r"keys: \[([^\]$]+)\]", source) for key in re.findall(r'"([^"]+)"', group)}
    keys |= {f"g {key}" for key in re.findall(r'\bgo\("[^)]*"/[a-z]*", "([a-z])"\)', source)}
    assert {"Space", "?", "g a"} <= keys
    shown = {"ArrowRight": "→", "ArrowLeft": "←", "ArrowUp": "↑", "ArrowDown": "↓"}
    missing = set()
    for key in keys:
        spelled = shown.get(key.rpartition("+")[2], key.rpartition("+")[2]) if key != "+" else key
        whole = f"{key.rpartition('+')[0].replace('+', ' ')} {spelled}".strip()
        if f"`{whole}`" not in page:
            missing.add(whole)
    assert missing == set()
