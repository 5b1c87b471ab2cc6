"""Recordings brought from the archive to this server: planned, fetched, verified, kept, and entered into the library."""
