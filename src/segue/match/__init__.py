"""Is this the same recording, release, artist? The one matcher for everybody: pure functions from facts to a verdict.

Nothing here reads a table, a file or a clock. Facts go in, and a `Verdict` comes out that says how sure it is and why:
every piece of evidence by code and parameters, so that a page can tell it in any language.

The rules and weights follow what was measured on 218 right and 4,401 wrong pairs of titles and on 346 fingerprinted
recordings: ids decide, lengths may veto, and a title decides only together with who it is by.
"""

from segue.match.artists import ArtistFacts, compare_artists
from segue.match.meant import Ranked, meant, rank
from segue.match.recordings import RecordingFacts, best_recording, compare_recordings
from segue.match.releases import ReleaseFacts, compare_releases
from segue.match.titles import Title, take_apart
from segue.match.verdict import Decision, Reason, Verdict, sentence

__all__ = [
    "ArtistFacts", "Decision", "Ranked", "Reason", "RecordingFacts", "ReleaseFacts", "Title", "Verdict",
    "best_recording", "compare_artists", "compare_recordings", "compare_releases", "meant", "rank", "sentence",
    "take_apart",
]  # fmt: skip
