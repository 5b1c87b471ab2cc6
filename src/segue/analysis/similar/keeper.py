"""The space as this process has it: learnt where there is none, its files kept in step with the embeddings in the database.

Any process may die at any time and any file may be removed: what is missing is made again from `analysis_vectors`. Small
libraries are brought up to date while the question waits, large ones behind its back.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from segue.analysis.similar import repository
from segue.analysis.timbre.layout import SIZE, SLICES
from segue.core.db import Database
from segue.core.errors import SegueError

if TYPE_CHECKING:
    from segue.analysis.similar.rows import Rows
    from segue.analysis.similar.scaling import Scaling

log = structlog.get_logger("segue.similar")

FRESH_S = 10.0
"""For so long the files are taken to be what the database says."""
SMALL = 20_000
"""New embeddings that a question waits for."""
LEARNT_ON = 20_000
"""Embeddings a space is learnt on at most."""
GROWN = 1.5
GROWN_SMALL = 2.0
"""How many times as many embeddings make a space be learnt anew; the second while there are fewer than a thousand."""
BATCH = 2_000
LATE_SHARE = 0.2
LATE_LEAST = 50_000
"""Rows behind the lists from which on lists are made anew: this share, and at least so many."""
GONE_SHARE = 0.2


def layout_of(features: int) -> Mapping[str, slice]:
    """Where the groups of an embedding of so many features are; one group where it is of another kind than ours."""
    return SLICES if features == SIZE else {"timbre": slice(0, features)}


@dataclass(frozen=True, slots=True)
class Space:
    """What can be asked: the scaling and the vectors, as they are in this process."""

    id: int
    version: int
    learnt_on: int
    scaling: Scaling
    rows: Rows


class SpaceKeeper:
    """Has the space at hand. `folder` is this machine's own."""

    def __init__(self, db: Database, folder: Path) -> None:
        self._db = db
        self._folder = folder
        self._space: Space | None = None
        self._looked = float("-inf")
        self._turn = asyncio.Lock()
        self._behind: asyncio.Task[None] | None = None
        self.fresh_s = FRESH_S

    @property
    def folder(self) -> Path:
        """Where the files are; each generation in a folder of its own."""
        return self._folder

    async def space(self) -> Space | None:
        """The space with all its vectors; None where there are none at all."""
        if self._space is not None and time.monotonic() - self._looked < self.fresh_s:
            return self._space
        if self._space is not None and len(self._space.rows) > SMALL:
            if self._behind is None or self._behind.done():
                self._behind = asyncio.create_task(self._refresh_behind())
            return self._space
        await self.refresh()
        return self._space

    async def refresh(self) -> None:
        """Bring the space and its files up to date now."""
        async with self._turn:
            self._space = await self._current()
            self._looked = time.monotonic()

    async def close(self) -> None:
        """End what goes on behind; the files stay whole."""
        if self._behind is not None and not self._behind.done():
            self._behind.cancel()
            await asyncio.gather(self._behind, return_exceptions=True)

    async def _refresh_behind(self) -> None:
        try:
            await self.refresh()
        except (SegueError, OSError) as error:
            log.warning(
                "The files of similar music could not be brought up to date; the old ones serve.", why=str(error)
            )

    # --- learning ------------------------------------------------------------------------------------------------------

    async def _current(self) -> Space | None:
        async with self._db.read() as conn:
            counts = await repository.versions(conn)
            if not counts:
                return None
            version = _version(counts)
            row = await repository.space(conn, version)
        if row is None or _outgrown(row.learnt_on, counts[version]):
            row = await self._learn(version, counts[version])
        if row is None:
            return None
        return await self._synced(row)

    async def _learn(self, version: int, count: int) -> Any | None:
        """The scaling learnt anew and kept, unless somebody else was quicker."""
        async with self._db.read() as conn:
            sounds = await repository.some_sounds(conn, version, LEARNT_ON)
            kept = await repository.vectors(conn, version, sounds)
        scaling = await asyncio.to_thread(_learnt, kept)
        if scaling is None:
            return None
        async with self._db.write() as tx:
            there = await repository.space(tx.conn, version)
            if there is None or _outgrown(there.learnt_on, count):
                number = await repository.keep_space(tx, version, count, scaling.dimensions, scaling.to_bytes())
                await repository.forget_spaces(tx, number)
                tx.changed("sound_space", number)
                there = await repository.space(tx.conn, version)
        return there

    # --- files ---------------------------------------------------------------------------------------------------------

    async def _synced(self, row: Any) -> Space:
        """The space of `row` with files that hold what the database has."""
        from segue.analysis.similar import rows as files
        from segue.analysis.similar.scaling import Scaling

        scaling = await asyncio.to_thread(Scaling.of_bytes, row.scaling)
        while True:
            with files.alone(self._folder) as mine:
                held = await asyncio.to_thread(self._opened, row.id, scaling.dimensions)
                if mine:
                    held = await self._written(row, scaling, held)
            if mine or len(held) or not await self._any(row.embedding_version):
                return Space(row.id, row.embedding_version, row.learnt_on, scaling, held)
            await asyncio.sleep(0.1)  # another process of this machine is making the files

    def _opened(self, space: int, dimensions: int) -> Rows:
        """The newest generation as it is; what is mapped already where nothing was added."""
        from segue.analysis.similar import rows as files

        whole = files.generations(self._folder, space)
        folder = whole[-1][1] if whole else files.generation(self._folder, space, 1)
        return files.Rows.open(folder, dimensions)

    async def _written(self, row: Any, scaling: Scaling, held: Rows) -> Rows:
        """Add what is new, mark what is gone, and put rows into lists where there are many; only while alone."""
        from segue.analysis.similar import rows as files

        version = row.embedding_version
        async with self._db.read() as conn:
            there = await repository.sums(conn, version, files.CHUNK)
        here = held.sums()
        new: list[int] = []
        gone: list[int] = []
        for chunk in sorted(there.keys() | here.keys()):
            if there.get(chunk) != here.get(chunk):
                async with self._db.read() as conn:
                    wanted = await repository.sounds_of_chunk(conn, version, chunk, files.CHUNK)
                known = held.of_chunk(chunk)
                new += sorted(wanted - known)
                gone += sorted(known - wanted)
        if gone:
            import numpy as np

            await asyncio.to_thread(files.forget, held.folder, held.places(np.array(gone)))
        for start in range(0, len(new), BATCH):
            async with self._db.read() as conn:
                kept = await repository.vectors(conn, version, new[start : start + BATCH])
            await asyncio.to_thread(_add, held.folder, scaling, kept)
        if new or gone:
            held = await asyncio.to_thread(files.Rows.open, held.folder, scaling.dimensions)
        if _needs_lists(held):
            held = await asyncio.to_thread(_with_lists, self._folder, row.id, held)
        await asyncio.to_thread(files.sweep, self._folder, row.id)
        return held

    async def _any(self, version: int) -> bool:
        async with self._db.read() as conn:
            return version in await repository.versions(conn)


