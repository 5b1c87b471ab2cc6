"""Which picture stands for an album, a disc, an artist or a track: the candidates, the rules, and people's choices."""
