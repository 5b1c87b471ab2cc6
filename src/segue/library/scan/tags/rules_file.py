"""Read rules for tags from YAML: those that come with Segue, and a person's own on top of them.

Whatever is wrong is one sentence with its line. Values are taken as they are written (`N/A` is a name, not nothing), so the
nodes of the document are read, not what YAML would make of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

import yaml

from segue.core.errors import Invalid
from segue.library.scan.tags.rules import OWN, SYSTEMS, Rules, folded_name, shipped_text

MAX_CHARACTERS = 256 * 1024
MAX_OWN = 100
MAX_NAMES = 50
"""Names of one field in one system, and separators of one field."""
MAX_WHOLE = 5_000
_MAX_SEPARATOR = 24
_OWN_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_FRAME = re.compile(r"[A-Z][A-Z0-9]{3}(:.{0,200})?", re.DOTALL)
_GROUPS = ("people", "genre", "label")
_SECTIONS = ("add", "replace", "drop", "split", "never_split", "may_split", "own")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class RulesRefused(Invalid):
    """Rules that cannot be used; the message is one sentence, `line` counts from 1 (None: the whole text)."""

    def __init__(self, problem: str, line: int | None = None) -> None:
        where = f"Line {line}: " if line else ""
        super().__init__("bad_tag_rules", f"{where}{problem}", line=line)
        self.problem = problem
        self.line = line


Names = dict[str, list[str]]
"""By system: the names of one field, best first."""


@dataclass(slots=True)
class Shipped:
    """What the shipped file says."""

    fields: dict[str, Names]
    people: dict[str, str]
    involved: dict[str, str]
    split: dict[str, list[str]]
    never_split: dict[str, list[str]]


@dataclass(slots=True)
class Own:
    """What a person's file says, each part as changes to what is shipped."""

    add: dict[str, Names] = field(default_factory=dict)
    replace: dict[str, Names] = field(default_factory=dict)
    drop: list[str] = field(default_factory=list)
    split: dict[str, list[str]] = field(default_factory=dict)
    never_split: dict[str, list[str]] = field(default_factory=dict)
    may_split: dict[str, list[str]] = field(default_factory=dict)
    own: dict[str, Names] = field(default_factory=dict)


def rules_of(text: str | None) -> Rules:
    """The rules that come with Segue with a person's own on top. Raises RulesRefused."""
    base = _base()
    return Rules(table_of(base, parse_own(text, base) if text and text.strip() else None))


@lru_cache(maxsize=1)
def _base() -> Shipped:
    return parse_shipped(shipped_text())


# --- the two files ----------------------------------------------------------------------------------------------------


def parse_shipped(text: str) -> Shipped:
    """What the shipped file says. Raises RulesRefused."""
    sections = {name: node for name, _, node in _pairs(_compose(text), "The file")}
    return Shipped(
        fields={name: _names_by_system(node) for name, _, node in _pairs(sections["fields"], "fields")},
        people={name: _text(node, name) for name, _, node in _pairs(sections["people"], "people")},
        involved={name: _text(node, name) for name, _, node in _pairs(sections["involved"], "involved")},
        split={name: _separators(node, name) for name, _, node in _pairs(sections["split"], "split")},
        never_split={name: _texts(node, name) for name, _, node in _pairs(sections["never_split"], "never_split")},
    )


def parse_own(text: str, base: Shipped) -> Own:
    """What a person's rules say. Raises RulesRefused for the first thing that is wrong."""
    if len(text) > MAX_CHARACTERS:
        raise RulesRefused(f"The rules are longer than {MAX_CHARACTERS // 1024} KiB.")
    found = Own()
    document = _compose(text)
    if document is None:
        return found
    for section, line, node in _pairs(document, "The file"):
        if section not in _SECTIONS:
            raise RulesRefused(_unknown("section", section, _SECTIONS), line)
        if section == "own":
            _read_own(node, found, base)
    for section, _, node in _pairs(document, "The file"):
        _READERS.get(section, _nothing)(node, found, base)
    return found


def _nothing(node: Any, found: Own, base: Shipped) -> None:
    """`own` was read first: the other sections may name its fields."""


def _read_own(node: Any, found: Own, base: Shipped) -> None:
    for name, line, value in _pairs(node, "own"):
        if not _OWN_NAME.fullmatch(name):
            raise RulesRefused(
                f"A field of your own is called by small letters, digits and _, at most 40 of them, not “{name[:60]}”.",
                line,
            )
        if name in base.fields:
            raise RulesRefused(f"There is a field {name} already; give it more names under add.", line)
        found.own[name] = _names_by_system(value)
    if len(found.own) > MAX_OWN:
        raise RulesRefused(f"There can be {MAX_OWN} fields of your own at most.", _line(node))


