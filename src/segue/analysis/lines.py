"""What was heard of one file as one line of JSON: what `segue analyze --json` prints, and what an engine outside answers.

Every line has every member. `error` is null, or {code, message} and all that was not heard is null (lists are empty).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from segue.analysis.key import names
from segue.analysis.records import Energy, Finding, Heard, Key, KeySegment, Loudness, Mode, Tempo, TempoCandidate
from segue.core.errors import SegueError

Line = dict[str, Any]


def line(path: str, heard: Heard) -> Line:
    """`path` as it was given; `seconds` is processor time."""
    tempo, key, loudness = heard.tempo, heard.key, heard.loudness
    return {
        "path": path,
        "duration_ms": heard.duration_ms,
        "bpm": _number(tempo.bpm if tempo else None, 3),
        "tempo_candidates": [
            {"bpm": _number(one.bpm, 3), "score": _number(one.score, 4)} for one in (tempo.candidates if tempo else ())
        ],
        "tempo_confidence": _number(tempo.confidence if tempo else None, 4),
        "beats_ms": list(tempo.beats_ms) if tempo else [],
        "downbeats": list(tempo.downbeats) if tempo else [],
        "key": None if key is None else _key(key.tonic, key.mode),
        "key_confidence": _number(key.confidence if key else None, 4),
        "key_segments": [
            {"start_ms": one.start_ms, "end_ms": one.end_ms, **_key(one.tonic, one.mode)}
            for one in (key.segments if key else ())
        ],
        "tuning_cents": _number(key.tuning_cents if key else None, 1),
        "loudness": None
        if loudness is None
        else {
            "integrated": _number(loudness.integrated, 2),
            "range": _number(loudness.range, 2),
            "true_peak": _number(loudness.true_peak, 2),
        },
        "energy": _number(heard.energy.value if heard.energy else None, 4),
        "danceability": _number(heard.danceability, 4),
        "findings": [{"code": one.code, "params": dict(one.params)} for one in findings(heard)],
        "engine": heard.engine,
        "version": heard.version,
        "seconds": _number(heard.seconds, 3),
        "error": None,
    }


def findings(heard: Heard) -> tuple[Finding, ...]:
    """The doubts of its decoding and what was found of its quality, each thing once."""
    told = {one.code for one in heard.doubts}
    quality = heard.quality.findings if heard.quality else ()
    return (*heard.doubts, *(one for one in quality if not (one.code == "truncated" and "cut_short" in told)))


def line_of_error(path: str, error: SegueError, *, engine: str, version: int, seconds: float = 0.0) -> Line:
    """The line of a file that was not heard."""
    heard = Heard(engine=engine, version=version, duration_ms=0, sample_rate=0, channels=0, seconds=seconds)
    told = {"code": error.code, "message": error.message}
    if error.hint:
        told["hint"] = error.hint
    return {**line(path, heard), "duration_ms": None, "error": told}


def heard_of(given: Mapping[str, Any], *, engine: str) -> Heard:
    """What an engine outside says in such a line. Members that are missing were not heard; others are passed over.

    Raises ValueError for one that has an error, or whose numbers are none.
    """
    try:
        if given.get("error"):
            error = given["error"]
            raise ValueError(str(error.get("message") or error.get("code") or "an error"))
        loudness = given.get("loudness")
        return Heard(
            engine=engine,
            version=int(given.get("version") or 0),
            duration_ms=round(float(given.get("duration_ms") or 0)),
            sample_rate=0,
            channels=0,
            tempo=_tempo(given),
            key=_key_of(given),
            loudness=None
            if not loudness
            else Loudness(
                _float(loudness, "integrated", -200, 50),
                _float(loudness, "range", 0, 200),
                _float(loudness, "true_peak", -300, 100),
                None,
            ),
            energy=None if (value := _float(given, "energy", 0, 1)) is None else Energy(value, {}, 0),
            danceability=_float(given, "danceability", 0, 1),
            doubts=tuple(
                Finding(str(one["code"]), dict(one.get("params") or {})) for one in given.get("findings") or ()
            ),
            seconds=_float(given, "seconds", 0, 1e7) or 0.0,
        )
    except (TypeError, AttributeError, KeyError) as error:
        raise ValueError(f"its answer is none that can be read: {error!r}") from error


def _tempo(given: Mapping[str, Any]) -> Tempo | None:
    bpm = _float(given, "bpm", 1, 1000)
    if bpm is None:
        return None
    candidates = tuple(
        TempoCandidate(tempo, _float(one, "score", 0, 1) or 0.0)
        for one in given.get("tempo_candidates") or ()
        if (tempo := _float(one, "bpm", 1, 1000)) is not None
    )
    beats = tuple(round(float(beat)) for beat in given.get("beats_ms") or ())
    downbeats = tuple(place for one in given.get("downbeats") or () if 0 <= (place := int(one)) < len(beats))
    return Tempo(bpm, _float(given, "tempo_confidence", 0, 1) or 0.0, candidates, beats, downbeats)


def _key_of(given: Mapping[str, Any]) -> Key | None:
    key = given.get("key")
    if not key:
        return None
    confidence = _float(given, "key_confidence", 0, 1) or 0.0
    segments = tuple(
        KeySegment(int(one["start_ms"]), int(one["end_ms"]), *_tonic(one), confidence)
        for one in given.get("key_segments") or ()
    )
    return Key(*_tonic(key), confidence, _float(given, "tuning_cents", -50, 50) or 0.0, segments)


def _tonic(given: Mapping[str, Any]) -> tuple[int, Mode]:
    tonic, mode = int(given["tonic"]), given["mode"]
    if not 0 <= tonic < 12 or mode not in ("major", "minor"):
        raise ValueError(f"there is no key {tonic} {mode}")
    return tonic, mode


def _key(tonic: int, mode: Mode) -> dict[str, Any]:
    told = names(tonic, mode)
    return {"tonic": tonic, "mode": mode, "camelot": told.camelot, "open_key": told.open_key, "name": told.preferred}


def _number(value: float | None, digits: int) -> float | None:
    return round(value, digits) if value is not None and math.isfinite(value) else None


def _float(given: Mapping[str, Any], name: str, low: float, high: float) -> float | None:
    value = given.get(name)
    if value is None:
        return None
    number = float(value)
    if not low <= number <= high:
        raise ValueError(f"{name} is {number}")
    return number
