"""Lining up two files: run in a child process, where a hostile file can do no harm and numpy is loaded only when needed."""

from __future__ import annotations

from segue.live.alignment.records import Fit, Sound


def align_pair(pair: tuple[Sound, Sound]) -> Fit:
    """Listen to both and line them up. Raises NoSound."""
    from segue.live.alignment.fitting import align
    from segue.live.alignment.onsets import curve_of

    first, second = pair
    return align(curve_of(first), curve_of(second))
