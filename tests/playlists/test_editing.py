"""Rows of manual lists: what two people change at the same time both holds, and everything can be taken back."""

from __future__ import annotations

import asyncio
import random

import pytest
from sqlalchemy import select

from segue.core.access import Actor
from segue.core.db import Database
from segue.playlists import ranks, revision_rows
from segue.playlists.errors import BadPlaylist, NothingToUndo, PlaylistChanged, RevisionNotFound, RowNotFound
from segue.playlists.models import PlaylistRow
from segue.playlists.service import NewRow, NotYourPlaylist, Place, PlaylistService
from tests.playlists.ground import playlists_of
from tests.rows import Rows, some_music

pytestmark = pytest.mark.anyio


@pytest.fixture
async def music(db: Database) -> Rows:
    return await some_music(db)


@pytest.fixture
def anna(music: Rows) -> Actor:
    return Actor(1, "anna", libraries=frozenset(music.libraries))


@pytest.fixture
def ben(music: Rows) -> Actor:
    return Actor(2, "ben", libraries=frozenset(music.libraries[:1]))


@pytest.fixture
def playlists(db: Database, anna: Actor, ben: Actor) -> PlaylistService:
    return playlists_of(db, anna, ben)


async def titles(playlists: PlaylistService, actor: Actor, number: int) -> list[str]:
    return [row.title for row in (await playlists.playlist(actor, number))[1]]


async def keys(playlists: PlaylistService, actor: Actor, number: int) -> list[int]:
    return [row.id or 0 for row in (await playlists.playlist(actor, number))[1]]


async def ranks_of(db: Database, number: int) -> dict[int, str]:
    async with db.read() as conn:
        rows = await conn.execute(select(PlaylistRow.id, PlaylistRow.rank).where(PlaylistRow.playlist_id == number))
        return {row[0]: row[1] for row in rows}


async def test_rows_are_put_before_and_behind_others_and_at_both_ends(
    playlists: PlaylistService, music: Rows, anna: Actor
) -> None:
    one, two, three, four = music.tracks[0]
    number = await playlists.create(anna, "Trains", [one, two])
    first, second = await keys(playlists, anna, number)
    await playlists.add_tracks(anna, number, [three], place=Place(before=second))
    await playlists.add_tracks(anna, number, [four], place=Place(after=second))
    await playlists.add_tracks(anna, number, [four, four], place=Place(start=True))
    assert await titles(playlists, anna, number) == ["Song 4", "Song 4", "Song 1", "Song 3", "Song 2", "Song 4"]
    await playlists.move_rows(anna, number, [second, first], place=Place(start=True))
    assert await titles(playlists, anna, number) == ["Song 2", "Song 1", "Song 4", "Song 4", "Song 3", "Song 4"]


async def test_moving_a_row_writes_that_row_alone(
    db: Database, playlists: PlaylistService, music: Rows, anna: Actor
) -> None:
    number = await playlists.create(anna, "Long", music.tracks[0] * 50)
    before = await ranks_of(db, number)
    ordered = await keys(playlists, anna, number)
    await playlists.move_rows(anna, number, [ordered[150]], place=Place(before=ordered[3]))
    after = await ranks_of(db, number)
    assert {key for key in before if before[key] != after[key]} == {ordered[150]}
    assert (await keys(playlists, anna, number))[3] == ordered[150]


async def test_two_editors_at_once_lose_nothing_of_each_other(
    playlists: PlaylistService, music: Rows, anna: Actor, ben: Actor
) -> None:
    number = await playlists.create(anna, "Ours", music.tracks[0] * 5)
    await playlists.share(anna, number, {ben.person: "editor"})
    ordered = await keys(playlists, anna, number)
    chance = random.Random(7)

    async def edit(actor: Actor, own: list[int]) -> list[int]:
        added: list[int] = []
        for key in own:
            place = Place(before=chance.choice(ordered[8:12]))
            await playlists.move_rows(actor, number, [key], place=place)
            added += await playlists.add_tracks(actor, number, music.tracks[0][:2], place=Place(after=ordered[9]))
        return added

    ours, theirs = await asyncio.gather(edit(anna, ordered[:6]), edit(ben, ordered[12:18]))
    now = await keys(playlists, anna, number)
    assert sorted(now) == sorted([*ordered, *ours, *theirs])
    assert [key for key in now if key in ordered[8:12]] == ordered[8:12]
    assert now.index(ours[-2]) + 1 == now.index(ours[-1])
    view = await playlists.view(anna, number)
    assert view.track_count == len(now)
    assert view.revision == 2 + 24


