"""How long until Segue is there: `segue --help` in CPU seconds, and ready on an existing database.

Each figure is the median of several runs, with the smallest and largest beside it. Run it on an otherwise idle machine.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

RESULTS = Path(__file__).parent / "results" / "start.json"
SEGUE = [sys.executable, "-m", "segue"]
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed Segue has its modules compiled


def help_cpu_s() -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([*SEGUE, "--help"], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_s(data: Path) -> tuple[float, float]:
    """Seconds until /health/live and until /health/ready answer 200."""
    port = free_port()
    began = time.perf_counter()
    process = subprocess.Popen(
        [*SEGUE, "serve", "--data-dir", str(data), "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    live = None
    try:
        while True:
            for path in ("live", "ready"):
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/{path}", timeout=5):
                        took = time.perf_counter() - began
                except (urllib.error.URLError, ConnectionError, TimeoutError):
                    break
                live = live if live is not None else took
                if path == "ready":
                    return live, took
            time.sleep(0.01)
    finally:
        process.terminate()
        process.wait()


def spread(values: list[float]) -> dict[str, float]:
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--dry", action="store_true", help="do not write the results file")
    given = parser.parse_args()
    help_cpu_s()
    figures = {"help_cpu_s": spread([help_cpu_s() for _ in range(given.runs)])}
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        first = start_s(data)
        runs = [start_s(data) for _ in range(given.runs)]
    figures["first_start_ready_s"] = spread([first[1]])
    figures["live_s"] = spread([run[0] for run in runs])
    figures["ready_s"] = spread([run[1] for run in runs])
    print(f"{'figure':<24}{'median':>10}{'min':>10}{'max':>10}")
    for name, value in figures.items():
        print(f"{name:<24}{value['median']:>10.3f}{value['min']:>10.3f}{value['max']:>10.3f}")
    load = os.getloadavg()[0]
    print(f"load average {load:.1f} on {os.cpu_count()} cores")
    if not given.dry:
        machine = {"cores": os.cpu_count(), "python": platform.python_version(), "load_1m": round(load, 1)}
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps({"machine": machine, "runs": given.runs, "figures": figures}, indent=2) + "\n")


if __name__ == "__main__":
    main()
