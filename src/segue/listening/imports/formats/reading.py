"""Files of strangers, opened with care: archives that may be bombs, JSON that breaks off, tables in any encoding.

An upload is a stream of members (one, where it is no archive); what each holds is known by its first bytes, not its name.
Nothing is ever unpacked to where its name says, and nothing is read further than a history can reasonably be long.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import json
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO, Literal, cast

from segue.core.plain_text import decode_text
from segue.listening.imports.items import Trouble, Unreadable

Shape = Literal["json", "table", "plist", "sqlite", "script", "rockbox", "zip", "gzip", "empty"]
MOST_MEMBERS = 10_000
MOST_UNPACKED = 16 * 1024**3
"""Bytes that all members together may come to."""
MOST_RATIO, RATIO_FROM = 250, 100 * 1024**2
"""An archive's file of more than RATIO_FROM bytes, packed to less than the 250th part, is taken for a bomb: lists of listens
pack to a tenth or a thirtieth."""
MOST_DEEP = 2
MAX_LINE = 512 * 1024
"""Bytes of a line or of one JSON value; a listen with every field its service knows has a few thousand."""
HEAD = 64 * 1024
_PART = 1024 * 1024
_LIST = re.compile(r'"(?:listens|scrobbles|track|tracks)"\s*:\s*(?=\[)')
_NEXT_VALUE = re.compile(r"[}\]]\s*,\s*(?=[{\[])")
_SPACE = re.compile(r"[ \t\r\n\ufeff,]*")


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an upload, on disk: `path` is where it can be read from its beginning, again and again."""

    name: str
    path: Path
    shape: Shape


class Budget:
    """How much may still be unpacked."""

    def __init__(self, total: int = MOST_UNPACKED) -> None:
        self.left = total


@contextmanager
def members(path: Path, name: str, work: Path, budget: Budget | None = None) -> Iterator[Iterator[Member | Trouble]]:
    """The members of the upload at `path`, one after the other; archives are unpacked below `work`, a file at a time."""
    folder = Path(tempfile.mkdtemp(dir=work, prefix="unpacked-"))
    try:
        yield _members(path, name, folder, budget or Budget(), MOST_DEEP)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def names_in(path: Path, name: str) -> list[str]:
    """What an upload and the files in it are called, as far as that can be seen without unpacking."""
    try:
        with zipfile.ZipFile(path) as archive:
            return [name, *archive.namelist()]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return [name]


def shape_of(head: bytes) -> Shape:
    """What a file is, by its first bytes."""
    if head.startswith(b"SQLite format 3\0"):
        return "sqlite"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    shown = decode_text(head).text.lstrip()
    if not shown:
        return "empty"
    if shown[0] in "{[":
        return "json"
    if shown.startswith(("<?xml", "<!DOCTYPE plist", "<plist")):
        return "plist"
    if shown.startswith("#AUDIOSCROBBLER"):
        return "rockbox"
    if shown.startswith(("CREATE SCHEMA PUBLIC", "SET DATABASE ")):
        return "script"
    return "table"


def json_values(file: BinaryIO) -> Iterator[tuple[int | None, Any]]:
    """(line, value) of each row of a JSON document: its lines, the items of its array, or those of the list of listens in
    it. What is no JSON is a Trouble in the value's place, and reading goes on behind it."""
    head = decode_text(file.read(HEAD)).text.lstrip()
    file.seek(0)
    if head.startswith("{"):
        first, newline, rest = head.partition("\n")
        if newline and rest.strip() and _is_json(first):
            yield from _json_lines(file)
            return
        if _LIST.search(head) is None:
            yield None, _whole(file)
            return
        yield from ((None, value) for value in _json_array(file, after=_LIST))
        return
    yield from ((None, value) for value in _json_array(file))


def table(file: BinaryIO) -> Iterator[tuple[int, list[str] | Trouble]]:
    """(line, cells) of each row of a CSV file, whatever its encoding and whichever of comma, semicolon, tab divides it."""
    sample = file.read(HEAD)
    file.seek(0)
    known = decode_text(sample)
    first = known.text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    encoding = "utf-8-sig" if known.encoding == "utf-8" else known.encoding
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    errors = "segue.western" if encoding == "utf-8-sig" else "replace"
    shown = io.TextIOWrapper(file, encoding=encoding, errors=errors, newline="")
    reader = csv.reader((line.replace("\0", "") for line in shown), delimiter=delimiter)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield reader.line_num, Trouble("line_too_long", {"characters": csv.field_size_limit()})
            continue
        if any(row):
            yield reader.line_num, row


def _members(path: Path, name: str, folder: Path, budget: Budget, deep: int) -> Iterator[Member | Trouble]:
    with path.open("rb") as file:
        shape = shape_of(file.read(4096))
    if shape == "zip" and deep:
        yield from _of_zip(path, name, folder, budget, deep)
    elif shape == "gzip" and deep:
        target = folder / f"{deep}.member"
        try:
            with gzip.open(path, "rb") as packed:
                _unpack(cast(IO[bytes], packed), target, name, budget)
        except Unreadable as error:
            yield Trouble(error.code, error.params, name)
            if error.code != "too_large":
                return
        yield from _members(target, name.removesuffix(".gz"), folder, budget, deep - 1)
        target.unlink(missing_ok=True)
    else:
        yield Member(name, path, shape)


