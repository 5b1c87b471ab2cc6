"""Navidrome's smart playlists (.nsp, JSON): read into the same tree as the query language, and written from it.

What one side can say and the other cannot is told by name and never left out in silence.
"""

from segue.query.nsp.notes import BadNsp, Note
from segue.query.nsp.reading import Imported, Lists, read
from segue.query.nsp.writing import Exported, export

__all__ = ["BadNsp", "Exported", "Imported", "Lists", "Note", "export", "read"]
