"""Keys that go together: `camelot:~8A` is 8A with its neighbours on Camelot's wheel.

Beside the key itself: one hour to either side (a fifth up or down) and the other letter of the same hour (the relative
major or minor), as the harmonic mixing charts of Mixed In Key have them.
"""

from __future__ import annotations

import re

from segue.query.ast import Value
from segue.query.fields import Field

_KEY = re.compile(r"([0-9]{1,2})([AB])\Z")
NAMES = ("camelot",)


def is_harmonic(field: Field, text: str) -> bool:
    """Whether `text` asks for the neighbours of a key, in a field that holds keys of the wheel."""
    return field.name.rpartition(".")[2] in NAMES and text.startswith("~") and len(text) > 1


def neighbours(key: Value) -> tuple[Value, ...]:
    """The key and those that go with it; only the key where it is none of the wheel."""
    found = _KEY.match(str(key).upper())
    if found is None:
        return (key,)
    hour, letter = int(found[1]), found[2]
    before, after = (hour - 2) % 12 + 1, hour % 12 + 1
    return key, f"{before}{letter}", f"{after}{letter}", f"{hour}{'B' if letter == 'A' else 'A'}"
