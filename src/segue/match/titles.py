"""A title taken apart: its core, which version it is, and who is a guest on it.

`Hurt (Live at Rome) [feat. Ann]` has the core `hurt`, is a live version whose detail is `live at rome`, with the guest
Ann. What stands in brackets, or after a dash at the end, counts as a version only where it has a word for one: the
brackets of `(I Can't Get No) Satisfaction` stay, and `Live and Let Die` is not a live version.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz import fuzz

from segue.core.text import fold

HARD: dict[str, str] = {
    "live": r"\b(?:live|concert|unplugged|on stage|en vivo|en concert|ao vivo|dal vivo)\b",
    "remix": r"\b(?:remix(?:ed)?|rmx|dub|rework|bootleg|vip mix|club mix|dance mix|house mix|re-?edit)\b",
    "acoustic": r"\bacoustic\b",
    "instrumental": r"\binstrumental\b",
    "karaoke": r"\bkaraoke\b",
    "cover": r"\b(?:cover|tribute|in the style of|originally performed)\b",
    "demo": r"\bdemos?\b",
    "edit": r"\b(?:radio|single|video|short|album)? ?(?:edit|cut)\b|\bshort version\b|\bradio version\b",
    "extended": r"\b(?:extended|long version|12(?:\"|''| ?inch)|maxi)(?!\w)",
    "a_cappella": r"\ba ?cap+el+a\b",
    "rerecorded": r"\b(?:re-?record(?:ed|ing)|\w+'s version)\b",
    "outtake": r"\b(?:outtake|rehearsal|alternat(?:e|ive)(?: take| version| mix)?|take \d+|session)\b",
    "reprise": r"\breprise\b",
}
"""Words for versions that are recordings of their own: where these differ, so do the recordings."""

SOFT: dict[str, str] = {
    "remaster": r"\b(?:re-?master(?:ed|izado|isé)?|digitally remastered)\b",
    "mono": r"\bmono\b",
    "stereo": r"\bstereo\b",
    "explicit": r"\bexplicit\b",
    "clean": r"\b(?:clean|censored)\b",
    "edition": r"\b(?:deluxe|bonus(?: track)?|expanded|anniversary|special|limited|collector'?s)(?: edition| version)?\b",
    "original": r"\b(?:original|album|single|lp|stereo|mono|main)(?: version| mix)\b",
}
"""Words that tell releases apart, seldom recordings."""

VERSION_WORDS = frozenset(
    {
        "live", "unplugged", "remix", "rmx", "dub", "rework", "acoustic", "instrumental", "karaoke", "cover", "demo", "edit",
        "extended", "reprise", "session", "version", "mix", "take", "outtake", "alternate",
    }
)  # fmt: skip
"""Single words that tell a version also where nothing sets them apart from the title."""

_GUEST = re.compile(r"^(?:feat(?:uring)?|ft|with|w/)\.?\s+(.+)$", re.IGNORECASE)
_GUEST_AT_END = re.compile(r"\s+(?:feat(?:uring)?\.?|ft\.?)\s+(.+)$", re.IGNORECASE)
_BRACKETED = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]|\{([^{}]*)\}")
_DASHED = re.compile(r"\s+[-–—~/]\s+([^-–—~]+)$")
_HARD = {name: re.compile(pattern) for name, pattern in HARD.items()}
_SOFT = {name: re.compile(pattern) for name, pattern in SOFT.items()}
_NOT_WORDS = re.compile(r"[\W_]+")
_PARTS = frozenset(
    {
        "part", "pt", "parts", "pts", "vol", "volume", "no", "nr", "number", "op", "opus", "act", "chapter", "movement",
        "mvt", "disc", "side", "take",
    }
)  # fmt: skip
_ROMAN = {
    "i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "x": "10",
    "xi": "11", "xii": "12",
}  # fmt: skip
_COUNTED = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "ten": "10", "eleven": "11", "twelve": "12",
}  # fmt: skip
_YEAR = re.compile(r"(?:19|20)\d\d")
_NAMES = re.compile(r"\s*(?:,|&|\band\b|;|/)\s*", re.IGNORECASE)


class Title(NamedTuple):
    """See `take_apart`. `core` is folded, words parted by one space; `raw` the whole title folded."""

    core: str
    hard: frozenset[str]
    soft: frozenset[str]
    details: dict[str, str]
    """What stood where the hard version's word was: `live at rome`."""
    guests: tuple[str, ...]
    raw: str
    plain: str
    """The core as it is written, not folded."""
    unguested: str
    """All of it but its guests, as it is written: the version's words stay."""
    letters: str
    """`unguested` folded to its letters and digits alone, so that signs and spaces make no other title."""


