"""Render the evaluation set: music with known tempo, beats and key, written by ourselves, the same on every machine.

    ./dev bench analysis/render FOLDER                 both halves: FOLDER/build/*.flac, FOLDER/build.jsonl, and report
    ./dev bench analysis/render FOLDER --part build    only the half to tune on
    ./dev bench analysis/render FOLDER --part calibrate    as many clips again, on which confidence is calibrated
    ./dev bench analysis/render FOLDER --list          the plan: what there would be, and how often

Truth is a line of JSON a clip: clip, kind, style, set, part, bpm, beats_ms, downbeats_ms, tonic, mode, key_segments,
detune_cents, seconds. `bpm` is 60,000 over the median distance of the taps, or the quarter's in 7/8; `tonic` and `mode` are
those of the longest segment, null for percussion alone. What counts as the beat is said in `styles`. Clips that exist are not
rendered again. The sampled sets need FluidSynth and two soundfonts and are left out, with the reason, where they are not.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT)]

from bench.analysis import venue  # noqa: E402
from bench.analysis.compose import Score, compose  # noqa: E402
from bench.analysis.instruments import band, chamber, electronic, sampled  # noqa: E402
from bench.analysis.instruments.tones import RATE, Sound  # noqa: E402
from bench.analysis.plan import Clip, clips, held_back  # noqa: E402

PLAYERS = {
    "electronic": electronic.play,
    "band": band.play,
    "chamber": chamber.play,
    "sampled_large": sampled.play,
    "sampled_small": sampled.play,
}


def sounded(clip: Clip) -> tuple[Sound, dict[str, Any]]:
    """The stereo sound of a clip and its truth."""
    score = compose(clip)
    rng = np.random.default_rng([clip.seed, 1])
    samples = int(clip.seconds * RATE)
    sound = PLAYERS[clip.set](score, samples, rng)
    beats, downbeats = np.array(score.beats), np.array(score.downbeats)
    if clip.kind == "live_noise":
        sound, beats, downbeats = venue.live(sound, beats, downbeats, rng)
    if clip.kind == "fading":
        sound = venue.faded(sound, rng)
    return venue.mastered(sound, rng), truth(clip, score, beats, downbeats)


def truth(clip: Clip, score: Score, beats: venue.Times, downbeats: venue.Times) -> dict[str, Any]:
    """What is known of a clip."""
    within = beats[(beats >= 0) & (beats < clip.seconds)]
    bpm = 60 / float(np.median(np.diff(within))) if clip.style != "seven_eight" else clip.bpm
    longest = max(score.segments, key=lambda one: one["end_ms"] - one["start_ms"])
    pitched = clip.kind != "percussion_only"
    return {
        "clip": clip.name,
        "kind": clip.kind,
        "style": clip.style,
        "set": clip.set,
        "part": clip.part,
        "bpm": round(bpm, 3),
        "beats_ms": [round(1000 * float(beat), 1) for beat in within],
        "downbeats_ms": [round(1000 * float(beat), 1) for beat in downbeats if 0 <= beat < clip.seconds],
        "tonic": longest["tonic"] if pitched else None,
        "mode": longest["mode"] if pitched else None,
        "key_segments": score.segments if pitched else [],
        "detune_cents": clip.detune_cents,
        "seconds": clip.seconds,
    }


def write(path: Path, sound: Sound) -> None:
    """A 16-bit FLAC file, by PyAV."""
    import av

    data = (np.clip(sound, -1, 1) * 32767).round().astype(np.int16)
    unfinished = path.with_suffix(".part")
    with av.open(str(unfinished), "w", format="flac") as file:
        stream = file.add_stream("flac", rate=RATE)
        stream.layout = "stereo"
        stream.format = "s16"
        for start in range(0, data.shape[1], 4096):
            piece = np.ascontiguousarray(data[:, start : start + 4096].T).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(piece, format="s16", layout="stereo")
            frame.rate = RATE
            frame.pts = start
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    unfinished.rename(path)


def main() -> None:
    parser = argparse.ArgumentParser(description="Render the evaluation set of the analysis.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--part", choices=["build", "report", "calibrate"])
    parser.add_argument("--set", dest="only", choices=sorted(PLAYERS))
    parser.add_argument("--kind")
    parser.add_argument("--list", action="store_true")
    given = parser.parse_args()
    wanted = [
        clip
        for clip in (held_back() if given.part == "calibrate" else clips())
        if given.part in (None, clip.part) and given.only in (None, clip.set) and given.kind in (None, clip.kind)
    ]
    if given.list:
        for what in ("kind", "set", "style", "part"):
            print(what, dict(Counter(getattr(clip, what) for clip in wanted)))
        return
    reasons = {name: reason for name in sampled.FONTS if (reason := sampled.missing(name))}
    for name, reason in reasons.items():
        print(f"left out: {name}, {reason}", file=sys.stderr)
    wanted = [clip for clip in wanted if clip.set not in reasons]
    began = time.process_time()
    lines: dict[str, list[dict[str, Any]]] = {}
    for number, clip in enumerate(wanted, 1):
        path = given.folder / clip.part / f"{clip.name}.flac"
        path.parent.mkdir(parents=True, exist_ok=True)
        sidecar = path.with_suffix(".json")
        if not (path.exists() and sidecar.exists()):
            sound, known = sounded(clip)
            write(path, sound)
            sidecar.write_text(json.dumps(known), "utf-8")
        lines.setdefault(clip.part, []).append(json.loads(sidecar.read_text("utf-8")))
        print(f"\r{number}/{len(wanted)} {time.process_time() - began:.0f} s", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    if given.only is None and given.kind is None:
        for part, known_of in lines.items():
            text = "".join(json.dumps(known) + "\n" for known in known_of)
            (given.folder / f"{part}.jsonl").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
