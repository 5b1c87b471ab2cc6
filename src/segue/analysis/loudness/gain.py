"""From loudness to gain, as tags and players spell it."""

from __future__ import annotations

REPLAYGAIN_LUFS = -18.0
"""What ReplayGain 2.0 brings everything to (wiki.hydrogenaudio.org, "ReplayGain 2.0 specification")."""
R128_LUFS = -23.0
"""What the R128 tags of Opus bring everything to (RFC 7845, 5.2.1)."""


def gain_db(integrated: float) -> float:
    """ReplayGain 2.0's gain in dB for a loudness in LUFS, of a track or of an album."""
    return REPLAYGAIN_LUFS - integrated


def r128_gain(integrated: float) -> int:
    """`R128_TRACK_GAIN` or `R128_ALBUM_GAIN`: 256ths of a dB towards -23 LUFS, within 16 bits, on top of the file's header
    gain."""
    return max(-32768, min(32767, round((R128_LUFS - integrated) * 256)))


def linear_peak(true_peak_db: float) -> float:
    """ReplayGain's peak: 1 is full scale."""
    return float(10 ** (true_peak_db / 20))
