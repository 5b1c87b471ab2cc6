"""Count everything again from the rows themselves, and say where a stored count differs."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from sqlalchemy import select

from segue.core.db import Database
from segue.library.models import (
    ANY_ROLE,
    Album,
    AlbumCredit,
    AlbumGenre,
    AlbumLabel,
    AlbumParticipant,
    Artist,
    ArtistCount,
    Artwork,
    ExternalIdRow,
    File,
    Folder,
    Genre,
    GenreCount,
    Label,
    LabelCount,
    Library,
    RawTags,
    Track,
    TrackCredit,
    TrackGenre,
)
from segue.library.search import TABLES


async def differences(db: Database) -> list[str]:
    """Every stored count that is not what a recount gives."""
    async with db.read() as conn:

        async def rows(model: Any) -> list[Any]:
            return list((await conn.execute(select(model.__table__))).all())

        tables = {model: await rows(model) for model in (
            Album, AlbumCredit, AlbumGenre, AlbumLabel, AlbumParticipant, ArtistCount, File, Folder, GenreCount,
            LabelCount, Library, Track, TrackCredit, TrackGenre,
        )}  # fmt: skip
    wrong: list[str] = []

    def compare(what: str, stored: dict[Any, Any], counted: dict[Any, Any]) -> None:
        for key in sorted(stored.keys() | counted.keys(), key=repr):
            if stored.get(key) != counted.get(key):
                wrong.append(f"{what} {key}: stored {stored.get(key)}, counted {counted.get(key)}")

    tracks, files = tables[Track], {file.id: file for file in tables[File]}
    albums = {album.id: album for album in tables[Album]}
    present = {track.id: track for track in tracks if track.missing_since is None}
    of_album = defaultdict(list)
    for track in tracks:
        of_album[track.album_id].append(track)
    compare(
        "album",
        {
            album.id: (
                album.track_count, album.missing_count, album.duration_ms, album.size_bytes,
                album.missing_since is not None, album.disc_count,
            )
            for album in albums.values()
        },
        {
            number: (
                len(here := [t for t in rows if t.id in present]), len(rows) - len(here),
                sum(t.duration_ms for t in here), sum({t.file_id: files[t.file_id].size_bytes for t in here}.values()),
                not here, len({t.disc or 1 for t in (here or rows)}),
            )
            for number, rows in of_album.items()
        },
    )  # fmt: skip
    credited: dict[tuple[int, int, str], set[int]] = defaultdict(set)
    for credit in tables[TrackCredit]:
        if credit.track_id in present:
            album = present[credit.track_id].album_id
            credited[(album, credit.artist_id, credit.role)].add(credit.track_id)
            credited[(album, credit.artist_id, ANY_ROLE)].add(credit.track_id)
    participants = {key: len(value) for key, value in credited.items()}
    here = Counter(track.album_id for track in present.values())
    for credit in tables[AlbumCredit]:
        if here[credit.album_id]:
            participants[(credit.album_id, credit.artist_id, "album_artist")] = here[credit.album_id]
            participants.setdefault((credit.album_id, credit.artist_id, ANY_ROLE), 0)
    compare(
        "participant",
        {(row.album_id, row.artist_id, row.role): row.track_count for row in tables[AlbumParticipant]},
        participants,
    )
    artists: dict[Any, list[int]] = defaultdict(lambda: [0, 0])
    for (album, artist, role), count in participants.items():
        entry = artists[(artist, albums[album].library_id, role)]
        entry[0] += count
        entry[1] += 1
    compare(
        "artist",
        {(r.artist_id, r.library_id, r.role): [r.track_count, r.album_count] for r in tables[ArtistCount]},
        dict(artists),
    )
    album_genres = Counter(
        (present[row.track_id].album_id, row.genre_id) for row in tables[TrackGenre] if row.track_id in present
    )
    compare("album genre", {(r.album_id, r.genre_id): r.track_count for r in tables[AlbumGenre]}, dict(album_genres))
    genres: dict[Any, list[int]] = defaultdict(lambda: [0, 0])
    for (album, genre), count in album_genres.items():
        entry = genres[(genre, albums[album].library_id)]
        entry[0] += count
        entry[1] += 1
    compare(
        "genre", {(r.genre_id, r.library_id): [r.track_count, r.album_count] for r in tables[GenreCount]}, dict(genres)
    )
    labels = Counter(
        {
            (row.label_id, albums[row.album_id].library_id, row.album_id)
            for row in tables[AlbumLabel]
            if here[row.album_id]
        }
    )
    by_label = Counter((label, library) for label, library, _ in labels)
    compare("label", {(r.label_id, r.library_id): r.album_count for r in tables[LabelCount]}, dict(by_label))
    inside = Counter(files[track.file_id].folder_id for track in present.values())
    compare("folder", {row.id: row.track_count for row in tables[Folder] if row.track_count}, dict(inside))
    for library in tables[Library]:
        mine = [track for track in present.values() if track.library_id == library.id]
        own = [file for file in files.values() if file.library_id == library.id]
        own_albums = [album for album in albums.values() if album.library_id == library.id and here[album.id]]
        compare(
            "library",
            {
                library.id: (
                    library.track_count, library.album_count, library.file_count, library.missing_count,
                    library.duration_ms, library.size_bytes,
                )
            },
            {
                library.id: (
                    len(mine), len(own_albums), sum(f.missing_since is None for f in own),
                    sum(f.missing_since is not None for f in own), sum(t.duration_ms for t in mine),
                    sum(album.size_bytes for album in own_albums),
                )
            },
        )  # fmt: skip
    return wrong


async def portrait(db: Database) -> dict[str, Any]:
    """Everything a scan has written, without numbers of rows and times: equal for two scans of the same folder."""
    async with db.read() as conn:

        async def rows(model: Any) -> list[Any]:
            return list((await conn.execute(select(model.__table__ if hasattr(model, "__table__") else model))).all())

        files = {row.id: row for row in await rows(File)}
        folders = {row.id: row for row in await rows(Folder)}
        artists = {row.id: row.name for row in await rows(Artist)}
        pictures = {row.id: row.sha256 for row in await rows(Artwork)}
        genres = {row.id: row.name for row in await rows(Genre)}
        labels = {row.id: row.name for row in await rows(Label)}
        albums = {row.id: row for row in await rows(Album)}
        tracks = {row.id: row for row in await rows(Track)}
        documents = {row.file_id: row.document for row in await rows(RawTags)}
        track_credits, album_credits = await rows(TrackCredit), await rows(AlbumCredit)
        participants, counts = await rows(AlbumParticipant), await rows(ArtistCount)
        track_genres, album_labels = await rows(TrackGenre), await rows(AlbumLabel)
        outside = await rows(ExternalIdRow)
        found = {kind: await rows(table) for kind, table in TABLES.items()}
        (library,) = await rows(Library)
    times = {"added_at", "updated_at", "read_at", "scanned_at", "created_at", "missing_since"}

    def plain(row: Any, *leave_out: str) -> dict[str, Any]:
        known = {name: value for name, value in row._mapping.items() if name not in times and name not in leave_out}
        known["missing"] = getattr(row, "missing_since", None) is not None
        return known

    names = {"artwork": pictures, "folder": {number: row.path for number, row in folders.items()}}
    track_name = {number: (files[row.file_id].path, row.start_ms) for number, row in tracks.items()}
    ids = ("id", "artwork_id", "folder_id", "parent_id", "file_id", "album_id")
    entity = {
        "track": track_name,
        "album": {number: row.group_key for number, row in albums.items()},
        "artist": artists,
        "genre": genres,
        "label": labels,
    }
    return {
        "folders": {row.path: plain(row, *ids, "fingerprint", "mtime_ns") | {"art": pictures.get(row.artwork_id)}
            for row in folders.values()},
        "files": {
            row.path: plain(row, *ids, "identity_reason", "identity_params")
            | {"folder": names["folder"][row.folder_id], "said": documents.get(row.id)}
            for row in files.values()
        },
        "tracks": {
            track_name[row.id]: plain(row, *ids)
            | {
                "album": albums[row.album_id].group_key,
                "art": pictures.get(row.artwork_id),
                "credits": sorted(
                    (c.position, artists[c.artist_id], c.role, c.instrument, c.credited_as, c.join_phrase)
                    for c in track_credits
                    if c.track_id == row.id
                ),
                "genres": sorted((g.position, genres[g.genre_id]) for g in track_genres if g.track_id == row.id),
            }
            for row in tracks.values()
        },
        "albums": {
            row.group_key: plain(row, *ids)
            | {
                "art": pictures.get(row.artwork_id),
                "folder": names["folder"].get(row.folder_id),
                "credits": sorted((c.position, artists[c.artist_id]) for c in album_credits if c.album_id == row.id),
                "labels": sorted(
                    (x.position, labels[x.label_id], x.catalog_number) for x in album_labels if x.album_id == row.id
                ),
                "people": sorted((artists[p.artist_id], p.role, p.track_count) for p in participants if p.album_id == row.id),
            }
            for row in albums.values()
        },
        "artists": sorted((artists[c.artist_id], c.role, c.track_count, c.album_count) for c in counts),
        "ids": sorted((row.kind, str(entity[row.kind][row.entity_id]), row.namespace, row.value) for row in outside),
        "found": {
            kind: sorted((str(entity[kind][row.id]), row.title_key, sorted(_words(row.tokens))) for row in rows)
            for kind, rows in found.items()
        },
        "library": (
            library.track_count, library.album_count, library.file_count, library.missing_count, library.duration_ms,
            library.size_bytes,
        ),
    }  # fmt: skip


def _words(tokens: str) -> list[str]:
    return [word.partition(":")[0].strip("'") for word in str(tokens).split()]
