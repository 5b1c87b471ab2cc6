"""Text files of strangers: which encoding they are in, as well as can be told, and their text.

Lyrics, CUE sheets and playlists were written by every program of thirty years, so nothing says how they are encoded.
What is not Unicode is guessed, and the guess is said. `decode_text` is for small files, `lines_of` for those of any size.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

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


# --- line by line ------------------------------------------------------------------------------------------------------

CHUNK = 64 * 1024
SAMPLE = 256 * 1024
"""Bytes by which the encoding of what is not Unicode is guessed."""
MAX_LINE = 32 * 1024
"""Bytes (or characters, in UTF-16) of a line that are kept."""
_WRONGLY_DECODED = re.compile("[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u0178\u02c6\u02dc\u2013-\u203a\u20ac\u2122]")
_BEYOND_ASCII = re.compile("[^\x00-\x7f]+")
_LINE_END = re.compile(rb"\r\n|\r|\n")


class Line(NamedTuple):
    """A line of a file: its number from 1, its text, and whether the rest of it was left out as too long."""

    number: int
    text: str
    is_cut: bool


def lines_of(file: BinaryIO, encoding: str | None = None) -> Iterator[Line]:
    """The lines of a file from its beginning, whatever ends them; never more than two chunks of it in memory.

    Each line is decoded by itself: UTF-8 where it is that, otherwise `encoding` or what a sample of the file was guessed
    to be, for such files were often written to by several programs. What was decoded wrongly before it was written
    (`CafÃ©`) is put right. Raises LookupError for an unknown `encoding`.
    """
    file.seek(0)
    sample = file.read(SAMPLE)
    file.seek(0)
    guessed = encoding or decode_text(sample).encoding
    codecs.lookup(guessed)
    if guessed.startswith("utf-16"):
        yield from _wide_lines(file, guessed)
        return
    for number, (raw, is_cut) in enumerate(_raw_lines(file), 1):
        if number == 1:
            raw = raw.removeprefix(codecs.BOM_UTF8)
        yield Line(number, repaired(_line(raw, guessed)), is_cut)


def repaired(text: str) -> str:
    """`text` with UTF-8 that was taken for Windows-1252 put right; as it is where nothing speaks for that."""
    if text.isascii() or not _WRONGLY_DECODED.search(text):
        return text
    return _BEYOND_ASCII.sub(_decoded_again, text)


def _decoded_again(run: re.Match[str]) -> str:
    try:
        return b"".join(_western_byte(char) for char in run[0]).decode("utf-8")
    except (UnicodeDecodeError, UnicodeEncodeError):
        return run[0]


def western(error: UnicodeError) -> tuple[str, int]:
    """An error handler for decoding: what is not UTF-8 is taken for Windows-1252, byte by byte."""
    assert isinstance(error, UnicodeDecodeError)
    data = error.object[error.start : error.end]
    return "".join(_western_char(byte) for byte in data), error.end


codecs.register_error("segue.western", western)


def _western_char(byte: int) -> str:
    try:
        return bytes((byte,)).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)


def _western_byte(char: str) -> bytes:
    try:
        return char.encode("cp1252")
    except UnicodeEncodeError:
        return char.encode("latin-1")


def _line(raw: bytes, guessed: str) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode(
            "utf-8" if guessed == "utf-8" else guessed, "segue.western" if guessed == "utf-8" else "replace"
        )
    return text.replace("\0", "")


def _raw_lines(file: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    rest, is_cut = b"", False
    while True:
        chunk = file.read(CHUNK)
        if not chunk:
            break
        if chunk.endswith(b"\r"):  # its newline may follow
            chunk += file.read(1)
        pieces = _LINE_END.split(rest + chunk)
        rest = pieces.pop()
        for place, piece in enumerate(pieces):
            cut = is_cut and place == 0
            yield piece[:MAX_LINE], cut or len(piece) > MAX_LINE
            is_cut = False
        if len(rest) > MAX_LINE:
            rest, is_cut = rest[:MAX_LINE], True
    if rest or is_cut:
        yield rest[:MAX_LINE], is_cut


def _wide_lines(file: BinaryIO, encoding: str) -> Iterator[Line]:
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    rest, number, is_cut = "", 0, False
    while True:
        chunk = file.read(CHUNK)
        pieces = re.split("\r\n|\r|\n", rest + decoder.decode(chunk, final=not chunk))
        rest = pieces.pop() if chunk else ""
        for place, piece in enumerate(pieces):
            number += 1
            text = piece.removeprefix("\ufeff") if number == 1 else piece
            if piece or place < len(pieces) - 1 or chunk:
                yield Line(number, text[:MAX_LINE].replace("\0", ""), (is_cut and place == 0) or len(text) > MAX_LINE)
            is_cut = False
        if not chunk:
            return
        if len(rest) > MAX_LINE:
            rest, is_cut = rest[:MAX_LINE], True
