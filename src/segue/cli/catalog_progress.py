"""How far a long piece of work on a catalogue has come, on stderr: a bar with the time left, or a line now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Told = Callable[[int, int, str], None]
"""`told(done, total, what)`; `total` is 0 where it is not known."""

LINE_EVERY_S = 10.0


@contextmanager
def progress(verb: str) -> Iterator[Told]:
    """A `told` for the block: `verb` (Making, Building …) stands before the bar. Where stderr is no terminal, lines."""
    if not sys.stderr.isatty():
        yield _lines(verb)
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn(verb),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        last = ""

        def told(done: int, total: int, what: str) -> None:
            nonlocal last
            if what != last:
                bar.reset(task, total=total or None, description=what)
                last = what
            bar.update(task, completed=done, total=total or None)

        yield told


def _lines(verb: str) -> Told:
    began: dict[str, tuple[float, int]] = {}
    spoken = 0.0

    def told(done: int, total: int, what: str) -> None:
        nonlocal spoken
        now = time.monotonic()
        start, first = began.setdefault(what, (now, done))
        if now - spoken < LINE_EVERY_S and done != total:
            return
        spoken = now
        of = f" of {total:,} ({100 * done / total:.0f} %)" if total else ""
        left = ""
        if total and first < done < total:
            left = f", about {_span((now - start) * (total - done) / (done - first))} left"
        print(f"{verb}: {what} {done:,}{of}{left}", file=sys.stderr, flush=True)

    return told


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
