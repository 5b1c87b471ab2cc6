"""What does it cost to hear a track? Processor time by part, memory at any length, and Essentia on the same files.

    ./dev bench analysis/speed FOLDER                              four-minute tracks as MP3, FLAC and Opus
    ./dev bench analysis/speed FOLDER --long 2 --long 12 --write   and files of two and twelve hours; keeps
                                                                   bench/results/analysis_speed.json

Tracks are rendered from seeds into FOLDER and encoded by PyAV. Every hearing is a process of its own; seconds are its
processor time from an imported engine on (so neither a busy machine nor the disk is counted), the median of `--rounds`.
Real time over processor time is how many times faster than playing one core is. Long files are the same MP3, its frames one
after another. Essentia (`--essentia-python`) hears tempo (degara), key (bgate) and loudness only: no true peak, no waveform,
no shape, no quality, no embedding; its wheel dies of Opus, which is left out.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT)]

from bench.analysis.instruments.tones import RATE, Sound  # noqa: E402
from bench.analysis.plan import Clip, clips  # noqa: E402
from bench.analysis.render import sounded  # noqa: E402

RESULTS = ROOT / "bench" / "results" / "analysis_speed.json"
CHILD = Path(__file__).with_name("speed_child.py")
FORMATS = {
    "mp3 320k": ("mp3", "libmp3lame", 320_000),
    "mp3 128k": ("mp3", "libmp3lame", 128_000),
    "flac": ("flac", "flac", None),
    "opus 128k": ("opus", "libopus", 128_000),
}
MINUTES = 4
TRACKS = 100_000


def tracks() -> list[Clip]:
    """One of each of three instrument sets, made four minutes long."""
    wanted = {"electronic": "house", "band": "rock", "chamber": "ballad"}
    found = {}
    for clip in clips():
        if (
            wanted.get(clip.set) == clip.style
            and clip.set not in found
            and clip.kind in ("steady", "detuned", "fading", "modulating")
        ):
            found[clip.set] = replace(
                clip, name=f"four-minutes-{clip.set}", kind="steady", seconds=60.0 * MINUTES, detune_cents=0.0
            )
    return list(found.values())


def encoded(path: Path, sound: Sound, container: str, codec: str, rate: int | None) -> Path:
    """A file of this sound."""
    import av

    if path.exists():
        return path
    data = (np.clip(sound, -1, 1) * 32767).round().astype(np.int16)
    unfinished = path.with_suffix(".part")
    options = {"write_xing": "0", "id3v2_version": "0"} if container == "mp3" else {}
    with av.open(str(unfinished), "w", format=container, options=options) as file:
        stream = file.add_stream(codec, rate=48_000 if codec == "libopus" else RATE)
        stream.layout = "stereo"
        if rate:
            stream.bit_rate = rate
        resampler = av.AudioResampler(
            format=stream.format, layout="stereo", rate=stream.rate, frame_size=stream.frame_size or 4096
        )
        for start in range(0, data.shape[1], 65_536):
            piece = np.ascontiguousarray(data[:, start : start + 65_536].T).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(piece, format="s16", layout="stereo")
            frame.rate, frame.pts = RATE, start
            for part in resampler.resample(frame):
                file.mux(stream.encode(part))
        for part in resampler.resample(None):
            file.mux(stream.encode(part))
        file.mux(stream.encode(None))
    unfinished.rename(path)
    return path


def pss_mb(pid: int) -> float:
    """The proportional share of memory of a process now; 0 when it is gone."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8")
        return int(text.split("Pss:")[1].split()[0]) / 1024
    except (OSError, IndexError):
        return 0.0


