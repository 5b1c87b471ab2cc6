"""What a scan changed, kept so that it can be looked at, and the last one undone."""
