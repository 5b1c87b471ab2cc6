"""Taking a download's files off the disk: only its own, only what nobody else wants, and then the folders that are empty."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from typing import Any

from segue.live.downloads import states
from segue.live.downloads.carrying import whole_path
from segue.live.downloads.part import BAD, leavings, remove


def take_away(download: Any, files: Sequence[Any], shared: Collection[bytes], *, whole: bool) -> list[bytes]:
    """Remove what is left of unfinished transfers, and with `whole` the whole files too; returns those paths.

    What another download has (`shared`, relative to the root) stays.
    """
    gone: list[bytes] = []
    folders: set[bytes] = set()
    for file in files:
        if bytes(file.path) in shared:
            continue
        path = whole_path(download, file)
        folders.add(path.rpartition(b"/")[0])
        leavings(path)
        if whole:
            remove(path + BAD)
            if file.state in states.FILE_THERE:
                remove(path)
                gone.append(path)
    root = bytes(download.root)
    for folder in folders:
        _remove_empty(folder, root)
    return gone


def _remove_empty(folder: bytes, root: bytes) -> None:
    """Remove a folder and those above it up to the root, as far as they are empty."""
    while len(folder) > len(root) and folder.startswith(root + b"/"):
        try:
            os.rmdir(folder)  # noqa: PTH106 - bytes
        except FileNotFoundError:
            pass
        except OSError:  # something of somebody's is in it
            return
        folder = folder.rpartition(b"/")[0]