def _read_names(target: str) -> Any:
    def read(node: Any, found: Own, base: Shipped) -> None:
        section: dict[str, Names] = getattr(found, target)
        for name, line, value in _pairs(node, target):
            section[_field(name, line, base, found)] = _names_by_system(value)

    return read


def _read_drop(node: Any, found: Own, base: Shipped) -> None:
    for name, line in _scalars(node, "drop"):
        found.drop.append(_field(name, line, base, found))


def _read_split(node: Any, found: Own, base: Shipped) -> None:
    for name, line, value in _pairs(node, "split"):
        _field(name, line, base, found)
        if name not in base.split and name not in found.own:
            raise RulesRefused(_unknown("field that is taken apart", name, base.split), line)
        current = list(base.split.get(name, ()))
        if not isinstance(value, yaml.MappingNode):
            found.split[name] = _separators(value, name)
            continue
        for what, at, listed in _pairs(value, name):
            if what not in ("add", "remove"):
                raise RulesRefused(_unknown("word here", what, ("add", "remove")), at)
            given = _separators(listed, name)
            if what == "add":
                current += [each for each in given if each not in current]
                continue
            for each in given:
                if each not in current:
                    raise RulesRefused(f"“{each}” is no separator of {name}, so it cannot be removed.", at)
                current.remove(each)
        found.split[name] = current


def _read_whole(target: str) -> Any:
    def read(node: Any, found: Own, base: Shipped) -> None:
        section: dict[str, list[str]] = getattr(found, target)
        if isinstance(node, yaml.SequenceNode):
            section["people"] = _texts(node, target)
            return
        for name, line, value in _pairs(node, target):
            if name not in _GROUPS:
                raise RulesRefused(_unknown("list of names", name, _GROUPS), line)
            section[name] = _texts(value, name)
        if sum(map(len, section.values())) > MAX_WHOLE:
            raise RulesRefused(f"{target} can hold {MAX_WHOLE} names at most.", _line(node))

    return read


_READERS = {
    "add": _read_names("add"),
    "replace": _read_names("replace"),
    "drop": _read_drop,
    "split": _read_split,
    "never_split": _read_whole("never_split"),
    "may_split": _read_whole("may_split"),
}


# --- both together ----------------------------------------------------------------------------------------------------


def table_of(base: Shipped, own: Own | None = None) -> dict[str, Any]:
    """What `Rules` are made of. A name that a person gives to a field is no longer any other field's."""
    own = own or Own()
    fields = {name: {system: list(names) for system, names in each.items()} for name, each in base.fields.items()}
    fields |= {OWN + name: dict(names) for name, names in own.own.items()}
    known = {name: OWN + name for name in own.own}
    claimed: dict[tuple[str, str], str] = {}
    for section in (own.own, own.replace, own.add):
        for name, names in section.items():
            for system, listed in names.items():
                claimed |= {(system, folded_name(system, each)): known.get(name, name) for each in listed}
    for name, names in own.replace.items():
        fields[known.get(name, name)] |= {system: list(listed) for system, listed in names.items()}
    for name, names in own.add.items():
        there = fields[known.get(name, name)]
        for system, listed in names.items():
            there[system] = [*there.get(system, ()), *(each for each in listed if each not in there.get(system, ()))]
    dropped = {known.get(name, name) for name in own.drop}
    lookups: dict[str, dict[str, list[Any]]] = {system: {} for system in SYSTEMS}
    for name, by_system in fields.items():
        if name in dropped:
            continue
        for system, listed in by_system.items():
            for rank, each in enumerate(listed):
                key = folded_name(system, each)
                if claimed.get((system, key), name) == name:
                    lookups[system].setdefault(key, [name, rank])
    whole = {}
    for group in _GROUPS:
        out = {each.casefold() for each in own.may_split.get(group, ())}
        listed = [*base.never_split.get(group, ()), *own.never_split.get(group, ())]
        whole[group] = sorted({each for each in listed if each.casefold() not in out})
    return {
        "names": lookups,
        "people": base.people,
        "involved": base.involved,
        "split": {known.get(name, name): each for name, each in {**base.split, **own.split}.items()},
        "whole": whole,
        "own": sorted(name for name in own.own if name not in own.drop),
    }


# --- nodes ------------------------------------------------------------------------------------------------------------


def _compose(text: str) -> Any:
    try:
        return yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.context_mark if error.context == "while scanning a simple key" else error.problem_mark
        raise RulesRefused(
            f"This is not YAML: {error.problem or error.context}.", mark.line + 1 if mark else None
        ) from None
    except yaml.YAMLError as error:
        raise RulesRefused(f"This is not YAML: {' '.join(str(error).split())[:200]}.") from None


def _line(node: Any) -> int:
    return int(node.start_mark.line) + 1


