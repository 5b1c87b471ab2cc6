"""Answers and truth into figures: per kind and per instrument set, margins over Essentia with their ranges, what fails."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bench.analysis import metrics
from bench.analysis.hearing import Answers, Truth

ESSENTIA_TEMPO = ("essentia degara", "essentia multifeature", "essentia percival")
ESSENTIA_KEY = ("essentia bgate", "essentia krumhansl", "essentia temperley", "essentia edma")
STEADY = ("steady", "half_time", "double_time", "modulating", "detuned", "percussion_only", "fading")
"""Kinds whose tempo does not move and whose beat is not hidden on purpose."""

Marks = dict[str, dict[str, list[float]]]
"""By tool and measure, a number a clip, in the order of the clips."""


def tempo_marks(known: Sequence[Truth], answers: Answers) -> Marks:
    """acc1, acc2, acc1_1 (within 1 %), f (of tools that say beats)."""
    found: Marks = {}
    for tool in tools(answers, "tempo"):
        marks: dict[str, list[float]] = defaultdict(list)
        for truth in known:
            answer = answers[truth["clip"]]["tempo"].get(tool) or {"bpm": None, "beats_ms": None}
            marks["acc1"].append(float(metrics.within(answer["bpm"], truth["bpm"])))
            marks["acc2"].append(float(metrics.octave_within(answer["bpm"], truth["bpm"])))
            marks["acc1_1"].append(float(metrics.within(answer["bpm"], truth["bpm"], 0.01)))
            if answer["beats_ms"] is not None:
                marks["f"].append(metrics.beat_f(answer["beats_ms"], truth["beats_ms"]))
        found[tool] = dict(marks)
    return found


def key_marks(known: Sequence[Truth], answers: Answers) -> Marks:
    """mirex and exact, over clips with a key."""
    found: Marks = {}
    for tool in tools(answers, "key"):
        marks: dict[str, list[float]] = {"mirex": [], "exact": []}
        for truth in known:
            answer = answers[truth["clip"]]["key"].get(tool) or {"tonic": None, "mode": None}
            score = metrics.key_score(answer["tonic"], answer["mode"], truth["tonic"], truth["mode"])
            marks["mirex"].append(score)
            marks["exact"].append(float(score == 1))
        found[tool] = marks
    return found


def tools(answers: Answers, what: str) -> list[str]:
    """Every tool that answered, ours first."""
    names = {name for answer in answers.values() for name in answer[what]}
    return sorted(names, key=lambda name: (name != "ours", not name.startswith("essentia"), name))


def summary(marks: Marks) -> dict[str, dict[str, float]]:
    return {
        tool: {name: round(float(np.mean(one)), 4) for name, one in of.items() if one} for tool, of in marks.items()
    }


def margins(marks: Marks, measure: str, rivals: Sequence[str]) -> dict[str, Any] | None:
    """Ours against the best of the rivals on these very clips (which flatters them: each set of clips has its own best)."""
    there = [name for name in rivals if name in marks and marks[name].get(measure)]
    if "ours" not in marks or not there:
        return None
    best = max(there, key=lambda name: float(np.mean(marks[name][measure])))
    mean, low, high = metrics.margin(marks["ours"][measure], marks[best][measure])
    return {"over": best, "margin": round(mean, 4), "low": round(low, 4), "high": round(high, 4)}


def grouped(known: Sequence[Truth], by: str) -> dict[str, list[Truth]]:
    groups: dict[str, list[Truth]] = {"all": list(known)}
    for truth in known:
        groups.setdefault(truth[by], []).append(truth)
    return groups


def figures(known: Sequence[Truth], answers: Answers) -> dict[str, Any]:
    """All figures of a run, as the results file holds them."""
    pitched = [truth for truth in known if truth["tonic"] is not None]
    found: dict[str, Any] = {"clips": len(known), "clips_with_key": len(pitched)}
    for by in ("kind", "set"):
        tempo = {name: tempo_marks(group, answers) for name, group in grouped(known, by).items()}
        key = {name: key_marks(group, answers) for name, group in grouped(pitched, by).items()}
        found[f"tempo_by_{by}"] = {
            name: {
                "clips": len(grouped(known, by)[name]),
                **summary(marks),
                "margin_acc1": margins(marks, "acc1", ESSENTIA_TEMPO),
            }
            for name, marks in tempo.items()
        }
        found[f"key_by_{by}"] = {
            name: {
                "clips": len(grouped(pitched, by)[name]),
                **summary(marks),
                "margin_mirex": margins(marks, "mirex", ESSENTIA_KEY),
            }
            for name, marks in key.items()
        }
    whole = tempo_marks(known, answers)
    found["tempo_margins"] = {
        measure: margins(whole, measure, ESSENTIA_TEMPO) for measure in ("acc1", "acc2", "acc1_1", "f")
    }
    whole_key = key_marks(pitched, answers)
    found["key_margins"] = {measure: margins(whole_key, measure, ESSENTIA_KEY) for measure in ("mirex", "exact")}
    steady = tempo_marks([truth for truth in known if truth["kind"] in STEADY], answers)
    found["steady"] = {"kinds": STEADY, **summary(steady), "margin_f": margins(steady, "f", ESSENTIA_TEMPO)}
    found["ranges"] = {
        "tempo": {
            name: [round(edge, 4) for edge in metrics.bootstrap(one)] for name, one in whole.get("ours", {}).items()
        },
        "key": {
            name: [round(edge, 4) for edge in metrics.bootstrap(one)] for name, one in whole_key.get("ours", {}).items()
        },
    }
    found["confidence"] = confidence(known, pitched, answers)
    found["misses"] = misses(known, pitched, answers)
    found["downbeats_f"] = round(_downbeats(known, answers), 4)
    found["modulations"] = modulations(known, answers)
    found["tuning_error_cents"] = tuning(known, answers)
    return found


def confidence(known: Sequence[Truth], pitched: Sequence[Truth], answers: Answers) -> dict[str, Any]:
    """Of ours: quartiles and calibration error, tempo by Accuracy1, key by exact answers."""
    found: dict[str, Any] = {}
    cases: dict[str, tuple[Sequence[Truth], Callable[[dict[str, Any], Truth], bool]]] = {
        "tempo": (known, lambda answer, truth: metrics.within(answer["bpm"], truth["bpm"])),
        "key": (pitched, lambda answer, truth: (answer["tonic"], answer["mode"]) == (truth["tonic"], truth["mode"])),
    }
    for what, (clips, is_right) in cases.items():
        said = [answers[truth["clip"]][what]["ours"]["confidence"] for truth in clips]
        right = [is_right(answers[truth["clip"]][what]["ours"], truth) for truth in clips]
        groups = [
            {name: round(number, 4) for name, number in group.items()} for group in metrics.quartiles(said, right)
        ]
        found[what] = {"quartiles": groups, "calibration_error": round(metrics.calibration_error(said, right), 4)}
    return found


def misses(known: Sequence[Truth], pitched: Sequence[Truth], answers: Answers) -> dict[str, Any]:
    """How each tool misses, counted, and every miss of ours by name."""
    tempo = {
        tool: dict(
            Counter(metrics.ratio(answers[truth["clip"]]["tempo"][tool]["bpm"], truth["bpm"]) for truth in known)
        )
        for tool in tools(answers, "tempo")
    }
    key = {
        tool: dict(
            Counter(
                metrics.key_relation(*_key(answers, truth, tool), truth["tonic"], truth["mode"]) for truth in pitched
            )
        )
        for tool in tools(answers, "key")
    }
    ours: list[dict[str, Any]] = []
    for truth in known:
        answer = answers[truth["clip"]]["tempo"]["ours"]
        how = metrics.ratio(answer["bpm"], truth["bpm"])
        if how != "1":
            rivals = [name for name in ESSENTIA_TEMPO if _right(answers, truth, name)]
            ours.append(
                {"clip": truth["clip"], "style": truth["style"], "what": "tempo", "true": round(truth["bpm"], 1),
                 "said": answer["bpm"] and round(answer["bpm"], 1), "how": how, "confidence": round(answer["confidence"], 2),
                 "right": rivals}
            )  # fmt: skip
    for truth in pitched:
        tonic, mode = _key(answers, truth, "ours")
        how = metrics.key_relation(tonic, mode, truth["tonic"], truth["mode"])
        if how != "exact":
            rivals = [
                name
                for name in tools(answers, "key")
                if name != "ours" and _key(answers, truth, name) == (truth["tonic"], truth["mode"])
            ]
            ours.append(
                {"clip": truth["clip"], "style": truth["style"], "what": "key", "true": f"{truth['tonic']} {truth['mode']}",
                 "said": f"{tonic} {mode}", "how": how, "right": rivals,
                 "confidence": round(answers[truth["clip"]]["key"]["ours"]["confidence"], 2)}
            )  # fmt: skip
    return {"tempo": tempo, "key": key, "ours": ours}


def _right(answers: Answers, truth: Truth, tool: str) -> bool:
    answer = answers[truth["clip"]]["tempo"].get(tool)
    return bool(answer and metrics.within(answer["bpm"], truth["bpm"]))


def _key(answers: Answers, truth: Truth, tool: str) -> tuple[int | None, str | None]:
    answer = answers[truth["clip"]]["key"].get(tool) or {}
    return answer.get("tonic"), answer.get("mode")


def _downbeats(known: Sequence[Truth], answers: Answers) -> float:
    """Our downbeats, measured as beats are, over clips with a bar that is struck."""
    struck = [truth for truth in known if truth["kind"] not in ("rubato", "no_percussion")]
    found = [
        metrics.beat_f(answers[truth["clip"]]["tempo"]["ours"]["downbeats_ms"], truth["downbeats_ms"])
        for truth in struck
    ]
    return float(np.mean(found)) if found else 0.0


def modulations(known: Sequence[Truth], answers: Answers) -> dict[str, float]:
    """Over modulating clips: the share of the time in which the key of the moment is right, by our segments and by one key
    for all; and in how many of the clips that do not modulate ours says one segment."""
    by_segments, by_one, single = [], [], []
    for truth in known:
        answer = answers[truth["clip"]]["key"]["ours"]
        if truth["tonic"] is None or answer["tonic"] is None:
            continue
        if truth["kind"] != "modulating":
            single.append(float(len(answer["segments"]) <= 1))
            continue
        said = answer["segments"] or [[0, 10**9, answer["tonic"], answer["mode"]]]
        one = [[0, 10**9, answer["tonic"], answer["mode"]]]
        for segments, into in ((said, by_segments), (one, by_one)):
            right = sum(
                max(0, min(end, part["end_ms"]) - max(start, part["start_ms"]))
                for start, end, tonic, mode in segments
                for part in truth["key_segments"]
                if (tonic, mode) == (part["tonic"], part["mode"])
            )
            into.append(right / (truth["key_segments"][-1]["end_ms"] - truth["key_segments"][0]["start_ms"]))
    names = {"by segments": by_segments, "by one key": by_one, "one segment where nothing modulates": single}
    return {name: round(float(np.mean(of)), 4) for name, of in names.items() if of}


def tuning(known: Sequence[Truth], answers: Answers) -> dict[str, float]:
    """Over detuned clips: how far our tuning is from the true one, around the circle of a semitone."""
    off = []
    for truth in known:
        said = answers[truth["clip"]]["key"]["ours"]["tuning_cents"]
        if truth["kind"] == "detuned" and said is not None:
            off.append(abs((said - truth["detune_cents"] + 50) % 100 - 50))
    return {"median": round(float(np.median(off)), 1), "largest": round(float(np.max(off)), 1)} if off else {}


def shown(found: dict[str, Any]) -> str:
    """The figures as tables for a terminal."""
    lines: list[str] = []
    names = [name for name in ("ours", *ESSENTIA_TEMPO, "librosa", "aubio") if name in found["tempo_by_kind"]["all"]]
    short = {"essentia degara": "degara", "essentia multifeature": "multifeat", "essentia percival": "percival"}
    for by in ("kind", "set"):
        lines.append("tempo: Accuracy1/Accuracy2 F (in %), margin of Accuracy1 over Essentia's best on these clips")
        lines.append(f"{'':17}{'n':>4} " + "".join(f"{short.get(name, name):>14}" for name in names))
        for group, of in found[f"tempo_by_{by}"].items():
            cells = "".join(_tempo_cell(of[name]) for name in names)
            lines.append(f"{group:17}{of['clips']:4} {cells} {_margin(of['margin_acc1'])}")
        lines.append("")
    names = [name for name in ("ours", *ESSENTIA_KEY) if name in found["key_by_kind"]["all"]]
    for by in ("kind", "set"):
        lines.append("key: MIREX score (exact), margin of the score over Essentia's best profile on these clips")
        lines.append(f"{'':17}{'n':>4} " + "".join(f"{name.removeprefix('essentia '):>14}" for name in names))
        for group, of in found[f"key_by_{by}"].items():
            cells = "".join(f"{100 * of[name]['mirex']:8.1f} ({100 * of[name]['exact']:3.0f})" for name in names)
            lines.append(f"{group:17}{of['clips']:4} {cells}  {_margin(of['margin_mirex'])}")
        lines.append("")
    steady = {name: of["f"] for name, of in found["steady"].items() if isinstance(of, dict) and "f" in of}
    lines.append(f"steady kinds, beat F: {steady}")
    lines.append(f"downbeats F of ours: {found['downbeats_f']}")
    lines.append(f"modulating clips, share of the time in the right key: {found['modulations']}")
    lines.append(f"tuning of detuned clips, off by (cents): {found['tuning_error_cents']}")
    for what in ("tempo", "key"):
        groups = " ".join(
            f"[{group['mean']:.2f}: {100 * group['right']:.0f} %]" for group in found["confidence"][what]["quartiles"]
        )
        lines.append(
            f"{what} confidence by quartile: {groups}, calibration error {found['confidence'][what]['calibration_error']}"
        )
    lines.append("how tempo misses: " + "; ".join(f"{tool} {of}" for tool, of in found["misses"]["tempo"].items()))
    lines.append("how key misses: " + "; ".join(f"{tool} {of}" for tool, of in found["misses"]["key"].items()))
    return "\n".join(lines)


def _tempo_cell(of: dict[str, float]) -> str:
    beats = f" F{100 * of['f']:3.0f} " if "f" in of else "      "
    return f"{100 * of['acc1']:4.0f}/{100 * of['acc2']:3.0f}{beats}"


def _margin(given: dict[str, Any] | None) -> str:
    if given is None:
        return ""
    low, high = 100 * given["low"], 100 * given["high"]
    return f"{100 * given['margin']:+6.1f} [{low:+.1f}, {high:+.1f}] over {given['over'].removeprefix('essentia ')}"
