"""Essentia (AGPL-3.0, not installed with Segue): tempo, beats and key, from samples that we decode.

Its own loader is never used: it knows no Opus and ends the process. Essentia runs under an interpreter that has it, as a
program of its own (`essentia_program.py`) that reads 44,100 Hz mono float32 from a pipe and writes JSON; nothing of it is
ever loaded into Segue. What it does to its process is told of one file.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from typing import IO, Any

from segue.analysis.errors import EngineAbsent, EngineFailed
from segue.analysis.lines import heard_of
from segue.analysis.records import Finding, Heard, Knowledge

NAME = "essentia"
VERSION = 1
RATE = 44_100
LONGEST_S = 1800
"""It keeps all samples, and several copies: of a longer file only the beginning is heard."""
_PROGRAM = Path(__file__).with_name("essentia_program.py")
_ASKED_S = 60.0


def interpreter(given: Path | None) -> str:
    """The Python that is asked: the given one, else this one."""
    return str(given) if given else sys.executable


@cache
def missing(python: str) -> str | None:
    """Why Essentia cannot be used through that interpreter; None where it can. Asked once a process."""
    look = "import importlib.util, sys; sys.exit(importlib.util.find_spec('essentia') is None)"
    try:
        done = subprocess.run([python, "-c", look], capture_output=True, timeout=_ASKED_S, check=False)
    except (OSError, subprocess.SubprocessError) as error:
        return f"{python} cannot be run: {error}"
    if done.returncode:
        return f"it is not installed for {python}. `pip install 'segue[essentia]'` does that."
    return None


def listen(
    path: bytes,
    *,
    start_ms: int | None = None,
    end_ms: int | None = None,
    knowledge: Knowledge | None = None,
    python: str = "",
) -> Heard:
    """RhythmExtractor2013 (multifeature) and KeyExtractor (bgate) over the file. `knowledge` is not used: it has no place
    for it. Raises `analysis.errors`."""
    from segue.analysis.decode import blocks

    python = python or sys.executable
    reason = missing(python)
    if reason is not None:
        raise EngineAbsent(NAME, reason)
    began = time.process_time()
    with blocks(path, start_ms=start_ms, end_ms=end_ms) as decoded:
        program = subprocess.Popen(
            [python, str(_PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        try:
            cut = _feed(program.stdin, decoded)
            answer, complaint = program.communicate()
        except BaseException:
            program.kill()
            program.wait()
            raise
    if program.returncode:
        raise EngineFailed(NAME, _end(program.returncode, complaint))
    try:
        said: dict[str, Any] = json.loads(answer)
        heard = heard_of({**said, "duration_ms": decoded.duration_ms}, engine=NAME)
    except ValueError as error:
        raise EngineFailed(NAME, str(error)) from error
    doubts = (*decoded.doubts, *((Finding("heard_in_part", {"heard_ms": LONGEST_S * 1000}),) if cut else ()))
    return Heard(
        engine=NAME,
        version=VERSION,
        duration_ms=decoded.duration_ms,
        sample_rate=decoded.rate,
        channels=decoded.channels,
        tempo=heard.tempo,
        key=heard.key,
        doubts=doubts,
        seconds=round(time.process_time() - began + heard.seconds, 4),
    )


def _feed(pipe: IO[bytes] | None, decoded: Any) -> bool:
    """Write all samples, at most LONGEST_S of them; whether there were more. A reader that is gone is found out later."""
    import numpy as np
    import soxr

    from segue.analysis.decode.samples import mixed_down

    assert pipe is not None
    stream = None if decoded.rate == RATE else soxr.ResampleStream(decoded.rate, RATE, 1, dtype="float32")
    left = LONGEST_S * RATE
    for block in decoded:
        mono = np.ascontiguousarray(mixed_down(block.samples))
        mono = mono if stream is None else stream.resample_chunk(mono)
        if left > 0:
            try:
                pipe.write(np.asarray(mono[:left], np.float32).tobytes())
            except BrokenPipeError:
                return False
        left -= len(mono)
    return left < 0


def _end(code: int, complaint: bytes) -> str:
    if code < 0:
        return f"its process ended by {signal.Signals(-code).name}."
    words = complaint.decode("utf-8", "replace").strip().splitlines()
    return words[-1][:300] if words else f"its process ended with {code}."
