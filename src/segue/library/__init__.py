"""Your music: files, tracks, albums, artists, credits, genres and artwork."""
