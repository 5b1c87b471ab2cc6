"""How right is `segue live explain`? Grouping, source types, titles and ranking against the real recordings of 1965–1976.

    ./dev bench live/explain            tables
    ./dev bench live/explain --write    and bench/results/live_explain.json

The command is run as a person runs it, and its lines are compared with the recordings that each known show lists and with
the labels of source types. Every figure is given for all years, and for stretches of years by themselves: the command then
sees nothing but the recordings and setlists of those years. The same with dates, titles or setlists taken away. Labels
that an item's own words deny (a soundboard by identifier and source, called an audience recording) are counted apart.

SEGUE_REFERENCE names the folder with the reference data; without it there is nothing to compare with.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
RESULTS = HERE.parent / "results" / "live_explain.json"
STRETCHES = ("1965", "1976"), ("1965", "1968"), ("1969", "1970"), ("1971", "1972"), ("1973", "1976")
Row = dict[str, Any]
Pair = tuple[str, str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="keep the figures in bench/results")
    parser.add_argument("--wrong", action="store_true", help="list every pair and label that is wrong")
    given = parser.parse_args()
    folder = Path(os.environ.get("SEGUE_REFERENCE", "")) / "live"
    if not (folder / "recordings-1965-1976.jsonl.gz").is_file():
        sys.exit("SEGUE_REFERENCE does not name a folder with live/recordings-1965-1976.jsonl.gz")
    items = _rows(folder / "recordings-1965-1976.jsonl.gz")
    shows = _rows(folder / "shows-1965-1976.jsonl.gz")
    found: list[Row] = []
    for first, last in STRETCHES:
        some = [row for row in items if first <= row["date"][:4] <= last]
        known = [row for row in shows if first <= row["date"][:4] <= last]
        found.append(
            figures(f"{first}-{last}", some, known, known, wrong=given.wrong and (first, last) == STRETCHES[0])
        )
        print(json.dumps(found[-1]))
    for name, change in VARIANTS.items():
        setlists: Sequence[Row] = () if name == "no setlists" else shows
        found.append(figures(f"1965-1976, {name}", [change(row) for row in items], shows, setlists, labels=items))
        print(json.dumps(found[-1]))
    before = [row for row in shows if row["date"] < "1973"]
    later = [row for row in items if row["date"] >= "1973"]
    known = [row for row in shows if row["date"] >= "1973"]
    found.append(figures("1973-1976 with the setlists of 1965-1972 only", later, known, before))
    print(json.dumps(found[-1]))
    if given.write:
        RESULTS.write_text(json.dumps({"load": os.getloadavg()[0], "rows": found}, indent=1) + "\n", "utf-8")


VARIANTS: dict[str, Callable[[Row], Row]] = {
    "no dates": lambda row: row | {"date": None},
    "no dates and no titles": lambda row: row | {"date": None, "title": None},
    "no venues": lambda row: row | {"venue": "", "location": ""},
    "no setlists": lambda row: row,
}


def figures(
    name: str,
    items: Sequence[Row],
    shows: Sequence[Row],
    setlists: Sequence[Row],
    *,
    labels: Sequence[Row] = (),
    wrong: bool = False,
) -> Row:
    """The figures of one run; `shows` are the truth, `setlists` what the command is given."""
    lines, wall, cpu = run(items, setlists)
    by_name = {line["identifier"]: line for line in lines}
    concerts: dict[str, list[str]] = defaultdict(list)
    for line in lines:
        for key in line["concerts"]:
            concerts[key].append(line["identifier"])
    listed = {identifier for show in shows for identifier in show["recordings"]} & by_name.keys()
    true = pairs([show["recordings"] for show in shows], listed)
    made = pairs(concerts.values(), listed)
    dates: dict[str, int] = defaultdict(int)
    for show in shows:
        dates[show["date"]] += 1
    several = {
        identifier
        for show in shows
        if dates[show["date"]] > 1
        for identifier in show["recordings"]
        if identifier in by_name
    }
    true_several = {pair for pair in true if pair[0] in several}
    made_several = {pair for pair in made if pair[0] in several}
    labelled = [row for row in labels or items if LABELS.get(row["source_type"])]
    right = [row for row in labelled if by_name[row["identifier"]]["source_type"] == LABELS[row["source_type"]]]
    denied = {row["identifier"] for row in labelled if is_denied(row)}
    sound = [row for row in labelled if row["identifier"] not in denied]
    titles = [song for line in lines for song in line["songs"]]
    if wrong:
        _print_wrong(true, made, labelled, by_name, denied)
    return {
        "what": name,
        "recordings": len(items),
        "pairs": len(true),
        "pair_precision": share(len(true & made), len(made)),
        "pair_recall": share(len(true & made), len(true)),
        "pairs_of_days_with_several_shows": len(true_several),
        "several_precision": share(len(true_several & made_several), len(made_several)),
        "several_recall": share(len(true_several & made_several), len(true_several)),
        "labelled": len(labelled),
        "source_type": share(len(right), len(labelled)),
        "labels_denied_by_the_item": len(denied),
        "source_type_of_the_others": share(sum(row["identifier"] not in denied for row in right), len(sound)),
        "titles": len(titles),
        "titles_resolved": share(sum(song["kind"] != "unknown" for song in titles), len(titles)),
        "songs_within_the_show": within(shows, by_name),
        "top_ranked_complete": complete(shows, by_name),
        "wall_s": round(wall, 2),
        "cpu_s": round(cpu, 2),
    }


def run(items: Sequence[Row], setlists: Sequence[Row]) -> tuple[list[Row], float, float]:
    """The command's lines, with its wall and processor time from process start to end, in seconds."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / "items.jsonl.gz", Path(folder) / "setlists.jsonl.gz"]
        for path, rows in zip(paths, (items, setlists), strict=True):
            hidden = [
                {key: value for key, value in row.items() if key not in ("source_type", "recordings")} for row in rows
            ]
            path.write_bytes(gzip.compress("\n".join(map(json.dumps, hidden)).encode()))
        command = [sys.executable, "-m", "segue", "live", "explain", "--items", str(paths[0]), "--json"]
        if setlists:
            command += ["--setlists", str(paths[1])]
        before = os.times()
        start = time.monotonic()
        answer = subprocess.run(command, capture_output=True, check=True)
        wall = time.monotonic() - start
        after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return [json.loads(line) for line in answer.stdout.decode().split("\n") if line], wall, cpu


