"""What can be asked of how listening to a track went and of what it measured, beside the library's own fields; added to
tracks by app.py. Tempo, key, energy and loudness as they are shown are fields of the library."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, func

from segue.analysis.repository import MEMBERS, SOUNDS
from segue.query import Field, Scope, Type, sorted_by
from segue.query.expressions import ascii_lower, plain

STATES = ("none", "pending", "running", "done", "failed")
Built = Callable[[Scope], ColumnElement[Any]]


def _sound(scope: Scope) -> Any:
    """The sound that a track is: one row at most, found by two keys."""
    assert scope.row_id is not None
    member = scope.join("analysis_track", lambda: MEMBERS.alias(), lambda table: table.c.track_id == scope.row_id)
    return scope.join("analysis_sound", lambda: SOUNDS.alias(), lambda table: table.c.id == member.c.sound_id).c


def _of(name: str) -> Built:
    return lambda scope: _sound(scope)[name]


def _number(name: str, meaning: str, column: str, *aliases: str, sortable: bool = True) -> Field:
    sort = sorted_by(_of(column), nulls="last") if sortable else None
    return Field(name, Type.NUMBER, meaning, _of(column), sort=sort, aliases=aliases)


TRACK_FIELDS = (
    Field(
        "analysis",
        Type.ENUM,
        "How listening to it went: none (not looked at yet), pending, running, done or failed.",
        lambda scope: func.coalesce(_sound(scope).state, "none"),
        nullable=False,
        choices=STATES,
        aliases=("analysis.state",),
    ),
    Field(
        "analysis.reason",
        Type.TEXT,
        "Why it could not be heard, as a code: encrypted, not_audio, child_crashed …",
        lambda scope: ascii_lower(_sound(scope).error["code"].as_string()),
        fold=plain,
    ),
    Field(
        "analyzed",
        Type.DATE,
        "When it was listened to.",
        _of("analyzed_at"),
        sort=sorted_by(_of("analyzed_at"), nulls="last"),
        aliases=("analyzed_at", "analysed"),
    ),
    _number("bpm.measured", "The tempo that was heard, whatever is shown.", "bpm"),
    _number("bpm.confidence", "How sure the tempo that was heard is, 0 to 1.", "bpm_confidence"),
    _number("key.confidence", "How sure the key that was heard is, 0 to 1.", "key_confidence"),
    _number("steadiness", "How evenly its beats lie and how strong its pulse is, 0 to 1.", "steadiness"),
    _number("tuning", "How far its instruments are from A = 440 Hz, in cents.", "tuning_cents"),
    _number("lra", "Its loudness range in LU (EBU Tech 3342).", "range_lu", "loudness_range"),
    _number("truepeak", "Its true peak in dBTP.", "true_peak_dbtp", "true_peak"),
    _number("clipped", "How many milliseconds of it are clipped.", "clipped_ms"),
    _number("cutoff", "The frequency in Hz above which nothing is in its spectrum.", "cutoff_hz"),
    Field(
        "quality",
        Type.TEXT,
        "What was found of its sound and its decoding, as codes: lossy_source, clipping, cut_short …",
        lambda scope: ascii_lower(_sound(scope).codes),
        fold=plain,
    ),
)
FIELDS = {"tracks": TRACK_FIELDS}
