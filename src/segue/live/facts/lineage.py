"""Who recorded and who transferred it, on what, and which transfer it replaces."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape

from segue.live.facts.sources import is_source_word
from segue.live.records import Evidence, Item, SourceType

_STEP = re.compile(r"[-=~]*>+|→|»")
_CLAUSE = re.compile(r";|<br ?/?>|\r?\n", re.IGNORECASE)
_TAG = re.compile(r"<[^>]{0,300}>")
_NAME = r"([A-Z][\w.'’-]*(?:\s+(?:&|and|de|van|von|der|[A-Z][\w.'’-]*)){0,4})"
_BY = r"\b(?i:{verbs})\s*(?i:by|:)\s*"
_TAPED = re.compile(
    _BY.format(
        verbs=r"taped(?: and transferred)?|recorded|recordings?(?: and transfer)?|taper|master(?: tape)?s? recorded"
    )
    + _NAME
)
_TRANSFERRED = re.compile(
    _BY.format(verbs=r"transf?err?ed|transfers?|(?:all )?transfers? and mastering|digiti[sz]ed|seeded|mastered") + _NAME
)
_NOBODY = re.compile(
    r"(?i:^(?:\W*|unknown.*|see .*|n/?a|none|anon\w*|various|\?+|not known|info file.*|the taper|taper)$)"
)
_REPLACES = re.compile(
    r"(?i:\b(?:replaces|supersedes|supercedes|fix(?:ed|es)?(?: version)? (?:for|of|to)|corrected version of|repairs?"
    r"|upgrade (?:of|to|for))[^.;\d]{0,40}?(?:shn ?id|id)?[\s=:#]*)(\d{3,6})\b"
)
_ID_REPLACES = re.compile(r"(?:fix|fixed|sbefix|sbefixed|repl|replaces|upgrade)[-_](\d{1,6})(?!\d)")
_SHNID = re.compile(r"\d{1,6}")
_DEVICES_WORDS = """
sony nakamichi nak teac tascam technics akai revox uher otari ampex denon panasonic marantz aiwa hhb korg edirol
apogee lynx lexicon dat pcm akg schoeps neumann sennheiser beyer shure dpa b&k oade benchmark grace lunatec sonosax
zoom olympus iriver nomad minidisc grundig tandberg pioneer yamaha fostex roland behringer presonus rme v2 v3 mics
mic microphones
"""
_DEVICES = frozenset(_DEVICES_WORDS.split())
_NO_NAMES_WORDS = """
sbd aud mtx matrix ultramatrix prefm pre fob dfc dts sbeok sbefail sbefix sbefixed shnf flacf flac shn shnid wav
dvda partial patched patch set early late show fix fixed remaster remastered unknown unk anon anonymous composite
studio studios pcm dat tape tapes reel reels cassette master msr msc bertha hifi only encore complete incomplete
incl stereo mono speed corrected correction retracked reseed alt altsource source bear betty gmb motb gems bce
sndchk soundcheck rehearsal rehearsals jam jams mic mics akg schoeps neumann sennheiser senn beyer nak nakamichi
sony shure ecm row balcony the and with from version new upgrade restored restoration edit edited digital analog vhs
dvd video audio live session sessions outtakes final mix cmc akgs schoep multitrack multitracks dolby noise
reduction flat transfer raw test cut long short full
"""
_NO_NAMES = frozenset(_NO_NAMES_WORDS.split())


def steps_of(item: Item) -> tuple[str, ...]:
    """Each step from microphone or board to file, of the lineage and, before it, of a source that is written as one."""
    texts = [text for text in (item.source, item.lineage) if ">" in text or "→" in text]
    steps: list[str] = []
    for text in texts:
        if "<" in text or "&" in text:
            text = unescape(_TAG.sub(" ", text))
        for clause in _CLAUSE.split(text):
            if ">" in clause or "→" in clause:
                steps.extend([step[:120] for one in _STEP.split(clause) if (step := one.strip(" .,\t"))])
    return tuple(steps[:60])


def equipment_of(steps: Sequence[str]) -> tuple[str, ...]:
    """The steps that name a device, each once, in order."""
    return tuple(
        dict.fromkeys(
            step for step in steps if not _DEVICES.isdisjoint(step.lower().replace("-", " ").replace("(", " ").split())
        )
    )


def people_of(item: Item, tokens: Sequence[str], source_type: SourceType) -> tuple[str, str, list[Evidence]]:
    """Taper and transferrer, each empty where nobody is named, and what says so.

    The item's own fields first, then `recorded by` and `transferred by` in its texts, then the names in the identifier:
    of a soundboard the first is who transferred it, of an audience recording the first taped and the last transferred it.
    """
    evidence: list[Evidence] = []
    taper, transferrer = _person(item.taper), _person(item.transferrer)
    if taper:
        evidence.append(Evidence("taper.metadata", taper))
    if transferrer:
        evidence.append(Evidence("transferrer.metadata", transferrer))
    if not taper or not transferrer:
        for text in (item.source, item.lineage, item.notes):
            if " by" not in text and ":" not in text:
                continue
            if not taper and (found := _TAPED.search(text)) is not None:
                taper = _person(found[1])
                evidence.append(Evidence("taper.text", taper))
            if not transferrer and (found := _TRANSFERRED.search(text)) is not None:
                transferrer = _person(found[1])
                evidence.append(Evidence("transferrer.text", transferrer))
    if not taper or not transferrer:
        names = [
            token.capitalize()
            for token in tokens
            if len(token) > 2 and token.isalpha() and token not in _NO_NAMES and not is_source_word(token)
        ]
        if source_type == "AUD" and names and not taper:
            taper = names[0]
            evidence.append(Evidence("taper.identifier", taper, 0.5))
        if names and not transferrer and (source_type != "AUD" or len(names) > 1):
            transferrer = names[-1] if source_type == "AUD" else names[0]
            evidence.append(Evidence("transferrer.identifier", transferrer, 0.5))
    return taper, transferrer, evidence


def shnid_of(parts: Sequence[str]) -> str:
    """The number of the transfer in db.etree.org that the identifier carries; `parts` are those between dots."""
    return next((part for part in parts if _SHNID.fullmatch(part)), "")


def supersedes_of(item: Item, tail: str, shnid: str) -> tuple[str, ...]:
    """shnids that the identifier (`fix-7855`) or a text (`fixed version of shnid 7855`) says this transfer replaces."""
    found = _ID_REPLACES.findall(tail)
    for text in (item.source, item.notes):
        if text:
            found.extend(_REPLACES.findall(text))
    return tuple(dict.fromkeys(one for one in found if one != shnid))


def _person(text: str) -> str:
    text = " ".join(_TAG.sub(" ", unescape(text)).split()).strip(" .,;:-") if text else ""
    return "" if not text or _NOBODY.match(text) else text[:120]
