"""Where the music is in a track: silence, fades, intro and outro."""
