"""What is known, spelled for REST: plain dicts in the shape of `schemas`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from segue.analysis import words as person
from segue.analysis.errors import told
from segue.analysis.key import names
from segue.analysis.loudness import gain_db, r128_gain
from segue.analysis.records import Energy, Finding, Grid, Heard, Key, Loudness, Mode, Quality, Shape, Tempo
from segue.analysis.requests.service import RequestView
from segue.analysis.sentences import sentence
from segue.analysis.views import Failure, Shown, Status, TrackAnalysis, TrackSummary
from segue.core.ids import format_id, format_id_or_none

NOBODY = Shown(None, None)
_WORDS = {
    "job_ended": "The job that worked on it has ended without an answer.",
    "track_gone": "The track is not there any more.",
    "no_such_file": "Its file cannot be found; it is looked for again.",
    "bad_address": "The address is not one that may be asked.",
    "fetch_failed": "The address does not answer as it should.",
    "fetch_refused": "The address refuses to give the file.",
    "fetch_too_large": "The file is too large.",
    "fetch_no_audio": "What is at the address is no sound.",
    "fetch_timeout": "The address took too long to answer.",
    "object_not_found": "The file that was sent is not stored any more.",
}


def track(view: TrackAnalysis, edit: int | None = None) -> dict[str, Any]:
    """A `TrackAnalysisAnswer`."""
    heard = view.heard
    said = {name: word for name, word in view.words.items() if word.value is not None}
    return {
        "track": format_id("tr", view.track_id),
        "state": view.state,
        "reason": reason(view.reason),
        "analyzed_at": view.analyzed_at,
        "engine": heard and heard.engine,
        "version": heard and heard.version,
        "seconds": heard and heard.seconds,
        "duration_ms": heard and heard.duration_ms,
        "sample_rate": heard and heard.sample_rate,
        "channels": heard and heard.channels,
        "tempo": tempo(view.tempo, heard.tempo if heard else None, view.bpm, person.LOCKED in said),
        "key": key(heard.key if heard else None, view.musical_key),
        "loudness": loudness(heard.loudness if heard else None),
        "energy": energy(heard.energy if heard else None),
        "danceability": rounded(heard.danceability, 4) if heard else None,
        "shape": shape(view.shape),
        "quality": quality(heard.quality if heard else None),
        "doubts": findings(heard.doubts if heard else ()),
        "waveform": view.drawing,
        "words": {name: {"value": word.value, "said_at": word.said_at} for name, word in said.items()},
        "edit": format_id_or_none("ed", edit),
    }


def heard(found: Heard) -> dict[str, Any]:
    """An `AnalysisHeardItem`."""
    bpm = Shown(found.tempo.bpm, "analysis") if found.tempo and found.tempo.bpm else NOBODY
    named = Shown(names(found.key.tonic, found.key.mode).preferred, "analysis") if found.key else NOBODY
    return {
        "engine": found.engine,
        "version": found.version,
        "seconds": found.seconds,
        "duration_ms": found.duration_ms,
        "sample_rate": found.sample_rate,
        "channels": found.channels,
        "tempo": tempo(found.tempo, found.tempo, bpm, False),
        "key": key(found.key, named),
        "loudness": loudness(found.loudness),
        "energy": energy(found.energy),
        "danceability": rounded(found.danceability, 4),
        "shape": shape(found.shape),
        "quality": quality(found.quality),
        "doubts": findings(found.doubts),
        "beats_ms": found.tempo.beats_ms if found.tempo else (),
        "downbeats": found.tempo.downbeats if found.tempo else (),
    }


def summary(view: TrackSummary) -> dict[str, Any]:
    """An `AnalysisSummaryItem`."""
    row = view.row
    columns = (
        "bpm_confidence",
        "key_confidence",
        "energy",
        "danceability",
        "integrated_lufs",
        "range_lu",
        "true_peak_dbtp",
    )
    return {
        "track": format_id("tr", view.track_id),
        "state": view.state,
        "reason": reason(view.reason),
        "bpm": view.bpm.value,
        "bpm_source": view.bpm.source,
        "key": view.musical_key.value,
        "key_source": view.musical_key.source,
        "measured_bpm": row and row.bpm,
        "measured_key": None if row is None or row.tonic is None else spelled(row.tonic, row.mode),
        **{name: None if row is None else rounded(getattr(row, name), 3) for name in columns},
        "findings": [one[0] for one in row.findings or ()] if row is not None else [],
        "analyzed_at": row and row.analyzed_at,
    }


def beats(view: TrackAnalysis, found: Tempo) -> dict[str, Any]:
    """An `AnalysisBeatsAnswer`."""
    return {
        "track": format_id("tr", view.track_id),
        "bpm": found.bpm,
        "beats_ms": found.beats_ms,
        "downbeats": found.downbeats,
        "grid": grid(found.grid),
        "curve": found.curve,
        "beats_a_bar": person.bar_of(found) if found.downbeats else None,
    }


def tempo(shown: Tempo | None, measured: Tempo | None, said: Shown, locked: bool) -> dict[str, Any]:
    """`shown` has the beats as people say they are, `measured` what was heard."""
    here = measured or Tempo(None, 0.0)
    beat = shown or here
    return {
        "bpm": said.value,
        "source": said.source,
        "measured": here.bpm,
        "confidence": here.confidence,
        "candidates": [{"bpm": one.bpm, "score": one.score} for one in here.candidates],
        "steadiness": here.steadiness,
        "grid": grid(beat.grid),
        "curve": beat.curve,
        "beats": len(beat.beats_ms),
        "evidence": dict(here.evidence),
        "locked": locked,
    }


def grid(found: Grid | None) -> dict[str, Any] | None:
    return None if found is None else {"first_ms": found.first_ms, "bpm": found.bpm, "beats_a_bar": found.beats_a_bar}


def key(found: Key | None, said: Shown) -> dict[str, Any]:
    return {
        "value": said.value,
        "source": said.source,
        "measured": found and spelled(found.tonic, found.mode),
        "confidence": found and found.confidence,
        "tuning_cents": found and found.tuning_cents,
        "segments": [
            {
                **spelled(one.tonic, one.mode), "start_ms": one.start_ms, "end_ms": one.end_ms,
                "confidence": one.confidence,
            }
            for one in (found.segments if found else ())
        ],
        "scores": found.scores if found else (),
    }  # fmt: skip


def spelled(tonic: int, mode: Mode) -> dict[str, Any]:
    """An `AnalysisKeyNames`."""
    called = names(tonic, mode)
    return {
        "tonic": tonic, "mode": mode, "camelot": called.camelot, "open_key": called.open_key, "name": called.preferred,
        "flat": called.flat, "sharp": called.sharp,
    }  # fmt: skip


def loudness(found: Loudness | None) -> dict[str, Any] | None:
    if found is None:
        return None
    level = found.integrated
    return {
        "integrated_lufs": rounded(level),
        "range_lu": rounded(found.range),
        "true_peak_dbtp": rounded(found.true_peak),
        "sample_peak_dbfs": rounded(found.sample_peak),
        "gain_db": None if level is None else round(gain_db(level), 2),
        "r128_gain": None if level is None else r128_gain(level),
    }


def rounded(value: float | None, digits: int = 2) -> float | None:
    return None if value is None else round(value, digits)


def energy(found: Energy | None) -> dict[str, Any] | None:
    if found is None:
        return None
    level = min(10, max(1, math.ceil(10 * found.value)))
    return {
        "value": rounded(found.value, 4),
        "level": level,
        "parts": {name: rounded(part, 4) for name, part in found.parts.items()},
        "version": found.version,
    }


def shape(found: Shape | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {name: getattr(found, name) for name in found.__slots__}


def quality(found: Quality | None) -> dict[str, Any] | None:
    if found is None:
        return None
    plain = ("clipped_runs", "clipped_ms", "dc_offset", "cutoff_hz")
    return {**{name: getattr(found, name) for name in plain}, "findings": findings(found.findings)}


def findings(found: Iterable[Finding]) -> list[dict[str, Any]]:
    return [{"code": one.code, "params": dict(one.params), "message": sentence(one)} for one in found]


def reason(stored: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """An `AnalysisReasonItem` of what is stored as {code, params}."""
    if stored is None:
        return None
    code, params = stored.get("code", "unknown"), stored.get("params") or {}
    message = _WORDS.get(code) or told(code, params).message
    return {"code": code, "params": params, "message": message}


def status(found: Status) -> dict[str, Any]:
    """An `AnalysisStatusAnswer`."""
    audio_s = found.duration_ms / 1000
    return {
        "enabled": found.enabled,
        "engine": found.engine,
        "version": found.version,
        "missing": found.missing,
        "states": dict(found.states),
        "waiting_for_files": found.waiting_for_files,
        "outdated": found.outdated,
        "failed": dict(found.failed),
        "seconds": round(found.seconds, 1),
        "audio_s": round(audio_s, 1),
        "real_time_factor": round(audio_s / found.seconds, 1) if found.seconds else None,
        "job": format_id_or_none("jo", found.job),
        "rate": found.rate and round(found.rate, 2),
        "eta_s": found.eta_s and round(found.eta_s),
        "quiet_until": found.quiet_until,
    }


def failure(found: Failure) -> dict[str, Any]:
    """An `AnalysisFailureItem`."""
    return {
        "track": format_id("tr", found.track_id), "title": found.title, "artist": found.artist, "album": found.album,
        "path": found.path, "reason": reason(found.reason), "asked_at": found.at,
    }  # fmt: skip


def request(view: RequestView) -> dict[str, Any]:
    """An `AnalysisRequestAnswer`."""
    return {
        "id": format_id("an", view.id),
        "kind": view.kind,
        "name": view.name,
        "state": view.state,
        "reason": reason(view.reason),
        "track": format_id_or_none("tr", view.track_id),
        "asked_at": view.asked_at,
        "ended_at": view.ended_at,
        "job": format_id_or_none("jo", view.job),
        "heard": heard(view.heard) if view.heard else None,
    }
