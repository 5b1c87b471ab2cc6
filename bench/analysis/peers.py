"""What other tools hear: run by their own interpreter, as a child of `accuracy`, needing nothing of Segue.

    PYTHON peers.py essentia|librosa|aubio

Reads a line of JSON a clip from standard input ({"clip", "path"}: mono float32 samples at 44.1 kHz, raw) and answers with a
line: {"clip", "tempo": {tool: {"bpm", "beats_ms", "confidence", "seconds"}}, "key": {tool: {"tonic", "mode", "confidence",
"seconds"}}}. The first line of the answer is {"versions": …}. Seconds are processor time, decoding left out.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

RATE = 44_100
FLATS = {"Db": 1, "Eb": 3, "Gb": 6, "Ab": 8, "Bb": 10}
NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
PROFILES = ("bgate", "krumhansl", "temperley", "edma")

Sound = Any
Answer = dict[str, Any]


def timed(work: Callable[[], Answer]) -> Answer:
    began = time.process_time()
    found = work()
    return {**found, "seconds": round(time.process_time() - began, 4)}


def tonic_of(name: str) -> int:
    return FLATS[name] if name in FLATS else NAMES.index(name)


def essentia_tools() -> tuple[dict[str, str], Callable[[Sound], Answer]]:
    import essentia
    import essentia.standard as es

    essentia.log.infoActive = essentia.log.warningActive = False

    def rhythm(sound: Sound, method: str) -> Answer:
        bpm, beats, confidence, _, _ = es.RhythmExtractor2013(method=method)(sound)
        return {
            "bpm": float(bpm),
            "beats_ms": [round(1000 * float(beat), 1) for beat in beats],
            "confidence": float(confidence),
        }

    def key(sound: Sound, profile: str) -> Answer:
        tonic, mode, strength = es.KeyExtractor(profileType=profile)(sound)
        return {"tonic": tonic_of(tonic), "mode": mode, "confidence": float(strength)}

    def hear(sound: Sound) -> Answer:
        tempo = {
            "essentia degara": timed(lambda: rhythm(sound, "degara")),
            "essentia multifeature": timed(lambda: rhythm(sound, "multifeature")),
            "essentia percival": timed(lambda: {"bpm": float(es.PercivalBpmEstimator()(sound)), "beats_ms": None}),
        }
        return {
            "tempo": tempo,
            "key": {f"essentia {name}": timed(lambda name=name: key(sound, name)) for name in PROFILES},
        }

    return {"essentia": essentia.__version__}, hear


def librosa_tools() -> tuple[dict[str, str], Callable[[Sound], Answer]]:
    import librosa

    def beats(sound: Sound) -> Answer:
        half = librosa.resample(sound, orig_sr=RATE, target_sr=22_050)
        bpm, frames = librosa.beat.beat_track(y=half, sr=22_050)
        found = librosa.frames_to_time(frames, sr=22_050)
        return {"bpm": float(np.atleast_1d(bpm)[0]), "beats_ms": [round(1000 * float(beat), 1) for beat in found]}

    return {"librosa": librosa.__version__}, lambda sound: {
        "tempo": {"librosa": timed(lambda: beats(sound))},
        "key": {},
    }


def aubio_tools() -> tuple[dict[str, str], Callable[[Sound], Answer]]:
    import aubio

    def beats(sound: Sound) -> Answer:
        tracker = aubio.tempo("default", 1024, 512, RATE)
        found = []
        for start in range(0, len(sound) - 511, 512):
            if tracker(sound[start : start + 512])[0]:
                found.append(tracker.get_last_ms())
        between = np.diff(found)
        bpm = float(60_000 / np.median(between)) if len(between) else None
        return {"bpm": bpm, "beats_ms": [round(float(beat), 1) for beat in found]}

    return {"aubio": aubio.version}, lambda sound: {"tempo": {"aubio": timed(lambda: beats(sound))}, "key": {}}


TOOLS = {"essentia": essentia_tools, "librosa": librosa_tools, "aubio": aubio_tools}


def answers(tool: str, lines: Iterator[str]) -> Iterator[Answer]:
    versions, hear = TOOLS[tool]()
    yield {"versions": versions}
    for line in lines:
        asked = json.loads(line)
        sound = np.fromfile(asked["path"], dtype=np.float32)
        yield {"clip": asked["clip"], **hear(sound)}


if __name__ == "__main__":
    for answer in answers(sys.argv[1], iter(sys.stdin)):
        print(json.dumps(answer), flush=True)
