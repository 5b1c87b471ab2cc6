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

Witness = Literal["SBD", "MTX", "FM", "AUD", "mic", "board", "?"]
"""What a word says; `mic` is a microphone, `board` a word that only speaks for a soundboard where nothing else
does; `?` is a word that was not met yet."""

_TOKEN = re.compile(r"[a-z0-9&]+")

_WORDS: dict[str, Witness] = {
    **dict.fromkeys(
        ("sbd", "soundboard", "soundboards", "sndbd", "sndbrd", "snbd", "sdbd", "sbds", "msr", "sbdmr", "sbdmc", "msbd",
         "sbdcm", "dsbd", "psbd", "psdb", "sbdm", "msc", "msm", "sdb", "sbdr", "sbdc", "soudboard", "soundoard"), "SBD"),
    **dict.fromkeys(("matrix", "mtx", "matrixed", "ultramatrix", "matrices", "martix"), "MTX"),
    **dict.fromkeys(
        ("fm", "prefm", "fmr", "prefmr", "fmmr", "fmsbd", "fmmc", "fms", "simulcast", "broadcast", "radio", "webcast",
         "orefm", "kbfh"), "FM"),
    **dict.fromkeys(
        ("aud", "audience", "auds", "audmc", "audmr", "audcm", "audrec", "fob", "mac", "audiance", "audienc", "audm",
         "maud", "dfc", "stealth", "mrac"), "AUD"),
    **dict.fromkeys(
        ("mic", "mics", "mike", "mikes", "miked", "microphone", "microphones", "mic's", "mikestand", "handheld", "binaural",
         "binaurals", "ortf", "schoeps", "schoep", "neumann", "neumanns", "akg", "akgs", "sennheiser", "sennheisers",
         "senheiser", "senn", "senns", "beyer", "beyers", "beyerdynamic", "beyerdynamics", "dpa", "bruel", "kjaer",
         "shure", "shures", "ecm", "ecms", "pzm", "pzms", "mbho", "oktava", "oktavas", "milab", "josephson",
         "gefell", "earthworks", "audiotechnica", "coresound", "csb", "csbs", "csc", "hebs", "calrec", "soundfield",
         "peavey", "primo", "countryman", "avenson", "naiant", "busman", "peluso", "rode", "superlux", "studioprojects",
         "decca", "ccm", "cmc", "mkh", "dsm", "octava", "ktek", "sonicstudios", "churchaudio", "taperssection", "sanken",
         "altec", "electrovoice", "balcony", "loge", "orchestra", "mezzanine", "row", "tapersection", "d1000e", "d200e",
         "sonysp", "lectret", "senheisers", "nakcm"), "mic"),
    **dict.fromkeys(("betty", "bettyboard", "bettyboards", "multitrack", "multitracks", "board", "boards", "lineout"), "board"),
}  # fmt: skip
_MODEL = re.compile(
    r"(?:akgs?|senn?(?:heiser)?s?|beyer(?:dynamic)?|schoeps|neumann|shure|bk|b&k|dpa|mb|ev|oktava)\w{0,4}\d\w{0,6}"
    r"|(?:sony)?ecm\d{1,4}\w{0,2}|(?:nak(?:amichi)?|cm)[137]00s?|nakcm\w*|ck\d{1,2}\w?|c(?:414|451|452|460|480|5\d\d|391|426)\w{0,3}"
    r"|d1000\w|d200\w|km8[3-6]i?|km-?1[48]\d|u8[79]i?|mc[79][345]0|md?4[24]1\w?|mkh\d{1,3}|ccm\d\w*|cmc\d\w*|at8\d\d\w?|at40\d\d"
    r"|sm5[78]\w?|sm81|dsm6\w*|ca-?1[14]|sp-?cmc\d*|(?:sony)?f9[569]\d?s?|tlm\d+|bk40\d\d"
)
"""Models of microphones as identifiers and texts write them: nak300, bk4011, sennheiser421, akg451, ecm33p, km84."""
_SHORT_MODEL = re.compile(
    r"mk[24568]\w?|mk41\w?|mk2[12]|421s?|441s?|545s?|190e?|d[12]\d\d\w?|m(?:88|69|101|160|201|260|360|500)s?|c34|vm44\w*|me\d\d"
    r"|40(?:0[3-9]|1[1-9]|2[0-9]|6[0-6])|sonysp|at9\d\d|\w*fob"
)
"""Models that mean something else outside of an identifier."""
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

Found = dict[Witness, tuple[str, int]]
"""What was said, each with the word that says it and its place among the words, in order."""
_AT_ONCE = 3
"""Up to this word a source says what the recording is; further on it may speak of patches and of other sources."""
_HYPHENED = re.compile(r"(?<![a-z])([a-z]{1,4})-(?=\d)")
_HAS_DIGIT = re.compile(r"\d")

_seen: dict[str, Witness | None] = {}
_seen_in_ids: dict[str, Witness | None] = {}


