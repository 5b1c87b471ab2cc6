"""How many titles of real recordings become songs, are they songs of their own night, and is the recording put first complete?

    ./dev bench live/titles              the recordings named by SEGUE_REFERENCE; prints the figures
    ./dev bench live/titles --write      keeps them in bench/results/live_titles.json

The truth of which show a recording is of comes from the reference and is used for measuring alone. Held out are: the short
names learnt from recordings (from other years, or none), all setlists and recordings of the year that is asked about, and
every setlist there is. `strictly inside` wants the very spelling of the show's own setlist, footnote marks and all.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from segue.live.facts import facts_of  # noqa: E402
from segue.live.ranking import rank  # noqa: E402
from segue.live.reading import read_items, read_setlists  # noqa: E402
from segue.live.records import Heard, Item, Setlist  # noqa: E402
from segue.live.titles import Night, Vocabulary, heard_of  # noqa: E402

RESULTS = ROOT / "bench" / "results" / "live_titles.json"
Years = Callable[[int], bool]


class Ground:
    """Recordings, setlists, and which show each recording is of."""

    def __init__(self, folder: Path) -> None:
        self.items = read_items(folder / "recordings-1965-1976.jsonl.gz")
        self.setlists = read_setlists(folder / "shows-1965-1976.jsonl.gz")
        self.shows: dict[str, list[str]] = {}
        by_show = {one.show_id: one for one in self.setlists}
        shows_of: dict[str, list[Setlist]] = defaultdict(list)
        with gzip.open(folder / "shows-1965-1976.jsonl.gz", "rt", encoding="utf-8") as rows:
            for line in rows:
                row = json.loads(line)
                self.shows[row["show_id"]] = row["recordings"]
                for identifier in row["recordings"]:
                    shows_of[identifier].append(by_show[row["show_id"]])
        self.own = {name: shows[0] for name, shows in shows_of.items() if len(shows) == 1 and shows[0].sets}

    def nights(self, years: Years) -> list[Night]:
        return [
            Night([track.title for track in item.tracks], self.own[item.identifier])
            for item in self.items
            if item.identifier in self.own and years(year_of(item))
        ]

    def of(self, years: Years) -> list[Item]:
        return [item for item in self.items if years(year_of(item))]


def year_of(item: Item) -> int:
    return int(item.date[:4]) if item.date[:4].isdigit() else 0


def every(_: int) -> bool:
    return True


def none(_: int) -> bool:
    return False


def early(year: int) -> bool:
    return year <= 1970


def late(year: int) -> bool:
    return year >= 1971


def figures_of(vocabulary: Vocabulary, items: Sequence[Item], own: Mapping[str, Setlist]) -> dict[str, Any]:
    pieces = unknown = songs = inside = strictly = 0
    for item in items:
        show = own.get(item.identifier)
        names = vocabulary.songs_of(show) if show else frozenset()
        written = {song.name for song in show.songs} if show else set()
        for one in heard_of(item, vocabulary, setlist=show):
            pieces += 1
            unknown += one.kind == "unknown"
            if one.song is not None and show:
                songs += 1
                inside += one.song in names
                strictly += one.song in written
    return {
        "recordings": len(items),
        "pieces": pieces,
        "resolved": round(1 - unknown / pieces, 4),
        "inside_own_setlist": round(inside / songs, 4),
        "strictly_inside": round(strictly / songs, 4),
    }


def held_out(ground: Ground) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    for name, learnt, asked in (
        ("no short names learnt", none, every),
        ("short names of 1965-1970, asked about 1971-1976", early, late),
        ("short names of 1971-1976, asked about 1965-1970", late, early),
    ):
        vocabulary = Vocabulary.learn(ground.setlists, nights=ground.nights(learnt))
        figures[name] = figures_of(vocabulary, ground.of(asked), ground.own)
    years: dict[str, float] = {}
    for year in range(1966, 1977):
        others = Vocabulary.learn(
            [one for one in ground.setlists if one.date[:4] != str(year)],
            nights=ground.nights(lambda other, year=year: other != year),  # type: ignore[misc]
        )
        of_year = ground.of(lambda other, year=year: other == year)  # type: ignore[misc]
        years[str(year)] = figures_of(others, of_year, ground.own)["resolved"]
    figures["resolved in a year that nothing was learnt from"] = years
    return figures


def without_setlists(ground: Ground) -> dict[str, Any]:
    """Songs learnt from recordings alone, beside those learnt from setlists."""
    known = Vocabulary.learn(ground.setlists)
    begun = time.process_time()
    alone = Vocabulary.learn([], [[track.title for track in item.tracks] for item in ground.items])
    spent = time.process_time() - begun
    told = same = unknown = pieces = 0
    for item in ground.items:
        for track in item.tracks:
            found, truth = alone.heard(track.title), known.heard(track.title)
            pieces += len(found)
            unknown += sum(one.kind == "unknown" for one in found)
            if len(truth) == len(found) == 1 and truth[0].song:
                told += 1
                same += found[0].song is not None and known.name_of(found[0].song) == truth[0].song
    return {
        "songs": len(alone.songs),
        "resolved": round(1 - unknown / pieces, 4),
        "same_song_as_with_setlists": round(same / told, 4),
        "cpu_s": round(spent, 2),
    }


def ranking(ground: Ground, vocabulary: Vocabulary, heard: Mapping[str, list[Heard]]) -> dict[str, Any]:
    """Does the first hold nine tenths of the setlist wherever one recording does?"""
    items = {item.identifier: item for item in ground.items}
    facts = {name: facts_of(item) for name, item in items.items()}
    by_show = {one.show_id: one for one in ground.setlists}
    shows = possible = ranked_first = rated_first = 0
    spent = 0.0
    for show_id, names in ground.shows.items():
        night = by_show[show_id]
        here = [items[name] for name in names if name in items]
        if not here or not night.sets:
            continue
        songs = vocabulary.songs_of(night)
        share = {
            item.identifier: len(songs & {one.song for one in heard[item.identifier]}) / len(songs) for item in here
        }
        shows += 1
        settled = vocabulary.settled(night)
        begun = time.process_time()
        order = rank(here, facts, heard, settled)
        spent += time.process_time() - begun
        if max(share.values()) < 0.9:
            continue
        possible += 1
        ranked_first += share[order[0].identifier] >= 0.9
        rated_first += share[max(here, key=lambda item: item.rating or 0).identifier] >= 0.9
    return {
        "shows": shows,
        "with_a_complete_recording": possible,
        "first_is_complete": ranked_first,
        "first_by_rating_alone_is_complete": rated_first,
        "cpu_s": round(spent, 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    reference = os.environ.get("SEGUE_REFERENCE")
    if not reference:
        sys.exit("SEGUE_REFERENCE names no folder of reference data")
    ground = Ground(Path(reference) / "live")
    nights = ground.nights(every)
    begun = time.process_time()
    vocabulary = Vocabulary.learn(ground.setlists, nights=nights)
    learnt = time.process_time()
    heard = {
        item.identifier: heard_of(item, vocabulary, setlist=ground.own.get(item.identifier)) for item in ground.items
    }
    done = time.process_time()
    figures = {
        "everything": {
            **figures_of(vocabulary, ground.items, ground.own),
            "songs": len(vocabulary.songs),
            "learning_cpu_s": round(learnt - begun, 2),
            "hearing_cpu_s": round(done - learnt, 2),
        },
        "held_out": held_out(ground),
        "without_any_setlist": without_setlists(ground),
        "ranking": ranking(ground, vocabulary, heard),
        "load_average": round(os.getloadavg()[0], 1),
    }
    print(json.dumps(figures, indent=2))
    if arguments.write:
        RESULTS.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
