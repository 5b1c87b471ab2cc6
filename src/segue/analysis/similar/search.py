"""What lies nearest in the space: row by row to a quarter of a million rows, through lists beyond."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from segue.analysis.similar.rows import Rows

Floats = NDArray[np.float32]
Places = NDArray[np.int64]

EXACT_MOST = 250_000
"""Rows up to which every one is looked at."""
READ = 0.2
"""The share of all lists that is read for fifty neighbours, so that at least 95 % of them are found; see
bench/analysis/similar.py."""
READ_FOR = 50
GIVEN_UP = 0.5
"""Where lists with more than this share of all rows had to be read, all are."""


def nearest(rows: Rows, question: Floats, count: int, *, exact: bool = False) -> tuple[Places, Floats]:
    """The `count` rows most like `question`, the best first, and their cosines. Rows of sounds that are gone are left out.

    Equal cosines stand in the order of the sounds' numbers, so that the same question has the same answer.
    """
    total = len(rows)
    count = min(count, total)
    if count <= 0:
        return np.empty(0, np.int64), np.empty(0, np.float32)
    if rows.lists is None or exact:
        return _best(rows, np.arange(total), _likeness(rows, 0, total, question), count)
    read = max(1, round(READ * len(rows.lists.centers) * max(1.0, (count / READ_FOR) ** 0.5)))
    spans = rows.lists.spans(question, read)
    if sum(end - start for start, end in spans) > GIVEN_UP * total or count > GIVEN_UP * total:
        return _best(rows, np.arange(total), _likeness(rows, 0, total, question), count)
    if rows.lists.covered < total:
        spans.append((rows.lists.covered, total))
    places = np.concatenate([np.arange(start, end) for start, end in spans])
    likeness = np.concatenate([_likeness(rows, start, end, question) for start, end in spans])
    return _best(rows, places, likeness, min(count, len(places)))


def _likeness(rows: Rows, start: int, end: int, question: Floats) -> Floats:
    return np.asarray(rows.vectors[start:end] @ question, np.float32)


def _best(rows: Rows, places: Places, likeness: Floats, count: int) -> tuple[Places, Floats]:
    likeness[rows.sounds[places] <= 0] = -2
    if count < len(likeness):
        some = np.argpartition(-likeness, count - 1)[:count]
        places, likeness = places[some], likeness[some]
    order = np.lexsort((rows.sounds[places], -likeness))
    order = order[likeness[order] > -2]
    return places[order], likeness[order]


def nearest_of_many(
    rows: Rows, questions: Floats, count: int, *, among: Sequence[int] | None = None
) -> tuple[Places, Floats]:
    """For each question the `count` rows most like it, (questions, count), best first; for building maps, in blocks."""
    found = questions @ (rows.vectors if among is None else rows.vectors[among]).T
    gone = rows.sounds <= 0 if among is None else rows.sounds[among] <= 0
    found[:, gone] = -2
    count = min(count, found.shape[1])
    some = np.argpartition(-found, count - 1, axis=1)[:, :count]
    likeness = np.take_along_axis(found, some, axis=1)
    order = np.argsort(-likeness, axis=1, kind="stable")
    places = np.take_along_axis(some, order, axis=1)
    if among is not None:
        places = np.asarray(among)[places]
    return places, np.take_along_axis(likeness, order, axis=1)
