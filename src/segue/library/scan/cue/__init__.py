"""CUE sheets: one large file of a whole disc as its tracks, and tags for files that have none."""