def pairs(groups: Iterable[Sequence[str]], of: set[str]) -> set[Pair]:
    """Every two recordings that share a group, of those in `of`."""
    return {pair for group in groups for pair in itertools.combinations(sorted(of.intersection(group)), 2)}


def share(part: int, whole: int) -> float | None:
    return round(part / whole, 5) if whole else None


# --- titles and ranking ----------------------------------------------------------------------------------------------


def within(shows: Sequence[Row], by_name: Mapping[str, Row]) -> float | None:
    """Of the songs heard in recordings of shows with a setlist, how many are on that night's setlists."""
    nights = _nights(shows)
    inside = heard = 0
    for show in shows:
        for identifier in show["recordings"]:
            songs = nights[show["date"]]
            if not songs or identifier not in by_name:
                continue
            for song in by_name[identifier]["songs"]:
                if song["song"]:
                    heard += 1
                    inside += plain(song["song"]) in songs
    return share(inside, heard)


def complete(shows: Sequence[Row], by_name: Mapping[str, Row]) -> float | None:
    """Of the concerts in which a recording holds nine tenths of the setlist, in how many the first one does."""
    best: dict[str, float] = defaultdict(float)
    first: dict[str, float] = {}
    for line in by_name.values():
        for place in line["places"]:
            if place["completeness"] is None:
                continue
            best[place["concert"]] = max(best[place["concert"]], place["completeness"])
            if place["rank"] == 1:
                first[place["concert"]] = place["completeness"]
    asked = [key for key, value in best.items() if value >= 0.9]
    return share(sum(first.get(key, 0.0) >= 0.9 for key in asked), len(asked))


def _nights(shows: Sequence[Row]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for show in shows:
        for one in show["setlist"] or ():
            found[show["date"]] |= {plain(song["name"]) for song in one["songs"]}
    return found


def plain(name: str) -> str:
    """A song's name without marks of footnotes, case and punctuation."""
    return re.sub(r"[\W_]+", "", name.casefold())


# --- labels ----------------------------------------------------------------------------------------------------------

LABELS = {"SBD": "SBD", "AUD": "AUD", "MATRIX": "MTX", "FM": "FM"}
_SAYS = {
    "SBD": re.compile(r"\bsbds?\b|sound ?board|\bmsr\b|\bsdb\b|betty|\bboard\b", re.IGNORECASE),
    "AUD": re.compile(
        r"\baud(?:\b|m[rc]|ience)|fob|\bmics?\b|mikes?\b|microphone|akg|schoeps|neumann|senn|beyer|shure|ecm|\bnak[137]00|\bMAC\b|f-?9[569]"
    ),
    "MTX": re.compile(r"matrix|\bmtx|\bdts\b|5[.-]1\b", re.IGNORECASE),
}  # fmt: skip


def is_denied(row: Row) -> bool:
    """Whether the item's own words contradict its label: an audience label where only a soundboard is named, or a label
    of one source where a matrix or a mix for surround sound is named."""
    text = " ".join(
        (
            re.sub(r"[._-]", " ", row["identifier"]),
            row.get("source") or "",
            (row.get("lineage") or "") if not row.get("source") else "",
        )
    )
    if row["source_type"] == "AUD" and _SAYS["SBD"].search(text) and not _SAYS["AUD"].search(text):
        return True
    return row["source_type"] in ("SBD", "AUD") and bool(
        re.search(r"(?:^|[._-])(?:mtx|matrix|dts|5-1)(?:[._-]|$)", row["identifier"], re.IGNORECASE)
    )


def _print_wrong(
    true: set[Pair], made: set[Pair], labelled: Sequence[Row], by_name: Mapping[str, Row], denied: set[str]
) -> None:
    for pair in sorted(made - true):
        print("together, listed apart:", *pair)
    for pair in sorted(true - made):
        print("apart, listed together:", *pair)
    for row in labelled:
        said = by_name[row["identifier"]]["source_type"]
        if said != LABELS[row["source_type"]]:
            note = "label denied by the item: " if row["identifier"] in denied else ""
            print(
                f"{note}labelled {row['source_type']}, said {said}: {row['identifier']} | {(row.get('source') or '')[:160]}"
            )


def _rows(path: Path) -> list[Row]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


if __name__ == "__main__":
    main()
