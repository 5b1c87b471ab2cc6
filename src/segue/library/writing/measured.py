"""Measured values as tags, for those who ask for them: never written otherwise.

Only what a track shows as measured is written, so neither a person's edit nor a tag that stands before the measure is ever
touched. In a file, a written measure counts as the file's own from then on; undoing the act takes it out again.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal, NamedTuple

from sqlalchemy import RowMapping

from segue.library.scan.facts import ReplayGain, TrackTags
from segue.library.writing.fields import Changes, fields_of

What = Literal["tempo", "key", "gains"]
MEASURED: tuple[What, ...] = ("tempo", "key", "gains")
R128_REFERENCE_DB = 5.0
"""R128 gains are relative to -23 LUFS, ReplayGain's to -18 (RFC 7845, section 5.2.1)."""


class Measured(NamedTuple):
    """What is to be written of what was measured, and what the file says there now."""

    changes: Changes
    before: Changes


def measured_fields(row: RowMapping, wanted: Collection[str], codec: str | None, said: TrackTags) -> Measured:
    """The measures to write into a file that says `said`; `row` is what its track shows (`measures.repository.rows`)."""
    changes: Changes = {}
    if "tempo" in wanted and row["bpm_measured"] and row["bpm"]:
        changes["bpm"] = [f"{row['bpm']:g}"]
    if "key" in wanted and row["key_measured"] and row["musical_key"]:
        changes["key"] = [row["musical_key"]]
    if "gains" in wanted and row["gain_measured"]:
        changes |= _gains(row, codec, said.replay_gain)
    known = fields_of(said)
    return Measured(changes, {field: known.get(field, []) for field in changes})


def _gains(row: RowMapping, codec: str | None, tagged: ReplayGain | None) -> Changes:
    """Gains and peaks; those of the album only where the file has none. Opus files get R128 gains, as RFC 7845 has it:
    Q7.8 numbers, and no peaks."""
    found: Changes = {}
    for scope in ("track", "album"):
        gain, peak = row[f"replaygain_{scope}_gain_db"], row[f"replaygain_{scope}_peak"]
        if gain is None or (scope == "album" and tagged is not None and tagged.album_gain is not None):
            continue
        if codec == "opus":
            found[f"r128_{scope}_gain"] = [str(_q7_8(gain - R128_REFERENCE_DB))]
            continue
        found[f"replaygain_{scope}_gain"] = [f"{gain:.2f} dB"]
        if peak is not None:
            found[f"replaygain_{scope}_peak"] = [f"{peak:.6f}"]
    return found


def _q7_8(decibels: float) -> int:
    return max(-32_768, min(32_767, round(decibels * 256)))
