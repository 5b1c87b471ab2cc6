"""What a scan needs of whoever runs it: to be told when to stop, to say how far it is, and to be fenced.

A job's context is one; so is `Alone`, for a scan without a job.
"""

from __future__ import annotations

from typing import Any, Protocol

from segue.core.db import Transaction


class Control(Protocol):
    def check(self) -> None:
        """Raise where the scan should end here."""

    def progress(
        self,
        done: int | None = None,
        total: int | None = None,
        *,
        unit: str | None = None,
        phase: str | None = None,
        message: str | None = None,
        **params: Any,
    ) -> None:
        """Say how far the scan is."""

    async def guard(self, tx: Transaction) -> None:
        """Make `tx` fail where the scan belongs to somebody else by now."""


class Alone:
    """Nobody stops it and nobody looks on."""

    def check(self) -> None:
        return

    def progress(self, done: int | None = None, total: int | None = None, **params: Any) -> None:
        return

    async def guard(self, tx: Transaction) -> None:
        return
