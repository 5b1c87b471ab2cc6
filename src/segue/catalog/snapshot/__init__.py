"""A compiled catalogue: a folder of read-only SQLite files under a manifest."""
