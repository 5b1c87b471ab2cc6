"""The inbox: what comes in is checked, completed, approved and moved; nothing is replaced, and everything can go back."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from segue.core.access import SYSTEM
from segue.core.db import Database
from segue.core.path_templates import BadTemplate
from segue.library.inbox import moving
from segue.library.inbox.checks import SENTENCES, sentence
from segue.library.inbox.errors import NoInbox, NoSuchFile, NotReady, WrongState
from segue.library.options import InboxOptions, options_of
from tests.jobs.ground import ended
from tests.library.media import jpeg, make_audio
from tests.library.scan.recount import differences
from tests.library.writing.ground import Place, audio_of, leftovers, place_at, said

pytestmark = pytest.mark.anyio


@dataclass
class Ground:
    place: Place
    inbox: Path
    settings: dict[str, Any]

    async def choose(self, **options: Any) -> None:
        self.settings |= options
        await self.place.options(inbox=self.settings)

    def album(self, folder: str, count: int = 3, **tags: Any) -> list[Path]:
        paths = []
        for number in range(1, count + 1):
            path = self.inbox / folder / f"{number}.flac"
            given = {
                "title": f"Song {number}", "artist": "Artist", "album": "Album", "tracknumber": str(number),
                "tracktotal": str(count), "date": "1999",
            }  # fmt: skip
            make_audio(path, tags=given | tags, seed=number + sum(folder.encode()))
            paths.append(path)
        (self.inbox / folder / "cover.jpg").write_bytes(jpeg())
        return paths

    async def look(self) -> dict[str, Any]:
        """Look into the inbox; the items by folder."""
        (job,) = await self.place.inboxes.request_look(self.place.library)
        async with self.place.worker():
            done = await ended(self.place.jobs, job)
        assert done.state == "done", done.error
        rows, _ = await self.place.inboxes.page(SYSTEM)
        return {row.display_folder: row for row in reversed(rows)}

    async def item(self, folder: str) -> int:
        return int((await self.look())[folder].id)

    async def run(self, job: int) -> Any:
        """Let a move and the scans that follow it end."""
        async with self.place.worker():
            found = await ended(self.place.jobs, job)
            assert found.state == "done", found.error
            while (await self.place.scans.status(SYSTEM)).scanning:
                import asyncio

                await asyncio.sleep(0.02)
        return found.result

    async def approve(self, number: int) -> Any:
        return await self.run(await self.place.inboxes.approve(SYSTEM, number))

    async def page(self, number: int) -> Any:
        return await self.place.inboxes.item(SYSTEM, number)

    async def codes(self, number: int) -> set[str]:
        page = await self.page(number)
        assert all(sentence(check.code, check.params) for check in page.checks)
        return {check.code for check in page.checks}


@pytest.fixture
async def ground(db: Database, tmp_path: Path) -> AsyncIterator[Ground]:
    async with place_at(db, tmp_path) as place:
        inbox = tmp_path / "inbox"
        inbox.mkdir()
        template = "{album_artist}/[{year} - ]{album}/{track:02} {title}"
        ground = Ground(place, inbox, {"path": str(inbox), "template": template, "settle_s": 0})
        await ground.choose()
        await place.scanned()
        yield ground
    assert await differences(db) == []
    assert leftovers(tmp_path) == []


def tree(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


async def test_an_approved_album_is_moved_by_the_template_and_its_tracks_appear(ground: Ground) -> None:
    paths = ground.album("some download")
    (ground.inbox / "some download" / "2.lrc").write_text("[00:01.00]la")
    (ground.inbox / "some download" / "Scans").mkdir()
    (ground.inbox / "some download" / "Scans" / "back.png").write_bytes(b"x")
    audio = audio_of(ground.inbox)
    item = await ground.item("some download")
    page = await ground.page(item)
    assert (page.item.state, page.item.summary["title"], page.item.summary["artist"]) == ("checked", "Album", "Artist")
    assert page.checks == []
    assert await ground.approve(item) == {"item": f"in-{item}", "state": "moved", "code": None}
    assert tree(ground.place.music) == [
        "Artist/1999 - Album/01 Song 1.flac", "Artist/1999 - Album/02 Song 2.flac", "Artist/1999 - Album/02 Song 2.lrc",
        "Artist/1999 - Album/03 Song 3.flac", "Artist/1999 - Album/Scans/back.png", "Artist/1999 - Album/cover.jpg",
    ]  # fmt: skip
    assert list(ground.inbox.iterdir()) == []
    assert audio_of(ground.place.music) == audio
    assert set(await ground.place.tracks()) == {"Song 1", "Song 2", "Song 3"}
    assert not any(path.exists() for path in paths)


async def test_an_undone_album_lies_in_the_inbox_as_before(ground: Ground) -> None:
    ground.album("come and go")
    before = {path: path.read_bytes() for path in ground.inbox.rglob("*") if path.is_file()}
    times = {path: path.stat().st_mtime_ns for path in before}
    item = await ground.item("come and go")
    await ground.approve(item)
    ids = {row.title: row.id for row in (await ground.place.tracks()).values()}
    await ground.run(await ground.place.inboxes.undo(SYSTEM, item))
    assert {path: path.read_bytes() for path in ground.inbox.rglob("*") if path.is_file()} == before
    assert {path: path.stat().st_mtime_ns for path in before} == times
    assert list(ground.place.music.iterdir()) == []
    assert (await ground.page(item)).item.state == "undone"
    assert all(row.missing_since for row in (await ground.place.tracks()).values())
    with pytest.raises(WrongState):
        await ground.place.inboxes.undo(SYSTEM, item)
    await ground.approve(item)
    assert {row.title: row.id for row in (await ground.place.tracks()).values() if not row.missing_since} == ids


async def test_what_is_edited_in_the_inbox_becomes_edits_of_the_tracks(ground: Ground) -> None:
    paths = ground.album("wrong tags", title="", album="")
    original = paths[0].read_bytes()
    item = await ground.item("wrong tags")
    assert {"no_title", "no_album"} <= await ground.codes(item)
    page = await ground.page(item)
    names = {row.display_path.rpartition("/")[2]: str(row.id) for row in page.files}
    changed = await ground.place.inboxes.change(
        SYSTEM, item,
        album={"title": "The Right Album", "artists": [{"name": "Somebody"}], "date": "2001"},
        tracks={names[f"{number}.flac"]: {"title": f"Right {number}"} for number in (1, 2, 3)},
    )  # fmt: skip
    assert "no_title" not in {check.code for check in changed.checks}
    targets = {target.path for target in changed.targets.values()}
    assert "Somebody/2001 - The Right Album/01 Right 1.flac" in targets
    with pytest.raises(NoSuchFile):
        await ground.place.inboxes.change(SYSTEM, item, tracks={"999": {"title": "x"}})
    with pytest.raises(Exception, match="has no field"):
        await ground.place.inboxes.change(SYSTEM, item, album={"titel": "x"})
    await ground.approve(item)
    tracks = await ground.place.tracks()
    assert set(tracks) == {"Right 1", "Right 2", "Right 3"}
    state = await ground.place.edits.state(SYSTEM, "album", tracks["Right 1"].album_id)
    assert (state.fields["title"].value, state.fields["title"].edited) == ("The Right Album", True)
    moved = ground.place.music / "Somebody/2001 - The Right Album/01 Right 1.flac"
    assert moved.read_bytes() == original


async def test_what_is_doubtful_is_said(ground: Ground) -> None:
    ground.album("mixed", 2, album=["One"])
    make_audio(
        ground.inbox / "mixed" / "5.flac", tags={"title": "x", "artist": "Y", "album": "Two", "tracknumber": "5"}
    )
    make_audio(
        ground.inbox / "mixed" / "5b.flac", tags={"title": "y", "artist": "Y", "album": "Two", "tracknumber": "5"}
    )
    (ground.inbox / "mixed" / "broken.flac").write_bytes(b"fLaC nothing")
    cut = ground.inbox / "mixed" / "cut.flac"
    make_audio(cut, tags={"title": "cut", "tracknumber": "6"}, seconds=2)
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size // 2])
    (ground.inbox / "mixed" / "cover.jpg").unlink()
    (ground.inbox / "mixed" / "link.flac").symlink_to(cut)
    item = await ground.item("mixed")
    assert await ground.codes(item) == {
        "mixed_albums", "missing_tracks", "same_number", "unreadable", "damaged", "no_artist", "no_album", "no_artwork",
        "link",
    }  # fmt: skip
    with pytest.raises(NotReady):
        await ground.place.inboxes.approve(SYSTEM, item)
    assert set(SENTENCES) >= await ground.codes(item)


async def test_what_the_library_has_already_is_said(ground: Ground) -> None:
    mbid = "12345678-1234-1234-1234-123456789012"
    ground.album("first", musicbrainz_albumid=mbid)
    await ground.approve(await ground.item("first"))
    ground.album("first", musicbrainz_albumid=mbid)
    ground.album("other audio", date="2000")
    items = await ground.look()
    again = next(
        row.id
        for row in (await ground.place.inboxes.page(SYSTEM, states=["checked"]))[0]
        if row.display_folder == "first"
    )
    assert {"same_audio", "same_release"} <= await ground.codes(again)
    assert "same_album" in await ground.codes(items["other audio"].id)


async def test_a_taken_name_gets_a_number_or_is_refused_and_nothing_is_replaced(ground: Ground) -> None:
    there = ground.place.music / "Artist/1999 - Album/01 Song 1.flac"
    make_audio(there, tags={"title": "I was here first"}, seed=99)
    before = there.read_bytes()
    ground.album("new", 2)
    item = await ground.item("new")
    assert [target.taken for target in (await ground.page(item)).targets.values() if target.taken] == [
        "Artist/1999 - Album/01 Song 1.flac"
    ]
    await ground.choose(taken="refuse")
    with pytest.raises(NotReady) as caught:
        await ground.place.inboxes.approve(SYSTEM, item)
    assert caught.value.code == "taken"
    await ground.choose(taken="suffix")
    await ground.approve(item)
    assert there.read_bytes() == before
    assert "Artist/1999 - Album/01 Song 1 (2).flac" in tree(ground.place.music)


async def test_copies_leave_the_inbox_as_it_is(ground: Ground) -> None:
    ground.album("stay")
    before = tree(ground.inbox)
    await ground.choose(mode="copy")
    item = await ground.item("stay")
    await ground.approve(item)
    assert tree(ground.inbox) == before
    assert len(tree(ground.place.music)) == 4
    assert audio_of(ground.inbox) == audio_of(ground.place.music)
    result = await ground.run(await ground.place.inboxes.undo(SYSTEM, item))
    assert result["state"] == "undone", [(row.code, row.params, row.state) for row in (await ground.page(item)).files]
    assert tree(ground.inbox) == before and tree(ground.place.music) == []


async def test_another_disk_is_copied_to_compared_and_then_left(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    ground.album("far")
    audio = audio_of(ground.inbox)
    item = await ground.item("far")
    link = os.link

    def far(source: Any, target: Any, **options: Any) -> None:
        if (b"inbox" in os.fsencode(source)) != (b"inbox" in os.fsencode(target)):
            raise OSError(18, "Invalid cross-device link")
        link(source, target, **options)

    monkeypatch.setattr(moving.os, "link", far)
    await ground.approve(item)
    assert audio_of(ground.place.music) == audio and tree(ground.inbox) == []
    await ground.run(await ground.place.inboxes.undo(SYSTEM, item))
    assert audio_of(ground.inbox) == audio and tree(ground.place.music) == []


async def test_a_full_disk_in_the_middle_puts_everything_back(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    ground.album("too much")
    before = tree(ground.inbox)
    item = await ground.item("too much")
    put, count = moving.put, 0

    def filling(move: Any) -> Any:
        nonlocal count
        count += 1
        return moving.Refused("no_space") if count == 3 else put(move)

    monkeypatch.setattr(moving, "put", filling)
    result = await ground.approve(item)
    assert (result["state"], result["code"]) == ("problem", "no_space")
    assert tree(ground.inbox) == before and list(ground.place.music.iterdir()) == []
    monkeypatch.undo()
    await ground.approve(item)
    assert len(tree(ground.place.music)) == 4


async def test_what_changed_since_is_not_put_back(ground: Ground) -> None:
    ground.album("stays", 2)
    item = await ground.item("stays")
    await ground.approve(item)
    moved = ground.place.music / "Artist/1999 - Album/02 Song 2.flac"
    make_audio(moved, tags={"title": "changed"}, seed=5)
    await ground.run(await ground.place.inboxes.undo(SYSTEM, item))
    page = await ground.page(item)
    assert (page.item.state, page.item.code) == ("problem", "not_back")
    assert said(moved).title == "changed"
    assert tree(ground.inbox) == ["stays/1.flac", "stays/cover.jpg"]
    assert {row.code for row in page.files if row.code} == {"changed_since"}


async def test_what_changes_after_the_check_is_looked_at_again(ground: Ground) -> None:
    paths = ground.album("busy")
    item = await ground.item("busy")
    make_audio(paths[0], tags={"title": "other"}, seed=77)
    result = await ground.approve(item)
    assert (result["state"], result["code"]) == ("problem", "changed")
    assert await ground.item("busy") == item
    assert (await ground.page(item)).item.state == "checked"


async def test_a_rejected_album_stays_rejected_until_it_changes(ground: Ground) -> None:
    paths = ground.album("no")
    item = await ground.item("no")
    await ground.place.inboxes.reject(SYSTEM, item)
    assert (await ground.look())["no"].state == "rejected"
    assert paths[0].exists()
    make_audio(ground.inbox / "no" / "4.flac", tags={"title": "more"})
    assert (await ground.look())["no"].state == "checked"
    for path in (ground.inbox / "no").iterdir():
        path.unlink()
    assert await ground.look() == {}


async def test_a_folder_that_is_still_filled_is_waited_for(ground: Ground) -> None:
    await ground.choose(settle_s=3600)
    ground.album("downloading")
    assert (await ground.look())["downloading"].state == "new"
    await ground.choose(settle_s=0)
    assert (await ground.look())["downloading"].state == "checked"


async def test_sound_albums_come_in_by_themselves_only_where_that_is_chosen(ground: Ground) -> None:
    ground.album("sound")
    ground.album("doubtful", 2, album="Other", title="")
    assert {row.state for row in (await ground.look()).values()} == {"checked"}
    await ground.choose(auto=True)
    for row in (await ground.look()).values():
        await ground.place.inboxes.recheck(SYSTEM, row.id)
    items = await ground.look()
    assert items["doubtful"].state == "checked"
    assert items["sound"].state in ("approved", "moving", "moved")
    await ground.run(items["sound"].job_id)
    assert len(tree(ground.place.music)) == 4


async def test_discs_and_several_formats_keep_together(ground: Ground) -> None:
    ground.album("Box/CD1", 2, discnumber="1", disctotal="2")
    ground.album("Box/CD2", 2, discnumber="2", disctotal="2")
    await ground.choose(template="{album}/{disc}-{track:02} {title}")
    item = await ground.item("Box")
    assert await ground.codes(item) == set()
    await ground.approve(item)
    assert tree(ground.place.music) == [
        "Album/1-01 Song 1.flac", "Album/1-02 Song 2.flac", "Album/2-01 Song 1.flac", "Album/2-02 Song 2.flac",
        "Album/cover (2).jpg", "Album/cover.jpg",
    ]  # fmt: skip
    assert len({row.album_id for row in (await ground.place.tracks()).values()}) == 1


async def test_an_album_may_have_a_template_of_its_own(ground: Ground) -> None:
    ground.album("own")
    item = await ground.item("own")
    page = await ground.place.inboxes.change(SYSTEM, item, template="Misc/{title|lower}")
    assert {target.path for target in page.targets.values()} >= {"Misc/song 1.flac", "Misc/cover.jpg"}
    with pytest.raises(BadTemplate):
        await ground.place.inboxes.change(SYSTEM, item, template="{titel}")
    page = await ground.place.inboxes.change(SYSTEM, item, usual_template=True)
    assert page.item.template is None


async def test_an_inbox_inside_a_library_is_refused_with_a_reason(ground: Ground) -> None:
    inside = ground.place.music / "inbox"
    inside.mkdir()
    await ground.choose(path=str(inside))
    (inbox,) = await ground.place.inboxes.inboxes(SYSTEM)
    assert inbox.problem is not None and inbox.problem.code == "inside_library"
    await ground.choose(path=str(ground.inbox / "nowhere"))
    (inbox,) = await ground.place.inboxes.inboxes(SYSTEM)
    assert inbox.problem is not None and inbox.problem.code == "no_folder"
    await ground.place.options()
    assert await ground.place.inboxes.inboxes(SYSTEM) == []
    with pytest.raises(NoInbox):
        await ground.place.inboxes.request_look(ground.place.library)


async def test_an_inbox_is_looked_into_often_while_there_is_one(ground: Ground) -> None:
    async def names() -> set[str]:
        return {one.name for one in await ground.place.jobs.schedules() if "inbox" in one.name}

    async with ground.place.db.write() as tx:
        await ground.place.inboxes.options_changed(tx, 1, options_of({"inbox": ground.settings}))
    assert await names() == {"library.inbox:li-1"}
    assert await ground.place.inboxes.watch(ground.place.library) == {"resumed": 0, "jobs": 1}
    async with ground.place.db.write() as tx:
        await ground.place.inboxes.library_removed(tx, 1)
    assert await names() == set()


@pytest.mark.parametrize(
    "options", [{"path": "relative"}, {"path": "/x", "template": "{oops}"}, {"path": "/x", "mode": "burn"}]
)
def test_wrong_options_of_an_inbox_are_refused(options: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        InboxOptions.model_validate(options)
