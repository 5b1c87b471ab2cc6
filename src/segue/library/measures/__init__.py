"""What was measured of a track's sound, and how it is shown beside what its tags and its people say."""
