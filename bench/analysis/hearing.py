"""Has a half of the set heard: by ours, and by every peer whose interpreter is there, on the same decoded audio.

A clip is decoded once by PyAV; the peers read its mono samples at 44.1 kHz from a raw file, ours hears the file through its
own decoder, which is PyAV too. Peers answer the same each time, so their answers are kept beside the clips (`--again` asks
them anew); ours is always asked.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

PEERS = Path(__file__).with_name("peers.py")
Truth = dict[str, Any]
Answers = dict[str, dict[str, Any]]
"""By clip: {"tempo": {tool: …}, "key": {tool: …}}."""


def truths(folder: Path, part: str) -> list[Truth]:
    """The truth of a half, clip by clip."""
    return [json.loads(line) for line in (folder / f"{part}.jsonl").read_text("utf-8").splitlines()]


def decoded(path: Path, into: Path) -> Path:
    """The mono mix of a clip as raw float32 samples at its own rate."""
    import av

    if not into.exists():
        into.parent.mkdir(parents=True, exist_ok=True)
        pieces = []
        with av.open(str(path)) as file:
            layout = file.streams.audio[0].layout.nb_channels
            for frame in file.decode(audio=0):
                pieces.append(frame.to_ndarray().reshape(-1, layout).mean(axis=1, dtype=np.float32) / np.float32(32768))
        unfinished = into.with_suffix(".part")
        np.concatenate(pieces).tofile(unfinished)
        unfinished.rename(into)
    return into


def peers(
    folder: Path, part: str, known: list[Truth], pythons: dict[str, str | None], again: bool
) -> tuple[Answers, dict[str, str]]:
    """The peers' answers by clip, and of each peer its version or why it was left out."""
    found: Answers = {truth["clip"]: {"tempo": {}, "key": {}} for truth in known}
    said: dict[str, str] = {}
    for tool, python in pythons.items():
        if python is None or not Path(python).exists():
            said[tool] = f"left out: no interpreter {python or 'given'}"
            continue
        kept = folder / f"peers-{tool}-{part}.jsonl"
        if again or not kept.exists() or len(kept.read_text("utf-8").splitlines()) != len(known) + 1:
            jobs = [
                json.dumps(
                    {
                        "clip": truth["clip"],
                        "path": str(
                            decoded(folder / part / f"{truth['clip']}.flac", folder / "raw" / f"{truth['clip']}.f32")
                        ),
                    }
                )
                for truth in known
            ]
            print(f"asking {tool} …", file=sys.stderr)
            ran = subprocess.run(
                [python, str(PEERS), tool], input="\n".join(jobs) + "\n", capture_output=True, text=True
            )
            if ran.returncode:
                said[tool] = (
                    f"left out: {ran.stderr.strip().splitlines()[-1] if ran.stderr.strip() else ran.returncode}"
                )
                continue
            kept.write_text(ran.stdout, "utf-8")
        first, *lines = [json.loads(line) for line in kept.read_text("utf-8").splitlines()]
        said |= first["versions"]
        for line in lines:
            for what in ("tempo", "key"):
                found[line["clip"]][what] |= line[what]
    return found, said


def ours(folder: Path, part: str, known: list[Truth]) -> Answers:
    """What our engine hears in each clip, without any knowledge of tags or genres."""
    import structlog

    from segue.analysis.ours.engine import listen

    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    found: Answers = {}
    for number, truth in enumerate(known, 1):
        began = time.process_time()
        heard = listen(folder / part / f"{truth['clip']}.flac")
        tempo, key = heard.tempo, heard.key
        found[truth["clip"]] = {
            "tempo": {
                "ours": {
                    "bpm": tempo.bpm if tempo else None,
                    "beats_ms": list(tempo.beats_ms) if tempo else [],
                    "downbeats_ms": [tempo.beats_ms[at] for at in tempo.downbeats] if tempo else [],
                    "confidence": tempo.confidence if tempo else 0.0,
                    "candidates": [[one.bpm, one.score] for one in tempo.candidates] if tempo else [],
                    "evidence": dict(tempo.evidence) if tempo else {},
                }
            },
            "key": {
                "ours": {
                    "tonic": key.tonic if key else None,
                    "mode": key.mode if key else None,
                    "confidence": key.confidence if key else 0.0,
                    "tuning_cents": key.tuning_cents if key else None,
                    "segments": [[one.start_ms, one.end_ms, one.tonic, one.mode] for one in key.segments]
                    if key
                    else [],
                }
            },
            "seconds": round(time.process_time() - began, 4),
            "doubts": [doubt.code for doubt in heard.doubts],
        }
        print(f"\rours {number}/{len(known)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return found
