"""The rules for tags, ready to use: which name is which field, who is named where, and what is taken apart.

Rules are made once (`rules_file` reads the YAML) and handed to whoever reads files. They travel to a child process as a few
kilobytes that are unpacked only where the child does not have them yet, so that no child ever parses YAML.
"""

from __future__ import annotations

import json
import pickle
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from segue.library.scan.tags.split import Splitter

SYSTEMS = ("id3", "vorbis", "mp4", "ape", "asf", "riff", "aiff")
"""The kinds of tags that have names of their own."""

INTERPRETER_VERSION = 1
"""Grows when the code makes something else of the same tags by the same rules; part of the hash."""

OWN = "own:"
"""What the fields that a person added begin with, among the others."""

Lookup = dict[str, tuple[str, int]]
"""A name as a file spells it (folded as `folded_name` says) to (field, rank); rank 0 is the best name of its field."""


class Rules:
    """Rules in force. `hash` is equal exactly where the rules are."""

    __slots__ = (
        "aiff", "ape", "asf", "fields", "hash", "id3", "involved", "mp4", "own", "packed", "people", "riff", "separators",
        "splitters", "vorbis", "whole",
    )  # fmt: skip

    def __init__(self, table: dict[str, Any]) -> None:
        """`table`: {names: {system: {name: [field, rank]}}, people, involved, split, whole, own}."""
        text = json.dumps([INTERPRETER_VERSION, table], sort_keys=True, ensure_ascii=True)
        self.hash = blake2b(text.encode(), digest_size=8).digest()
        self.packed = pickle.dumps(table, protocol=5)
        names: dict[str, Lookup] = {
            system: {name: (field, rank) for name, (field, rank) in table["names"][system].items()}
            for system in SYSTEMS
        }
        self.id3, self.vorbis, self.mp4 = names["id3"], names["vorbis"], names["mp4"]
        self.ape, self.asf, self.riff, self.aiff = names["ape"], names["asf"], names["riff"], names["aiff"]
        self.fields = frozenset(field for lookup in names.values() for field, _ in lookup.values())
        self.people: dict[str, str] = dict(table["people"])
        self.involved: dict[str, str] = dict(table["involved"])
        self.separators: dict[str, tuple[str, ...]] = {name: tuple(each) for name, each in table["split"].items()}
        self.whole: dict[str, tuple[str, ...]] = {name: tuple(each) for name, each in table["whole"].items()}
        self.own: tuple[str, ...] = tuple(table["own"])
        self.splitters: dict[str, Splitter] = {
            field: Splitter(separators, self.whole.get(group_of(field), ()))
            for field, separators in self.separators.items()
            if separators
        }

    def lookup(self, system: str) -> Lookup:
        """The names of one of SYSTEMS."""
        found: Lookup = getattr(self, system)
        return found

    def field_of(self, system: str, name: str) -> tuple[str, int] | None:
        """The field and rank of a name as a file spells it, None where nothing is made of it."""
        return self.lookup(system).get(folded_name(system, name))

    def __reduce__(self) -> tuple[Any, ...]:
        return _known, (self.hash, self.packed)


def folded_name(system: str, name: str) -> str:
    """A tag's name as it is looked up: as it is for frames and items of four letters, else without regard to case."""
    match system:
        case "id3":
            return name.lower() if name[:5] in ("TXXX:", "COMM:") else name
        case "mp4":
            return f"----:{name.rpartition(':')[2]}".lower() if name.startswith("----:") else name
        case "riff" | "aiff":
            return name
        case _:
            return name.lower()


def group_of(field: str) -> str:
    """Which list of names that stay whole goes for a field: people, genre or label."""
    return {"genre": "genre", "mood": "genre", "label": "label", "catalognumber": "label"}.get(field, "people")


_MET: dict[bytes, Rules] = {}


def _known(digest: bytes, packed: bytes) -> Rules:
    """The rules of that hash, unpacked where this process does not have them yet."""
    rules = _MET.get(digest)
    if rules is None:
        if len(_MET) > 8:
            _MET.clear()
        rules = _MET[digest] = Rules(pickle.loads(packed))
    return rules


def shipped_text() -> str:
    """The file that comes with Segue."""
    from importlib import resources

    return resources.files(__package__).joinpath("mapping.yaml").read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def shipped() -> Rules:
    """The rules that come with Segue, without anybody's own."""
    from segue.library.scan.tags.rules_file import rules_of

    return rules_of(None)
