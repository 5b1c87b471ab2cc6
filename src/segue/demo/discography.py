"""What the people of the demonstration made besides: records that one does not have, and tracks that one lacks.

With it the demonstration has a catalogue of its own, in which an album is not whole and an artist has more than one record.
"""

from __future__ import annotations

from dataclasses import dataclass

from segue.demo.plan import RECORDS, Record


@dataclass(frozen=True, slots=True)
class Release:
    """A release as a catalogue knows it. Each track is its title, its seconds, its disc and who is credited."""

    title: str
    artists: tuple[str, ...]
    type: str
    date: str
    label: str
    genre: str
    tracks: tuple[tuple[str, int, int, tuple[str, ...]], ...]


LACKING: dict[str, tuple[tuple[str, int], ...]] = {
    "Small Hours": (("Small Hours (Alternate Take)", 101), ("Coat on the Chair", 88)),
    "Low Tide Dub": (("Low Tide (Version)", 97),),
    "Orchard Sessions": (("Pears", 83), ("The Long Ladder", 112), ("Frost Warning", 95)),
}
"""Tracks of albums of the demonstration that stand behind those it has."""

BESIDES: tuple[tuple[str, str, str, str, str, str, tuple[tuple[str, int], ...]], ...] = (
    (
        "Ostrava Nine",
        "Slag Heap Serenade",
        "album",
        "2016-05-13",
        "Nine Bridges",
        "Nu Jazz",
        (("Slag Heap Serenade", 254), ("Number Four Shaft", 231), ("Sunday in Vítkovice", 305), ("Pigeon Loft", 198)),
    ),
    (
        "Ostrava Nine",
        "Ferry at Midnight",
        "single",
        "2019-08-30",
        "Nine Bridges",
        "Nu Jazz",
        (("Ferry at Midnight", 71), ("Ferry at Midnight (Radio Edit)", 58)),
    ),
    (
        "Ida Lund Trio",
        "Winter Timetable",
        "album",
        "2020-02-07",
        "Nine Bridges",
        "Jazz",
        (("Winter Timetable", 288), ("Platform Zero", 240), ("Snow on the Line", 322)),
    ),
    ("Ida Lund", "Two Windows", "single", "2024-06-21", "Breakwater", "Jazz", (("Two Windows", 66),)),
    (
        "水野カルテット",
        "夏の終わりに",
        "album",
        "2015-09-02",
        "",
        "Chamber",
        (("夏の終わりに", 301), ("風鈴", 244), ("夕立", 187)),
    ),
    ("Paper Tigers", "?!", "ep", "2019-11-08", "", "Indie Rock", (("?!", 132), ("Origami", 177), ("Paper Cut", 121))),
    (
        "Лада",
        "Белые ночи",
        "album",
        "2013",
        "",
        "Electronic",
        (("Белые ночи", 312), ("Мост", 266), ("Туман", 289), ("Утро", 204)),
    ),
    ("Nadir", "Kiln", "album", "2020-10-30", "", "Ambient", (("Kiln", 611), ("Ash", 540), ("Slip", 488))),
    (
        "Sister Meridian",
        "High Water Mark",
        "album",
        "1981",
        "Breakwater",
        "Dub",
        (("High Water Mark", 244), ("Spring Tide", 261), ("Ebb", 233)),
    ),
    (
        "The Marlowe Band",
        "Hedgerow",
        "album",
        "1972",
        "",
        "Folk",
        (("Hedgerow", 199), ("Sloe", 176), ("Three Gates", 228)),
    ),
    (
        "Clara Voss",
        "Partitas for Everybody",
        "album",
        "2014",
        "Lindenau Klassik",
        "Classical",
        (("Partita No. 2 in C minor: I. Sinfonia", 281), ("Partita No. 2 in C minor: II. Gavotte", 141)),
    ),
)
"""Artist, title, type, date, label, genre, tracks with their seconds."""


def releases(seconds_of: dict[tuple[str, str], float]) -> list[Release]:
    """Every release of the demonstration's world. `seconds_of` tells how long a track (album, title) was rendered."""
    own = [_of(record, seconds_of) for record in RECORDS]
    besides = [
        Release(
            title, (artist,), kind, date, label, genre, tuple((name, length, 1, (artist,)) for name, length in tracks)
        )
        for artist, title, kind, date, label, genre, tracks in BESIDES
    ]
    return own + besides


def _of(record: Record, seconds_of: dict[tuple[str, str], float]) -> Release:
    tracks = [
        (
            piece.title,
            round(seconds_of.get((record.title, piece.title), 0)),
            piece.disc,
            piece.artists or (record.artist,),
        )
        for piece in record.pieces
    ]
    last = max(piece.disc for piece in record.pieces)
    tracks += [(title, length, last, (record.artist,)) for title, length in LACKING.get(record.title, ())]
    kind = "compilation" if record.compilation else "album"
    return Release(record.title, (record.artist,), kind, record.year, record.label, record.genre, tuple(tracks))
