"""What speaks for each tempo at which one might tap along.

Candidates are the tempos that fit best and their simple relatives. Of each it is asked, in every band, how well the onsets
repeat after half a beat, a beat, two, three, four, and how strongly they swing at the beat's rate, its half and its double:
kick and snare repeat after two beats and four, hats and chords at their own fractions and multiples. Where the tempo moves,
the questions move with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segue.analysis.tempo.onsets import GROUPS, RATE, Envelopes
from segue.analysis.tempo.tempogram import TEMPOS, WINDOW, Tempogram, salience, tempogram

LOWEST, HIGHEST = 40.0, 250.0
CENTRE = 110.0
"""Tempos are told in octaves from here."""
_RATIOS = (1 / 4, 1 / 3, 1 / 2, 2 / 3, 3 / 4, 1, 4 / 3, 3 / 2, 2, 3, 4)
_SAME = 0.03
_PEAKS = 6
_NEAR = np.array([0.985, 1.0, 1.015])
_REACH = 20
_STEP_PRICE = 0.06
_SEEN = {"sharp": (9.1, 39.96), "hits": (1.48, 5.03), "hits:low": (1.1, 6.27)}
_INSIDE = (TEMPOS >= LOWEST) & (TEMPOS <= HIGHEST)
_LIKELY = np.exp(-0.5 * np.square(np.log2(TEMPOS / 115) / 1.2)) * _INSIDE


@dataclass(frozen=True, slots=True)
class Family:
    """The tempogram of each band and of all together, and the way of one tempo, `base`, through its windows."""

    grams: dict[str, Tempogram]
    fits: NDArray[np.float32]
    whole: NDArray[np.float32]
    base: float
    moves: NDArray[np.float64]
    """Of each window, its tempo by the base."""
    envelopes: Envelopes
    strength: NDArray[np.float32]


def strength_of(heard: Envelopes, weights: Sequence[float] = (1, 1, 1, 1, 1)) -> NDArray[np.float32]:
    """One envelope of all bands, each by its own spread, without what is always there; its deviation is 1."""
    total = np.zeros(heard.steps.shape[1], np.float32)
    for rise, weight in zip(heard.rises(), weights, strict=True):
        rise -= rise.mean()
        rise *= weight / max(float(rise.std()), 0.02)
        total += rise
    np.maximum(total, 0, out=total)
    deviation = float(total.std())
    if deviation > 0:
        total /= deviation
    return total


def family_of(heard: Envelopes, strength: NDArray[np.float32], about: float | None = None) -> Family:
    """What the envelopes repeat at; the base is the tempo that fits best, or the one `about` which to look."""
    grams = {"all": tempogram(strength)}
    for name, rise in zip(GROUPS, heard.rises(), strict=True):
        grams[name] = tempogram(np.maximum(rise - rise.mean(), 0) / max(float(rise.std()), 0.02))
    gram = grams["all"]
    fits = salience(gram)
    weights = gram.weights / max(float(gram.weights.sum()), 1e-6)
    whole = np.asarray((fits * weights[:, None]).sum(axis=0), np.float32)
    near = int((whole * _LIKELY).argmax()) if about is None else int(np.abs(np.log(TEMPOS / about)).argmin())
    tempos = np.asarray(TEMPOS[path_of(fits, near)], np.float64)
    base = float(np.exp((np.log(tempos) * weights).sum()))
    return Family(grams, fits, whole, base, tempos / base, heard, strength)


def candidates_of(family: Family) -> list[float]:
    """Tempos from `LOWEST` to `HIGHEST`, no two alike: relatives of the base first, then whatever else fits well."""
    whole = family.whole
    tops = np.flatnonzero((whole[1:-1] >= whole[:-2]) & (whole[1:-1] > whole[2:]) & _INSIDE[1:-1]) + 1
    tops = tops[np.argsort(-(whole * _LIKELY)[tops])][:_PEAKS]
    found: list[float] = []
    for bpm in [family.base * ratio for ratio in _RATIOS] + [float(TEMPOS[top]) for top in tops]:
        if LOWEST <= bpm <= HIGHEST and all(abs(np.log(bpm / other)) > _SAME for other in found):
            found.append(bpm)
    return found


def fact(family: Family, bpm: float, name: str) -> float:
    """One number about a tempo. `repeats:low:4`: how well the low band repeats after four beats; `swings:all:2`: how
    strongly everything swings at twice the rate; `fits`: log of how well it fits; `octaves`, `octaves²`: from `CENTRE`;
    `octaves×:hits`: the same by what the whole is like (see `_of_all`)."""
    kind, _, rest = name.partition(":")
    octaves = float(np.log2(bpm / CENTRE))
    if kind == "octaves":
        return octaves
    if kind == "octaves²":
        return octaves * octaves
    if kind == "octaves×":
        return octaves * _of_all(family, rest)
    if kind == "fits":
        place = int(np.abs(np.log(TEMPOS / bpm)).argmin())
        return float(np.log(family.whole[max(0, place - 1) : place + 2].max() + 1e-3))
    band, _, times = rest.partition(":")
    gram = family.grams[band]
    weights = gram.weights + 1e-3
    rates = bpm * family.moves / 60 / RATE
    if kind == "repeats":
        rows, places = gram.repeats, float(times) / rates
    else:
        rows, places = gram.swings, rates * (2 * WINDOW) * float(times)
    best = _along(rows, places[:, None] * _NEAR).max(axis=1)
    return float((best * weights).sum() / weights.sum())


def _of_all(family: Family, name: str) -> float:
    """What the whole is like: `hits`, onsets a second, or of one band; `sharp`, by how much the best tempo stands out of
    all. Held within what the weights were fitted on."""
    low, high = _SEEN[name]
    if name == "sharp":
        value = float(family.whole.max() / max(float(family.whole.mean()), 1e-9))
    elif name == "hits":
        value = hits(family.strength)
    else:
        rise = family.envelopes.rise(GROUPS.index(name.removeprefix("hits:")))
        value = hits(np.maximum(rise - rise.mean(), 0) / max(float(rise.std()), 0.02))
    return min(max(value, low), high)


def hits(strength: NDArray[np.float32]) -> float:
    """Peaks a second that are higher than one standard deviation."""
    inner = strength[1:-1]
    tops = (inner > strength[:-2]) & (inner >= strength[2:]) & (inner > 1)
    return float(np.count_nonzero(tops)) * RATE / max(len(strength), 1)


def _along(rows: NDArray[np.float32], place: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values between the columns, of every row its own places; 0 outside."""
    low = np.floor(place).astype(np.int64)
    inside = (low >= 0) & (low < rows.shape[1] - 1)
    low = np.where(inside, low, 0)
    part = place - low
    row = np.arange(len(rows))[:, None]
    return np.where(inside, rows[row, low] * (1 - part) + rows[row, low + 1] * part, 0.0)


def path_of(fits: NDArray[np.float32], near: int) -> NDArray[np.int64]:
    """The way of one tempo through the windows, about `near` (an index into `TEMPOS`): good fits by small steps."""
    low, high = max(0, near - _REACH), min(fits.shape[1], near + _REACH + 1)
    some = np.log(fits[:, low:high] + 0.02)
    steps = np.arange(high - low)
    price = _STEP_PRICE * np.abs(steps[:, None] - steps[None, :])
    score = some[0]
    back = np.zeros(some.shape, np.int16)
    for one in range(1, len(some)):
        reached = score[None, :] - price
        back[one] = reached.argmax(axis=1)
        score = reached.max(axis=1) + some[one]
    way = np.empty(len(some), np.int64)
    way[-1] = score.argmax()
    for one in range(len(some) - 1, 0, -1):
        way[one - 1] = back[one, way[one]]
    return np.asarray(way + low, np.int64)
