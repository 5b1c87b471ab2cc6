"""The key of a piece: tonic and mode, its modulations and tuning, and every way to write it down.

`names` and `parse` need nothing; what hears (`segue.analysis.key.part`) needs numpy and scipy.
"""

from segue.analysis.key.notation import Names, names, parse

__all__ = ["Names", "names", "parse"]
