"""What was really played and which tape is of which night: the truth about the archive for tests."""

from __future__ import annotations

from typing import Any

from segue.emulator.archive_shows import recordings, shows


def setlists() -> list[dict[str, Any]]:
    """A setlist for each night, in the form of JSON lines that `segue live explain` reads."""
    found = []
    for show in shows():
        city, _, region = show.place.partition(", ")
        home = len(region) == 2
        sets = [
            {"set_name": name, "songs": [{"name": one.song, "segue_into_next": one.segue} for one in songs]}
            for name, songs in show.sets
        ]
        found.append(
            {
                "show_id": show.key,
                "band": show.band.name,
                "date": show.date,
                "show_time": show.slot or None,
                "venue": show.venue,
                "city": city,
                "state": region if home else "",
                "country": "USA" if home else region,
                "setlist": sets,
            }
        )
    return found


def nights() -> dict[str, tuple[str, ...]]:
    """By identifier of a recording, the `show_id`s of the nights that are really on it."""
    return {one.identifier: tuple(show.key for show in one.shows) for one in recordings()}
