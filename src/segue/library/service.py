"""The library's verbs for reading: lists, pages, the index of artists, search. The one door for faces and other domains.

`LibraryService` has the verbs of its parts: Lists, Pages, Indexes and Searching. Nobody sees rows of a library they may not
see: such a row is not found, like one that does not exist. Missing music is left out of lists until it is asked for, and
found by its id.
"""

from __future__ import annotations

from segue.library.ground import NotInLibrary
from segue.library.indexes import Indexes
from segue.library.lists import AlbumListType, Lists, NotAsked
from segue.library.pages import Pages
from segue.library.searching import SEARCHED, Searching


class LibraryService(Lists, Pages, Indexes, Searching):
    """Reads the library for somebody; see the parts."""


__all__ = ["SEARCHED", "AlbumListType", "LibraryService", "NotAsked", "NotInLibrary"]
