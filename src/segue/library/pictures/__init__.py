"""Which picture stands for an album, a disc, an artist or a track: what there is to choose from, the rules, and people's choices."""
