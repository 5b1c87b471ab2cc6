"""Why a file was not written, as a code with parameters; and the sentence for whoever reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Refused(NamedTuple):
    """The file stays as it is."""

    code: str
    params: dict[str, Any] = {}  # noqa: RUF012 - never changed, and a NamedTuple has no factory


REASONS: dict[str, str] = {
    "gone": "The file is not there.",
    "missing": "The file is marked missing; it can be written when a scan has found it again.",
    "changed": "The file has changed since it was read. Scan its folder, then write again.",
    "not_a_file": "It is no ordinary file.",
    "outside": "It is a link that leads out of the library.",
    "hard_linked": "The file has {links} names (hard links); writing would change the others or part them. "
    "The library's option write_hard_links says which is meant.",
    "read_only": "The file is marked read-only.",
    "not_permitted": "Segue may not write in this folder.",
    "read_only_disk": "The file system is mounted read-only.",
    "owner": "The file belongs to somebody else (the new one would not), or it is protected.",
    "no_space": "The disk is full.",
    "io": "The disk reports an error: {error}.",
    "slice": "The track is a part of a file that a CUE sheet divides; the file's tags are not its own.",
    "no_format": "Tags of this format ({format}) cannot be written.",
    "not_readable": "The file cannot be taken apart safely: {error}.",
    "audio_would_change": "Writing would have changed the audio, so it was not done.",
    "others_would_change": "Writing would have changed other tags too ({names}), so it was not done.",
    "not_read_back": "What was written could not be read back ({error}), so it was not kept.",
    "nothing_to_write": "The file says so already.",
    "switched_off": "This library's option write_tags is off.",
    "interrupted": "The writing was interrupted; the file is as it was.",
    "cancelled": "The writing was cancelled; the file is as it was.",
    "took_too_long": "It took longer than {seconds} seconds, so it was not done.",
    "later_write": "The file was written again since; undo that first.",
    "changed_since": "The file has been changed since it was written, so its old tags cannot be put back.",
    "no_block": "What stood in the file before is no longer kept.",
    "not_written": "There is nothing to undo: the file was not written.",
    "forgotten": "The file is no longer in the library.",
}
"""Every code and its sentence."""

SAID: dict[str, str] = {
    "year_only": "This version of ID3 keeps only the year of {field}.",
    "whole_number": "The format keeps only whole numbers for {field}.",
    "no_place": "The format has no place for {field}.",
    "kept_in_part": "{field} reads differently from this file than it was given.",
    "not_exact": "The tags are the same again, but not to the byte.",
}
"""What a format could not hold as it was wanted."""


def sentence(code: str | None, params: Mapping[str, Any] | None) -> str | None:
    """The reason in words; None where there is none."""
    if code is None:
        return None
    known = REASONS.get(code) or SAID.get(code) or "It was not written ({code})."
    return known.format_map(_Lenient({"code": code, **(params or {})}))


class _Lenient(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"
