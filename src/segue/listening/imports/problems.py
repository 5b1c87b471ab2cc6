"""Why rows of a file could not be taken, and files neither: codes as they are stored, sentences as they are told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SENTENCES = {
    "broken_json": "This is not JSON.",
    "broken_row": "This row has fewer fields than the first one.",
    "broken_xml": "The XML ends in the middle, or is broken: {reason}.",
    "xml_entities": "The XML declares entities, which are not followed.",
    "broken_member": "“{name}” in the archive cannot be unpacked: {reason}.",
    "too_large": "“{name}” unpacks to more than {bytes} bytes; what lies behind that is not read.",
    "suspicious": "“{name}” unpacks to {ratio} times its size, which no history does; it is not read.",
    "encrypted": "“{name}” is locked with a password.",
    "too_many_members": "The archive has more than {count} files; those behind are not read.",
    "line_too_long": "This line is longer than {characters} characters.",
    "row_too_large": "This row is larger than any listen is.",
    "no_title": "No title is said.",
    "no_artist": "No artist is said.",
    "no_time": "No time is said.",
    "bad_time": "“{value}” is not a time.",
    "time_out_of_range": "{value} cannot be a time of listening.",
    "not_understood": "“{name}” is no history that is known.",
    "database_broken": "The database cannot be read: {reason}.",
    "no_such_item": "The row points at music that the database does not hold.",
}
PASSED = {
    "not_music": "not music (podcasts, videos, audiobooks)",
    "now_playing": "only just playing",
    "too_short": "heard too short to count as a play",
    "no_plays": "without plays, stars or ratings",
    "other": "of other kinds",
}


def sentence(code: str, params: Mapping[str, Any]) -> str:
    """What a code says, in English."""
    try:
        return SENTENCES[code].format(**params)
    except KeyError:
        return code
