"""What can be asked one day, of tracks and of concerts, or never. Nothing here knows it, so nothing has it."""

from __future__ import annotations

from segue.query import Field, Type

_KNOWN_LATER: tuple[tuple[str, Type, str], ...] = (
    ("valence", Type.NUMBER, "How glad it sounds, 0 to 1. No measure of that is honest, so none is taken."),
    ("venue", Type.TEXT, "Where the concert was."),
    ("city", Type.TEXT, "The town of the concert."),
    ("concert_date", Type.DATE, "The day of the concert."),
    ("taper", Type.TEXT, "Who recorded the concert."),
    ("lineage", Type.TEXT, "How the recording of the concert came to be a file."),
    ("source", Type.ENUM, "What a concert was recorded from: sbd, aud, matrix …"),
)
_SOURCES = ("sbd", "aud", "matrix", "fm", "dat", "pre-fm", "webcast", "unknown")

LATER = tuple(
    Field(name, type_, meaning, choices=_SOURCES if type_ is Type.ENUM else (), absent=True)
    for name, type_, meaning in _KNOWN_LATER
)
"""Fields of tracks whose domains are not there: they answer no rows, and whoever asks is told so."""
