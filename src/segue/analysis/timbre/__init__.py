"""How a piece sounds: the embedding that similar tracks are found by, energy and danceability."""
