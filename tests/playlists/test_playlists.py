"""Playlists: rows that may repeat, keep their words, and are only changed by those who may."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from segue.core.access import Actor
from segue.core.changes import ChangeFeed
from segue.core.db import Database
from segue.library.models import Track
from segue.playlists.models import PlaylistRow
from segue.playlists.service import (
    BadPlaylist,
    NotYourPlaylist,
    PlaylistChanged,
    PlaylistNotFound,
    PlaylistService,
    TrackNotFound,
)
from tests.rows import LibraryMemory, Rows, some_music

pytestmark = pytest.mark.anyio


@pytest.fixture
async def music(db: Database) -> Rows:
    return await some_music(db)


@pytest.fixture
def playlists(db: Database) -> PlaylistService:
    return PlaylistService(db, LibraryMemory())


@pytest.fixture
def anna(music: Rows) -> Actor:
    return Actor(1, "anna", libraries=frozenset(music.libraries))


@pytest.fixture
def ben(music: Rows) -> Actor:
    return Actor(2, "ben", libraries=frozenset(music.libraries[:1]))


async def tracks_of(playlists: PlaylistService, actor: Actor, number: int) -> list[int | None]:
    return [row.track_id for row in (await playlists.playlist(actor, number))[1]]


async def test_a_list_may_repeat_a_track_and_one_of_two_equal_rows_can_go(
    playlists: PlaylistService, music: Rows, anna: Actor
) -> None:
    one, two, *_ = music.tracks[0]
    number = await playlists.create(anna, "Trains", [one, two, one])
    _, rows = await playlists.playlist(anna, number)
    await playlists.remove_rows(anna, number, [rows[0].id])
    view, rows = await playlists.playlist(anna, number)
    assert [row.track_id for row in rows] == [two, one]
    assert (view.track_count, view.duration_ms) == (2, 3000)


async def test_two_lists_may_bear_one_name(playlists: PlaylistService, anna: Actor) -> None:
    first, second = await playlists.create(anna, "Rain"), await playlists.create(anna, "Rain")
    assert first != second
    assert [view.name for _, view in await playlists.playlists(anna)] == ["Rain", "Rain"]


async def test_a_row_outlives_its_purged_track(
    db: Database, playlists: PlaylistService, music: Rows, anna: Actor
) -> None:
    number = await playlists.create(anna, "Trains", music.tracks[0][:2])
    async with db.write() as tx:
        await tx.execute(delete(Track).where(Track.id == music.tracks[0][0]))
    _, rows = await playlists.playlist(anna, number)
    assert [(row.track_id, row.title) for row in rows] == [(None, "Song 1"), (music.tracks[0][1], "Song 2")]


async def test_an_unknown_track_changes_nothing(playlists: PlaylistService, music: Rows, anna: Actor) -> None:
    number = await playlists.create(anna, "Trains", music.tracks[0][:1])
    with pytest.raises(TrackNotFound):
        await playlists.add_tracks(anna, number, [music.tracks[0][1], 9999])
    assert await tracks_of(playlists, anna, number) == music.tracks[0][:1]


async def test_a_private_list_does_not_exist_for_anyone_else(
    playlists: PlaylistService, anna: Actor, ben: Actor
) -> None:
    number = await playlists.create(anna, "Mine")
    with pytest.raises(PlaylistNotFound):
        await playlists.playlist(ben, number)
    with pytest.raises(PlaylistNotFound):
        await playlists.delete(ben, number)
    assert await playlists.playlists(ben) == []


async def test_a_public_list_is_read_by_all_and_changed_by_its_owner(
    playlists: PlaylistService, music: Rows, anna: Actor, ben: Actor
) -> None:
    number = await playlists.create(anna, "House", [music.tracks[0][0], music.tracks[1][0]], visibility="public")
    assert await tracks_of(playlists, ben, number) == [music.tracks[0][0], None]
    with pytest.raises(NotYourPlaylist):
        await playlists.add_tracks(ben, number, [music.tracks[0][1]])


async def test_a_shared_list_is_seen_by_those_named_and_changed_by_those_allowed(
    playlists: PlaylistService, music: Rows, anna: Actor, ben: Actor
) -> None:
    number = await playlists.create(anna, "Ours", music.tracks[0][:1], visibility="shared")
    with pytest.raises(PlaylistNotFound):
        await playlists.playlist(ben, number)
    await playlists.change(anna, number, shared_with={ben.person: False})
    assert not (await playlists.playlist(ben, number))[0].editable
    with pytest.raises(NotYourPlaylist):
        await playlists.add_tracks(ben, number, music.tracks[0][1:2])
    await playlists.change(anna, number, shared_with={ben.person: True})
    await playlists.add_tracks(ben, number, music.tracks[0][1:2])
    assert await tracks_of(playlists, anna, number) == music.tracks[0][:2]


async def test_a_new_order_must_name_every_row_once(playlists: PlaylistService, music: Rows, anna: Actor) -> None:
    number = await playlists.create(anna, "Trains", music.tracks[0])
    view, rows = await playlists.playlist(anna, number)
    keys = [row.id for row in rows]
    await playlists.reorder(anna, number, keys[::-1], revision=view.revision)
    assert await tracks_of(playlists, anna, number) == music.tracks[0][::-1]
    for wrong in (keys[:-1], [*keys, keys[0]], [*keys[:-1], 99999]):
        with pytest.raises(PlaylistChanged):
            await playlists.reorder(anna, number, wrong)
    with pytest.raises(PlaylistChanged):
        await playlists.reorder(anna, number, keys, revision=view.revision)


async def test_a_list_without_a_name_is_refused(playlists: PlaylistService, anna: Actor) -> None:
    for name in ("", "  ", "\x00", "x" * 501):
        with pytest.raises(BadPlaylist):
            await playlists.create(anna, name)


async def test_taking_a_list_back_is_a_tombstone_for_those_who_saw_it(
    db: Database, playlists: PlaylistService, anna: Actor, ben: Actor
) -> None:
    feed = ChangeFeed(db)
    number = await playlists.create(anna, "House", visibility="public")
    start = (await feed.head(ben)).cursor
    await playlists.change(anna, number, visibility="private")
    assert [item.op for item in (await feed.since(start, ben)).items] == ["delete"]
    assert (await feed.since(start, anna)).items[-1].op == "upsert"


async def test_erasing_a_person_takes_their_lists(
    db: Database, playlists: PlaylistService, anna: Actor, ben: Actor
) -> None:
    mine = await playlists.create(anna, "Mine")
    theirs = await playlists.create(ben, "Theirs", visibility="public")
    async with db.write() as tx:
        await playlists.on_user_erased(tx, anna.person)
    with pytest.raises(PlaylistNotFound):
        await playlists.playlist(anna, mine)
    assert (await playlists.playlist(anna, theirs))[0].name == "Theirs"


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["add", "drop", "replace", "turn"]), st.lists(st.integers(0, 5), max_size=6)),
        max_size=6,
    )
)
async def test_counts_and_places_always_equal_a_recount(
    db: Database, music: Rows, playlists: PlaylistService, anna: Actor, steps: list[tuple[str, list[int]]]
) -> None:
    number = await playlists.create(anna, "Any")
    model: list[int] = []
    for verb, picks in steps:
        chosen = [music.tracks[0][pick % 4] for pick in picks]
        if verb == "add":
            await playlists.add_tracks(anna, number, chosen)
            model += chosen
        elif verb == "drop":
            await playlists.remove_places(anna, number, picks)
            model = [track for place, track in enumerate(model) if place not in picks]
        elif verb == "replace":
            await playlists.replace_tracks(anna, number, chosen)
            model = chosen
        else:
            _, rows = await playlists.playlist(anna, number)
            await playlists.reorder(anna, number, [row.id for row in rows][::-1])
            model.reverse()
    view, rows = await playlists.playlist(anna, number)
    assert [row.track_id for row in rows] == model
    async with db.read() as conn:
        counted = select(func.count(), func.coalesce(func.sum(PlaylistRow.duration_ms), 0)).where(
            PlaylistRow.playlist_id == number
        )
        assert tuple((await conn.execute(counted)).one()) == (view.track_count, view.duration_ms)