async def test_ranks_that_have_grown_long_are_given_anew_and_no_row_changes_its_place(
    db: Database, playlists: PlaylistService, music: Rows, anna: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranks, "LONGEST", 8)
    number = await playlists.create(anna, "Dense", music.tracks[0][:2])
    first, _ = await keys(playlists, anna, number)
    expected = ["Song 1", "Song 2"]
    for turn in range(30):
        await playlists.add_tracks(anna, number, [music.tracks[0][turn % 4]], place=Place(after=first))
        expected.insert(1, f"Song {turn % 4 + 1}")
    assert await titles(playlists, anna, number) == expected
    assert max(len(rank) for rank in (await ranks_of(db, number)).values()) <= 8
    for _ in range(30):
        await playlists.undo(anna, number)
    assert await titles(playlists, anna, number) == ["Song 1", "Song 2"]


async def test_a_row_that_somebody_removed_is_no_place_to_put_others(
    playlists: PlaylistService, music: Rows, anna: Actor
) -> None:
    number = await playlists.create(anna, "Trains", music.tracks[0])
    ordered = await keys(playlists, anna, number)
    await playlists.remove_rows(anna, number, [ordered[1]])
    with pytest.raises(RowNotFound):
        await playlists.move_rows(anna, number, [ordered[0]], place=Place(after=ordered[1]))
    with pytest.raises(RowNotFound):
        await playlists.move_rows(anna, number, [ordered[1]])
    with pytest.raises(BadPlaylist):
        await playlists.move_rows(anna, number, [ordered[0]], place=Place(after=ordered[0]))
    assert await playlists.remove_rows(anna, number, [ordered[1]]) == 0


async def test_a_change_of_another_revision_is_refused(playlists: PlaylistService, music: Rows, anna: Actor) -> None:
    number = await playlists.create(anna, "Trains", music.tracks[0])
    read = (await playlists.view(anna, number)).revision
    await playlists.add_tracks(anna, number, music.tracks[0][:1], revision=read)
    for late in (
        playlists.add_tracks(anna, number, music.tracks[0][:1], revision=read),
        playlists.remove_rows(anna, number, [], revision=read),
        playlists.replace_tracks(anna, number, [], revision=read),
        playlists.undo(anna, number, revision=read),
        playlists.change(anna, number, name="Late", revision=read),
    ):
        with pytest.raises(PlaylistChanged):
            await late


async def test_changes_are_taken_back_one_by_one_and_taking_back_goes_on(
    playlists: PlaylistService, music: Rows, anna: Actor
) -> None:
    number = await playlists.create(anna, "Trains", music.tracks[0][:2])
    ordered = await keys(playlists, anna, number)
    states = [(await titles(playlists, anna, number), "Trains")]
    await playlists.add_tracks(anna, number, music.tracks[0][2:], place=Place(before=ordered[1]))
    states.append((await titles(playlists, anna, number), "Trains"))
    await playlists.move_rows(anna, number, [ordered[1]], place=Place(start=True))
    states.append((await titles(playlists, anna, number), "Trains"))
    await playlists.change(anna, number, name="Boats", comment="All aboard")
    states.append((await titles(playlists, anna, number), "Boats"))
    await playlists.comment_row(anna, number, ordered[0], "The best one")
    await playlists.remove_rows(anna, number, ordered)
    await playlists.replace_tracks(anna, number, music.tracks[1])

    for _ in range(3):
        await playlists.undo(anna, number)
    for expected in reversed(states):
        view = await playlists.view(anna, number)
        assert (await titles(playlists, anna, number), view.name) == expected
        assert view.track_count == len(expected[0])
        if expected != states[0]:
            await playlists.undo(anna, number)
    assert await keys(playlists, anna, number) == ordered
    with pytest.raises(NothingToUndo):
        await playlists.undo(anna, number)


async def test_a_note_on_a_row_comes_back_with_its_row(playlists: PlaylistService, music: Rows, anna: Actor) -> None:
    number = await playlists.create(anna, "Trains", music.tracks[0])
    ordered = await keys(playlists, anna, number)
    await playlists.comment_row(anna, number, ordered[2], "  Louder  ")
    await playlists.remove_rows(anna, number, ordered[2:])
    await playlists.undo(anna, number)
    _, rows = await playlists.playlist(anna, number)
    assert [row.comment for row in rows] == ["", "", "Louder", ""]
    await playlists.undo(anna, number)
    assert [row.comment for row in (await playlists.playlist(anna, number))[1]] == [""] * 4