def source_type_of(
    tokens: Sequence[str], source: str, lineage: str, more: Iterable[str] = ()
) -> tuple[SourceType, list[Evidence]]:
    """The type and its evidence.

    `tokens` are the parts of the identifier after the date, in lower case; `more` are texts that are only asked where
    the identifier, source and lineage say nothing: notes, description, info file.
    """
    in_id, in_source, in_lineage = _of_identifier(tokens), _of_text(source), _of_text(lineage)
    evidence = [
        Evidence(f"source.{place}", f"{kind} {word}")
        for place, found in (("identifier", in_id), ("source", in_source), ("lineage", in_lineage))
        for kind, (word, _) in found.items()
    ]
    if "MTX" in in_id or "MTX" in in_source or ("MTX" in in_lineage and not in_id and not _strong(in_source)):
        return "MTX", evidence
    if chosen := _together(in_id, in_source, in_lineage):
        return chosen, evidence
    for found in (in_source, in_id, in_lineage):
        if chosen := _strong(found):
            return chosen, evidence
    for found in (in_source, in_id, in_lineage):
        if weak := next(iter(found), None):
            return "AUD" if weak == "mic" else "SBD", evidence
    for text in more:
        found = _of_text(text)
        if chosen := _strong(found):
            evidence.extend(Evidence("source.text", f"{kind} {word}") for kind, (word, _) in found.items())
            return chosen, evidence
    return "UNKNOWN", evidence


def is_source_word(token: str) -> bool:
    """Whether a part of an identifier says something about the source, and so is nobody's name."""
    return _id_word(token) is not None


def _together(in_id: Found, in_source: Found, in_lineage: Found) -> SourceType | None:
    """What identifier and texts only say together: a soundboard that went over the air (`SBD > FM > reel`) is a broadcast;
    where the identifier says audience and the source has microphones, a soundboard in it is a place or a patch; and what
    a source names late in a long text does not outweigh the identifier."""
    if "FM" in in_id and "SBD" not in in_id:
        first = _strong(in_source)
        if first == "SBD" and in_id["FM"][0].startswith("pre") and "FM" not in in_source:
            return "SBD"
        if "FM" in in_source or "FM" in in_lineage or first is None:
            return "FM"
    elif "FM" in in_id and next(iter(in_source), None) == "FM":
        return "FM"
    if "AUD" in in_id and "SBD" not in in_id and ("mic" in in_source or "AUD" in in_source):
        return "AUD"
    said, first = _strong(in_id), _strong(in_source)
    if said and first and said != first and in_source[first][1] > _AT_ONCE:
        return said
    return None


def _strong(found: Iterable[Witness]) -> Literal["SBD", "MTX", "FM", "AUD"] | None:
    for word in found:
        if word == "SBD" or word == "FM" or word == "AUD" or word == "MTX":
            return word
    return None


def _of_identifier(tokens: Sequence[str]) -> Found:
    found: Found = {}
    for token in tokens:
        word = _seen_in_ids.get(token, "?")
        if word == "?":
            word = _seen_in_ids[token] = _id_word(token)
        if word is not None:
            found.setdefault(word, (token, len(found)))
    if "pre" in tokens and "FM" in found:
        found["FM"] = ("pre-fm", found["FM"][1])
    if "dts" in tokens or ("5" in tokens and any(one == "5" and two == "1" for one, two in pairwise(tokens))):
        found.setdefault("MTX", ("5.1", len(found)))
    return found


def _id_word(token: str) -> Witness | None:
    if "matrix" in token or token.startswith("mtx") or token.endswith("mtx"):
        return "MTX"
    if (joined := _ID_JOINED.fullmatch(token)) is not None:
        return _WORDS[joined[1]]
    if token.isdigit() and len(token) > 4:
        return None
    return "mic" if _SHORT_MODEL.fullmatch(token) else _word(token)


def _word(token: str) -> Witness | None:
    found = _WORDS.get(token)
    if found is None and _HAS_DIGIT.search(token) and _MODEL.fullmatch(token):
        return "mic"
    return found


def _of_text(text: str) -> Found:
    """What the words of `text` say, in the order of their first appearance."""
    found: Found = {}
    if not text:
        return found
    lowered = text.lower()
    if "@" in lowered:
        lowered = lowered.replace("@", " at ")
    if "-" in lowered:
        lowered = _HYPHENED.sub(r"\1", lowered)
    words = _TOKEN.findall(lowered)
    seen = _seen
    for at, token in enumerate(words):
        word = seen.get(token, "?")
        if word == "?":
            word = seen[token] = _word(token)
        if word is None or word in found:
            continue
        before = [one for one in words[max(0, at - 4) : at] if one not in _FILL]
        after = words[at + 1] if at + 1 < len(words) else ""
        if word == "SBD" or word == "board":
            if not _NEGATED.isdisjoint(before) or after in _AFTER_PLACED:
                continue
            if not _PLACED.isdisjoint(before[-2:]):
                if "front" in before[-2:]:
                    found.setdefault("AUD", (token, at))
                continue
        elif not _NEGATED.isdisjoint(before[-1:]) or (token == "mac" and "MAC" not in text):
            continue
        elif token == "radio" and after == "shack":
            word = "mic"
        found.setdefault(word, (token, at))
    return found
