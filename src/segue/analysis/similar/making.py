"""Making groups and the map anew: a step at a time in a child process, each kept before the next, so that nothing is lost when a
process dies and a person can end it at any time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from segue.analysis.similar import chart_rows
from segue.analysis.similar.keeper import Space, SpaceKeeper
from segue.core.db import Database
from segue.core.pool import ProcessPool
from segue.jobs import JobContext

MAKE = "analysis.map"
SEED = 20
ROUNDS_AT_ONCE = 10
DEADLINE_S = 1_800.0
MEMORY_MB = 2_048
FEWEST = 3
"""Sounds that a map is made of at least."""
GROWN = 1.25
"""When there are so many times as many sounds as on the map, it is made anew without waiting for the night."""


class Making:
    """One making, from where the job stopped."""

    def __init__(self, db: Database, keeper: SpaceKeeper, pool: ProcessPool, job: JobContext) -> None:
        self._db = db
        self._keeper = keeper
        self._pool = pool
        self._job = job
        self._work = str(keeper.folder / "map")

    async def everything(self, *, anew: bool) -> dict[str, Any]:
        """Groups, then the map. Without `anew`, a map of the present space only takes in what came since."""
        await self._keeper.refresh()
        space = await self._keeper.space()
        if space is None or space.rows.alive < FEWEST:
            return {"sounds": 0}
        if self._job.checkpoint.get("groups") != space.id:
            await self._groups(space)
        async with self._db.read() as conn:
            there = await chart_rows.layout(conn, chart_rows.MAP)
        if there is not None and there.space_id == space.id and not anew and "map" not in self._job.checkpoint:
            sounds, places = there.sounds, there.places
        else:
            sounds, places = await self._map(space, there)
        return await self._complete(space, sounds, places)

    # --- groups --------------------------------------------------------------------------------------------------------

    async def _groups(self, space: Space) -> None:
        from segue.analysis.similar import in_child

        self._job.progress(0, 1, unit="steps", phase="groups")
        async with self._db.read() as conn:
            before = await chart_rows.layout(conn, chart_rows.GROUPS)
        old = (before.sounds, before.places) if before is not None else (b"", b"")
        found = await self._run(in_child.group, str(self._keeper.folder), space.id, space.scaling.dimensions, *old)
        import numpy as np

        sounds, groups = np.frombuffer(found.sounds, "<i8"), np.frombuffer(found.groups, "<i4")
        async with self._db.read() as conn:
            genres = await chart_rows.genre_counts(conn, dict(zip(sounds.tolist(), groups.tolist(), strict=True)))
        rows = [
            {
                "id": found.before[at], "space_id": space.id, "size": found.sizes[at],
                "tightness": round(found.tightness[at], 4), "middle": found.middles[at], "genres": genres.get(at, {}),
            }
            for at in range(len(found.middles))
        ]  # fmt: skip
        async with self._db.write() as tx:
            await self._job.guard(tx)
            numbers = np.array(await chart_rows.keep_clusters(tx, rows) or [0], "<i4")
            places = numbers[groups].astype("<i4").tobytes() if len(groups) else b""
            revision = await chart_rows.keep_layout(tx, chart_rows.GROUPS, space.id, found.sounds, places)
            tx.changed("sound_map", "clusters")
            await self._job.save({**self._job.checkpoint, "groups": space.id, "revision": revision}, tx=tx)
        self._job.check()

    # --- the map -------------------------------------------------------------------------------------------------------

    async def _map(self, space: Space, there: chart_rows.LayoutRow | None) -> tuple[bytes, bytes]:
        """The places of the sounds that pull and push, after all rounds."""
        from segue.analysis.similar import in_child, plane

        root, dimensions = str(self._keeper.folder), space.scaling.dimensions
        begun = self._job.checkpoint.get("map") or {}
        async with self._db.read() as conn:
            making = await chart_rows.layout(conn, chart_rows.MAKING)
        going_on = making is not None and begun.get("space") == space.id == making.space_id
        self._job.progress(phase="neighbours", message="map_neighbours")
        only = making.sounds if going_on and making is not None else None
        sounds = await self._run(in_child.gather, root, space.id, dimensions, self._work, only)
        self._job.check()
        await self._run(in_child.connect, self._work)
        self._job.check()
        if going_on and making is not None and making.sounds == sounds:
            places, first, rounds = making.places, making.step, int(begun["rounds"])
        else:
            old = (there.sounds, there.places) if there is not None else (b"", b"")
            places, known = await self._run(in_child.begin, self._work, sounds, *old, SEED)
            first, rounds = 0, plane.ROUNDS_AGAIN if known else plane.ROUNDS
        for start in range(first, rounds, ROUNDS_AT_ONCE):
            self._job.progress(start, rounds, unit="rounds", phase="map")
            end = min(rounds, start + ROUNDS_AT_ONCE)
            places = await self._run(in_child.refine, self._work, places, start, end, rounds, SEED)
            async with self._db.write() as tx:
                await chart_rows.keep_layout(tx, chart_rows.MAKING, space.id, sounds, places, state="working", step=end)
                done = {"space": space.id, "rounds": rounds, "round": end}
                await self._job.save({**self._job.checkpoint, "map": done}, tx=tx)
            self._job.check()
        return sounds, places

    async def _complete(self, space: Space, sounds: bytes, places: bytes) -> dict[str, Any]:
        """Put what is not on it yet beside its nearest, and show the map."""
        from segue.analysis.similar import in_child

        root = str(self._keeper.folder)
        sounds, places = await self._run(in_child.complete, root, space.id, space.scaling.dimensions, sounds, places)
        async with self._db.write() as tx:
            revision = await chart_rows.keep_layout(tx, chart_rows.MAP, space.id, sounds, places)
            await chart_rows.drop_layout(tx, chart_rows.MAKING)
            tx.changed("sound_map", "map")
            result = {"sounds": len(sounds) // 8, "revision": revision}
            await self._job.complete(tx, result)
        import shutil

        shutil.rmtree(Path(self._work), ignore_errors=True)
        return result

    async def _run(self, function: Any, *args: Any) -> Any:
        return await self._pool.run(function, *args, deadline_s=DEADLINE_S)