async def test_any_state_that_is_remembered_can_be_brought_back_and_left_again(
    playlists: PlaylistService, music: Rows, anna: Actor
) -> None:
    number = await playlists.create(anna, "Trains", music.tracks[0][:1])
    seen: dict[int, list[str]] = {1: await titles(playlists, anna, number)}
    chance = random.Random(3)
    for _ in range(12):
        ordered = await keys(playlists, anna, number)
        match chance.randrange(4):
            case 0:
                await playlists.add_tracks(anna, number, music.tracks[0][:3], place=Place(start=True))
            case 1 if len(ordered) > 2:
                await playlists.move_rows(anna, number, [ordered[-1]], place=Place(before=ordered[0]))
            case 2 if len(ordered) > 2:
                await playlists.remove_rows(anna, number, chance.sample(ordered, 2))
            case _:
                await playlists.reorder(anna, number, chance.sample(ordered, len(ordered)))
        seen[(await playlists.view(anna, number)).revision] = await titles(playlists, anna, number)
    for revision in (4, 9, 1, 12, 7):
        wanted = max(known for known in seen if known <= revision)
        await playlists.restore(anna, number, wanted)
        assert await titles(playlists, anna, number) == seen[wanted]
        assert (await playlists.view(anna, number)).track_count == len(seen[wanted])
    await playlists.undo(anna, number)
    assert await titles(playlists, anna, number) == seen[max(known for known in seen if known <= 12)]
    with pytest.raises(RevisionNotFound):
        await playlists.restore(anna, number, 999)


async def test_history_says_who_changed_what_and_never_publishes_again(
    playlists: PlaylistService, music: Rows, anna: Actor, ben: Actor
) -> None:
    number = await playlists.create(anna, "Ours", music.tracks[0][:1])
    await playlists.change(anna, number, visibility="public")
    await playlists.share(anna, number, {"ben": "editor"})
    await playlists.add_tracks(ben, number, music.tracks[0][1:3])
    await playlists.change(anna, number, visibility="shared")
    changes = await playlists.history(anna, number)
    assert [(one.action, one.user_name, one.can_undo) for one in changes] == [
        ("sharing", "anna", False),
        ("added", "ben", True),
        ("sharing", "anna", False),
        ("sharing", "anna", False),
        ("created", "anna", False),
    ]
    assert changes[1].params == {"count": 2, "titles": ["Song 2", "Song 3"]}
    await playlists.undo(ben, number)
    view = await playlists.view(anna, number)
    assert (view.visibility, view.track_count) == ("shared", 1)
    stranger = Actor(3, "cleo", libraries=anna.libraries)
    await playlists.change(anna, number, visibility="public")
    with pytest.raises(NotYourPlaylist):
        await playlists.history(stranger, number)


async def test_history_is_bounded(
    playlists: PlaylistService, music: Rows, anna: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revision_rows, "MOST_REVISIONS", 5)
    number = await playlists.create(anna, "Trains")
    for _ in range(9):
        await playlists.add_tracks(anna, number, music.tracks[0][:1])
    assert [one.revision for one in await playlists.history(anna, number)] == [10, 9, 8, 7, 6]
    await playlists.undo(anna, number)
    await playlists.undo(anna, number)
    assert len(await titles(playlists, anna, number)) == 7
    assert len(await playlists.history(anna, number)) == 5


async def test_a_row_may_have_words_and_no_track(playlists: PlaylistService, music: Rows, anna: Actor) -> None:
    rows = [
        NewRow(title="Lost song", artist="Nobody", external_ids={"isrc": "GBAYE0601498"}, location="../lost.mp3"),
        NewRow(music.tracks[0][0], title="As the file said", match_score=0.9, match_reasons=[{"code": "isrc"}]),
    ]
    number = await playlists.create_with_rows(anna, "From a file", rows, action="imported")
    _, made = await playlists.playlist(anna, number)
    assert [(row.track_id, row.title, row.location) for row in made] == [
        (None, "Lost song", "../lost.mp3"),
        (music.tracks[0][0], "As the file said", None),
    ]
    assert made[1].match_score == 0.9
    with pytest.raises(BadPlaylist):
        await playlists.add_rows(anna, number, [NewRow()])
    await playlists.remove_rows(anna, number, [made[0].id or 0])
    await playlists.undo(anna, number)
    assert (await playlists.playlist(anna, number))[1][0].external_ids == {"isrc": "GBAYE0601498"}
