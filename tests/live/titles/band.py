"""A band that never was, with the setlists of its nights."""

from __future__ import annotations

from segue.live.records import Item, ItemFile, ItemTrack, Setlist, SetlistSet, SetlistSong
from segue.live.titles import Night, Vocabulary

SONGS = (
    "Copper Lantern", "The Long Way Down", "Walkin' On The Water", "Saint Agnes", "Rain & Thunder", "Seventeen Crows",
    "Harbor Light (Don't Look Back)", "Mister Finch", "Up The Hill Behind The Mill", "River Suite Part 1",
    "River Suite Part 2", "Tumbledown", "Ashes, Ashes, Ashes", "Hello", "Drums", "Jam",
)  # fmt: skip
SUITE = "River Suite Part 1 >|River Suite Part 2"


def setlist(date: str, *sets: str, artist: str = "The Paper Kites Club") -> Setlist:
    """A night; each of `sets` as `Set 1: A > B, C`."""
    found: list[SetlistSet] = []
    for one in sets:
        name, _, songs = one.partition(": ")
        parts = [song.strip() for song in songs.split("|")]
        found.append(
            SetlistSet(name, tuple(SetlistSong(part.removesuffix(" >"), part.endswith(" >")) for part in parts))
        )
    return Setlist(artist, date, sets=tuple(found))


NIGHTS = (
    setlist(
        "1991-04-01",
        "Set 1: Copper Lantern|The Long Way Down|Hello", "Set 2: Drums >|Jam >|Saint Agnes", "Encore: Tumbledown",
    ),
    setlist("1991-04-02", "Set 1: Copper Lantern*|Walkin' On The Water|Hello", f"Set 2: {SUITE}|Mister Finch"),
    setlist("1991-04-03", "Set 1: Rain & Thunder|Seventeen Crows|Copper Lantern", f"Set 2: {SUITE}|Hello"),
    setlist("1991-04-05", "Set 1: Walking on the Water|Up The Hill Behind The Mill", f"Set 2: {SUITE} >|Drums"),
    setlist(
        "1991-04-06",
        "Set 1: Harbor Light (Don't Look Back)|Ashes, Ashes, Ashes|Walkin' On The Water|Rain & Thunder",
        "Encore: Hello",
    ),
)  # fmt: skip


def vocabulary(*nights: Night, **more: str | None) -> Vocabulary:
    """The band's; `more` are titles that people gave a meaning."""
    return Vocabulary.learn(NIGHTS, nights=nights, aliases=more)


def recording(*titles: str, identifier: str = "pk1991-04-01.sbd.someone", **files: str) -> Item:
    """An item with these tracks; `files` gives the name of a track's file by its number, as `_3`."""
    return Item(
        identifier,
        tracks=tuple(
            ItemTrack(number, title, files=(ItemFile(files[f"_{number}"]),) if f"_{number}" in files else ())
            for number, title in enumerate(titles, 1)
        ),
    )
