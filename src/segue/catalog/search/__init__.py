"""Search over everything a snapshot holds: search.db (words, exact titles, spelling) and trigram.db (substrings)."""
