"""Asking a catalogue for what may be meant: by ids first, many at once; then by the words of titles and names.

What is asked for is kept for one batch, since the tracks of one album lead to the same rows again and again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from segue.catalog.documents import (
    AlbumDocument,
    ArtistDocument,
    TrackDocument,
    named,
    partial_date,
    read_album,
    read_artist,
    read_track,
)
from segue.catalog.records import Kind
from segue.catalog.search.errors import BadQuery
from segue.catalog.store import Backend
from segue.library.finding.facts import KnownAlbum, KnownArtist, KnownTrack
from segue.match import ArtistFacts, RecordingFacts, ReleaseFacts, take_apart
from segue.match.meant import NAMES_ONE_TRACK, says_nobody
from segue.match.people import parted
from segue.match.titles import words
from segue.metadata.links.choosing import AlbumCandidate, ArtistCandidate, TrackCandidate

MOST_OF_A_CODE = 10
"""Tracks of one ISRC, albums of one barcode, that are looked at."""
MOST_FOUND = 12
"""What a search for one title is asked for."""
MOST_WORDS = 12
"""Of a title, and of a name; a search takes 32 in all."""
SEARCH_DEADLINE_S = 1.0
NAMES_ONE_RELEASE = frozenset(
    {"spotify:album", "deezer:album", "discogs:release", "apple:album", "tidal:album", "bandcamp:album", "qobuz:album"}
)
NAMES_ONE_ARTIST = frozenset(
    {"spotify:artist", "deezer:artist", "discogs:artist", "apple:artist", "tidal:artist", "qobuz:artist", "isni"}
)
Pair = tuple[str, str]


class Gathering:
    """One catalogue, asked on behalf of one batch."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self._tracks: dict[int, TrackDocument] = {}
        self._albums: dict[int, AlbumDocument] = {}
        self._candidates: dict[int, TrackCandidate] = {}

    # --- by ids -------------------------------------------------------------------------------------------------------

    async def tracks_by_ids(self, tracks: Sequence[KnownTrack]) -> dict[int, list[TrackCandidate]]:
        """Tracks that bear an id of these, by track of ours; each with the id that led to it."""
        asked: dict[Pair, list[int]] = defaultdict(list)
        codes: dict[str, list[int]] = defaultdict(list)
        for track in tracks:
            for pair in _ids_of_track(track):
                asked[pair].append(track.id)
            for code in track.facts.isrcs:
                codes[code].append(track.id)
        found: dict[int, dict[int, set[Pair]]] = defaultdict(lambda: defaultdict(set))
        for pair, rank in (await self._external(asked, "track")).items():
            for number in asked[pair]:
                found[number][rank].add(pair)
        if codes:
            for code, ranks in zip(codes, await self.backend.isrcs(list(codes)), strict=True):
                for number in codes[code]:
                    for rank in ranks[:MOST_OF_A_CODE]:
                        found[number][rank].add(("isrc", code))
        await self._read_tracks({rank for some in found.values() for rank in some})
        return {number: [self._with_ids(rank, pairs) for rank, pairs in some.items()] for number, some in found.items()}

    async def albums_by_ids(self, albums: Sequence[KnownAlbum]) -> dict[int, list[AlbumCandidate]]:
        """Releases that bear an id or the barcode of these, by album of ours."""
        asked: dict[Pair, list[int]] = defaultdict(list)
        codes: dict[str, list[int]] = defaultdict(list)
        for album in albums:
            for pair in album.ids:
                if pair[0] in NAMES_ONE_RELEASE:
                    asked[pair].append(album.id)
            if album.facts.musicbrainz_id:
                asked["musicbrainz:release", album.facts.musicbrainz_id].append(album.id)
            if album.barcode:
                codes[album.barcode].append(album.id)
        found: dict[int, dict[int, set[Pair]]] = defaultdict(lambda: defaultdict(set))
        for pair, rank in (await self._external(asked, "album")).items():
            for number in asked[pair]:
                found[number][rank].add(pair)
        if codes:
            for code, ranks in zip(codes, await self.backend.upcs(list(codes)), strict=True):
                for number in codes[code]:
                    for rank in ranks[:MOST_OF_A_CODE]:
                        found[number][rank].add(("upc", code))
        await self._read_albums({rank for some in found.values() for rank in some})
        return {number: [self._album(rank, pairs) for rank, pairs in some.items()] for number, some in found.items()}

    async def artists_by_ids(self, artists: Sequence[KnownArtist]) -> dict[int, list[ArtistCandidate]]:
        """Artists that bear an id of these, by artist of ours."""
        asked: dict[Pair, list[int]] = defaultdict(list)
        for artist in artists:
            for pair in artist.ids:
                if pair[0] in NAMES_ONE_ARTIST:
                    asked[pair].append(artist.id)
            if artist.facts.musicbrainz_id:
                asked["musicbrainz:artist", artist.facts.musicbrainz_id].append(artist.id)
        hits = await self._external(asked, "artist")
        ranks = sorted(set(hits.values()))
        documents = dict(zip(ranks, map(read_artist, await self.backend.artists(ranks)), strict=True)) if ranks else {}
        found: dict[int, list[ArtistCandidate]] = defaultdict(list)
        for pair, rank in hits.items():
            for number in asked[pair]:
                found[number].append(self.artist(documents[rank], (pair,)))
        return found

    async def albums_named(self, values: Collection[str]) -> list[AlbumCandidate]:
        """The releases of these ids in the catalogue, the most popular first."""
        hits = await self._external([_pair(value) for value in values], "album")
        ranks = sorted(set(hits.values()))
        await self._read_albums(ranks)
        return [self._album(rank) for rank in ranks]

    async def there(self, kind: Kind, values: Sequence[str]) -> list[int | None]:
        """The present rank of each id in the catalogue; None where it is no longer there."""
        found = await self.backend.external(values) if values else []
        return [hit[1] if hit is not None and hit[0] == kind else None for hit in found]

    # --- by words -----------------------------------------------------------------------------------------------------

    async def tracks_called(self, facts: RecordingFacts) -> list[TrackCandidate]:
        """Tracks of this title by these people."""
        ranks = await self._search("track", take_apart(facts.title).plain, facts.artists)
        await self._read_tracks(ranks)
        return [self._track(rank) for rank in ranks]

    async def albums_called(self, facts: ReleaseFacts) -> list[AlbumCandidate]:
        """Releases of this title by these people."""
        ranks = await self._search("album", take_apart(facts.title).plain, facts.artists)
        await self._read_albums(ranks)
        return [self._album(rank) for rank in ranks]

    # --- what belongs to them -------------------------------------------------------------------------------------------

    async def tracks_of(self, album: str) -> list[TrackCandidate]:
        """The tracks of a release, in order; none where it is no longer there."""
        (rank,) = await self.there("album", [album])
        if rank is None:
            return []
        await self._read_albums([rank])
        release = self._albums[rank]
        ranks = await self.backend.album_tracks(rank)
        documents = map(read_track, await self.backend.tracks(ranks, album=False)) if ranks else ()
        return [self._candidate(document, release, album) for document in documents]

    def artist(
        self, document: ArtistDocument, pairs: Iterable[Pair] = (), titles: Iterable[str] = ()
    ) -> ArtistCandidate:
        """An artist of the catalogue as a candidate, with titles that are theirs."""
        ids = frozenset(pairs)
        facts = ArtistFacts(
            document.name,
            musicbrainz_id=next((value for name, value in ids if name == "musicbrainz:artist"), None),
            external_ids=frozenset(pair for pair in ids if pair[0] != "musicbrainz:artist"),
            titles=tuple(titles),
        )
        return ArtistCandidate(named(self.backend.namespace, "artist", document.id), facts)

    async def documents_of(self, tracks: Sequence[str]) -> dict[str, TrackDocument]:
        """These tracks of the catalogue; those that are no longer there are left out."""
        ranks = await self.there("track", tracks)
        await self._read_tracks(rank for rank in ranks if rank is not None)
        return {value: self._tracks[rank] for value, rank in zip(tracks, ranks, strict=True) if rank is not None}

    # --- reading --------------------------------------------------------------------------------------------------------

    async def _external(self, pairs: Iterable[Pair], kind: Kind) -> dict[Pair, int]:
        some = list(pairs)
        if not some:
            return {}
        hits = await self.backend.external([f"{name}:{value}" for name, value in some])
        return {pair: hit[1] for pair, hit in zip(some, hits, strict=True) if hit is not None and hit[0] == kind}

    async def _search(self, kind: Kind, title: str, artists: Sequence[str]) -> list[int]:
        """By all words at once; where so many have them that the right one may lie behind, also each in its own place."""
        who = next((name for name in artists if not says_nobody(name)), "")
        called = " ".join(words(title).split()[:MOST_WORDS])
        by = " ".join(words((parted(who) or [who])[0]).split()[:MOST_WORDS])
        found = await self._asked(kind, f"{called} {by}".strip())
        if len(found) == MOST_FOUND and called and by:
            found = list(dict.fromkeys([*found, *await self._asked(kind, f'title:"{called}" artist:"{by}"')]))
        return found

    async def _asked(self, kind: Kind, text: str) -> list[int]:
        if not text:
            return []
        try:
            found = await self.backend.search(kind, text, limit=MOST_FOUND, deadline_s=SEARCH_DEADLINE_S)
        except BadQuery:
            return []
        return list(found.ranks)

    async def _read_tracks(self, ranks: Iterable[int]) -> None:
        fresh = [rank for rank in dict.fromkeys(ranks) if rank not in self._tracks]
        if fresh:
            self._tracks |= zip(fresh, map(read_track, await self.backend.tracks(fresh)), strict=True)

    async def _read_albums(self, ranks: Iterable[int]) -> None:
        fresh = [rank for rank in dict.fromkeys(ranks) if rank not in self._albums]
        if fresh:
            self._albums |= zip(fresh, map(read_album, await self.backend.albums(fresh)), strict=True)

    # --- as facts ---------------------------------------------------------------------------------------------------------

    def _track(self, rank: int) -> TrackCandidate:
        found = self._candidates.get(rank)
        if found is None:
            document = self._tracks[rank]
            found = self._candidates[rank] = self._candidate(document, document.album, None)
        return found

    def _with_ids(self, rank: int, pairs: set[Pair]) -> TrackCandidate:
        document = self._tracks[rank]
        return self._candidate(document, document.album, None, pairs)

    def _candidate(
        self, document: TrackDocument, album: AlbumDocument | None, album_value: str | None, pairs: Iterable[Pair] = ()
    ) -> TrackCandidate:
        namespace = self.backend.namespace
        of = album_value or (named(namespace, "album", album.id) if album is not None else "")
        return TrackCandidate(
            named(namespace, "track", document.id), of, recording_facts(document, album.name if album else "", pairs)
        )

    def _album(self, rank: int, pairs: Iterable[Pair] = ()) -> AlbumCandidate:
        document = self._albums[rank]
        return AlbumCandidate(named(self.backend.namespace, "album", document.id), release_facts(document, pairs), rank)


