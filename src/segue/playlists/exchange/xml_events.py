"""XML of strangers, a piece at a time: nothing is expanded, nothing is fetched, and what is broken is read up to there.

Bytes are decoded here, by the mark or the declaration at the start, with what is not UTF-8 taken for Windows-1252. Every
`&` that is not one of the five known entities or a number becomes plain text before the parser sees it, so that a bare
`Simon & Garfunkel` is read, and entities that a document declares (the billion laughs) are never expanded.
"""

from __future__ import annotations

import codecs
import re
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO, Literal, NamedTuple
from xml.parsers import expat

import segue.core.plain_text  # noqa: F401 - the error handler segue.western
from segue.playlists.exchange.events import Doubt

CHUNK = 64 * 1024
MAX_DEPTH = 64
MAX_TEXT = 32 * 1024
"""Characters of one element's text that are kept."""
_DECLARED = re.compile(rb"""^<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_BARE = re.compile(r"&(?!(?:#[0-9]{1,7}|#x[0-9a-fA-F]{1,6}|amp|lt|gt|quot|apos);)")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LONGEST_ENTITY = 12


class Piece(NamedTuple):
    """The beginning of an element with its attributes, or its end with its text. Names are without namespaces."""

    what: Literal["start", "end"]
    name: str
    text: str = ""
    attributes: dict[str, str] | None = None


class _TooDeep(Exception):
    pass


class _Gathering:
    """The parser's handlers: they put pieces into `pieces`."""

    def __init__(self) -> None:
        self.pieces: deque[Piece] = deque()
        self.declares_entities = False
        self._texts: list[list[str]] = [[]]
        self._in_cdata = False
        self.parser = expat.ParserCreate(encoding="utf-8", namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.EntityDeclHandler = self._entity
        self.parser.StartCdataSectionHandler = self._cdata_starts
        self.parser.EndCdataSectionHandler = self._cdata_ends

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._texts) > MAX_DEPTH:
            raise _TooDeep
        self._texts.append([])
        plain = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
        self.pieces.append(Piece("start", name.rpartition(" ")[2], attributes=plain))

    def _end(self, name: str) -> None:
        text = "".join(self._texts.pop())
        self.pieces.append(Piece("end", name.rpartition(" ")[2], text.strip()))

    def _characters(self, text: str) -> None:
        mine = self._texts[-1]
        if sum(map(len, mine)) < MAX_TEXT:
            mine.append(text.replace("&amp;", "&") if self._in_cdata else text)

    def _cdata_starts(self) -> None:
        self._in_cdata = True

    def _cdata_ends(self) -> None:
        self._in_cdata = False

    def _entity(self, *declaration: object) -> None:
        self.declares_entities = True


def pieces_of(file: BinaryIO, encoding: str | None = None) -> Iterator[Piece | Doubt]:
    """The document's elements in order. A Doubt says that it declares entities, or where and how it is broken; after the
    latter nothing more comes."""
    gathering = _Gathering()
    told = False
    try:
        for text in _texts(file, encoding):
            gathering.parser.Parse(text.encode("utf-8", "replace"), False)
            if gathering.declares_entities and not told:
                told = True
                yield Doubt("xml_entities")
            while gathering.pieces:
                yield gathering.pieces.popleft()
        gathering.parser.Parse(b"", True)
    except expat.ExpatError as error:
        yield from gathering.pieces
        reason = expat.ErrorString(error.code)
        yield Doubt("xml_broken", {"line": error.lineno, "column": error.offset + 1, "reason": reason})
        return
    except _TooDeep:
        yield Doubt("xml_too_deep", {"most": MAX_DEPTH})
        return
    yield from gathering.pieces


def _texts(file: BinaryIO, encoding: str | None) -> Iterator[str]:
    """The document as text, with every loose `&` escaped and without characters that XML has none of."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding or _encoding(file))("segue.western")
    rest = ""
    while chunk := file.read(CHUNK):
        text = rest + decoder.decode(chunk)
        last = text.rfind("&", max(0, len(text) - _LONGEST_ENTITY))
        rest = text[last:] if last >= 0 else ""
        yield _clean(text[:last] if last >= 0 else text)
    yield _clean(rest + decoder.decode(b"", final=True))


def _encoding(file: BinaryIO) -> str:
    head = file.read(1_024)
    file.seek(0)
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if head.startswith(mark):
            return name
    if head[:2] in (b"<\0", b"\0<"):
        return "utf-16-le" if head[:1] == b"<" else "utf-16-be"
    declared = _DECLARED.match(head.lstrip())
    try:
        name = codecs.lookup(declared[1].decode()).name if declared else "utf-8"
        "".encode(name)
    except (LookupError, TypeError):
        return "utf-8"
    return "utf-8" if name.startswith("utf-16") else name


def _clean(text: str) -> str:
    return _NOT_XML.sub("", _BARE.sub("&amp;", text))
