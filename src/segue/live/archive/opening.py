"""A file of the archive as it comes: which bytes they are is checked before any of them is given on."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from segue.core.outside import Ask, AuthFailed, Outside, ProviderBug, Service
from segue.live.archive.faults import Restricted

if TYPE_CHECKING:
    from segue.core.outside.sending import Opened

_CONTENT_RANGE = re.compile(r"\s*bytes\s+(?:(\d{1,18})-(\d{1,18})|\*)/(\d{1,18}|\*)\s*", re.IGNORECASE)
_PAGES = (".html", ".htm", ".xhtml")


class ContentRange(NamedTuple):
    """`bytes 100-199/500` is (100, 200, 500); a 416's `bytes */500` is (None, None, 500). `total` None: not said."""

    start: int | None
    end: int | None
    total: int | None


@dataclass(frozen=True, slots=True)
class OpenFile:
    """An answer with a file's bytes: 200 the whole of it, 206 from where it was asked, 416 there is nothing from there on."""

    identifier: str
    name: str
    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    content_range: ContentRange | None
    answer: Opened

    @property
    def length(self) -> int | None:
        """Bytes that this answer says it holds."""
        said = self.headers.get("content-length", "")
        return int(said) if said.isascii() and said.isdigit() and len(said) < 19 else None

    @property
    def size(self) -> int | None:
        """Bytes of the whole file, as far as the answer tells."""
        if self.content_range is not None:
            return self.content_range.total
        return self.length if self.status == 200 else None

    @property
    def version(self) -> str:
        """What tells this version of the file from others, for `if_range`: an ETag that is not weak, or a date; or empty."""
        etag = self.headers.get("etag", "")
        return etag if etag.startswith('"') else self.headers.get("last-modified", "")

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def chunks(self) -> AsyncIterator[bytes]:
        """The bytes, once. Raises Transient where they end before `length`."""
        return self.answer.chunks()


def path_of(identifier: str, name: str) -> str:
    """The path of a file below the archive's address, every part of it escaped. Raises ValueError for a name that climbs."""
    parts = name.split("/")
    if (
        not identifier
        or "/" in identifier
        or any(part in ("", ".", "..") for part in (identifier, *parts))
        or "\0" in name
    ):
        raise ValueError("this is no name of a file")
    return "/".join(["download", quote(identifier, safe=""), *(quote(part, safe="") for part in parts)])


@asynccontextmanager
async def opened_file(
    outside: Outside, service: Service, identifier: str, name: str, offset: int, end: int | None, if_range: str
) -> AsyncIterator[OpenFile | None]:
    """Ask for a file and look at what comes. Raises a Fault."""
    try:
        path = path_of(identifier, name)
    except ValueError as error:
        raise ProviderBug(service.title, reason="url", said=f"{identifier}/{name}: {error}") from error
    headers = {}
    if offset or end is not None:
        headers["Range"] = f"bytes={offset}-{'' if end is None else end - 1}"
        if if_range:
            headers["If-Range"] = if_range
    ask: Ask[None] = Ask("file", path, headers=headers, base_url=service.base_url)
    try:
        async with outside.open(service, ask) as answer:
            if answer is None:
                yield None
                return
            yield checked(service, identifier, name, offset, answer)
    except AuthFailed as fault:
        raise Restricted(service.title, identifier, name, 403) from fault


def checked(service: Service, identifier: str, name: str, offset: int, answer: Opened) -> OpenFile:
    """The answer, where it is what was asked for. Raises ProviderBug: a page instead of a file, another part of it."""
    found = content_range(answer.headers.get("content-range", ""))
    file = OpenFile(identifier, name, answer.status, answer.headers, found, answer)
    if file.content_type == "text/html" and not name.lower().endswith(_PAGES):
        raise ProviderBug(service.title, reason="html", said=f"{identifier}/{name}", status_code=answer.status)
    if answer.status == 206:
        length = file.length
        begins = found is not None and found.start == offset
        if (
            found is None
            or not begins
            or (length is not None and found.end is not None and length != found.end - offset)
        ):
            said = f"{answer.headers.get('content-range', '')} for {offset}-"
            raise ProviderBug(service.title, reason="content_range", said=said, status_code=206)
    return file


def content_range(header: str) -> ContentRange | None:
    """A Content-Range as it stands; None where there is none, or one that makes no sense."""
    found = _CONTENT_RANGE.fullmatch(header)
    if found is None:
        return None
    total = None if found[3] == "*" else int(found[3])
    if found[1] is None:
        return ContentRange(None, None, total)
    start, end = int(found[1]), int(found[2]) + 1
    return ContentRange(start, end, total) if start < end and (total is None or end <= total) else None
