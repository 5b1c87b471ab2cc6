"""What the children of the process pool do for pictures that a person chooses: fetch, look, make small.

A picture is decoded nowhere else, so one that harms its reader harms a child.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from segue.library.artwork import MAX_BYTES, BadImage, Format, Look, look, thumbnail
from segue.library.scan.read import read_picture


class Taken(NamedTuple):
    """A picture that can be shown: what it is, its content's hash, and its bytes."""

    look: Look
    sha256: str
    data: bytes


class From(NamedTuple):
    """Where a picture is: the file at `root` and `path`, and with `sha256` a picture embedded in it."""

    root: bytes
    path: bytes
    sha256: str | None


def take(data: bytes) -> Taken:
    """Look at bytes that somebody sent. Raises BadImage."""
    return Taken(look(data), hashlib.sha256(data).hexdigest(), data)


def take_from(place: From) -> Taken:
    """Fetch a picture from the library and look at it. Raises BadImage."""
    return take(_fetch(place))


def preview(place: From, side: int, format: Format) -> bytes:
    """A picture of the library made small. Raises BadImage."""
    return thumbnail(_fetch(place), side, format)


def _fetch(place: From) -> bytes:
    if place.sha256 is not None:
        data = read_picture(place.root, place.path, place.sha256)
        if data is None:
            raise BadImage("the file does not hold this picture any more", "image_gone")
        return data
    try:
        with open(place.root + b"/" + place.path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError:
        raise BadImage("the file of the picture is gone", "image_gone") from None
    if len(data) > MAX_BYTES:
        raise BadImage("a picture larger than Segue takes", "image_too_large", width=0, height=0, bytes=len(data))
    return data
