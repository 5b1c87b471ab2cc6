"""What of a source could not be taken as it was: counted, with the first few as examples, while the build goes on."""

from __future__ import annotations

from collections.abc import Iterable

from segue.catalog.snapshot.manifest import Problem

KEPT = 10
"""Examples of each."""
_LONGEST = 200


class Problems:
    def __init__(self, known: dict[str, Problem] | None = None) -> None:
        self._counts = {name: one.count for name, one in (known or {}).items()}
        self._examples = {name: list(one.examples) for name, one in (known or {}).items()}

    def add(self, name: str, examples: Iterable[str], count: int | None = None) -> None:
        """`count` of them (as many as examples, where it is not said)."""
        given = list(examples)
        self._counts[name] = self._counts.get(name, 0) + (len(given) if count is None else count)
        kept = self._examples.setdefault(name, [])
        kept.extend(example[:_LONGEST] for example in given[: KEPT - len(kept)])

    def all(self) -> dict[str, Problem]:
        return {
            name: Problem(count, tuple(self._examples.get(name, ())))
            for name, count in sorted(self._counts.items())
            if count
        }
