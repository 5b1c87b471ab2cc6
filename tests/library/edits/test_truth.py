"""What is shown is a pure function of what the files say and of the edits, whatever happened in between."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segue.core.access import SYSTEM
from segue.core.pool import ProcessPool
from segue.library.edits.errors import CannotUndo
from tests.conftest import fill_template, open_database
from tests.library.edits.ground import EDITOR, Desk, desk
from tests.library.scan.recount import differences

pytestmark = pytest.mark.anyio
NAMES = ("a.mp3", "b.mp3", "c.mp3")
TITLES, GENRES = ("Alpha", "Beta", "Gamma"), ("Rock", "Pop", "Jazz")

edit_of_track = st.tuples(
    st.just("track"),
    st.sampled_from(NAMES),
    st.one_of(
        st.tuples(st.just("title"), st.sampled_from(TITLES)),
        st.tuples(st.just("genres"), st.lists(st.sampled_from(GENRES), max_size=2, unique=True)),
        st.tuples(st.just("artists"), st.sampled_from((["Ann"], ["Bob", "Ann"]))),
        st.tuples(st.just("composer"), st.sampled_from(([], ["Cid"]))),
        st.tuples(st.just("comment"), st.sampled_from((None, "note"))),
    ),
)
edit_of_album = st.tuples(
    st.just("album"),
    st.sampled_from(NAMES),
    st.one_of(
        st.tuples(st.just("title"), st.sampled_from(TITLES)),
        st.tuples(st.just("artists"), st.sampled_from((["Ann"], ["Dee"]))),
        st.tuples(st.just("labels"), st.sampled_from(([], ["Warp"]))),
        st.tuples(st.just("genres"), st.sampled_from((["Folk"], ["Rock"]))),
        st.tuples(st.just("date"), st.sampled_from((None, "1977-05"))),
    ),
)
step = st.one_of(
    edit_of_track,
    edit_of_album,
    st.tuples(st.just("clear"), st.sampled_from(("track", "album")), st.sampled_from(NAMES)),
    st.tuples(st.just("undo"), st.integers(0, 5)),
    st.tuples(st.just("retag"), st.sampled_from(NAMES), st.sampled_from(TITLES), st.sampled_from(GENRES)),
    st.tuples(st.just("scan"), st.booleans()),
)


def write(at: Desk, name: str, title: str, genre: str) -> None:
    at.home.song(name, title=f"{title} {name[0]}", album="Album", artist="Ann", genre=genre, seed=NAMES.index(name))


async def shown(at: Desk) -> dict[str, Any]:
    """Everything every track and album says, by file."""
    found: dict[str, Any] = {}
    files = {row.id: row.path.decode() for row in await at.home.files()}
    for row in await at.home.tracks():
        track = await at.library.track(row.id, SYSTEM)
        album = (await at.library.album(row.album_id, SYSTEM)).album
        found[files[row.file_id]] = (
            track.title, track.artist_display, [(one.name, one.role, one.credited_as) for one in track.credits],
            [one.name for one in track.artists], [genre.name for genre in track.genres], row.comment, album.title,
            album.artist_display, album.date, sorted(genre.name for genre in album.genres),
            [label.name for label in (await at.library.album(row.album_id, SYSTEM)).labels],
        )  # fmt: skip
    return found


async def replay(at: Desk, edits: dict[tuple[str, str], dict[str, Any]]) -> None:
    """Scan afresh and make the edits that hold."""
    await at.home.scan()
    for (kind, name), values in edits.items():
        if values:
            await at.edits.edit(EDITOR, kind, await thing(at, kind, name), set=values)


async def thing(at: Desk, kind: str, name: str) -> int:
    files = {row.id: row.path.decode() for row in await at.home.files()}
    row = next(row for row in await at.home.tracks() if files[row.file_id] == name)
    return int(row.id if kind == "track" else row.album_id)


async def live(at: Desk, steps: list[Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """Do the steps; returns the edits that hold in the end."""
    made: list[int] = []
    for name in NAMES:
        write(at, name, "Own", "Rock")
    await at.home.scan()
    for what, *more in steps:
        if what in ("track", "album"):
            name, (field, value) = more
            made.append((await at.edits.edit(EDITOR, what, await thing(at, what, name), set={field: value})).batch)
        elif what == "clear":
            kind, name = more
            number = await thing(at, kind, name)
            state = await at.edits.state(SYSTEM, kind, number)
            fields = [field for field, one in state.fields.items() if one.edited]
            if fields:
                made.append((await at.edits.edit(EDITOR, kind, number, clear=fields)).batch)
        elif what == "undo" and made:
            with suppress(CannotUndo):
                made.append((await at.edits.undo(EDITOR, made[more[0] % len(made)])).batch)
        elif what == "retag":
            write(at, *more)
            await at.home.scan()
        elif what == "scan":
            await at.home.scan(full=more[0])
    held: dict[tuple[str, str], dict[str, Any]] = {}
    for kind, names in (("track", NAMES), ("album", NAMES[:1])):
        for name in names:
            state = await at.edits.state(SYSTEM, kind, await thing(at, kind, name))
            held[kind, name] = {field: one.value for field, one in state.fields.items() if one.edited}
            for field, one in state.fields.items():
                assert one.edited or one.value == one.own, (kind, field)
    return held


@asynccontextmanager
async def lonely(folder: Path, readers: ProcessPool) -> AsyncIterator[Desk]:
    """A desk over a database of its own."""
    folder.mkdir()
    url = f"sqlite:///{folder / 'segue.db'}"
    await fill_template(url)
    db = open_database(url, readers=2, writers=1)
    async with desk(db, folder, readers) as at:
        yield at
        assert await differences(db) == []
    await db.close()


@pytest.fixture
async def readers() -> AsyncIterator[ProcessPool]:
    async with ProcessPool(1) as pool:
        yield pool


@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(step, min_size=2, max_size=8))
async def test_what_is_shown_is_the_edit_if_any_else_what_a_fresh_scan_would_show(
    readers: ProcessPool, tmp_path: Path, steps: list[Any]
) -> None:
    with tempfile.TemporaryDirectory(dir=tmp_path) as name:
        folder = Path(name)
        async with lonely(folder / "lived", readers) as at:
            held = await live(at, steps)
            lived = await shown(at)
            files = {name: (at.home.music / name).read_bytes() for name in NAMES}
        async with lonely(folder / "fresh", readers) as at:
            for name, data in files.items():
                (at.home.music / name).write_bytes(data)
            await replay(at, held)
            assert await shown(at) == lived
