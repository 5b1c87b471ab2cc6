"""What other players report to: ListenBrainz' API under `/compat/listenbrainz`, Last.fm's under `/compat/lastfm`.

Each spells the same verbs of ScrobblingService in its protocol's words, with the person's app passwords as its tokens.
"""

from segue.scrobble_faces.lastfm import LastfmFace
from segue.scrobble_faces.listenbrainz import ListenBrainzFace

__all__ = ["LastfmFace", "ListenBrainzFace"]
