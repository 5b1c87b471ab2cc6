"""Texts that lie beside the music: read in the process pool, which survives a disk that hangs."""

# Paths are bytes, which pathlib does not take.
# ruff: noqa: PTH118

from __future__ import annotations

import os

import structlog

from segue.core.plain_text import PlainText, decode_text
from segue.core.pool import PoolError, ProcessPool
from segue.library.scan.cue.sheet import MOST_TEXT, SheetText
from segue.library.scan.plan import FolderPlan
from segue.library.scan.walk import extension_of

log = structlog.get_logger("segue.scan")
DEADLINE_S = 20.0
MOST_SHEETS = 100
"""Sheets of one folder that are read."""


def read_texts(folder: bytes, names: list[bytes], most: int) -> list[PlainText | None]:
    """The texts of small files, None for one that is larger than `most` bytes or cannot be read; runs in a child."""
    found: list[PlainText | None] = []
    for name in names:
        try:
            with open(os.path.join(folder, name), "rb") as file:
                data = file.read(most + 1)
        except OSError:
            found.append(None)
            continue
        found.append(decode_text(data) if len(data) <= most else None)
    return found


async def read_sheets(pool: ProcessPool, root: bytes, folder: FolderPlan) -> None:
    """Read the CUE sheets of a folder into `folder.sheets`."""
    names = [entry.name for entry in folder.listing.sidecars if extension_of(entry.name) == b"cue"][:MOST_SHEETS]
    if not names:
        return
    path = os.path.join(root, folder.path) if folder.path else root
    try:
        texts = await pool.run(read_texts, path, names, MOST_TEXT, deadline_s=DEADLINE_S)
    except PoolError as error:
        log.warning("sheets_unread", folder=os.fsdecode(folder.path), reason=str(error))
        texts = [None] * len(names)
    folder.sheets = [
        SheetText(name, text and text.text, text.encoding if text and text.guessed else None)
        for name, text in zip(names, texts, strict=True)
    ]
