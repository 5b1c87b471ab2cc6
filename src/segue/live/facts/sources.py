"""Where the sound of a recording was taken: soundboard, audience, matrix of both, broadcast.

Uploaders say it in three places: the source line (the first thing it names is what most of the recording is), the
identifier (`gd1985-03-13.sbd.miller…`) and the lineage. A matrix names its soundboard, and microphones stand next to
soundboards, so a matrix is looked for first and a board that is only a place (`10 feet behind the SBD`) or is denied
(`not a soundboard`, `labeled as sbd`) does not count. Brands of microphones speak for the audience where nothing else
is said; brands of decks (a Sony, a Nakamichi) speak for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Literal

from segue.live.records import Evidence, SourceType

Witness = Literal["SBD", "MTX", "FM", "AUD", "mic", "board", "place", "denied"]
"""What a word says; `mic` is a microphone, `board` a word that only speaks for a soundboard where nothing else does."""

_TOKEN = re.compile(r"[a-z0-9&]+")

_WORDS: dict[str, Witness] = {
    **dict.fromkeys(
        ("sbd", "soundboard", "soundboards", "sndbd", "sndbrd", "snbd", "sdbd", "sbds", "msr", "sbdmr", "sbdmc", "msbd",
         "sbdcm", "sbdm", "msc", "msm", "sdb", "sbdr", "sbdc", "soudboard", "soundoard"), "SBD"),
    **dict.fromkeys(("matrix", "mtx", "matrixed", "ultramatrix", "matrices", "martix"), "MTX"),
    **dict.fromkeys(
        ("fm", "prefm", "fmr", "prefmr", "fmmr", "fmsbd", "fmmc", "fms", "simulcast", "broadcast", "radio", "webcast",
         "orefm", "ksan", "kbfh"), "FM"),
    **dict.fromkeys(
        ("aud", "audience", "auds", "audmc", "audmr", "audcm", "audrec", "fob", "mac", "audiance", "audienc", "audm",
         "maud", "dfc", "stealth", "mrac"), "AUD"),
    **dict.fromkeys(
        ("mic", "mics", "mike", "mikes", "miked", "microphone", "microphones", "mic's", "mikestand", "handheld", "binaural",
         "binaurals", "ortf", "schoeps", "schoep", "neumann", "neumanns", "akg", "akgs", "sennheiser", "sennheisers",
         "senheiser", "senn", "senns", "beyer", "beyers", "beyerdynamic", "beyerdynamics", "dpa", "bruel", "kjaer",
         "shure", "shures", "ecm", "ecms", "pzm", "pzms", "crown", "mbho", "oktava", "oktavas", "milab", "josephson",
         "gefell", "earthworks", "audiotechnica", "coresound", "csb", "csbs", "csc", "hebs", "calrec", "soundfield",
         "peavey", "primo", "countryman", "avenson", "naiant", "busman", "peluso", "rode", "superlux", "studioprojects",
         "decca", "ccm", "cmc", "mkh", "dsm", "octava", "ktek", "sonicstudios", "churchaudio", "taperssection", "sanken",
         "altec", "electrovoice", "balcony", "loge", "orchestra", "mezzanine", "row", "tapersection", "d1000e", "d200e",
         "sonysp", "aiwa", "lectret", "senheisers", "nakcm"), "mic"),
    **dict.fromkeys(("betty", "bettyboard", "bettyboards", "multitrack", "multitracks", "board", "boards", "lineout"), "board"),
}  # fmt: skip
_MODEL = re.compile(
    r"(?:akg|senn(?:heiser)?|beyer|schoeps|neumann|nak|shure|sony|at|bk|b&k|dpa|mb|ev)?"
    r"(?:ecm\d{2,4}\w?|cm-?[137]00s?|(?:nak|cm)[137]00s?|c(?:k|414|451|452|460|480|5\d\d|34|391|426|1000)\w{0,4}|d[12]\d\d\w?|d1000\w?"
    r"|d224\w?|190\w?|f-?9[5-9]\w?|f9\d\d|k[mM]?8[3-6]i?|km1\d\d|u8[79]|m(?:88|160|201|101|69|260|360|500|700)|mc9[35]0|mce\d+|md?4[2-4]1\w?|mkh?\d{1,4}\w?"
    r"|mk[24568]\w?|mk41\w?|mk22|ccm\d\w*|cmc\d\w*|at8\d\d\w?|at40\d\d|at9\d\d\w?|at3\d\d\w?|40(?:0[3-9]|1[1-9]|2[0-9]|6[0-6])"
    r"|sm5[78]\w?|sm81|545s?|dsm-?\w{1,3}|ca-?1[14]|sp-?cmc\d*|me\d{2,3}|vm44|km-?184|421s?|441s?)s?"
)
"""Models of microphones in the form they are written in identifiers: nak300, bk4011, sennheiser421, mk4, km84, d1000e."""
_ID_JOINED = re.compile(r"(?:s|set|d|disc|cd)?\d*(sbd|aud|fm|mtx|fob)\d*")
_NEGATED = frozenset(
    {"not", "no", "isn", "isnt", "never", "labeled", "labelled", "mislabeled", "mislabelled", "than", "without"}
)
_PLACED_WORDS = """
behind next front near beside by above below left right feet ft rows before between at side inches yards around
forward center centre towards booth under
"""
_PLACED = frozenset(_PLACED_WORDS.split())
_AFTER_PLACED = frozenset({"booth", "cage", "area", "riser", "railing", "rail", "tent", "pit", "barrier", "fence"})
_FILL = frozenset({"the", "of", "a", "an", "to", "from", "as", "is", "was", "s", "t"})

_seen: dict[str, Witness | None] = {}
_seen_in_ids: dict[str, Witness | None] = {}


def source_type_of(
    tokens: Sequence[str], source: str, lineage: str, more: Iterable[str] = ()
) -> tuple[SourceType, list[Evidence]]:
    """The type and its evidence.

    `tokens` are the parts of the identifier after the date, in lower case; `more` are texts that are only asked where
    the identifier, source and lineage say nothing: title, notes, description.
    """
    in_id = _of_identifier(tokens)
    in_source = _of_text(source)
    in_lineage = _of_text(lineage)
    evidence = [
        Evidence(f"source.{place}", word)
        for place, found in (("identifier", in_id), ("source", in_source), ("lineage", in_lineage))
        for word in found
    ]
    if "MTX" in in_id or "MTX" in in_source or ("MTX" in in_lineage and not in_id and not _strong(in_source)):
        return "MTX", evidence
    if "FM" in in_id and ("FM" in in_source or "FM" in in_lineage):
        return "FM", evidence
    chosen = _strong(in_source) or _strong(in_id) or _strong(in_lineage)
    if chosen:
        return chosen, evidence
    for found in (in_source, in_id, in_lineage):
        for word in found:
            if word == "mic":
                return "AUD", evidence
            if word == "board":
                return "SBD", evidence
    for text in more:
        found = _of_text(text)
        if found and (chosen := _strong(found)):
            evidence.extend(Evidence("source.text", word) for word in found)
            return chosen, evidence
    return "UNKNOWN", evidence


def _strong(found: Iterable[Witness]) -> SourceType | None:
    for word in found:
        if word == "SBD" or word == "FM" or word == "AUD" or word == "MTX":
            return word
    return None


def _of_identifier(tokens: Sequence[str]) -> dict[Witness, None]:
    found: dict[Witness, None] = {}
    for token in tokens:
        word = _seen_in_ids.get(token, "denied")
        if word == "denied":
            word = _seen_in_ids[token] = _id_word(token)
        if word is not None:
            found.setdefault(word)
    if "dts" in tokens or _surround(tokens):
        found.setdefault("MTX")
    return found


def _surround(tokens: Sequence[str]) -> bool:
    return any(one == "5" and two == "1" for one, two in pairwise(tokens)) or "51" in tokens


def _id_word(token: str) -> Witness | None:
    if "matrix" in token or token.startswith("mtx") or token.endswith("mtx"):
        return "MTX"
    if (joined := _ID_JOINED.fullmatch(token)) is not None:
        return {"sbd": "SBD", "aud": "AUD", "fm": "FM", "mtx": "MTX", "fob": "AUD"}[joined[1]]  # type: ignore[return-value]
    if token.isdigit() and len(token) > 3:
        return None
    return _word(token)


def _word(token: str) -> Witness | None:
    found = _WORDS.get(token)
    if found is None and any(char.isdigit() for char in token) and _MODEL.fullmatch(token):
        return "mic"
    return found


def _of_text(text: str) -> dict[Witness, None]:
    """What the words of `text` say, in the order of their first appearance."""
    found: dict[Witness, None] = {}
    if not text:
        return found
    words = _TOKEN.findall(text.lower())
    seen = _seen
    for at, token in enumerate(words):
        word = seen.get(token, "denied")
        if word == "denied":
            word = seen[token] = _word(token)
        if word is None or word in found:
            continue
        if word == "SBD" or word == "board":
            before = _before(words, at)
            if before and (not _NEGATED.isdisjoint(before) or not _PLACED.isdisjoint(before[-2:])):
                if "front" in before:
                    found.setdefault("AUD")
                continue
            if at + 1 < len(words) and words[at + 1] in _AFTER_PLACED:
                continue
        elif not _NEGATED.isdisjoint(_before(words, at)[-2:]):
            continue
        found[word] = None
    return found


def _before(words: Sequence[str], at: int) -> list[str]:
    return [word for word in words[max(0, at - 4) : at] if word not in _FILL]