def _version(counts: Mapping[int, int]) -> int:
    """The version to compare by: the newest that half of all have; else the one that most have."""
    total = sum(counts.values())
    newest = max(counts)
    return newest if 2 * counts[newest] >= total else max(counts, key=lambda one: (counts[one], one))


def _outgrown(learnt_on: int, count: int) -> bool:
    factor = GROWN_SMALL if learnt_on < 1000 else GROWN
    return count >= max(factor * learnt_on, learnt_on + 5) or count * 4 < learnt_on


def _learnt(kept: list[tuple[int, bytes]]) -> Scaling | None:
    import numpy as np

    from segue.analysis.similar import scaling

    lengths = [len(vector) for _, vector in kept if vector and len(vector) % 4 == 0]
    if not lengths:
        return None
    usual = max(set(lengths), key=lengths.count)
    raw = np.frombuffer(b"".join(vector for _, vector in kept if len(vector) == usual), "<f4")
    return scaling.learn(raw.reshape(-1, usual // 4), layout_of(usual // 4))


def _add(folder: Path, scaling: Scaling, kept: list[tuple[int, bytes]]) -> None:
    """Scale embeddings and append them. One of another length is kept as being like nothing."""
    import numpy as np

    from segue.analysis.similar import rows as files

    width = scaling.features
    fits = np.array([len(vector) == 4 * width for _, vector in kept], bool)
    raw = np.frombuffer(b"".join(vector for _, vector in kept if len(vector) == 4 * width), "<f4").reshape(-1, width)
    vectors = np.zeros((len(kept), scaling.dimensions), np.float32)
    if len(raw):
        vectors[fits] = scaling.of(raw)
    files.append(folder, np.array([sound for sound, _ in kept], np.int64), vectors)


def _needs_lists(held: Rows) -> bool:
    from segue.analysis.similar.search import EXACT_MOST

    if len(held) - held.alive > max(1000, GONE_SHARE * len(held)):
        return True
    if held.alive <= EXACT_MOST:
        return False
    covered = 0 if held.lists is None else held.lists.covered
    return held.lists is None or len(held) - covered > max(LATE_LEAST, LATE_SHARE * covered)


def _with_lists(root: Path, space: int, held: Rows) -> Rows:
    """The next generation, without the rows that are gone, in lists where there are many."""
    import numpy as np

    from segue.analysis.similar import lists
    from segue.analysis.similar import rows as files
    from segue.analysis.similar.search import EXACT_MOST

    alive = np.flatnonzero(held.sounds)
    found = None
    if len(alive) > EXACT_MOST:
        found, order = lists.built(
            held.vectors[alive] if len(alive) < len(held) else held.vectors, lists.count_for(len(alive))
        )
        alive = alive[order]
    number = files.generations(root, space)[-1][0] + 1
    folder = files.generation(root, space, number)
    files.rewrite(folder, held, alive, found)
    return files.Rows.open(folder, held.dimensions)
