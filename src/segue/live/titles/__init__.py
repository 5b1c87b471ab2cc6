"""What was played: titles of tracks as people write them, understood as the songs of their artist.

Nothing here knows any band: which songs there are, how they are usually written and what they are called for short is
learnt from setlists, from the recordings themselves and from what people say, which wins.
"""

from segue.live.titles.agreement import consensus
from segue.live.titles.hearing import heard_of
from segue.live.titles.keys import soft_key, song_key
from segue.live.titles.texts import setlist_of_text
from segue.live.titles.vocabulary import Night, Vocabulary

__all__ = ["Night", "Vocabulary", "consensus", "heard_of", "setlist_of_text", "soft_key", "song_key"]
