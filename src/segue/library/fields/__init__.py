"""What can be asked of tracks, albums, artists, genres, labels, files and folders.

What a person did with them (stars, ratings, plays) is declared by listening and added by app.py.
"""

from segue.library.fields.albums import ALBUM
from segue.library.fields.files import FILE, FOLDER
from segue.library.fields.names import ARTIST, GENRE, LABEL
from segue.library.fields.roles import RELEASE_TYPES, ROLE_ORDER, ROLES
from segue.library.fields.tracks import TRACK

ENTITIES = (TRACK, ALBUM, ARTIST, GENRE, LABEL, FILE, FOLDER)

__all__ = ["ENTITIES", "RELEASE_TYPES", "ROLES", "ROLE_ORDER"]
