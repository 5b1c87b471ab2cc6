"""How far is our loudness from FFmpeg's `ebur128`?

    ./dev bench analysis/loudness CLIPS FOLDER            a third of the clips of the half to build on, and odd files
    ./dev bench analysis/loudness CLIPS FOLDER --write    keeps bench/results/analysis_loudness.json

CLIPS is what `render` wrote; odd files are made of its clips in FOLDER by FFmpeg: other rates, mono, 5.1, 7.1, hot enough for
peaks between samples above full scale, very quiet. FFmpeg says its numbers to three decimals in its metadata (the peak as a
factor, so a quiet one is said less exactly). Differences are ours minus FFmpeg's, in LU and dB.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from bench.analysis.hearing import truths  # noqa: E402
from segue.analysis.decode import blocks  # noqa: E402
from segue.analysis.loudness.part import LoudnessPart  # noqa: E402

RESULTS = ROOT / "bench" / "results" / "analysis_loudness.json"
STEREO: dict[str, list[str]] = {
    **{
        f"{rate // 1000} kHz": ["-ar", str(rate)]
        for rate in (8_000, 11_025, 22_050, 32_000, 48_000, 88_200, 96_000, 192_000)
    },
    "mono": ["-ac", "1"],
    "24 bit": ["-sample_fmt", "s32"],
    "hot": ["-af", "volume=9dB,alimiter=limit=1:level=0:attack=0.1:release=5"],
    "quiet": ["-af", "volume=-38dB", "-sample_fmt", "s32"],
    "with silence": ["-af", "apad=pad_dur=20"],
}
SURROUND = {"5.1": (3, "5.1"), "7.1": (4, "7.1"), "quad": (2, "quad")}


def ffmpeg(*args: str) -> str:
    ran = subprocess.run(
        ["ffmpeg", "-hide_banner", "-nostats", "-y", *args], capture_output=True, text=True, check=True
    )
    return ran.stdout


def theirs(path: Path) -> dict[str, float | None]:
    """What FFmpeg says of a file: its last word on each."""
    text = ffmpeg("-i", str(path), "-af", "ebur128=peak=true:metadata=1,ametadata=mode=print:file=-", "-f", "null", "-")

    def last(name: str) -> float:
        return float(re.findall(rf"lavfi\.r128\.{name}=(\S+)", text)[-1])

    peak = last("true_peak")
    return {"integrated": last("I"), "range": last("LRA"), "true_peak": 20 * math.log10(peak) if peak > 0 else None}


def ours(path: Path) -> dict[str, float | None]:
    """What our part says of it."""
    part = LoudnessPart()
    with blocks(path) as decoded:
        for block in decoded:
            part.hear(block)
    heard = part.found()
    return {"integrated": heard.integrated, "range": heard.range, "true_peak": heard.true_peak}


def odd_files(sources: list[Path], folder: Path) -> dict[str, Path]:
    """Each kind once, from the first clips."""
    folder.mkdir(parents=True, exist_ok=True)
    found = {}
    for at, (name, options) in enumerate(STEREO.items()):
        path = found[name] = folder / f"{name.replace(' ', '-')}.flac"
        if not path.exists():
            ffmpeg("-i", str(sources[at % len(sources)]), *options, str(path))
    for name, (count, layout) in SURROUND.items():
        path = found[name] = folder / f"{name}.flac"
        if not path.exists():
            inputs = [word for source in sources[:count] for word in ("-i", str(source))]
            joined = "".join(f"[{at}:a]" for at in range(count)) + f"amerge=inputs={count},"
            channels = "|".join(f"c{at}=c{at}" for at in range(2 * count))
            ffmpeg(*inputs, "-filter_complex", f"{joined}pan={layout}|{channels}[a]", "-map", "[a]", str(path))
    return found


def apart(name: str, path: Path) -> dict[str, Any]:
    one, other = ours(path), theirs(path)
    found: dict[str, Any] = {"file": name, "ours": one, "ffmpeg": other}
    for what in ("integrated", "range", "true_peak"):
        mine, yours = one[what], other[what]
        found[what] = None if mine is None or yours is None else round(mine - yours, 3)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="Loudness beside FFmpeg's.")
    parser.add_argument("clips", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=int, default=3)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    if shutil.which("ffmpeg") is None:
        sys.exit("ffmpeg is not installed: there is nothing to compare with")
    files = [given.clips / "build" / f"{truth['clip']}.flac" for truth in truths(given.clips, "build")]
    rows = [apart(path.stem, path) for path in files[:: given.every]]
    odd = [apart(name, path) for name, path in odd_files(files[:: given.every], given.folder).items()]
    worst: dict[str, Any] = {}
    for group, of in (("clips", rows), ("odd files", odd)):
        worst[group] = {
            what: max((abs(row[what]) for row in of if row[what] is not None), default=None)
            for what in ("integrated", "range", "true_peak")
        }
        print(f"{group} ({len(of)}): largest differences {worst[group]}")
    for row in odd:
        print(
            f"{row['file']:14} {row['integrated']!s:>8} LU {row['range']!s:>8} LU {row['true_peak']!s:>8} dB   {row['ours']}"
        )
    for row in sorted(rows, key=lambda row: -abs(row["true_peak"] or 0))[:5]:
        print(json.dumps(row))
    if given.write:
        version = ffmpeg("-version").splitlines()[0]
        RESULTS.write_text(
            json.dumps({"ffmpeg": version, "largest": worst, "odd": odd, "clips": rows}, indent=1) + "\n", "utf-8"
        )


if __name__ == "__main__":
    main()
