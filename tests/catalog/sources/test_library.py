from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from segue.catalog.records import Counts
from segue.catalog.sources.library import AlbumRow, ArtistRow, Credit, LibrarySource, TrackRow

Row = TypeVar("Row", ArtistRow, AlbumRow, TrackRow)


def behind(*rows: Row) -> Callable[[int], Iterable[Row]]:
    return lambda after: [row for row in rows if row.key > after]


def source() -> LibrarySource:
    both = (Credit(1, "Ann", " & "), Credit(2, "Bob"))
    return LibrarySource(
        "7",
        Counts(2, 1, 2),
        behind(ArtistRow(1, "Ann", "Ann"), ArtistRow(2, "Bob", "B, ob", ids=("musicbrainz:artist:x",))),
        behind(AlbumRow(5, "Both", both, date="1999-00-00", labels=("L", "M"), plays=1_023)),
        behind(TrackRow(8, "One", 5, both[:1], 1, plays=1), TrackRow(9, "Two", 5, both, 2, genres=("jazz",))),
    )


def test_rows_of_the_library_are_records() -> None:
    ann, bob = source().artists()
    assert (ann.id, ann.more, bob.more, bob.ids) == ("ar-1", None, {"sort_name": "B, ob"}, ("musicbrainz:artist:x",))
    (album,) = source().albums()
    assert (album.id, album.release_date, album.precision, album.label) == ("al-5", "1999", "year", "L / M")
    assert album.artists == (1, 2) and album.popularity == 100
    one, two = source().tracks()
    assert (one.id, one.album, one.popularity, one.more) == ("tr-8", 5, 10, None)
    assert two.more == {
        "credits": [{"name": "Ann", "artist": "ar-1", "join": " & "}, {"name": "Bob", "artist": "ar-2"}],
        "genres": ["jazz"],
    }


def test_streams_go_on_behind_a_position() -> None:
    library = source()
    stream = library.tracks()
    next(stream)
    assert [track.id for track in library.tracks(library.position)] == ["tr-9"]
    assert library.identity() == "library:7" and library.counts().tracks == 2
