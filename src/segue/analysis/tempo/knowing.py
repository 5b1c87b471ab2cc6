"""What is known about a track besides its sound, as log-odds of a tempo.

The ranges of genres are those that their encyclopaedia articles and DJ handbooks give; they say at which level a style is
counted (drum and bass at 174, not 87), not how fast a track may be.
"""

from __future__ import annotations

import math

from segue.analysis.records import Knowledge

_SAME = 0.03
_TAG = 3.0
"""A tag's tempo is right far more often than not, but it came from a program with octave errors of its own."""
_GENRE = 1.5
_ALBUM = 0.6
_RANGE = 4.0
_WORDS: tuple[tuple[str, float, float], ...] = (
    ("drum and bass", 160, 180),
    ("drum & bass", 160, 180),
    ("drum n bass", 160, 180),
    ("drum'n'bass", 160, 180),
    ("dnb", 160, 180),
    ("jungle", 150, 175),
    ("neurofunk", 165, 180),
    ("breakcore", 160, 210),
    ("footwork", 150, 165),
    ("juke", 150, 165),
    ("dubstep", 136, 144),
    ("brostep", 136, 150),
    ("uk garage", 128, 138),
    ("2-step", 128, 138),
    ("grime", 136, 144),
    ("trap", 130, 160),
    ("happy hardcore", 160, 180),
    ("gabber", 150, 195),
    ("hardcore techno", 155, 200),
    ("hardstyle", 145, 160),
    ("psytrance", 138, 150),
    ("goa trance", 135, 150),
    ("trance", 125, 142),
    ("deep house", 116, 126),
    ("tech house", 120, 130),
    ("progressive house", 118, 130),
    ("house", 115, 132),
    ("minimal techno", 120, 132),
    ("techno", 120, 150),
    ("electro", 110, 135),
    ("breakbeat", 120, 145),
    ("big beat", 100, 140),
    ("eurodance", 125, 150),
    ("disco", 105, 130),
    ("synthpop", 100, 140),
    ("boom bap", 80, 98),
    ("hip hop", 70, 105),
    ("hip-hop", 70, 105),
    ("rap", 70, 105),
    ("trip hop", 70, 105),
    ("trip-hop", 70, 105),
    ("downtempo", 65, 110),
    ("lo-fi", 65, 95),
    ("contemporary r&b", 60, 110),
    ("rnb", 60, 110),
    ("reggaeton", 85, 105),
    ("dancehall", 85, 110),
    ("dub", 60, 90),
    ("roots reggae", 60, 90),
    ("reggae", 60, 95),
    ("ska punk", 150, 210),
    ("ska", 110, 150),
    ("hardcore punk", 160, 220),
    ("punk", 140, 200),
    ("thrash metal", 140, 220),
    ("black metal", 120, 220),
    ("doom metal", 45, 90),
    ("ballad", 55, 85),
    ("slow waltz", 84, 96),
    ("ambient", 50, 110),
    ("blues", 60, 130),
    ("funk", 90, 120),
    ("soul", 65, 125),
    ("salsa", 150, 220),
    ("merengue", 120, 180),
    ("bachata", 108, 140),
    ("cumbia", 80, 110),
    ("samba", 90, 110),
    ("bossa nova", 110, 150),
    ("polka", 100, 130),
    ("bluegrass", 110, 160),
    ("country", 80, 140),
    ("bebop", 160, 280),
    ("quickstep", 190, 210),
)


def known(bpm: float, knowledge: Knowledge) -> float:
    """What else is known adds this much to the log-probability of a tempo; 0 where it says nothing."""
    odds = 0.0
    if knowledge.tag_bpm and knowledge.tag_bpm > 0:
        odds += _TAG * _alike(bpm, knowledge.tag_bpm)
    ranges = [found for name in knowledge.genres if (found := range_of(name)) is not None]
    if ranges:
        odds += _GENRE * max(_within(bpm, low, high) for low, high in ranges)
    neighbours = [one for one in knowledge.album if one > 0]
    if neighbours:
        odds += _ALBUM * math.log1p(len(neighbours)) * _among(bpm, neighbours)
    if knowledge.low is not None or knowledge.high is not None:
        odds += _RANGE * _within(bpm, knowledge.low or 0, knowledge.high or math.inf)
    return odds


def range_of(genre: str) -> tuple[float, float] | None:
    """The tempos at which a genre is counted, None where its name says nothing. The longest known name in it counts."""
    text = genre.casefold()
    for word, low, high in sorted(_WORDS, key=lambda entry: -len(entry[0])):
        at = text.find(word)
        if at < 0:
            continue
        after = text[at + len(word) : at + len(word) + 1]
        before = text[at - 1 : at] if at else ""
        if not before.isalnum() and not after.isalnum():
            return low, high
    return None


def _alike(bpm: float, other: float) -> float:
    """1 for the same tempo, falling to 0 at 6 % apart."""
    apart = abs(math.log(bpm / other))
    return 1.0 if apart <= _SAME else max(0.0, 1 - (apart - _SAME) / _SAME)


def _within(bpm: float, low: float, high: float) -> float:
    """1 inside, -1 a third of an octave or more outside, and between them on a line."""
    if low > 0 and bpm < low:
        apart = math.log2(low / bpm)
    elif bpm > high:
        apart = math.log2(bpm / high)
    else:
        return 1.0
    return max(-1.0, 1 - 6 * apart)


def _among(bpm: float, neighbours: list[float]) -> float:
    """How close the nearest half of the others lies, -1 to 1: within a quarter of an octave is near."""
    apart = sorted(abs(math.log2(bpm / other)) for other in neighbours)
    middle = apart[len(apart) // 2]
    return max(-1.0, 1 - 4 * middle)
