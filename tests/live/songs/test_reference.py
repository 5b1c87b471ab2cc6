"""The real setlists of twelve years: what rows add up to is what plain Python counts in the files."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from segue.core.db import Database
from segue.jobs import JobService, Registry
from segue.live import tasks
from segue.live.fields import ENTITIES
from segue.live.records import SetlistSet, SetlistSong
from segue.live.songs.service import SongService
from segue.live.songs.writing import NewSetlist, write_setlists
from segue.live.titles import song_key
from segue.query import Entities, Window
from tests.live.songs.ground import ANN, Show, a_band, an_evening

pytestmark = pytest.mark.anyio


def shows(reference: Path) -> list[tuple[Show, tuple[SetlistSet, ...]]]:
    """Evenings with a setlist, in order; two on one date are two."""
    found, seen = [], Counter[str]()
    with gzip.open(reference / "live" / "shows-1965-1976.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            show = json.loads(line)
            sets = tuple(
                SetlistSet(
                    one["set_name"],
                    tuple(SetlistSong(song["name"], bool(song["segue_into_next"])) for song in one["songs"]),
                )
                for one in show["setlist"] or ()
            )
            if any(one.songs for one in sets):
                seen[show["date"]] += 1
                found.append((Show(show["date"], sequence=seen[show["date"]]), sets))
    return sorted(found, key=lambda one: (one[0].date, one[0].sequence))


@pytest.fixture
def db_kind() -> str:
    return "sqlite"


async def test_real_setlists_add_up_to_what_is_counted_in_the_files(db: Database, reference: Path) -> None:
    real = shows(reference)
    assert len(real) > 600
    async with db.write() as tx:
        artist = await a_band(tx, "The Real Ones")
        numbers = [await an_evening(tx, artist, show) for show, _ in real]
        new = [NewSetlist(number, sets, "reference") for number, (_, sets) in zip(numbers, real, strict=True)]
        assert await write_setlists(tx, artist, new) == set(numbers)
    service = SongService(db, Entities(ENTITIES), JobService(db, Registry().add(tasks)))

    played: Counter[str] = Counter()
    follows: Counter[tuple[str, str]] = Counter()
    segues: Counter[tuple[str, str]] = Counter()
    evenings: dict[tuple[str, str], set[int]] = {}
    last: dict[str, int] = {}
    longest: dict[str, int] = {}
    for at, ((_, sets), number) in enumerate(zip(real, numbers, strict=True)):
        tonight = {song_key(song.name) for one in sets for song in one.songs}
        played.update(tonight)
        for key in tonight:
            longest[key] = max(longest.get(key, 0), at - last.get(key, at))
            last[key] = at
        for one in sets:
            for first, second in pairwise(one.songs):
                pair = (song_key(first.name), song_key(second.name))
                follows[pair] += 1
                if first.segue:
                    segues[pair] += 1
                    evenings.setdefault(pair, set()).add(number)

    every = (await service.songs(ANN, artist=artist, window=Window(1000))).items
    assert {song_key(view.name): view.times for view in every} == dict(played)
    assert {song_key(view.name): view.gap for view in every} == {
        key: sum(1 for show, _ in real if show.date > real[at][0].date) for key, at in last.items()
    }
    found = await service.of_artist(ANN, artist)
    assert found.concerts == len(real)
    assert found.performances == sum(len(one.songs) for _, sets in real for one in sets)
    for first, second, times, runs in found.transitions:
        pair = (song_key(first.name), song_key(second.name))
        assert (times, runs) == (follows[pair], segues[pair])
    (view,) = [view for view in every if song_key(view.name) == song_key("Dark Star")]
    details = await service.song(ANN, view.id)
    assert details.longest is not None
    assert details.longest.gap == longest[song_key("Dark Star")]
    assert [(song_key(one.name), one.times) for one in details.after] == sorted(
        ((second, times) for (first, second), times in follows.items() if first == song_key("Dark Star")),
        key=lambda one: [(song_key(each.name), each.times) for each in details.after].index(one),
    )
    names = {song_key(view.name): view.name for view in every}
    for pair, _ in segues.most_common(3):
        asked = await service.setlists(ANN, f'"{names[pair[0]]}" > "{names[pair[1]]}"', window=Window(1000))
        assert {one.concert.id for one in asked.items} == evenings[pair]
        assert asked.total == len(evenings[pair]) > 20
        assert all(one.matches[0].links == ["setlist"] for one in asked.items)
