"""What the disk says about an inbox and an album's way out of it; asked in a thread."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from segue.core.path_templates import BadTemplate, PathTemplate, PathTooLong
from segue.core.safe_names import NameRules
from segue.library.inbox.checks import Check
from segue.library.inbox.targets import Target, targets_of
from segue.library.options import InboxOptions
from segue.library.scan.paths import is_inside


def trouble(options: InboxOptions, libraries: Sequence[tuple[bytes, str]]) -> Check | None:
    """Why an inbox cannot be used, if so."""
    path = os.path.realpath(os.fsencode(options.path))
    if not os.path.isdir(path):  # noqa: PTH112 - bytes
        return Check("no_folder", "stop", {"folder": options.path})
    for root, shown in libraries:
        real = os.path.realpath(root)
        if is_inside(path, real) or is_inside(real, path):
            return Check("inside_library", "stop", {"folder": options.path, "library": shown})
    return None


def targets_in(files: Sequence[Any], template: str, options: InboxOptions, root: bytes) -> list[Target] | Check:
    """Where files would go, or why that cannot be said."""
    base = os.fsdecode(root).rstrip("/")
    try:
        compiled = PathTemplate(template)
        return targets_of(files, compiled, NameRules(options.names), lambda path: os.path.lexists(f"{base}/{path}"))
    except BadTemplate as error:
        return Check("bad_template", "stop", {"what": error.message})
    except PathTooLong:
        return Check("path_too_long", "stop", {})


def has_changed(item: Any, files: Sequence[Any]) -> bool:
    """Whether a file is no longer what was checked."""
    for row in files:
        try:
            found = os.lstat(bytes(item.root).rstrip(b"/") + b"/" + bytes(row.path))
        except OSError:
            return True
        if (found.st_size, found.st_mtime_ns) != (row.size_bytes, row.mtime_ns):
            return True
    return False


def missing_folders(folders: Sequence[bytes], root: bytes) -> list[bytes]:
    """Those of the folders, and those above them below `root`, that are not there yet."""
    top = bytes(root).rstrip(b"/")
    found: set[bytes] = set()
    for folder in folders:
        while len(folder) > len(top) and not os.path.isdir(folder):  # noqa: PTH112 - bytes
            found.add(folder)
            folder = folder.rpartition(b"/")[0]
    return sorted(found)