def _of_zip(path: Path, name: str, folder: Path, budget: Budget, deep: int) -> Iterator[Member | Trouble]:
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        yield Trouble("broken_member", {"name": name, "reason": str(error)}, name)
        return
    with archive:
        infos = [info for info in archive.infolist() if not info.is_dir() and _is_wanted(info.filename)]
        if len(infos) > MOST_MEMBERS:
            yield Trouble("too_many_members", {"count": MOST_MEMBERS}, name)
        target = folder / f"{deep}.member"
        for info in sorted(infos[:MOST_MEMBERS], key=lambda info: _natural(info.filename)):
            try:
                _check(info)
                with archive.open(info) as packed:
                    _unpack(packed, target, info.filename, budget)
            except Unreadable as error:
                yield Trouble(error.code, error.params, info.filename)
                if error.code != "too_large" and not target.exists():
                    continue
            except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError) as error:
                yield Trouble("broken_member", {"name": info.filename, "reason": str(error)}, info.filename)
                continue
            yield from _members(target, info.filename, folder, budget, deep - 1)
            target.unlink(missing_ok=True)
            if budget.left <= 0:
                return


def _is_wanted(name: str) -> bool:
    base = name.rsplit("/", 1)[-1]
    return not (base.startswith(".") and base != ".scrobbler.log") and "__MACOSX" not in name


def _check(info: zipfile.ZipInfo) -> None:
    if info.flag_bits & 1:
        raise Unreadable("encrypted", name=info.filename)
    if info.file_size > RATIO_FROM and info.file_size > MOST_RATIO * max(info.compress_size, 1):
        raise Unreadable("suspicious", name=info.filename, ratio=info.file_size // max(info.compress_size, 1))


def _unpack(packed: IO[bytes], target: Path, name: str, budget: Budget) -> None:
    """Copy a packed file to `target`, as much of it as is left in the budget. Raises Unreadable; what came before the fault
    stays there to be read."""
    with target.open("wb") as out:
        while True:
            try:
                part = packed.read(_PART)
            except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
                raise Unreadable("broken_member", name=name, reason=str(error)) from None
            if not part:
                return
            if len(part) > budget.left:
                out.write(part[: max(budget.left, 0)])
                budget.left = 0
                raise Unreadable("too_large", name=name, bytes=MOST_UNPACKED)
            budget.left -= len(part)
            out.write(part)


def _natural(name: str) -> list[tuple[int, str]]:
    """Sorts `2019/2.jsonl` before `2019/10.jsonl`."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", name)]


def _is_json(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _json_lines(file: BinaryIO) -> Iterator[tuple[int, Any]]:
    if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        file.seek(0)
        file = cast(BinaryIO, codecs.EncodedFile(file, "utf-8", "utf-16"))
    else:
        file.seek(0)
    number = 0
    while raw := file.readline(MAX_LINE):
        number += 1
        if len(raw) == MAX_LINE and not raw.endswith(b"\n"):
            while raw and not raw.endswith(b"\n"):
                raw = file.readline(MAX_LINE)
            yield number, Trouble("line_too_long", {"characters": MAX_LINE})
            continue
        if raw.isspace():
            continue
        try:
            yield number, json.loads(raw.removeprefix(codecs.BOM_UTF8) if number == 1 else raw)
        except UnicodeDecodeError:
            try:
                yield number, json.loads(raw.decode("utf-8", "segue.western"))
            except (ValueError, RecursionError):
                yield number, Trouble("broken_json", {})
        except (ValueError, RecursionError):
            yield number, Trouble("broken_json", {})


def _json_array(file: BinaryIO, after: re.Pattern[str] | None = None) -> Iterator[Any]:
    """The items of the array with which the document begins, or of the one that follows `after` in it."""
    head = file.read(4)
    file.seek(0)
    encoding = "utf-16" if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"
    decode = codecs.getincrementaldecoder(encoding)("segue.western" if encoding == "utf-8-sig" else "replace").decode
    decoder = json.JSONDecoder(strict=False)
    buffer, ended = "", False

    def more() -> None:
        nonlocal buffer, ended
        chunk = file.read(_PART)
        ended = not chunk
        buffer += decode(chunk, final=ended)

    more()
    begin = after.search(buffer) if after else None
    at = buffer.find("[", begin.end() if begin else 0) + 1
    while True:
        found = _SPACE.match(buffer, at)
        at = found.end() if found else at
        if at >= len(buffer):
            if ended:
                yield Trouble("broken_json", {})  # the array was never closed
                return
            buffer, at = "", 0
            more()
            continue
        if buffer[at] == "]":
            return
        try:
            value, end = decoder.raw_decode(buffer, at)
            if end >= len(buffer) and not ended:
                raise ValueError  # a number may go on in the next part
            yield value
            at = end
        except (ValueError, RecursionError):
            if not ended and len(buffer) - at <= MAX_LINE:
                buffer, at = buffer[at:], 0
                more()
                continue
            yield Trouble("broken_json" if ended or len(buffer) - at <= MAX_LINE else "row_too_large", {})
            following = _NEXT_VALUE.search(buffer, at)
            if following is None and ended:
                return
            buffer, at = (buffer[following.end() :], 0) if following else ("", 0)
            if not following:
                more()


def _whole(file: BinaryIO) -> Any:
    raw = file.read(16 * MAX_LINE)
    try:
        return json.loads(decode_text(raw).text, strict=False)
    except (ValueError, RecursionError):
        return Trouble("broken_json", {})
