"""What an item is, concluded from what its uploader wrote: artist, date, kind, source, taper, lineage, each with its evidence.

Pure: an `Item` goes in, `Facts` come out, without a database, a network or a clock.
"""

from segue.live.facts.artists import Bands, artist_key
from segue.live.facts.item import facts_of

__all__ = ["Bands", "artist_key", "facts_of"]
