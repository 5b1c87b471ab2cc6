"""Who sees a list, who changes it, whose it is; and the folders in which people keep lists."""

from __future__ import annotations

import pytest

from segue.core.access import Actor
from segue.core.changes import ChangeFeed
from segue.core.db import Database
from segue.playlists.errors import BadPlaylist, FolderNotFound, NotYourPlaylist, PersonNotFound, PlaylistNotFound
from segue.playlists.service import PlaylistService
from segue.query import Window
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
    return Actor(2, "ben", libraries=frozenset(music.libraries))


@pytest.fixture
def playlists(db: Database, anna: Actor, ben: Actor) -> PlaylistService:
    return playlists_of(db, anna, ben)


async def test_people_are_named_with_their_part_in_a_list(
    playlists: PlaylistService, music: Rows, anna: Actor, ben: Actor
) -> None:
    number = await playlists.create(anna, "Ours", music.tracks[0][:1])
    people = await playlists.share(anna, number, {"ben": "viewer"})
    assert [(one.name, one.role) for one in people] == [("anna", "owner"), ("ben", "viewer")]
    view = await playlists.view(ben, number)
    assert (view.visibility, view.role, view.editable, view.owner_name) == ("shared", "viewer", False, "anna")
    await playlists.share(anna, number, {2: "editor"})
    await playlists.add_tracks(ben, number, music.tracks[0][1:2])
    for only_the_owner in (
        playlists.share(ben, number, {}),
        playlists.hand_over(ben, number, "ben"),
        playlists.change(ben, number, name="Mine"),
        playlists.delete(ben, number),
        playlists.shares(ben, number),
    ):
        with pytest.raises(NotYourPlaylist):
            await only_the_owner
    with pytest.raises(PersonNotFound):
        await playlists.share(anna, number, {"nobody": "editor"})
    await playlists.share(anna, number, {})
    with pytest.raises(PlaylistNotFound):
        await playlists.view(ben, number)
    assert (await playlists.view(anna, number)).visibility == "private"


async def test_a_list_is_handed_over(
    db: Database, playlists: PlaylistService, music: Rows, anna: Actor, ben: Actor
) -> None:
    number = await playlists.create(anna, "Ours", music.tracks[0][:1])
    start = (await ChangeFeed(db).head(anna)).cursor
    await playlists.hand_over(anna, number, "ben")
    assert [(one.name, one.role) for one in await playlists.collaborators(ben, number)] == [
        ("ben", "owner"),
        ("anna", "editor"),
    ]
    await playlists.add_tracks(anna, number, music.tracks[0][1:2])
    await playlists.hand_over(ben, number, 1, keep_editing=False)
    with pytest.raises(PlaylistNotFound):
        await playlists.view(ben, number)
    assert [item.op for item in (await ChangeFeed(db).since(start, ben)).items] == ["delete"]
    assert (await playlists.view(anna, number)).role == "owner"


async def test_each_person_keeps_lists_in_folders_of_their_own(
    playlists: PlaylistService, music: Rows, anna: Actor, ben: Actor
) -> None:
    number = await playlists.create(anna, "House", visibility="public")
    evening = await playlists.add_folder(anna, "Evenings")
    late = await playlists.add_folder(anna, "Late", evening)
    theirs = await playlists.add_folder(ben, "From anna")
    await playlists.keep_in(anna, number, late)
    await playlists.keep_in(ben, number, theirs)
    assert (await playlists.view(anna, number)).folder_id == late
    assert (await playlists.view(ben, number)).folder_id == theirs
    assert [(one.name, one.parent_id, one.count) for one in await playlists.folders(anna)] == [
        ("Evenings", None, 0),
        ("Late", evening, 1),
    ]
    with pytest.raises(FolderNotFound):
        await playlists.keep_in(ben, number, late)
    with pytest.raises(BadPlaylist) as refused:
        await playlists.change_folder(anna, evening, parent_id=late, move=True)
    assert refused.value.code == "folder_in_itself"
    await playlists.remove_folder(anna, late)
    assert (await playlists.view(anna, number)).folder_id == evening
    await playlists.remove_folder(anna, evening)
    assert (await playlists.view(anna, number)).folder_id is None
    made = await playlists.create(anna, "New", folder_id=await playlists.add_folder(anna, "Inbox"))
    assert (await playlists.view(anna, made)).folder_id is not None


async def test_folders_lie_in_one_another_only_so_deep(playlists: PlaylistService, anna: Actor) -> None:
    parent = None
    with pytest.raises(BadPlaylist):
        for level in range(20):
            parent = await playlists.add_folder(anna, f"Level {level}", parent)
    folders = await playlists.folders(anna)
    assert len(folders) == 10
    chain = [await playlists.add_folder(anna, "Other")]
    chain.append(await playlists.add_folder(anna, "Inside", chain[0]))
    with pytest.raises(BadPlaylist):
        await playlists.change_folder(anna, chain[0], parent_id=folders[-2].id, move=True)
    await playlists.change_folder(anna, chain[0], name="Renamed", parent_id=folders[0].id, move=True)


async def test_lists_are_asked_for_in_the_query_language(
    playlists: PlaylistService, music: Rows, anna: Actor, ben: Actor
) -> None:
    await playlists.create(anna, "Late trains", music.tracks[0])
    await playlists.create(anna, "Early trains", music.tracks[0][:2])
    await playlists.create(anna, "All of it", query="*", visibility="public")
    await playlists.create(ben, "Trains of mine")

    async def names(actor: Actor, q: str | None, sort: str | None = None) -> list[str]:
        return [view.name for view in (await playlists.page(actor, q=q, sort=sort)).items]

    assert await names(anna, "trains") == ["Early trains", "Late trains"]
    assert await names(anna, "trains sort:-tracks") == ["Late trains", "Early trains"]
    assert await names(anna, "tracks:>=4 NOT is:smart") == ["Late trains"]
    assert await names(anna, "kind:smart") == await names(ben, "is:public") == ["All of it"]
    assert await names(ben, "is:mine OR visible:false OR NOT is:visible") == ["Trains of mine"]
    assert await names(anna, None, "-name") == ["Late trains", "Early trains", "All of it"]
    first = await playlists.page(anna, window=Window(2))
    rest = await playlists.page(anna, window=Window(2, first.next))
    assert [view.name for view in [*first.items, *rest.items]] == ["All of it", "Early trains", "Late trains"]
    assert (first.total, rest.next) == (3, None)


async def test_erasing_a_person_leaves_no_word_of_them_in_lists_of_others(
    db: Database, playlists: PlaylistService, music: Rows, anna: Actor, ben: Actor
) -> None:
    number = await playlists.create(anna, "Ours", music.tracks[0][:1])
    await playlists.share(anna, number, {"ben": "editor"})
    await playlists.add_tracks(ben, number, music.tracks[0][1:])
    await playlists.keep_in(ben, number, await playlists.add_folder(ben, "Hers"))
    await playlists.create(ben, "Mine")
    async with db.write() as tx:
        await playlists.on_user_erased(tx, ben.person)
    _, rows = await playlists.playlist(anna, number)
    assert [row.added_by for row in rows] == [1, None, None, None]
    assert [one.user_id for one in await playlists.history(anna, number)] == [None, 1, 1]
    assert await playlists.folders(ben) == []
    assert [one.name for one in await playlists.collaborators(anna, number)] == ["anna"]
