"""From any source's records to an immutable snapshot, in bounded memory; see `building.py` for the way."""
