"""Cyrillic, Greek, kana and Hangul in Latin letters, so that a name is found in either script.

One common spelling each: the one that names of records bear most often where they are printed in Latin (for Cyrillic that of
passports without marks, for kana Hepburn without long vowels, for Hangul the Revised Romanization letter by letter). Han
characters have no one reading and are left out.
"""

from __future__ import annotations

import re
from functools import lru_cache

from segue.core.text import fold


def _table(signs: str, said: str) -> dict[str, str]:
    """`_` is said of what is silent."""
    return dict(zip(signs.split() if " " in signs else signs, _parts(said), strict=True))


def _parts(said: str) -> list[str]:
    return ["" if part == "_" else part for part in said.split()]


_LETTERS = {
    **_table("абвгдежзийклмнопрст", "a b v g d e zh z i y k l m n o p r s t"),
    **_table("уфхцчшщъыьэюя", "u f kh ts ch sh shch _ y _ e yu ya"),
    **_table("іїєґўјљњћђџѓќѕә", "i i ye g u j lj nj c dj dz gj kj dz a"),
    **_table("αβγδεζηθικλμνξοπρστυφχψω", "a v g d e z i th i k l m n x o p r s t y f ch ps o"),
    **_table("ου αυ ευ μπ ντ γγ γκ", "ou av ev b nt ng gk"),
}
_KANA_ROWS = """
a i u e o あいうえお  ka ki ku ke ko かきくけこ  sa shi su se so さしすせそ  ta chi tsu te to たちつてと
na ni nu ne no なにぬねの  ha hi fu he ho はひふへほ  ma mi mu me mo まみむめも  ra ri ru re ro らりるれろ
ga gi gu ge go がぎぐげご  za ji zu ze zo ざじずぜぞ  da ji zu de do だぢづでど  ba bi bu be bo ばびぶべぼ
pa pi pu pe po ぱぴぷぺぽ  ya yu yo やゆよ  wa o n vu わをんゔ  a i u e o ぁぃぅぇぉ
"""


def _kana() -> dict[str, str]:
    found: dict[str, str] = {}
    latin: list[str] = []
    for part in _KANA_ROWS.split():
        if part.isascii():
            latin.append(part)
        else:
            found.update(zip(part, latin, strict=True))
            latin = []
    for sign in [sign for sign, said in found.items() if len(said) > 1 and said.endswith("i")]:
        stem = found[sign][:-1]
        glide = "" if stem in ("sh", "ch", "j") else "y"
        found |= {sign + small: stem + glide + vowel for small, vowel in zip("ゃゅょ", "auo", strict=True)}
        if not glide:
            found[f"{sign}ぇ"] = f"{stem}e"
    found |= {f"ふ{small}": f"f{vowel}" for small, vowel in zip("ぁぃぇぉ", "aieo", strict=True)}
    found |= {f"ゔ{small}": f"v{vowel}" for small, vowel in zip("ぁぃぇぉ", "aieo", strict=True)}
    found |= {"てぃ": "ti", "でぃ": "di", "とぅ": "tu", "うぃ": "wi", "うぇ": "we", "うぉ": "wo"}
    return found


_SIGNS = _kana()
_SMALL = re.compile("[っゃゅょぁぃぅぇぉ]").search
_ALONE = str.maketrans({sign: said for sign, said in _SIGNS.items() if len(sign) == 1} | {"ー": ""})
_TO_HIRAGANA: dict[int, str] = {code: chr(code - 0x60) for code in range(0x30A1, 0x30F5)}
_INITIALS = _parts("g kk n d tt r m b pp s ss _ j jj ch k t p h")
_VOWELS = _parts("a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i")
_FINALS = _parts("_ k k k n n n t l k m l l l p l m p p t t ng t t k t p t")
_RUN = re.compile("[\u0400-\u04ff]+|[\u0370-\u03ff]+|[\u3041-\u3096\u30a1-\u30f6\u30fc]{2,}|[\uac00-\ud7a3]+")


@lru_cache(maxsize=16_384)
def romanised(word: str) -> tuple[str, ...]:
    """The Latin spelling of each part of a folded word that can have one; letters no table knows are left out of it."""
    spelled = (_run(run) for run in _RUN.findall(word))
    return tuple(dict.fromkeys(latin for latin in spelled if latin))


def romanised_whole(word: str) -> str | None:
    """The Latin spelling of a word that is all in one such script; None of any other."""
    simple = fold(word)
    return (_run(simple) or None) if _RUN.fullmatch(simple) else None


def _run(run: str) -> str:
    first = run[0]
    if first >= "\uac00":
        return "".join(map(_syllable, run))
    if first >= "\u3041":
        return _said(run.translate(_TO_HIRAGANA))
    return _longest_first(run, _LETTERS)


def _longest_first(run: str, table: dict[str, str]) -> str:
    said, at = "", 0
    while at < len(run):
        pair = table.get(run[at : at + 2]) if at + 1 < len(run) else None
        said += table.get(run[at], "") if pair is None else pair
        at += 1 if pair is None else 2
    return said


def _said(kana: str) -> str:
    """っ doubles what follows, ー is not written."""
    if not _SMALL(kana):
        return kana.translate(_ALONE)
    said = ""
    for number, part in enumerate(kana.replace("ー", "").split("っ")):
        latin = _longest_first(part, _SIGNS)
        said += (latin[:1] if number and latin[:1] not in ("", *"aiueo") else "") + latin
    return said


def _syllable(sign: str) -> str:
    number = ord(sign) - 0xAC00
    return _INITIALS[number // 588] + _VOWELS[number % 588 // 28] + _FINALS[number % 28]
