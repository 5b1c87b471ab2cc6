"""What a field is called in each tag system: the same rules by which files are read, the other way round."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from segue.library.scan.tags.rules import SYSTEMS, Rules, folded_name, shipped, shipped_text
from segue.library.scan.tags.rules_file import parse_shipped

System = Literal["id3", "vorbis", "mp4", "ape", "asf"]


def names_of(system: System, rules: Rules | None = None) -> dict[str, tuple[str, ...]]:
    """Field to its names in a system, the one to write first: it is the one that a reader with these rules hears."""
    rules = rules or shipped()
    return _names(system, rules.hash, rules)


@lru_cache(maxsize=40)
def _names(system: System, _hash: bytes, rules: Rules) -> dict[str, tuple[str, ...]]:
    ranked: dict[str, list[tuple[int, str]]] = {}
    for folded, (field, rank) in rules.lookup(system).items():
        ranked.setdefault(field, []).append((rank, _spelled()[system].get(folded) or _own_spelling(system, folded)))
    return {field: tuple(name for _, name in sorted(names)) for field, names in ranked.items()}


def _own_spelling(system: System, folded: str) -> str:
    """A name that only a person's rules have; they were folded, and its capitals are the custom."""
    if system == "vorbis":
        return folded.upper()
    prefix, colon, rest = folded.partition(":")
    return f"{prefix.upper()}:{rest.upper()}" if system == "id3" and colon else folded


@lru_cache(maxsize=1)
def _spelled() -> dict[str, dict[str, str]]:
    """By system: the shipped names as they are spelled, by their folded form."""
    found: dict[str, dict[str, str]] = {system: {} for system in SYSTEMS}
    for by_system in parse_shipped(shipped_text()).fields.values():
        for system, names in by_system.items():
            for name in names:
                found[system].setdefault(folded_name(system, name), name)
    return found
