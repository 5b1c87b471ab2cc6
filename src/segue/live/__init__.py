"""Live music: concerts, their recordings and setlists, from the archive and from tapes at home."""
