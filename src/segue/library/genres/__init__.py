"""Genres as a tree: Rock, Alternative Rock, Indie Rock. Seeded from our own file, and a person may put them elsewhere."""
