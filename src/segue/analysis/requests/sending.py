"""What somebody sends to be listened to: JSON that names something, the bytes of a file, or a form with a file in it.

A file is passed on piece by piece as it comes, however it is wrapped; a form is read by RFC 7578 as far as its first file.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import unquote

from segue.core.errors import Invalid

MOST_HEAD = 16 * 1024
"""Bytes that the head of a part may have, and the parts before the file together."""
_NAME = re.compile(r'filename="((?:[^"\\]|\\.)*)"|filename=([^;\s]+)', re.IGNORECASE)
_NAME_STAR = re.compile(r"filename\*=(?:UTF-8|utf-8)''([^;\s]+)", re.IGNORECASE)
_BOUNDARY = re.compile(r'boundary=(?:"([^"]{1,70})"|([^;\s]{1,70}))', re.IGNORECASE)


class BadForm(Invalid):
    def __init__(self, message: str) -> None:
        super().__init__("bad_form", message, hint="Send one part with a file in it, or the file itself as the body.")


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file on its way: its name as it was sent (may be empty), and its bytes, to be gone through once."""

    name: str
    parts: AsyncIterator[bytes]


def name_in(disposition: str) -> str:
    """The file's name in a Content-Disposition; empty where there is none."""
    if found := _NAME_STAR.search(disposition):
        return unquote(found[1])
    if found := _NAME.search(disposition):
        return re.sub(r"\\(.)", r"\1", found[1]) if found[1] is not None else found[2]
    return ""


async def file_in_form(content_type: str, body: AsyncIterator[bytes]) -> SentFile:
    """The first file of a multipart/form-data body. Raises BadForm where there is none; `parts` does where it breaks off."""
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise BadForm("The form does not say where its parts end.")
    mark = b"\r\n--" + (found[1] or found[2]).encode("latin-1")
    reader = _Reader(body, b"\r\n")
    if not await reader.skip_past(mark):
        raise BadForm("The form has no parts.")
    while True:
        head = await reader.head()
        if head is None:
            raise BadForm("There is no file in the form.")
        disposition = next((line for line in head.split("\r\n") if line.lower().startswith("content-disposition:")), "")
        if "filename" in disposition.lower():
            return SentFile(name_in(disposition), reader.until(mark))
        if not await reader.skip_past(mark):
            raise BadForm("There is no file in the form.")


class _Reader:
    """A body as a window that moves along."""

    def __init__(self, body: AsyncIterator[bytes], held: bytes = b"") -> None:
        self._body = body
        self._held = held
        self._skipped = 0

    async def _more(self) -> bool:
        async for chunk in self._body:
            if chunk:
                self._held += chunk
                return True
        return False

    async def skip_past(self, mark: bytes) -> bool:
        while (at := self._held.find(mark)) < 0:
            kept = self._held[-len(mark) :]
            self._skipped += len(self._held) - len(kept)
            self._held = kept
            if self._skipped > MOST_HEAD:
                raise BadForm("The file has to be the first part of the form.")
            if not await self._more():
                return False
        self._held = self._held[at + len(mark) :]
        return True

    async def head(self) -> str | None:
        """The head of the part that begins here; None at the end of the form."""
        while b"\r\n\r\n" not in self._held:
            if self._held.startswith(b"--"):
                return None
            if len(self._held) > MOST_HEAD or not await self._more():
                raise BadForm("The form breaks off.")
        head, _, self._held = self._held.partition(b"\r\n\r\n")
        return head.decode("utf-8", "replace").removeprefix("\r\n")

    async def until(self, mark: bytes) -> AsyncIterator[bytes]:
        while (at := self._held.find(mark)) < 0:
            safe = len(self._held) - len(mark)
            if safe > 0:
                yield self._held[:safe]
                self._held = self._held[safe:]
            if not await self._more():
                raise BadForm("The form breaks off.")
        yield self._held[:at]
