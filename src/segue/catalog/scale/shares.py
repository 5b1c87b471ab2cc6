"""Which part of a catalogue lies on which shard.

A track's document lies on two shards (on one, where they are the same): on that of its id's hash, which answers lookups,
and on that of its rank, which searches it. A map from ids belongs to the shard of the hash, a whole bucket at a time.
Albums and artists lie whole on every shard, so that a track's document is put together where it lies.
"""

from __future__ import annotations

from collections.abc import Sequence

from segue.catalog.scale.errors import WrongNumber
from segue.catalog.snapshot.layout import hash_of, isrc_code
from segue.catalog.snapshot.manifest import Share
from segue.catalog.snapshot.maps import spread

MOST_SHARDS = 64
_TOP = 16
"""The upper bits of a key that decide; every map has at least so many in the number of its buckets."""


def of_key(key: int, shards: int) -> int:
    """The shard of a key of 64 bits, from 0."""
    return (key >> (64 - _TOP)) * shards >> _TOP


def of_id(id: str, shards: int) -> int:
    return of_key(hash_of(id), shards)


def of_isrc(text: str, shards: int) -> int:
    """Any will do for what is no ISRC."""
    code = isrc_code(text)
    return 0 if code is None else of_key(spread(code), shards)


def of_rank(rank: int, shares: Sequence[Share]) -> int:
    """The shard that searches the track; the last for a rank beyond."""
    return next((number for number, share in enumerate(shares) if rank <= share.last), len(shares) - 1)


def buckets(shard: int, shards: int, bits: int) -> tuple[int, int]:
    """The first bucket of a shard, and the first behind, in a map whose buckets are numbered by `bits`."""
    first, end = (-(-one * (1 << _TOP) // shards) for one in (shard, shard + 1))
    return first << (bits - _TOP), end << (bits - _TOP)


def shares(whole: str, tracks: int, shards: int) -> list[Share]:
    """Equal ranges of ranks. Raises WrongNumber."""
    if not 2 <= shards <= MOST_SHARDS or tracks < shards:
        raise WrongNumber(shards, tracks, MOST_SHARDS)
    ends = [tracks * one // shards for one in range(shards + 1)]
    return [
        Share(number=one + 1, of=shards, whole=whole, first=ends[one] + 1, last=ends[one + 1]) for one in range(shards)
    ]
