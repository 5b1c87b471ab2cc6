"""Which format a file is in, and reading it: one way for uploads, files in a library and members of a ZIP."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import BinaryIO, Literal

from segue.playlists.exchange import itunes, jspf, m3u, pls, tables, xspf
from segue.playlists.exchange.events import Doubt, Entry, Event, ListHead

Format = Literal["m3u", "pls", "xspf", "jspf", "nsp", "csv", "itunes", "zip"]
FORMATS: tuple[Format, ...] = ("m3u", "pls", "xspf", "jspf", "nsp", "csv", "itunes", "zip")
EXTENSIONS: dict[str, Format] = {
    ".m3u": "m3u", ".m3u8": "m3u", ".pls": "pls", ".xspf": "xspf", ".jspf": "jspf", ".json": "jspf", ".nsp": "nsp",
    ".csv": "csv", ".tsv": "csv", ".txt": "m3u", ".xml": "itunes", ".zip": "zip",
}  # fmt: skip
MAX_BYTES = 512 * 2**20
"""How large a file may be; the library file of 500,000 tracks has about this size."""
MAX_MEMBERS = 2_000
"""Files of a ZIP that are read."""
MAX_UNPACKED = 2 * MAX_BYTES
Reader = Callable[[BinaryIO, str, str | None], Iterator[Event]]
READERS: dict[Format, Reader] = {
    "m3u": m3u.read, "pls": pls.read, "xspf": xspf.read, "jspf": jspf.read, "nsp": jspf.read, "csv": tables.read,
    "itunes": itunes.read,
}  # fmt: skip
_SPACES = b" \t\r\n\xef\xbb\xbf\xff\xfe\0"


def format_of(name: str, file: BinaryIO) -> Format | None:
    """The format by what the file begins with, and by its name where that says nothing; None for no playlist at all."""
    file.seek(0)
    head = file.read(4_096)
    file.seek(0)
    extension = os.path.splitext(name)[1].lower()  # noqa: PTH122 - a name, no path
    start = head.lstrip(_SPACES).replace(b"\0", b"")[:2_048]
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if start.startswith(b"<"):
        return "itunes" if b"plist" in start else "xspf"
    if start.upper().startswith((b"#EXTM3U", b"#EXTINF", b"#PLAYLIST")):
        return "m3u"
    if start.lower().startswith(b"[playlist]"):
        return "pls"
    if start.startswith((b"{", b"[{", b"[\n", b"[ ", b"[]")) or (
        start.startswith(b"[") and extension in (".json", ".jspf")
    ):
        return "nsp" if extension == ".nsp" else "jspf"
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")) and head[1:2] != b"\0" and head[:1] != b"\0":
        return None
    return EXTENSIONS.get(extension)


def read(file: BinaryIO, name: str, chosen: Format | None = None, encoding: str | None = None) -> Iterator[Event]:
    """What a file called `name` holds; `chosen` and `encoding` where a person knows better. A Doubt says what is wrong with
    the whole of it: `unknown_format` where it is no playlist."""
    found = chosen or format_of(name, file)
    if found is None:
        yield Doubt("unknown_format", {"name": name})
    elif found == "zip":
        yield from _members(file, encoding)
    else:
        yield from READERS[found](file, bare_name(name), encoding)


def bare_name(name: str) -> str:
    """What a list is called that has no name but its file's: `Takeout/Mix-videos.csv` is Mix."""
    last = re.split(r"[/\\]", name)[-1]
    stem, extension = os.path.splitext(last)  # noqa: PTH122
    plain = stem if extension.lower() in EXTENSIONS and stem else last
    return (plain.removesuffix("-videos") if extension.lower() == ".csv" else plain).strip() or "Playlist"


def _members(file: BinaryIO, encoding: str | None) -> Iterator[Event]:
    """The lists of every playlist file in a ZIP; folders in it are folders of lists. Each member is unpacked to a file of its
    own, no further than MAX_BYTES, whatever the ZIP says of its size."""
    try:
        packed = zipfile.ZipFile(file)
        members = [one for one in packed.infolist() if not one.is_dir() and _is_playlist(one.filename)]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        yield Doubt("zip_broken")
        return
    if len(members) > MAX_MEMBERS:
        yield Doubt("members_left_out", {"most": MAX_MEMBERS, "count": len(members)})
    place, unpacked = 0, 0
    for member in members[:MAX_MEMBERS]:
        with tempfile.TemporaryFile(prefix="segue-playlist-") as plain:
            try:
                with packed.open(member) as inside:
                    size = _copy(inside, plain, MAX_BYTES)
            except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError) as error:
                yield Doubt(
                    "member_unreadable", {"name": member.filename, "reason": str(error) or type(error).__name__}
                )
                continue
            unpacked += size
            if size > MAX_BYTES or unpacked > MAX_UNPACKED:
                yield Doubt("member_too_large", {"name": member.filename, "bytes": MAX_BYTES})
                if unpacked > MAX_UNPACKED:
                    return
                continue
            if format_of(member.filename, plain) == "zip":
                yield Doubt("zip_in_zip", {"name": member.filename})
                continue
            first = place
            folder = tuple(part for part in re.split(r"[/\\]", member.filename)[:-1] if part not in ("", ".", ".."))
            for event in read(plain, member.filename, None, encoding):
                if isinstance(event, ListHead):
                    place = max(place, first + event.number + 1)
                    yield replace(
                        event,
                        number=first + event.number,
                        folder=(*folder, *event.folder),
                        source=event.source or member.filename,
                    )
                elif isinstance(event, Entry):
                    yield replace(event, list_number=first + event.list_number)
                else:
                    yield Doubt(event.code, {**event.params, "file": member.filename})


def _is_playlist(name: str) -> bool:
    last = name.rpartition("/")[2]
    extension = os.path.splitext(last)[1].lower()  # noqa: PTH122
    return extension in EXTENSIONS and not last.startswith("._") and "__MACOSX" not in name


def _copy(inside: object, plain: BinaryIO, most: int) -> int:
    """Copy no more than a little beyond `most` bytes; how many it were."""
    size = 0
    while chunk := inside.read(shutil.COPY_BUFSIZE):  # type: ignore[attr-defined]
        size += len(chunk)
        if size > most:
            break
        plain.write(chunk)
    plain.seek(0)
    return size
