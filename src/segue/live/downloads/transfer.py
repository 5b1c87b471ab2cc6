"""One file from the archive to its part, and the proof that it is what it should be.

A part goes on where it stopped only by a 206 that begins exactly there and belongs to a file of the size that is claimed;
a 200 means starting over, whatever was asked for. More bytes than claimed are never written. Size, first bytes and checksum
are compared always, also where nothing was interrupted (RFC 9110 §14, §15.3.7, §15.5.17).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from segue.core.outside import AuthFailed, Fault, QuotaExhausted, Throttled
from segue.live.downloads import checks
from segue.live.downloads.errors import Trouble
from segue.live.downloads.formats import looks_right
from segue.live.downloads.limits import Bandwidth
from segue.live.downloads.part import PART, Part
from segue.live.downloads.source import Opened, Source
from segue.live.downloads.token import Token

CHUNK_BYTES = 256 * 1024
STALL_S = 60.0
"""A server that sends nothing for so long has broken off."""
_RANGE = re.compile(r"\s*bytes\s+(?:(\d{1,18})-(\d{1,18})|\*)/(\d{1,18}|\*)\s*", re.IGNORECASE)
_ROUNDS = 3
_SURE_OF_TYPE = 16
"""Bytes after which a file's type is looked at."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file, what it should be, and where it goes."""

    identifier: str
    name: str
    size: int | None
    md5: str
    sha1: str
    path: bytes


@dataclass(frozen=True, slots=True)
class Proof:
    """What a whole file turned out to be. `verified`: md5, sha1, or size where nothing better is known."""

    size: int
    md5: str
    verified: str


async def fetch(
    source: Source, wanted: Wanted, part: Part, token: Token, bandwidth: Bandwidth, told: Callable[[int], None]
) -> None:
    """Bring `part`, which is open, to its end. `told` hears how many bytes are there.

    Raises Halted, and Trouble where it came to nothing this time; what came is kept in the part, and brought to the disk.
    """
    told(part.length)
    try:
        for _ in range(_ROUNDS):
            if wanted.size is not None and part.length == wanted.size:
                return
            if await _receive(source, wanted, part, token, bandwidth, told):
                return
    except Fault as fault:
        raise trouble_of(fault) from fault
    finally:
        await asyncio.to_thread(part.keep)
    raise Trouble("bad_range", from_zero=True)


async def prove(wanted: Wanted, part: Part, token: Token) -> Proof:
    """Compare a whole part with what is claimed. Raises Trouble: wrong_size, wrong_type, wrong_checksum."""
    if wanted.size is not None and part.length != wanted.size:
        raise Trouble("wrong_size", from_zero=True, claimed=wanted.size, came=part.length)
    _check_type(wanted, part)
    if wanted.md5:
        if part.md5 != wanted.md5:
            raise Trouble("wrong_checksum", from_zero=True, claimed=wanted.md5, came=part.md5)
        return Proof(part.length, part.md5, "md5")
    if wanted.sha1:
        read = await asyncio.to_thread(checks.measure, part.path + PART, token.check, sha1=True)
        if read.sha1 != wanted.sha1:
            raise Trouble("wrong_checksum", from_zero=True, claimed=wanted.sha1, came=read.sha1)
        return Proof(part.length, part.md5, "sha1")
    return Proof(part.length, part.md5, "size")


async def _receive(
    source: Source, wanted: Wanted, part: Part, token: Token, bandwidth: Bandwidth, told: Callable[[int], None]
) -> bool:
    """Ask once and take what comes. False: nothing of what was there is of use, ask again from zero."""
    token.check()
    offset = part.length
    async with source.open(wanted.identifier, wanted.name, offset=offset, if_range=part.validator) as answer:
        if answer.status == 416:
            _, total = _content_range(answer.headers)
            if offset and total == offset and wanted.size is None:
                return True
            part.begin_again()
            return False
        if answer.status not in (200, 206):
            raise _refused(answer)
        _check_content_type(wanted, answer)
        whole = _whole_size(answer, wanted, part, offset)
        if whole is False:
            part.begin_again()
            return False
        part.describe(answer.headers.get("etag", ""), answer.headers.get("last-modified", ""))
        longest = wanted.size if wanted.size is not None else whole
        await _take(answer, wanted, part, token, bandwidth, told, longest)
        if longest is not None and part.length < longest:
            raise Trouble("broken_off", came=part.length, of=longest)
    return True


