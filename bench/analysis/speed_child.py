"""Hears one file and says what it cost: a child of `speed`, so that every measurement has a process of its own.

python speed_child.py ours PATH       Segue's interpreter: seconds a part, in all, and the peak memory
python speed_child.py essentia PATH   an interpreter with Essentia: decoding, tempo (degara), key (bgate), EBU R 128
"""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any


def peak_rss_mb() -> float:
    """The most memory this process has had, as the kernel counts it."""
    status = Path("/proc/self/status").read_text("utf-8")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def ours(path: str) -> dict[str, Any]:
    """Seconds by part, with what the engine itself takes (decoding, resampling, mixing down) as the rest."""
    sys.path[:0] = [str(Path(__file__).resolve().parents[2] / "src")]
    from segue.analysis.ours import engine

    parts: dict[str, float] = defaultdict(float)
    whole = engine._Parts._safely

    def timed(self: Any, name: str, do: Callable[..., Any], *args: Any) -> Any:
        began = time.process_time()
        try:
            return whole(self, name, do, *args)
        finally:
            parts[name] += time.process_time() - began

    engine._Parts._safely = timed  # type: ignore[method-assign]
    before = peak_rss_mb()
    ready = time.process_time()
    heard = engine.listen(path)
    seconds = time.process_time() - ready
    parts["decode"] = seconds - sum(parts.values())
    return {
        "audio_s": heard.duration_ms / 1000,
        "seconds": seconds,
        "start_s": ready,
        "parts": dict(parts),
        "rss_before_mb": before,
        "rss_mb": peak_rss_mb(),
        "doubts": [doubt.code for doubt in heard.doubts],
    }


def essentia(path: str) -> dict[str, Any]:
    """The same of Essentia: its own decoder, and of what it offers tempo, key and loudness."""
    import essentia as package
    import essentia.standard as es

    package.log.infoActive = package.log.warningActive = False
    parts: dict[str, float] = {}
    ready = time.process_time()
    stereo, rate, _, _, _, _ = es.AudioLoader(filename=path)()
    mono = es.MonoMixer()(stereo, 2)
    if rate != 44_100:
        mono = es.Resample(inputSampleRate=rate, outputSampleRate=44_100)(mono)
    parts["decode"] = time.process_time() - ready
    work: dict[str, Callable[[], Any]] = {
        "tempo": lambda: es.RhythmExtractor2013(method="degara")(mono),
        "key": lambda: es.KeyExtractor(profileType="bgate")(mono),
        "loudness": lambda: es.LoudnessEBUR128(sampleRate=rate)(stereo),
    }
    for name, do in work.items():
        began = time.process_time()
        do()
        parts[name] = time.process_time() - began
    seconds = time.process_time() - ready
    return {
        "audio_s": len(stereo) / rate,
        "seconds": seconds,
        "start_s": ready,
        "parts": parts,
        "rss_mb": peak_rss_mb(),
    }


if __name__ == "__main__":
    print(json.dumps({"ours": ours, "essentia": essentia}[sys.argv[1]](sys.argv[2])))
