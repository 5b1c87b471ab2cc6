"""MusicBrainz's own API (ws/2, reading) over a catalogue built from MusicBrainz's dumps: lookup, browse, search, JSON and XML."""
