"""What sort of recording it is: concert, soundcheck, rehearsal, studio …; which show of two; whether it is only a part."""

from __future__ import annotations

import re
from collections.abc import Collection

from segue.live.records import Evidence, Item, Kind, ShowTime

_SORTS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("soundcheck", re.compile(r"s(?:ou)?ndche?c?k|sound[\s._-]?check")),
    ("rehearsal", re.compile(r"rehe?a?rsal|reahearsal|practi[sc]e\b")),
    ("interview", re.compile(r"\binterview|press[\s._-]?conference|radio[\s._-]?(?:ads?|spots?|promos?)|\bapology\b")),
    ("studio", re.compile(r"\bstudios?\b|\bout-?t{1,2}akes|rough[\s._-]?mix|\bsessions?\b|\bdemos?\b|record(?:ing)? plant")),
    ("compilation", re.compile(r"compilation|\bcomp\b|\bbest[\s._-]of\b|\bsampler\b|various (?:dates|shows|venues)")),
)  # fmt: skip
_ANY_SORT = re.compile(
    r"check|chk|h?e?a?rsal|practi|interview|conference|radio|apology|studio|takes|rough|session|demo|plant|comp|best|sampler|various"
)
_SHOW_WORDS: dict[str, ShowTime] = {
    "early": "early", "earlyshow": "early", "matinee": "early", "afternoon": "early", "show1": "early", "1stshow": "early",
    "late": "late", "lateshow": "late", "show2": "late", "2ndshow": "late",
}  # fmt: skip
_SHOW_TEXT = re.compile(
    r"\b(early|late|first|second|1st|2nd|matinee|afternoon)\b(?:[\s,&+/]+(?:and|partial)?[\s,&+/]*(?:early|late|first|second)\b)?"
    r"[\s._-]*(shows?)?",
    re.IGNORECASE,
)
_PARTIAL_TOKENS = re.compile(
    r"partial|p?set\d|s[1-4]p?|psbd|psdb|paud|\d(?:st|nd|rd)set|fragment|incomplete|segment|excerpt|\d?songs?|d\dnew|encore(?:only)?|jam"
)
_SET = re.compile(r"p?s(?:et)?(\d)p?")
_PARTIAL_TEXT = re.compile(
    r"\b(?:partial|incomplete|fragments?|excerpts?|(?:set|disc|disk) ?(?:\d|i{1,3}|one|two|three) only|encore only"
    r"|only (?:set|the encore)"
    r"|(?:1st|2nd|first|second|third|3rd) set only|partial (?:show|set))\b(?! (?:upgrade|patch))"
)  # fmt: skip


def kind_of(item: Item, tail: str) -> tuple[Kind, list[Evidence]]:
    """The kind, from identifier (`tail`: what follows the date, in lower case), venue and title. Usually a concert."""
    venue = item.venue.lower()
    text = f"{tail} {venue}" if venue and venue in item.title.lower() else f"{tail} {venue} {item.title.lower()}"
    if _ANY_SORT.search(text) is None:
        return "concert", []
    for kind, pattern in _SORTS:
        if (found := pattern.search(text)) is not None:
            return kind, [Evidence("kind." + kind, found[0])]
    return "concert", []


def show_time_of(item: Item, tokens: Collection[str]) -> tuple[ShowTime | None, list[Evidence]]:
    """Early or late where identifier, venue or title says one of them; None where they say both or nothing.

    The evidence is `show_time.identifier` or `show_time.venue`, with `both` as value where both shows are named.
    """
    said = {word for token in tokens if (word := _SHOW_WORDS.get(token))}
    if not said and "show" in tokens:
        said = {
            "early" if one == "first" or one == "1st" else "late"
            for one in tokens
            if one in ("first", "second", "1st", "2nd")
        }  # type: ignore[misc]
    evidence: list[Evidence] = []
    if said:
        evidence.append(Evidence("show_time.identifier", next(iter(said)) if len(said) == 1 else "both"))
    in_text = _show_in_text(item.venue) or _show_in_text(item.title)
    if in_text:
        evidence.append(Evidence("show_time.venue", in_text, 0.5))
    if not evidence:
        return None, []
    first = evidence[0].value
    time: ShowTime | None = "early" if first == "early" else "late" if first == "late" else None
    return time, evidence


def _show_in_text(text: str) -> str:
    lowered = text.lower()
    if "early" not in lowered and "late" not in lowered and "show" not in lowered and "matinee" not in lowered:
        return ""
    said: set[str] = set()
    for found in _SHOW_TEXT.finditer(lowered):
        whole = found[0]
        if found[1] in ("first", "second", "1st", "2nd", "afternoon") and not found[2]:
            continue
        if found[1] in ("early", "late") and not found[2] and not _stands_alone(lowered, found.start(), found.end()):
            continue
        said |= {"early" for word in ("early", "first", "1st", "matinee", "afternoon") if word in whole}
        said |= {"late" for word in ("late", "second", "2nd") if word in whole}
    return "both" if len(said) > 1 else next(iter(said), "")


def _stands_alone(text: str, start: int, end: int) -> bool:
    """The word is bracketed or ends the text: `Capitol Theater (Late)`, not `Late Night Cafe`."""
    return text[:start].rstrip()[-1:] in ("(", "[", "-", ",") or text[end:].strip()[:1] in (")", "]", "")


def partial_of(item: Item, tokens: Collection[str]) -> list[Evidence]:
    """What says that the recording is only a part of its show; nothing where both sets are named."""
    evidence: list[Evidence] = []
    sets = {found[1] for token in tokens if (found := _SET.fullmatch(token))}
    for token in tokens:
        if _PARTIAL_TOKENS.fullmatch(token):
            if _SET.fullmatch(token) and len(sets) > 1:
                continue
            evidence.append(Evidence("partial.identifier", token))
    for text in (item.source, item.venue):
        if text and (found := _PARTIAL_TEXT.search(text.lower())) is not None:
            evidence.append(Evidence("partial.text", found[0]))
            break
    return evidence
