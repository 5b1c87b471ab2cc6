"""What the demonstration library holds: ten albums by people who do not exist."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Format = Literal["flac", "mp3", "opus", "m4a", "wav"]
Style = Literal["nu_jazz", "trio", "chamber", "indie", "north", "drift", "dub", "folk", "partita", "house"]


@dataclass(frozen=True, slots=True)
class Piece:
    """One track. `key` is a tonic and mode such as `A minor`; `bpm` is exact; `bars` of `beats_a_bar` beats."""

    title: str
    style: Style
    bpm: float
    key: str
    bars: int
    beats_a_bar: int = 4
    artists: tuple[str, ...] = ()
    join: str = " & "
    disc: int = 1
    genre: str = ""
    credits: tuple[tuple[str, str], ...] = ()
    work: str = ""
    movement: str = ""
    movement_number: int = 0


@dataclass(frozen=True, slots=True)
class Record:
    """One album; `cover` chooses a drawing and its hue in degrees."""

    title: str
    artist: str
    year: str
    genre: str
    format: Format
    cover: tuple[str, int]
    pieces: tuple[Piece, ...]
    label: str = ""
    catalog_number: str = ""
    compilation: bool = False
    folder_cover: bool = False
    disc_titles: tuple[str, ...] = ()
    credits: tuple[tuple[str, str], ...] = field(default=())


RECORDS: tuple[Record, ...] = (
    Record(
        "Harbour Lights",
        "Ostrava Nine",
        "2019-10-04",
        "Nu Jazz",
        "flac",
        ("bars", 18),
        (
            Piece("Ferry at Midnight", "nu_jazz", 122, "A minor", 36),
            Piece("Lamplighter", "nu_jazz", 118, "D minor", 32),
            Piece("Tin Roof", "nu_jazz", 98, "G minor", 24),
            Piece("Pilot", "nu_jazz", 124, "E minor", 36, artists=("Ostrava Nine", "Ida Lund"), join=" feat. "),
        ),
        label="Nine Bridges",
        catalog_number="NB 014",
        credits=(("trumpet", "Marek Sýkora"), ("piano", "Hana Dvořák"), ("bass", "Tomáš Bílý")),
    ),
    Record(
        "Small Hours",
        "Ida Lund Trio",
        "2022",
        "Jazz",
        "flac",
        ("moon", 250),
        (
            Piece("Last Tram", "trio", 76, "F major", 24, beats_a_bar=3),
            Piece("A Letter, Unsent", "trio", 66, "B♭ major", 18),
            Piece("Small Hours", "trio", 84, "C minor", 24),
        ),
        label="Nine Bridges",
        catalog_number="NB 021",
    ),
    Record(
        "雨の地図",
        "水野カルテット",
        "2018-06-21",
        "Chamber",
        "mp3",
        ("rain", 205),
        (
            Piece("梅雨入り", "chamber", 72, "E minor", 20),
            Piece("傘の下", "chamber", 90, "G major", 26),
            Piece("水たまりの空", "chamber", 60, "D major", 18),
        ),
        folder_cover=True,
    ),
    Record(
        "!!!",
        "Paper Tigers",
        "2021-03",
        "Indie Rock",
        "mp3",
        ("dots", 340),
        (
            Piece("!!!", "indie", 148, "E major", 44),
            Piece("Kite Weather", "indie", 132, "A major", 36),
            Piece("?", "indie", 140, "F♯ minor", 40),
        ),
    ),
    Record(
        "Северный ветер",
        "Лада",
        "2016",
        "Electronic",
        "opus",
        ("moon", 225),
        (
            Piece("Иней", "north", 110, "C minor", 30),
            Piece("Северный ветер", "north", 115, "F minor", 32),
            Piece("Ещё один день", "north", 105, "G minor", 28),
        ),
    ),
    Record(
        "Glass, Slowly",
        "Nadir",
        "2023-11-17",
        "Ambient",
        "opus",
        ("waves", 305),
        (
            Piece("Annealing", "drift", 60, "D major", 16),
            Piece("A Window, Cooling", "drift", 54, "B minor", 14),
            Piece("Sand Before", "drift", 58, "G major", 16, disc=2),
            Piece("Sand After", "drift", 58, "E minor", 16, disc=2),
        ),
        disc_titles=("Molten", "Set"),
    ),
    Record(
        "Low Tide Dub",
        "Sister Meridian",
        "1983",
        "Dub",
        "m4a",
        ("bars", 160),
        (
            Piece("Low Tide", "dub", 74, "A minor", 22),
            Piece("Meridian Version", "dub", 70, "E minor", 20),
            Piece("Salt on the Tape", "dub", 78, "D minor", 22),
        ),
        label="Breakwater",
        catalog_number="BW 7",
    ),
    Record(
        "Orchard Sessions",
        "The Marlowe Band",
        "1974",
        "Folk",
        "wav",
        ("waves", 120),
        (
            Piece("Windfall", "folk", 96, "G major", 22),
            Piece("The Cider House Stairs", "folk", 104, "D major", 24, beats_a_bar=3),
        ),
        folder_cover=True,
    ),
    Record(
        "Partitas for Nobody",
        "Aurel Winter",
        "2011",
        "Classical",
        "flac",
        ("rain", 40),
        tuple(
            Piece(
                f"Partita No. 1 in D minor: {number}. {name}",
                "partita",
                bpm,
                "D minor",
                bars,
                beats_a_bar=meter,
                artists=("Clara Voss", "Kammerorchester Lindenau"),
                join=", ",
                credits=(("violin", "Clara Voss"),),
                work="Partita No. 1 in D minor",
                movement=name,
                movement_number=place,
            )
            for place, (number, name, bpm, bars, meter) in enumerate(
                (("I", "Allemande", 80, 18, 4), ("II", "Corrente", 126, 34, 3), ("III", "Sarabanda", 52, 16, 3)), 1
            )
        ),
        label="Lindenau Klassik",
        catalog_number="LK 2011-3",
    ),
    Record(
        "Everything at Once",
        "Various Artists",
        "2024-08-30",
        "Electronic",
        "mp3",
        ("dots", 85),
        (
            Piece("Platform Nine", "house", 126, "F minor", 40, artists=("Лада",), genre="House"),
            Piece("Slow Glass (Night Mix)", "house", 122, "B minor", 36, artists=("Nadir",), genre="House"),
            Piece("Tide Table", "dub", 72, "C minor", 20, artists=("Sister Meridian",), genre="Dub"),
            Piece("Two Windows", "trio", 80, "E♭ major", 22, artists=("Ida Lund", "Nadir"), genre="Jazz"),
            Piece(
                "Folded Paper",
                "indie",
                136,
                "C major",
                36,
                artists=("Paper Tigers", "水野カルテット"),
                genre="Indie Rock",
            ),
        ),
        compilation=True,
        label="Breakwater",
    ),
)