def hear(python: str, tool: str, path: Path) -> dict[str, Any]:
    """One hearing in a process of its own; `pss_mb` is the most of some four looks a second."""
    quiet = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    began = time.monotonic()
    child = subprocess.Popen(
        [python, str(CHILD), tool, str(path)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=quiet
    )
    most = 0.0
    while True:
        try:
            out, _ = child.communicate(timeout=0.25)
            break
        except subprocess.TimeoutExpired:
            most = max(most, pss_mb(child.pid))
    if child.returncode:
        return {"error": f"ended with {child.returncode}"}
    found: dict[str, Any] = json.loads(out.splitlines()[-1])
    return {**found, "pss_mb": most, "wall_s": time.monotonic() - began}


def row(python: str, tool: str, paths: list[Path], rounds: int) -> dict[str, Any]:
    """The medians over rounds of the means over tracks."""
    heard: list[list[dict[str, Any]]] = [[hear(python, tool, path) for path in paths] for _ in range(rounds)]
    failed = [one["error"] for of in heard for one in of if "error" in one]
    if failed:
        return {"error": failed[0]}

    def median(value: Any) -> float:
        return statistics.median(statistics.mean(value(one) for one in of) for of in heard)

    seconds, audio = median(lambda one: one["seconds"]), median(lambda one: one["audio_s"])
    names = {name for of in heard for one in of for name in one["parts"]}
    parts = {name: median(lambda one, name=name: one["parts"].get(name, 0.0)) for name in names}
    return {
        "audio_s": round(audio, 1),
        "cpu_s": round(seconds, 3),
        "times_real_time": round(audio / seconds),
        "cpu_s_by_part": {name: round(of, 3) for name, of in sorted(parts.items(), key=lambda one: -one[1])},
        "share_by_part": {name: round(of / seconds, 3) for name, of in sorted(parts.items(), key=lambda one: -one[1])},
        "import_cpu_s": round(median(lambda one: one["start_s"]), 2),
        "peak_rss_mb": round(max(one["rss_mb"] for of in heard for one in of), 1),
        "peak_pss_mb": round(max(one["pss_mb"] for of in heard for one in of), 1),
        "doubts": sorted({code for of in heard for one in of for code in one.get("doubts", [])}),
    }


def long_file(folder: Path, short: Path, hours: int) -> Path:
    """So many hours of a constant-rate MP3, its bytes repeated."""
    path = folder / f"{hours}-hours.mp3"
    if not path.exists():
        data = short.read_bytes()
        with path.with_suffix(".part").open("wb") as file:
            for _ in range(hours * 60 // MINUTES):
                file.write(data)
        path.with_suffix(".part").rename(path)
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description="Processor time and memory of hearing.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--long", type=int, action="append", default=[], help="hours; may be given again")
    parser.add_argument("--essentia-python")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    paths: dict[str, list[Path]] = {name: [] for name in FORMATS}
    for clip in tracks():
        wanted = {name: given.folder / f"{clip.name}-{name.replace(' ', '-')}.{of[0]}" for name, of in FORMATS.items()}
        sound = None if all(path.exists() for path in wanted.values()) else sounded(clip)[0]
        for name, path in wanted.items():
            paths[name].append(path if sound is None else encoded(path, sound, *FORMATS[name]))
    load = os.getloadavg()[0]
    rows: list[dict[str, Any]] = []
    for name, files in paths.items():
        rows.append({"engine": "ours", "format": name, **row(sys.executable, "ours", files, given.rounds)})
        if given.essentia_python and "opus" not in name:
            rows.append(
                {"engine": "essentia", "format": name, **row(given.essentia_python, "essentia", files, given.rounds)}
            )
    for hours in given.long:
        path = long_file(given.folder, paths["mp3 128k"][0], hours)
        rows.append({"engine": "ours", "format": f"mp3 128k, {hours} hours", **row(sys.executable, "ours", [path], 1)})
    for one in rows:
        print(json.dumps(one))
    common = next(one for one in rows if one["format"] == "mp3 320k")
    hours = TRACKS * common["cpu_s"] / 2 / 3600
    print(f"{TRACKS:,} tracks of {MINUTES} minutes (mp3 320k) on two cores: {hours:.1f} hours of pure processor time")
    if given.write:
        result = {
            "load_before": round(load, 2),
            "cores": os.cpu_count(),
            "rounds": given.rounds,
            "tracks": [clip.name for clip in tracks()],
            "rows": rows,
            "projection": {"tracks": TRACKS, "minutes": MINUTES, "cores": 2, "hours": round(hours, 1)},
        }
        RESULTS.write_text(json.dumps(result, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
