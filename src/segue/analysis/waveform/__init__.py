"""Peaks for drawing a track, and what other programs read of them: audiowaveform's .dat and JSON.

`WaveformPart` (in `part`) hears blocks; what is here imports numpy only when it is called.
"""

from segue.analysis.waveform.errors import NotAWaveform
from segue.analysis.waveform.formats import as_json, dat, read
from segue.analysis.waveform.zoom import coarser, overview, zoomed

__all__ = ["NotAWaveform", "as_json", "coarser", "dat", "overview", "read", "zoomed"]