def _pairs(node: Any, what: str) -> Iterator[tuple[str, int, Any]]:
    if node is None or (isinstance(node, yaml.ScalarNode) and not node.value.strip()):
        return
    if not isinstance(node, yaml.MappingNode):
        raise RulesRefused(f"{what} must hold names with values, such as “genre: …”.", _line(node))
    met: set[str] = set()
    for key, value in node.value:
        name = _text(key, what)
        if name in met:
            raise RulesRefused(f"{name} stands here a second time.", _line(key))
        met.add(name)
        yield name, _line(key), value


def _text(node: Any, what: str) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise RulesRefused(f"A text is expected for {what}.", _line(node))
    return str(node.value)


def _scalars(node: Any, what: str) -> list[tuple[str, int]]:
    if isinstance(node, yaml.ScalarNode):
        return [(str(node.value), _line(node))] if node.value.strip() else []
    if not isinstance(node, yaml.SequenceNode):
        raise RulesRefused(f"A list is expected for {what}, such as [one, another].", _line(node))
    return [(_text(each, what), _line(each)) for each in node.value]


def _texts(node: Any, what: str) -> list[str]:
    found = []
    for text, line in _scalars(node, what):
        if not text.strip():
            raise RulesRefused(f"An empty text in {what}.", line)
        found.append(text)
    return found


def _separators(node: Any, what: str) -> list[str]:
    listed = _texts(node, what)
    for each in listed:
        if len(each) > _MAX_SEPARATOR:
            raise RulesRefused(f"A separator of {what} is longer than {_MAX_SEPARATOR} characters.", _line(node))
    if len(listed) > MAX_NAMES:
        raise RulesRefused(f"{what} can have {MAX_NAMES} separators at most.", _line(node))
    return listed


def _names_by_system(node: Any) -> Names:
    """`{id3: …, vorbis: […]}`, or one text for a free field."""
    if isinstance(node, yaml.ScalarNode):
        return _free(_checked("vorbis", _text(node, "a field"), _line(node)))
    found: Names = {}
    for system, line, value in _pairs(node, "A field"):
        if system == "free":
            found = _free(_checked("vorbis", _text(value, "free"), line)) | found
            continue
        if system not in SYSTEMS:
            raise RulesRefused(_unknown("kind of tags", system, (*SYSTEMS, "free")), line)
        names = [_checked(system, name, at) for name, at in _scalars(value, system)]
        if len(names) > MAX_NAMES:
            raise RulesRefused(f"A field can have {MAX_NAMES} names at most.", line)
        found[system] = names
    if not found:
        raise RulesRefused(f"A field needs a name in one of {', '.join(SYSTEMS)}, or free.", _line(node))
    free = found.get("id3", [""])[0]
    if "vorbis" in found and free.startswith("TXXX:") and found.get("mp4") == [f"----:{free[5:]}"]:
        _spread(found, free[5:])
    return found


def _free(label: str) -> Names:
    return {
        "id3": [f"TXXX:{label}"],
        "vorbis": [label],
        "mp4": [f"----:{label}"],
        "ape": [label],
        "asf": [label, f"WM/{label}"],
    }


def _spread(names: Names, label: str) -> None:
    """A free field that is called otherwise in Vorbis comments is called so elsewhere too, by those who do not know better."""
    others = [name for name in names["vorbis"] if name.lower() != label.lower()]
    for system, prefix in (("id3", "TXXX:"), ("mp4", "----:")):
        names[system] = [*names[system], *(prefix + name for name in others)]
    if names.get("ape") == [label]:
        names["ape"] = list(names["vorbis"])


def _checked(system: str, name: str, line: int) -> str:
    if not name.strip() or len(name) > 200:
        raise RulesRefused("A tag's name has 1 to 200 characters.", line)
    if system == "id3" and not _FRAME.fullmatch(name):
        raise RulesRefused(
            f"“{name[:60]}” is no ID3 name: four capitals such as TPE1, or TXXX:, COMM: or UFID: with a description.",
            line,
        )
    if system == "mp4" and len(name) != 4 and not name.startswith("----:"):
        raise RulesRefused(f"“{name[:60]}” is no MP4 name: four characters such as ©nam, or ----: with a name.", line)
    if system == "vorbis" and "=" in name:
        raise RulesRefused(f"“{name[:60]}” cannot be a name: it has an equals sign.", line)
    return name


def _field(name: str, line: int, base: Shipped, found: Own) -> str:
    if name not in base.fields and name not in found.own:
        raise RulesRefused(_unknown("field", name, (*base.fields, *found.own)), line)
    return name


def _unknown(what: str, name: str, known: Any) -> str:
    near = get_close_matches(name, list(known), 1)
    return f"There is no {what} {name[:60]}.{f' Did you mean {near[0]}?' if near else ''}"
