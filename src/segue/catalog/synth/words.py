"""Invented words in several scripts, frequent ones first, so that titles follow Zipf's law as real ones do.

A word is made when it is first wanted and is the same one in every run: small catalogues cost nothing, large ones have
some 400,000 different words.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

COMMON = """
Love The Me You Night My In Of To A And I Your On Heart Life Time For Is Baby Day One World Dance Sun Like Blue
It Home Dream Rain Mix Down Back Up No All Light Girl Good Way Man Song We Be Star Fire Moon River Little Soul
Black With Go Never Summer Sky Away Big Eyes Road Blues New Christmas Free Feel Don't Can't I'm From Street
Heaven Gold Red White Lost High Rock Sweet Water Wind House Piano Sea City Dark Angel King Morning Last Party
Lady Run Walk Remember Deep Wild Midnight Stay Alone Again
"""
"""The most frequent words of titles, for queries that people really type."""

PLAIN = """
ba be bi bo bu ca ce co da de di do du fa fe fi fo ga go ha he hi ho ja ka ke ki la le li lo lu ma me mi mo mu
na ne ni no nu pa pe pi po ra re ri ro ru sa se si so su ta te ti to tu va ve vi vo wa we wi za ze zo sha che
thi ran sel mon tar
"""
ACCENTED = """
é ção ñe ü ör ás ó í ê ã ça ša ží či ře ů ő ű ł ńę ąś ść đa ğı şa ç å ø æ ß ä é lé né ré mé cé ió ón án ín új él
ő dé tó rà dì
"""
CYRILLIC = "ба ве го да жи за ки лю мо не по ра се те фу хо ци че ша щи ночь снег мой дом лес ве ла ми на"
KANA = "あ い う か き く さ し た つ な に は ひ ま み や ゆ ら り る わ ん の カ キ サ シ タ ト ナ ニ ハ マ ミ ラ リ ル ロ ン"
HANGUL = "사 랑 나 는 너 밤 하 늘 별 비 눈 꽃 봄 길 꿈 달 마 음 그 대 오 늘 내 일 우 리"
ARABIC = "حب ليل قلب يا نور روح عين بل دي شم سم قم ور نا لي مع"

PLAIN_WORDS = 400_000


class Script:
    """Words of one script: the n-th is always the same, and no two are alike (but for accents that coincide)."""

    def __init__(self, syllables: str, size: int, *, common: Sequence[str] = (), capital: bool = True) -> None:
        self._syllables = syllables.split()
        self._common = common
        self._capital = capital
        self.size = size

    def word(self, number: int) -> str:
        if number < len(self._common):
            return self._common[number]
        base = len(self._syllables)
        number -= len(self._common)
        syllables = 2
        while number >= base**syllables:
            number -= base**syllables
            syllables += 1
        mixed = (number * 7919 + 31) % base**syllables
        text = ""
        for _ in range(syllables):
            mixed, digit = divmod(mixed, base)
            text += self._syllables[digit]
        return text.capitalize() if self._capital else text


SCRIPTS = (
    Script(PLAIN, PLAIN_WORDS, common=COMMON.split()),
    Script(f"{ACCENTED} {PLAIN}", 60_000, common=("Amor", "Corazón", "Noche", "Más", "Été", "Für", "São", "Días")),
    Script("", 20_000, capital=False),
    Script(KANA, 12_000, capital=False),
    Script(CYRILLIC, 20_000, common=("Любовь", "Ночь", "Москва", "Ёлка")),
    Script(HANGUL, 8_000, capital=False),
    Script(ARABIC, 4_000, capital=False),
)
"""By number; `HAN` has no syllables: its words are one to three signs."""

HAN = 2
JOINED = np.array([False, False, True, True, False, False, False])
"""Written without blanks between words."""
SHARES = np.array([0.72, 0.13, 0.04, 0.03, 0.04, 0.02, 0.02])
"""How many of all artists write in each script: a guess."""

_STARTS = np.cumsum([0] + [script.size for script in SCRIPTS])
_BEGIN: list[int] = _STARTS.tolist()
_SIZES = np.array([script.size for script in SCRIPTS], dtype=np.float64)


class Vocabulary:
    """Words by number over all scripts, remembered once made."""

    def __init__(self) -> None:
        self._words: NDArray[Any] = np.empty(int(_STARTS[-1]), dtype=object)
        self._made = np.zeros(int(_STARTS[-1]), dtype=bool)

    def words(self, scripts: NDArray[Any], chance: NDArray[Any]) -> list[str]:
        """One word each: `scripts` by number, `chance` from 0 to 1. The n-th word comes up n times more rarely than the first."""
        numbers = _STARTS[scripts] + (_SIZES[scripts] ** chance).astype(np.int64) - 1
        for number in np.unique(numbers[~self._made[numbers]]).tolist():
            self._words[number] = _word(number)
        self._made[numbers] = True
        return self._words[numbers].tolist()  # type: ignore[no-any-return]


def _word(number: int) -> str:
    script = bisect_right(_BEGIN, number) - 1
    inside = number - _BEGIN[script]
    if script != HAN:
        return SCRIPTS[script].word(inside)
    mixed = (inside * 2_654_435_761) & 0xFFFFFFFF
    signs = (chr(0x4E00 + (mixed >> shift) % 3_000) for shift in (0, 8, 16))
    return "".join(signs)[: 1 + inside % 3]


def titles(
    vocabulary: Vocabulary,
    lengths: np.random.Generator,
    which: np.random.Generator,
    scripts: NDArray[Any],
    longest: int = 40,
    shares: Sequence[float] = (0.22, 0.52, 0.74, 0.88, 0.96),
) -> list[str]:
    """A title for each entry of `scripts`: `shares` have at most one, two, three … words, three in a thousand many more."""
    count = len(scripts)
    chance = lengths.random(count)
    words = np.searchsorted(np.array(shares), chance, side="right") + 1
    words = np.where(
        chance > 0.997, len(shares) + 2 + ((chance - 0.997) / 0.003 * (longest - 7)).astype(np.int64), words
    )
    ends = np.cumsum(words)
    said = vocabulary.words(np.repeat(scripts, words), which.random(int(ends[-1]) if count else 0))
    between = np.where(JOINED[scripts], "", " ").tolist()
    return [
        blank.join(said[start:end])
        for blank, start, end in zip(between, (ends - words).tolist(), ends.tolist(), strict=True)
    ]
