"""Tapes at home: folders of recordings that nobody named, known by their audio, by their names and by what was played."""
