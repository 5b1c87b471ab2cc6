"""From what a scan found to rows: names, tracks, albums, counts, in short transactions."""