def recording_facts(document: TrackDocument, album: str, pairs: Iterable[Pair] = ()) -> RecordingFacts:
    """A track of the catalogue as facts; `pairs` are ids that it is known to bear."""
    ids = set(pairs)
    codes = {value for name, value in ids if name == "isrc"} | ({document.isrc} if document.isrc else set())
    return RecordingFacts(
        title=title_of(document),
        artists=tuple(artist.name for artist in document.artists),
        duration_ms=document.duration_ms or None,
        album=album,
        disc=document.disc_number or None,
        position=document.track_number or None,
        musicbrainz_id=next((value for name, value in sorted(ids) if name == "musicbrainz:recording"), None),
        isrcs=frozenset(codes),
        external_ids=frozenset(pair for pair in ids if pair[0] in NAMES_ONE_TRACK),
    )


def release_facts(document: AlbumDocument, pairs: Iterable[Pair] = ()) -> ReleaseFacts:
    """A release of the catalogue as facts."""
    ids = set(pairs)
    year = (partial_date(document) or "")[:4]
    return ReleaseFacts(
        title=document.name,
        artists=tuple(artist.name for artist in document.artists),
        year=int(year) if len(year) == 4 and year.isdigit() and int(year) else None,
        track_count=document.total_tracks or None,
        barcode=document.upc or None,
        musicbrainz_id=next((value for name, value in sorted(ids) if name == "musicbrainz:release"), None),
        external_ids=frozenset(pair for pair in ids if pair[0] in NAMES_ONE_RELEASE),
    )


def title_of(document: TrackDocument) -> str:
    """Its title with its version, where the name leaves that out."""
    version = document.version_title
    if version and words(version) not in words(document.name):
        return f"{document.name} ({version})"
    return document.name


def _ids_of_track(track: KnownTrack) -> list[Pair]:
    found = [pair for pair in sorted(track.facts.external_ids) if pair[0] in NAMES_ONE_TRACK]
    if track.facts.musicbrainz_id:
        found.append(("musicbrainz:recording", track.facts.musicbrainz_id))
    return found


def _pair(value: str) -> Pair:
    name, _, native = value.rpartition(":")
    return name, native
