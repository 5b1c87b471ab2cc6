"""The rules by which one picture of many stands for an album or an artist. Pure functions.

An order is a list of sources, the best first: `embedded` (in the files), `folder` (files beside them that have the usual
names), or a pattern of names such as `front*.jpg`. What comes first wins. A person's choice is above every rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from segue.library.artwork import ARTIST_NAMES, IMAGE_EXTENSIONS, best_artist_image, best_cover
from segue.library.scan.grouping import name_key
from segue.library.scan.paths import displayed

EMBEDDED, FOLDER = "embedded", "folder"
USUAL_ORDER = (EMBEDDED, FOLDER)
IMAGES_FOLDER = "artist-images"
"""A folder of this name holds pictures of artists, each called like the artist or by the artist's MusicBrainz id."""

_usual: tuple[str, ...] = USUAL_ORDER
_DISC = re.compile(r"(?:cd|disc|disk|dvd)[\s_.\-]*0?(\d{1,2})(?:[\s_.\-]*(?:cover|front))?", re.IGNORECASE)


def choose_usual_order(order: Sequence[str]) -> None:
    """The order of libraries for which nobody chose another; the composition root says it once."""
    global _usual
    _usual = tuple(order) or USUAL_ORDER


def order_for(chosen: Sequence[str]) -> tuple[str, ...]:
    """The order that holds for a library which chose this one, or none."""
    return tuple(chosen) or _usual


# --- names ------------------------------------------------------------------------------------------------------------


class Role(NamedTuple):
    """What a picture's name says it shows: `cover` (perhaps), `disc` (of that number), `artist`, or `artists` for one in a
    folder of artists' pictures, whose `key` is whom it shows."""

    role: str
    disc: int | None
    key: str


def role_of(name: bytes, *, images_folder: bool) -> Role:
    """What the name of a picture file says."""
    stem = displayed(name).rpartition(".")[0].strip()
    key = name_key(stem)[:500]
    if images_folder:
        return Role("artists", None, key)
    disc = _DISC.fullmatch(stem)
    if disc:
        return Role("disc", int(disc[1]), key)
    return Role("artist" if stem.lower().strip(" ._-") in ARTIST_NAMES else "cover", None, key)


def is_images_folder(path: bytes) -> bool:
    """Whether the folder at `path` holds pictures of artists, by its name."""
    return displayed(path.rpartition(b"/")[2]).casefold().replace(" ", "-").replace("_", "-") == IMAGES_FOLDER


def in_order(names: Iterable[bytes], order: Sequence[str]) -> list[tuple[int, bytes]]:
    """(rank, name) of the pictures of a folder that may be its cover, the best first; rank is the place in `order`."""
    left = sorted(names)
    found: list[tuple[int, bytes]] = []
    for rank, source in enumerate(order):
        if source == EMBEDDED:
            continue
        if source == FOLDER:
            while (best := best_cover(left)) is not None:
                found.append((rank, best))
                left.remove(best)
                if len(found) >= 20:
                    break
            continue
        matching = [name for name in left if fnmatchcase(displayed(name).casefold(), source.casefold())]
        for name in sorted(matching, key=_by_extension):
            if name.rpartition(b".")[2].decode("latin-1").lower() in IMAGE_EXTENSIONS:
                found.append((rank, name))
                left.remove(name)
    return found[:20]


def artists_name(names: Iterable[bytes]) -> bytes | None:
    """The picture of the artist among a folder's pictures, or None."""
    return best_artist_image(names)


def _by_extension(name: bytes) -> tuple[int, bytes]:
    extension = name.rpartition(b".")[2].decode("latin-1").lower()
    known = IMAGE_EXTENSIONS.index(extension) if extension in IMAGE_EXTENSIONS else len(IMAGE_EXTENSIONS)
    return known, name


# --- which one wins ---------------------------------------------------------------------------------------------------


class FolderCover(NamedTuple):
    """The picture that stands for a folder, and the place in the order of what gave it."""

    artwork: int
    rank: int


class Decision(NamedTuple):
    """The picture that wins, and why: a code of `REASONS` with its parameters."""

    artwork: int | None
    code: str
    params: dict[str, Any] = {}  # noqa: RUF012 - never changed


REASONS = {
    "chosen": "A person chose this picture.",
    "embedded": "It is in the files, and the order of sources ({order}) puts that first.",
    "embedded_only": "It is in the files, and there is no picture beside them.",
    "folder": "It lies in the album's folder, and the order of sources ({order}) puts {source} first.",
    "folder_only": "It lies in the album's folder, and the files hold no picture.",
    "inside": "It lies in a folder of one of the discs, and nothing else was found.",
    "own": "It is in the file itself.",
    "of_album": "The file holds no picture, so the album's is shown.",
    "artist_folder": "It lies in the artist's folder.",
    "artist_images": "It lies in the folder of artists' pictures, and is called like the artist.",
    "disc_name": "Its name says that it shows this disc.",
    "disc_folder": "It lies in the folder of this disc.",
    "none": "There is no picture.",
}


def cover_of(
    order: Sequence[str],
    embedded: int | None,
    home: FolderCover | None,
    inside: FolderCover | None,
) -> Decision:
    """Which picture stands for an album: the one in most of its files (`embedded`), that of its folder (`home`), or that of
    a folder inside, by the order."""
    shown = {"order": ", ".join(order)}
    folder = home or inside
    usable = embedded if EMBEDDED in order else None
    if usable is not None and (folder is None or order.index(EMBEDDED) < folder.rank):
        return Decision(usable, "embedded_only") if folder is None else Decision(usable, "embedded", shown)
    if home is not None:
        if usable is None:
            return Decision(home.artwork, "folder_only")
        return Decision(
            home.artwork, "folder", shown | {"source": order[home.rank] if home.rank < len(order) else FOLDER}
        )
    if inside is not None:
        return Decision(inside.artwork, "inside")
    return Decision(None, "none")


def sentence(code: str, params: Mapping[str, Any]) -> str:
    """The English sentence of a reason; an unknown code is answered by itself."""
    try:
        return REASONS[code].format_map(params)
    except (KeyError, IndexError):
        return code.replace("_", " ")
