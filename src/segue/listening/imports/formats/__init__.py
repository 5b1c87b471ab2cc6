"""The formats in which services and servers give out what they kept: one module a format, each from rows to items."""
