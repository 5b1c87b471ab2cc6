"""The library's tables as Core sees them, for lists."""

from __future__ import annotations

from sqlalchemy import Table

from segue.library import models as m
from segue.library.duplicates.models import DuplicateMember
from segue.library.edits.models import Edit
from segue.library.genres.models import GenreAncestor
from segue.library.pictures.models import FolderPicture

LIBRARIES: Table = m.Library.__table__  # type: ignore[assignment]
TRACKS: Table = m.Track.__table__  # type: ignore[assignment]
ALBUMS: Table = m.Album.__table__  # type: ignore[assignment]
ARTISTS: Table = m.Artist.__table__  # type: ignore[assignment]
FILES: Table = m.File.__table__  # type: ignore[assignment]
FOLDERS: Table = m.Folder.__table__  # type: ignore[assignment]
GENRES: Table = m.Genre.__table__  # type: ignore[assignment]
LABELS: Table = m.Label.__table__  # type: ignore[assignment]
TRACK_CREDITS: Table = m.TrackCredit.__table__  # type: ignore[assignment]
ALBUM_CREDITS: Table = m.AlbumCredit.__table__  # type: ignore[assignment]
PARTICIPANTS: Table = m.AlbumParticipant.__table__  # type: ignore[assignment]
TRACK_GENRES: Table = m.TrackGenre.__table__  # type: ignore[assignment]
ALBUM_GENRES: Table = m.AlbumGenre.__table__  # type: ignore[assignment]
ALBUM_LABELS: Table = m.AlbumLabel.__table__  # type: ignore[assignment]
ARTIST_COUNTS: Table = m.ArtistCount.__table__  # type: ignore[assignment]
GENRE_COUNTS: Table = m.GenreCount.__table__  # type: ignore[assignment]
LABEL_COUNTS: Table = m.LabelCount.__table__  # type: ignore[assignment]
GENRE_ANCESTORS: Table = GenreAncestor.__table__  # type: ignore[assignment]
EDITS: Table = Edit.__table__  # type: ignore[assignment]
DUPLICATES: Table = DuplicateMember.__table__  # type: ignore[assignment]
PICTURES: Table = FolderPicture.__table__  # type: ignore[assignment]
