"""Numbers as block characters: bars, and a waveform in a few rows."""

from __future__ import annotations

from segue.analysis.records import Waveform

BLOCKS = " ▁▂▃▄▅▆▇█"
LYING = " ▏▎▍▌▋▊▉█"

Bands = tuple[int, int, int]


def bar(share: float, width: int) -> str:
    """A bar of `width` columns, filled by `share` (0 to 1): lying down, or a column standing up where it is one wide."""
    share = min(1.0, max(0.0, share))
    if width == 1:
        return BLOCKS[max(1, round(share * 8))]
    eighths = round(share * width * 8)
    full, rest = divmod(eighths, 8)
    drawn = "█" * full + (LYING[rest] if rest else "")
    return drawn + "░" * (width - len(drawn))


def columns(wave: Waveform, width: int) -> tuple[list[float], list[Bands]]:
    """How high the waveform is at each of `width` columns (0 to 1), and its three bands there (0 to 255)."""
    peaks = memoryview(wave.peaks).cast("b")
    bands = memoryview(wave.bands)
    pixels = len(peaks) // 2
    heights: list[float] = []
    colours: list[Bands] = []
    for column in range(width):
        start = column * pixels // width
        end = max(start + 1, (column + 1) * pixels // width)
        here = peaks[2 * start : 2 * end]
        heights.append(max(max(here, default=0), -min(here, default=0)) / 128)
        low, mid, high = (
            max(bands[3 * start + band : 3 * end : 3], default=0) if len(bands) >= 3 * pixels else 0
            for band in range(3)
        )
        colours.append((low, mid, high))
    return heights, colours


def steps(heights: list[float], rows: int) -> list[str]:
    """The columns as `rows` lines from the top down."""
    eighths = [round(min(1.0, height) * rows * 8) for height in heights]
    return ["".join(BLOCKS[min(8, max(0, one - 8 * below))] for one in eighths) for below in range(rows - 1, -1, -1)]
