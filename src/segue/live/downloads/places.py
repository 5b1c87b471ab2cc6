"""Where a recording goes: its folder by the template, its files flat in it under names that every file system takes.

A recording's files lie in one folder, which the library shows as one album; a folder inside the item becomes part of the
name. Names come from the archive, so nothing in them is believed: no component can leave the folder.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from segue.core.path_templates import RECORDING_FIELDS, PathTemplate, Value
from segue.core.safe_names import LONGEST_COMPONENT_BYTES, comparable, free_name, safe_component
from segue.live.downloads.part import ENDINGS

LONGEST_NAME_BYTES = LONGEST_COMPONENT_BYTES - max(len(ending) for ending in ENDINGS)


def folder_template(text: str) -> PathTemplate:
    """The compiled template of the folder; a `/` at its end may stand or not. Raises BadTemplate."""
    return PathTemplate(text.rstrip("/"), RECORDING_FIELDS)


def folder_of(template: PathTemplate, values: Mapping[str, Value]) -> bytes:
    """The folder of a recording, relative to the root: one or more safe components. Raises PathTooLong."""
    return os.fsencode(template.render(values))


def file_names(names: Iterable[str]) -> dict[str, str]:
    """A safe name for every file of an item, each different also where case does not count. Folders in it become part of
    the name: `disc1/01.flac` is `disc1 - 01.flac`."""
    taken: set[str] = set()
    made: dict[str, str] = {}
    for name in names:
        parts = [safe_component(part) for part in name.replace("\\", "/").split("/")]
        whole = " - ".join(part for part in parts if part) or "file"
        stem, dot, extension = whole.rpartition(".")
        if dot and stem and len(extension) <= 16:
            suffix = f".{extension}"
        else:
            stem, suffix = whole, ""
        longest = LONGEST_NAME_BYTES - len(suffix.encode())
        safe = (safe_component(stem.encode()[:longest].decode("utf-8", "ignore"), suffix=suffix) or "_") + suffix
        safe = free_name(safe, lambda each: comparable(each) in taken, longest=LONGEST_NAME_BYTES)
        taken.add(comparable(safe))
        made[name] = safe
    return made
