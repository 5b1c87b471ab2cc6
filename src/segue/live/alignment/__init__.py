"""Where in one recording of a song another one is, so that a player can change the source in the middle of it."""
