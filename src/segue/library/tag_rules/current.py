"""Which rules for tags are in force: a file of the person's own, else what the web app keeps, over what comes with Segue."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from segue.library.scan.tags.rules import Rules, shipped
from segue.library.scan.tags.rules_file import MAX_CHARACTERS, RulesRefused, rules_of

FILE_NAME = "tags.yaml"
Source = Literal["file", "web", "none"]


@dataclass(frozen=True, slots=True)
class InForce:
    """The rules that hold. `text` are the person's own, from `source`; where they cannot be used, `problem` says why, and
    the rules that come with Segue hold alone."""

    rules: Rules
    source: Source
    text: str | None
    path: Path
    problem: RulesRefused | None = None


def in_force(path: Path, kept: str | None) -> InForce:
    """What holds, given where the file would be and what the web app keeps."""
    source: Source = "none"
    text: str | None = None
    try:
        if path.exists():
            source = "file"
            text = read_rules_file(path)
        elif kept and kept.strip():
            source, text = "web", kept
        return InForce(_compiled(text) if text else shipped(), source, text, path)
    except RulesRefused as refused:
        return InForce(shipped(), source, text, path, refused)


def read_rules_file(path: Path) -> str:
    """The text of a file of rules. Raises RulesRefused where it cannot be read."""
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(MAX_CHARACTERS + 1)
    except UnicodeDecodeError:
        raise RulesRefused(f"The file {path} is not UTF-8 text.") from None
    except OSError as error:
        raise RulesRefused(f"The file {path} cannot be read: {error.strerror or error}.") from None


@lru_cache(maxsize=8)
def _compiled(text: str) -> Rules:
    return rules_of(text)
