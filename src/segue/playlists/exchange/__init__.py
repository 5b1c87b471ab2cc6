"""Playlists in and out: files of other programs become lists, and lists become files that other programs read."""
