"""How loud a track is (EBU R 128, ITU-R BS.1770-4), and what a player makes of it.

`LoudnessPart` (in `part`, which needs numpy and scipy) hears blocks; what is here needs neither.
"""

from segue.analysis.loudness.album import album
from segue.analysis.loudness.gain import gain_db, linear_peak, r128_gain

__all__ = ["album", "gain_db", "linear_peak", "r128_gain"]
