"""One thing of the library and its page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from segue.core.access import Actor
from segue.library import detail_rows, fields, repository, track_rows
from segue.library.chapters import track_chapters
from segue.library.ground import LibraryGround, NotInLibrary
from segue.library.lyrics.repository import problems_of, track_called, words_of
from segue.library.lyrics.song_words import SongWords
from segue.library.overrides import grouping
from segue.library.pictures.candidates import disc_pictures
from segue.library.scan.facts import Chapter
from segue.library.views import (
    AlbumPage,
    AlbumView,
    ArtistPage,
    ArtistView,
    Credit,
    DiscView,
    FileView,
    FolderPage,
    FolderView,
    GenreView,
    Grouping,
    LabelPage,
    LabelView,
    TrackDetails,
    TrackView,
)
from segue.query import (
    Compare,
)


class Pages(LibraryGround):
    """The verbs about one thing. Each raises NotInLibrary where there is none, or none that may be seen."""

    async def track(self, track_id: int, actor: Actor) -> TrackView:
        """A track, also a missing one. Raises NotInLibrary; so do the others below."""
        async with self.db.read() as conn:
            track: TrackView = await self._one(conn, "tracks", track_id, actor)
        return track

    async def track_page(self, track_id: int, actor: Actor) -> tuple[TrackView, TrackDetails]:
        """A track with what only its own page shows. Raises NotInLibrary."""
        async with self.db.read() as conn:
            track: TrackView = await self._one(conn, "tracks", track_id, actor)
            details = await track_rows.details(conn, track.id)
        if details is None:
            raise NotInLibrary("tracks", track_id)
        return track, details

    async def words(self, track_id: int, actor: Actor) -> list[SongWords]:
        """Every set of words (lyrics) of a track, best first; none where it has none or may not be seen."""
        async with self.db.read() as conn:
            return await words_of(conn, actor, track_id)

    async def word_problems(self, track_id: int) -> list[tuple[str, dict[str, Any]]]:
        """Files of words beside a track that could not be read: (code, params) of why."""
        async with self.db.read() as conn:
            return await problems_of(conn, track_id)

    async def chapters(self, track_id: int, actor: Actor) -> list[Chapter]:
        """The chapters of a track in order, every one with its end. Raises NotInLibrary."""
        track = await self.track(track_id, actor)
        async with self.db.read() as conn:
            return await track_chapters(conn, track.id)

    async def track_with_words(self, artist: str, title: str, actor: Actor) -> int | None:
        """The track with lyrics that is called `title` and is by `artist`; None where there is none."""
        async with self.db.read() as conn:
            return await track_called(conn, actor, artist, title)

    async def file(self, file_id: int, actor: Actor) -> FileView:
        async with self.db.read() as conn:
            file: FileView = await self._one(conn, "files", file_id, actor)
        return file

    async def genre(self, genre_id: int, actor: Actor) -> GenreView:
        async with self.db.read() as conn:
            genre: GenreView = await self._one(conn, "genres", genre_id, actor)
        return genre

    async def label(self, label_id: int, actor: Actor) -> LabelView:
        async with self.db.read() as conn:
            label: LabelView = await self._one(conn, "labels", label_id, actor)
        return label

    async def label_page(self, label_id: int, actor: Actor) -> LabelPage:
        """A label with who it is."""
        async with self.db.read() as conn:
            label: LabelView = await self._one(conn, "labels", label_id, actor)
            external = await repository.external_ids(conn, "label", label.id)
            return LabelPage(label, external, await detail_rows.of_label(conn, label.id))

    async def album(self, album_id: int, actor: Actor) -> AlbumPage:
        """An album with its discs, tracks, labels, people, outside ids and the reason it is one album."""
        async with self.db.read() as conn:
            album: AlbumView = await self._one(conn, "albums", album_id, actor)
            ids = await repository.album_track_ids(conn, [album.id])
            found = await self._load(conn, "tracks", ids, actor)
            labels = await repository.album_labels(conn, album.id)
            external = await repository.external_ids(conn, "album", album.id)
            rule, params = await repository.album_rule(conn, album.id)
            details = await detail_rows.of_album(conn, album.id)
            by_disc = await disc_pictures(conn, album.id, album.folder_id) if album.disc_count > 1 else {}
            pictures = await repository.pictures(conn, by_disc.values())
        tracks = [found[number] for number in ids if number in found]
        discs = _discs(tracks)
        for disc in discs:
            disc.artwork = pictures.get(by_disc.get(disc.number, 0))
        why = Grouping(rule, params, grouping.sentence(rule, params))
        return AlbumPage(album, discs, labels, _people(tracks), external, why, details)

    async def album_tracks(self, album_id: int, actor: Actor) -> list[TrackView]:
        """The tracks of an album in order. Raises NotInLibrary."""
        async with self.db.read() as conn:
            album: AlbumView = await self._one(conn, "albums", album_id, actor)
            ids = await repository.album_track_ids(conn, [album.id])
            found = await self._load(conn, "tracks", ids, actor)
        return [found[number] for number in ids if number in found]

    async def artist(self, artist_id: int, actor: Actor) -> ArtistPage:
        """An artist with the albums they take part in, by role."""
        async with self.db.read() as conn:
            artist: ArtistView = await self._one(conn, "artists", artist_id, actor)
            parts = await repository.artist_albums(conn, artist.id)
            albums = await self._load(conn, "albums", {album_id for _, album_id in parts}, actor)
            aliases = await repository.artist_aliases(conn, artist.id)
            external = await repository.external_ids(conn, "artist", artist.id)
            details = await detail_rows.of_artist(conn, artist.id)
        own = {album_id for role, album_id in parts if role == "album_artist"}
        by_role: dict[str, list[AlbumView]] = {}
        for role, album_id in parts:
            # An artist is credited on the tracks of their own albums; saying so again would only double the page.
            if album_id in albums and not (role == "artist" and album_id in own):
                by_role.setdefault(role, []).append(albums[album_id])
        ordered = sorted(by_role.items(), key=lambda item: fields.ROLE_ORDER.get(item[0], len(fields.ROLE_ORDER)))
        return ArtistPage(artist, ordered, aliases, external, details)

    async def folder(self, folder_id: int, actor: Actor, *, limit: int = 100_000) -> FolderPage:
        """A folder with its parents, how much is in it and below, and what is directly inside: the first `limit` folders by
        name and tracks by album, disc and position."""
        async with self.db.read() as conn:
            folder: FolderView = await self._one(conn, "folders", folder_id, actor)
            parents: list[FolderView] = []
            above = folder.parent_id
            while above is not None and len(parents) < 100:
                parents.insert(0, (await repository.folders(conn, [above]))[above])
                above = parents[0].parent_id
            inside = await self._everything(conn, "folders", Compare("parent", "=", folder.id), "name", actor, limit)
            tracks = await self._everything(
                conn, "tracks", Compare("folder", "=", folder.id), "album,position", actor, limit
            )
            below = await repository.folder_totals(conn, folder.id)
        return FolderPage(folder, parents, inside, tracks, *below)


def _discs(tracks: Sequence[TrackView]) -> list[DiscView]:
    discs: dict[int, DiscView] = {}
    for track in tracks:
        number = track.disc or 1
        disc = discs.setdefault(number, DiscView(number, None, None, []))
        disc.subtitle = disc.subtitle or track.disc_subtitle
        disc.media = disc.media or track.media
        disc.tracks.append(track)
    return [discs[number] for number in sorted(discs)]


def _people(tracks: Sequence[TrackView]) -> list[Credit]:
    """Who takes part in these tracks beside the artists, each once a role and instrument."""
    met: dict[tuple[int, str, str | None], Credit] = {}
    for track in tracks:
        for credit in track.credits:
            met.setdefault((credit.artist_id, credit.role, credit.instrument), credit)
    return sorted(met.values(), key=lambda credit: fields.ROLE_ORDER.get(credit.role, len(fields.ROLE_ORDER)))