def _whole_size(answer: Opened, wanted: Wanted, part: Part, offset: int) -> int | bool | None:
    """The size of the whole file as the answer says it, None where it does not; False where it does not go on from `offset`.

    A 200 to a question for the rest begins from zero: the part is emptied. Raises Trouble where it is another size."""
    if answer.status == 206:
        first, total = _content_range(answer.headers)
        if first != offset or (total is not None and wanted.size is not None and total != wanted.size):
            return False
        etag = answer.headers.get("etag", "")
        if offset and part.etag and etag and etag != part.etag:
            return False
        return total
    if offset:
        part.begin_again()
    length = answer.headers.get("content-length", "").strip()
    if not length.isdecimal() or answer.headers.get("content-encoding", "identity") != "identity":
        return None
    if wanted.size is not None and int(length) != wanted.size:
        raise Trouble("wrong_size", from_zero=True, claimed=wanted.size, came=int(length))
    return int(length)


async def _take(
    answer: Opened,
    wanted: Wanted,
    part: Part,
    token: Token,
    bandwidth: Bandwidth,
    told: Callable[[int], None],
    longest: int | None,
) -> None:
    """Write what comes, 256 KiB at a time; what came before it broke off is written too."""
    waiting = bytearray()
    checked = part.length >= _SURE_OF_TYPE

    def write() -> None:
        nonlocal checked
        if not waiting:
            return
        part.append(bytes(waiting))
        waiting.clear()
        told(part.length)
        if not checked and part.length >= _SURE_OF_TYPE:
            checked = True
            _check_type(wanted, part)

    pieces = answer.pieces()
    try:
        while True:
            async with asyncio.timeout(STALL_S):
                piece = await anext(pieces, None)
            if piece is None:
                break
            if longest is not None and part.length + len(waiting) + len(piece) > longest:
                raise Trouble("wrong_size", from_zero=True, claimed=longest, more=True)
            waiting += piece
            token.check()
            if len(waiting) >= CHUNK_BYTES:
                write()
                if part.wants_sync:
                    await asyncio.to_thread(part.keep)
            await bandwidth.take(len(piece), token.check)
    except TimeoutError:
        raise Trouble("broken_off", reason="stalled") from None
    finally:
        write()


def trouble_of(fault: Fault) -> Trouble:
    """A fault of the archive as what it means for a download."""
    match fault:
        case Throttled() | QuotaExhausted():
            return Trouble("throttled", at=fault.retry_at)
        case AuthFailed():
            return Trouble("refused", lasting=True, reason=fault.reason)
    if fault.reason in ("broken_off", "timeout"):
        return Trouble("broken_off", at=fault.retry_at, reason=fault.reason)
    if fault.code == "archive_restricted":
        return Trouble("refused", lasting=True)
    if fault.reason == "html":
        return Trouble("html")
    if fault.reason == "content_range":
        return Trouble("bad_range", from_zero=True)
    return Trouble("unreachable", at=fault.retry_at, reason=fault.reason)


def _refused(answer: Opened) -> Trouble:
    if answer.status in (401, 403):
        return Trouble("refused", lasting=True, status=answer.status)
    if answer.status in (404, 410):
        return Trouble("gone", lasting=True, status=answer.status)
    return Trouble("unreachable", status=answer.status)


def _content_range(headers: Mapping[str, str]) -> tuple[int | None, int | None]:
    """(first byte, whole size) of Content-Range; None for what it does not say."""
    found = _RANGE.fullmatch(headers.get("content-range", ""))
    if found is None:
        return None, None
    return int(found[1]) if found[1] else None, int(found[3]) if found[3] != "*" else None


def _check_content_type(wanted: Wanted, answer: Opened) -> None:
    said = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if said == "text/html" and not wanted.name.lower().endswith((".html", ".htm")):
        raise Trouble("html")


def _check_type(wanted: Wanted, part: Part) -> None:
    if not looks_right(wanted.name, part.start):
        raise Trouble("wrong_type", from_zero=True)
