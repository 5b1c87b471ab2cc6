"""The map and its groups are made by a job that can be ended at any moment, and show people what is theirs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import insert, select

from segue.analysis.models import Sound, SoundOfTrack, SoundVector
from segue.analysis.similar import chart_rows, tasks
from segue.analysis.similar.charts import MapView
from segue.analysis.similar.errors import NoMap, NoSuchCluster
from segue.analysis.similar.making import MAKE
from segue.analysis.similar.service import SimilarService
from segue.core.access import SYSTEM, Actor
from segue.core.clock import utc_now
from segue.core.db import Database
from segue.jobs import JobService, Registry, RetryPolicy
from segue.jobs.worker import run_worker
from tests.analysis.similar.ground import ANN, VERSION, Planted, embeddings, planted, similar_in
from tests.waiting import until

pytestmark = pytest.mark.anyio


class Here:
    """A pool whose children are this process; `ended` is asked before each task, and may raise."""

    def __init__(self, ended: Callable[[str], None] = lambda _name: None) -> None:
        self._ended = ended

    async def __aenter__(self) -> Here:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    async def run(self, function: Any, *args: Any, deadline_s: float) -> Any:
        self._ended(function.__name__)
        return await asyncio.to_thread(function, *args)


def with_jobs(similar: SimilarService, db: Database, pool: Any = None) -> SimilarService:
    quick = replace(tasks.make_map, retry=RetryPolicy(base_s=0.01, cap_s=0.02))
    similar.jobs = JobService(db, Registry().add(quick))
    if pool is not None:
        similar.pool = lambda: pool
    return similar


async def made(similar: SimilarService, db: Database, *, anew: bool = False) -> Any:
    """Have the map made, and wait for the job's end."""
    jobs = similar.jobs
    assert jobs is not None
    number = await similar.ask_for_map(SYSTEM, anew=anew)
    stop = asyncio.Event()
    worker = asyncio.create_task(run_worker(db, jobs.registry, stop=stop, resolve=lambda _kind: similar, service=jobs))
    try:

        async def ended() -> bool:
            return (await jobs.get(SYSTEM, number)).state in ("done", "failed", "cancelled")

        await until(ended)
    finally:
        stop.set()
        await worker
    return await jobs.get(SYSTEM, number)


def spread(view: MapView, music: Planted, kinds: list[str]) -> float:
    """The least distance between the middles of kinds, in units of their own width."""
    place = dict(zip(view.tracks, zip(view.x, view.y, strict=True), strict=True))
    points = [np.array([place[track] for track in music.tracks[kind]]) for kind in kinds]
    middles = [some.mean(axis=0) for some in points]
    width = max(float(some.std()) for some in points)
    gaps = [np.linalg.norm(a - b) for at, a in enumerate(middles) for b in middles[:at]]
    return float(min(gaps) / width)


