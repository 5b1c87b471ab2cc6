"""What is to be said of an album before it comes in: pure functions from its files to codes with a severity.

`stop` must be settled first, `doubt` a person should look at, `note` is only good to know. An album without stops and doubts
is sound.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from segue.core.text import sort_key
from segue.library.inbox.targets import Incoming
from segue.library.scan.problems import Problem, plays
from segue.library.scan.problems import sentence as problem_sentence


class Check(NamedTuple):
    """One thing found."""

    code: str
    severity: str
    params: dict[str, Any]


SENTENCES: dict[str, str] = {
    "no_music": "Nothing in this folder is music that can be read.",
    "unreadable": "{file} cannot be read: {reason}",
    "damaged": "{file} is damaged: {reason}",
    "no_title": "Tracks without a title: {count}.",
    "no_artist": "Tracks without an artist: {count}.",
    "no_album": "Tracks that name no album: {count}.",
    "no_number": "Tracks without a number: {count}.",
    "mixed_albums": "There are tracks of {count} albums: {albums}.",
    "missing_tracks": "Disc {disc} has no track {numbers}.",
    "fewer_than_said": "Disc {disc} has {found} tracks, and says that there are {said}.",
    "missing_discs": "There is no disc {numbers}.",
    "same_number": "On disc {disc} there is more than one track {numbers}.",
    "no_artwork": "There is no picture.",
    "same_audio": "The library has the same audio already, of so many tracks: {count}; see {albums}.",
    "same_release": "This very release is in the library already: {albums}.",
    "same_album": "An album of this title by the same artist is in the library already: {albums}.",
    "link": "{file} is a link, and stays where it is.",
    "cue": "There is a CUE sheet, which may name its file as it is called now.",
    "taken": "{path} is there already.",
    "bad_template": "The path template cannot be used: {what}",
    "no_folder": "The inbox {folder} is not there.",
    "inside_library": "The inbox {folder} and the library {library} lie inside one another.",
    "missing_file": "{file} is no longer there.",
    "changed": "A file has changed since it was looked at; look again.",
    "not_back": "Files that could not be put back where they were: {count}.",
    "no_space": "The disk is full; everything is where it was.",
    "read_only_disk": "The library's disk is mounted read-only; everything is where it was.",
    "not_permitted": "Segue may not write there; everything is where it was.",
    "name_too_long": "A name is too long for the disk; everything is where it was.",
    "path_too_long": "A path would be too long.",
    "io": "The disk reports an error: {error}. Everything is where it was.",
    "gone": "A file is no longer there.",
    "changed_since": "The file has been changed since it was moved, and stays where it is.",
    "cancelled": "The move was cancelled; everything is where it was.",
    "switched_off": "The library has no inbox any more.",
}  # fmt: skip
"""Every code of a check, an item's state or a file's result."""


def sentence(code: str | None, params: dict[str, Any] | None) -> str | None:
    """A code in words; None for none."""
    if code is None:
        return None
    return SENTENCES.get(code, "It did not work ({code}).").format_map(_Lenient({"code": code, **(params or {})}))


class _Lenient(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


def is_sound(checks: Sequence[Check]) -> bool:
    """Whether nothing stands in the way and nothing is doubtful."""
    return all(check.severity == "note" for check in checks)


def file_checks(path: str, problem: Problem | None) -> list[Check]:
    """What is wrong with one file."""
    if problem is None:
        return []
    params = {"file": path, "reason": problem_sentence(problem), "problem": problem.code}
    return [Check("damaged" if plays(problem) else "unreadable", "doubt" if plays(problem) else "stop", params)]


def album_checks(music: Sequence[Incoming], *, has_picture: bool) -> list[Check]:
    """What the tags of an album's files say together."""
    if not music:
        return [Check("no_music", "stop", {})]
    found: list[Check] = []
    tags = [file.tags for file in music if file.tags is not None]
    for code, severity, missing in (
        ("no_title", "doubt", sum(not each.title for each in tags)),
        ("no_artist", "doubt", sum(not (each.artist_display or each.album_artist_display) for each in tags)),
        ("no_album", "doubt", sum(not each.album for each in tags)),
        ("no_number", "doubt", sum(not each.track_number for each in tags)),
    ):
        if missing:
            found.append(Check(code, severity, {"count": missing}))
    albums = {sort_key(each.album): each.album for each in tags if each.album}
    if len(albums) > 1:
        found.append(
            Check("mixed_albums", "doubt", {"count": len(albums), "albums": ", ".join(sorted(albums.values()))})
        )
    found += _numbers(tags)
    if not has_picture:
        found.append(Check("no_artwork", "note", {}))
    return found


def _numbers(tags: Sequence[Any]) -> list[Check]:
    found: list[Check] = []
    discs: dict[int, list[Any]] = {}
    for each in tags:
        if each.track_number and not each.track_position:
            discs.setdefault(each.disc_number or 1, []).append(each)
    for disc, tracks in sorted(discs.items()):
        numbers = Counter(each.track_number for each in tracks)
        total = max((each.track_total or 0 for each in tracks), default=0)
        highest = max(numbers)
        gaps = [number for number in range(1, highest) if number not in numbers]
        if gaps:
            found.append(Check("missing_tracks", "doubt", {"disc": disc, "numbers": _listed(gaps)}))
        if total > highest or (total and not gaps and total > len(numbers)):
            found.append(Check("fewer_than_said", "doubt", {"disc": disc, "found": len(numbers), "said": total}))
        twice = sorted(number for number, count in numbers.items() if count > 1)
        if twice:
            found.append(Check("same_number", "doubt", {"disc": disc, "numbers": _listed(twice)}))
    said = max((each.disc_total or 0 for each in tags), default=0)
    absent = [number for number in range(1, min(max(said, *discs, 1), 200) + 1) if discs and number not in discs]
    if absent:
        found.append(Check("missing_discs", "doubt", {"numbers": _listed(absent)}))
    return found


def _listed(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:20]))
    return f"{shown} …" if len(numbers) > 20 else shown
