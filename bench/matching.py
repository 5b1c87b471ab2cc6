"""How well, and how fast, is the track found that a text means?

    SEGUE_REFERENCE=… ./dev bench matching               on the release tables of the reference, and in 100,000 tracks
    ./dev bench matching --tracks 1000000 --write        in a million; keeps the figures in bench/results/matching.json
    ./dev bench matching --postgres URL                  on PostgreSQL too (a database of its own, dropped afterwards)

The release tables are albums as a tagger's tests have them: titles with typing errors, discs, bonus tracks, file names of
every kind. A library is made of all their tracks, and each is asked for in the ways in which playlists and players write it
(`WAYS`). Wrong is what is said to be sure and is another track; that is asked with the track itself taken out of the
library as well, so that only its neighbours on the album are left to be mistaken for it.

Speed is asked in a made-up collection: texts that are there as they are, with a version's word behind, with a letter
missing, and texts that are not there.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import os
import random
import re
import sys
import tempfile
import time
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

from bench.browse import database  # noqa: E402
from bench.collection import fill  # noqa: E402
from segue.core.db import Database  # noqa: E402
from segue.library.finding import FindingService, Found, Wanted  # noqa: E402

RESULTS = ROOT / "bench" / "results" / "matching.json"


@dataclass(frozen=True)
class Known:
    """A track of a release table."""

    title: str
    artist: str
    album: str
    duration_ms: int
    path: str
    recording: str | None


def tables(reference: Path) -> Iterator[Known]:
    """The tagged tracks of the release tables, each once."""
    seen = set()
    for file in sorted((reference / "providers" / "matching").glob("*.json")):
        for track in json.loads(file.read_text("utf-8"))["tracks"]:
            said = track["fileTrackInfo"]
            if not said.get("title") or not said.get("artistTitle"):
                continue
            hours, minutes, seconds = said["duration"].split(":")
            length = round(((int(hours) * 60 + int(minutes)) * 60 + float(seconds)) * 1000)
            key = (said["title"], said["artistTitle"], said.get("albumTitle"), length)
            if key not in seen:
                seen.add(key)
                path = track["path"].replace("\\", "/").removeprefix("D:").lstrip("/")
                album = said.get("albumTitle") or ""
                yield Known(said["title"], said["artistTitle"], album, length, path, said.get("recordingMBId"))


def pairs(reference: Path) -> list[tuple[str, str]]:
    """(title, artist) of the cases that a listens' server tests its mapping with."""
    text = (reference / "providers" / "matching" / "lb_mapping_test_cases.csv").read_text("utf-8")
    return [(row[0], row[1]) for row in csv.reader(text.splitlines()) if len(row) == 3]


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", " ", plain).strip()


def _typo(text: str) -> str:
    middle = len(text) // 2
    return text[:middle] + text[middle + 1 :] if len(text) > 5 else text


def _words(one: Known, title: str, **more: Any) -> Wanted:
    return Wanted(title, (one.artist,), **more)


WAYS: dict[str, Callable[[Known], Wanted]] = {
    "as it is": lambda one: _words(one, one.title, album=one.album, duration_ms=one.duration_ms),
    "without an album": lambda one: _words(one, one.title, duration_ms=one.duration_ms + 1_400),
    "title and artist": lambda one: _words(one, one.title),
    "without marks and signs": lambda one: Wanted(_slug(one.title), (_slug(one.artist),), duration_ms=one.duration_ms),
    "with a version's words": lambda one: _words(one, f"{one.title} - 2011 Remaster", duration_ms=one.duration_ms),
    "with a guest": lambda one: Wanted(
        f"{one.title} (feat. Somebody Else)", (f"{one.artist} & Somebody Else",), duration_ms=one.duration_ms
    ),
    "with a typing error": lambda one: _words(one, _typo(one.title), duration_ms=one.duration_ms),
    "by its path elsewhere": lambda one: Wanted(path="E:\\Somewhere\\" + "\\".join(one.path.split("/")[-3:])),
    "by an id": lambda one: Wanted("?", external_ids={"musicbrainz:recording": one.recording or ""}),
}
"""The ways in which one track is asked for."""


@dataclass
class Score:
    """How often a way led to the right track: sure of it, with a doubt, and how often it was surely another."""

    asked: int = 0
    sure: int = 0
    doubtful: int = 0
    wrong: int = 0
    wrong_without: int = 0

    def as_json(self) -> dict[str, Any]:
        part = max(1, self.asked)
        return {
            "asked": self.asked, "sure": round(self.sure / part, 4), "found": round((self.sure + self.doubtful) / part, 4),
            "wrong": round(self.wrong / part, 4), "wrong_without_it": round(self.wrong_without / part, 4),
        }  # fmt: skip


