"""The rows of one block of tracks, with the albums that begin and the artists that first appear in it.

Every block has random numbers of its own, drawn from the seed and the block's number, and names only artists that came
before: so the first tracks of a large catalogue are those of a small one. Numbers are drawn for the whole block; text is
made only for the rows that are wanted.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

TRACKS = 16_384
"""Of a block."""
ARTISTS_PER_TRACK = 0.060
SIZES = np.array([1] * 11 + [2, 2, 3, 4, 5, 6, 8, 10, 11, 12, 13, 10])
"""Tracks of an album, each of these as likely: 4.37 tracks in the middle together with BOXES."""
BOXES, BOX = 0.004, 45
REISSUED = 0.135
"""Albums that are an earlier one once more, with the same recordings."""
TAKEN_ELSEWHERE = 0.055
"""Tracks that are another's recording, as on compilations; with REISSUED, 18 % of all tracks share an ISRC."""
CREDITS = np.array([0.745, 0.935, 0.98, 0.992, 0.997])
"""How likely at most one, two, three … are credited: 1.36 in the middle."""
MOST_CREDITS = 6
WITHOUT_POPULARITY = 0.70
LATE = 0.005
"""Tracks whose credits were written again later: their rows do not lie among their neighbours'."""

Numbers = NDArray[Any]


def artists_by(tracks: int) -> int:
    """How many artists there are once the catalogue has that many tracks."""
    return max(1, int(ARTISTS_PER_TRACK * tracks))


class Block(Struct, frozen=True):
    """What is true of a block's tracks and albums, as numbers; indexes count within the block, artists are rowids."""

    first: int
    """Tracks before this block."""
    tracks: int
    albums: int
    root: Numbers
    """Whose recording each track is: an index of a track, its own or an earlier one."""
    album_of: Numbers
    position: Numbers
    """Of the track in its album, from 0."""
    popularity: Numbers
    main: Numbers
    """The artist of each track."""
    artist: Numbers
    credited: Numbers
    """`artist` and `credited` run together: who, and on which track; by track, in order of credit."""
    credits: Numbers
    """How many are credited on each track."""
    size: Numbers
    album_popularity: Numbers
    album_artist: Numbers
    warmth: Numbers
    """Of each album, 0 to 1: how well known its artist is."""


def block(seed: int, number: int, wanted: int, draw: np.random.Generator) -> Block:
    """Block `number` of the catalogue, cut to `wanted` tracks."""
    first = number * TRACKS
    sizes, source = _albums(draw)
    ends = np.cumsum(sizes)
    starts = ends - sizes
    count = int(np.searchsorted(ends, TRACKS)) + 1
    sizes, source, starts = sizes[:count], source[:count], starts[:count]
    album_of = np.repeat(np.arange(count), sizes)[:TRACKS]
    position = np.arange(TRACKS) - starts[album_of]

    luck = draw.random(count)[source]
    pool = np.maximum(1, (ARTISTS_PER_TRACK * (first + starts)).astype(np.int64))
    album_artist = (1 + (pool * luck * luck).astype(np.int64))[source]
    warmth = 1 - luck

    root = (starts[source][album_of] + position).astype(np.int64)
    taken = np.flatnonzero(draw.random(TRACKS) < TAKEN_ELSEWHERE)
    root[taken] = root[(draw.random(len(taken)) * taken).astype(np.int64)]
    while not np.array_equal(root[root], root):
        root = root[root]
    main = album_artist[album_of[root]]

    heard = draw.random(TRACKS) < 2 * (1 - WITHOUT_POPULARITY) * warmth[album_of]
    score = 1 + (99 * draw.random(TRACKS) ** 4 * np.sqrt(warmth[album_of])).astype(np.int64)
    popularity = np.where(heard, score, 0)
    album_popularity = (np.maximum.reduceat(popularity, starts) * 0.9).astype(np.int64)

    behind = np.searchsorted(CREDITS, draw.random(TRACKS), side="right")[root]
    others = 1 + (pool[album_of][:, None] * draw.random((TRACKS, MOST_CREDITS - 1)) ** 2).astype(np.int64)
    everyone = np.column_stack((main, others[root]))
    there = np.arange(MOST_CREDITS) <= behind[:, None]
    for place in range(1, MOST_CREDITS):
        there[:, place] &= (everyone[:, :place] != everyone[:, place : place + 1]).all(axis=1)

    kept = slice(0, wanted)
    albums = int(album_of[wanted - 1]) + 1
    credits = there[kept].sum(axis=1)
    return Block(
        first=first,
        tracks=wanted,
        albums=albums,
        root=root[kept],
        album_of=album_of[kept],
        position=position[kept],
        popularity=popularity[kept],
        main=main[kept],
        artist=everyone[kept][there[kept]],
        credited=np.repeat(np.arange(wanted), credits),
        credits=credits,
        size=sizes[:albums],
        album_popularity=album_popularity[:albums],
        album_artist=album_artist[:albums],
        warmth=warmth[:albums],
    )


def _albums(draw: np.random.Generator) -> tuple[Numbers, Numbers]:
    """Sizes of albums, enough for a block, and whose recordings they hold: their own index or that of an earlier album."""
    count = TRACKS
    sizes = SIZES[draw.integers(len(SIZES), size=count)]
    sizes[draw.random(count) < BOXES] = BOX
    again = draw.random(count) < REISSUED
    again[0] = False
    new = np.flatnonzero(~again)
    before = np.cumsum(~again)
    source = np.arange(count)
    source[again] = new[(draw.random(int(again.sum())) * before[again]).astype(np.int64)]
    return sizes[source], source