async def test_a_map_shows_what_is_alike_together(db: Database, tmp_path: Path) -> None:
    music = await planted(db, per_kind=24, per_album=8)
    similar = with_jobs(similar_in(db, tmp_path), db, Here())
    with pytest.raises(NoMap):
        await similar.map(ANN)
    job = await made(similar, db)
    assert job.state == "done", job.error
    view = await similar.map(ANN)
    assert view.total == view.within == len(view.tracks) == 72
    assert spread(view, music, ["jazz", "techno", "choir"]) > 1.5
    again = await made(similar, db)
    assert again.state == "done"
    assert (await similar.map(ANN)).x == view.x

    clusters = await similar.clusters(ANN)
    assert sorted(label.name for one in clusters for label in one.labels) == ["Choir", "Jazz", "Techno"]
    assert all(one.tracks == 24 and one.labels[0].share == 1 for one in clusters)
    jazz = next(one for one in clusters if one.labels[0].name == "Jazz")
    inside = await similar.cluster(ANN, jazz.id, 10)
    assert {music.kind_of(one.track_id) for one in inside} == {"jazz"}
    with pytest.raises(NoSuchCluster):
        await similar.cluster(ANN, 999)
    near = await similar.near_place(ANN, jazz.x or 0, jazz.y or 0, 5)
    assert {music.kind_of(track) for track in near} == {"jazz"}

    some = await similar.map(ANN, most=20)
    fewer = await similar.map(ANN, most=10)
    assert set(fewer.tracks) < set(some.tracks)
    low, high = (view.bounds[0], view.bounds[1]), (0.0, view.bounds[3])
    part = await similar.map(ANN, (*low, *high), most=1000)
    assert 0 < part.within < 72
    assert max(part.x) <= 0

    stranger = await similar.map(Actor(9, "eve", libraries=frozenset({99})))
    assert stranger.total == 0
    assert await similar.clusters(Actor(9, "eve", libraries=frozenset({99}))) == []

    # what comes later stands beside its like, and groups keep their numbers
    async with db.write() as tx:
        sound = await tx.scalar(insert(Sound).values(key=b"new", state="done", asked_at=utc_now()).returning(Sound.id))
        vector = embeddings(0, 1)[0].tobytes()
        await tx.execute(insert(SoundVector).values(sound_id=sound, version=VERSION, vector=vector))
        track = music.tracks["choir"][0]
        await tx.execute(SoundOfTrack.__table__.update().where(SoundOfTrack.track_id == track).values(sound_id=sound))
    await made(similar, db)
    later = await similar.map(ANN)
    place = dict(zip(later.tracks, zip(later.x, later.y, strict=True), strict=True))
    assert np.linalg.norm(np.array(place[track]) - np.array(place[music.tracks["jazz"][0]])) < 1
    assert {one.id for one in await similar.clusters(ANN)} == {one.id for one in clusters}


async def test_a_map_is_asked_for_when_there_is_none_and_when_the_library_has_grown_by_a_quarter(
    db: Database, tmp_path: Path
) -> None:
    similar = with_jobs(similar_in(db, tmp_path), db, Here())
    jobs = similar.jobs
    assert jobs is not None

    async def asked() -> bool:
        async with db.write() as tx:
            await similar.after_listening(tx)
        return await jobs.active_with_key(MAKE) is not None

    assert not await asked(), "nothing was heard"
    await planted(db, per_kind=8)
    assert await asked()
    assert (await made(similar, db)).state == "done"
    assert not await asked(), "everything is on it"
    for key in range(6):
        async with db.write() as tx:
            values = {"key": bytes([key]), "state": "done", "asked_at": utc_now()}
            sound = await tx.scalar(insert(Sound).values(**values).returning(Sound.id))
            vector = embeddings(0, 1)[0].tobytes()
            await tx.execute(insert(SoundVector).values(sound_id=sound, version=VERSION, vector=vector))
        assert await asked() == (key == 5)


async def test_a_making_that_dies_goes_on_where_it_was(db: Database, tmp_path: Path) -> None:
    await planted(db, per_kind=16)
    calls: list[str] = []

    def dies(name: str) -> None:
        calls.append(name)
        if name == "refine" and calls.count("refine") == 4:
            raise OSError("killed")

    similar = with_jobs(similar_in(db, tmp_path / "one"), db, Here(dies))
    job = await made(similar, db)
    assert job.state == "done", job.error
    assert calls.count("group") == 1, "groups were kept before"
    assert calls.count("begin") == 1, "the rounds went on from the fourth"
    assert calls.count("refine") == 21
    broken = await similar.map(ANN)
    async with db.write() as tx:
        await chart_rows.drop_layout(tx, chart_rows.MAP)
    whole = with_jobs(similar_in(db, tmp_path / "two"), db, Here())
    assert (await made(whole, db)).state == "done"
    assert (await whole.map(ANN)).x == broken.x
    async with db.read() as conn:
        assert list(await conn.scalars(select(chart_rows.LAYOUTS.c.kind).order_by(chart_rows.LAYOUTS.c.kind))) == [
            "clusters",
            "map",
        ]
