"""Writing tags into files: only where a library says so, only what was edited, and always so that it can be undone."""
