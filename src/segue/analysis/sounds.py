"""Which sound a track is, and what of what was heard stands in its row, where lists and questions find it.

A sound is told by its audio alone: the file's audio key and, of a CUE sheet's track, the slice. So a retagged or moved file,
and the same audio in two albums, are one sound that is heard once.
"""

from __future__ import annotations

import array
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from segue.analysis import documents
from segue.analysis.records import Finding, Heard

KEY_BYTES = 16
UNHEARD: dict[str, Any] = dict.fromkeys(
    (
        *("duration_ms", "bpm", "bpm_confidence", "steadiness", "tonic", "mode", "key_confidence", "tuning_cents"),
        *("integrated_lufs", "range_lu", "true_peak_dbtp", "sample_peak_dbfs", "energy", "danceability", "cutoff_hz"),
        *("clipped_ms", "findings", "codes"),
    )
)
"""The measured columns of `analysis_sounds`, all empty."""
TEMPO_COLUMNS = ("bpm", "bpm_confidence", "steadiness")


@dataclass(frozen=True, slots=True)
class Packed:
    """What was heard, ready to be kept: made by whoever listened, so that nobody else needs to look inside."""

    engine: str
    version: int
    seconds: float
    columns: dict[str, Any]
    document: bytes
    vector: bytes | None
    """Of float32, little endian."""
    vector_version: int
    waveform: bytes | None
    """As `segue.analysis.drawings.kept` makes it."""


def sound_key(kind: str, audio_key: bytes, start_ms: int | None = None, end_ms: int | None = None) -> bytes:
    """The key of a sound: of the kind and bytes of a file's audio key, and of the slice that is meant."""
    digest = blake2b(digest_size=KEY_BYTES, person=b"segue sound")
    for part in (kind.encode(), audio_key, f"{start_ms or 0}-{end_ms or ''}".encode()):
        digest.update(len(part).to_bytes(4, "little") + part)
    return digest.digest()


def columns_of(heard: Heard) -> dict[str, Any]:
    """The measured columns of a sound's row."""
    said = dict(UNHEARD) | {"duration_ms": heard.duration_ms, "danceability": heard.danceability}
    if heard.tempo is not None:
        said |= {"bpm": heard.tempo.bpm, "bpm_confidence": heard.tempo.confidence, "steadiness": heard.tempo.steadiness}
    if (key := heard.key) is not None:
        said |= {
            "tonic": key.tonic,
            "mode": key.mode,
            "key_confidence": key.confidence,
            "tuning_cents": key.tuning_cents,
        }
    if (loudness := heard.loudness) is not None:
        said |= {
            "integrated_lufs": loudness.integrated, "range_lu": loudness.range, "true_peak_dbtp": loudness.true_peak,
            "sample_peak_dbfs": loudness.sample_peak,
        }  # fmt: skip
    if heard.energy is not None:
        said["energy"] = heard.energy.value
    found = list(heard.doubts)
    if (quality := heard.quality) is not None:
        said |= {"cutoff_hz": quality.cutoff_hz, "clipped_ms": quality.clipped_ms}
        found += quality.findings
    said["findings"] = as_rows(found) or None
    said["codes"] = " ".join(sorted({one.code for one in found})) or None
    return said


def as_rows(findings: Sequence[Finding]) -> list[list[Any]]:
    """Findings as they stand in a row: [[code, params], …]."""
    return [[one.code, documents.plain(one.params)] for one in findings]


def packed(heard: Heard, waveform: bytes | None) -> Packed:
    """`heard` to be kept. Raises ValueError where a number of it is none (NaN)."""
    vector = None if heard.embedding is None else vector_bytes(heard.embedding)
    return Packed(
        heard.engine, heard.version, heard.seconds, columns_of(heard), documents.packed(heard), vector,
        heard.embedding_version, waveform,
    )  # fmt: skip


def vector_bytes(vector: Sequence[float]) -> bytes:
    """Numbers as float32, little endian. Raises ValueError for one that is none."""
    if not all(map(math.isfinite, vector)):
        raise ValueError("an embedding with a number that is none")
    numbers = array.array("f", vector)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def vector_of(held: bytes) -> tuple[float, ...]:
    """What `vector_bytes` was given, as exactly as float32 has it."""
    numbers = array.array("f", held)
    if sys.byteorder == "big":
        numbers.byteswap()
    return tuple(numbers)


def linear(dbtp: float | None) -> float | None:
    """A peak in dB of full scale as a share of full scale; 0 for digital silence where something was measured."""
    return None if dbtp is None else float(10 ** (dbtp / 20))


def reason(code: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Why something is as it is, to be stored."""
    return {"code": code, "params": dict(params or {})}