def _is_alone(known: list[Known], place: int) -> bool:
    """Whether no other track has the same words: two recordings of one name cannot be told apart without a length."""
    said = (_slug(known[place].title), _slug(known[place].artist))
    return sum((_slug(one.title), _slug(one.artist)) == said for one in known) == 1


async def quality(
    find: Callable[[list[Wanted], int | None], Any], known: list[Known], same: Callable[[int, int], bool]
) -> dict[str, Score]:
    """Ask for every track in every way. `find(wanted, without)` answers places of `known`, with the one at `without` hidden."""
    scores: dict[str, Score] = {}
    for way, ask in WAYS.items():
        score = scores[way] = Score()
        wanted = [ask(one) for one in known]
        usable = [place for place, one in enumerate(known) if way != "by an id" or one.recording]
        answers = await find([wanted[place] for place in usable], None)
        for place, answer in zip(usable, answers, strict=True):
            score.asked += 1
            if answer is not None and same(answer[0], place):
                score.sure += answer[1]
                score.doubtful += not answer[1]
            elif answer is not None and answer[1]:
                score.wrong += 1
        if way in ("by an id", "by its path elsewhere"):
            continue
        alone = [place for place in usable if wanted[place].duration_ms or _is_alone(known, place)]
        for place in alone:
            (left,) = await find([wanted[place]], place)
            score.wrong_without += left is not None and left[1] and not same(left[0], place)
    return scores


async def speed(db: Database, rows: int, seed: int = 5) -> dict[str, Any]:
    """Rows a second for texts of four kinds, in the collection that `db` holds, and how many of them were found."""
    from sqlalchemy import func, select

    from segue.library.models import Track

    chance = random.Random(seed)
    async with db.read() as conn:
        highest = int(await conn.scalar(select(func.max(Track.id))) or 1)
        ids = chance.sample(range(1, highest + 1), min(rows, highest))
        found = []
        for start in range(0, len(ids), 1_000):
            some = select(Track.id, Track.title, Track.artist_display, Track.duration_ms)
            found += (await conn.execute(some.where(Track.id.in_(ids[start : start + 1_000])))).all()
    kinds: dict[str, Callable[[Any], Wanted]] = {
        "as they are": lambda row: Wanted(row.title, (row.artist_display,), duration_ms=row.duration_ms),
        "with a version's words": lambda row: Wanted(
            f"{row.title} (Remastered 2009)", (row.artist_display,), duration_ms=row.duration_ms
        ),
        "with a letter missing": lambda row: Wanted(
            _typo(row.title), (row.artist_display,), duration_ms=row.duration_ms
        ),
        "not there": lambda row: Wanted(f"{row.title} zqx", (f"{row.artist_display} zqx",), duration_ms=200_000),
    }
    service, said = FindingService(db), {}
    for kind, ask in kinds.items():
        wanted = [ask(row) for row in found]
        start, cpu = time.perf_counter(), time.process_time()
        async with db.read() as conn:
            answers: list[Found | None] = await service.find(conn, wanted, None)
        took, used = time.perf_counter() - start, time.process_time() - cpu
        said[kind] = {
            "rows_per_s": round(len(wanted) / took), "cpu_s_per_1000": round(used / len(wanted) * 1000, 3),
            "found": round(sum(one is not None for one in answers) / len(wanted), 3),
        }  # fmt: skip
    return said


async def _quality_of_reference(reference: Path) -> dict[str, Any]:
    from tests.library.finding.measuring import library_of_tables

    with tempfile.TemporaryDirectory() as folder:
        return await library_of_tables(f"sqlite:///{folder}/segue.db", reference)


async def _measure(url: str, tracks: int, rows: int) -> dict[str, Any]:
    from tests.conftest import fill_template, open_database

    await fill_template(url)
    db = open_database(url)
    try:
        await fill(db, albums=tracks // 10, tracks_per_album=10, libraries=3)
        return await speed(db, rows)
    finally:
        await db.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tracks", type=int, default=100_000)
    parser.add_argument("--rows", type=int, default=5_000)
    parser.add_argument("--postgres", metavar="URL")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    result: dict[str, Any] = {"load_before": round(os.getloadavg()[0], 1), "tracks": given.tracks}
    if reference := os.environ.get("SEGUE_REFERENCE"):
        result["quality"] = asyncio.run(_quality_of_reference(Path(reference)))
        for way, score in result["quality"].items():
            print(f"{way:28}", score)
    with tempfile.TemporaryDirectory() as folder:
        for name, server in {"SQLite": None, **({"PostgreSQL": given.postgres} if given.postgres else {})}.items():
            with database(server) as url:
                result[name] = asyncio.run(_measure(url or f"sqlite:///{folder}/segue.db", given.tracks, given.rows))
            for kind, said in result[name].items():
                print(f"{name:10} {kind:24}", said)
    if given.write:
        RESULTS.write_text(json.dumps(result, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
