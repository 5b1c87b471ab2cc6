"""What is wrong with a source as a whole; damage inside one is a record (`Damage`) and does not stop it."""

from __future__ import annotations

from pathlib import Path

from segue.core.errors import Invalid


class NoSource(Invalid):
    """The folder or file holds nothing that can be read as such a source."""

    def __init__(self, where: Path, wanted: str, hint: str | None = None) -> None:
        super().__init__("no-source", f"{where} has no {wanted}.", hint=hint, path=str(where), wanted=wanted)
