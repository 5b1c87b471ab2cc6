"""The map of the library and the groups on it, as somebody may see them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from segue.analysis.similar import chart_rows, repository
from segue.analysis.similar.errors import NoMap, NoSuchCluster, NothingHeard
from segue.analysis.similar.ground import Like, SimilarGround
from segue.analysis.similar.making import FEWEST, GROWN, MAKE, MEMORY_MB, Making
from segue.core.access import Actor
from segue.core.db import Transaction
from segue.core.pool import ProcessPool
from segue.jobs import JobContext, JobService

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_POINTS = 100_000
LABELS = 3
LEAST_SHARE = 0.1
LEAST_LIFT = 1.3
"""How much commoner a genre is in a group than everywhere, to name it by."""
LEAST_TRACKS = 2

Box = tuple[float, float, float, float]
"""x and y of the lower left corner, then of the upper right."""


@dataclass(frozen=True, slots=True)
class Label:
    """A genre that stands out in a group, and its shares among the tracks that have any: here and everywhere."""

    name: str
    share: float
    everywhere: float


@dataclass(frozen=True, slots=True)
class ClusterView:
    """A group as somebody sees it; `x` and `y` are its middle on the map."""

    id: int
    tracks: int
    tightness: float
    labels: tuple[Label, ...]
    x: float | None
    y: float | None


@dataclass(frozen=True, slots=True)
class MapView:
    """Places of tracks, as columns of equal length. `within` are as many as there are in the part that was asked for."""

    state: str
    revision: int
    total: int
    within: int
    bounds: Box
    tracks: list[int]
    x: list[float]
    y: list[float]
    clusters: list[int]


@dataclass(frozen=True, slots=True)
class _Points:
    """Every track on the map: the places of its sound, its group and its library."""

    key: tuple[Any, ...]
    state: str
    revision: int
    tracks: NDArray[np.int64]
    libraries: NDArray[np.int64]
    clusters: NDArray[np.int64]
    places: NDArray[np.float32]
    order: NDArray[np.int64]
    """The rows in an order by chance that stays: those first are told where not all can be."""


class Charts(SimilarGround):
    """The verbs about the map and its groups. `jobs` does the making."""

    jobs: JobService | None = None
    pool: Callable[[], ProcessPool] = staticmethod(lambda: ProcessPool(1, memory_mb=MEMORY_MB, nice=10))
    """Where maps are made: one child process, with a low priority."""
    _points: _Points | None = None
    _points_at: float = float("-inf")

    async def ask_for_map(self, actor: Actor, *, anew: bool = False) -> int:
        """Have the groups and the map made; the number of the job, the one under way where there is one."""
        assert self.jobs is not None
        ticket = await self.jobs.enqueue_now(MAKE, {"anew": anew}, dedup_key=MAKE, priority=5, created_by=actor.user_id)
        return ticket.id

    async def after_listening(self, tx: Transaction) -> None:
        """Have a map made, in `tx`, where there is none yet or the library has grown by a quarter since."""
        assert self.jobs is not None
        there = max((await repository.versions(tx.conn)).values(), default=0)
        if there >= FEWEST and there >= GROWN * await chart_rows.sounds_on(tx.conn, chart_rows.MAP):
            await self.jobs.enqueue(tx, MAKE, {}, dedup_key=MAKE)

    async def make(self, job: JobContext, *, anew: bool = False) -> dict[str, Any]:
        """What the job does."""
        async with self.pool() as pool:
            return await Making(self._db, self.keeper, pool, job).everything(anew=anew)

    async def map(self, actor: Actor, box: Box | None = None, most: int = 20_000) -> MapView:
        """The places of the tracks that somebody may see, those within `box`. Where there are more than `most`, the same some of
        them whichever part is asked for, so that going nearer only adds. Raises NoMap."""
        points = await self._all_points()
        return await asyncio.to_thread(_seen, points, actor.libraries, box, min(most, MOST_POINTS))

    async def near_place(self, actor: Actor, x: float, y: float, n: int = 20) -> list[int]:
        """The tracks nearest to a place on the map. Raises NoMap."""
        points = await self._all_points()
        return await asyncio.to_thread(_nearest, points, actor.libraries, x, y, n)

    async def clusters(self, actor: Actor) -> list[ClusterView]:
        """The groups with tracks that somebody may see, the largest first. Raises NoMap, NothingHeard."""
        async with self._db.read() as conn:
            rows = await chart_rows.clusters(conn)
        if not rows:
            if await self.keeper.space() is None:
                raise NothingHeard
            raise NoMap("none")
        points = await self._all_points()
        middles = await asyncio.to_thread(_middles, points, actor.libraries)
        counts = {row.id: _genres_for(row.genres, actor.libraries) for row in rows}
        everywhere = _added(counts.values())
        named = {row.id: _standing_out(counts[row.id], everywhere) for row in rows}
        async with self._db.read() as conn:
            names = await chart_rows.genre_names(conn, {genre for some in named.values() for genre, _, _ in some})
        found = []
        for row in rows:
            tracks, x, y = middles.get(row.id, (0, 0.0, 0.0))
            if tracks:
                labels = tuple(
                    Label(names[genre], share, usual) for genre, share, usual in named[row.id] if genre in names
                )
                found.append(ClusterView(row.id, tracks, row.tightness, labels, x, y))
        return sorted(found, key=lambda one: (-one.tracks, one.id))

    async def cluster(self, actor: Actor, number: int, n: int = 50) -> list[Like]:
        """The tracks nearest to the middle of a group. Raises NoSuchCluster, NothingHeard."""
        space = await self._space()
        async with self._db.read() as conn:
            found = await chart_rows.cluster_middle(conn, number)
        if found is None or found[0] != space.id:
            raise NoSuchCluster(str(number))

        def middle() -> Any:
            import numpy as np

            return np.frombuffer(found[1], "<f4").astype(np.float32)

        question = await asyncio.to_thread(middle)
        near = await self._near(actor, space, question, n, per_artist=0)
        return await self._likes(space, near, question)

    # --- inside ----------------------------------------------------------------------------------------------------------

    async def _all_points(self) -> _Points:
        """Every track on the map, from memory where nothing changed. Raises NoMap."""
        async with self._db.read() as conn:
            revisions = await chart_rows.revisions(conn)
        if chart_rows.MAP not in revisions:
            raise NoMap("working" if chart_rows.MAKING in revisions else "none")
        making = chart_rows.MAKING in revisions
        key: tuple[Any, ...] = tuple(
            sorted((kind, revision) for kind, (revision, _) in revisions.items() if kind != chart_rows.MAKING)
        )
        key = (*key, making)
        fresh = time.monotonic() - self._points_at < self.keeper.fresh_s
        if self._points is not None and self._points.key == key and fresh:
            return self._points
        async with self._db.read() as conn:
            layout = await chart_rows.layout(conn, chart_rows.MAP)
            groups = await chart_rows.layout(conn, chart_rows.GROUPS)
            heard = await chart_rows.heard(conn)
        if layout is None:
            raise NoMap("none")
        self._points = await asyncio.to_thread(_put_together, key, layout, groups, heard)
        self._points_at = time.monotonic()
        return self._points


def _put_together(
    key: tuple[Any, ...],
    layout: chart_rows.LayoutRow,
    groups: chart_rows.LayoutRow | None,
    heard: list[tuple[int, int, int]],
) -> _Points:
    import numpy as np

    sounds = np.frombuffer(layout.sounds, "<i8")
    places = np.frombuffer(layout.places, "<f4").reshape(-1, 2)
    rows = np.array(heard, np.int64).reshape(-1, 3)
    at = np.minimum(np.searchsorted(sounds, rows[:, 0]), max(0, len(sounds) - 1))
    there = sounds[at] == rows[:, 0] if len(sounds) else np.zeros(len(rows), bool)
    rows, at = rows[there], at[there]
    clusters = np.zeros(len(rows), np.int64)
    if groups is not None and groups.sounds:
        grouped, numbers = np.frombuffer(groups.sounds, "<i8"), np.frombuffer(groups.places, "<i4")
        place = np.minimum(np.searchsorted(grouped, rows[:, 0]), len(grouped) - 1)
        clusters = np.where(grouped[place] == rows[:, 0], numbers[place], 0).astype(np.int64)
    chance = (rows[:, 1].astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(20)
    state = "working" if key[-1] else "done"
    return _Points(
        key, state, layout.revision, rows[:, 1], rows[:, 2], clusters, places[at].astype(np.float32),
        np.argsort(chance, kind="stable"),
    )  # fmt: skip


def _visible(points: _Points, libraries: frozenset[int] | None) -> Any:
    import numpy as np

    if libraries is None:
        return np.ones(len(points.tracks), bool)
    return np.isin(points.libraries, list(libraries))


def _seen(points: _Points, libraries: frozenset[int] | None, box: Box | None, most: int) -> MapView:
    import numpy as np

    seen = _visible(points, libraries)
    mine = points.places[seen]
    bounds = (*mine.min(axis=0).tolist(), *mine.max(axis=0).tolist()) if len(mine) else (0.0, 0.0, 0.0, 0.0)
    inside = seen
    if box is not None:
        x, y = points.places[:, 0], points.places[:, 1]
        inside = seen & (x >= box[0]) & (x <= box[2]) & (y >= box[1]) & (y <= box[3])
    chosen = points.order[inside[points.order]][:most]
    chosen = np.sort(chosen)
    places = points.places[chosen].astype(np.float64).round(3)
    return MapView(
        points.state,
        points.revision,
        int(seen.sum()),
        int(inside.sum()),
        tuple(round(float(one), 3) for one in bounds),  # type: ignore[arg-type]
        points.tracks[chosen].tolist(),
        places[:, 0].tolist(),
        places[:, 1].tolist(),
        points.clusters[chosen].tolist(),
    )


def _nearest(points: _Points, libraries: frozenset[int] | None, x: float, y: float, n: int) -> list[int]:
    import numpy as np

    away = ((points.places - np.array([x, y], np.float32)) ** 2).sum(axis=1)
    away = np.where(_visible(points, libraries), away, np.inf)
    order = np.lexsort((points.tracks, away))[:n]
    return [int(points.tracks[at]) for at in order if np.isfinite(away[at])]


def _middles(points: _Points, libraries: frozenset[int] | None) -> dict[int, tuple[int, float, float]]:
    """By group: how many tracks somebody sees of it, and where they are on the map (the median)."""
    import numpy as np

    seen = _visible(points, libraries)
    found = {}
    for number in np.unique(points.clusters[seen]):
        mine = points.places[seen & (points.clusters == number)]
        x, y = np.median(mine, axis=0)
        found[int(number)] = (len(mine), round(float(x), 3), round(float(y), 3))
    return found


# --- labels -----------------------------------------------------------------------------------------------------------


def _genres_for(kept: dict[str, Any], libraries: frozenset[int] | None) -> tuple[int, dict[int, int]]:
    """Tracks with any genre, and by genre, in the libraries that somebody sees."""
    total = 0
    found: dict[int, int] = {}
    for library, (count, genres) in kept.items():
        if libraries is None or int(library) in libraries:
            total += count
            for genre, tracks in genres.items():
                found[int(genre)] = found.get(int(genre), 0) + tracks
    return total, found


def _added(counts: Any) -> tuple[int, dict[int, int]]:
    total = 0
    found: dict[int, int] = {}
    for some, genres in counts:
        total += some
        for genre, tracks in genres.items():
            found[genre] = found.get(genre, 0) + tracks
    return total, found


def _standing_out(
    here: tuple[int, dict[int, int]], everywhere: tuple[int, dict[int, int]]
) -> list[tuple[int, float, float]]:
    """The genres that are commoner here than everywhere: (genre, share here, share everywhere), the most telling first."""
    total, genres = here
    if not total:
        return []
    told = []
    for genre, tracks in genres.items():
        share, usual = tracks / total, everywhere[1][genre] / everywhere[0]
        alone = total == everywhere[0]
        if tracks >= LEAST_TRACKS and share >= LEAST_SHARE and (alone or share >= LEAST_LIFT * usual):
            told.append((share * (share / usual) ** 0.5, genre, share, usual))
    told.sort(key=lambda one: (-one[0], one[1]))
    return [(genre, round(share, 3), round(usual, 3)) for _, genre, share, usual in told[:LABELS]]