@lru_cache(maxsize=16_384)
def take_apart(title: str) -> Title:
    """The parts of a title of a recording or release."""
    hard: dict[str, str] = {}
    soft: set[str] = set()
    guests: list[str] = []
    rest = title[:1_000]
    unguested = rest
    while True:
        found = next((match for match in _BRACKETED.finditer(rest) if _says(_inside(match), hard, soft, guests)), None)
        if found is None:
            break
        if _GUEST.match(_inside(found).strip()):
            unguested = unguested.replace(found[0], " ")
        rest = f"{rest[: found.start()]} {rest[found.end() :]}"
    while (dashed := _DASHED.search(rest)) and dashed.start() and _says(dashed[1], hard, soft, guests):
        rest = rest[: dashed.start()]
    if guest := _GUEST_AT_END.search(rest):
        guests += _people(guest[1])
        unguested = unguested.replace(guest[0], " ")
        rest = rest[: guest.start()]
    core = words(rest) or words(title)
    plain = rest.strip() if words(rest) else title[:1_000].strip()
    unguested = " ".join(unguested.split()) or plain
    letters = words(unguested).replace(" ", "")
    raw = fold(title).strip()
    return Title(core, frozenset(hard), frozenset(soft), hard, tuple(guests), raw, plain, unguested, letters)


def words(text: str) -> str:
    """`text` folded to its words; its symbols where it has none, so that `!!!` is not nothing."""
    folded = fold(text)
    return " ".join(_NOT_WORDS.sub(" ", folded.replace("'", "").replace("&", " and ")).split()) or folded.strip()


@lru_cache(maxsize=16_384)
def numbers(core: str) -> tuple[str, ...]:
    """The numbers of a core in order: `shine on part ii` has `2`, as `shine on pt 2` has. A year at its end is left out,
    as are the letters that are numerals only by chance (`i`, `x`) where no word for a part stands before them."""
    found: list[str] = []
    tokens = core.split()
    for place, token in enumerate(tokens):
        counted = place > 0 and tokens[place - 1] in _PARTS
        if token.isdecimal():
            found.append(str(int(token)) if len(token) < 10 else token)
        elif token in _ROMAN and (counted or len(token) > 1):
            found.append(_ROMAN[token])
        elif counted and token in _COUNTED:
            found.append(_COUNTED[token])
    if len(tokens) > 1 and found and _YEAR.fullmatch(tokens[-1]):
        del found[-1]
    return tuple(found)


def parts(text: str) -> tuple[str, ...]:
    """Which parts a text speaks of: `part one live` of 1."""
    tokens = text.split()
    counted = (place for place, token in enumerate(tokens) if place and tokens[place - 1] in _PARTS)
    return tuple(number for place in counted for number in numbers(" ".join(tokens[place - 1 : place + 1])))


def alike(a: str, b: str) -> float:
    """How alike two folded texts are, 0 to 1: edit distance in words' order, with and without spaces."""
    if a == b:
        return 1.0
    if not a or not b:
        return 0.0
    return max(fuzz.ratio(a, b), fuzz.ratio(a.replace(" ", ""), b.replace(" ", ""))) / 100


def _inside(match: re.Match[str]) -> str:
    return next(group for group in match.groups() if group is not None)


def _says(segment: str, hard: dict[str, str], soft: set[str], guests: list[str]) -> bool:
    """Whether a segment tells a version or a guest; what it tells is noted."""
    if guest := _GUEST.match(segment.strip()):
        guests += _people(guest[1])
        return True
    folded = fold(segment)
    softly = {name for name, pattern in _SOFT.items() if pattern.search(folded)}
    found = {name for name, pattern in _HARD.items() if pattern.search(folded)}
    if "original" in softly:
        found -= {"edit", "outtake"}
    if not found and not softly:
        return False
    soft |= softly
    for name in found:
        hard.setdefault(name, words(segment))
    return True


def _people(text: str) -> list[str]:
    return [name for name in _NAMES.split(text) if name]
