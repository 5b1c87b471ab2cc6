"""Playlists that survive everything that happens to their tracks."""
