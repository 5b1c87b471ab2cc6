"""Who made it: artist tags to credits with ids, sort names and join phrases.

Several names come from several values (`ARTISTS`, or a repeated `ARTIST`). One text is taken apart where the file gives
exactly as many MusicBrainz ids as there are parts; where it gives none, at the separators of the rules.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from segue.library.scan.facts import Credit
from segue.library.scan.tags.split import Splitter

_SEPARATORS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\s+(?:feat\.?|ft\.?|featuring)\s+",
        r"\s*[;\0]\s*|\s*/\s*",
        r"\s*[;/\0]\s*|\s+(?:feat\.?|ft\.?|featuring|with|vs\.?)\s+",
        r"\s*[;/\0]\s*|,\s+|\s+(?:feat\.?|ft\.?|featuring|with|vs\.?)\s+",
        r"\s*[;/\0]\s*|\s+(?:feat\.?|ft\.?|featuring|with|vs\.?|&|and|x)\s+",
        r"\s*[;/\0]\s*|,?\s+(?:feat\.?|ft\.?|featuring|with|vs\.?|&|and|x)\s+|,\s+",
    )
)
"""Ways to take one text apart, from safest to boldest; one counts only if it gives one part for each id."""

_JOIN = ", "
_MAX_PHRASE = 40


class Credited(NamedTuple):
    """The display line, its credits, and how many ids could not be given to a name.

    `how` the names were told apart: `one` (there is one), `values` (one a value), `names` (by ARTISTS), `ids` (as many as
    ids), `split` (at the separators of the rules).
    """

    display: str | None
    credits: tuple[Credit, ...]
    unmatched_ids: int = 0
    how: str = "one"


def credited(
    role: str,
    shown: Sequence[str],
    names: Sequence[str],
    sorts: Sequence[str],
    sort_names: Sequence[str],
    mbids: Sequence[str],
    splitter: Splitter | None = None,
) -> Credited:
    """Make credits of one role.

    `shown` are the values of ARTIST (or ALBUMARTIST), `names` those of ARTISTS, `sorts` and `sort_names` likewise for
    the sort names, `mbids` the ids in order. A name that is said twice counts once, unless each has an id.
    """
    if splitter is not None and not mbids and not names and shown:
        apart = _split(role, shown, sorts, sort_names, splitter)
        if apart is not None:
            return apart
    shown, names = _once(shown, len(mbids)), _once(names, len(mbids))
    if len(shown) == 1 and not names and len(mbids) <= 1:
        name = shown[0]
        sort = sorts[0] if sorts else sort_names[0] if sort_names else None
        return Credited(name, (Credit(name, role, sort, mbids[0] if mbids else None),))
    if not shown and not names:
        return Credited(None, (), len(mbids))
    display = shown[0] if len(shown) == 1 else None
    parts = list(names or shown)
    how = "names" if names else "values"
    if len(parts) == 1 and len(mbids) > 1:
        apart_by_ids = _taken_apart(parts[0], len(mbids), splitter)
        parts, how = (apart_by_ids, "ids") if apart_by_ids else (parts, "one")
    if display is None and names and len(shown) > 1 and list(shown) != parts:
        display = None
    phrases, credited_as = _phrases(display, parts)
    if display is None or phrases is None:
        phrases = [_JOIN] * (len(parts) - 1) + [""]
        display = display or "".join(name + phrase for name, phrase in zip(parts, phrases, strict=True))
        credited_as = [None] * len(parts)
    ids: Sequence[str | None] = mbids if len(mbids) == len(parts) else [None] * len(parts)
    sort_list = _sorts(parts, phrases, sorts, sort_names)
    credits = tuple(
        Credit(name, role, sort, mbid, None, spelled, phrase)
        for name, sort, mbid, spelled, phrase in zip(parts, sort_list, ids, credited_as, phrases, strict=True)
    )
    return Credited(display, credits, 0 if len(mbids) in (0, len(parts)) else len(mbids), how)


def _split(
    role: str, shown: Sequence[str], sorts: Sequence[str], sort_names: Sequence[str], splitter: Splitter
) -> Credited | None:
    """Names taken apart by the rules; None where every value is one name."""
    if len(shown) == 1:
        parts = splitter.parts(shown[0])
        if len(parts) == 1:
            return None
        display = shown[0]
    else:
        values = [splitter.parts(text) for text in dict.fromkeys(shown)]
        if all(len(each) == 1 for each in values):
            return None
        parts = tuple(
            part._replace(phrase=part.phrase + _JOIN) if part is each[-1] and each is not values[-1] else part
            for each in values
            for part in each
        )
        display = "".join(part.name + part.phrase for part in parts)
    phrases = [part.phrase for part in parts]
    sort_list = _sorts([part.name for part in parts], phrases, sorts, sort_names)
    credits = tuple(
        Credit(part.name, role, sort, None, None, None, part.phrase)
        for part, sort in zip(parts, sort_list, strict=True)
    )
    return Credited(display, credits, 0, "split")


def _once(names: Sequence[str], ids: int) -> Sequence[str]:
    """`names` without repetitions: some writers say each artist twice. Left alone where the ids say as many people."""
    return list(dict.fromkeys(names)) if len(names) > 1 and len(names) != ids else names


def _taken_apart(text: str, count: int, splitter: Splitter | None) -> list[str] | None:
    if splitter is not None and len(by_rules := splitter.parts(text)) == count and not by_rules[-1].phrase:
        return [part.name for part in by_rules]
    for separator in _SEPARATORS:
        parts = [part.strip() for part in separator.split(text)]
        if len(parts) == count and all(parts):
            return parts
    return None


def _phrases(display: str | None, names: Sequence[str]) -> tuple[list[str] | None, list[str | None]]:
    """Find the names in order within the display line; the text between them are the join phrases."""
    credited_as: list[str | None] = []
    phrases: list[str] = []
    if display is None:
        return None, []
    folded = display.casefold()
    same_length = len(folded) == len(display)
    position = 0
    for index, name in enumerate(names):
        at = display.find(name, position)
        if at < 0 and same_length:
            at = folded.find(name.casefold(), position)
        if at < 0 or (index == 0 and at > 0):
            return None, []
        if index:
            phrases.append(display[position:at])
        spelled = display[at : at + len(name)]
        credited_as.append(spelled if spelled != name else None)
        position = at + len(name)
    phrases.append(display[position:])
    if any(len(phrase) > _MAX_PHRASE for phrase in phrases):
        return None, []
    return phrases, credited_as


def _sorts(
    names: Sequence[str], phrases: Sequence[str], sorts: Sequence[str], sort_names: Sequence[str]
) -> Sequence[str | None]:
    for values in (sort_names, sorts):
        if len(values) == len(names):
            return values
    if len(sorts) == 1 and len(names) > 1:
        rest = sorts[0]
        parts = []
        for phrase in phrases[:-1]:
            part, found, rest = rest.partition(phrase)
            if not found or not phrase:
                return [None] * len(names)
            parts.append(part)
        return [*parts, rest]
    return [None] * len(names)


_INSTRUMENT = re.compile(r"(.*\S)\s*\(([^()]+(?:\([^()]*\)[^()]*)*)\)", re.DOTALL)


def performer(text: str) -> tuple[str, str | None]:
    """Split `Joe Barr (piano)` into name and instrument."""
    match = _INSTRUMENT.fullmatch(text)
    return (match[1], match[2].strip() or None) if match else (text, None)
