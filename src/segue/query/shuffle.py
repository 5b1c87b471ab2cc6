"""Random orders of any number of rows, of which a page costs a page.

A seed stands for a permutation of all numbers below a power of four: a Feistel network of four rounds (Luby and Rackoff
1988), whose inverse is as cheap. A page walks the places of the permutation, works out the row that stands at each, and
keeps those that are there and wanted. Where only few rows are wanted, they are read whole and put in the same order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

_ROUNDS = 4
_MIX = (0x9E3779B1, 0x85EBCA77)


@dataclass(frozen=True)
class Shuffle:
    """The order that `seed` gives the numbers from 0 to `size` - 1; `bits` is even."""

    seed: str
    bits: int

    @classmethod
    def over(cls, seed: str, highest: int) -> Shuffle:
        """An order in which every number up to `highest` has a place."""
        bits = max(4, highest.bit_length())
        return cls(seed, bits + bits % 2)

    @property
    def size(self) -> int:
        return 1 << self.bits

    @cached_property
    def _keys(self) -> tuple[int, ...]:
        drawn = hashlib.sha256(f"{self.seed} {self.bits}".encode()).digest()
        return tuple(int.from_bytes(drawn[at : at + 4], "big") for at in range(0, 4 * _ROUNDS, 4))

    def at(self, place: int) -> int:
        """The number at a place."""
        half = self.bits // 2
        left, right = place >> half, place & ((1 << half) - 1)
        for key in self._keys:
            left, right = right, left ^ self._mixed(right, key)
        return left << half | right

    def place(self, number: int) -> int:
        """The place of a number: the inverse of `at`."""
        half = self.bits // 2
        left, right = number >> half, number & ((1 << half) - 1)
        for key in reversed(self._keys):
            left, right = right ^ self._mixed(left, key), left
        return left << half | right

    def places(self, numbers: Iterable[int]) -> list[tuple[int, int]]:
        """Many numbers with their places, as (place, number): a third of the time of `place` for each."""
        half = self.bits // 2
        mask, (one, other) = (1 << half) - 1, _MIX
        keys = tuple(reversed(self._keys))
        found: list[tuple[int, int]] = []
        for number in numbers:
            left, right = number >> half, number & mask
            for key in keys:
                mixed = (left + key) * one & 0xFFFFFFFF
                mixed = (mixed ^ mixed >> 15) * other & 0xFFFFFFFF
                left, right = right ^ (mixed ^ mixed >> 13) & mask, left
            found.append((left << half | right, number))
        return found

    def _mixed(self, value: int, key: int) -> int:
        mixed = (value + key) * _MIX[0] & 0xFFFFFFFF
        mixed = (mixed ^ mixed >> 15) * _MIX[1] & 0xFFFFFFFF
        return (mixed ^ mixed >> 13) & ((1 << self.bits // 2) - 1)
