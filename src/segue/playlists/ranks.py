"""Ranks: texts that put rows in order, with room for another between any two.

A rank is a fraction written in base 62, compared byte by byte. Its first six digits count in wide steps, so that rows
added at either end stay six digits long; what is put between two rows takes the middle and grows by a digit now and then.
A list whose ranks have grown long is given new ones (`LONGEST`), which changes no order.
"""

from __future__ import annotations

from collections.abc import Sequence

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
HEAD = 6
"""Digits that every rank has."""
STEP = 62**2
"""How far apart rows are that are added at an end."""
LONGEST = 48
"""Digits from which on a list is given new ranks."""

_BASE = len(DIGITS)
_VALUE = {digit: value for value, digit in enumerate(DIGITS)}
_END = _BASE**HEAD


def spread(count: int, low: str | None = None, high: str | None = None) -> list[str]:
    """`count` ranks in order, all after `low` and before `high`; None leaves that end open.

    Raises ValueError where `low` is not before `high`.
    """
    if count == 0:
        return []
    if high is None:
        start = _END // 2 - STEP if low is None else _number(low[:HEAD], HEAD)
        if start + STEP * (count + 1) < _END:
            return [_text(start + STEP * (at + 1), HEAD) for at in range(count)]
    elif low is None:
        start = _number(high[:HEAD], HEAD)
        if start - STEP * count > 0:
            return [_text(start - STEP * (count - at), HEAD) for at in range(count)]
    return _between(count, low or "", high)


def _between(count: int, low: str, high: str | None) -> list[str]:
    length = max(HEAD, len(low), len(high or ""))
    if high is not None and _number(low, length) >= _number(high, length):
        raise ValueError("a rank must come before another to leave room between them")
    while True:
        first = _number(low, length)
        last = _BASE**length if high is None else _number(high, length)
        if last - first > count:
            step = (last - first) // (count + 1)
            return [_text(first + step * (at + 1), length) for at in range(count)]
        length += 1


def too_long(ranks: Sequence[str]) -> bool:
    """Whether a list with these ranks is to be given new ones."""
    return any(len(rank) > LONGEST for rank in ranks)


def _number(rank: str, length: int) -> int:
    """The first `length` digits as a whole number; what is missing counts as zeros."""
    value = 0
    for digit in rank[:length]:
        value = value * _BASE + _VALUE[digit]
    return int(value * _BASE ** (length - min(len(rank), length)))


def _text(value: int, length: int) -> str:
    digits = []
    for _ in range(length):
        value, digit = divmod(value, _BASE)
        digits.append(DIGITS[digit])
    text = "".join(reversed(digits))
    return text[:HEAD] + text[HEAD:].rstrip("0")
