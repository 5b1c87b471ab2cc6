"""How much of a list is wanted: `limit:100` rows, `limit:90min` of music, `limit:2gb` of files, `limit:10%` of what there is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Unit = Literal["rows", "minutes", "bytes", "percent"]
MOST_ROWS = 1_000_000
_WRITTEN = re.compile(r"([0-9]{1,15})\s*([a-z%]*)\Z")
_MINUTES = {"m": 1, "min": 1, "mins": 1, "minute": 1, "minutes": 1, "h": 60, "hour": 60, "hours": 60}
_BYTES = {
    "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12, "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40,
}  # fmt: skip
_SPELLED = (("tb", 10**12), ("gb", 10**9), ("mb", 10**6), ("kb", 10**3), ("b", 1))


@dataclass(frozen=True, slots=True)
class Limit:
    """At most this many rows, minutes of music, bytes of files, or hundredths of what there is (one row at least)."""

    unit: Unit
    amount: int

    def __str__(self) -> str:
        match self.unit:
            case "rows":
                return str(self.amount)
            case "minutes":
                return f"{self.amount}min"
            case "percent":
                return f"{self.amount}%"
            case _:
                unit, size = next(each for each in _SPELLED if self.amount % each[1] == 0)
                return f"{self.amount // size}{unit}"


def parse_limit(text: str) -> Limit | None:
    """The limit that `text` means; None where it means none."""
    found = _WRITTEN.match(text.strip().lower())
    if found is None:
        return None
    number, unit = int(found[1]), found[2]
    if not number:
        return None
    if not unit:
        return Limit("rows", number) if number <= MOST_ROWS else None
    if unit == "%":
        return Limit("percent", number) if number <= 100 else None
    if unit in _MINUTES:
        minutes = number * _MINUTES[unit]
        return Limit("minutes", minutes) if minutes <= 10**9 else None
    size = number * _BYTES.get(unit, 0)
    return Limit("bytes", size) if 0 < size < 2**62 else None
