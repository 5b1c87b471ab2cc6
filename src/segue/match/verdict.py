"""What a comparison comes to: same, different or for a person to look at, how sure, and every reason for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

Decision = Literal["same", "review", "different"]

SAME = 0.90
"""Scores from here on count as the same."""
REVIEW = 0.75
"""From here to SAME a person should look."""


class Reason(NamedTuple):
    """One piece of evidence: its code, the facts to tell it with, and what it did (1 speaks for, -1 against)."""

    code: str
    params: dict[str, Any]
    weight: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """`score` is 0 to 1; `method` is the code of the evidence that decided, `text` where no single one did."""

    decision: Decision
    score: float
    method: str
    reasons: tuple[Reason, ...]

    @property
    def is_same(self) -> bool:
        return self.decision == "same"


def decided(score: float, method: str, *reasons: Reason) -> Verdict:
    """The verdict that a score stands for."""
    decision: Decision = "same" if score >= SAME else "review" if score >= REVIEW else "different"
    return Verdict(decision, round(score, 4), method, reasons)


SENTENCES = {
    "exact_audio": "The audio is the same, bit for bit.",
    "audio_key": "The audio has the same fingerprint of samples and the same length.",
    "external_id": "Both are {namespace} {value}.",
    "musicbrainz_id": "Both have the MusicBrainz id {id}.",
    "other_musicbrainz_id": "Their MusicBrainz ids differ: {a} and {b}.",
    "isrc": "Both have the ISRC {isrc}.",
    "isrc_lengths_differ": "Both have the ISRC {isrc}, but they differ by {seconds} s.",
    "barcode": "Both have the barcode {barcode}.",
    "track_counts_differ": "One has {a} tracks, the other {b}.",
    "acoustid": "Both have the AcoustID {id}.",
    "same_title": "Both are called “{title}”.",
    "alike_title": "The titles “{a}” and “{b}” are alike.",
    "other_title": "The titles “{a}” and “{b}” differ.",
    "same_artist": "Both are by {artist}.",
    "shared_artist": "They have an artist in common: {artist}.",
    "alike_artist": "The artists “{a}” and “{b}” are alike.",
    "other_artist": "They are by “{a}” and “{b}”.",
    "same_length": "They are as long, within {seconds} s.",
    "near_length": "They differ by {seconds} s in length.",
    "other_length": "They differ by {seconds} s in length.",
    "same_album": "Both are on “{album}”.",
    "other_album": "One is on “{a}”, the other on “{b}”.",
    "same_place": "Both are track {place}.",
    "other_place": "One is track {a}, the other track {b}.",
    "versions_differ": "One is {a}, the other {b}.",
    "version_unsaid": "Only one of them says “{word}”.",
    "version_details_differ": "They are different versions: “{a}” and “{b}”.",
    "same_year": "Both are of {year}.",
    "other_year": "One is of {a}, the other of {b}.",
    "same_tracks": "All {count} tracks are on both, and no others.",
    "same_alias": "“{name}” is a name of both.",
    "common_work": "They share “{title}”.",
    "length_unknown": "How long it is was not said.",
    "another_as_good": "“{title}” on “{album}” comes as near.",
    "own_id": "It is named by its own id, {id}.",
    "path": "It lies at {path}.",
    "path_end": "Its path ends alike: {path}.",
    "file_name": "Its file is called {name}.",
    "missing": "Its file is missing at the moment.",
    "chosen": "It was chosen by hand.",
    "name_alone": "Only the name is the same, and names are not unique.",
}


def sentence(code: str, params: dict[str, Any]) -> str:
    """The reason in English; an unknown one by its code."""
    try:
        return SENTENCES[code].format_map(params)
    except KeyError:
        return code.replace("_", " ")
