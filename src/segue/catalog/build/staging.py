"""A source's records as rows on their way: documents compressed, ids hashed, keys of others turned into ranks.

Records are taken in blocks, so that all that is numbers is done by whole columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from itertools import chain
from typing import Any

import msgspec
import numpy as np
import zstandard
from numpy.typing import NDArray

from segue.catalog.build import fragments, order
from segue.catalog.build.keys import RankOf
from segue.catalog.build.problems import Problems
from segue.catalog.build.runs import HEAD, Heads
from segue.catalog.records import Album, Artist, Kind, Track
from segue.catalog.snapshot.layout import compressor, gtin, isrc_code

Numbers = NDArray[Any]
Block = tuple[Heads, list[bytes], int]
"""Heads, the bytes of each record, and how many bear ids of others or further ISRCs."""

ISRC_LENGTH = 12
_NO_ISRC = "0" * ISRC_LENGTH
_DIGITS = np.full(256, 255, np.uint8)
for _digit, _character in enumerate("0123456789abcdefghijklmnopqrstuvwxyz"):
    _DIGITS[ord(_character)] = _DIGITS[ord(_character.upper())] = _digit
_POWERS = np.array([36.0**power for power in reversed(range(ISRC_LENGTH // 2))])
"""Of half a code: exact as floating point, which multiplies matrices faster than whole numbers do."""
SPOTIFY_ID_LENGTH = 22
MOST_DISCS = (1 << 10) - 1
MOST_TRACKS = (1 << 22) - 1

_pack = msgspec.msgpack.Encoder().encode
_unpack_track = msgspec.msgpack.Decoder(tuple[str, tuple[str, ...], tuple[str, ...]]).decode
PACKED = b"\x93"
"""How an array of three begins, and no text does: most tracks need none."""


def pack_track(name: str, isrcs: tuple[str, ...], ids: tuple[str, ...]) -> bytes:
    """The `rest` of a track: its name, ISRCs beyond the first, ids of others."""
    return _pack((name, isrcs, ids)) if isrcs or ids else name.encode()


def unpack_track(rest: bytes) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """What `pack_track` packed."""
    return _unpack_track(rest) if rest[:1] == PACKED else (rest.decode(), (), ())


class Stager:
    """What is the same for all kinds."""

    kind: Kind

    def __init__(self, dictionaries: dict[str, bytes], namespace: str, problems: Problems, threads: int = 0) -> None:
        self._compressor = compressor(dictionaries[self.kind])
        self._compress_more = compressor(dictionaries["more"]).compress
        self._threads = threads
        self._document = fragments.DOCUMENT[self.kind]
        self._more = fragments.MORE[self.kind]
        self._spotify = namespace == "spotify"
        self._problems = problems

    def block(self, records: Sequence[Any]) -> Block:
        try:
            documents = self._documents(records)
        except (ValueError, TypeError, OverflowError):
            records = [record for record in records if self._readable(record)]
            documents = self._documents(records)
        heads = np.zeros(len(records), HEAD)
        heads["key"] = np.array([record.key for record in records], np.int64).view(np.uint64)
        hashes = b"".join([blake2b(record.id.encode(), digest_size=8).digest() for record in records])
        heads["hash"] = np.frombuffer(hashes, "<u8")
        self._look_at_ids(records)
        more = self._mores(records)
        refs, rest, extras = self._columns(records, heads)
        for name, parts in (("document", documents), ("more", more), ("refs", refs), ("rest", rest)):
            heads[name] = np.fromiter(map(len, parts), np.uint32, len(parts))
        bodies = [b"".join(parts) for parts in zip(documents, more, refs, rest, strict=True)]
        return heads, bodies, extras

    def _columns(self, records: Sequence[Any], heads: Heads) -> tuple[list[bytes], list[bytes], int]:
        raise NotImplementedError

    def _documents(self, records: Sequence[Any]) -> list[bytes]:
        documents: list[Any] = list(map(self._document, records))
        if not documents:
            return []
        made = self._compressor.multi_compress_to_buffer(documents, threads=self._threads)
        return [made[place].tobytes() for place in range(len(documents))]

    def _mores(self, records: Sequence[Any]) -> list[bytes]:
        made = map(self._more, records)
        return [self._compress_more(fragments.more_document(more)) if more else b"" for more in made]

    def _readable(self, record: Any) -> bool:
        """Whether it can be written at all: text may hold halves of characters, numbers be no numbers."""
        try:
            self._document(record)
            record.id.encode()
        except (ValueError, TypeError, OverflowError) as error:
            self._problems.add(f"unreadable_{self.kind}", [f"{record.id!a}: {error}"])
            return False
        return True

    def _look_at_ids(self, records: Sequence[Any]) -> None:
        if not self._spotify:
            return
        ids = [record.id for record in records]
        together = "".join(ids)
        if set(map(len, ids)) <= {SPOTIFY_ID_LENGTH} and together.isascii() and together.isalnum():
            return
        odd = [id for id in ids if len(id) != SPOTIFY_ID_LENGTH or not (id.isalnum() and id.isascii())]
        self._problems.add(f"odd_{self.kind}_id", odd)

    def _orphans(self, name: str, records: Sequence[Any], missing: Numbers) -> None:
        """`missing` are places in `records` of those that name what is not there."""
        self._problems.add(name, [records[place].id for place in missing[:10].tolist()], len(missing))


class ArtistStager(Stager):
    kind = "artist"

    def _columns(self, records: Sequence[Artist], heads: Heads) -> tuple[list[bytes], list[bytes], int]:
        followers = np.array([artist.followers for artist in records], np.int64)
        popularity = np.array([artist.popularity for artist in records], np.int64)
        heads["order"] = order.of_artists(followers, popularity)
        heads["place"] = np.clip(followers, 0, 0xFFFFFFFF)
        rest = [_pack((artist.name, artist.aliases, artist.genres, artist.ids)) for artist in records]
        return [b""] * len(records), rest, sum(1 for artist in records if artist.ids)


class AlbumStager(Stager):
    kind = "album"

    def __init__(
        self,
        dictionaries: dict[str, bytes],
        namespace: str,
        problems: Problems,
        threads: int,
        artists: RankOf,
        followers: Numbers,
    ) -> None:
        super().__init__(dictionaries, namespace, problems, threads)
        self._artists = artists
        self._followers = followers

    def _columns(self, records: Sequence[Album], heads: Heads) -> tuple[list[bytes], list[bytes], int]:
        refs, first = self._resolved(records, [album.artists for album in records])
        appears, _ = self._resolved(records, [album.appears for album in records])
        popularity = np.array([album.popularity for album in records], np.int64)
        days = np.array([order.day(album.release_date) for album in records], np.int64)
        heads["order"] = order.of_albums(popularity, np.where(first > 0, self._followers[first], 0), days)
        heads["place"] = days << 7 | np.clip(popularity, 0, 127)
        heads["code"] = [self._gtin(album) for album in records]
        rest = [
            _pack((album.name, album.label, album.release_date[:4], album.genres, album.ids, seen))
            for album, seen in zip(records, appears, strict=True)
        ]
        return refs, rest, sum(1 for album in records if album.ids)

    def _resolved(self, records: Sequence[Album], keys: list[tuple[int, ...]]) -> tuple[list[bytes], Numbers]:
        packed, first, missing = resolved(self._artists, keys)
        if len(missing):
            self._orphans("orphan_artist_of_album", records, missing)
        return packed, first

    def _gtin(self, album: Album) -> int:
        if not album.upc:
            return 0
        code = gtin(album.upc)
        if code is None:
            self._problems.add("odd_upc", [f"{album.id}: {album.upc!a}"])
        return code or 0


class TrackStager(Stager):
    kind = "track"

    def __init__(
        self,
        dictionaries: dict[str, bytes],
        namespace: str,
        problems: Problems,
        threads: int,
        artists: RankOf,
        followers: Numbers,
        albums: RankOf,
        album_places: Numbers,
    ) -> None:
        super().__init__(dictionaries, namespace, problems, threads)
        self._artists = artists
        self._followers = followers
        self._albums = albums
        self._album_places = album_places

    def _columns(self, records: Sequence[Track], heads: Heads) -> tuple[list[bytes], list[bytes], int]:
        refs, first, missing = resolved(self._artists, [track.artists for track in records])
        if len(missing):
            self._orphans("orphan_artist_of_track", records, missing)
        albums = self._albums.ranks(np.array([track.album for track in records], np.int64).view(np.uint64))
        lost = np.flatnonzero(albums == 0)
        if len(lost):
            self._orphans("orphan_track", records, lost)
        places = np.where(albums > 0, self._album_places[albums], order.NO_DATE << 7)
        heads["parent"] = albums
        heads["order"] = order.of_tracks(
            np.array([track.popularity for track in records], np.int64),
            places & 127,
            np.where(first > 0, self._followers[first], 0),
            places >> 7,
        )
        discs = np.clip(np.array([track.disc_number for track in records], np.int64), 0, MOST_DISCS)
        numbers = np.clip(np.array([track.track_number for track in records], np.int64), 0, MOST_TRACKS)
        heads["place"] = discs << 22 | numbers
        heads["code"] = self._isrcs(records)
        rest = [pack_track(track.name, track.isrcs[1:], track.ids) for track in records]
        return refs, rest, sum(1 for track in records if track.ids or len(track.isrcs) > 1)

    def _mores(self, records: Sequence[Track]) -> list[bytes]:
        compress, document, more = self._compress_more, fragments.more_document, self._more
        return [
            compress(document(more(track))) if track.more or track.ids or track.licence or len(track.isrcs) > 1 else b""
            for track in records
        ]

    def _isrcs(self, records: Sequence[Track]) -> Numbers:
        codes = [track.isrcs[0] if track.isrcs else _NO_ISRC for track in records]
        odd = [place for place, code in enumerate(codes) if len(code) != ISRC_LENGTH or not code.isascii()]
        numbers: dict[int, int] = {}
        for place in odd:
            numbers[place] = self._isrc(records[place], codes[place])
            codes[place] = _NO_ISRC
        digits = _DIGITS[np.frombuffer("".join(codes).encode(), np.uint8).reshape(-1, ISRC_LENGTH)]
        halves = digits.reshape(-1, 2, ISRC_LENGTH // 2).astype(np.float64) @ _POWERS
        found: Numbers = halves[:, 0].astype(np.uint64) * np.uint64(36 ** (ISRC_LENGTH // 2)) + halves[:, 1].astype(
            np.uint64
        )
        for place in np.flatnonzero((digits == 255).any(axis=1)).tolist():
            numbers[place] = self._isrc(records[place], codes[place])
        for place, number in numbers.items():
            found[place] = number
        return found

    def _isrc(self, track: Track, text: str) -> int:
        code = isrc_code(text)
        if code is None and text:
            self._problems.add("odd_isrc", [f"{track.id}: {text!a}"])
        return code or 0


def resolved(artists: RankOf, keys: list[tuple[int, ...]]) -> tuple[list[bytes], Numbers, Numbers]:
    """For each record: the packed ranks of those it names, the first of them (0 for none), and which name a missing one."""
    counts = np.fromiter(map(len, keys), np.int64, len(keys))
    flat = np.fromiter(chain.from_iterable(keys), np.int64, int(counts.sum()))
    ranks = artists.ranks(flat.view(np.uint64))
    ends = np.cumsum(counts)
    missing: Numbers = np.empty(0, np.int64)
    known = ranks > 0
    if not known.all():
        owners = np.repeat(np.arange(len(keys)), counts)
        missing = np.unique(owners[~known])
        ends = np.concatenate([[0], np.cumsum(known)])[ends]
        ranks = ranks[known]
    starts = np.concatenate([[0], ends[:-1]])
    packed = ranks.astype("<u4").tobytes()
    first = np.zeros(len(keys), np.uint32)
    some = ends > starts
    first[some] = ranks[starts[some]]
    pieces = [packed[a:b] for a, b in zip((starts * 4).tolist(), (ends * 4).tolist(), strict=True)]
    return pieces, first, missing


def trained(samples: Sequence[bytes], size: int) -> bytes:
    """A dictionary for documents like these; where they are too few to train one, they are it."""
    try:
        return zstandard.train_dictionary(size, list(samples)).as_bytes()
    except zstandard.ZstdError:
        return b"".join(samples)[:size]
