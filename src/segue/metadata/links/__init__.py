"""From the library to the catalogue: which of its rows a track, an album or an artist is, and what follows from that."""
