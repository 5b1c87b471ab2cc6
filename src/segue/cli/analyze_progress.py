"""How far `segue analyze` has come, on stderr: one line that is written over, where stderr is a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from segue.analysis.records import Heard
from segue.analysis.sentences import clock
from segue.cli.analyze_files import Answer

LINE_EVERY_S = 15.0


class Progress:
    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._files = self._done = self._failed = 0
        self._sound_ms = 0
        self._began = self._spoken = time.monotonic()

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._clear()
        if kind is None and self._done > 1:
            print(self._line(), file=sys.stderr)

    def begun(self) -> None:
        """One more file was found."""
        self._files += 1
        if self._terminal:
            self._write()

    @contextmanager
    def aside(self, answer: Answer) -> Iterator[None]:
        """Makes room for what is printed in the block, about a file that is done now."""
        self._done += 1
        if isinstance(answer.first, Heard):
            self._sound_ms += answer.first.duration_ms
        else:
            self._failed += 1
        self._clear()
        yield
        if self._terminal:
            self._write()
        elif time.monotonic() - self._spoken > LINE_EVERY_S:
            self._spoken = time.monotonic()
            print(self._line(), file=sys.stderr)

    def _line(self) -> str:
        passed = max(time.monotonic() - self._began, 0.001)
        rate = self._sound_ms / 1000 / passed
        parts = [f"{self._done} of {self._files} heard", f"{clock(self._sound_ms)} of sound at {rate:.0f}× real time"]
        if self._failed:
            parts.append(f"{self._failed} could not be")
        return ", ".join(parts)

    def _write(self) -> None:
        if self._files > 1:
            sys.stderr.write(f"\r\x1b[K{self._line()}")
            sys.stderr.flush()

    def _clear(self) -> None:
        if self._terminal and self._files > 1:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
