"""Taking given records in: ids become keys, and what they name without giving it is taken over from the snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from segue.catalog.build.holding import held
from segue.catalog.documents import read_album, read_artist
from segue.catalog.overlay.additions import ADDITIONS, Additions
from segue.catalog.overlay.errors import BadAddition, NotToAShard
from segue.catalog.overlay.given import GivenAlbum, GivenArtist, GivenTrack
from segue.catalog.overlay.reading import over, overlay_of
from segue.catalog.records import Album, Artist, Counts, Image, Kind, Track
from segue.catalog.snapshot.manifest import read_manifest
from segue.catalog.snapshot.store import SnapshotStore
from segue.catalog.store import Store

_PRECISION = {0: "", 4: "year", 7: "month", 10: "day"}


class Taken(Struct, frozen=True):
    """What was given, and all that lies beside the snapshot until the next build."""

    given: Counts
    beside: Counts


def take(snapshot: Path, given: Sequence[GivenArtist | GivenAlbum | GivenTrack]) -> Taken:
    """Add records to a snapshot; when this returns they are on the disk, and whoever serves it takes them up.

    An artist or album that is named and not given is the one that the snapshot, or an earlier addition, has under that id.
    Raises NoSnapshot, SnapshotDamaged, NotToAShard, BadAddition, AlreadyBuilding where somebody else is adding.
    """
    manifest = read_manifest(snapshot)
    if manifest.share is not None:
        raise NotToAShard(snapshot)
    folder = overlay_of(snapshot)
    folder.mkdir(parents=True, exist_ok=True)
    with held(folder / ADDITIONS):
        additions = Additions(snapshot, manifest.namespace, manifest.licence)
        open_store, _ = over(snapshot, lambda: SnapshotStore(snapshot, manifest), None)
        store = open_store()
        try:
            artists, albums, tracks = _records(store, _Earlier(additions), given)
        finally:
            store.close()
        additions.add(artists, albums, tracks)
        beside = additions.source().counts()
    kinds = [one.kind for one in given]
    return Taken(Counts(kinds.count("track"), kinds.count("album"), kinds.count("artist")), beside)


class _Earlier:
    """What documents do not tell of albums that were added before."""

    def __init__(self, additions: Additions) -> None:
        source = additions.source()
        self._artists = {artist.key: artist.id for artist in source.artists()}
        self._albums = {album.id: album for album in source.albums()}

    def popularity(self, id: str) -> int:
        return self._albums[id].popularity if id in self._albums else 0

    def appears(self, id: str) -> list[str]:
        return [self._artists[key] for key in self._albums[id].appears] if id in self._albums else []


def _records(
    store: Store, earlier: _Earlier, given: Sequence[GivenArtist | GivenAlbum | GivenTrack]
) -> tuple[list[Artist], list[Album], list[Track]]:
    seen: set[tuple[str, str]] = set()
    for one in given:
        if (one.kind, one.id) in seen:
            raise BadAddition(f"the {one.kind} {one.id} is given twice", id=one.id)
        seen.add((one.kind, one.id))
    albums = {one.id: one for one in given if isinstance(one, GivenAlbum)}
    tracks = [one for one in given if isinstance(one, GivenTrack)]
    artists = {one.id: _artist(one) for one in given if isinstance(one, GivenArtist)}
    taken_over = _albums_of(store, [one.album for one in tracks if one.album not in albums])
    named = [id for one in tracks for id in one.artists]
    named += [id for one in albums.values() for id in (*one.artists, *one.appears)]
    named += [id for album, credited in taken_over for id in (*credited, *earlier.appears(album.id))]
    artists |= _artists_of(store, [id for id in named if id not in artists])
    for number, artist in enumerate(artists.values(), 1):
        artist.key = number

    def keys(ids: Iterable[str]) -> tuple[int, ...]:
        return tuple(artists[id].key for id in dict.fromkeys(ids))

    records = [_album(one, keys) for one in albums.values()]
    for album, credited in taken_over:
        album.artists, album.appears = keys(credited), keys(earlier.appears(album.id))
        album.popularity = earlier.popularity(album.id)
        records.append(album)
    for number, album in enumerate(records, 1):
        album.key = number
    key_of = {album.id: album.key for album in records}
    made = [_track(one, key_of[one.album], keys) for one in tracks]
    for number, track in enumerate(made, 1):
        track.key = number
    return list(artists.values()), records, made


def _there(store: Store, kind: Kind, ids: Iterable[str]) -> list[int]:
    wanted = list(dict.fromkeys(ids))
    ranks = store.ranks(kind, wanted)
    for id, rank in zip(wanted, ranks, strict=True):
        if rank is None:
            raise BadAddition(f"the {kind} {id} is named, but neither given nor in the snapshot", id=id)
    return [rank for rank in ranks if rank is not None]


def _artists_of(store: Store, ids: Iterable[str]) -> dict[str, Artist]:
    """Those of the snapshot, as records."""
    ranks = _there(store, "artist", ids)
    found = {}
    for document, more in zip(store.artists(ranks), store.more("artist", ranks), strict=True):
        said = read_artist(document)
        found[said.id] = Artist(
            key=0,
            id=said.id,
            name=said.name,
            followers=said.followers,
            popularity=said.popularity,
            genres=tuple(said.genres),
            images=_images(said.images),
            **_besides(more, "aliases"),
        )
    return found


def _albums_of(store: Store, ids: Iterable[str]) -> list[tuple[Album, list[str]]]:
    """Those of the snapshot, as records, each with the ids of its artists."""
    ranks = _there(store, "album", ids)
    found = []
    for document, more in zip(store.albums(ranks), store.more("album", ranks), strict=True):
        said = read_album(document)
        album = Album(
            key=0,
            id=said.id,
            name=said.name,
            type=said.type,
            label=said.label,
            release_date=said.release_date,
            precision=said.release_date_precision,
            total_tracks=said.total_tracks,
            upc=said.upc or None,
            copyright=said.copyright or None,
            copyright_p=said.copyright_p or None,
            images=_images(said.images),
            **_besides(more, "genres"),
        )
        found.append((album, [artist.id for artist in said.artists]))
    return found


def _besides(more: dict[str, Any], own: str) -> dict[str, Any]:
    """The members of a record that its `more` has: `own`, ids and licence by themselves, and the rest."""
    rest = dict(more)
    said = {own: tuple(rest.pop(own, ())), "ids": tuple(rest.pop("ids", ())), "licence": rest.pop("licence", None)}
    return {**said, "more": rest or None}


def _artist(given: GivenArtist) -> Artist:
    return Artist(
        key=0,
        id=given.id,
        name=given.name,
        followers=given.followers,
        popularity=given.popularity,
        genres=tuple(given.genres),
        images=_images(given.images),
        aliases=tuple(given.aliases),
        ids=tuple(given.ids),
        more=given.more or None,
    )


def _album(given: GivenAlbum, keys: Any) -> Album:
    return Album(
        key=0,
        id=given.id,
        name=given.name,
        type=given.type,
        label=given.label,
        release_date=given.release_date,
        precision=_PRECISION[len(given.release_date)],
        total_tracks=given.total_tracks,
        popularity=given.popularity,
        upc=given.upc,
        copyright=given.copyright,
        copyright_p=given.copyright_p,
        images=_images(given.images),
        artists=keys(given.artists),
        appears=keys(id for id in given.appears if id not in given.artists),
        genres=tuple(given.genres),
        ids=tuple(given.ids),
        more=given.more or None,
    )


def _track(given: GivenTrack, album: int, keys: Any) -> Track:
    return Track(
        key=0,
        id=given.id,
        name=given.name,
        album=album,
        duration_ms=given.duration_ms,
        track_number=given.track_number,
        disc_number=given.disc_number,
        explicit=given.explicit,
        popularity=given.popularity,
        isrcs=tuple(given.isrcs),
        preview_url=given.preview_url,
        artists=keys(given.artists),
        original_title=given.original_title,
        version_title=given.version_title,
        has_lyrics=given.has_lyrics,
        languages=tuple(given.languages),
        artist_roles=tuple(given.artist_roles),
        ids=tuple(given.ids),
        more=given.more or None,
    )


def _images(images: Iterable[Any]) -> tuple[Image, ...]:
    return tuple(Image(one.url, one.width, one.height) for one in images)
