"""Text files of strangers: which encoding they are in, as well as can be told, and their text.

Lyrics and CUE sheets beside the music were written by every program of thirty years, so nothing says how they are
encoded. What is not Unicode is guessed, and the guess is said.
"""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CYRILLIC_RUN = re.compile(rb"[\xc0-\xff\xa8\xb8]{3,}")
_KANA = re.compile("[\u3040-\u30ff]")
_HALF_WIDTH = re.compile("[\uff61-\uff9f]")
_HIGH = re.compile(rb"[\x80-\xff]")


class PlainText(NamedTuple):
    """The text of a file; `guessed` is true where its encoding is only likely."""

    text: str
    encoding: str
    guessed: bool


def decode_text(data: bytes) -> PlainText:
    """The text in `data`, with every line ending as a newline and without NUL; never raises.

    In order: a byte order mark, UTF-16 by its zeros, UTF-8, Shift-JIS where kana come out, Windows-1251 where most
    letters are above ASCII and stand in rows, and Windows-1252.
    """
    text, encoding, guessed = _decoded(data)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return PlainText(text.removeprefix("\ufeff"), encoding, guessed)


def _decoded(data: bytes) -> tuple[str, str, bool]:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace"), encoding, False
    head = data[:4096]
    if len(head) >= 4 and head.count(0) * 3 > len(head):
        encoding = "utf-16-le" if head[1::2].count(0) >= head[0::2].count(0) else "utf-16-be"
        return data.decode(encoding, "replace"), encoding, True
    try:
        return data.decode("utf-8"), "utf-8", False
    except UnicodeDecodeError as error:
        if error.end >= len(data) - 3 and error.start > len(data) // 2:  # cut in the middle of its last letter
            return data.decode("utf-8", "ignore"), "utf-8", False
    try:
        japanese = data.decode("cp932")
    except UnicodeDecodeError:
        japanese = ""
    if len(_KANA.findall(japanese)) > len(_HALF_WIDTH.findall(japanese)):
        return japanese, "cp932", True
    high = len(_HIGH.findall(data))
    if high and sum(map(len, _CYRILLIC_RUN.findall(data))) * 10 > high * 8:
        return data.decode("cp1251", "replace"), "cp1251", True
    return data.decode("cp1252", "replace"), "cp1252", True
