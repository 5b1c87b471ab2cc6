"""What does a search cost? Words, beginnings, artist with title, fields, phrases, typos, by processor time; against LIKE.

    ./dev bench catalog/search SNAPSHOT                      a snapshot that `segue catalog build` made
    ./dev bench catalog/search SNAPSHOT --main MAIN --write  LIKE over the source as well; writes bench/results

The queries are in search_queries.json, made with `--derive` from the words, names and artists of a snapshot of
`segue catalog synth --tracks 5000000` by a fixed seed; a snapshot of other data needs its own. Each is asked three times
and its cheapest counts, so that a class says what its queries cost and not what else the machine did. Beside that, what
is found among the best 20,000 tracks is compared with a plain look at every one of them.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent.parent / "src")]

from segue.catalog.records import Kind  # noqa: E402
from segue.catalog.search.asking import asked  # noqa: E402
from segue.catalog.search.links import Links, opened  # noqa: E402
from segue.catalog.search.searcher import SnapshotSearcher  # noqa: E402
from segue.catalog.search.tables import TITLES  # noqa: E402
from segue.catalog.search.words import indexed, key  # noqa: E402
from segue.catalog.snapshot.layout import SEARCH  # noqa: E402

RESULTS = HERE.parent / "results" / "catalog_search.json"
QUERIES = HERE / "search_queries.json"
PER_CLASS = 60
TIMES = 3
CHECKED = 20_000
LIKE_QUERIES = 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("snapshot", type=Path)
    parser.add_argument("--main", type=Path, help="the source's main file, for LIKE")
    parser.add_argument("--derive", action="store_true", help="write the list of queries anew from this snapshot")
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    args = parser.parse_args()
    if args.derive:
        QUERIES.write_text(json.dumps(derived(args.snapshot), ensure_ascii=False, indent=1) + "\n")
    queries: dict[str, list[str]] = json.loads(QUERIES.read_text())
    searcher = SnapshotSearcher(args.snapshot)
    tracks = opened(args.snapshot / SEARCH).execute("SELECT value FROM meta WHERE name = 'track_rows'").fetchone()[0]
    size = (args.snapshot / SEARCH).stat().st_size
    print(f"{tracks:,} tracks; search.db {size / tracks:.1f} bytes a track; load {os.getloadavg()[0]:.1f}")
    print(f"{'class':34}{'median':>9}{'p95':>9}{'max':>9} ms of CPU   hits")
    classes = {name: measured(searcher, name, some) for name, some in queries.items() if _can(searcher, name)}
    result: dict[str, Any] = {
        "tracks": tracks,
        "search_bytes_per_track": round(size / tracks, 1),
        "load_before": round(os.getloadavg()[0], 1),
        "classes": classes,
        "checked": checked(args.snapshot, searcher, queries),
    }
    if args.main:
        result["like"] = like(args.main, queries)
    if args.write:
        RESULTS.write_text(json.dumps(result, indent=2) + "\n")


def _can(searcher: SnapshotSearcher, name: str) -> bool:
    return searcher.substring or not name.startswith("substring")


def measured(searcher: SnapshotSearcher, name: str, queries: list[str]) -> dict[str, float]:
    kind: Kind = "album" if name.startswith("albums, ") else "artist" if name.startswith("artists, ") else "track"
    match: Any = "substring" if name.startswith("substring") else "words"
    times, hits = [], 0
    for text in queries:
        cost, found = _cpu(lambda text=text: searcher.search(kind, text, match=match))  # type: ignore[misc]
        times.append(cost)
        hits += len(found.ranks)
    times.sort()
    row = {
        "median_ms": round(times[len(times) // 2], 3),
        "p95_ms": round(times[int(len(times) * 0.95)], 3),
        "max_ms": round(times[-1], 3),
        "hits": round(hits / len(queries), 1),
    }
    print(f"{name:34}{row['median_ms']:9.2f}{row['p95_ms']:9.2f}{row['max_ms']:9.2f}{'':13}{row['hits']:4}", flush=True)
    return row


def _cpu(ask: Callable[[], Any]) -> tuple[float, Any]:
    best, found = float("inf"), None
    for _ in range(TIMES):
        started = time.process_time()
        found = ask()
        best = min(best, time.process_time() - started)
    return best * 1_000, found


def like(main: Path, queries: dict[str, list[str]]) -> dict[str, dict[str, float]]:
    """The search of a server that walks its index of popularity and looks into every name."""
    db = sqlite3.connect(f"{main.resolve().as_uri()}?mode=ro", uri=True)
    sql = "SELECT id FROM tracks WHERE name LIKE '%' || ? || '%' ORDER BY popularity DESC LIMIT 20"
    rows = {}
    for name in ("common word", "two common words", "two middling words", "no hit"):
        times = []
        for text in queries[name][:LIKE_QUERIES]:
            started = time.process_time()
            db.execute(sql, (text,)).fetchall()
            times.append((time.process_time() - started) * 1_000)
        rows[name] = {"median_ms": round(sorted(times)[len(times) // 2], 1), "max_ms": round(max(times), 1)}
        print(f"{'LIKE, ' + name:34}{rows[name]['median_ms']:9.0f}{'':9}{rows[name]['max_ms']:9.0f}", flush=True)
    return rows


def checked(snapshot: Path, searcher: SnapshotSearcher, queries: dict[str, list[str]]) -> dict[str, int]:
    """Of every query of plain words: what is found among the best tracks is what a plain look at each of them finds."""
    links = Links(snapshot)
    rows = []
    for rank in range(1, CHECKED + 1):
        name = links.name("track", rank)
        words = " ".join(map(indexed, (name, *links.artist_names("track", rank)))).lower().split()
        rows.append((rank, key(name), set(words)))
    compared = 0
    for name, some in queries.items():
        if ":" in name or name.startswith(("phrase", "typo", "substring", "albums", "artists")):
            continue
        for text in some[:10]:
            question = asked("track", text)
            words = [way for word in question.words for way in word.ways[:1]]
            if any(len(word.ways) > 1 for word in question.words):
                continue
            exact = [rank for rank, called, _ in rows if called == question.exact][:TITLES]
            worded = [
                rank for rank, _, there in rows if all(there.issuperset(way) for way in words) and rank not in exact
            ]
            last = question.words[-1].ways[0][-1]
            others = {token for way in words for token in way} - {last}
            begun = [
                rank
                for rank, _, there in rows
                if last not in there and there.issuperset(others) and any(one.startswith(last) for one in there)
            ]
            expected = [*exact, *worded, *begun]
            found = searcher.search("track", text, limit=1_000)
            inside = [rank for rank in found.ranks if rank <= CHECKED]
            if found.next is None:
                same = inside == expected
            else:
                same = (
                    inside == [rank for rank in expected if rank in set(inside)] and expected[: len(inside)] == inside
                )
            if found.corrected:
                same = not expected
            if not same:
                raise SystemExit(f"{text!r} finds {inside[:10]}…, a plain look {expected[:10]}…")
            compared += 1
    print(f"{compared} queries give what a plain look at the best {CHECKED:,} tracks gives, in the same order")
    return {"queries": compared, "tracks": CHECKED}


def derived(snapshot: Path, seed: int = 20) -> dict[str, list[str]]:
    """Queries of every class, made of what the snapshot holds."""
    draw = random.Random(seed)
    links = Links(snapshot)
    db = opened(snapshot / SEARCH)
    (tracks,) = db.execute("SELECT value FROM meta WHERE name = 'track_rows'").fetchone()
    (albums,) = db.execute("SELECT value FROM meta WHERE name = 'album_rows'").fetchone()
    (artists,) = db.execute("SELECT value FROM meta WHERE name = 'artist_rows'").fetchone()
    counts = db.execute("SELECT word, track FROM words WHERE track >= 2").fetchall()
    common = [word for word, _ in sorted(counts, key=lambda row: -row[1])[:100]]
    middling = sorted(word for word, count in counts if tracks // 10_000 <= count <= tracks // 1_000)
    rare = sorted(word for word, count in counts if count <= 5)
    some = [draw.randint(1, tracks) for _ in range(400)]
    titled = [(links.name("track", rank), links.artist_names("track", rank)[0]) for rank in some]
    titled = [(name, artist) for name, artist in titled if len(indexed(name).split()) >= 2]
    long_words = [word for name, _ in titled for word in indexed(name).lower().split() if len(word) >= 4]

    def many(make: Callable[[], str]) -> list[str]:
        return [make() for _ in range(PER_CLASS)]

    def two(first: list[str], second: list[str]) -> Callable[[], str]:
        return lambda: f"{draw.choice(first)} {draw.choice(second)}"

    def begun(length: int) -> list[str]:
        words = [word for word in long_words if len(word) > length]
        return many(lambda: draw.choice(words)[:length])

    def mistyped() -> str:
        word = draw.choice([one for one in common + middling if len(one) >= 5 and one.isascii()])
        at = draw.randrange(1, len(word) - 1)
        return draw.choice((word[:at] + word[at + 1 :], word[:at] + word[at + 1] + word[at] + word[at + 2 :]))

    def half_typed() -> str:
        name, artist = draw.choice(titled)
        text = f"{artist} {name}"
        return text[: draw.randint(3, len(text))].strip()

    names = [name for name, _ in titled]
    return {
        "common word": common[:PER_CLASS],
        "two common words": many(two(common, common)),
        "two middling words": many(two(middling, middling)),
        "common and middling word": many(two(common, middling)),
        "rare word": draw.sample(rare, PER_CLASS),
        "whole title": draw.sample(names, PER_CLASS),
        "artist and title": [f"{artist} {name}" for name, artist in draw.sample(titled, PER_CLASS)],
        **{f"beginning of {length}": begun(length) for length in (1, 2, 3, 4, 5, 6, 7)},
        "as you type artist and title": many(half_typed),
        "word and beginning of 2": many(lambda: f"{draw.choice(middling)} {draw.choice(long_words)[:2]}"),
        "common word and beginning of 1": many(lambda: f"{draw.choice(common)} {draw.choice(long_words)[:1]}"),
        "common word and beginning of 2": many(lambda: f"{draw.choice(common)} {draw.choice(long_words)[:2]}"),
        "common word and beginning of 3": many(lambda: f"{draw.choice(common)} {draw.choice(long_words)[:3]}"),
        "no hit": many(lambda: "".join(draw.choices("qxzjkvw", k=9))),
        "no hit together": many(two(rare, rare)),
        "typo": many(mistyped),
        "phrase": [f'"{" ".join(name.split()[:3])}"' for name in draw.sample(names, PER_CLASS)],
        "title: with artist:": [f'artist:"{artist}" title:"{name}"' for name, artist in draw.sample(titled, PER_CLASS)],
        "common word with year:": many(lambda: f"{draw.choice(common)} year:{draw.randint(1970, 2020)}"),
        "common word with years:": many(lambda: f"{draw.choice(common)} year:1990-1999"),
        "word with album:": [
            f'album:"{links.name("album", links.album(rank))}" {links.name("track", rank).split()[0]}'
            for rank in some[:PER_CLASS]
        ],
        "common word with genre:": [
            f'{draw.choice(common)} genre:"{genre}"'
            for rank in range(1, 4_000)
            for genre in links.genres("artist", rank)[:1]
        ][:PER_CLASS],
        "albums, common word": common[:PER_CLASS],
        "albums, name": [links.name("album", draw.randint(1, albums)) or "untitled" for _ in range(PER_CLASS)],
        "artists, name": [links.name("artist", draw.randint(1, artists)) for _ in range(PER_CLASS)],
        "artists, beginning of 3": [links.name("artist", draw.randint(1, artists))[:3].strip() for _ in range(PER_CLASS)],
        "substring of a title": [name[1:9].strip() for name in draw.sample([one for one in names if len(one) > 9], PER_CLASS)],
        "substring of a word": [word[1:5] for word in draw.sample([one for one in long_words if len(one) > 5], PER_CLASS)],
    }  # fmt: skip


if __name__ == "__main__":
    main()
