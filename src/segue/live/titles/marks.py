"""A title taken apart before any song is looked for: pieces between segue marks, without the marks of tapers.

`gd73-12-08 s2t05 Drums-> //The Other One* [4:59] >` is two pieces of set 2: Drums that runs into the next, and
The Other One, which is cut at its start and runs on.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

_SEGUE = re.compile(r"\s*(?:[-=~–—_]*[>›»]+[->›»]*|[→➔➜⇒]+|~+(?=\s*\Z))\s*")
_SEGUE_SIGNS = re.compile(r"[>›»→➔➜⇒~]")
_BRACKETED = re.compile(r"\(([^()\[\]{}]*)\)|\[([^()\[\]{}]*)\]|\{([^()\[\]{}]*)\}")
_LETTER = re.compile(r"[^\W_]")

_FILE_NAME = re.compile(
    r"""\s*[a-zA-Z&]{1,14}[-_.]?
        (?:19|20)?\d\d[-_.](?:\d\d|[xX?]{2})[-_.](?:\d\d|[xX?]{2}|(?=\D))
        (?P<rest>.*)\Z""",
    re.VERBOSE | re.DOTALL,
)
_AFTER_DATE = re.compile(
    r"""[\s_.\-]*
        (?:(?:[a-z0-9]{1,12}[.\s_\-]+){0,4}?(?=(?:[sd]|set|disc|cd)\d|t[A-Z0-9'"/(]))?
        (?:(?:s|set|d|disc|cd)(?P<part>\d{1,2})(?:[\s_.\-]*(?=t)|[\s_.\-]+|\Z))?
        (?:t(?:rack)?[\s_.\-]?\d{1,3}(?!\d)[\s_.\-]*|t(?=[A-Z0-9'"/(]))?""",
    re.VERBOSE,
)
_EXTENSION = re.compile(r"\.(?:flac|shn|mp3|ogg|wav|m4a|aiff?)\Z", re.IGNORECASE)

_MOJIBAKE = re.compile("(?:â€™|â€˜|Â?[\x91\x92])")
"""Apostrophes that were read in another encoding than they were written in."""

_PLAIN = re.compile(r"([A-Za-z][A-Za-z ',.&!?]*)(-{0,2}>{1,2})?")
"""Titles as most are: letters and an arrow at most."""

_TIME = re.compile(
    r"[\[({]?\s*(?<![\d:.])\d{1,3}:[0-5]\d(?::[0-5]\d)?(?:\.\d+)?(?![\d:])\s*[\])}]?|[\[(]\s*\d{1,2}[.'’]\d\d\"?\s*[\])]"
)
_LEADING_NUMBER = re.compile(
    r"(?:(?:d|cd|disc\s*)\d{1,2}[\s_\-]*)?(?:(?:t|tr|trk|track)[\s_.\-]*\d{1,3}|\d{1,3}(?=\s*[-.):_\]]|\s+\D))(?!\d)[\s_.):\-\]]*",
    re.IGNORECASE,
)

_ENCORE = re.compile(
    r"""[\s"'*(\[<#-]*
        (?: (?:1st|2nd|3rd|first|second|third|double|dbl|\d)?\s*encores?\s*(?:\#?\s*(?:\d|i{1,3}|one|two)(?![\w']))?
            (?:\s*[\])])? (?:\s*[:.)\],=*-]+|\s+(?!break\b)|\Z)
          | enc\s*\#?\d?\s*[:.)\]-]+
          | e\s*\#?\d?\s*[:)\]]+ | e\d\s*[-.]+ | e\s+-+\s+ | \d?e\s*-\s+ )
        [\s:.)*-]*""",
    re.VERBOSE | re.IGNORECASE,
)
_ENCORE_WORD = re.compile(r"\bencores?\b|^e\d?$", re.IGNORECASE)
_SET = re.compile(
    r"""[\s"'*(\[<#=-]*
        (?: set\s*\#?\s*(?P<a>\d|i{1,3}|iv|one|two|three|four)(?![\w'])
          | (?P<b>1st|2nd|3rd|4th|first|second|third|fourth)\s+set\b
          | (?P<d>i{1,3}|iv)\s*:)
        (?:\s*(?:opener|opens|start|begins))?[\s:.)\]=*#,-]*""",
    re.VERBOSE | re.IGNORECASE,
)
_NUMBER = {
    "i": "1", "ii": "2", "iii": "3", "iv": "4", "one": "1", "two": "2", "three": "3", "four": "4", "1st": "1", "2nd": "2",
    "3rd": "3", "4th": "4", "first": "1", "second": "2", "third": "3", "fourth": "4",
}  # fmt: skip
_CUT_WORD = re.compile(
    r"\bcuts?\b|\bfades?\b|\bfad(?:es|ing)?[ -](?:in|out)\b"
    r"|\bincomplete\b|\bpartial\b|\bfragment\b|\bclipped\b|\bsplice|\bmissing\b|\btape (?:ends|stops|flip)",
    re.IGNORECASE,
)
_CUT_AT_END = re.compile(
    r"[\s,;-]+\(?(?:cuts?(?: (?:in|out|off|at end|end|start|short))?|incomplete|fades? (?:in|out))\)?[\s.]*\Z",
    re.IGNORECASE,
)
_FOOTNOTES = re.compile(r"[*^#%†‡§¹²³\ufffd]+(?!\s*\d)|(?<=[\w'’.!?)\]])[+$@]+(?=\s|\Z)")
_FOOTNOTE_SIGNS = frozenset("*^#%†‡§¹²³\ufffd+$@")
_EDGES = " \t\n-–—_.,;:*+=|•·\\~`"
_GUESTS = re.compile(r"\s(?:w/|with\b|feat\b\.?|featuring\b|ft\.)\s*.+\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of a title. `text` has its brackets and slashes still, `bare` neither brackets nor what is in them."""

    text: str
    bare: str
    written: str = ""
    """As it stands in the title."""
    note: str = ""
    segue: bool = False
    encore: bool = False
    cut: bool = False
    set_name: str = ""


@dataclass(frozen=True, slots=True)
class Parts:
    """A title in pieces. None: it is a header or a file name; what it says of sets is still told."""

    pieces: tuple[Piece, ...]
    set_name: str = ""
    encore: bool = False


def take_apart(raw: str) -> Parts:
    """`raw` in its pieces, in order. Never raises; marks that stand alone belong to the piece before them."""
    text = raw.strip()
    if (plain := _PLAIN.fullmatch(text)) is not None:
        text, set_name, encore = without_header(plain[1])
        piece = _piece(text, bool(plain[2]), encore, set_name)
        return Parts((piece,) if piece else (), set_name, encore)
    if "&" in text and ";" in text:
        text = html.unescape(text)
    if not text.isascii():
        text = _MOJIBAKE.sub("'", text)
    set_name = ""
    if (named := _FILE_NAME.match(text)) is not None:
        text, set_name = _after_file_name(named["rest"])
    text = _EXTENSION.sub("", text)
    text = _TIME.sub(" ", text)
    if _SEGUE_SIGNS.search(text):
        text = _BRACKETED.sub(lambda found: _SEGUE.sub(" to ", found[0]), text)
    text, header, encore = without_header(text)
    set_name = header or set_name
    found: list[Piece] = []
    split = _SEGUE.split(text)
    for place, part in enumerate(split):
        segue = place < len(split) - 1
        piece = _piece(part, segue, encore, set_name)
        if piece is not None:
            found.append(piece)
            continue
        if found and part.strip():
            last = found[-1]
            note = _note_of(part)
            found[-1] = Piece(
                last.text, last.bare, last.written, " ".join(filter(None, (last.note, note))), last.segue or segue, last.encore,
                last.cut or "//" in part or bool(_CUT_WORD.search(note)), last.set_name,
            )  # fmt: skip
    return Parts(tuple(found), set_name, encore)


def _after_file_name(rest: str) -> tuple[str, str]:
    """What stands after band and date in a file's name, and the set that it tells: ` s2t05 Drums` is Drums of set 2."""
    found = _AFTER_DATE.match(rest)
    if found is None:
        return rest, ""
    part = found["part"]
    of_set = part and re.search(rf"s(?:et)?{part}", found[0])
    return rest[found.end() :], f"Set {int(part)}" if of_set else ""


def without_header(text: str) -> tuple[str, str, bool]:
    """`text` without a set's header before it; the set's name and whether it is an encore."""
    if (found := _ENCORE.match(text)) is not None:
        return text[found.end() :], "Encore", True
    if (found := _SET.match(text)) is not None:
        number = (found["a"] or found["b"] or found["d"]).casefold()
        return text[found.end() :], f"Set {_NUMBER.get(number, number)}", False
    return text, "", False


def without_number(text: str) -> str:
    """`text` without a track's number before it; all of it where nothing else would be left."""
    found = _LEADING_NUMBER.match(text)
    rest = text[found.end() :] if found else text
    return rest if _LETTER.search(rest) else text


def without_guests(text: str) -> str:
    """`text` without `with X on vocals` at its end."""
    return _GUESTS.sub("", text)


def _note_of(text: str) -> str:
    return " ".join(next(filter(None, groups), "") for groups in _BRACKETED.findall(text)).strip()


def _piece(part: str, segue: bool, encore: bool, set_name: str) -> Piece | None:
    """One piece; None where only marks and notes are there."""
    note, bare, bracketed = "", part, False
    if "(" in part or "[" in part or "{" in part:
        bracketed = True
        note = _note_of(part)
        bare = _BRACKETED.sub(" ", part)
        if not _LETTER.search(bare):
            if not segue and not note:
                return None
            if not _LETTER.search(note) or _is_remark(note):
                return None
            bare, note = note, ""
    text = _tidy(part)
    bare = _tidy(bare) if bracketed else text
    if not _LETTER.search(bare):
        return None
    cut = "//" in part or bool(note and _CUT_WORD.search(note))
    if (cut_off := _CUT_AT_END.search(bare)) is not None and cut_off.start() > 0:
        bare, cut = bare[: cut_off.start()], True
    if note and _ENCORE_WORD.search(note):
        encore = True
    if note and (found := _SET.search(note)) and not set_name:
        number = (found["a"] or found["b"] or found["d"]).casefold()
        set_name = f"Set {_NUMBER.get(number, number)}"
    return Piece(text, bare, part, note, segue, encore, cut, set_name or ("Encore" if encore else ""))


_REMARK = re.compile(
    r"\s*(?:sbd|aud|mtx|matrix|fm|mono|stereo|patch|cont(?:inued)?\.?|cuts?|fades?.*|\d+|x|[a-z]\d*)\s*\Z",
    re.IGNORECASE,
)


def _is_remark(note: str) -> bool:
    return bool(_REMARK.match(note) or _CUT_WORD.search(note))


def _tidy(text: str) -> str:
    return (text if _FOOTNOTE_SIGNS.isdisjoint(text) else _FOOTNOTES.sub(" ", text)).strip(_EDGES)


def without_brackets(text: str) -> str:
    """`text` without what stands in brackets."""
    return _BRACKETED.sub(" ", text)
