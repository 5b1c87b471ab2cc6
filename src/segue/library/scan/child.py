"""What the children of the process pool do for a scan: read a file, look at a picture.

Kept apart so that a child imports no more than this needs: it starts sooner and stays small.
"""

# Paths are bytes, which pathlib does not take.
# ruff: noqa: PTH118

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from segue.library.artwork import MAX_BYTES, BadImage, Look, look
from segue.library.scan.facts import FileFacts
from segue.library.scan.packing import House, Met, packed
from segue.library.scan.read import read_file
from segue.library.scan.tags.rules import Rules


class Wanted(NamedTuple):
    """Files to read together; `number` tells the answers apart. `base` is their album folder where they are all of it, and
    all new, so that the albums they make can be told as well."""

    number: int
    paths: tuple[bytes, ...]
    base: bytes | None = None
    look: bool = False
    """Whether the pictures in them are to be looked at as well."""


class Reader(NamedTuple):
    """Where files are read, and by which rules."""

    root: bytes
    spool: bytes
    house: House
    rules: Rules | None


_looked: dict[tuple[bytes, str], None] = {}
"""The pictures that this process has looked at lately, by spool and hash: an album's files mostly carry the same one."""
_REMEMBERED = 100


def read(reader: Reader, wanted: Wanted) -> bytes:
    """Read files of one library, and look at the pictures in them that are new here; the answer is for
    `packing.unpacked`. A piece of one file is read without looking, since a picture may have been what was too much."""
    root, spool, house, rules = reader
    read = [read_file(root, path, spool=spool, rules=rules) for path in wanted.paths]
    return packed(read, wanted.base, house, _pictures(read, spool) if wanted.look else ())


def _pictures(read: Sequence[FileFacts], spool: bytes) -> list[Met]:
    """What the pictures in the spool that these files carry look like, as far as they were not looked at before."""
    fresh = {
        (spool, picture.sha256): None
        for facts in read
        for picture in facts.pictures
        if picture.spooled and (spool, picture.sha256) not in _looked
    }
    found = [_met(spool, sha256) for _, sha256 in fresh]
    _looked.update(fresh)
    while len(_looked) > _REMEMBERED:
        del _looked[next(iter(_looked))]
    return [met for met in found if met is not None]


def _met(spool: bytes, sha256: str) -> Met | None:
    try:
        look, size = look_at(os.path.join(spool, sha256.encode()))
    except BadImage as error:
        return Met(sha256, 0, None, (str(error), error.code, error.params))
    except OSError:
        return None
    return Met(sha256, size, look, None)


def look_at(path: bytes) -> tuple[Look, int]:
    """Look at the picture in the file `path`; runs in a child. Raises BadImage, OSError."""
    with open(path, "rb") as file:
        data = file.read(MAX_BYTES + 1)
    return look(data), len(data)


def look_at_some(paths: Sequence[bytes]) -> list[tuple[Look, int] | Exception]:
    """`look_at` for each of `paths`; what it raises in the place of what it returns."""
    return [_answer(look_at, path) for path in paths]


def fetch_some(paths: Sequence[bytes], spool: bytes) -> list[Met | Exception]:
    """`fetch` for each of `paths`; what it raises in the place of what it returns."""
    return [_answer(fetch, path, spool) for path in paths]


def _answer(function: Callable[..., Any], *args: Any) -> Any:
    try:
        return function(*args)
    except (BadImage, OSError) as error:
        return error


def fetch(path: bytes, spool: bytes) -> Met:
    """Copy a picture file into the spool and look at it; runs in a child. Raises BadImage, OSError where it cannot be
    copied."""
    with open(path, "rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES or not data:
        code = "image_too_large" if data else "image_unreadable"
        size = {"width": 0, "height": 0, "bytes": os.path.getsize(path)} if data else {}  # noqa: PTH202
        raise BadImage("a picture that is empty or larger than Segue takes", code, **size)
    sha256 = hashlib.sha256(data).hexdigest()
    target = os.path.join(spool, sha256.encode())
    partial = target + b".%d" % os.getpid()
    with open(partial, "wb") as file:
        file.write(data)
    os.replace(partial, target)
    try:
        return Met(sha256, len(data), look(data), None)
    except BadImage as error:
        return Met(sha256, len(data), None, (str(error), error.code, error.params))
