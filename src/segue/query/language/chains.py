"""Songs that follow one another: `"Scarlet Begonias" > "Fire on the Mountain"`.

    chain   = song , arrow , song , { arrow , song } ;
    song    = '"' name '"' | word | "*" ;
    arrow   = ">" (segue) | ">>" (at once, with or without a segue) | ">>>" (later) ;

`->`, `-->`, `=>` and `→`, as setlists have them, are `>`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn, Protocol

from segue.query import values
from segue.query.ast import Chain, Link, Text, any_part
from segue.query.errors import BadValue, QuerySyntax
from segue.query.fields import Field
from segue.query.language.tokens import Piece, Reader, may_be_chained

MAX_CHAIN = 12
"""Songs of one chain; each is one more table for the database to join."""
ARROWS: dict[Link, str] = {"segue": ">", "next": ">>", "later": ">>>"}
"""How each link is written."""
MEANINGS: dict[Link, str] = {
    "segue": "Runs into the next one, as a setlist or a recording marks it.",
    "next": "Comes at once after it, with or without a segue.",
    "later": "Comes some time after it in the same show.",
}
_LINKS: dict[str, Link] = {arrow: link for link, arrow in ARROWS.items()}
_SONG = "a song in double quotes, a word of its name, or *"


class Warns(Protocol):
    def __call__(self, code: str, message: str, at: Piece, /) -> None:
        """Tell something that is right and yet worth telling."""


class ChainReader:
    """Reads what arrows join, from the first arrow on."""

    def __init__(self, reader: Reader, warn: Warns) -> None:
        self._reader = reader
        self._warn = warn

    def chain(self, field: Field, first: Piece) -> Chain | None:
        """The chain that `first` begins; None, and nothing is read, where no arrow follows. Raises QuerySyntax."""
        arrow = self._reader.arrow()
        if arrow is None:
            return None
        pieces, links = [first], []
        while arrow is not None:
            links.append(_LINKS.get(arrow.text, "segue"))
            pieces.append(self._song(arrow))
            if len(pieces) > MAX_CHAIN:
                self._wrong("query_too_big", f"More than {MAX_CHAIN} songs follow one another.", first, pieces[-1].end)
            arrow = self._reader.arrow()
        parts = tuple(self._part(field, piece) for piece in pieces)
        if all(part == any_part(field.name) for part in parts):
            self._wrong("bad_value", "At least one of these has to be a song.", first, pieces[-1].end)
        return Chain(field.name, parts, tuple(links))

    def nothing_before(self) -> None:
        """Raises QuerySyntax where an arrow stands here that nothing goes before."""
        arrow = self._reader.arrow()
        if arrow is not None:
            self._wrong("term_expected", "A song is missing before this arrow.", arrow)

    def _song(self, arrow: Piece) -> Piece:
        self._reader.space()
        piece = self._reader.quoted()
        if piece is not None:
            if not piece.closed:
                self._warn("unclosed_quote", "The quotation mark is not closed; the text goes to the end.", piece)
            return piece
        again = self._reader.arrow()
        if again is not None:
            self._wrong("term_expected", "A song is missing between these arrows.", arrow, again.end)
        if self._reader.keyword() is not None or (piece := self._reader.word()) is None:
            self._wrong("term_expected", "A song is missing after this arrow.", arrow)
        if self._reader.colon():
            self._wrong("unexpected", "A song follows an arrow, not another condition.", piece)
        return piece

    def _part(self, field: Field, piece: Piece) -> Text:
        if not piece.quoted and piece.text == "*":
            return any_part(field.name)
        if not piece.quoted and not may_be_chained(piece.text):
            self._wrong("bad_value", f"{piece.text[:80]!r} beside an arrow goes in double quotes.", piece)
        try:
            return Text(field.name, "is" if piece.quoted else "contains", str(values.parse(field, piece.text)))
        except BadValue as error:
            self._wrong("bad_value", error.message, piece)

    def _wrong(self, code: str, message: str, at: Piece, end: int | None = None) -> NoReturn:
        length = (at.end if end is None else end) - at.start
        raise QuerySyntax(code, message, self._reader.text, at.start, length, expected=_SONG)


def written(chain: Chain, quoted: Callable[[str], str]) -> str:
    """A chain as it is written."""
    songs = [part.value if part.mode != "is" else quoted(part.value) for part in chain.parts]
    return songs[0] + "".join(f" {ARROWS[link]} {song}" for link, song in zip(chain.links, songs[1:], strict=True))


def said(chain: Chain) -> str:
    """A chain in words: `“A”, straight into “B”, later “C”`."""
    words: dict[Link, str] = {"segue": "straight into", "next": "then", "later": "later"}
    songs = ["anything" if part == any_part(chain.field) else f"“{part.value}”" for part in chain.parts]
    return songs[0] + "".join(f", {words[link]} {song}" for link, song in zip(chain.links, songs[1:], strict=True))
