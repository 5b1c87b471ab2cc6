"""Everything ever recorded, on one's own disk: sources, the build of a snapshot, lookup, search, and the APIs that read it."""
