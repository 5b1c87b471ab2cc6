"""By what a file was recognised, as a code with parameters: how sure that is, and the sentence for a person who reads it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal, NamedTuple

Certainty = Literal["certain", "sure", "likely", "possible"]


class Reason(StrEnum):
    """By what a file was recognised."""

    SAME_AUDIO = "same_audio"
    SAME_RECORDING = "same_recording"
    SAME_TAGS = "same_tags"
    SAME_NAME = "same_name"
    SAME_TITLE = "same_title"


class Meaning(NamedTuple):
    """How sure a reason is, and what it says in English."""

    certainty: Certainty
    sentence: str


MEANINGS: dict[Reason, Meaning] = {
    Reason.SAME_AUDIO: Meaning("certain", "Recognised by its audio, which is that of {was}."),
    Reason.SAME_RECORDING: Meaning("sure", "Recognised by its MusicBrainz recording id and its length; it was {was}."),
    Reason.SAME_TAGS: Meaning("likely", "Recognised by its title, artist, album and length; it was {was}."),
    Reason.SAME_NAME: Meaning("likely", "Recognised by its place, its name and its length; it was {was}."),
    Reason.SAME_TITLE: Meaning(
        "possible",
        "Recognised by its title, artist and length, which only one missing file had; it was {was}, of another album.",
    ),
}


def certainty(reason: str) -> Certainty:
    """How sure a stored reason is; one that nobody knows is only possible."""
    try:
        return MEANINGS[Reason(reason)].certainty
    except ValueError:
        return "possible"


def sentence(reason: str, params: dict[str, Any] | None) -> str:
    """What a stored reason says, in English; an unknown one is answered by itself."""
    try:
        return MEANINGS[Reason(reason)].sentence.format_map({"was": "a file of another library"} | (params or {}))
    except (ValueError, KeyError):
        return reason.replace("_", " ")
