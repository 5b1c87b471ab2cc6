"""Telling Last.fm, ListenBrainz and their like what a person listens to, and taking reports of other players."""
