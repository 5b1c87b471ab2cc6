"""A reader for each format, and how formats are told apart by content."""
