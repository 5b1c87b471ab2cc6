"""What a track shows of tempo, key and loudness: a pure function of its tags, its edits, what was measured, and a choice.

A person's edit comes first, also one that says there is none. Then comes the tag, then the measure; or the measure before
the tag, where a person chose so (`library.tempo_and_key_from`). Gains in tags always come before measured ones: whoever wrote
them may have meant to. Energy, danceability and loudness are only ever measured.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from segue.library.measures.records import From, Measure, Said
from segue.library.musical_keys import camelot_of, spelled
from segue.library.scan.facts import TrackTags

REFERENCE_LUFS = -18.0
"""The loudness that ReplayGain 2.0 brings every track to."""
COLUMNS = (
    "bpm", "bpm_measured", "musical_key", "camelot", "key_measured", "replaygain_track_gain_db", "replaygain_track_peak",
    "replaygain_album_gain_db", "replaygain_album_peak", "gain_from_r128", "gain_measured", "energy", "danceability",
    "loudness_lufs",
)  # fmt: skip
"""The columns of `tracks` that `shown` fills."""
MEASURED_TOO = frozenset(("bpm", "key"))
"""Fields that a person can edit and that are measured too."""


def shown(said: Said, measure: Measure | None, prefer: From) -> dict[str, Any]:
    """The values of `COLUMNS`."""
    return _tempo(said, measure, prefer) | _key(said, measure, prefer) | _gains(said, measure) | _only_measured(measure)


def said_by(tags: TrackTags, edited: Collection[str] = ()) -> Said:
    """What tags say, with a person's edits already laid over them; `edited` are the fields that were."""
    return Said(tags.bpm, tags.key, tags.replay_gain, MEASURED_TOO.intersection(edited))


def gain_db(lufs: float | None) -> float | None:
    """The ReplayGain 2.0 gain of what is so loud: -18 LUFS less its loudness."""
    return None if lufs is None else round(REFERENCE_LUFS - lufs, 2)


def _tempo(said: Said, measure: Measure | None, prefer: From) -> dict[str, Any]:
    heard = measure.bpm if measure else None
    measured = heard is not None and "bpm" not in said.edited and (prefer == "analysis" or said.bpm is None)
    return {"bpm": round(heard, 2) if heard is not None and measured else said.bpm, "bpm_measured": measured}


def _key(said: Said, measure: Measure | None, prefer: From) -> dict[str, Any]:
    """A tag that names no key we know gives way to what was heard."""
    key, place = said.key, camelot_of(said.key)
    heard = spelled(measure.tonic, measure.mode) if measure and measure.tonic is not None and measure.mode else None
    measured = heard is not None and "key" not in said.edited and (prefer == "analysis" or place is None)
    if measured:
        key, place = heard, camelot_of(heard)
    return {"musical_key": key, "camelot": place, "key_measured": measured}


def _gains(said: Said, measure: Measure | None) -> dict[str, Any]:
    """Each gain from its tag, else measured; a peak goes with its gain, and is measured where the tag has none."""
    gain = said.gain
    track, album = (gain.track_gain, gain.album_gain) if gain else (None, None)
    track_peak, album_peak = (gain.track_peak, gain.album_peak) if gain else (None, None)
    heard = gain_db(measure.loudness_lufs) if measure else None
    measured = track is None and heard is not None
    if measure is not None:
        track_peak = measure.true_peak if measured or track_peak is None else track_peak
        of_album = gain_db(measure.album_loudness_lufs) if album is None else None
        album_peak = measure.album_true_peak if of_album is not None or album_peak is None else album_peak
        track, album = heard if measured else track, album if of_album is None else of_album
    return {
        "replaygain_track_gain_db": track,
        "replaygain_track_peak": track_peak,
        "replaygain_album_gain_db": album,
        "replaygain_album_peak": album_peak,
        "gain_from_r128": bool(gain and gain.from_r128) and not measured,
        "gain_measured": measured,
    }


def _only_measured(measure: Measure | None) -> dict[str, Any]:
    return {
        "energy": measure.energy if measure else None,
        "danceability": measure.danceability if measure else None,
        "loudness_lufs": measure.loudness_lufs if measure else None,
    }
