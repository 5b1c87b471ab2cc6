"""The OpenSubsonic extensions that work here, by their names and versions in the specification.

Not among them: `transcoding` and `transcodeOffset` (files are played as they are), `playbackReport`,
`getPodcastEpisode`.
"""

from __future__ import annotations

EXTENSIONS: dict[str, list[int]] = {
    "apiKeyAuthentication": [1],
    "formPost": [1],
    "indexBasedQueue": [1],
    "songLyrics": [1, 2],
    "sonicSimilarity": [1],
    "topSongsByArtistId": [1],
}
