"""A program of its own: reads mono float32 at 44,100 Hz from stdin to its end, lets Essentia listen, writes JSON.

It is run by an interpreter that may have nothing but Essentia, so it imports nothing of Segue.
"""

import json
import os
import sys
import time

PITCHES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
OTHERS = {"Db": 1, "D#": 3, "Gb": 6, "G#": 8, "A#": 10}
RATE = 44_100
MOST_CONFIDENCE = 5.32
"""RhythmExtractor2013 with `multifeature` says 0 to 5.32."""


def main() -> None:
    answers = os.dup(1)
    os.dup2(2, 1)  # Essentia prints
    import numpy
    from essentia import standard

    samples = numpy.frombuffer(sys.stdin.buffer.read(), numpy.float32)
    began = time.process_time()
    said: dict[str, object] = {"version": 1}
    if len(samples) >= RATE and float(numpy.abs(samples).max()) > 0:
        bpm, ticks, confidence, _, _ = standard.RhythmExtractor2013(method="multifeature")(samples)
        if bpm > 0 and len(ticks):
            said["bpm"] = float(bpm)
            said["tempo_candidates"] = [{"bpm": float(bpm), "score": 1.0}]
            said["tempo_confidence"] = min(1.0, max(0.0, float(confidence) / MOST_CONFIDENCE))
            said["beats_ms"] = [round(float(tick) * 1000) for tick in ticks]
        name, mode, strength = standard.KeyExtractor(sampleRate=RATE)(samples)
        tonic = PITCHES.index(name) if name in PITCHES else OTHERS[name]
        said["key"] = {"tonic": tonic, "mode": mode}
        said["key_confidence"] = min(1.0, max(0.0, float(strength)))
    said["seconds"] = time.process_time() - began
    with os.fdopen(answers, "w") as out:
        json.dump(said, out)


if __name__ == "__main__":
    main()
