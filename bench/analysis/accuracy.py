"""How right are tempo, beats and key, ours and the field's, on music whose truth is known?

    ./dev bench analysis/accuracy CLIPS                        on the half to build on (CLIPS is what `render` wrote)
    ./dev bench analysis/accuracy CLIPS --misses               and every miss of ours by name
    ./dev bench analysis/accuracy CLIPS --part report --write  on the other half; keeps bench/results/analysis_accuracy.json

Essentia, librosa and aubio are asked in their own processes by the interpreters that have them (`--essentia-python`,
`--librosa-python`, `--aubio-python`); one that is not there is left out and said so. The set is synthetic, which flatters
every tool, and ours most: it was built beside it. The half that is reported was not looked at while building.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from bench.analysis import hearing, tables  # noqa: E402
from bench.analysis.plan import clips  # noqa: E402

RESULTS = ROOT / "bench" / "results" / "analysis_accuracy.json"


def main() -> None:
    parser = argparse.ArgumentParser(description="Accuracy of tempo, beats and key.")
    parser.add_argument("clips", type=Path)
    parser.add_argument("--part", choices=["build", "report"], default="build")
    parser.add_argument("--kind", help="only this kind")
    parser.add_argument("--essentia-python")
    parser.add_argument("--librosa-python", help="the same as for Essentia where not given")
    parser.add_argument("--aubio-python")
    parser.add_argument("--again", action="store_true", help="ask the peers anew")
    parser.add_argument("--misses", action="store_true")
    parser.add_argument("--answers", type=Path, help="keep all answers of ours here, as JSON")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    known = hearing.truths(given.clips, given.part)
    pythons = {
        "essentia": given.essentia_python,
        "librosa": given.librosa_python or given.essentia_python,
        "aubio": given.aubio_python,
    }
    answers, said = hearing.peers(given.clips, given.part, known, pythons, given.again)
    if given.kind:
        known = [truth for truth in known if truth["kind"] == given.kind]
        answers = {truth["clip"]: answers[truth["clip"]] for truth in known}
    found = hearing.ours(given.clips, given.part, known)
    for clip, answer in found.items():
        for what in ("tempo", "key"):
            answers[clip][what] |= answer[what]
    if given.answers:
        given.answers.write_text(json.dumps(found), "utf-8")
    result = tables.figures(known, answers)
    result = {
        "part": given.part,
        "set_clips": len(clips()),
        "peers": said,
        "python": platform.python_version(),
        **result,
    }
    result["seconds"] = {
        "ours, decoding and every part included": round(sum(answer["seconds"] for answer in found.values()), 2),
        "audio": round(sum(truth["seconds"] for truth in known), 1),
    }
    print(tables.shown(result))
    if given.misses:
        for miss in result["misses"]["ours"]:
            print(json.dumps(miss))
    failed = {clip: answer["doubts"] for clip, answer in found.items() if answer["doubts"]}
    if failed:
        print(f"doubts: {failed}")
    for tool, about in said.items():
        print(f"{tool}: {about}")
    if given.write:
        RESULTS.write_text(json.dumps(result, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
